"""`charge`: money will be taken by itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from households import at, balance, card, household, keys, plan, promo
from renewd.domain.money import Money
from renewd.domain.plans import Receipt
from renewd.reminders import NOTHING_FOUND, due
from renewd.reminders.facts import Tone, facts

WORDS = {"renews": "2026-10-18", "every": "1 month", "autopay": True, "price": "25"}


def leads(one: Any, start: str = "2026-12-01", days: int = 31, **more: Any) -> list[str]:
    return [key.removeprefix("tello/charge/") for key in keys(household(one, **more), start, days, "charge")]


def test_the_day_before_the_charge_and_not_before_the_renewal() -> None:
    assert leads(plan(**WORDS)) == ["2026-12-18/1"]
    assert leads(plan(charge_before="25 hours", **WORDS)) == ["2026-12-16/1"]
    assert leads(plan(charge_before="6 days", **WORDS), days=95) == ["2026-12-12/1", "2027-01-12/1", "2027-02-12/1"]


def test_a_plan_that_somebody_pays_is_not_charged() -> None:
    assert leads(plan(**{**WORDS, "autopay": False})) == []


@pytest.mark.parametrize(
    ("expires", "found"),
    [
        ("2026-12-17", ["7", "1"]),
        ("2026-11-30", ["7", "1"]),
        ("2026-12-18", ["1"]),
        ("2026-12-31", ["1"]),
        (None, ["1"]),
    ],
)
def test_a_card_that_will_have_ended_is_said_a_week_ahead(expires: str | None, found: list[str]) -> None:
    one = plan(pay_with="visa", **WORDS)
    assert leads(one, cards=(card("visa", expires),)) == [f"2026-12-18/{lead}" for lead in found]


def test_a_balance_that_nobody_wrote_down_may_not_suffice() -> None:
    assert leads(plan(pay_with="balance", **WORDS)) == ["2026-12-18/7", "2026-12-18/1"]
    known = plan(pay_with="balance", balance=balance("50", "2026-12-01"), **{**WORDS, "renews": "2026-12-18"})
    assert leads(known, days=200) == ["2026-12-18/1", "2027-01-18/1"]  # and from the third on there is no charge


def test_another_sum_than_last_time_is_said_a_week_ahead_once() -> None:
    one = plan(promo=promo("2027-01-18", "45"), **WORDS)
    assert leads(one, days=80) == ["2026-12-18/1", "2027-01-18/7", "2027-01-18/1", "2027-02-18/1"]
    unknown = plan(promo=promo("2027-01-10", None), **WORDS)
    assert leads(unknown, days=80) == ["2026-12-18/1", "2027-01-18/7", "2027-01-18/1", "2027-02-18/1"]
    same = plan(promo=promo("2027-01-18", "25"), **WORDS)
    assert leads(same, days=80) == ["2026-12-18/1", "2027-01-18/1", "2027-02-18/1"]


def test_own_leads_and_none_as_long_as_the_cycle() -> None:
    assert leads(plan(leads={"charge": (10, 3)}, **WORDS)) == ["2026-12-18/10", "2026-12-18/3"]
    assert leads(plan(leads={"charge": ()}, **WORDS)) == []
    weekly = {**WORDS, "every": "7 days", "pay_with": "balance"}
    assert leads(plan(**weekly), days=10) == ["2026-12-06/1"]


def test_a_pause_takes_nothing_until_it_ends() -> None:
    assert leads(plan(pause_until="2027-01-18", **WORDS), days=60) == ["2027-01-18/1"]
    assert leads(plan(pause_until="2027-01-19", **WORDS), days=60) == []


def test_nothing_is_charged_from_a_failed_charge_on() -> None:
    assert leads(plan(failed_on="2026-11-20", **WORDS), days=90) == []


def test_a_plan_that_ends_is_charged_once() -> None:
    assert leads(plan(renews="2026-12-18", autopay=True), days=90) == ["2026-12-18/1"]


def test_a_cycle_that_costs_nothing_is_no_charge() -> None:
    trial = plan(renews="2026-11-12", every="1 month", autopay=True, price="0", promo=promo("2027-01-12", "15"))
    home = household(trial)
    assert keys(home, "2026-11-01", 90, "charge") == ["tello/charge/2027-01-12/7", "tello/charge/2027-01-12/1"]
    assert keys(home, "2026-11-01", 90, "charged") == ["tello/charged/2027-01-12/-1"]


def test_a_receipt_of_another_sum_is_named_with_the_next_charge() -> None:
    def said(*receipts: Receipt) -> tuple[Tone, Money | None]:
        home = household(plan(**WORDS, receipts=receipts))
        found = next(one for one in due(home, NOTHING_FOUND, at("2026-12-17 12:00")) if one.subject.kind == "charge")
        told = facts(found, home, NOTHING_FOUND, at("2026-12-17 12:00"))
        return told.tone, told.previous

    dearer = Receipt(on=date(2026, 11, 18), amount=Decimal("27.40"))
    assert said(dearer) == ("amber", Money(Decimal("27.40"), "USD"))
    assert said(Receipt(on=date(2026, 11, 18), amount=Decimal(25)), dearer._replace(on=date(2026, 10, 18))) == (
        "green",
        None,
    )
    assert said(Receipt(on=date(2026, 11, 18))) == ("green", None)
