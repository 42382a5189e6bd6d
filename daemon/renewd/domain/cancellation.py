"""Leaving a plan: how far it has come, the last safe day, the transfer PIN's life. Derived from facts, never stored."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, NamedTuple

from renewd.domain import cycles
from renewd.domain.dates import DAY
from renewd.domain.plans import Cancel, Plan

CancellationStage = Literal["wanted", "preparing", "pin", "requested", "confirmed", "closed"]

_NO_LEAVE = Cancel()


def cancel_of(plan: Plan) -> Cancel:
    """Give the plan's wish to leave; an empty one for a plan that nobody wants to leave."""
    return plan.cancel or _NO_LEAVE


def lapses(plan: Plan) -> bool:
    """Whether the line is left by letting it run out."""
    return plan.cancel is not None and plan.cancel.how == "lapse"


def is_postpaid(plan: Plan) -> bool:
    """Whether the catalogue says that the carrier bills afterwards."""
    return plan.carrier is not None and plan.carrier.kind == "postpaid"


def stage(plan: Plan, today: date) -> CancellationStage | None:
    """Give how far leaving has come; None for a plan that nobody wants to leave.

    `closed` once confirmed and the final bill and refund are settled; with `how = "lapse"` the day after the
    number is lost.
    """
    cancel = plan.cancel
    if cancel is None:
        return None
    if (cancel.confirmed_on is not None and settled(plan)) or _has_lapsed(plan, today):
        return "closed"
    if cancel.confirmed_on is not None:
        return "confirmed"
    if cancel.requested_on is not None:
        return "requested"
    if cancel.pin_on is not None:
        return "pin"
    moved = any(binding.moved_on is not None for binding in plan.bindings)
    return "preparing" if cancel.number is not None or cancel.lock_off_on is not None or moved else "wanted"


def settled(plan: Plan) -> bool:
    """Whether nothing is owed any more either way: the final bill is paid and the refund is there, where there are any.

    A postpaid carrier sends a final bill for certain; another's is settled as long as none is written down.
    """
    cancel = cancel_of(plan)
    final, refund = cancel.final_bill, cancel.refund
    if final is None or (final.amount is None and final.paid_on is None):
        paid = not is_postpaid(plan) and (final is None or final.due is None)
    else:
        paid = final.paid_on is not None or final.amount == 0
    return paid and (refund is None or refund.received_on is not None)


def _has_lapsed(plan: Plan, today: date) -> bool:
    lost = lost_on(plan) if lapses(plan) else None
    return lost is not None and today > lost


def lost_on(plan: Plan) -> date | None:
    """Give the day on which the number is lost if nobody pays any more; None where that is not known."""
    n = cycles.unpaid_from(plan)
    if plan.renews is None:
        return None
    if n is None:
        n = 0
    found = cycles.loss(plan, n, paid_on=cycles.last_receipt(plan))
    return found.day if found is not None else None


class LastSafe(NamedTuple):
    """The last day on which leaving still avoids cycle n's charge; `n` None where there is no charge to avoid."""

    day: date
    n: int | None


def last_safe(plan: Plan, today: date) -> LastSafe | None:
    """Give the last safe day from today on (design §3); None where nothing renews and no day is wished for.

    With `cancel.by`, the latest such day that is not after it; if there is none, that of the next charge.
    """
    by = cancel_of(plan).by
    if plan.renews is None:
        return LastSafe(by, None) if by is not None and by >= today else None
    n = next_safe(plan, today)
    if n is None:
        return None
    if by is not None and plan.every is not None:
        n = max(n, (cycles.first_from(plan, by, n) or 0) - 1)  # whose renewal is before that day
        while cycles.cancel_by(plan, n + 1) <= by:
            n += 1
    return LastSafe(cycles.cancel_by(plan, n), n)


def next_safe(plan: Plan, today: date) -> int | None:
    """Give the first cycle, from the first that money is still taken for, whose last safe day is not over."""
    n = cycles.first_from(plan, today, max(0, cycles.first_cycle(plan)))
    while n is not None and (cycles.cancel_by(plan, n) < today or _is_paused(plan, n)):
        if plan.every is None:
            return None
        n += 1
    return n


def left_by(plan: Plan, n: int) -> Literal["", "cancel", "asked", "lapse"]:
    """Whether cycle n is not to be paid any more, and why: the line is to be cancelled, that was asked for, or it lapses.

    Empty where the line stays, or a later cycle still ends in time: until `cancel.by` it has to be kept alive.
    """
    cancel = plan.cancel
    if cancel is None or cancel.number == "move":
        return ""
    if cancel.requested_on is not None:
        return "asked"
    if cancel.how == "lapse":
        return "lapse"
    later = plan.every is not None and cancel.by is not None and cycles.cancel_by(plan, n + 1) <= cancel.by
    return "" if later else "cancel"


def _is_paused(plan: Plan, n: int) -> bool:
    return plan.autopay and plan.pause_until is not None and cycles.charge(plan, n) < plan.pause_until


class Pin(NamedTuple):
    """A transfer PIN's life: the days on which it works, both included; `fetched` False: when to fetch one."""

    start: date
    until: date | None
    fetched: bool


def pin(plan: Plan, today: date) -> Pin | None:
    """Give the life of the transfer PIN, else when to fetch one so that it lasts to the last safe day.

    None where no PIN is wanted: the number is not to be ported, or the move was asked for; or where neither is known.
    """
    cancel = cancel_of(plan)
    life = plan.carrier.pin_days if plan.carrier else None
    if cancel.number != "port" or cancel.requested_on is not None:
        return None
    if cancel.pin_on is not None:
        return Pin(cancel.pin_on, pin_until(plan), fetched=True)
    safe = last_safe(plan, today)
    if life is None or safe is None:
        return None
    return Pin(max(safe.day - (life - 1) * DAY, today), safe.day, fetched=False)


def pin_until(plan: Plan) -> date | None:
    """Give the last day of the transfer PIN that was received; None without one, or where its life is not known."""
    got = cancel_of(plan).pin_on
    life = plan.carrier.pin_days if plan.carrier else None
    return got + (max(life, 1) - 1) * DAY if got is not None and life is not None else None


def bindings_by(plan: Plan, today: date) -> date | None:
    """Give the day by which critical bindings must be moved: `cancel.by`, else the last safe day.

    With `how = "lapse"` the day on which service stops, if that is earlier.
    """
    cancel = cancel_of(plan)
    if lapses(plan) and (stops := stops_on(plan)) is not None:
        return min(stops, cancel.by) if cancel.by is not None else stops
    if cancel.by is not None:
        return cancel.by
    safe = last_safe(plan, today)
    return safe.day if safe is not None else None


def stops_on(plan: Plan) -> date | None:
    """Give the day on which service stops if nobody pays any more."""
    if plan.renews is None:
        return None
    return cycles.renewal(plan, cycles.unpaid_from(plan) or 0)


def undo_until(plan: Plan) -> date | None:
    """Give the last day on which a closed line can be brought back; None where the carrier gives no window."""
    confirmed = cancel_of(plan).confirmed_on
    days = plan.carrier.reactivate_days if plan.carrier else None
    if confirmed is None or days is None or cancel_of(plan).number == "port":
        return None
    return confirmed + timedelta(days=days)
