"""What a plan is charged to, and whether a charge may fail. The rules are in docs/rules.md."""

from __future__ import annotations

from datetime import date
from typing import Literal

from renewd.domain.cycles import pays_from
from renewd.domain.plans import Card, Household, Plan


def card_of(plan: Plan, household: Household) -> Card | None:
    """Return the card that the plan names."""
    return household.cards.get(plan.pay_with) if plan.pay_with else None


def may_fail(plan: Plan, household: Household, on: date) -> Literal["card", "balance"] | None:
    """Return why a charge on that day may not go through: its card has ended, or its balance is not known."""
    card = card_of(plan, household)
    if card is not None and card.expires is not None and card.expires < on:
        return "card"
    return "balance" if plan.pay_with == "balance" and pays_from(plan) is None else None
