"""`card`: a card expires while plans on autopay use it; everybody whom such a plan names is told."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import has_left
from renewd.domain.plans import Card, Household, Person, Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, days

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
    paid = tuple(plan for plan in plans_on(card, context.household) if reminder.person in plan.told)
    return {"card": card, "plans": paid, "good": max(reminder.subject.date, context.today)}


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
