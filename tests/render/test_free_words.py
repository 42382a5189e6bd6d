"""The sentences about a plan that costs nothing: no sum of 0, and nothing of a payment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from household_mails import World, home, letter
from households import at, bill, carrier, day, plan
from renewd.domain.plans import Cancel, Plan, Promo
from renewd.i18n import LANGUAGES, language
from renewd.reminders import NOTHING_FOUND, due
from renewd.reminders.facts import facts
from renewd.render import labels
from renewd.render.mail import render
from renewd.render.push_words import push_words

PAYING = {
    "zh-CN": ("付款前", "付清", "现在付", "要自己付", "付好以后", "付过", "付款凭证", "扣款 "),
    "en": ("Pay by", "Pay now", "pay by", "pay it", "pay now", "Paid", "receipt"),
}
FREE = plan(
    "zero", name="Zero", number="+12065550142", renews="2027-01-05", every="1 month", price="0", grace="30 days"
)
CHARGED = FREE._replace(autopay=True)
PLANS = {
    "renewed by hand": FREE,
    "autopay failed": CHARGED._replace(failed_on=day("2027-01-05")),
    "postpaid": FREE._replace(carrier=carrier(kind="postpaid"), grace=None),
    "no line": FREE._replace(kind="other", number=None, grace=None),
    "port": CHARGED._replace(cancel=Cancel(number="port", by=day("2027-01-05"))),
    "drop by hand": FREE._replace(cancel=Cancel(number="drop")),
    "no line, left": CHARGED._replace(kind="other", number=None, grace=None, cancel=Cancel(number="drop")),
    "undecided": CHARGED._replace(cancel=Cancel()),
    "free soon": CHARGED._replace(price=Decimal(3), promo=Promo(day("2027-01-20"), Decimal(0))),
}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", PLANS)
def test_no_mail_about_a_free_plan_names_a_sum_or_a_payment(name: str, code: str) -> None:
    house = home(World(code), PLANS[name])
    for when in ("2027-01-01 12:00", "2027-01-04 12:00", "2027-01-06 12:00", "2027-01-30 12:00"):
        kinds = {one.subject.kind for one in due(house, NOTHING_FOUND, at(when))} - {"digest"}
        if not kinds:
            continue
        message, _ = letter(house, at(when), kinds=tuple(kinds))
        words = " ".join(render(message, house).text.split())
        assert "0.00" not in words.replace("$3.00", ""), words
        if name != "free soon":
            assert [said for said in PAYING[code] if said in words] == [], words


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_costs_nothing_is_headed_renew_and_not_pay(code: str) -> None:
    for price, head in (("0", {"zh-CN": "[续费", "en": "[Renew"}), ("5", {"zh-CN": "[付款", "en": "[Pay"})):
        one = PLANS["postpaid"]._replace(price=Decimal(price))
        house = home(World(code), one)
        message, _ = letter(house, at("2027-01-04 12:00"), kinds=("renewal",))
        assert head[code] in render(message, house).text
        title = labels.title("renewal", 1, code, labels.manner("renewal", one, 0))
        assert title.casefold().startswith(head[code][1:].casefold())


def test_nobody_owes_a_bill_of_nothing() -> None:
    def kinds(amount: str) -> set[str]:
        one: Plan = plan(
            "main", renews="2027-06-05", every="1 month", bills=(bill("Fee", "2027-01-05", amount=amount),)
        )
        return {told.subject.kind for told in due(home(World("en"), one), NOTHING_FOUND, at("2027-01-06 12:00"))}

    assert "bill" in kinds("1")
    assert "bill" not in kinds("0")


@pytest.mark.parametrize("autopay", [True, False])
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_free_plan_that_is_changed_has_nothing_to_lose_by_a_day(code: str, autopay: bool) -> None:
    """It goes on for nothing either way, whether it is changed in time or not."""
    moves = CHARGED._replace(autopay=autopay, cancel=Cancel(number="move"))
    subject = render(*letter(home(World(code), moves), at("2027-01-03 12:00"), kinds=("cancel-by",))).subject
    assert not [said for said in (", or ", "否则") if said in subject]


@pytest.mark.parametrize(("code", "said"), [("en", "It is free"), ("zh-CN", "它不收费")])
def test_a_push_about_leaving_a_free_plan_says_that_nothing_is_taken(code: str, said: str) -> None:
    house, now = home(World(code), CHARGED._replace(cancel=Cancel(number="port"))), at("2027-01-03 12:00")
    [told] = [one for one in due(house, NOTHING_FOUND, now) if one.subject.kind == "cancel-by"]
    assert said in push_words(facts(told, house, NOTHING_FOUND, now), language(code)).text
