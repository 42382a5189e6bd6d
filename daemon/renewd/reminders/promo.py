"""`promo`: an offer ends, and the price changes."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, leads_of

_LEADS = (30, 7)


def _subjects(plan: Plan, _view: DayRange) -> Iterator[Subject]:
    if plan.promo is not None:
        ends = plan.promo.ends
        yield Subject("promo", plan, "", ends, leads_of(plan, "promo", _LEADS), ends, plan.told)


def _facts(reminder: Reminder, _context: FactsContext) -> dict[str, object]:
    promo = reminder.plan.promo
    return {"tone": "grey", "next": reminder.plan.money(promo.price_after if promo else None)}


KIND = Kind(
    name="promo",
    leads=_LEADS,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "The end of an offer", "zh-CN": "优惠到期"},
    shown_as=("promo",),
)
