"""The day a brand takes the money, by the shipped catalogue: the last day to cancel that is named avoids the charge."""

from __future__ import annotations

from datetime import date

import pytest

from household_mails import letter
from households import at, day
from renewd.config.messages import say_problem
from renewd.domain.cycles import cancel_by, charge
from renewd.domain.plans import Plan
from renewd.i18n import LANGUAGES
from toml_builder import File

NOW = at("2026-12-01 09:00")
CHARGED = {
    "att-prepaid": "2026-12-19",
    "cricket": "2026-12-19",
    "visible": "2026-12-18",  # 26 hours count as two days
    "red-pocket": "2026-12-18",
    "speedtalk": "2026-12-14",
    "tmobile": "2026-12-17",
    "tello": "2026-12-20",
}
EARLIER = {"visible": "2026-12-16", "speedtalk": "2026-12-13", "tello": "2026-12-19"}


def file(carrier: str, *lines: str) -> File:
    """Return the file of one line that is paid by itself and renews on Dec 20."""
    head = ("[mail]", 'to = "me@example.com"', "[card.visa]", "[plan.line]", f'carrier = "{carrier}"')
    return File("\n".join((*head, "renews = 2026-12-20", 'every = "1 month"', "price = 5", "autopay = true", *lines)))


def line(carrier: str, *lines: str) -> Plan:
    """Return that line."""
    return file(carrier, *lines).load(NOW).household.plans["line"]


@pytest.mark.parametrize(("carrier", "charged"), CHARGED.items())
def test_the_last_day_to_cancel_is_before_the_money_is_taken(carrier: str, charged: str) -> None:
    plan = line(carrier)
    assert charge(plan, 0) == day(charged)
    assert cancel_by(plan, 0) < day(charged)
    if carrier in EARLIER:
        assert cancel_by(plan, 0) == day(EARLIER[carrier])


@pytest.mark.parametrize(("carrier", "charged"), CHARGED.items())
def test_the_mail_to_who_leaves_names_a_day_before_the_charge(carrier: str, charged: str) -> None:
    leaver = file(carrier, "[plan.line.cancel]", "by = 2026-12-20", 'number = "drop"').load(NOW).household
    last = cancel_by(leaver.plans["line"], 0)
    for morning in (last.replace(day=last.day - 1), last):
        asked, _ = letter(leaver, at(f"{morning} 09:00"), kinds=("cancel-by",))
        assert [block.facts.day for block in asked.blocks] == [last]
        assert asked.blocks[0].facts.charge == day(charged)


def test_a_card_is_taken_earlier_where_the_brand_does_so_and_the_user_wins() -> None:
    assert charge(line("att"), 0) == day("2026-12-20")
    assert charge(line("att", 'pay_with = "visa"'), 0) == day("2026-12-07")
    assert charge(line("att", 'pay_with = "visa"', 'charge_before = "2 days"'), 0) == day("2026-12-18")
    assert charge(line("tmobile", 'charge_before = "0 days"'), 0) == date(2026, 12, 20)


def test_a_cycle_that_differs_from_the_catalogue_names_the_brand_in_words() -> None:
    text = file("mint").text.replace('every = "1 month"', 'every = "3 months"')
    (told,) = [one for one in File(text).load(NOW).problems if one.code == "check.cycle-differs"]
    for code, name in zip(LANGUAGES, ("Mint Mobile（薄荷）", "Mint Mobile"), strict=True):
        said = say_problem(told, code)
        assert name in said
        assert "{" not in said
