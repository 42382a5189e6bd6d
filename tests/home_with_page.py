"""A household whose page has something of everything, and visits to it."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from sites import Got, Site

HOME = """timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
from = "renewd <renewd@example.com>"
[person.me]
email = "me@example.com"
name = "Xiao Li"
[person.mom]
email = "mom@example.com"
language = "zh-CN"
name = "妈妈"
[card.visa]
name = "Visa …4242"
expires = "2027-03"
[plan.ultra]
name = "Ultra purple"
number = "+12065550117"
renews = 2026-11-12
every = "30 days"
price = 3
grace = "30 days"
site = "https://ultra.example"
[[plan.ultra.binding]]
service = "China Merchants Bank"
critical = true
[plan.tello]
name = "Tello (bank)"
number = "+12065550142"
renews = 2026-12-05
every = "30 days"
price = 5
for = ["me", "mom"]
data = {{ limit = "2 GB", used = "1.2 GB", on = 2026-11-28 }}
balance = {{ amount = 9, on = 2026-11-20 }}
[plan.visible]
name = "Visible"
renews = 2026-12-17
every = "1 month"
price = 25
autopay = true
pay_with = "visa"
promo = {{ ends = 2027-02-28, price_after = 45 }}
[plan.secret]
name = "Mom alone"
renews = 2027-02-14
every = "1 year"
price = 14
for = ["mom"]
[web]
listen = "127.0.0.1:{port}"
url = "http://home.example.com/renewd/"
"""

LEAVING = HOME.replace(
    "[web]",
    """[plan.main]
name = "T-Mobile main"
number = "+12065550100"
renews = 2026-12-29
every = "1 month"
price = 40
autopay = true
pay_with = "visa"
[[plan.main.bill]]
what = "October overage"
due = 2026-12-12
amount = 12.50
[[plan.main.binding]]
service = "Chase"
critical = true
[plan.main.cancel]
by = 2026-12-28
number = "port"
[web]""",
)

FORM = {"Content_Type": "application/x-www-form-urlencoded"}


def page_of(site: Site, person: str = "me") -> str:
    return f"/p/{site.links.page_token(person)}/"


def fact(got: Got, what: str) -> str:
    """The first fact of a kind that a button or form of a page records."""
    return re.findall(rf'name="fact" value="([a-z0-9-]+/{what}/[^"]*)"', got.body.decode())[0]


async def post(site: Site, path: str, **fields: str) -> Got:
    return await site.get(path, "POST", urlencode(fields).encode(), **FORM)
