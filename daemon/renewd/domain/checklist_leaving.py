"""The end of a checklist: porting the number out, canceling, and what remains to be done afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from renewd.domain import cancellation, cycles
from renewd.domain.cancellation import cancel_of, is_postpaid, last_safe
from renewd.domain.checklist_items import ChecklistContext, ChecklistItem
from renewd.domain.dates import DAY

CREDIT_DAYS = 90  # after leaving, until what went to a collector shows in the credit report
_ANSWER_DAYS = 3  # after a request; a confirmation that has not come by then is worth a call


def port_out(context: ChecklistContext) -> Iterator[ChecklistItem]:
    """Iterate the steps of taking the number to another carrier."""
    plan, cancel = context.plan, cancel_of(context.plan)
    if cancel.number is None and not context.asked:
        yield ChecklistItem(id="port", section="port-out", code="port-undecided", state="unknown", later=True)
    elif cancel.number != "port":
        yield ChecklistItem(id="port", section="port-out", code="port-not-needed", state="done")
    elif context.asked:
        yield ChecklistItem(
            id="port", section="port-out", code="port-asked", state="done",
            args={"day": cancel.requested_on or cancel.confirmed_on},
        )  # fmt: skip
    else:
        lock = plan.carrier.port_lock if plan.carrier else None
        start = pin.start if (pin := cancellation.pin(plan, context.today)) and not pin.fetched else context.today
        waits = start > context.today
        if cancel.lock_off_on is not None:
            yield ChecklistItem(
                id="lock", section="port-out", code="lock", state="done", note="lock-off",
                args={"lock": lock, "day": start, "on": cancel.lock_off_on},
            )  # fmt: skip
        else:
            yield ChecklistItem(
                id="lock", section="port-out", code="lock", state="open" if lock else "unknown", args={"lock": lock, "day": start},
                blocking=lock is not None, later=waits or lock is None, act=context.mark("lock-off"), topic="port_out",
                due=cancellation.last_day(plan, context.today) if lock else None, note="lock-from" if waits and lock else None,
            )  # fmt: skip
        yield _pin(context, start)


def _pin(context: ChecklistContext, start: date) -> ChecklistItem:
    plan, got = context.plan, cancel_of(context.plan).pin_on
    life = plan.carrier.pin_days if plan.carrier else None
    until = cancellation.pin_until(plan)
    if got is None:
        waits = start > context.today
        return ChecklistItem(
            id="pin", section="port-out", code="pin", state="open", args={"life": life, "day": start},
            note="pin-from" if waits else "pin-now", blocking=True, later=waits, act=context.mark("pin"),
            due=cancellation.last_day(plan, context.today) if life else None, topic="port_out",
        )  # fmt: skip
    if until is None:
        return ChecklistItem(id="pin", section="port-out", code="pin-life-unknown", state="unknown", args={"got": got})
    if until < context.today:
        return ChecklistItem(
            id="pin", section="port-out", code="pin-expired", state="open", args={"day": until, "life": life},
            blocking=True, act=context.mark("pin"), topic="port_out",
        )  # fmt: skip
    return ChecklistItem(
        id="pin", section="port-out", code="pin-good", state="done", due=until, topic="port_out",
        args={"day": until, "left": (until - context.today).days},
    )  # fmt: skip


def canceling(context: ChecklistContext) -> Iterator[ChecklistItem]:
    """Iterate the steps of ending the plan with its carrier."""
    plan, cancel = context.plan, cancel_of(context.plan)
    due = cancellation.last_day(plan, context.today)
    if cancel.number == "move" or cancellation.ends_alone(plan):
        pass  # there is nothing to cancel
    elif not plan.is_line and plan.url is not None:
        yield ChecklistItem(
            id="channel", section="cancelling", code="channel-site", state="done", args={"site": plan.url}
        )
    elif plan.carrier is not None and plan.carrier.channels:
        yield ChecklistItem(
            id="channel", section="cancelling", code="channel", state="done", topic="cancel",
            args={"channels": plan.carrier.channels},
        )  # fmt: skip
    elif cancellation.way_out(plan) in ("drop", "undecided") and not context.asked:  # whoever has asked knows how
        yield ChecklistItem(id="channel", section="cancelling", code="channel-unknown", state="unknown", later=True)
    shared = tuple(context.household.label(other) for other in cancellation.lines_beside(plan, context.household))
    if cancellation.way_out(plan) == "lapse" and not context.over:
        takes = not cancellation.runs_out_unpaid(plan, context.today)
        yield ChecklistItem(
            id="autopay", section="cancelling", code="autopay-off", state="open" if plan.autopay else "done",
            blocking=takes, later=plan.autopay and not takes, due=due if takes else None, args={"others": shared},
            note="other-lines" if shared and takes else "turn-off-first" if takes else None,
        )  # fmt: skip
        if not context.asked:
            yield ChecklistItem(
                id="request", section="cancelling", code="let-lapse", state="open", later=True,
                args={"day": cancellation.stops_on(plan, context.today)},
            )  # fmt: skip
    elif plan.is_line and cancel.number is None and not context.asked:
        yield ChecklistItem(id="request", section="cancelling", code="request-undecided", state="unknown", later=True)
    elif not context.asked:
        how = {"port": "request-port", "move": "request-move"}.get(cancel.number or "", "request-cancel")
        yield ChecklistItem(
            id="request", section="cancelling", code=how, state="open", later=True, due=due,
            act=context.mark("requested"), topic="cancel", note="before-the-number-goes" if how == "request-port" else None,
        )  # fmt: skip
    if context.asked:
        yield ChecklistItem(
            id="request", section="cancelling", code="requested", state="done",
            args={"day": cancel.requested_on or cancel.confirmed_on, "reference": cancel.reference},
            note=None if cancel.reference else "ask-reference",
        )  # fmt: skip
    if cancel.number == "port" and cancel.confirmed_on is None:
        closes = plan.carrier is not None and plan.carrier.port_closes
        yield ChecklistItem(
            id="verify", section="cancelling", code="verify-closed", state="open", later=not context.asked,
            note=None if closes else "not-by-itself", act=context.mark("confirmed") if context.asked else None,
        )  # fmt: skip


def after(context: ChecklistContext) -> Iterator[ChecklistItem]:
    """Iterate what remains to be done once the carrier was asked."""
    plan, cancel = context.plan, cancel_of(context.plan)
    confirmed = cancel.confirmed_on
    if cancellation.way_out(plan) != "lapse" or context.asked:
        waits = cancel.requested_on is None
        yield ChecklistItem(
            id="confirmation", section="after", code="confirmation", state="open" if confirmed is None else "done",
            args={"day": confirmed or cancel.requested_on}, later=waits,
            due=None if cancel.requested_on is None or confirmed else cancel.requested_on + _ANSWER_DAYS * DAY,
            act=None if waits or confirmed else context.mark("confirmed"),
        )  # fmt: skip
    if context.leaves_number and (plan.is_line or cancel.final_bill is not None):
        yield _final_bill(context)
    if (refund := cancel.refund) is not None and refund.amount != 0:
        money = plan.money(refund.amount)
        here = not refund.is_open
        yield ChecklistItem(
            id="refund", section="after", code="refund-here" if here else "refund-wait", due=refund.expected,
            state="done" if here else "open", args={"money": money, "day": refund.received_on or refund.expected},
            later=not here and (refund.expected is None or refund.expected > context.today),
            act=None if here else context.mark("refunded"),
        )  # fmt: skip
    if not context.leaves_number:
        if confirmed:
            yield ChecklistItem(
                id="write", section="after", code="write-plan", state="open", act=context.mark("staying")
            )
        return
    if not plan.is_line:
        yield ChecklistItem(
            id="charges", section="after", code="watch-charges", state="open", later=confirmed is None,
            args={"day": _avoided_charge(context)},
        )  # fmt: skip
        return
    if is_postpaid(plan):
        day = confirmed + CREDIT_DAYS * DAY if confirmed else None
        yield ChecklistItem(
            id="credit", section="after", code="credit-check", state="open", args={"day": day}, due=day,
            later=day is None or day > context.today,
        )  # fmt: skip
    yield from _undo(context)
    yield ChecklistItem(
        id="sim", section="after", code="sim-last", state="open", later=confirmed is None,
        args={"kind": plan.sim.kind or "physical"},
    )  # fmt: skip


def _final_bill(context: ChecklistContext) -> ChecklistItem:
    plan, final = context.plan, cancel_of(context.plan).final_bill
    if final is None or (final.amount is None and final.paid_on is None and final.due is None):
        if not is_postpaid(plan) and plan.carrier is not None:
            return ChecklistItem(id="final-bill", section="after", code="final-bill-none", state="done")
        return ChecklistItem(
            id="final-bill", section="after", code="final-bill-wait", state="open", topic="final_bill",
            later=cancel_of(plan).confirmed_on is None, note="keep-card",
            act=f"{context.mark('final-bill')} --amount 12.34" if cancel_of(plan).confirmed_on else None,
        )  # fmt: skip
    paid = final.paid_on is not None or final.amount == 0
    note = "paid" if final.paid_on else "overdue" if final.due and final.due < context.today else "due"
    return ChecklistItem(
        id="final-bill", section="after", code="final-bill", state="done" if paid else "open",
        args={
            "money": plan.money(final.amount), "day": final.due,
            "on": final.paid_on,
        },
        note=None if paid and not final.paid_on else note if final.due or final.paid_on else "no-due",
        due=None if paid else final.due, act=None if paid else context.mark("paid", "final"),
    )  # fmt: skip


def _avoided_charge(context: ChecklistContext) -> date | None:
    """Return the first charge that leaving in time avoids; None if nothing is charged automatically."""
    plan = context.plan
    safe = last_safe(plan, cancel_of(plan).requested_on or context.today) if plan.autopay else None
    return cycles.charge(plan, safe.n) if safe is not None and safe.n is not None else None


def _undo(context: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, cancel = context.plan, cancel_of(context.plan)
    if cancel.number == "port" or cancel.confirmed_on is None:
        return
    until = cancellation.undo_until(plan)
    if until is None:
        yield ChecklistItem(
            id="undo", section="after", code="undo-unknown", state="unknown", later=True, topic="reactivate"
        )
        return
    over = until < context.today
    yield ChecklistItem(
        id="undo", section="after", code="undo-over" if over else "undo", state="done" if over else "open",
        args={"day": until}, due=None if over else until, later=True, topic="reactivate",
    )  # fmt: skip
