"""`overdue`: service has stopped, and nobody said that it was paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from households import at, balance, carrier, household, keys, listed, plan, said
from renewd.reminders import NOTHING_FOUND, due

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


def test_a_weekly_lead_comes_on_its_day_however_near_a_mail_about_the_loss_is() -> None:
    home = household(plan(renews="2026-11-12", every="30 days", grace="30 days"))
    found = [(at_[:10], key.removeprefix("tello/")) for at_, key in listed(home, "2026-11-20", 25)]
    assert [one for one in found if "overdue" in one[1] or "lost" in one[1]] == [
        ("2026-11-26", "overdue/2026-11-12/-14"),
        ("2026-11-28", "lost/2026-12-12/14"),
        ("2026-12-03", "overdue/2026-11-12/-21"),
        ("2026-12-05", "lost/2026-12-12/7"),
        ("2026-12-09", "lost/2026-12-12/3"),
        ("2026-12-10", "lost/2026-12-12/2"),
        ("2026-12-10", "overdue/2026-11-12/-28"),
        ("2026-12-11", "lost/2026-12-12/1"),
        ("2026-12-12", "lost/2026-12-12/0"),
        ("2026-12-13", "lost/2026-12-12/-1"),
    ]


@pytest.mark.parametrize("start", ["2026-12-07", "2027-03-17"])  # of the worst days to begin on
def test_who_never_marks_gets_at_most_52_mails_a_year(start: str) -> None:
    first = at(f"{start} 10:00")
    home = household(plan(renews=str((first + timedelta(days=3)).date()), every="30 days", grace="30 days"))
    sent: dict[str, int] = {}
    mails = 0
    for n in range(365):
        found = due(home, NOTHING_FOUND, first + timedelta(days=n))
        new = [one for one in found if sent.get(one.subject.stem, 999) > one.lead]
        sent |= {one.subject.stem: one.lead for one in new}
        mails += bool(new)
    assert mails <= 52
