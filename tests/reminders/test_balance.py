"""`balance`: the first charge that the money on the account does not cover."""

from __future__ import annotations

from typing import Any

import pytest

from households import at, balance, household, keys, plan, said

WORDS = {"renews": "2026-12-18", "every": "1 month", "pay_with": "balance", "price": "25"}


def leads(one: Any, start: str = "2026-12-01", days: int = 200) -> list[str]:
    return [key.removeprefix("tello/balance/") for key in keys(household(one), start, days, "balance")]


@pytest.mark.parametrize("autopay", [True, False])
def test_ahead_of_the_first_charge_that_is_not_covered(autopay: bool) -> None:
    one = plan(balance=balance("49.99", "2026-12-01"), charge_before="25 hours", autopay=autopay, **WORDS)
    assert leads(one) == [f"2027-01-16/{lead}" for lead in (14, 7, 3, 1)]


def test_until_its_day() -> None:
    home = household(plan(balance=balance("0", "2026-12-01"), **WORDS))
    assert "tello/balance/2026-12-18/1" in said(home, at("2026-12-18 23:59"))
    assert {key for key in said(home, at("2026-12-19 00:00")) if "balance" in key} == set()


def test_no_lead_is_as_long_as_the_cycle() -> None:
    one = plan(balance=balance("50", "2026-12-01"), **{**WORDS, "every": "14 days"})
    assert leads(one) == [f"2027-01-01/{lead}" for lead in (7, 3, 1)]  # 4 and 18 December are covered


def test_where_nothing_is_known_or_nothing_runs_out() -> None:
    assert leads(plan(**WORDS)) == []
    assert leads(plan(balance=balance("0", "2026-12-01"), **{**WORDS, "pay_with": None})) == []
    assert leads(plan(balance=balance("0", "2026-12-01"), **{**WORDS, "price": "0"})) == []
    assert leads(plan(balance=balance("0", "2026-12-01"), **{**WORDS, "price": None}))[0] == "2026-12-18/14"


def test_own_leads() -> None:
    assert leads(plan(balance=balance("0", "2026-12-01"), leads={"balance": (5,)}, **WORDS)) == ["2026-12-18/5"]
    assert leads(plan(balance=balance("0", "2026-12-01"), leads={"balance": ()}, **WORDS)) == []


def test_a_charge_that_failed_does_not_change_what_the_balance_covers() -> None:
    one = plan(balance=balance("25", "2026-12-01"), failed_on="2026-12-18", autopay=True, **WORDS)
    assert {key for key in said(household(one), at("2027-01-17 12:00")) if "balance" in key} == {
        "tello/balance/2027-01-18/1"
    }
