"""What is due, day by day over 400 days, is what a second, plainly written model of the rules says.

Every run tries some of the households; with RENEWD_ALL_HOUSEHOLDS=1 it is all 2,000.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from households import at
from model.facts_model import Said, what_is_said
from model.reminders_model import to_say
from random_households import random_household
from renewd.domain import cycles
from renewd.domain.cancellation import falls_due
from renewd.domain.plans import Household, Plan, Receipt
from renewd.reminders import NOTHING_FOUND, Reminder, due
from renewd.reminders.facts import facts

DAYS = 400
KNOWN = ("renewal", "overdue", "lost", "charge", "pin", "cancel-by", "binding")
BLOCK = 5
BLOCKS = 400 if os.environ.get("RENEWD_ALL_HOUSEHOLDS") else 4


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_day_of_every_household(block: int) -> None:
    for seed in range(block * BLOCK, block * BLOCK + BLOCK):
        rng = random.Random(seed)
        home = random_household(rng)
        for n in range(DAYS):
            now = at("2026-12-01") + timedelta(days=n, minutes=rng.randrange(24 * 60))
            assert differences(home, now) == set(), f"household {seed} at {now}"
            if rng.random() < 0.02:
                home = after_an_act(home, now.date(), rng)


@pytest.mark.parametrize("block", range(4))
def test_what_is_said_beside_the_key(block: int) -> None:
    """The last good day, a loss's certainty, due or stop, and why nothing is to be paid, on some days of a household."""
    for seed in range(block * 50, block * 50 + 50):
        rng = random.Random(seed * 2)
        home = random_household(rng)
        for _ in range(25):
            now = at("2026-12-01") + timedelta(days=rng.randrange(DAYS), minutes=rng.randrange(24 * 60))
            for one in due(home, NOTHING_FOUND, now):
                if one.subject.kind in KNOWN:
                    says_as_the_model(one, home, now)


def says_as_the_model(one: Reminder, home: Household, now: datetime) -> None:
    told, kind = facts(one, home, NOTHING_FOUND, now), one.subject.kind
    expected = what_is_said(one.plan, kind, one.subject.date, told.today)
    is_certain = told.loss.is_certain if told.loss else None
    said = Said(
        good=told.good if kind != "charge" else None,
        is_certain=is_certain if kind in ("renewal", "overdue", "lost") else expected.is_certain,
        is_due=falls_due(one.plan),
        leaves=told.leaves if kind in ("renewal", "overdue") else "",
    )
    assert said == expected, f"{one.key} at {now}"


def differences(home: Household, now: datetime) -> set[tuple[str, str]]:
    """Return what only one of the two says."""
    return {(one.person, one.key) for one in due(home, NOTHING_FOUND, now)} ^ to_say(home, now)


def after_an_act(home: Household, today: date, rng: random.Random) -> Household:
    """Return the household after somebody did something about a plan: paid, marked a failure, used the line, left."""
    plan = rng.choice(list(home.plans.values()))
    return replace(home, plans={**home.plans, plan.id: changed(plan, today, rng)})


def changed(plan: Plan, today: date, rng: random.Random) -> Plan:
    act = rng.choice(("paid", "paid", "paid", "failed", "used", "asked", "confirmed", "stays", "settled", "bill"))
    if act == "paid" and plan.every is not None and plan.renews is not None:
        paid = cycles.paid(plan, today=today)
        assert paid is not None
        receipts = (*plan.receipts, Receipt(on=paid.on))
        if plan.autopay and plan.failed_on is None and plan.pay_with != "balance":
            return plan._replace(receipts=receipts)
        return plan._replace(renews=paid.renews, day=paid.day, receipts=receipts, failed_on=None)
    if act == "failed" and plan.autopay:
        return plan._replace(failed_on=today)
    if act == "used" and plan.keep_alive is not None:
        return plan._replace(keep_alive=plan.keep_alive._replace(last=today))
    if act == "bill":
        return plan._replace(bills=tuple(bill._replace(paid_on=today) for bill in plan.bills))
    if plan.cancel is None:
        return plan
    if act == "asked" and plan.cancel.confirmed_on is None:
        return plan._replace(cancel=plan.cancel._replace(requested_on=today))
    if act == "confirmed":
        return plan._replace(cancel=plan.cancel._replace(confirmed_on=today))
    return plan._replace(cancel=None) if act == "stays" else plan
