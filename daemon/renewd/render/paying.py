"""How a plan is paid, as its words need it: topped up, paid or renewed, and what its balance lacks."""

from __future__ import annotations

from typing import Literal

from renewd.domain.cancellation import falls_due
from renewd.domain.money import Money
from renewd.reminders.facts import Facts

Verb = Literal["top-up", "pay", "renew"]


def is_free(facts: Facts) -> bool:
    """Whether the cycle is known to cost nothing, so that it is renewed without a payment."""
    return facts.amount is not None and not facts.amount.amount


def tops_up(facts: Facts) -> bool:
    """Whether paying is putting money on the line: from its balance, or as you go."""
    plan, carrier = facts.plan, facts.carrier
    return (
        plan is not None
        and not is_free(facts)
        and (plan.pay_with == "balance" or (carrier is not None and carrier.as_you_go))
    )


def verb(facts: Facts) -> Verb:
    """Return what one does to keep the plan."""
    if tops_up(facts):
        return "top-up"
    pays = facts.failed or (facts.plan is not None and falls_due(facts.plan))
    return "pay" if pays and not is_free(facts) else "renew"


def short(facts: Facts) -> Money | None:
    """Return what the balance lacks of the sum; None where that is not known, or it lacks nothing."""
    left = facts.balance_left
    if left is None or facts.amount is None or facts.unmarked or left.amount >= facts.amount.amount:
        return None
    return Money(facts.amount.amount - left.amount, left.currency)


def can_leave(facts: Facts) -> bool:
    """Whether canceling still avoids the charge."""
    return facts.cancel_by is not None and facts.cancel_by >= facts.today
