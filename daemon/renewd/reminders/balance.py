"""`balance`: the first charge that the money on the account does not cover."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import lapses
from renewd.domain.cycles import charge as charge_day
from renewd.domain.cycles import first_uncovered, length
from renewd.domain.dates import DAY
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, leads_of

_LEADS = (14, 7, 3, 1)


def _subjects(plan: Plan, _view: DayRange) -> Iterator[Subject]:
    uncovered = first_uncovered(plan)
    if uncovered is None or lapses(plan):
        return
    n = uncovered.n
    on = charge_day(plan, n)
    yield Subject("balance", plan, "", on, leads_of(plan, "balance", _LEADS, length(plan, n)), on, plan.told, n)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    return {"good": max(reminder.subject.date - DAY, context.today)}


KIND = Kind(
    name="balance",
    leads=_LEADS,
    urgent=(0, 1),
    of_plan=_subjects,
    facts=_facts,
    pays=True,
    label={"en": "A charge that the balance does not cover", "zh-CN": "余额不够的那次扣款"},
    urgency=6,
    settled_by_payment=True,
    priced=True,
    shown_as=("renewal",),
    shown_within=62,
)
