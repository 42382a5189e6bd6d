"""What pushes say, kept as a file a language: every table of push.toml with a reminder that it is true of."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from forty_plans import forty_plans
from golden_files import check_golden
from household_mails import CASES
from households import at, household, keep_alive, plan
from renewd.domain.plans import Cancel, Household
from renewd.i18n import TEMPLATES, language
from renewd.reminders import NOTHING_FOUND, agenda, due
from renewd.reminders.facts import Facts, facts
from renewd.render.push_forms import form
from renewd.render.push_words import PushWords, push_words
from toml_builder import File

GOLDEN = Path(__file__).parents[1] / "golden" / "pushes"
LINES = """
timezone = "America/New_York"
[mail]
to = "me@example.com"
[plan.pocket]
carrier = "tello"
renews = 2026-12-05
every = "30 days"
price = 5
pay_with = "balance"
balance = { amount = 3, on = 2026-11-20 }
[plan.price-unknown]
carrier = "tello"
renews = 2026-12-05
every = "30 days"
pay_with = "balance"
balance = { amount = 3, on = 2026-11-20 }
[plan.failed]
carrier = "tello"
renews = 2026-12-05
every = "30 days"
price = 5
autopay = true
failed_on = 2026-12-05
[plan.last]
renews = 2026-12-05
price = 5
grace = "60 days"
[plan.postpaid]
name = "Verizon"
carrier = "verizon"
renews = 2026-12-05
every = "1 month"
price = 40
[plan.free]
carrier = "visible"
renews = 2026-12-20
every = "1 month"
price = 0
autopay = true
promo = { ends = 2027-01-10, price_after = 25 }
[plan.unpriced]
carrier = "visible"
renews = 2026-12-20
every = "1 month"
autopay = true
[plan.offer]
carrier = "visible"
renews = 2026-12-20
every = "1 month"
price = 25
autopay = true
promo = { ends = 2027-01-10 }
[plan.offered]
renews = 2026-12-20
every = "1 month"
autopay = true
promo = { ends = 2027-01-10, price_after = 30 }
[plan.move]
carrier = "visible"
renews = 2026-12-20
every = "1 month"
price = 25
autopay = true
cancel = { number = "move", by = 2027-02-01 }
[plan.moved]
carrier = "visible"
renews = 2026-12-20
every = "1 month"
price = 25
autopay = true
cancel = { number = "move", requested_on = 2026-11-25 }
[plan.by-hand]
carrier = "visible"
renews = 2026-12-20
every = "1 month"
price = 25
pause = { until = 2027-02-01 }
[plan.maybe]
carrier = "tracfone"
renews = 2026-12-05
every = "30 days"
price = 20
[plan.prepaid]
carrier = "tmobile-prepaid"
renews = 2026-12-05
every = "30 days"
price = 20
[plan.asked]
carrier = "tello"
renews = 2026-12-05
every = "30 days"
price = 5
cancel = { number = "port", requested_on = 2026-11-25 }
[plan.asked-auto]
carrier = "visible"
renews = 2026-12-20
every = "1 month"
price = 25
autopay = true
cancel = { number = "port", requested_on = 2026-11-25 }
[plan.wait]
renews = 2026-12-20
every = "1 month"
price = 25
autopay = true
cancel = { by = 2027-02-01 }
[plan.late]
carrier = "visible"
renews = 2026-12-05
every = "1 month"
price = 25
autopay = true
notice = "20 days"
cancel = { number = "port" }
binding = [{ service = "Alipay", kind = "login", critical = true }]
[plan.dropped]
carrier = "verizon"
renews = 2026-12-20
every = "1 month"
price = 40
cancel = { number = "drop", requested_on = 2026-11-20, confirmed_on = 2026-11-25 }
[plan.ported]
carrier = "verizon"
renews = 2026-12-20
every = "1 month"
price = 40
cancel = { number = "port", requested_on = 2026-11-20, confirmed_on = 2026-11-25, refund = { expected = 2026-12-10 } }
[plan.unused]
keep_alive = { every = "90 days", last = 2026-09-24 }
cancel = { how = "lapse", number = "drop" }
[plan.asked-drop]
carrier = "tello"
renews = 2026-12-05
every = "30 days"
price = 5
cancel = { number = "drop", requested_on = 2026-11-25 }
[plan.asked-undecided]
carrier = "tello"
renews = 2026-12-05
every = "30 days"
price = 5
cancel = { requested_on = 2026-11-25 }
[plan.asked-due]
carrier = "verizon"
renews = 2026-12-05
every = "1 month"
price = 40
cancel = { number = "drop", requested_on = 2026-11-25 }
[plan.short-left]
renews = 2026-12-05
every = "30 days"
price = 5
pay_with = "balance"
balance = { amount = 3, on = 2026-11-20 }
cancel = { number = "port" }
""" + "".join(
    f"""
