"""`pause`: a pause ends, and charges resume."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cycles import charges, price_on
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, leads_of

_LEADS = (7, 1)


def _subjects(plan: Plan, _view: DayRange) -> Iterator[Subject]:
    if plan.pause_until is not None:
        until = plan.pause_until
        yield Subject("pause", plan, "", until, leads_of(plan, "pause", _LEADS), until, plan.told)


def _facts(reminder: Reminder, _context: FactsContext) -> dict[str, object]:
    plan, until = reminder.plan, reminder.subject.date
    charge = next((on for _, on in charges(plan, until)), None)
    return {"charge": charge, "amount": plan.money(price_on(plan, charge or until))}


KIND = Kind(
    name="pause",
    leads=_LEADS,
    urgent=(0, 1),
    of_plan=_subjects,
    facts=_facts,
    label={"en": "The end of a pause", "zh-CN": "暂停结束"},
)
