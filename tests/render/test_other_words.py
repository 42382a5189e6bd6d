"""The sentences about what is no line, beside those of the kinds: nothing of a payment where none is asked for."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from household_mails import OLD_VISA, VISA, World, home, letter
from households import at, bill, day, length, plan
from renewd.domain.plans import Balance, Cancel, KeepAlive, Plan
from renewd.i18n import LANGUAGES, language
from renewd.reminders import NOTHING_FOUND, agenda
from renewd.reminders.facts import facts
from renewd.render.mail import render
from renewd.render.push_words import push_words

PAYING = {"zh-CN": ("付款前核对", "改成新的日期"), "en": ("Before you pay", "to the new date")}
PASSPORT = plan("passport", kind="other", name="Passport", renews="2027-08-03")
MAILBOX = plan("mailbox", kind="other", keep_alive=KeepAlive(length("1 year"), day("2025-12-20"), "sign in once"))
NETFLIX = plan("netflix", kind="other", renews="2027-01-05", every="1 month", price="18", autopay=True, pay_with="visa")


def mail(one: Plan, code: str, when: str, kind: str) -> str:
    """Return the text of what `me` is told of a plan, of one kind."""
    house = home(World(code), one, cards=(OLD_VISA,))
    return " ".join(render(*letter(house, at(when), kinds=(kind,))).text.split())


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("one", "when", "kind"),
    [
        (MAILBOX, "2026-12-25 12:00", "keep-alive"),
        (NETFLIX, "2027-01-04 12:00", "charge"),
        (NETFLIX, "2027-01-07 12:00", "charged"),
        (NETFLIX._replace(cancel=Cancel(by=day("2027-03-01"))), "2027-02-03 12:00", "cancel-by"),
        (NETFLIX._replace(cancel=Cancel(requested_on=day("2026-12-01"))), "2026-12-10 12:00", "unconfirmed"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_only_a_mail_that_asks_for_a_payment_tells_how_to_pay(one: Plan, when: str, kind: str, code: str) -> None:
    words = mail(one, code, when, kind)
    assert not [said for said in PAYING[code] if said in words], words


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_still_to_do_before_leaving_is_listed(code: str) -> None:
    leaving = NETFLIX._replace(cancel=Cancel(by=day("2027-03-01")), bills=(bill("Late fee", "2027-02-10"),))
    assert "Late fee" in mail(leaving, code, "2027-02-03 12:00", "cancel-by")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_paper_has_no_price_to_look_for(code: str) -> None:
    of_prices = {
        "zh-CN": ("以网站上的为准", "费用", "付款", "付过", "续费"),
        "en": ("the site shows", "what the site says", "paid for", "Before you pay", "Paid?", "If you have paid"),
    }
    for when, kind in (
        ("2027-07-28 12:00", "renewal"),
        ("2027-08-03 12:00", "renewal"),
        ("2027-08-04 12:00", "overdue"),
    ):
        words = mail(PASSPORT, code, when, kind)
        assert [said for said in of_prices[code] if said in words] == []


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "cancel",
    [Cancel(number="drop"), Cancel(how="lapse", number="drop"), Cancel(number="drop", requested_on=day("2026-12-02"))],
    ids=["cancel", "lapse", "requested"],
)
@pytest.mark.parametrize("pays", ["autopay", "by-hand", "balance"])
def test_what_is_no_line_is_canceled_and_not_left(code: str, cancel: Cancel, pays: str) -> None:
    """In mails and pushes of every kind."""
    one = NETFLIX._replace(cancel=cancel, autopay=pays == "autopay")
    if pays == "balance":
        one = one._replace(autopay=True, pay_with="balance", balance=Balance(Decimal(20), day("2026-12-20")))
    house, now = home(World(code), one, cards=(VISA,)), at("2026-12-03 12:00")
    found = [each for each in agenda(house, NOTHING_FOUND, now, now + timedelta(days=90)) if each.subject.plan is one]
    assert found
    for each in found:
        words = render(*letter(house, each.moment, kinds=(each.subject.kind,)))
        push = push_words(facts(each, house, NOTHING_FOUND, each.moment), language(code))
        said = f"{words.subject} {words.text} {push.title} {push.text}"
        assert not re.search({"zh-CN": "离开", "en": r"\b[Ll]eav"}[code], said), each.key
