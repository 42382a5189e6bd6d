"""`pin`: the transfer PIN works for a few days only, and the move has not been asked for."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import pin_until
from renewd.domain.plans import Plan
from renewd.reminders.kind import EVERY, DayRange, FactsContext, Kind, Reminder, Subject, leads_of
from renewd.reminders.leave import is_asked, told

_LEADS = (2, 1, 0)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    until = pin_until(plan)
    if until is not None and not is_asked(plan):
        yield Subject("pin", plan, "", until, leads_of(plan, "pin", _LEADS), until, told(plan, view))


def _facts(reminder: Reminder, _context: FactsContext) -> dict[str, object]:
    return {"good": reminder.subject.date}


KIND = Kind(
    name="pin",
    leads=_LEADS,
    urgent=EVERY,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "The transfer PIN’s last day", "zh-CN": "转号 PIN 的最后一天"},
    urgency=2,
)
