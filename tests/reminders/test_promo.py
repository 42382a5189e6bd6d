"""`promo`: an offer ends."""

from __future__ import annotations

from households import at, household, keys, plan, promo, said


def test_a_month_and_a_week_ahead_whatever_the_cycle() -> None:
    one = plan(renews="2026-12-15", every="7 days", autopay=True, promo=promo("2027-02-28", "60"))
    assert keys(household(one), "2027-01-01", 90, "promo") == ["tello/promo/2027-02-28/30", "tello/promo/2027-02-28/7"]


def test_until_its_day() -> None:
    home = household(plan(promo=promo("2027-02-28", "60")))
    assert said(home, at("2027-02-28 23:59")) == {"tello/promo/2027-02-28/7"}
    assert said(home, at("2027-03-01 00:00")) == set()


def test_own_leads() -> None:
    own = plan(promo=promo("2027-02-28", "60"), leads={"promo": (60, -1)})
    assert keys(household(own), "2026-12-01", 120, "promo") == ["tello/promo/2027-02-28/60"]
    assert keys(household(plan(promo=promo("2027-02-28", "60"), leads={"promo": ()})), "2026-12-01", 120, "promo") == []
