"""`data`: look at the usage before the cycle ends; at once when four fifths are used."""

from __future__ import annotations

from typing import Any

import pytest

from households import at, data, household, keys, listed, plan, said

WORDS: dict[str, Any] = {
    "renews": "2026-11-18",
    "every": "1 month",
    "autopay": True,
    "leads": {"charge": (), "charged": ()},
}
USED = {"data": data(8, 10, "2026-12-01")}


def leads(one: Any, start: str = "2026-12-01", days: int = 80) -> list[str]:
    return [key.removeprefix("tello/data/") for key in keys(household(one), start, days, "data")]


def test_five_days_before_every_renewal() -> None:
    one = plan(data=data(1, 10, "2026-12-01"), **WORDS)
    assert leads(one) == ["2026-12-18/5", "2027-01-18/5", "2027-02-18/5"]


def test_without_data_nothing() -> None:
    assert leads(plan(**WORDS)) == []


@pytest.mark.parametrize(("used", "now"), [(799, False), (800, True), (1000, True), (1200, True)])
def test_at_once_when_four_fifths_are_used(used: int, now: bool) -> None:
    home = household(plan(data=data(used, 1000, "2026-12-01"), **WORDS))
    assert said(home, at("2026-12-02 15:17")) == ({"tello/data/2026-12-18/5"} if now else set())
    assert said(home, at("2026-12-13 12:00")) == {"tello/data/2026-12-18/5"}


def test_at_once_keeps_its_key_and_stands_at_the_beginning_of_the_agenda() -> None:
    home = household(plan(**USED, **WORDS))
    assert listed(home, "2026-12-02", 50) == [
        ("2026-12-02 05:00", "tello/data/2026-12-18/5"),
        ("2027-01-13 14:00", "tello/data/2027-01-18/5"),
    ]


def test_what_was_used_in_an_earlier_cycle_says_nothing_of_this_one() -> None:
    home = household(plan(data=data(8, 10, "2026-12-17"), **WORDS))
    assert said(home, at("2026-12-17 12:00")) == {"tello/data/2026-12-18/5"}
    assert said(home, at("2026-12-19 12:00")) == set()
    renewed = household(plan(data=data(8, 10, "2026-12-18"), **WORDS))  # the new cycle has begun
    assert said(renewed, at("2026-12-18 12:00")) == {"tello/data/2026-12-18/5", "tello/data/2027-01-18/5"}


def test_of_several_leads_the_last_is_said_at_once_so_that_none_was_said_before() -> None:
    home = household(plan(**USED, **{**WORDS, "leads": {**WORDS["leads"], "data": (10, 5, 2)}}))
    assert said(home, at("2026-12-02 12:00")) == {"tello/data/2026-12-18/2"}


def test_no_lead_is_as_long_as_the_cycle_and_none_where_it_is_off() -> None:
    assert leads(plan(data=data(1, 10, "2026-12-01"), **{**WORDS, "every": "5 days"})) == []
    assert leads(plan(**USED, **{**WORDS, "leads": {"data": ()}})) == []


def test_a_limit_of_nothing_and_a_plan_without_dates_say_nothing() -> None:
    assert leads(plan(data=data(5, 0, "2026-12-01"), **WORDS), days=10) == []
    assert leads(plan(**USED)) == []


def test_a_plan_that_ends_is_looked_at_once() -> None:
    assert leads(plan(renews="2026-12-18", data=data(1, 10, "2026-12-01"))) == ["2026-12-18/5"]
