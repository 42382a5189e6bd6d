"""Forty invented plans of which none is a line: subscriptions, domains, papers, contracts, trials, installments."""

from __future__ import annotations

# id, name, and what else stands in the table
_PLANS = """
netflix | Netflix | renews = 2027-01-05; every = "1 month"; price = 17.99; autopay = true; pay_with = "visa"
music | Music | renews = 2026-12-09; every = "1 month"; price = 10.99; autopay = true; pay_with = "visa"
cloud | Cloud drive | renews = 2027-01-02; every = "1 month"; price = 9.99; autopay = true; failed_on = 2027-01-02
photos | Photo storage | renews = 2027-01-02; every = "1 month"; price = 2.99; autopay = true
icloud | iCloud | renews = 2026-12-08; every = "1 month"; price = 150; currency = "JPY"; autopay = true
vip | Video VIP | renews = 2026-12-15; every = "1 year"; price = 258; currency = "CNY"
paper | Newspaper | renews = 2026-12-12; every = "28 days"; price = 4; for = ["mom"]
game | Game pass | renews = 2026-12-28; every = "3 months"; price = 45; autopay = true; promo = { ends = 2027-03-01 }
trial | Video trial | renews = 2027-01-20; every = "1 month"; price = 0; autopay = true; promo = { ends = 2027-01-20, price_after = 12.99 }
tools | Design tools | renews = 2027-02-01; every = "1 year"; price = 120; autopay = true; promo = { ends = 2027-01-15, price_after = 240 }
vpn | VPN | renews = 2027-06-30; every = "2 years"; price = 80; currency = "EUR"
domain | xiaoli.example | renews = 2027-02-14; every = "1 year"; price = 14; grace = "30 days"; site = "https://registrar.example"
old-domain | old.example | renews = 2026-11-28; every = "1 year"; price = 12; grace = "30 days"
certificate | Certificate | renews = 2027-03-01; every = "90 days"
server | Server | renews = 2026-12-03; every = "1 month"; price = 6; pay_with = "balance"; balance = { amount = 14, on = 2026-11-20 }
toll | Toll tag | renews = 2026-12-15; every = "1 month"; price = 5; pay_with = "balance"; balance = { amount = 12, on = 2026-11-20 }; autopay = true
renters | Renters insurance | renews = 2027-03-01; every = "1 year"; price = 180; autopay = true; notice = "30 days"
car | Car insurance | renews = 2026-12-20; every = "6 months"; price = 640
pet | Pet insurance | renews = 2027-01-11; every = "1 month"; price = 35; autopay = true; pay_with = "visa"
passport | Passport | renews = 2027-08-03
visa-paper | Student visa | renews = 2026-12-31; for = ["me", "mom"]
license | Driver license | renews = 2027-05-02
registration | Car registration | renews = 2027-02-28; every = "1 year"; price = 95
gym | Gym contract | renews = 2027-04-01; every = "1 year"; price = 480; autopay = true; notice = "3 months"
lease | Lease | renews = 2027-07-31; every = "1 year"; price = 1; notice = "60 days"
sofa | Sofa | renews = 2026-12-20; every = "1 month"; price = 50; ends = 2027-05-20
laptop | Laptop | renews = 2026-12-10; every = "1 month"; price = 99.90; autopay = true; ends = 2027-06-10
miles | Miles | keep_alive = { every = "180 days", last = 2026-08-01 }
account | Old mailbox | keep_alive = { every = "1 year", last = 2025-11-20, action = "sign in once" }
course | Language course | renews = 2026-12-05; every = "1 month"; price = 12; autopay = true; pause = { until = 2027-02-01 }
club | Wine club | renews = 2026-12-24; every = "1 month"; price = 39; snooze = 2026-12-20
asked | Old magazine | renews = 2026-12-20; every = "1 month"; price = 8; autopay = true; cancel = { requested_on = 2026-11-20 }
gone | Old news | renews = 2026-12-20; every = "1 month"; price = 8; autopay = true; cancel = { requested_on = 2026-11-01, confirmed_on = 2026-11-20, refund = { amount = 4, expected = 2026-12-10 } }
leave | Magazine | renews = 2027-01-20; every = "1 month"; price = 8; autopay = true; cancel = { by = 2027-02-25 }; bill = [{ what = "Late fee", amount = 3, due = 2026-12-10 }]; document = [{ what = "Last invoice" }]
contract | Studio contract | renews = 2027-05-01; every = "1 year"; price = 600; autopay = true; notice = "3 months"; cancel = {}
by-hand | Choir | renews = 2027-01-20; every = "1 month"; price = 8; cancel = { by = 2027-02-25 }
cheaper | Radio | renews = 2027-01-20; every = "1 month"; price = 16; autopay = true; cancel = { number = "move", by = 2027-02-25 }
lapse | Old club | renews = 2027-01-10; every = "1 year"; price = 80; cancel = { how = "lapse" }
lapse-auto | Old box | renews = 2027-01-10; every = "1 month"; price = 80; autopay = true; cancel = { how = "lapse" }
lapse-grace | Leaving domain | renews = 2026-12-01; every = "1 year"; price = 12; grace = "30 days"; cancel = { by = 2027-02-25 }; backup = [{ what = "Zone file", done_on = 2026-11-01 }]
"""


def forty_plans(language: str) -> str:
    """Return the household's file."""
    tables = [
        'timezone = "America/New_York"',
        f'language = "{language}"',
        '[mail]\nto = "me@example.com"',
        '[person.mom]\nemail = "mom@example.com"\nname = "Mom"',
        '[card.visa]\nname = "Visa …4242"\nexpires = "2027-03"',
    ]
    for row in _PLANS.strip().splitlines():
        id_, name, keys = (part.strip() for part in row.split(" | "))
        tables.append("\n".join([f"[plan.{id_}]", f'name = "{name}"', 'kind = "other"', *keys.split("; ")]))
    return "\n".join(tables) + "\n"
