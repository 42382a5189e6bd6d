"""`promo`: an offer ends, and the price changes."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, Kind, Subject, leads_of

_LEADS = (30, 7)


def _subjects(plan: Plan, _view: DayRange) -> Iterator[Subject]:
    if plan.promo is not None:
        ends = plan.promo.ends
        yield Subject("promo", plan, "", ends, leads_of(plan, "promo", _LEADS), ends, plan.told)


KIND = Kind("promo", _LEADS, of_plan=_subjects)
