"""Households as their owners would write them down, and what happens to them in a year: from 1 Dec 2026, 08:00.

`docs/households.md` shows what each of them gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulated_year import Event, Habit
from toml_builder import pays

HEAD = """
timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
"""
IN_SHANGHAI = """
[person.me]
name = "小李"
timezone = "Asia/Shanghai"
language = "zh-CN"
"""


class Owner(NamedTuple):
    """A household's file, and the year that it goes through."""

    text: str
    events: Mapping[str, Event | list[Event]] = {}
    habits: Sequence[Habit] = ()
    start: str = "2026-12-01 08:00"


TELLO_ABROAD = Owner(
    HEAD
    + IN_SHANGHAI
    + """
[card.visa]
name = "Visa …4242"
expires = "2029-08"

[plan.tello]
name = "Tello 银行号"
carrier = "tello"
number = "+12065550101"
renews = 2026-12-05
every = "30 days"
price = 5
autopay = true
pay_with = "visa"
"""
)

ULTRA_NEVER_SAYS = Owner(
    HEAD
    + """
[plan.ultra]
name = "Ultra"
carrier = "ultra-paygo"
number = "+12065550102"
renews = 2027-01-02
every = "30 days"
price = 3
"""
)

ATT_BALANCE = Owner(
    HEAD
    + """
[plan.att]
name = "AT&T Prepaid"
carrier = "att-prepaid"
number = "+12065550103"
renews = 2026-12-15
every = "30 days"
price = 30
pay_with = "balance"
balance = { amount = 100, on = 2026-12-01 }
""",
    events={
        "2027-03-09": "mark att balance --amount 110",
        "2027-06-06": "mark att balance --amount 120",
        "2027-10-08": "mark att balance --amount 100",
    },
)

FAMILY = Owner(
    HEAD
    + """
[person.me]
name = "Dad"
[person.mom]
email = "mom@example.com"
name = "Mom"
[person.anna]
email = "anna@example.com"
name = "Anna"

[card.chase]
name = "Chase …8888"
expires = "2029-10"
"""
    + "".join(
        f"""
[plan.{id_}]
name = "{name}"
carrier = "tmobile"
for = {told}
account = {{ id = "982-555", holder = "me" }}
number = "+120655501{10 + n}"
renews = 2026-12-18
every = "1 month"
price = {price}
autopay = true
pay_with = "chase"
"""
        for n, (id_, name, told, price) in enumerate(
            [
                ("dad", "Dad’s line", '["me"]', 60),
                ("mom", "Mom’s line", '["me", "mom"]', 40),
                ("anna", "Anna’s line", '["me", "anna"]', 30),
                ("ben", "Ben’s line", '["me"]', 30),
                ("granny", "Granny’s line", '["me"]', 20),
            ]
        )
    )
)

RED_POCKET = Owner(
    HEAD
    + """
[plan.pocket]
name = "Red Pocket annual"
carrier = "red-pocket"
number = "+12065550104"
renews = 2027-03-20
every = "360 days"
price = 99
""",
    events={"2027-03-13": "mark pocket renewed --amount 99"},
)

LATE_TWICE = Owner(
    HEAD
    + """
[plan.usm]
name = "US Mobile"
carrier = "us-mobile"
number = "+12065550105"
renews = 2026-12-10
every = "30 days"
price = 10
""",
    events={"2026-12-13": "mark usm renewed", "2027-01-22": "mark usm renewed --on 2027-01-20"},
    habits=[pays("usm", since="2027-02-01")],
)

FIRST_SEEN_LATE = Owner(
    HEAD
    + """
[plan.metro]
name = "Metro"
carrier = "metro"
number = "+12065550106"
renews = 2026-11-20
every = "1 month"
price = 40
""",
    start="2026-12-01 20:30",
    events={"2026-12-03": "mark metro renewed --on 2026-11-19"},
    habits=[pays("metro", days_before=3, since="2026-12-10")],
)

YEAR_BEHIND = Owner(
    HEAD
    + """
[plan.tello]
name = "Tello"
carrier = "tello"
number = "+12065550107"
renews = 2025-12-05
every = "30 days"
price = 5
""",
    events={"2026-12-02": ("renews = 2025-12-05", "renews = 2026-12-05")},
    habits=[pays("tello", since="2026-12-03")],
)

YEAR_AHEAD = Owner(YEAR_BEHIND.text.replace("2025-12-05", "2027-12-05"))

TWO_COUNTRIES = Owner(
    HEAD
    + """
[person.me]
name = "小李"
timezone = "Asia/Shanghai"
language = "zh-CN"
[person.yang]
email = "yang@example.com"
name = "小杨"
timezone = "America/Los_Angeles"
language = "zh-CN"

[plan.tello]
name = "Tello"
carrier = "tello"
for = ["me"]
number = "+12065550108"
renews = 2026-12-05
every = "30 days"
price = 5
grace = "10 days"

[plan.cmcc]
name = "移动 8 元保号"
for = ["yang", "me"]
timezone = "Asia/Shanghai"
currency = "CNY"
number = "+8613800000000"
renews = 2027-01-01
every = "1 month"
price = 8
""",
    habits=[pays("tello"), pays("cmcc", days_before=3)],
)

