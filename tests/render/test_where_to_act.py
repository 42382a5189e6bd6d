"""Where to act: every mail about a renewal, a charge, a bill or leaving says where, for every brand of the catalogue."""

from __future__ import annotations

from functools import cache

import pytest

from household_mails import letter
from households import at
from renewd.i18n import LANGUAGES
from renewd.reminders.kinds import KINDS
from renewd.render.mail import RenderedMail, render
from toml_builder import File, catalogue

NOW = at("2026-12-02 09:00")
KINDS_WITH_A_PLACE = ("renewal", "charge", "bill", "cancel-by", "overdue", "unconfirmed")


def plan(carrier: str, *lines: str, language: str = "en") -> File:
    """Return the file of a household with one line of a carrier."""
    head = ("[mail]", 'to = "me@example.com"', "[plan.line]", f'carrier = "{carrier}"' if carrier else "")
    return File("\n".join((f'language = "{language}"', *head, 'number = "+12065550142"', "price = 5", *lines)))


BODIES = {
    "renewal": ("renews = 2026-12-05", 'every = "30 days"'),
    "overdue": ("renews = 2026-12-01", 'every = "30 days"'),
    "charge": ("renews = 2026-12-03", 'every = "30 days"', "autopay = true", 'charge_before = "0 days"'),
    "bill": ("renews = 2026-12-30", 'every = "30 days"', "[[plan.line.bill]]", 'what = "A"', "due = 2026-12-03"),
    "cancel-by": (
        "renews = 2026-12-06", 'every = "30 days"', "autopay = true", 'charge_before = "0 days"', 'cut_off = "2 days"',
        "[plan.line.cancel]", "by = 2026-12-05", 'number = "drop"',
    ),
    "unconfirmed": (
        "renews = 2026-12-30", 'every = "30 days"', "[plan.line.cancel]", 'number = "drop"', "requested_on = 2026-11-29",
    ),
}  # fmt: skip


@cache
def mail(kind: str, carrier: str, language: str = "en", *lines: str) -> RenderedMail:
    """Return the mail of a kind about a line of a carrier."""
    home = plan(carrier, *lines, *BODIES[kind], language=language).load(NOW).household
    asked, home = letter(home, NOW, kinds=(kind,))
    assert [block.facts.kind for block in asked.blocks] == [kind]
    return render(asked, home)


def flat(text: str) -> str:
    """Return a text without the breaks of its lines."""
    return " ".join(text.split())


@pytest.mark.parametrize("carrier", catalogue())
@pytest.mark.parametrize("kind", KINDS_WITH_A_PLACE)
def test_a_mail_says_where_for_every_brand(kind: str, carrier: str) -> None:
    brand = catalogue()[carrier]
    assert brand.site is not None
    for code in LANGUAGES:
        said = mail(kind, carrier, code)
        known = brand.renew_url is not None and brand.facts["renew"].confidence != "low"
        page = brand.renew_url if KINDS[kind].pays and known else brand.site
        assert page in said.text
        assert f'href="{page}"' in said.html
        if brand.app:
            assert brand.app in flat(said.text)
        if any(line.tel for line in brand.hotlines):
            assert "tel:+1" in said.html
        if kind == "cancel-by" and brand.cancel_url:
            assert brand.cancel_url in said.text


def test_the_page_that_the_user_wrote_comes_first() -> None:
    mine = 'site = "https://pay.example.com/line"'
    for kind in ("renewal", "charge", "bill"):
        said = mail(kind, "tello", "en", mine)
        assert "https://pay.example.com/line" in said.text
        assert 'href="https://tello.com' not in said.html
    assert "Renew at pay.example.com" in mail("renewal", "tello", "en", mine).html
    assert "Renew at pay.example.com" in mail("renewal", "", "en", mine).html


def test_a_third_party_is_named_as_one_and_an_official_reseller_is_not() -> None:
    third = flat(mail("renewal", "tello", "en", 'site = "https://topup.example.com"').text)
    assert "topup.example.com is not a site of Tello (monthly plan): pay a small sum there first" in third
    assert "topup.example.com 不是" in mail("renewal", "tello", "zh-CN", 'site = "https://topup.example.com"').text
    for carrier, site in (("red-pocket", "https://www.ebay.com/itm/1"), ("boost", "https://my.boostmobile.com/pay")):
        own = flat(mail("renewal", carrier, "en", f'site = "{site}"').text)
        assert "own site" not in own
        assert "Look-alike payment sites give no money back" in own


def test_a_page_that_was_seen_in_code_only_gets_no_button() -> None:
    assert catalogue()["tracfone"].renew_url == "https://www.tracfone.com/refill"
    assert 'href="https://www.tracfone.com/refill"' not in mail("renewal", "tracfone").html


def test_a_mail_that_asks_for_money_tells_the_ways_with_their_age_and_doubt() -> None:
    said = flat(mail("renewal", "cricket", "en", 'account = { email = "li@example.com" }').text)
    assert "How Sign in, or Quick Pay without signing in" in said
    assert "carrier catalogue, checked Nov 20, 2026, confidence medium" in said
    assert "Sign in as li@example.com, for the line ending in 0142" in said
    assert "Takes Credit, debit, gift and prepaid cards" in said
    assert "In a store Cricket stores and payment centers take payments, $3 fee; bring the SIM and an ID" in said
    assert "eBay Red Pocket’s own eBay listing" in flat(mail("renewal", "red-pocket").text)


def test_who_has_no_carrier_and_no_site_is_told_how_to_write_one() -> None:
    assert "write site into plans.toml" in flat(mail("renewal", "").text)
    assert "write site into plans.toml" not in flat(mail("renewal", "tello").text)


def test_cancel_pages_are_for_those_who_give_the_number_up() -> None:
    drop = mail("cancel-by", "google-fi")
    assert "https://support.google.com/fi/answer/6079398" in drop.text
    home = plan("google-fi", *BODIES["cancel-by"]).text.replace('"drop"', '"port"')
    asked, household = letter(File(home).load(NOW).household, NOW, kinds=("cancel-by",))
    assert "https://support.google.com/fi/answer/6079398" not in render(asked, household).text
