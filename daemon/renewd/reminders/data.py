"""`data`: look at the usage before the cycle ends; at once when four fifths are used."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cycles import first_from, goes_on, length, renewal
from renewd.domain.dates import DAY
from renewd.domain.plans import Data, Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, days, leads_of

_LEADS = (5,)
_ALMOST_USED = 80  # percent


def percent_used(plan: Plan) -> int | None:
    """Return how much of the data was used, in whole percent, rounded down; None if it is not known."""
    if plan.data is None or plan.data.limit <= 0:
        return None
    return plan.data.used * 100 // plan.data.limit


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    leads = leads_of(plan, "data", _LEADS)
    if plan.data is None or plan.renews is None or not leads:
        return
    n = first_from(plan, view.first, 0)
    urgent = _almost_used_in(plan, plan.data)
    if n is not None and urgent is not None and urgent >= n:
        on = renewal(plan, urgent)
        yield Subject("data", plan, "", on, leads[-1:], on, plan.told, urgent, at_once=True)
    while n is not None and (on := renewal(plan, n)) <= view.last + days(leads[0]):
        if n != urgent and (plan.pause_until is None or on > plan.pause_until):
            yield Subject("data", plan, "", on, leads_of(plan, "data", _LEADS, length(plan, n)), on, plan.told, n)
        n = n + 1 if goes_on(plan, n) else None


def _almost_used_in(plan: Plan, data: Data) -> int | None:
    """Return the cycle in which the data was read as almost used; a reading is of its own cycle only."""
    used = percent_used(plan)
    if used is None or used < _ALMOST_USED:
        return None
    return first_from(plan, data.on + DAY, -2400 if plan.every is not None else 0)


def _facts(reminder: Reminder, _context: FactsContext) -> dict[str, object]:
    return {"tone": "amber" if reminder.subject.at_once else "grey", "used": percent_used(reminder.plan)}


KIND = Kind(
    name="data",
    leads=_LEADS,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "Data that is running out", "zh-CN": "流量快用完"},
    shown_as=("renewal", "charge"),
)
