"""What a household that follows the guides gets to read: each mail, report and page that docs/requirements.md names."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from household_mails import letter
from households import at
from renewd.cli.carriers import one_brand
from renewd.cli.screen import Screen
from renewd.domain.findings import Findings
from renewd.domain.readiness import readiness
from renewd.render.mail import render
from renewd.report import as_markdown
from toml_builder import File, catalogue

TELLO = """
[plan.tello]
carrier = "tello"
name = "Tello"
number = "+12065550142"
sim = { kind = "esim", iccid = "8901260000000000000" }
account = { id = "982-555", email = "li@example.com" }
renews = 2026-12-05
every = "30 days"
price = 5
pay_with = "visa"
data = { limit = "2 GB", used = "1.9 GB", on = 2026-11-20 }
promo = { ends = 2027-02-28, price_after = 7, what = "SPRING5" }
note = "blue box"
[[plan.tello.binding]]
service = "Chase"
critical = true
[[plan.tello.bill]]
what = "roaming"
amount = 12.50
due = 2026-12-12
[[plan.tello.backup]]
what = "photos"
done_on = 2026-08-01
[[plan.tello.document]]
what = "invoice"
"""
MINT = """
[plan.mint]
carrier = "mint"
renews = 2026-12-05
every = "90 days"
price = 45
autopay = true
pay_with = "visa"
"""
ULTRA = """
[plan.ultra]
carrier = "ultra-paygo"
renews = 2026-12-05
every = "30 days"
price = 3
pay_with = "balance"
balance = { amount = 1, on = 2026-11-20 }
"""
METRO = """
[plan.metro]
carrier = "metro"
renews = 2026-12-05
every = "1 month"
price = 40
site = "https://topup.example.com"
"""
CRICKET = """
[plan.cricket]
carrier = "cricket"
renews = 2026-12-05
every = "30 days"
price = 30
"""
HONG_KONG = """
[plan.hk]
carrier = "cmhk"
renews = 2026-12-05
every = "180 days"
price = 50
"""
TMOBILE = """
[plan.tm]
carrier = "tmobile"
name = "T-Mobile"
number = "+12065550100"
sim = { kind = "physical", iccid = "8901260000000000018" }
renews = 2026-12-31
every = "1 month"
price = 40
autopay = true
pay_with = "visa"
balance = { amount = 8.20, on = 2026-11-20 }
device = { imei = "350000000000000" }
[[plan.tm.binding]]
service = "Chase"
critical = true
[[plan.tm.bill]]
what = "roaming"
amount = 12.50
due = 2026-12-30
[[plan.tm.backup]]
what = "photos"
done_on = 2026-08-01
[[plan.tm.document]]
what = "invoice"
[plan.tm.cancel]
"""


def _file(code: str, *plans: str) -> File:
    head = f'language = "{code}"\nbudget = 30\n[mail]\nto = "me@example.com"\n[card.visa]\nname = "Visa 4242"\n'
    return File("\n".join((head + 'expires = "2027-03"', *plans)))


def _mail(code: str, kind: str, when: str, *plans: str) -> str:
    now = at(when)
    asked, home = letter(_file(code, *plans).load(now).household, now, kinds=(kind,))
    assert kind == "digest" or [block.facts.kind for block in asked.blocks][:1] == [kind], asked.keys
    mail = render(asked, home)
    return f"{mail.subject}\n{mail.text}"


def _report(code: str, on: str, *plans: str) -> str:
    now: datetime = at(f"{on} 09:00")
    home = _file(code, *plans).load(now).household
    return as_markdown([readiness(plan, home, Findings(), now.date()) for plan in home.plans.values()], code)


def _page(code: str, brand: str) -> str:
    screen = Screen(code, io.StringIO())
    screen.width = 80
    return "\n".join(one_brand(screen, date(2026, 12, 2), catalogue(), brand))


@cache
def guided(code: str) -> Mapping[str, str]:
    """Return the texts by name in a language, each without the breaks of its lines."""
    asked = TMOBILE + 'number = "drop"\nrequested_on = 2026-12-10\n'
    gone = asked + "confirmed_on = 2026-12-12\n"
    texts = {
        "renewal": _mail(code, "renewal", "2026-12-02 09:00", TELLO),
        "renewal-third-party": _mail(code, "renewal", "2026-12-02 09:00", METRO),
        "renewal-abroad": _mail(code, "renewal", "2026-12-02 09:00", HONG_KONG),
        "renewal-week": _mail(code, "renewal", "2026-11-28 09:00", TELLO),
        "overdue-late": _mail(code, "overdue", "2026-12-08 09:00", CRICKET),
        "overdue": _mail(code, "overdue", "2026-12-06 09:00", TELLO),
        "lost": _mail(code, "lost", "2026-12-05 09:00", TELLO),
        "charge": _mail(code, "charge", "2026-12-04 09:00", MINT),
        "charged": _mail(code, "charged", "2026-12-06 09:00", MINT),
        "card": _mail(code, "card", "2027-03-01 09:00", MINT),
        "data": _mail(code, "data", "2026-12-02 09:00", TELLO),
        "balance": _mail(code, "balance", "2026-12-02 09:00", ULTRA),
        "bill": _mail(code, "bill", "2026-12-11 09:00", TELLO),
        "promo": _mail(code, "promo", "2027-02-21 09:00", TELLO),
        "backup": _mail(code, "backup", "2026-12-02 09:00", TELLO),
        "digest": _mail(code, "digest", "2027-01-01 09:00", TELLO, MINT),
        "cancel-by": _mail(code, "cancel-by", "2026-12-26 09:00", TMOBILE + 'number = "port"\nby = 2026-12-31\n'),
        "binding": _mail(code, "binding", "2026-12-20 09:00", TMOBILE + 'number = "port"\nby = 2026-12-31\n'),
        "unconfirmed": _mail(code, "unconfirmed", "2026-12-13 09:00", asked),
        "final-bill": _mail(code, "final-bill", "2027-01-11 09:00", gone),
        "refund": _mail(code, "refund", "2027-02-01 09:00", gone + "refund = { amount = 8.20, expected = 2027-02-01 }\n"),
        "undo": _mail(code, "undo", "2027-01-23 09:00", gone),
        "digest-after": _mail(code, "digest", "2027-02-01 09:00", gone),
        "report": _report(code, "2026-12-09", TMOBILE + 'number = "drop"\nby = 2026-12-31\n'),
        "report-prepaid": _report(code, "2026-12-04", CRICKET + '[plan.cricket.cancel]\nnumber = "drop"\n'),
        "report-after": _report(code, "2026-12-20", gone),
        "carriers tmobile": _page(code, "tmobile"),
        "carriers general": _page(code, "general"),
    }  # fmt: skip
    return {name: " ".join(text.split()) for name, text in texts.items()}
