"""`renewal`: a plan that somebody must pay."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from households import NEW_YORK, at, balance, carrier, day, household, keys, listed, person, plan, promo, said
from renewd.domain.dates import Duration, instant, nth
from renewd.reminders import NOTHING_FOUND, agenda


def leads(one: Any, start: str = "2026-11-01", days: int = 30) -> list[str]:
    return [key.removeprefix("tello/renewal/") for key in keys(household(one), start, days, "renewal")]


def test_a_month_of_a_thirty_day_plan() -> None:
    home = household(plan(renews="2026-11-12", every="30 days"))
    assert listed(home, "2026-11-01", 30) == [
        ("2026-11-05 14:00", "tello/renewal/2026-11-12/7"),
        ("2026-11-09 14:00", "tello/renewal/2026-11-12/3"),
        ("2026-11-11 14:00", "tello/renewal/2026-11-12/1"),
        ("2026-11-12 14:00", "tello/renewal/2026-11-12/0"),
    ]


def test_a_series_ends_with_the_first_date_on_which_no_cycle_begins() -> None:
    found = leads(plan(renews="2026-11-20", every="7 days", ends="2026-12-01"), days=60)
    assert sorted({key[:10] for key in found}) == ["2026-11-20", "2026-11-27", "2026-12-04"]


@pytest.mark.parametrize("renews", ["2026-11-15", "2027-01-15"])
def test_after_the_last_installment_nothing_is_asked_for(renews: str) -> None:
    home = household(plan("sofa", kind="other", renews=renews, every="1 month", ends="2027-01-15", price="40"))
    now = at("2026-11-14 12:00")
    found = {
        one.subject.date for one in agenda(home, NOTHING_FOUND, now, now + timedelta(days=200)) if one.subject.plan
    }
    assert found == {day(on) for on in ("2026-11-15", "2026-12-15") if on >= renews}
    assert said(home, at("2027-01-16 12:00")) <= {"sofa/overdue/2026-11-15/-28", "sofa/overdue/2026-11-15/-7"}


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("30 days", ["7", "3", "1", "0"]),
        ("31 days", ["7", "3", "1", "0"]),
        ("1 month", ["7", "3", "1", "0"]),
        ("32 days", ["14", "7", "3", "1", "0"]),
        ("2 months", ["14", "7", "3", "1", "0"]),
        ("1 year", ["14", "7", "3", "1", "0"]),
        (None, ["7", "3", "1", "0"]),
        ("8 days", ["7", "3", "1", "0"]),
        ("7 days", ["3", "1", "0"]),
        ("3 days", ["1", "0"]),
        ("1 day", ["0"]),
    ],
)
def test_no_lead_is_as_long_as_the_cycle_and_long_ones_have_a_fortnight(every: str | None, expected: list[str]) -> None:
    found = leads(plan(renews="2026-11-20", every=every))
    assert [key[11:] for key in found if key.startswith("2026-11-20")] == expected


@pytest.mark.parametrize(
    ("own", "expected"),
    [((30, 7, 1), ["7", "1"]), ((29, 1), ["29", "1"]), ((0,), ["0"]), ((), []), ((40,), []), ((1, -1), ["1"])],
)
def test_own_leads_replace_ours_and_the_cycle_still_bounds_them(own: tuple[int, ...], expected: list[str]) -> None:
    found = leads(plan(renews="2026-11-29", every="30 days", leads={"renewal": own}), "2026-10-20", 45)
    assert [key[11:] for key in found if key.startswith("2026-11-29")] == expected


def test_a_plan_on_autopay_needs_nobody() -> None:
    assert leads(plan(renews="2026-11-12", every="30 days", autopay=True)) == []


def test_a_line_that_is_kept_alive_only_has_no_renewal() -> None:
    assert leads(plan()) == []


def test_a_plan_without_a_cycle_ends_once() -> None:
    assert leads(plan(renews="2026-11-12"), days=365) == [f"2026-11-12/{n}" for n in (7, 3, 1, 0)]


def test_a_failed_charge_makes_its_cycle_one_to_pay() -> None:
    words = {"renews": "2026-10-12", "every": "1 month", "autopay": True, "charge_before": "2 days"}
    assert leads(plan(failed_on="2026-11-10", **words), "2026-11-11", 10) == ["2026-11-12/1", "2026-11-12/0"]


def test_what_a_balance_covers_is_not_asked_for() -> None:
    words = {"renews": "2026-11-12", "every": "30 days", "price": "5", "pay_with": "balance"}
    one = plan(balance=balance("5", "2026-11-01"), **words)
    assert {key[:10] for key in leads(one, days=60)} == {"2026-12-12"}
    after = plan(balance=balance("5", "2026-11-01"), promo=promo("2026-11-10", "9"), autopay=True, **words)
    assert {key[:10] for key in leads(after)} == {"2026-11-12"}


def test_while_one_is_overdue_the_next_computed_one_is_said_too() -> None:
    home = household(plan(renews="2026-11-12", every="30 days"))
    assert said(home, at("2026-12-09 09:00")) == {"tello/overdue/2026-11-12/-21", "tello/renewal/2026-12-12/3"}
    assert said(home, at("2026-12-05 09:00")) == {"tello/overdue/2026-11-12/-21"}
    one = plan(renews="2026-11-12", every="30 days")
    assert leads(one, "2026-12-01", 50) == [f"{on}/{n}" for on in ("2026-12-12", "2027-01-11") for n in (3, 1)]
    own = plan(renews="2026-11-12", every="30 days", leads={"renewal": (5, 2)})
    assert leads(own, "2026-12-01", 15) == ["2026-12-12/5", "2026-12-12/2"]


def test_on_its_day_it_is_worth_saying_and_not_on_the_next() -> None:
    home = household(plan(renews="2026-11-12", every="30 days"))
    assert "tello/renewal/2026-11-12/0" in said(home, at("2026-11-12 23:59"))
    assert said(home, at("2026-11-13 00:00")) == set()


@given(st.integers(1, 60), st.lists(st.integers(0, 70), min_size=1, max_size=5, unique=True))
def test_every_cycle_comes_with_every_lead_that_fits(every: int, own: list[int]) -> None:
    cycle, fitting = Duration(every, "days"), [lead for lead in own if lead < every]
    first = day("2026-11-12")
    one = plan(renews=first, every=cycle, leads={"renewal": tuple(sorted(own, reverse=True))})
    start, end = at("2026-11-12"), at("2027-06-01")
    found = [item for item in agenda(household(one), NOTHING_FOUND, start, end) if item.subject.kind == "renewal"]
    expected = {
        f"tello/renewal/{on}/{lead}"
        for on in (nth(first, cycle, n) for n in range(400))
        for lead in fitting
        if start <= instant(on - timedelta(days=lead), time(9), NEW_YORK) < end
    }
    assert {item.key for item in found} == expected
    assert len(found) == len(expected)


def test_every_person_is_told_at_their_own_time() -> None:
    home = household(
        plan(renews="2026-11-12", every="30 days", told=("me", "mom")),
        me=person(), mom=person("mom", zone="Asia/Shanghai"), dad=person("dad"),
    )  # fmt: skip
    assert listed(home, "2026-11-11", 1) == [("2026-11-11 14:00", "tello/renewal/2026-11-12/1")]
    assert listed(home, "2026-11-10", 2, to="mom") == [
        ("2026-11-11 01:00", "tello/renewal/2026-11-12/1"),
        ("2026-11-12 01:00", "tello/renewal/2026-11-12/0"),
    ]
    assert listed(home, "2026-11-01", 60, to="dad") == []


def test_a_month_end_is_kept_through_a_year_of_reminders() -> None:
    one = plan(renews="2027-02-28", every="1 month", day=31, leads={"renewal": (0,)}, carrier=carrier(kind="postpaid"))
    days = [key[:10] for key in leads(one, "2027-02-01", 365)]
    assert [key[5:] for key in days] == [
        "02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31", "01-31",
    ]  # fmt: skip
    assert all(earlier < later for earlier, later in pairwise(days))
