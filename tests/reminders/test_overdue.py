"""`overdue`: service has stopped, and nobody said that it was paid."""

from __future__ import annotations

from households import at, balance, carrier, household, keys, listed, plan, said

LATER = [-1, -2, -3, -5, -7, *range(-14, -85, -7)]


def test_after_the_day_it_is_said_ever_less_often_for_twelve_weeks() -> None:
    home = household(plan(renews="2026-11-12", every="30 days"))
    assert keys(home, "2026-11-13", 365, "overdue") == [f"tello/overdue/2026-11-12/{lead}" for lead in LATER]
    assert listed(home, "2026-11-13", 2)[0] == ("2026-11-13 14:00", "tello/overdue/2026-11-12/-1")


def test_nothing_is_overdue_on_the_day_itself() -> None:
    home = household(plan(renews="2026-11-12", every="30 days"))
    assert keys(home, "2026-11-12", 365, "overdue") == []
    assert said(home, at("2026-11-12 23:59")) == {"tello/renewal/2026-11-12/0"}


def test_it_stays_said_until_somebody_pays() -> None:
    words = {"every": "30 days"}
    assert said(household(plan(renews="2025-11-12", **words)), at("2026-11-12 12:00")) >= {
        "tello/overdue/2025-11-12/-84"
    }
    assert said(household(plan(renews="2026-12-12", **words)), at("2026-11-13 12:00")) == set()


def test_a_plan_on_autopay_is_overdue_only_once_its_charge_failed() -> None:
    words = {"renews": "2026-10-12", "every": "1 month", "autopay": True}
    assert keys(household(plan(**words)), "2026-11-15", 30, "overdue") == []
    failed = household(plan(failed_on="2026-11-13", **words))
    assert keys(failed, "2026-11-15", 3, "overdue") == [f"tello/overdue/2026-11-12/{lead}" for lead in (-3, -5)]


def test_a_balance_that_ran_out_is_overdue_like_any_plan() -> None:
    one = plan(
        renews="2026-11-12",
        every="30 days",
        price="5",
        autopay=True,
        pay_with="balance",
        balance=balance("5", "2026-11-01"),
    )
    assert keys(household(one), "2026-12-13", 3, "overdue") == [
        f"tello/overdue/2026-12-12/{lead}" for lead in (-1, -2, -3)
    ]


def test_own_leads_replace_ours_but_cannot_silence_it() -> None:
    own = plan(renews="2026-11-12", every="30 days", leads={"overdue": (-1, -10)})
    assert keys(household(own), "2026-11-13", 365, "overdue") == [
        f"tello/overdue/2026-11-12/{lead}" for lead in (-1, *range(-10, -85, -7))
    ]
    off = plan(renews="2026-11-12", every="30 days", leads={"overdue": ()})
    assert len(keys(household(off), "2026-11-13", 365, "overdue")) == len(LATER)


def test_once_the_number_is_lost_the_weeks_end() -> None:
    def leads(**words: object) -> list[str]:
        one = plan(renews="2026-11-12", every="30 days", **words)
        return [key.rpartition("/")[2] for key in keys(household(one), "2026-11-13", 365, "overdue")]

    assert leads(grace="30 days") == ["-1", "-2", "-3", "-5", "-7", "-14", "-21", "-28"]
    assert leads(grace="28 days") == ["-1", "-2", "-3", "-5", "-7", "-14", "-21"]  # `lost` is said on that day
    assert leads(grace="2 days") == ["-1", "-2", "-3", "-5", "-7"]
    assert leads(grace="2 days", leads={"overdue": (-4, -20)}) == ["-4", "-20"]
    assert leads(carrier=carrier()) == [str(lead) for lead in LATER]  # no figure is published: nobody knows


def test_a_plan_that_simply_ended_is_overdue_too() -> None:
    assert said(household(plan(renews="2026-11-12")), at("2026-11-14 12:00")) == {"tello/overdue/2026-11-12/-2"}
