"""Leaving a plan: its stage, the last safe day, the transfer PIN's life. All is computed from facts, nothing is stored.

The rules are in docs/rules.md#leaving.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from renewd.domain import cycles
from renewd.domain.dates import DAY
from renewd.domain.money import Money
from renewd.domain.plans import Cancel, Household, Plan

CancellationStage = Literal["wanted", "preparing", "pin", "requested", "confirmed", "closed"]
WayOut = Literal["port", "drop", "move", "lapse", "undecided"]

_NO_LEAVE = Cancel()
_NO_NUMBER = Cancel(number="drop")
_RUNS_OUT = Cancel(how="lapse", number="drop")


def cancel_of(plan: Plan) -> Cancel:
    """Return what the plan says about leaving, of a number only if it is a line; an empty value if it says nothing."""
    return plan.cancel or (_NO_LEAVE if plan.is_line else _NO_NUMBER)


def lapses(plan: Plan) -> bool:
    """Whether the line is left by letting it run out, which one that stays on a cheaper plan is not."""
    return plan.cancel is not None and plan.cancel.how == "lapse" and plan.cancel.number != "move"


def ends_alone(plan: Plan) -> bool:
    """Whether it is no line and runs out without an act: nobody charges it, and there is nothing to cancel."""
    return not plan.is_line and lapses(plan) and not plan.autopay


def as_it_would_end(plan: Plan) -> Plan:
    """Return the plan with the end that nobody wrote: what is no line and does not repeat, as a pass, runs out."""
    runs_out = not plan.is_line and plan.renews is not None and plan.every is None and not plan.autopay
    return plan._replace(cancel=_RUNS_OUT) if runs_out and plan.cancel is None else plan


def way_out(plan: Plan) -> WayOut:
    """Return how the plan is to be left. Only a line has a number about which nothing may be decided yet."""
    cancel = cancel_of(plan)
    if lapses(plan) and cancel.number != "port":  # a wanted number leaves first, then the line runs out
        return "lapse"
    return cancel.number or ("undecided" if plan.is_line else "drop")


def has_left(plan: Plan) -> bool:
    """Whether the line has ended: the carrier has confirmed it. A plan that was changed for a cheaper one lives on."""
    cancel = cancel_of(plan)
    return cancel.confirmed_on is not None and cancel.number != "move"


def number_is_gone(plan: Plan, today: date) -> bool:
    """Whether the line has ended, by a confirmation or by running out, and its number with it: it was not ported."""
    return plan.is_line and (has_left(plan) or _has_run_out(plan, today)) and cancel_of(plan).number != "port"


def is_postpaid(plan: Plan) -> bool:
    """Whether the catalogue says that the carrier bills afterwards."""
    return plan.is_line and plan.carrier is not None and plan.carrier.kind == "postpaid"


def falls_due(plan: Plan) -> bool:
    """Whether it is due on `renews`, and does not end on it: a postpaid line, or what is paid in installments."""
    return is_postpaid(plan) or (not plan.is_line and plan.every is not None and plan.ends is not None)


def pay_by(plan: Plan, renews: date) -> date:
    """Return the last day on which a renewal is paid in time: that day if it is due then, else the day before."""
    return renews if falls_due(plan) else renews - DAY


def stage(plan: Plan, today: date) -> CancellationStage | None:
    """Return how far leaving has come; None for a plan that is not to be left.

    A plan is `closed` once its end is confirmed and final bill and refund are settled. With `how = "lapse"` it is
    closed from the day after the number is lost; what has no number, from the day after it ends. A plan that was
    changed for a cheaper one is never closed.
    """
    cancel = plan.cancel
    if cancel is None:
        return None
    if (has_left(plan) and settled(plan)) or _has_run_out(plan, today):
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
    """Whether neither side owes anything: the final bill is paid and the refund has come, if there are any.

    A postpaid carrier always sends a final bill. Any other carrier's counts as settled until one is written down.
    """
    cancel = cancel_of(plan)
    final, refund = cancel.final_bill, cancel.refund
    if final is None or (final.amount is None and final.paid_on is None):
        paid = not is_postpaid(plan) and (final is None or final.due is None)
    else:
        paid = final.paid_on is not None or final.amount == 0
    return paid and (refund is None or not refund.is_open)


def runs_out_on(plan: Plan, today: date) -> date | None:
    """Return the last day of a plan that is let run out, after which it is closed; None if it is not known."""
    if not lapses(plan) or cycles.unpaid_from(plan) is None:  # as long as it is charged, it does not run out
        return None
    return lost_on(plan, today) or (None if plan.is_line else stops_on(plan, today))


def _has_run_out(plan: Plan, today: date) -> bool:
    last = runs_out_on(plan, today)
    return last is not None and today > last


def nothing_after(plan: Plan, today: date) -> date | None:
    """Return the last day of a plan that is let run out, if nobody can charge it anymore: nothing comes after it."""
    return None if plan.autopay else runs_out_on(plan, today)


def lost_on(plan: Plan, today: date) -> date | None:
    """Return the day on which the number is lost if no more is paid; None if it is not known."""
    n = cycles.current(plan, today)
    if n is None:
        return None
    found = cycles.loss(plan, n, paid_on=cycles.last_receipt(plan))
    return found.day if found is not None else None


class LastSafe(NamedTuple):
    """The last day on which leaving still avoids cycle n's charge; `n` is None if there is no charge."""

    day: date
    n: int | None


