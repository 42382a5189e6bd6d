"""`card`: a card ends while plans on autopay are paid by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from households import at, card, day, household, listed, person, plan, promo, said
from renewd.domain.findings import NOTHING_FOUND
from renewd.domain.plans import Cancel
from renewd.reminders import due
from renewd.reminders.facts import facts

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


def test_it_names_the_plans_that_are_still_charged_once_it_has_ended_at_the_price_of_that_day() -> None:
    monthly: dict[str, Any] = WORDS | {"every": "1 month", "price": "25"}
    stays = plan("a", promo=promo("2027-03-20", "45"), **monthly)
    leaves = plan("b", cancel=Cancel(how="lapse", number="drop"), **monthly)
    home, now = household(stays, leaves, cards=(card("visa", "2027-03-31"),)), at("2027-04-02 12:00")
    [said_now] = (one for one in due(home, NOTHING_FOUND, now) if one.subject.kind == "card")
    named = facts(said_now, home, NOTHING_FOUND, now).plans
    assert [(one.id, one.price) for one in named] == [("a", Decimal(45))]
