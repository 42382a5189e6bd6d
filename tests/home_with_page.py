"""A household whose page has something of everything."""

from __future__ import annotations

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
