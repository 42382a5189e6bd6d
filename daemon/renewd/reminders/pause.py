"""`pause`: a pause ends by itself, and charges resume."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, Kind, Subject, leads_of

_LEADS = (7, 1)


def _subjects(plan: Plan, _view: DayRange) -> Iterator[Subject]:
    if plan.pause_until is not None:
        until = plan.pause_until
        yield Subject("pause", plan, "", until, leads_of(plan, "pause", _LEADS), until, plan.told)


KIND = Kind("pause", _LEADS, of_plan=_subjects)
