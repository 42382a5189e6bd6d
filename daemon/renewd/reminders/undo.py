"""`undo`: the last day on which a closed line can be brought back."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import undo_until
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, leads_of
from renewd.reminders.leave import told

_LEADS = (7, 1)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    until = undo_until(plan)
    if until is not None:
        yield Subject("undo", plan, "", until, leads_of(plan, "undo", _LEADS), until, told(plan, view))


def _facts(reminder: Reminder, _context: FactsContext) -> dict[str, object]:
    return {"good": reminder.subject.date, "tone": "grey"}


KIND = Kind(
    name="undo",
    leads=_LEADS,
    urgent=(0, 1),
    of_plan=_subjects,
    facts=_facts,
    label={"en": "The last day to bring a line back", "zh-CN": "最晚恢复的那天"},
    after_leaving=True,
    dials=True,
)
