"""`pause`: a pause ends by itself."""

from __future__ import annotations

from households import at, household, keys, plan, said


def test_a_week_and_a_day_ahead() -> None:
    home = household(plan(pause_until="2027-05-01"))
    assert keys(home, "2027-04-01", 60, "pause") == ["tello/pause/2027-05-01/7", "tello/pause/2027-05-01/1"]


def test_until_its_day() -> None:
    home = household(plan(pause_until="2027-05-01"))
    assert said(home, at("2027-05-01 23:59")) == {"tello/pause/2027-05-01/1"}
    assert said(home, at("2027-05-02 00:00")) == set()


def test_own_leads() -> None:
    assert keys(household(plan(pause_until="2027-05-01", leads={"pause": ()})), "2027-04-01", 60, "pause") == []
