"""The sentences about what is no line, beside those of the kinds: nothing of a payment where none is asked for."""

from __future__ import annotations

import pytest

from household_mails import OLD_VISA, World, home, letter
from households import at, bill, day, length, plan
from renewd.domain.plans import Cancel, KeepAlive, Plan
from renewd.i18n import LANGUAGES
from renewd.render.mail import render

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