def last_safe(plan: Plan, today: date) -> LastSafe | None:
    """Return the next last safe day, today included; None if nothing renews and no day is wished for.

    With `cancel.by`, it is the latest such day up to that day; if there is none, that of the next charge. A line that
    nobody pays anymore stops on its first unpaid renewal, whatever day is wished for.
    """
    by = cancel_of(plan).by
    if plan.renews is None:
        return LastSafe(by, None) if by is not None and by >= today else None
    n = next_safe(plan, today)
    if n is None:
        return None
    if by is not None and plan.every is not None and (plan.autopay or not lapses(plan)):
        n = max(n, (cycles.first_from(plan, by, n) or 0) - 1)  # whose renewal is before that day
        while cycles.goes_on(plan, n) and cycles.cancel_by(plan, n + 1) <= by:
            n += 1
    return LastSafe(cycles.cancel_by(plan, n), n)


def last_day(plan: Plan, today: date) -> date | None:
    """Return the last day on which to leave: the earliest of `cancel.by`, the transfer PIN's end and the last safe day.

    A line that is let run out, and that nobody charges, also stops. Days that are over do not count.
    """
    safe = last_safe(plan, today)
    stops = None if plan.autopay or not lapses(plan) else stops_on(plan, today)
    days = [safe.day if safe else None, cancel_of(plan).by, pin_until(plan), stops]
    return min((day for day in days if day is not None and day >= today), default=None)


def lines_beside(plan: Plan, household: Household) -> tuple[Plan, ...]:
    """Return the other lines of the plan's account, which are paid for together with it."""
    if plan.account.id is None:
        return ()
    return tuple(
        other
        for other in household.plans.values()
        if other.id != plan.id
        and (other.account.id, other.carrier) == (plan.account.id, plan.carrier)
        and not has_left(other)
    )


def next_safe(plan: Plan, today: date) -> int | None:
    """Return the first cycle that is still charged and whose last safe day is not over."""
    n = cycles.first_from(plan, today, max(0, cycles.first_cycle(plan)))
    while n is not None and (cycles.cancel_by(plan, n) < today or _is_paused(plan, n)):
        if not cycles.goes_on(plan, n):
            return None
        n += 1
    return n


class Missed(NamedTuple):
    """A payment that comes although the last day to leave before it, by notice or cut-off, is over."""

    day: date
    last: date
    money: Money | None


def missed(plan: Plan, today: date) -> Iterator[Missed]:
    """Iterate the payments that leaving can no longer avoid. Nothing is owed for a line that stops if nobody pays."""
    n = cycles.first_from(plan, today, max(0, cycles.first_cycle(plan)))
    unpaid = cycles.unpaid_from(plan)
    while n is not None and (last := cycles.cancel_by(plan, n)) < today and not cycles.has_ended(plan, n):
        charged = cycles.charge(plan, n)
        is_taken = plan.autopay and (unpaid is None or n < unpaid)
        day, price = charged if is_taken else cycles.renewal(plan, n), cycles.price_on(plan, charged)
        if (
            day >= today
            and price != 0
            and not _is_paused(plan, n)
            and (is_taken or is_postpaid(plan) or plan.notice is not None)
        ):
            yield Missed(day, last, plan.money(price))
        n = n + 1 if cycles.goes_on(plan, n) else None


def is_taken(plan: Plan, n: int) -> bool:
    """Whether autopay takes cycle n: not where it is to come from a balance that does not cover it."""
    return plan.autopay and ((uncovered := cycles.first_uncovered(plan)) is None or n < uncovered.n)


def runs_out_unpaid(plan: Plan, today: date) -> bool:
    """Whether the line is let run out and nothing takes its next cycle, so that there is no autopay to turn off."""
    if way_out(plan) != "lapse":
        return False
    n = next_safe(plan, today) if plan.renews is not None else None
    return not plan.autopay or (n is not None and not is_taken(plan, n))


def avoided(plan: Plan, today: date) -> int | None:
    """Return the first cycle that leaving on the last day to leave avoids; None if nothing renews."""
    n, last = next_safe(plan, today) if plan.renews is not None else None, last_day(plan, today)
    while n is not None and last is not None and cycles.cancel_by(plan, n) < last and cycles.goes_on(plan, n):
        n += 1
    return n


