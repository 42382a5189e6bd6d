"""Every mistake is named with its line, in words that say what to do, and all of them come at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from textwrap import dedent

import pytest

from config_files import Load
from renewd.config import say_problem, show_source, table_reader
from renewd.domain.errors import Problem

Said = Callable[..., list[str]]
HEAD = '[mail]\nto = "me@example.com"\n[card.visa]\n[person.mom]\nemail = "mom@example.com"\n[plan.x]\n'  # 6 lines


def test_a_needed_key_that_is_misspelled_is_one_mistake(said: Said) -> None:
    assert said('[mail]\nto = "me@example.com"\n[plan.x]\nrenws = 2026-12-05\n') == [
        "plans.toml:4: plan.x.renws: unknown key; did you mean 'renews'?"
    ]
    bill = "[plan.x]\nrenews = 2026-12-05\n[[plan.x.bill]]\nwht = 'fee'\n"
    assert said(f'[mail]\nto = "me@example.com"\n{bill}') == [
        "plans.toml:6: plan.x.bill.wht: unknown key; did you mean 'what'?"
    ]


def test_four_mistakes_read_as_on_the_drawing_board(problems_of: Callable[..., object], load_text: Load) -> None:
    text = """\
        timezone = "America/New_York"
        [mail]
        to = "me@example.com"
        [card.visa]
        [plan.ok]
        renews = 2026-12-05



        [plan.tello]
        renews = 2026-12-05
        evry = "30 days"




        [plan.main]

        carrier = "tmoble"



        renews = 2027-02-30
        [plan.visible]
        renews = 2026-12-05
        pay_with = "vsia"
    """
    loaded = load_text(text)
    shown = {
        code: "\n".join(f"{say_problem(problem, code)}\n{show_source(problem)}" for problem in loaded.problems)
        for code in ("en", "zh-CN")
    }
    assert shown["en"] == dedent("""\
        plans.toml:12: plan.tello.evry: unknown key; did you mean 'every'?
            12 | evry = "30 days"
               | ^^^^
        plans.toml:19: plan.main.carrier: no carrier 'tmoble'; did you mean 'tmobile'?
            19 | carrier = "tmoble"
               |           ^^^^^^^^
        plans.toml:23: plan.main.renews: February 2027 has no day 30; write 2027-02-28 and day = 30
            23 | renews = 2027-02-30
               |          ^^^^^^^^^^
        plans.toml:26: plan.visible.pay_with: no card 'vsia'; did you mean 'visa'?
            26 | pay_with = "vsia"
               |            ^^^^^^""")
    assert "plans.toml:12: plan.tello.evry: 没有这个键；是不是 'every'？" in shown["zh-CN"]
    assert "plans.toml:19: plan.main.carrier: 目录里没有 'tmoble'；是不是 'tmobile'？" in shown["zh-CN"]
    assert "plans.toml:23: plan.main.renews: 2027年2月没有 30 日；写 2027-02-28 和 day = 30" in shown["zh-CN"]
    assert "plans.toml:26: plan.visible.pay_with: 没有叫 'vsia' 的卡；是不是 'visa'？" in shown["zh-CN"]
    assert [problem.plan for problem in loaded.problems] == ["tello", "main", "main", "visible"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        # keys
        ("frobnicate = 1", "frobnicate: unknown key; take it out, or keep a remark of your own in note"),
        ("Autopay = true", "Autopay: unknown key; did you mean 'autopay'?"),
        ("keep-alive = 1", "keep-alive: unknown key; did you mean 'keep_alive'?"),
        ("expires = 2027-01-01", "expires: unknown key; did you mean 'renews'?"),
        ("send_at = 09:00", "send_at: is below a table; move it to the top of the file, above the first [table]"),
        ("sim = { knd = 'esim' }", "sim.knd: unknown key; did you mean 'kind'?"),
        ("sim = { color = 1 }", "sim.color: unknown key; sim knows kind, iccid, eid"),
        ("balance = { amount = 1 }", "balance: 'on' is missing; for instance: on = 2026-11-01"),
        ("sim = 'esim'", 'sim: must be a table; for example: sim = { kind = "esim" }'),
        ("remind = [7, 3]", "remind: must be a table; for example: remind = { renewal = [7, 3] }"),
        ("balance = 5", "balance: must be a table; for example: balance = { amount = 12.5, on = 2026-11-01 }"),
        ("bill = { what = 'x' }", "bill: must be a list of tables; write [[plan.x.bill]] above each"),
        # dates
        ("snooze = '2026-02-30'", "snooze: February 2026 has no day 30; write 2026-02-28"),
        ("snooze = '2026-13-01'", "snooze: there is no month 13"),
        ("snooze = 1999-12-31", "snooze: impossible date; the year must lie between 2000 and 2199"),
        ("snooze = 9999-12-31", "snooze: impossible date; the year must lie between 2000 and 2199"),
        ("snooze = '0000-01-01'", "snooze: impossible date; the year must lie between 2000 and 2199"),
        ("snooze = 2026-12-05T09:00:00", "snooze: a date goes without a time of day; write 2026-12-05"),
        ("snooze = 2026-12-05T09:00:00Z", "snooze: a date goes without a time of day; write 2026-12-05"),
        ("snooze = 20261205", "snooze: write the date as year-month-day: 2026-12-05"),
        ("snooze = '12/5/2026'", "snooze: month and day may be either way round; write 2026-12-05 or 2026-05-12"),
        ("snooze = '12-05'", "snooze: write the date as year-month-day, for instance 2026-12-05"),
        ("snooze = true", "snooze: write the date as year-month-day, for instance 2026-12-05"),
        # lengths
        ("every = 30", 'every: write "30 days"'),
        ("every = 'bi-weekly'", 'every: write "14 days"'),
        ("every = 'biannual'", 'every: this can mean two lengths; write "6 months" or "2 years"'),
        ("every = 'P1M15D'", 'every: write a length such as "30 days", "1 month" or "1 year"'),
        ("every = '24 hours'", "every: hours are too short here; write days, months or years"),
        ("every = '0 days'", "every: must be at least 1"),
        ("every = '-1 days'", 'every: write a length such as "30 days", "1 month" or "1 year"'),
        ("every = '11 years'", "every: is longer than 10 years"),
        ("every = '121 months'", "every: is longer than 10 years"),
        ("every = '99999999999 days'", 'every: write a length such as "30 days", "1 month" or "1 year"'),
        # money
        ("price = -1", "price: an amount cannot be below 0"),
        ("price = '-1'", "price: an amount cannot be below 0"),
        ("price = nan", "price: write an amount such as 5 or 12.50; the currency has a key of its own"),
        ("price = inf", "price: write an amount such as 5 or 12.50; the currency has a key of its own"),
        ("price = 1e99", "price: write an amount such as 5 or 12.50; the currency has a key of its own"),
        ("price = 1e-99", "price: write an amount such as 5 or 12.50; the currency has a key of its own"),
        ("price = true", "price: write an amount such as 5 or 12.50; the currency has a key of its own"),
        ("price = '$5'", 'price: write 5; the currency has a key of its own: currency = "USD"'),
        ("price = '25元'", 'price: write 25; the currency has a key of its own: currency = "CNY"'),
        ("price = '1,234'", "price: the comma may group thousands or begin decimals; write 1234 or 1.234"),
        ("currency = 'usd'", 'currency: write the currency’s three capital letters: "USD"'),
        ("currency = '$'", 'currency: write the currency’s three capital letters: "USD"'),
        ("currency = 'shells'", 'currency: write the currency’s three capital letters, for instance "USD"'),
        # words and flags
        ("autopay = 'yes'", "autopay: write true or false, without quotes"),
        ("autopay = 1", "autopay: write true or false, without quotes"),
        ("name = 5", 'name: text goes in quotes; write "5"'),
        ("name = ''", "name: is empty; write something, or take the line out"),
        ("name = '\u200b'", "name: is empty; write something, or take the line out"),
        ("day = 32", "day: write a whole number from 1 to 31, without quotes"),
        ("day = '31'", "day: write a whole number from 1 to 31, without quotes"),
        ("late = 'restet'", "late: write one of fixed, reset, reset-minus-1, in quotes; did you mean 'reset'?"),
        ("late = 3", "late: write one of fixed, reset, reset-minus-1, in quotes"),
        # zones
        ("timezone = 'America/NewYork'", "timezone: no time zone 'America/NewYork'; did you mean 'America/New_York'?"),
        ("timezone = 'Beijing'", "timezone: no time zone 'Beijing'; did you mean 'Asia/Shanghai'?"),
        ("timezone = 'Shanghai'", "timezone: no time zone 'Shanghai'; did you mean 'Asia/Shanghai'?"),
        ("timezone = 'PST'", "timezone: no time zone 'PST'; did you mean 'America/Los_Angeles'?"),
        ("timezone = '../../etc/passwd'", "timezone: no time zone '../../etc/passwd'; write one such as"),
        ("timezone = 'posix/UTC'", "timezone: no time zone 'posix/UTC'; did you mean 'Etc/UTC'?"),
        # numbers
        ("number = '206 555 0100'", 'number: write the number with + and the country, in quotes: "+12065550100"'),
        ("number = +12065550100", 'number: write the number with + and the country, in quotes: "+12065550100"'),
        ("number = '13800138000'", 'number: write the number with + and the country, in quotes: "+8613800138000"'),
        ("number = '+0123'", 'number: write the number with + and the country, in quotes, for instance "+12065550100"'),
        ("number = '٠٢٠٦٥٥٥٠١٠٠'", "number: write the number with + and the country, in quotes, for instance"),
        ("sim = { iccid = 8901260000000000000 }", 'sim.iccid: text goes in quotes; write "8901260000000000000"'),
        ("sim = { iccid = '89012' }", "sim.iccid: write its 18 to 22 digits, in quotes"),
        # who and what is named
        ("for = ['mam']", "for: nobody is called 'mam'; did you mean 'mom'?"),
        ("for = ['zoe']", "for: nobody is called 'zoe'; there are me, mom. Somebody new needs [person.zoe]"),
        ("for = []", 'for: names nobody; write who is told, for instance ["me"]'),
        ("for = [1]", 'for: write an ID in quotes, or a list of them: ["me", "mom"]'),
        ("pay_with = 'amex'", "pay_with: no card 'amex'; write visa, balance, or add [card.amex]"),
        ("pay_with = 'balance'", "pay_with: to pay from the balance, say what it was: balance = { amount = 12.5"),
        (
            "carrier = 'zzz'",
            "carrier: no carrier 'zzz'; renewd carriers lists them. Without carrier the plan works too",
        ),
        # reminders
        ("remind = { renewal = 7 }", "remind.renewal: the days go in brackets; write [7]"),
        ("remind = { renewal = ['7'] }", "remind.renewal: write whole days in brackets, none further than 3650"),
        ("remind = { renewal = [true] }", "remind.renewal: write whole days in brackets, none further than 3650"),
        ("remind = { renewal = [3651] }", "remind.renewal: write whole days in brackets, none further than 3650"),
        (f"remind = {{ renewal = {list(range(21))} }}", "remind.renewal: more than 20 reminders of one kind"),
        ("remind = { overdue = [] }", "remind.overdue: this kind cannot be switched off; leave at least one day in it"),
        ("remind = { lost = [] }", "remind.lost: this kind cannot be switched off; leave at least one day in it"),
        ("remind = { renewals = [1] }", "remind.renewals: unknown key; did you mean 'renewal'?"),
        ("remind = { keep-alive = [1], keep_alive = [2] }", "remind.keep_alive: keep-alive is written twice"),
        # data, papers
        ("data = { limit = '10GiB', used = '1 GB', on = 2026-11-01 }", 'data.limit: write "10 GB"'),
        ("data = { limit = 10, used = '1 GB', on = 2026-11-01 }", "data.limit: write an amount of data such as"),
        (
            "[[plan.x.backup]]\nwhat = 'a'\npath = '~/b'",
            "backup.path: ~ is another folder for the service than for you",
        ),
        ("bill = [1]", 'bill: must be a table; for example: bill = [{ what = "October overage" }]'),
        ("sim = { eid = '1' }", "sim.eid: write its 32 digits, in quotes"),
        ("[[plan.x.backup]]\nwhat = 'a'\nfresh = '0 days'", "backup.fresh: must be at least 1"),
        (
            "[[plan.x.bill]]\nwhat = 'a'\n[[plan.x.bill]]\nwhat = 'a'",
            "bill.what: 'a' is here twice with the same due",
        ),
        ("[[plan.x.backup]]\nwhat = 'a'\n[[plan.x.backup]]\nwhat = 'a'", "backup.what: 'a' is here twice; give"),
        (
            "[[plan.x.bill]]\nwhat = 'a'\nautopay = true",
            "bill.autopay: belongs to [plan.x]; move it up, to right below",
        ),
        ("[[plan.x.bill]]\ndue = 2026-12-01", "bill: 'what' is missing; for instance: what = \"October overage\""),
        ("[[plan.x.binding]]\nservice = 'a'\nkind = 'sms'", "binding.kind: write one of 2fa, login, payment, contact"),
    ],
)
def test_a_mistake_in_a_plan_says_what_to_write(said: Said, line: str, sentence: str) -> None:
    found = said(f"{HEAD}renews = 2026-12-05\n{line}")
    assert len(found) == 1, found
    place, _, words = found[0].partition(": ")
    assert int(place.removeprefix("plans.toml:")) >= 8
    assert words.startswith(f"plan.x.{sentence}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tmezone = 'UTC'", "plans.toml:1: tmezone: unknown key; did you mean 'timezone'?"),
        ("tz = 'UTC'", "plans.toml:1: tz: unknown key; did you mean 'timezone'?"),
        ("language = 'zh'", "plans.toml:1: language: write one of zh-CN, en, in quotes; did you mean 'zh-CN'?"),
        ("language = []", "plans.toml:1: language: write one of zh-CN, en, in quotes"),
        ("send_at = '9 AM'", 'plans.toml:1: send_at: write the time as 09:00:00 or "09:00"'),
        ("include = 5", "plans.toml:1: include: is not a path that can be read"),
        ("plans.y.renews = 2026-12-05", "plans.toml:1: plans: unknown key; did you mean 'plan'?"),
        ("[tello]\nrenews = 2026-12-05", "plans.toml:1: tello: unknown table; did you mean [plan.tello]?"),
        ("[plan.y.z]\nrenews = 2026-12-05", "plans.toml:1: plan.y.z: unknown table; did you mean [plan.y-z]?"),
        ("[people.dad]\nemail = 'dad@example.com'", "plans.toml:1: people: unknown key; did you mean 'person'?"),
        ("autopay = true", "plans.toml:1: autopay: belongs to a plan; move it below a line [plan.ID]"),
        ("[web]\nevery = '30 days'", "plans.toml:2: web.every: belongs to a plan; move it below a line [plan.ID]"),
        ("[web]\nlisten = '256.1.1.1:80'", "plans.toml:2: web.listen: write an address and a port"),
        ("[card.balance]", 'plans.toml:1: card.balance: balance is taken: pay_with = "balance" means the money'),
        ("[card.v]\nexpires = '03/27'", 'plans.toml:2: card.v.expires: write the month as year-month: "2027-03"'),
        ("[card.v]\nexpires = 2027-03-31", 'plans.toml:2: card.v.expires: write the month as year-month: "2027-03"'),
        ("[card.v]\nexpires = 'soon'", 'plans.toml:2: card.v.expires: write the month as year-month, for instance "2027'),
        ("[person.dad]\nname = 'Dad'", "plans.toml:1: person.dad: 'email' is missing; for instance: email = \"dad@example"),
        ("[person.dad]\nemail = 'Dad <d@example.com>'", "plans.toml:2: person.dad.email: is not one mail address"),
        ("[person.dad]\nemail = 'a@b.com, c@d.com'", "plans.toml:2: person.dad.email: is not one mail address"),
        ("[person.dad]\nemail = 'a@b>\\r\\nRCPT'", "plans.toml:2: person.dad.email: is not one mail address"),
        ('[person.dad]\nemail = "a@b.com\\r\\n"', None),
        ("[person.dad]\nemail = '-oQ/x@b.com'", "plans.toml:2: person.dad.email: is not one mail address"),
        ("[person.dad]\nemail = 'a..b@b.com'", "plans.toml:2: person.dad.email: is not one mail address"),
        ("[person.dad]\nemail = '小李@b.com'", "plans.toml:2: person.dad.email: '小李' has letters that many mail"),
        ("[person.me]\nemail = 'you@example.com'", "plans.toml:2: person.me.email: you@example.com here and me@example"),
        ("[plan.Tello_1]\nrenews = 2026-12-05", "plans.toml:1: plan.Tello_1: an ID is made of a-z, 0-9 and -, at most 40 of them; write [plan.tello-1]"),
        ("[plan.'主号']\nrenews = 2026-12-05", "plans.toml:1: plan.主号: an ID is made of a-z, 0-9 and -, at most 40"),
        ("[plan.y]", "plans.toml:1: plan.y: needs renews or keep_alive; for instance: renews = 2026-12-05"),
        ("[plan]\nrenews = 2026-12-05", "plans.toml:2: plan.renews: is right below [plan]; give it a table with an ID"),
        ("[answers]", "plans.toml:1: answers: 'host' is missing; for instance: host = \"imap.example.com\""),
        ("[answers]\nhost = 'imap.example.com'\nevery = 5", 'plans.toml:3: answers.every: write how often, such as "5 minutes"'),
        ("[answers]\nhost = 'imap.example.com'\nevery = '25 hours'", "plans.toml:3: answers.every: write how often"),
        ("[answers]\nhost = 'imap.example.com'\ntls = 'none'", "plans.toml:3: answers.tls: without encryption the password"),
        ("[answers]\nhost = 'x.example.com'\npassword = 'x'", "plans.toml:3: answers.password: never put a password or key here. Put it into the systemd credential imap-password"),
        ("[push.my-phone]\nservice = 'ntfy'\ntoken = 'x'", "plans.toml:3: push.my-phone.token: never put a password or key here. Put it into the systemd credential push-my-phone, or into a file named by secret_file, or into the variable RENEWD_PUSH_MY_PHONE"),
        ("frobnicate = 1", "plans.toml:1: frobnicate: unknown key; plans.toml knows timezone, language, currency"),
        ("[remind]\nfrobnicate = [0]", "plans.toml:2: remind.frobnicate: unknown key; [remind] knows lost, overdue"),
        ("[smtp]\nhost = 'x.example.com'", "plans.toml:1: smtp: unknown key; did you mean 'mail'?"),
        ("[plan.y]\nrenews = 2026-12-05\n[plan.y.bill]\nwhat = 'x'", "plans.toml:3: plan.y.bill: must be a list of tables; write [[plan.y.bill]] above each"),
        ("[heartbeat]\nurl = 'ftp://x'", "plans.toml:2: heartbeat.url: write an address that begins with https://, http"),
        ("[heartbeat]\nurl = 'https://'", "plans.toml:2: heartbeat.url: write an address that begins with https://, http"),
        ("[heartbeat]", "plans.toml:1: heartbeat: 'url' is missing; for instance: url = \"https://hc.example.com/ping/abc\""),
        ("[ledger]\nurl = 'sqlite:///x'", "plans.toml:2: ledger.url: write an address that begins with postgresql://"),
        ("[web]\nlisten = '8321'", 'plans.toml:2: web.listen: write an address and a port, for instance "127.0.0.1:8321"'),
        ("[web]\nlisten = '127.0.0.1:99999'", "plans.toml:2: web.listen: write an address and a port"),
        ("[calendar]\nalarms = [-1]", "plans.toml:2: calendar.alarms: a calendar rings before an event"),
        ("[remind]\ncard = 7", "plans.toml:2: remind.card: the days go in brackets; write [7]"),
    ],
)  # fmt: skip
def test_a_mistake_elsewhere_says_what_to_write(said: Said, text: str, sentence: str | None) -> None:
    lines = text.split("\n")
    tail = '\n[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05\n'
    found = said("\n".join(lines) + tail)
    assert [line[: len(sentence or "")] for line in found] == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("host = 'https://smtp.example.com'", "mail.host: write the server’s name or IP address alone"),
        ("host = 'smtp.example.com:587'", "mail.host: write the server’s name or IP address alone"),
        ("host = 'a b'", "mail.host: write the server’s name or IP address alone"),
        ("host = 'h'\nport = '587'", "mail.port: write a whole number from 1 to 65535, without quotes"),
        ("host = 'h'\ntls = 'ssl'", "mail.tls: write one of starttls, implicit, none, in quotes"),
        ("host = 'h'\ntls = false", "mail.tls: write one of starttls, implicit, none, in quotes"),
        ("host = 'smtp.example.com'\nusername = 'u'\ntls = 'none'", "mail.tls: without encryption the password would"),
        ("host = 'h'\nfrom = 'a <b> <c@d.com>'", "mail.from: is not one mail address"),
        ('host = "h"\nusername = "a\\r\\nb"', "mail.username: holds the invisible character U+000D; type the line again"),
        ("server = 'h'", "mail.server: unknown key; did you mean 'host'?"),
        ("port = 465", "mail.port: this means a mail server, but `mail.host` is missing"),
        ("host = 'h'\nport = 465\ntls = 'starttls'", "mail.tls: note: port 465 is encrypted from the start; write tls ="),
    ],
)  # fmt: skip
def test_a_mistake_about_mail_says_what_to_write(said: Said, keys: str, sentence: str) -> None:
    found = said(f"[plan.x]\nrenews = 2026-12-05\n[mail]\nto = 'me@example.com'\n{keys}")
    assert [line.partition(": ")[2][: len(sentence)] for line in found] == [sentence]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_may_take_a_password_in_the_clear(said: Said, host: str) -> None:
    keys = f"host = '{host}'\nusername = 'u'\ntls = 'none'"
    assert said(f"[plan.x]\nrenews = 2026-12-05\n[mail]\nto = 'me@example.com'\n{keys}") == []


@pytest.mark.parametrize("key", ["password", "pass", "smtp_password"])
def test_a_password_is_refused_named_three_ways_and_never_shown(
    problems_of: Callable[..., tuple[object, ...]], said: Said, load_text: Load, key: str
) -> None:
    text = f"[mail]\nto = 'me@example.com'\n{key} = 'hunter2'\n[plan.x]\nrenews = 2026-12-05"
    [line] = said(text)
    for way in ("smtp-password", "password_file", "RENEWD_SMTP_PASSWORD"):
        assert way in line
    loaded = load_text(text)
    assert "hunter2" not in repr(loaded.problems)
    assert [show_source(problem) for problem in loaded.problems if problem.line] == [None]


@pytest.mark.parametrize(
    "text", ["[mail]\npassword = “hunter2”", "[ledger]\nurl = 'postgres:/u:hunter2@h/d'", "[ledger]\nurl = postgres://u:hunter2@h",
             "[push.p]\nservice = 'ntfy'\ntoken = 'hunter2'", "[push.p]\nservice = 'bark'\ndevice_key = “hunter2”",
             "[plan.y]\nrenews = 2026-12-05\naccount = { pin = 'hunter2' }"]
)  # fmt: skip
def test_a_secret_is_not_shown_by_the_line_it_stands_in(
    problems_of: Callable[..., tuple[object, ...]], text: str
) -> None:
    found = problems_of(f"{text}\n[plan.x]\nrenews = 2026-12-05\n[person.me]\nemail = 'me@example.com'")
    assert found
    assert "hunter2" not in repr([getattr(problem, "source", "") for problem in found])


def test_a_wrong_item_of_a_list_is_shown_on_its_own_line(said: Said) -> None:
    text = f"{HEAD}renews = 2026-12-05\n[[plan.x.bill]]\nwhat = 'a'\n[[plan.x.bill]]\nwhat = 'b'\namount = -1"
    assert said(text) == ["plans.toml:12: plan.x.bill.amount: an amount cannot be below 0"]


def test_all_mistakes_of_one_plan_come_at_once(said: Said) -> None:
    found = said(f"{HEAD}renews = '2026-02-30'\nprice = -1\nautopay = 1\nfor = 'zoe'\nbalance = {{ amount = -1 }}")
    assert [line.split(":")[1] for line in found] == ["7", "8", "9", "10", "11", "11"]


def test_where_nobody_is_written_no_empty_list_is_named(said: Said) -> None:
    lines = said("[plan.a]\nrenews = 2026-12-05\nfor = ['zoe']\n")
    assert "plans.toml:3: plan.a.for: nobody is called 'zoe': no person is written yet. Write [person.zoe]" in lines


def test_a_person_or_card_that_is_broken_is_named_where_it_is_used(said: Said) -> None:
    text = """\
        [mail]
        to = "me@example.com"
        [person.mom]
        email = "mom"
        [card.visa]
        expires = "soon"
        [plan.x]
        renews = 2026-12-05
        for = ["mom"]
        pay_with = "visa"
    """
    assert [line.split(": ", 1)[1][:30] for line in said(text)][2:] == [
        "plan.x.for: there is a mistake",
        "plan.x.pay_with: there is a mi",
    ]


def test_nobody_to_tell_is_said_once(said: Said) -> None:
    found = said("[plan.x]\nrenews = 2026-12-05\n[plan.y]\nrenews = 2026-12-05")
    assert found == ['plans.toml: nobody would be told; write to = "you@example.com" below [mail]']


@pytest.mark.parametrize("table", ["[plans.y]", "[[plan]]", "[plan。y]", "[plan]"])
def test_a_plan_whose_table_is_named_wrong_is_not_said_to_be_missing(said: Said, table: str) -> None:
    found = said(f"person.me.email = 'me@example.com'\n{table}\nrenews = 2026-12-05")
    assert [line for line in found if "no plan in it" in line] == []
    assert found


@pytest.mark.parametrize("text", ["[[plan]]\nrenews = 2026-12-05", "plan = 5"])
def test_plans_without_ids_are_told_how_to_get_one(said: Said, text: str) -> None:
    found = said(f"person.me.email = 'me@example.com'\n{text}")
    assert (
        found[-1]
        == "plans.toml:2: plan: needs an ID: write [plan.ID]; ID is a short name of your own, of a-z, 0-9 and -"
    )


@pytest.mark.parametrize(
    ("keys", "today", "sentence"),
    [
        ("renews = 2026-12-05", date(2027, 2, 3), None),
        ("renews = 2026-12-05", date(2027, 2, 4), "renews: note: 61 days ago; renewed since? renewd mark x renewed."),
        ("renews = 2026-12-05\nautopay = true\nevery = '30 days'", date(2028, 1, 1), None),
        ("renews = 2026-12-05\ncancel = { confirmed_on = 2026-12-01 }", date(2028, 1, 1), None),
        ("renews = 2027-01-19\nevery = '30 days'", date(2026, 11, 20), None),
        ("renews = 2027-01-20\nevery = '30 days'", date(2026, 11, 20), "renews: note: more than two cycles of 30 days"),
        ("renews = 2027-01-15\nevery = '1 month'\nday = 31", date(2027, 1, 1), "day: note: day = 31, but renews is 2027"),
        ("renews = 2027-02-28\nevery = '1 month'\nday = 31", date(2027, 2, 1), None),
    ],
)  # fmt: skip
def test_a_date_that_is_hardly_meant_is_noted(load_text: Load, keys: str, today: date, sentence: str | None) -> None:
    loaded = load_text(f"timezone = 'UTC'\n{HEAD}{keys}", today=today)
    assert {problem.severity for problem in loaded.problems} <= {"warning"}
    found = [say_problem(problem, "en").split(": ", 1)[1] for problem in loaded.problems]
    assert [line[: len(sentence or "") + 7] for line in found] == ([f"plan.x.{sentence}"] if sentence else [])


@pytest.mark.parametrize(
    ("carrier", "every", "counts"),
    [
        ("red-pocket", "12 months", "360 days"),
        ("red-pocket", "1 year", "360 days"),
        ("red-pocket", "365 days", "360 days"),
        ("red-pocket", "360 days", None),
        ("red-pocket", "1 month", "30 days"),
        ("red-pocket", "90 days", None),
        ("red-pocket", "6 months", None),
        ("tello", "31 days", "30 days"),
        ("att-prepaid", "3 months", "90 days"),
        ("att-prepaid", "90 days", None),
        ("tmobile", "1 month", None),
        ("tmobile", "30 days", "1 month"),
        ("visible", "1 month", None),
    ],
)
def test_a_cycle_that_the_catalogue_counts_otherwise_is_noted(
    load_text: Load, carrier: str, every: str, counts: str | None
) -> None:
    loaded = load_text(f"timezone = 'UTC'\n{HEAD}renews = 2026-12-05\ncarrier = '{carrier}'\nevery = '{every}'")
    found = [say_problem(problem, "en") for problem in loaded.problems]
    assert [f"the catalogue says {counts}" in line for line in found] == ([True] if counts else [])
    assert str(loaded.household.plans["x"].every) == every


def test_a_name_with_hidden_characters_is_cleaned_and_noted(load_text: Load) -> None:
    loaded = load_text(f'timezone = "UTC"\n{HEAD}renews = 2026-12-05\nname = "a\\u202eb\\r\\nBcc: x =?utf-8?q?y?="')
    assert loaded.household.plans["x"].name == "ab Bcc: x =\u2060?utf-8?q?y?="
    assert [(problem.code, problem.severity, problem.line) for problem in loaded.problems] == [
        ("check.cleaned", "warning", 9)
    ]


def test_the_place_is_marked_also_after_wide_characters_and_tabs(load_text: Load) -> None:
    loaded = load_text(
        f"{HEAD}\tname = '小李'\nsim = {{ eid = '一', knd = '\x7f' }}\nrenews = 2026-12-05\n[plan.y]\nrenews = 2026-12-05"
    )
    [first] = [show_source(problem) for problem in loaded.problems if problem.code == "check.control-character"]
    assert first == "     8 | sim = { eid = '一', knd = '?' }\n       |                            ^"


def test_a_line_that_would_act_on_the_terminal_is_shown_harmless(
    problems_of: Callable[..., tuple[object, ...]],
) -> None:
    found = problems_of(f"{HEAD}renews = 2026-12-05\nlate = '\u202e\u200bx'")
    assert "\u202e" not in str(show_source(found[-1]))  # type: ignore[arg-type]
    assert "\u202e" not in say_problem(found[-1], "en")  # type: ignore[arg-type]


def test_of_many_names_that_would_be_right_some_are_given(load_text: Load) -> None:
    people = "".join(f"[person.p{n}]\nemail = 'p{n}@example.com'\n" for n in range(700))
    loaded = load_text(f"{people}{HEAD}renews = 2026-12-05\nfor = 'zoe'\n[plan.y]\nrenews = 2026-12-05")
    [line] = [say_problem(problem, "en") for problem in loaded.problems if problem.code == "check.no-such-person"]
    assert "p18, …. Somebody new" in line


@pytest.mark.parametrize("row", ["for = '爸'", "pay_with = '招行'"])
def test_a_name_that_no_table_may_have_is_not_advised_as_one(load_text: Load, row: str) -> None:
    loaded = load_text(f"{HEAD}renews = 2026-12-05\n{row}\n[plan.y]\nrenews = 2026-12-05")
    [line] = [say_problem(problem, "zh-CN") for problem in loaded.problems if problem.severity == "error"]
    assert "ID 只用 a-z" in line
    assert "[" not in line


def test_all_zones_are_asked_for_once_however_many_are_wrong(load_text: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("zoneinfo.available_timezones", lambda: asked.append(1) or {"Asia/Tokyo"})
    table_reader._known_zones.cache_clear()
    load_text(f"{HEAD}timezone = 'Tokio'\n[plan.y]\ntimezone = 'Tokyoo'\n[plan.z]\nrenews = 2026-12-05")
    table_reader._known_zones.cache_clear()
    assert asked == [1]


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-05T00:00:00.000Z", "2026-12-05 00:00:00", "2026/12/5", "2026.12.05", "20261205", "2026年12月5日",
        "２０２６－１２－０５", "Dec 5, 2026", "5 December 2026", "December 5th, 2026",
        "Sat, Dec 5, 2026", "2026年12月5日 周六",
    ],
)  # fmt: skip
def test_a_date_as_programs_export_it_is_read_where_nothing_else_can_be_meant(written: str, load_text: Load) -> None:
    loaded = load_text(f"timezone = 'UTC'\n{HEAD}renews = '{written}'\nevery = '30 days'")
    assert (loaded.problems, str(loaded.household.plans["x"].renews)) == ((), "2026-12-05")


@pytest.mark.parametrize("written", ["Sun, Dec 5, 2026", "2026年12月5日 星期天"])
def test_a_date_that_is_another_day_of_the_week_is_not_read(said: Said, written: str) -> None:
    [line] = said(f"{HEAD}renews = '{written}'")
    assert "renews: write the date as year-month-day" in line


@pytest.mark.parametrize(
    ("written", "meant"), [("12/20/2026", "2026-12-20"), ("20.12.2026", "2026-12-20"), ("12/12/2026", "2026-12-12")]
)
def test_a_day_that_is_no_month_tells_the_order(written: str, meant: str, load_text: Load) -> None:
    loaded = load_text(f"timezone = 'UTC'\n{HEAD}renews = '{written}'")
    assert str(loaded.household.plans["x"].renews) == meant


@pytest.mark.parametrize(
    "wrong",
    [
        "renews = 2026-11-31\nevery = '30 days'",
        "renews = '2026-11-31'\nevery = '30 days'",
        "renews = 2026-11-31\nevery = '1 month'",
        "renews = 12/05/2026",
        "renews = 2026－12－05",
        "renews = 2026-12-05\nprice = 5刀",
        "renews = 2026-12-05\nprice = '1,234'",
        "renews = 2026-12-05\nevery = bi-weekly",
    ],
)
def test_what_is_suggested_is_right_when_it_is_followed(
    wrong: str, problems_of: Callable[..., tuple[Problem, ...]]
) -> None:
    """The value is replaced by the one that the message names; nothing is left to say then."""
    text = f"timezone = 'UTC'\n{HEAD}{wrong}\n"
    for problem in problems_of(text):
        sentence = say_problem(problem, "en")
        fix = re.search(r'(?:write|write the date as year-month-day:) ("[^"]+"|\d[^\s;,]*)', sentence)
        if fix is None:  # what is said of a sign before the value
            assert problem.code == "check.full-width"
            continue
        lines = text.split("\n")
        lines[problem.line - 1] = re.sub("[=＝].*", f"= {fix[1]}", lines[problem.line - 1])
        text = "\n".join([*lines, *re.findall(r"(?:day|currency) = [^\s,]+", sentence)])
    assert problems_of(text) == ()


def test_a_day_of_the_month_means_nothing_to_a_cycle_of_days(said: Callable[..., list[str]]) -> None:
    text = f"timezone = 'UTC'\n{HEAD}renews = 2026-12-05\nevery = '30 days'\nday = 31"
    assert len(found := said(text)) == 1
    assert "the cycle is in days" in found[0]


@pytest.mark.parametrize(
    ("zone", "offset"), [("Etc/GMT+8", "-8"), ("Etc/GMT-8", "+8"), ("EST", "-5"), ("MST", "-7"), ("HST", "-10")]
)
def test_a_zone_that_is_no_place_is_answered_with_its_offset(said: Said, zone: str, offset: str) -> None:
    [line] = said(f'timezone = "{zone}"\n[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05')
    assert line.startswith(f"plans.toml:1: timezone: note: '{zone}' is UTC{offset} all year")


@pytest.mark.parametrize("code", ["ZZZ", "XBT", "CNH", "USB"])
def test_a_currency_that_nobody_pays_in_is_noted_at_its_line(said: Said, code: str) -> None:
    head, plan = 'timezone = "UTC"\n[mail]\nto = "me@example.com"\n', "[plan.x]\nrenews = 2026-12-05\n"
    for text, where in (
        (f'currency = "{code}"\n{head}{plan}', "1: currency"),
        (f'{head}{plan}currency = "{code}"', "6: plan.x.currency"),
    ):
        [line] = said(text)
        assert line.startswith(f"plans.toml:{where}: note: {code} is not among the currencies in use")
    assert said(f'{head}{plan}currency = "KWD"') == []


@pytest.mark.parametrize("zone", ["Asia/Shanghai", " Asia/Shanghai ", "UTC", "Etc/UTC"])
def test_a_zone_may_have_blanks_around_it(said: Said, zone: str) -> None:
    assert said(f'timezone = "{zone}"\n[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05') == []


def test_a_zone_that_is_written_wrong_is_said_once(said: Said) -> None:
    for zone in ("localtime", "America/NewYork"):
        [line] = said(f'timezone = "{zone}"\n[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05')
        assert "did you mean 'localtime'" not in line


def test_two_people_with_one_address_are_named(said: Said) -> None:
    text = f"{HEAD}renews = 2026-12-05\n[person.dad]\nemail = 'ME@example.com'\n"
    [line] = [line for line in said(text) if "address too" in line]
    assert "note: " in line


def test_ssl_is_answered_with_implicit(said: Said) -> None:
    keys = "host = 'h'\nport = 465\ntls = 'SSL'"
    [line] = said(f"[plan.x]\nrenews = 2026-12-05\n[mail]\nto = 'me@example.com'\n{keys}")
    assert line.endswith("did you mean 'implicit'?")
