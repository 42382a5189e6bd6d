"""`overdue`: service has stopped, and nobody has said that the plan was paid."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import lapses
from renewd.domain.cycles import renewal, unpaid_from
from renewd.domain.plans import Plan
from renewd.reminders.kind import WEEKLY, DayRange, Kind, Subject, leads_of

_LEADS = (-1, -2, -3, -5, -7, *WEEKLY)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    n = unpaid_from(plan)
    if n is None or lapses(plan):
        return
    on = renewal(plan, n)
    if on < (view.first if view.ahead else view.last):
        yield Subject("overdue", plan, "", on, leads_of(plan, "overdue", _LEADS) or _LEADS, None, plan.told, n)


KIND = Kind("overdue", _LEADS, of_plan=_subjects)