[plan.{name}]
carrier = "ultra-paygo"
renews = 2026-12-05
every = "30 days"
price = 3
cancel = {{ {cancel} }}
"""
    for name, cancel in {
        "port": 'number = "port"',
        "open": "",
        "drop": 'number = "drop"',
        "lapse": 'how = "lapse"',
        "let-go": 'how = "lapse", number = "drop"',
        "porting": 'number = "port", requested_on = 2026-11-25',
    }.items()
)


@cache
def told(code: str) -> dict[str, Facts]:
    """Return a reminder for each form of push, by the form's name."""
    found: dict[str, Facts] = {}
    for make in CASES.values():
        message, _ = make(code)
        for block in message.blocks:
            found.setdefault(form(block.facts), block.facts)
    now = datetime(2026, 11, 25, tzinfo=UTC)
    for text in (LINES, forty_plans(code)):
        home = File(text).load(now).household
        for one in _reminders(home, now):
            about = facts(one, home, NOTHING_FOUND, one.moment)
            found.setdefault(form(about), about)
    return found


def _reminders(home: Household, now: datetime):
    yield from agenda(home, NOTHING_FOUND, now, now + timedelta(days=400))
    for days in (8, 11, 40, 100):  # what nobody marks
        later = now + timedelta(days=days)
        yield from (one._replace(moment=later) for one in due(home, NOTHING_FOUND, later))


def tables(code: str) -> set[str]:
    """Return the names of all tables that are whole pushes."""
    words = tomllib.loads((TEMPLATES / code / "push.toml").read_text("utf-8"))
    return {name for name, table in words.items() if isinstance(table, dict) and "title" in table} - {"test"}


@pytest.mark.parametrize("code", ["zh-CN", "en"])
def test_every_push_is_as_it_was_approved(code: str) -> None:
    found = {name: one for name, one in told(code).items() if name != "digest"}
    assert set(found) == tables(code)
    pushes = {name: push_words(found[name], language(code)) for name in sorted(found)}
    text = "\n".join(f"{name}\n  {one.title}\n  {one.text}\n  [{one.button}]\n" for name, one in pushes.items())
    check_golden(GOLDEN / f"{code}.txt", text)


@pytest.mark.parametrize("code", ["zh-CN", "en"])
def test_nobody_but_the_owner_is_told_of_the_file(code: str) -> None:
    for about in told(code).values():
        if about.kind != "digest":
            words = push_words(about, language(code), runs_it=False)
            assert not any("plans.toml" in part or "记一笔" in part or "Write it" in part for part in words), words


def words_of(home: Household, key: str, when: str, code: str = "en") -> PushWords:
    now = at(when)
    reminder = next(one for one in due(home, NOTHING_FOUND, now) if one.key == key)
    return push_words(facts(reminder, home, NOTHING_FOUND, now), language(code))


def test_a_push_of_a_line_that_is_left_does_not_ask_to_renew_it() -> None:
    leaving = plan("tello", renews="2026-12-05", every="30 days", price="5", cancel=Cancel(number="port"))
    said = words_of(household(leaving), "tello/renewal/2026-12-05/3", "2026-12-02 09:00")
    assert "Renew" not in said.text
    assert said.text.startswith("Port it out by Fri, Dec 4")
    assert said.button == "Open"


def test_a_day_to_cancel_that_is_over_is_not_named() -> None:
    visible = plan("visible", renews="2026-12-19", every="1 month", price="25", autopay=True, notice="10 days")
    said = words_of(household(visible), "visible/charge/2026-12-19/1", "2026-12-18 09:00")
    assert said.text == "Nothing to do."


def test_the_use_is_the_one_in_the_file() -> None:
    one = plan("att", keep_alive=keep_alive("90 days", "2026-09-24")._replace(action="use 1 MB"))
    said = words_of(household(one), "att/keep-alive/2026-12-23/1", "2026-12-22 09:00")
    assert said.text.startswith("Use 1 MB. On")