def pays_before(plan: Plan, today: date) -> bool:
    """Whether something has to be paid before the payment that leaving on the last day to leave avoids."""
    n, unpaid = avoided(plan, today), cycles.unpaid_from(plan)
    if n is None:
        return False
    return (
        n != next_safe(plan, today)
        or (unpaid is not None and n > unpaid)
        or (not plan.autopay and any(missed(plan, today)))
    )


def left_by(plan: Plan, n: int, today: date = date.min) -> Literal["", "cancel", "asked", "lapse"]:
    """Return why cycle n is not to be paid: cancellation is intended or was asked for, or the line lapses.

    It is empty if the line stays, or if a later cycle still ends in time: the line is kept alive until `cancel.by`,
    or until `today` is after the last day on which leaving avoids a charge before it.
    """
    cancel = plan.cancel
    if cancel is None or cancel.number == "move":
        return ""
    if cancel.requested_on is not None or cancel.confirmed_on is not None:
        return "asked"
    if cancel.how == "lapse":
        return "cancel" if cancel.number == "port" else "lapse"
    last = n
    while cancel.by is not None and cycles.goes_on(plan, last) and cycles.cancel_by(plan, last + 1) <= cancel.by:
        last += 1
    return "" if last > n and today <= cycles.cancel_by(plan, last) else "cancel"


def _is_paused(plan: Plan, n: int) -> bool:
    return plan.autopay and plan.pause_until is not None and cycles.charge(plan, n) < plan.pause_until


class Pin(NamedTuple):
    """The days on which a transfer PIN works, both included; if none is `fetched`, those of one fetched now."""

    start: date
    until: date | None
    fetched: bool


def pin(plan: Plan, today: date) -> Pin | None:
    """Return the life of the transfer PIN, or when to fetch one so that it lasts to the last safe day.

    It is None if no PIN is needed (the number is not to be ported, or the move was asked for) or no day is known.
    """
    cancel = cancel_of(plan)
    life = plan.carrier.pin_days if plan.carrier else None
    last = today if off_since(plan, today) == today else last_day(plan, today)  # today or not at all
    if cancel.number != "port" or cancel.requested_on is not None:
        return None
    if cancel.pin_on is not None:
        return Pin(cancel.pin_on, pin_until(plan), fetched=True)
    if life is None or last is None:
        return None
    return Pin(max(last - (max(life, 1) - 1) * DAY, today), last, fetched=False)


def off_since(plan: Plan, today: date) -> date | None:
    """Return the day on which the service of a line that is to be left stopped, or stops today; None while it works."""
    n = cycles.unpaid_from(plan)
    if n is None or falls_due(plan) or not plan.is_line or left_by(plan, n, today) != "cancel":
        return None
    day = cycles.renewal(plan, n)
    return day if day <= today else None


def pin_until(plan: Plan) -> date | None:
    """Return the last day of the transfer PIN that was received; None without one, or if its life is not known.

    A number that is given up, or stays, needs none.
    """
    cancel = cancel_of(plan)
    got = cancel.pin_on if cancel.number in (None, "port") else None
    life = plan.carrier.pin_days if plan.carrier else None
    return got + (max(life, 1) - 1) * DAY if got is not None and life is not None else None


def bindings_by(plan: Plan, today: date) -> date | None:
    """Return the day by which critical bindings must be moved: `cancel.by`, else the last safe day.

    With `how = "lapse"`, it is the day on which service stops, if that is earlier.
    """
    cancel = cancel_of(plan)
    if lapses(plan) and (stops := stops_on(plan, today)) is not None:
        return min(stops, cancel.by) if cancel.by is not None else stops
    if cancel.by is not None:
        return cancel.by
    safe = last_safe(plan, today)
    return safe.day if safe is not None else None


def stops_on(plan: Plan, today: date) -> date | None:
    """Return the day on which service stops if no more is paid."""
    n = cycles.current(plan, today)
    return None if n is None else cycles.renewal(plan, n)


def undo_until(plan: Plan) -> date | None:
    """Return the last day on which a closed line can be restored; None if the carrier names none.

    A number that was lost for certain before the end was confirmed is not restored.
    """
    confirmed = cancel_of(plan).confirmed_on
    days = plan.carrier.reactivate_days if plan.carrier else None
    if confirmed is None or days is None or cancel_of(plan).number in ("port", "move"):
        return None
    n = cycles.unpaid_from(plan)
    lost = None if n is None else cycles.loss(plan, n, paid_on=cycles.last_receipt(plan))
    if lost is not None and lost.is_certain and lost.day <= confirmed:
        return None
    return confirmed + timedelta(days=days)
