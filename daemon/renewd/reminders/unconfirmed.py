"""`unconfirmed`: the carrier was asked to end the plan, and has not confirmed it."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import cancel_of
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, leads_of, weekly
from renewd.reminders.leave import told

_LEADS = (-3, -7, -14)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    asked = cancel_of(plan).requested_on
    if asked is not None and cancel_of(plan).confirmed_on is None:
        leads = weekly(leads_of(plan, "unconfirmed", _LEADS))
        yield Subject("unconfirmed", plan, "", asked, leads, None, told(plan, view))


def _facts(_reminder: Reminder, context: FactsContext) -> dict[str, object]:
    return {"good": context.today}


KIND = Kind(
    name="unconfirmed",
    leads=_LEADS,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "A cancellation not yet confirmed", "zh-CN": "取消还没得到确认"},
    dials=True,
)
