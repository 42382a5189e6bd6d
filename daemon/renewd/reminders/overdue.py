"""`overdue`: service has stopped, and the plan is not marked as paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from renewd.domain.cancellation import lapses, left_by
from renewd.domain.cycles import last_receipt, loss, renewal, unpaid_from
from renewd.domain.dates import DAY
from renewd.domain.plans import Plan
from renewd.reminders.kind import EVERY, DayRange, FactsContext, Kind, Reminder, Subject, leads_of, weekly
from renewd.reminders.leave import lets_go, needs_nothing

_LEADS = (-1, -2, -3, -5, -7)
_NO_LINE = (-1, -7)  # of what has no number to lose; then the digest has it


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    n = unpaid_from(plan)
    if n is None or lapses(plan):
        return
    on = renewal(plan, n)
    if on < (view.first if view.ahead else view.last):
        yield Subject("overdue", plan, "", on, _leads(plan, n, on), None, plan.told, n)


def _leads(plan: Plan, n: int, on: date) -> tuple[int, ...]:
    """Return the plan's leads, and for a line a tail of weekly ones that ends when the number is lost."""
    if not plan.is_line:
        return leads_of(plan, "overdue", _NO_LINE) or _NO_LINE
    leads = leads_of(plan, "overdue", _LEADS) or _LEADS
    lost = loss(plan, n, paid_on=last_receipt(plan))
    if lost is None or lost.basis == "unpublished":  # the number may live for long
        return weekly(leads)
    return _until(leads, (on - lost.day).days)


@lru_cache(maxsize=1024)
def _until(leads: tuple[int, ...], lost: int) -> tuple[int, ...]:
    """Return the leads with a tail of weekly ones up to the loss of the number."""
    return tuple(lead for lead in weekly(leads) if lead in leads or lead > lost)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    plan, n, today = reminder.plan, reminder.cycle, context.today
    leaves = left_by(plan, n, today)
    lost = loss(plan, n, paid_on=last_receipt(plan))
    if lost is None:
        return {"good": today, "leaves": leaves}
    near = (lost.day - today).days <= 7 and not (leaves and lets_go(plan))
    good = max(lost.day - DAY, today) if lost.day > today else None
    tone = "red" if near else "grey" if leaves == "cancel" and needs_nothing(plan) else "amber"
    return {"good": good, "tone": tone, "leaves": leaves}


KIND = Kind(
    name="overdue",
    leads=_LEADS,
    urgent=EVERY,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "A renewal that was not marked as done", "zh-CN": "过了续费日还没记"},
    urgency=1,
    vital=True,
    always=True,
    settled_by_payment=True,
    asks_for_money=True,
    pays=True,
    priced=True,
    tap="renewed",
    says=("balance",),
    shown_as=("lost",),
    shown_within=400,
)
