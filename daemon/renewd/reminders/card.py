"""`card`: a card expires while plans on autopay use it; everybody whom such a plan names is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from renewd.domain import cycles
from renewd.domain.cancellation import cancel_of, has_left
from renewd.domain.dates import DAY
from renewd.domain.plans import Card, Household, Person, Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, days
from renewd.reminders.leave import is_asked, leave_by

_LEADS = (60, 30, 7, 0, -7)
_WORTH_DAYS = 30


def plans_on(card: Card, household: Household) -> tuple[Plan, ...]:
    """Return the plans that charge this card automatically, without those that have ended."""
    return tuple(
        plan for plan in household.plans.values() if plan.autopay and plan.pay_with == card.id and not has_left(plan)
    )


def _subjects(person: Person, view: DayRange) -> Iterator[Subject]:
    leads = view.household.leads.get("card", _LEADS)
    for card in view.household.cards.values():
        if card.expires is None or not leads or card.expires + days(_WORTH_DAYS) < view.first:
            continue
        if card.expires - days(leads[0]) > view.last:
            continue
        if any(person.id in plan.told for plan in plans_on(card, view.household)):
            until = card.expires + days(_WORTH_DAYS)
            yield Subject("card", None, "", card.expires, leads, until, (person.id,), card)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    card = reminder.subject.about
    assert isinstance(card, Card)
    paid = [plan for plan in plans_on(card, context.household) if reminder.person in plan.told]
    first = max(reminder.subject.date + DAY, context.today)
    later = [found for plan in paid if (found := _charged_after(plan, first, context.today)) is not None]
    return {"card": card, "plans": tuple(later or paid), "good": max(reminder.subject.date, context.today)}


def _charged_after(plan: Plan, first: date, today: date) -> Plan | None:
    """Return a plan at the price of its first charge from a day on; None if it has been left by then."""
    charged = next((on for _, on in cycles.charges(plan, first)), None)
    if charged is None:
        return plan
    by = leave_by(plan, today)
    changes = cancel_of(plan).number == "move"
    if not changes and (is_asked(plan) or (by is not None and by < charged)):
        return None
    return plan._replace(price=cycles.price_on(plan, charged))


KIND = Kind(
    name="card",
    leads=_LEADS,
    urgent=(0, 0),
    of_person=_subjects,
    facts=_facts,
    label={"en": "A card’s last day", "zh-CN": "卡的最后一天"},
    shown_as=("card",),
    good_on_the_day=True,
)
