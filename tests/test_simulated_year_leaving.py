"""Households that leave: in time, late, by letting a line run out; a PIN that ends, a bill that never comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import pytest

import invariants
from households import day
from loop_without_threads import run_without_threads
from renewd.domain.cancellation import stage
from simulated_year import Event, Life, kind_of, live

HEAD = 'timezone = "America/New_York"\nlanguage = "en"\n[mail]\nto = "me@example.com"\n[person.mom]\nemail = "mom@example.com"\n'
MAIN = (
    HEAD
    + """
[plan.main]
name = "T-Mobile main"
carrier = "tmobile"
for = ["me"]
number = "+12065550100"
account = { id = "982-555", email = "me@example.com", holder = "mom" }
renews = 2026-12-20
every = "1 month"
price = 40
autopay = true
charge_before = "0 days"
remind = { charge = [], charged = [] }
[[plan.main.binding]]
service = "Chase"
critical = true
[plan.main.cancel]
by = 2027-02-28
number = "port"
"""
)
PREPAID = (
    HEAD
    + """
[plan.tello]
carrier = "tello"
for = ["me"]
number = "+12065550142"
renews = 2026-12-20
every = "30 days"
price = 5
grace = "30 days"
[plan.tello.cancel]
how = "lapse"
number = "drop"
"""
)
SETTLED = {
    "2027-03-20": "mark main final-bill --amount 21.30 --until 2027-04-10",
    "2027-04-08": "mark main paid final",
}
PORTED: Mapping[str, Event | list[Event]] = {
    "2027-01-25": "mark main moved Chase",
    "2027-02-12": ["mark main lock-off", "mark main pin"],
    "2027-02-14": "mark main requested --reference C-778",
    "2027-02-16": "mark main confirmed",
}
STORIES: dict[str, tuple[str, Mapping[str, Event | list[Event]]]] = {
    "in time": (MAIN, {**PORTED, **SETTLED}),
    "late": (MAIN, {
        "2027-01-25": "mark main moved Chase", "2027-03-14": ["mark main lock-off", "mark main pin"],
        "2027-03-18": "mark main requested", "2027-03-30": "mark main confirmed", **SETTLED,
    }),
    "let run out": (PREPAID, {}),
    "the pin ended": (MAIN, {
        "2027-02-01": ["mark main lock-off", "mark main pin"], "2027-02-15": "mark main pin",
        "2027-02-18": "mark main requested", "2027-02-20": "mark main confirmed", **SETTLED,
    }),
    "no final bill": (MAIN, PORTED),
    "changed their mind": (PREPAID, {"2027-01-10": "mark tello renewed", "2027-01-11": ('how = "lapse"\n', "")}),
}  # fmt: skip


@cache
def lived(story: str) -> Life:
    text, events = STORIES[story]
    return run_without_threads(live(text, events=events, days=300))


def told(story: str, person: str = "me", plan: str = "main") -> list[tuple[str, str]]:
    return [(on, key.removeprefix(f"{plan}/")) for on, key in lived(story).told(f"{plan}/", person)]


INVARIANTS = (
    invariants.nothing_was_told_twice, invariants.nothing_broke, invariants.nothing_came_late, invariants.one_mail_for_a_person_and_moment,
    invariants.leads_descend,
)  # fmt: skip


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__)
@pytest.mark.parametrize("story", STORIES)
def test_in_every_story_the_invariants_hold(story: str, invariant: Callable[[Life], None]) -> None:
    invariant(lived(story))


def test_who_ports_in_time_is_led_there_and_then_left_in_peace() -> None:
    assert told("in time") == [
        ("2027-01-20", "cancel-by/2027-02-19/30"), ("2027-02-05", "cancel-by/2027-02-19/14"),
        ("2027-02-12", "cancel-by/2027-02-19/7"), ("2027-03-18", "final-bill/2027-02-16/-30"),
        ("2027-04-03", "bill:final/2027-04-10/7"), ("2027-04-07", "bill:final/2027-04-10/3"),
    ]  # fmt: skip
    assert stage(lived("in time").last.plans["main"], day("2027-06-01")) == "closed"


def test_the_holder_is_told_what_only_the_holder_can_do() -> None:
    assert told("in time", "mom") == [one for one in told("in time") if "bill:" not in one[1] or "bill:final" in one[1]]
    key = "main/cancel-by/2027-02-19/14"
    first = next(mail for mail in lived("in time").mails if mail.person == "mom" and key in mail.keys)
    assert "Reply to this mail" in first.text
    assert "renewd mark" not in first.text


def test_who_is_late_hears_of_each_further_charge_and_is_asked_whether_it_is_done() -> None:
    found = told("late")
    assert [one for one in found if "cancel-by" in one[1]] == [
        ("2027-01-20", "cancel-by/2027-02-19/30"),
        ("2027-02-05", "cancel-by/2027-02-19/14"), ("2027-02-12", "cancel-by/2027-02-19/7"),
        ("2027-02-16", "cancel-by/2027-02-19/3"), ("2027-02-18", "cancel-by/2027-02-19/1"),
        ("2027-02-19", "cancel-by/2027-02-19/0"), ("2027-03-12", "cancel-by/2027-03-19/7"),
        ("2027-03-18", "cancel-by/2027-03-19/1"),
    ]  # fmt: skip
    assert [one for one in found if "pin" in one[1]] == [("2027-03-18", "pin/2027-03-20/2")]
    assert [one for one in found if "unconfirmed" in one[1]] == [
        ("2027-03-21", "unconfirmed/2027-03-18/-3"), ("2027-03-25", "unconfirmed/2027-03-18/-7"),
    ]  # fmt: skip


def test_a_line_that_runs_out_speaks_four_times_in_all() -> None:
    assert told("let run out", plan="tello") == [
        ("2026-12-13", "renewal/2026-12-20/7"), ("2026-12-19", "renewal/2026-12-20/1"),
        ("2027-01-12", "lost/2027-01-19/7"), ("2027-01-18", "lost/2027-01-19/1"),
    ]  # fmt: skip
    first = next(mail for mail in lived("let run out").mails if "tello/renewal/2026-12-20/7" in mail.keys)
    assert "do not renew" in first.subject


def test_who_changes_their_mind_is_reminded_as_before() -> None:
    kinds = {key.split("/")[0] for on, key in told("changed their mind", plan="tello") if on > "2027-01-12"}
    assert "renewal" in kinds


def test_a_pin_that_ends_is_said_and_a_new_one_counts_anew() -> None:
    assert [one for one in told("the pin ended") if "pin" in one[1]] == [
        ("2027-02-05", "pin/2027-02-07/2"), ("2027-02-06", "pin/2027-02-07/1"), ("2027-02-07", "pin/2027-02-07/0"),
    ]  # fmt: skip
    open_ = [one for one in told("the pin ended") if "binding" in one[1]]
    assert open_ == [
        ("2027-01-29", "binding/2027-02-28/30"), ("2027-02-14", "binding/2027-02-28/14"),
    ]  # fmt: skip


def test_a_final_bill_that_never_comes_is_asked_for_three_times() -> None:
    assert [one for one in told("no final bill") if one[0] > "2027-02-16"] == [
        ("2027-03-18", "final-bill/2027-02-16/-30"), ("2027-04-17", "final-bill/2027-02-16/-60"),
        ("2027-05-17", "final-bill/2027-02-16/-90"),
    ]  # fmt: skip
    digests = [mail for mail in lived("no final bill").mails if mail.person == "me" and "/digest/" in str(mail.keys)]
    months = {f"{mail.at:%Y-%m}": " ".join(mail.text.split()) for mail in digests}
    assert "is the card still charged?" in months["2027-04"]
    assert "look at the credit report" in months["2027-06"]
    assert stage(lived("no final bill").last.plans["main"], day("2027-09-01")) == "confirmed"


def test_the_next_mail_may_be_a_report_or_what_an_account_holder_is_told() -> None:
    """Of `b` its owner gets the reports alone; of `a` the holder of its account is told of the cancellation alone."""
    text = """
timezone = "America/New_York"
[person.me]
email = "me@example.com"
[person.mom]
email = "mom@example.com"
[plan.a]
renews = 2026-12-28
every = "1 month"
autopay = true
for = ["me"]
account = { holder = "mom" }
cancel = { number = "drop" }
[plan.b]
renews = 2026-12-24
every = "1 month"
for = ["mom"]
cancel = { number = "port" }
"""
    life = run_without_threads(live(text, days=40))
    assert any("a/cancel-by" in key for key in life.keys("mom"))
    assert any(kind_of(mail.keys[0]) == "report" for mail in life.mails)
    invariants.the_next_mail_comes_when_it_was_promised(life)
