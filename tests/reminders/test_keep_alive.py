"""`keep-alive`: a line that must be used now and then."""

from __future__ import annotations

from typing import Any

from households import at, household, keep_alive, keys, plan, said

LATER = [-1, -3, -7, *range(-14, -85, -7)]


def leads(one: Any, start: str, days: int = 365) -> list[str]:
    return [key.removeprefix("tello/keep-alive/") for key in keys(household(one), start, days, "keep-alive")]


def test_before_its_day_it_is_said_six_times_and_then_begins_anew() -> None:
    one = plan(keep_alive=keep_alive("90 days", "2026-09-01"))  # so until 30 November
    ahead = (30, 14, 7, 3, 1, 0)
    assert leads(one, "2026-10-15", 140) == [f"{on}/{lead}" for on in ("2026-11-30", "2027-02-28") for lead in ahead]


def test_on_its_day_it_will_be_done_today() -> None:
    assert leads(plan(keep_alive=keep_alive("90 days", "2026-09-01")), "2026-11-30", 20) == ["2026-11-30/0"]


def test_once_its_day_is_over_it_is_said_until_it_was_done() -> None:
    one = plan(keep_alive=keep_alive("90 days", "2026-09-01"))
    assert leads(one, "2026-12-01") == [f"2026-11-30/{lead}" for lead in LATER]
    assert said(household(one), at("2028-01-01 12:00")) == {"tello/keep-alive/2026-11-30/-84"}
    done = plan(keep_alive=keep_alive("90 days", "2026-12-01"))
    assert said(household(done), at("2026-12-02 12:00")) == set()


def test_no_lead_is_as_long_as_its_own_cycle() -> None:
    assert leads(plan(keep_alive=keep_alive("30 days", "2026-11-01")), "2026-11-01", 31) == [
        f"2026-12-01/{lead}" for lead in (14, 7, 3, 1, 0)
    ]
    assert leads(plan(keep_alive=keep_alive("31 days", "2026-11-01")), "2026-11-01", 3) == ["2026-12-02/30"]


def test_half_years_are_counted_from_the_last_use() -> None:
    one = plan(keep_alive=keep_alive("6 months", "2026-08-31"))
    assert [key for key in leads(one, "2027-02-01", 400) if key.endswith("/0")] == [
        "2027-02-28/0",
        "2027-08-31/0",
        "2028-02-29/0",
    ]


def test_own_leads() -> None:
    words = {"keep_alive": keep_alive("90 days", "2026-09-01")}
    assert leads(plan(leads={"keep-alive": (10, -2)}, **words), "2026-11-01", 60) == ["2026-11-30/10"]
    assert leads(plan(leads={"keep-alive": (10, -2)}, **words), "2026-12-01", 20) == [
        "2026-11-30/-2", "2026-11-30/-9", "2026-11-30/-16",
    ]  # fmt: skip
    assert leads(plan(leads={"keep-alive": ()}, **words), "2026-11-01") == []


def test_it_stands_beside_the_renewals_of_the_same_plan() -> None:
    one = plan(renews="2026-11-12", every="1 year", keep_alive=keep_alive("90 days", "2026-09-01"))
    assert said(household(one), at("2026-11-09 12:00")) == {
        "tello/renewal/2026-11-12/3",
        "tello/keep-alive/2026-11-30/30",
    }
