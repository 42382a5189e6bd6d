"""`balance`: the first charge that the money on the account does not cover."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import lapses
from renewd.domain.cycles import charge as charge_day
from renewd.domain.cycles import first_uncovered, length
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, Kind, Subject, leads_of

_LEADS = (14, 7, 3, 1)


def _subjects(plan: Plan, _view: DayRange) -> Iterator[Subject]:
    uncovered = first_uncovered(plan)
    if uncovered is None or lapses(plan):
        return
    n = uncovered.n
    on = charge_day(plan, n)
    yield Subject("balance", plan, "", on, leads_of(plan, "balance", _LEADS, length(plan, n)), on, plan.told, n)


KIND = Kind("balance", _LEADS, of_plan=_subjects)
