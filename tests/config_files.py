"""What the tests of the configuration share: a small catalogue, a file with every key, and how a file is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol

from renewd.config import Good, Loaded
from renewd.domain.carriers import Carrier
from renewd.domain.dates import Duration

TODAY = date(2026, 11, 20)
CATALOGUE: Mapping[str, Carrier] = {
    "tello": Carrier(
        id="tello",
        name={"en": "Tello", "zh-CN": "Tello"},
        kind="prepaid",
        checked=TODAY,
        cycle=Duration(30, "days"),
        cut_off=Duration(24, "hours"),
        site="https://tello.example/account",
    ),
    "visible": Carrier(
        id="visible",
        name={"en": "Visible", "zh-CN": "Visible"},
        kind="prepaid",
        checked=TODAY,
        late="reset",
        charge_before=Duration(25, "hours"),
    ),
    "red-pocket": Carrier(
        id="red-pocket",
        name={"en": "Red Pocket", "zh-CN": "红口袋"},
        kind="prepaid",
        checked=TODAY,
        cycle=Duration(30, "days"),
        terms=(360,),
    ),
    "att-prepaid": Carrier(
        id="att-prepaid",
        name={"en": "AT&T", "zh-CN": "AT&T"},
        kind="prepaid",
        checked=TODAY,
        steps=((Decimal(10), 30), (Decimal(25), 90)),
    ),
    "tmobile": Carrier(
        id="tmobile",
        name={"en": "T-Mobile", "zh-CN": "T-Mobile"},
        kind="postpaid",
        checked=TODAY,
        cycle=Duration(1, "months"),
    ),
}


class Load(Protocol):
    """Loads a text, or the file that an earlier call wrote."""

    def __call__(self, text: str | bytes | None = None, *, good: Good | None = None, today: date = TODAY) -> Loaded: ...


FULL = """
timezone = "America/New_York"
language = ["zh-CN", "en"]
currency = "USD"
send_at = 08:30:00
budget = 100
show_numbers = true

[remind]
renewal = [14, 7, 3, 1, 0]
keep_alive = [3, 30]

[mail]
to = "me@example.com"
from = "renewd <robot@example.com>"
host = "smtp.example.com"
port = 2525
tls = "starttls"
ca_file = "my-ca.pem"
username = "me@example.com"
password_file = "/etc/renewd/smtp-password"

[calendar]
alarms = [1, 3, 7]
months = 6
show_reminders = true

[ledger]
url = "postgresql://renewd@db.example.com/renewd"

[web]
listen = "[::1]:8321"
url = "https://renewd.example.com"

[answers]
host = "imap.example.com"
folder = "订阅"
every = "10 minutes"
password_file = "imap-password"

[heartbeat]
url = "https://hc.example.com/ping/abc"

[person.me]
email = "me@example.com"
name = "小李"
timezone = "Asia/Shanghai"

[person.mom]
email = "mom@例子.com"
language = "en"
send_at = "20:15"

[card.visa]
name = "Visa …4242"
expires = "2027-02"

[plan.main]
name = "T-Mobile 主号"
carrier = "visible"
for = ["mom", "me"]
number = "+1 (206) 555-0100"
sim = { kind = "esim", iccid = "8901 2600 0000 0000 000" }
account = { id = "982-555", email = "me@example.com", holder = "me" }
renews = "2026-12-31"
every = "1 month"
day = 31
price = "40.50"
currency = "CNY"
autopay = true
pay_with = "visa"
balance = { amount = 12.5, on = 2026-11-01 }
charge_before = "25 hours"
notice = "5 days"
cut_off = "0 hours"
grace = "30 days"
late = "reset-minus-1"
data = { limit = "10 GB", used = "500 MB", on = 2026-11-18 }
promo = { ends = 2027-02-28, price_after = 60 }
keep_alive = { every = "90 days", last = 2026-10-01, action = "send one text" }
pause = { until = 2027-05-01 }
remind = { renewal = [1, 30, 1, 7] }
timezone = "Asia/Shanghai"
snooze = 2026-12-01
failed_on = 2026-12-31
note = "in the blue box"

[[plan.main.bill]]
what = "October overage"
amount = 12.50
due = 2026-12-01
paid_on = 2026-11-28

[[plan.main.backup]]
what = "Photos"
path = "phone/*"
fresh = "10 days"
done_on = 2026-11-01

[[plan.main.binding]]
service = "Chase"
kind = "login"
critical = true
moved_on = 2026-11-10

[[plan.main.document]]
what = "Final invoice"
path = "/srv/papers/final.pdf"
kept_on = 2026-12-01

[[plan.main.receipt]]
on = 2026-10-31
amount = 40
reference = "A1B2C3"

[plan.main.device]
imei = "350000000000000"
owed = 0
unlock_on = 2026-12-01
unlocked_on = 2026-12-02

[plan.main.cancel]
by = 2027-03-01
how = "lapse"
number = "port"
checked = ["bindings"]
lock_off_on = 2027-02-19
pin_on = 2027-02-20
requested_on = 2027-02-21
reference = "C-778"
confirmed_on = 2027-02-25
final_bill = { amount = 21.30, due = 2027-03-20, paid_on = 2027-03-10 }
refund = { amount = 9.00, expected = 2027-04-20, received_on = 2027-04-18 }
"""
