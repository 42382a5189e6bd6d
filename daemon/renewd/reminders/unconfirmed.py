"""`unconfirmed`: the carrier was asked, and has not said that the line is closed."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import cancel_of
from renewd.domain.plans import Plan
from renewd.reminders.kind import WEEKLY, DayRange, Kind, Subject, leads_of
from renewd.reminders.leave import told

_LEADS = (-3, -7, *WEEKLY)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    asked = cancel_of(plan).requested_on
    if asked is not None and cancel_of(plan).confirmed_on is None:
        yield Subject("unconfirmed", plan, "", asked, leads_of(plan, "unconfirmed", _LEADS), None, told(plan, view))


KIND = Kind("unconfirmed", _LEADS, of_plan=_subjects)
