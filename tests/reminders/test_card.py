"""`card`: a card ends while plans on autopay are paid by it."""

from __future__ import annotations

from households import at, card, day, household, listed, person, plan, said
from renewd.domain.plans import Cancel

WORDS = {
    "autopay": True,
    "pay_with": "visa",
    "renews": "2026-12-15",
    "every": "1 year",
    "leads": {"charge": (), "charged": ()},
}


def test_ahead_of_the_end_of_its_month_and_a_week_after() -> None:
    home = household(plan(**WORDS), cards=(card("visa", "2027-03-31"),))
    assert [key for _, key in listed(home, "2027-01-01", 200)] == [
        f"@visa/card/2027-03-31/{n}" for n in (60, 30, 7, 0, -7)
    ]


def test_it_goes_to_everybody_whom_any_of_its_plans_names_and_to_each_in_their_zone() -> None:
    home = household(
        plan("a", told=("me",), **WORDS), plan("b", told=("mom", "me"), **WORDS), plan("c", told=("dad",)),
        cards=(card(),), me=person(), mom=person("mom", zone="Asia/Shanghai"), dad=person("dad"),
    )  # fmt: skip
    assert listed(home, "2027-03-20", 10) == [("2027-03-24 13:00", "@visa/card/2027-03-31/7")]
    assert listed(home, "2027-03-20", 10, to="mom") == [("2027-03-24 01:00", "@visa/card/2027-03-31/7")]
    assert listed(home, "2027-03-20", 10, to="dad") == []


def test_a_card_that_no_plan_on_autopay_names_is_silent() -> None:
    for words in ({"autopay": False, "pay_with": "visa"}, {"autopay": True, "pay_with": "other"}, {"autopay": True}):
        home = household(plan(**words), cards=(card(), card("other", None)))
        assert said(home, at("2027-03-25 12:00")) == set()


def test_a_card_of_a_plan_that_was_left_is_silent() -> None:
    home = household(plan(cancel=Cancel(confirmed_on=day("2027-02-01")), **WORDS), cards=(card(),))
    assert said(home, at("2027-03-25 12:00")) == set()


def test_for_thirty_days_it_is_worth_saying() -> None:
    home = household(plan(**WORDS), cards=(card("visa", "2027-03-31"),))
    assert said(home, at("2027-04-30 23:59")) == {"@visa/card/2027-03-31/-7"}
    assert said(home, at("2027-05-01 00:00")) == set()


def test_the_households_leads() -> None:
    own = household(plan(**WORDS), cards=(card(),), leads={"card": (90,)})
    assert [key for _, key in listed(own, "2026-12-20", 120)] == ["@visa/card/2027-03-31/90"]
    off = household(plan(**WORDS), cards=(card(),), leads={"card": ()})
    assert listed(off, "2026-12-20", 120) == []
