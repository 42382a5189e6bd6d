"""`binding`: services that a number opens, and that must be moved before it goes; all of a plan in one reminder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from renewd.domain.cancellation import bindings_by, cancel_of, falls_due, lapses, off_since, stops_on
from renewd.domain.cycles import length
from renewd.domain.dates import DAY
from renewd.domain.plans import Binding, Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, leads_of, shorter_than
from renewd.reminders.leave import named_day, safe_days, told

_LEADS = (30, 14, 7, 3)


def critical(plan: Plan) -> tuple[Binding, ...]:
    """Return the critical services that still know the number."""
    return tuple(binding for binding in plan.bindings if binding.critical and binding.is_open)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    cancel = cancel_of(plan)
    if plan.cancel is None or cancel.number == "move" or not (open_ := critical(plan)):
        return
    leads = leads_of(plan, "binding", _LEADS)
    for day, cycle in _days(plan, view):
        yield Subject("binding", plan, "", day, shorter_than(cycle, leads), None, told(plan, view), open_)


def _days(plan: Plan, view: DayRange) -> Iterator[tuple[date, int | None]]:
    """Iterate the days, each with the length of its cycle where such a day comes with every one."""
    by = bindings_by(plan, view.first)
    runs_out = lapses(plan) and not plan.autopay
    if cancel_of(plan).by is not None or (runs_out and stops_on(plan, view.first) is not None):
        if by is not None:
            yield by, None
        return
    for n, day in safe_days(plan, view, _LEADS[0]):
        yield day, length(plan, n)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    today = context.today
    day = named_day(reminder.subject, today)
    found: dict[str, object] = {"tone": "red", "bindings": reminder.subject.about}
    stops = stops_on(reminder.plan, today)
    off = off_since(reminder.plan, today)
    if off == today:  # the last day was the one before
        day = min(day, off - DAY)
    elif off is not None or (stops is not None and stops < today and not falls_due(reminder.plan)):
        found["unmarked"] = off or stops
    return {**found, "good": max(day, today), "day": day, "days": (day - today).days}


KIND = Kind(
    name="binding",
    leads=_LEADS,
    urgent=(0, 3),
    of_plan=_subjects,
    facts=_facts,
    label={"en": "Services still tied to the number", "zh-CN": "还绑着号码的服务"},
    urgency=7,
)