SHARED_CARD = Owner(
    HEAD
    + """
[person.me]
name = "Lin"
[person.mom]
email = "mom@example.com"
name = "妈妈"
timezone = "Asia/Shanghai"
language = "zh-CN"

[card.visa]
name = "Visa …1111"
expires = "2027-03"
"""
    + "".join(
        f"""
[plan.{id_}]
name = "{id_}"
carrier = "{carrier}"
for = {told}
renews = {renews}
every = "{every}"
price = {price}
autopay = true
pay_with = "visa"
"""
        for id_, carrier, told, renews, every, price in (
            ("mint", "mint", '["me"]', "2027-01-04", "90 days", 45),
            ("visible", "visible", '["me"]', "2026-12-12", "1 month", 25),
            ("tello", "tello", '["mom"]', "2026-12-20", "30 days", 5),
            ("helium", "helium", '["me", "mom"]', "2026-12-28", "1 month", 15),
        )
    ),
    events={"2027-04-02": ('expires = "2027-03"', 'expires = "2030-03"')},
)

AUTOPAY_FAILED = Owner(
    HEAD
    + """
[card.visa]
name = "Visa …2222"
expires = "2029-03"

[plan.visible]
name = "Visible"
carrier = "visible"
number = "+12065550109"
renews = 2026-12-15
every = "1 month"
price = 25
autopay = true
pay_with = "visa"
[[plan.visible.binding]]
service = "Chase"
kind = "2fa"
critical = true
""",
    events={"2027-01-14": "mark visible failed", "2027-01-17": "mark visible renewed"},
)

KEEP_ALIVE_MISSED = Owner(
    HEAD
    + """
[plan.payg]
name = "Tello PAYG"
carrier = "tello-payg"
number = "+12065550110"
keep_alive = { every = "90 days", last = 2026-10-01, action = "send one text" }
[[plan.payg.binding]]
service = "Apple ID"
kind = "login"
""",
    events={
        "2027-05-10": "mark payg kept-alive",
        "2027-07-25": "mark payg kept-alive",
        "2027-10-01": "mark payg kept-alive",
    },
)

LEADS_CHANGED = Owner(
    HEAD
    + """
[plan.usm]
name = "US Mobile"
carrier = "us-mobile"
number = "+12065550111"
renews = 2026-12-10
every = "30 days"
price = 10
""",
    events={
        "2026-12-04": ("price = 10", "price = 10\nremind = { renewal = [10, 2] }"),
        "2027-02-03": ("[10, 2]", "[20, 5]"),
    },
    habits=[pays("usm")],
)

STUDENT = Owner(
    HEAD
    + """
[person.me]
name = "小周"
language = ["zh-CN", "en"]

[plan.main]
name = "Verizon 主号"
carrier = "verizon"
number = "+12065550112"
account = { id = "771-204", email = "me@example.com" }
renews = 2026-12-22
every = "1 month"
price = 40
autopay = true
promo = { ends = 2027-02-22, price_after = 60 }
data = { limit = "10 GB", used = "2 GB", on = 2026-12-01 }
[[plan.main.bill]]
what = "October overage"
amount = 12.50
due = 2026-12-09
[[plan.main.backup]]
what = "Photos and texts"
fresh = "60 days"
done_on = 2026-11-20
""",
    events={
        "2026-12-13": "mark main paid",
        "2027-01-12": "mark main used 8.5GB",
        "2027-01-29": "mark main backed-up Photos",
        "2027-04-10": "mark main backed-up Photos",
        "2027-05-25": ("every = ", "pause = { until = 2027-09-01 }\nevery = "),
        "2027-06-10": "mark main backed-up Photos",
        "2027-08-08": "mark main backed-up Photos",
        "2027-10-06": "mark main backed-up Photos",
    },
)

LEAVER = Owner(
    HEAD
    + """
[card.visa]
name = "Visa …4242"
expires = "2029-08"

[plan.main]
name = "T-Mobile main"
carrier = "tmobile"
number = "+12065550113"
account = { id = "982-555", email = "me@example.com", holder = "me" }
renews = 2026-12-08
every = "1 month"
price = 55
autopay = true
pay_with = "visa"
[[plan.main.binding]]
service = "Chase"
critical = true
[[plan.main.binding]]
service = "Costco"
kind = "login"
[[plan.main.backup]]
what = "Photos and texts"
done_on = 2026-12-20
[[plan.main.document]]
what = "Final invoice"
[plan.main.device]
owed = 0
unlock_on = 2027-01-15
[plan.main.cancel]
by = 2027-02-05
number = "port"
""",
    events={
        "2027-01-16": "mark main unlocked",
        "2027-01-25": "mark main moved Costco",
        "2027-01-30": ["mark main moved Chase", "mark main backed-up Photos"],
        "2027-02-02": ["mark main lock-off", "mark main pin"],
        "2027-02-03": "mark main requested --reference C-778",
        "2027-02-09": "mark main confirmed",
        "2027-02-28": ["mark main final-bill --amount 21.30 --until 2027-03-20", "mark main kept Final"],
        "2027-03-14": "mark main paid final",
    },
)

OWNERS = {
    "tello-abroad": TELLO_ABROAD,
    "ultra-never-says": ULTRA_NEVER_SAYS,
    "att-balance": ATT_BALANCE,
    "family": FAMILY,
    "red-pocket": RED_POCKET,
    "late-twice": LATE_TWICE,
    "first-seen-late": FIRST_SEEN_LATE,
    "year-behind": YEAR_BEHIND,
    "year-ahead": YEAR_AHEAD,
    "two-countries": TWO_COUNTRIES,
    "shared-card": SHARED_CARD,
    "autopay-failed": AUTOPAY_FAILED,
    "keep-alive-missed": KEEP_ALIVE_MISSED,
    "leads-changed": LEADS_CHANGED,
    "student": STUDENT,
    "leaver": LEAVER,
}
