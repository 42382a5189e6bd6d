"""Households walked through a year: what each of them gets, and what holds in every life (docs/households.md)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import invariants
from golden_files import check_golden
from households import at, household, person, plan
from households_doc import filled
from loop_without_threads import run_without_threads
from renewd.domain import cycles
from renewd.domain.plans import Household
from renewd.reminders import KINDS
from renewd.reminders.grouping import Welcome
from sample_households import OWNERS
from simulated_year import Event, Life, kind_of, live

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"en": DOCS / "households.md", "zh-CN": DOCS / "zh-CN" / "households.md"}


@cache  # in each worker; marked `long`, these tests would be spread over all workers, and each life lived in every one
def lived(name: str) -> Life:
    owner = OWNERS[name]
    return run_without_threads(live(owner.text, owner.start, events=owner.events, habits=owner.habits))


def told(
    name: str, prefix: str, since: str, until: str, person: str = "me", zone: str = "America/New_York"
) -> list[tuple[str, str]]:
    """Return (day, key without its plan) of what a person was told of a plan, or of "@" things, between two days."""
    found = lived(name).told(prefix, person, zone)
    return [(day, key.removeprefix(f"{prefix}/")) for day, key in found if since <= day < until]


@pytest.mark.parametrize("invariant", invariants.INVARIANTS, ids=lambda invariant: invariant.__name__)
@pytest.mark.parametrize("name", OWNERS)
def test_in_every_household_the_invariants_hold(name: str, invariant: Callable[[Life], None]) -> None:
    invariant(lived(name))


def test_every_kind_is_told_in_some_life() -> None:
    kinds = {kind_of(key) for name in OWNERS for person in lived(name).count() for key in lived(name).keys(person)}
    assert kinds == {*KINDS, "report"} - {"pin", "final-bill", "refund", "undo"}  # those are in the stories of leaving


def test_who_leaves_gets_what_is_due_at_one_time_in_one_mail() -> None:
    mails = [mail for mail in lived("leaver").mails if str(mail.at.date()) < "2027-07-01"]
    assert len(mails) <= 28
    with_report = [mail for mail in mails if any("/cancel-by/" in key for key in mail.keys)]
    assert all(kind_of(mail.keys[-1]) == "report" for mail in with_report)
    assert [kind_of(key) for key in mails[0].keys] == ["digest", "report"]  # the report of the first day waits for it


def test_each_month_begins_with_one_digest_for_everybody_who_is_told() -> None:
    for name in OWNERS:
        for one, mails in lived(name).count().items():
            digests = [key for key in lived(name).keys(one) if "/digest/" in key]
            months = [
                f"@{one}/digest/{year}-{month:02}-01/0"
                for year, month in ((2026, 12), *((2027, m) for m in range(1, 13)))
            ]
            assert digests in (months[:12], months), name  # in Shanghai the last 1 Dec begins before the year is over
            assert mails >= len(digests)


def test_tello_on_autopay_is_two_mails_a_charge_in_shanghais_morning() -> None:
    assert told("tello-abroad", "tello", "2026-12-01", "2027-03-01", zone="Asia/Shanghai") == [
        ("2026-12-04", "charge/2026-12-05/1"),
        ("2026-12-07", "charged/2026-12-05/-1"),  # at 09:00 on the 6th it is still the 5th in New York
        ("2027-01-03", "charge/2027-01-04/1"),
        ("2027-01-06", "charged/2027-01-04/-1"),
        ("2027-02-02", "charge/2027-02-03/1"),
        ("2027-02-05", "charged/2027-02-03/-1"),
    ]


def test_who_never_says_so_is_asked_from_the_stop_to_the_loss_and_then_cycle_by_cycle() -> None:
    assert told("ultra-never-says", "ultra", "2026-12-01", "2027-02-06") == [
        ("2026-12-26", "renewal/2027-01-02/7"),
        ("2026-12-30", "renewal/2027-01-02/3"),
        ("2027-01-01", "renewal/2027-01-02/1"),
        ("2027-01-02", "renewal/2027-01-02/0"),
        ("2027-01-03", "overdue/2027-01-02/-1"),
        ("2027-01-04", "overdue/2027-01-02/-2"),
        ("2027-01-05", "overdue/2027-01-02/-3"),
        ("2027-01-07", "overdue/2027-01-02/-5"),
        ("2027-01-09", "overdue/2027-01-02/-7"),
        ("2027-01-16", "overdue/2027-01-02/-14"),
        ("2027-01-18", "lost/2027-02-01/14"),
        ("2027-01-23", "overdue/2027-01-02/-21"),
        ("2027-01-25", "lost/2027-02-01/7"),
        ("2027-01-29", "lost/2027-02-01/3"),
        ("2027-01-29", "renewal/2027-02-01/3"),
        ("2027-01-30", "lost/2027-02-01/2"),
        ("2027-01-30", "overdue/2027-01-02/-28"),
        ("2027-01-31", "lost/2027-02-01/1"),
        ("2027-01-31", "renewal/2027-02-01/1"),
        ("2027-02-01", "lost/2027-02-01/0"),
        ("2027-02-02", "lost/2027-02-01/-1"),
    ]
    assert told("ultra-never-says", "ultra", "2027-07-01", "2027-07-31") == [
        ("2027-07-28", "renewal/2027-07-31/3"),
        ("2027-07-30", "renewal/2027-07-31/1"),
    ]
    assert len(lived("ultra-never-says").mails) <= 50


def test_a_balance_is_silent_while_it_lasts_and_again_after_a_top_up() -> None:
    assert told("att-balance", "att", "2026-12-01", "2027-12-01") == [
        ("2027-02-28", "balance/2027-03-14/14"),
        ("2027-03-07", "balance/2027-03-14/7"),
        ("2027-03-08", "renewal/2027-03-15/7"),
        ("2027-05-29", "balance/2027-06-12/14"),
        ("2027-06-05", "balance/2027-06-12/7"),
        ("2027-06-06", "renewal/2027-06-13/7"),
        ("2027-09-26", "balance/2027-10-10/14"),
        ("2027-10-03", "balance/2027-10-10/7"),
        ("2027-10-04", "renewal/2027-10-11/7"),
        ("2027-10-07", "balance/2027-10-10/3"),
        ("2027-10-08", "renewal/2027-10-11/3"),
    ]


def test_five_lines_on_one_account_are_one_mail_with_the_sum() -> None:
    life = lived("family")
    charges = [mail for mail in life.mails if mail.person == "me" and "/charge/" in mail.keys[0]]
    assert ["2026-12-14", *(f"2027-{month:02}-14" for month in range(1, 12))] == [
        str(mail.at.date()) for mail in charges
    ]
    for mail in charges:
        (block,) = mail.letter.blocks
        assert block.total is not None
        assert (len(block.group), str(block.total.amount)) == (5, "180")
    assert told("family", "anna", "2026-12-01", "2027-01-01", "anna") == [
        ("2026-12-14", "charge/2026-12-15/1"),
        ("2026-12-16", "charged/2026-12-15/-1"),
    ]
    assert not told("family", "dad", "2026-12-01", "2027-12-01", "anna")


def test_a_plan_of_360_days_paid_a_week_early_is_two_mails_a_year() -> None:
    assert told("red-pocket", "pocket", "2026-12-01", "2027-12-01") == [
        ("2027-03-06", "renewal/2027-03-20/14"),
        ("2027-03-13", "renewal/2027-03-20/7"),
    ]
    assert date(2028, 3, 14) == lived("red-pocket").last.plans["pocket"].renews


def test_paid_late_is_asked_for_until_it_is_marked_and_the_next_date_counts_from_the_rule() -> None:
    assert told("late-twice", "usm", "2026-12-11", "2027-03-01") == [
        ("2026-12-11", "overdue/2026-12-10/-1"),
        ("2026-12-12", "overdue/2026-12-10/-2"),
        ("2026-12-13", "overdue/2026-12-10/-3"),
        ("2027-01-02", "renewal/2027-01-09/7"),  # marked without a day: the earliest next date
        ("2027-01-06", "renewal/2027-01-09/3"),
        ("2027-01-08", "renewal/2027-01-09/1"),
        ("2027-01-09", "renewal/2027-01-09/0"),
        ("2027-01-10", "overdue/2027-01-09/-1"),
        ("2027-01-11", "overdue/2027-01-09/-2"),
        ("2027-01-12", "overdue/2027-01-09/-3"),
        ("2027-01-14", "overdue/2027-01-09/-5"),
        ("2027-01-16", "overdue/2027-01-09/-7"),
        ("2027-02-12", "renewal/2027-02-19/7"),  # 30 days after 20 Jan, the day it was paid on
        ("2027-02-16", "renewal/2027-02-19/3"),
        ("2027-02-18", "renewal/2027-02-19/1"),
    ]


def test_a_plan_first_seen_after_its_date_is_said_at_once_in_one_mail_and_not_as_late() -> None:
    life = lived("first-seen-late")
    assert life.mails[0].keys == ("@me/digest/2026-12-01/0", "metro/overdue/2026-11-20/-7")
    assert life.forms[0].since == life.mails[0].at
    assert life.mails[0].letter.first == Welcome(1, "America/New_York")
    assert told("first-seen-late", "metro", "2026-12-02", "2027-02-01") == [
        ("2026-12-13", "renewal/2026-12-20/7"),
        ("2026-12-17", "renewal/2026-12-20/3"),
        ("2027-01-13", "renewal/2027-01-20/7"),
        ("2027-01-17", "renewal/2027-01-20/3"),
    ]


def test_a_year_mistyped_backwards_is_said_once_and_put_right_it_goes_on_as_usual() -> None:
    assert told("year-behind", "tello", "2026-12-01", "2027-01-01") == [
        ("2026-12-01", "lost/2025-12-06/-30"),
        ("2026-12-01", "overdue/2025-12-05/-84"),
        ("2026-12-02", "renewal/2026-12-05/3"),
        ("2026-12-03", "lost/2026-12-06/3"),
        ("2026-12-04", "lost/2026-12-06/2"),
        ("2026-12-04", "renewal/2026-12-05/1"),
        ("2026-12-28", "renewal/2027-01-04/7"),
    ]


@pytest.mark.parametrize(("name", "code"), [("year-behind", "check.long-past"), ("year-ahead", "check.far-ahead")])
def test_the_first_mail_names_a_year_that_was_mistyped(name: str, code: str) -> None:
    first, *others = lived(name).mails
    assert [doubt.code for doubt in first.letter.doubts] == [code]
    assert "plan.tello.renews" in first.text
    assert not [mail for mail in others if mail.letter.doubts]


def test_where_no_grace_is_published_the_loss_asks_for_no_later_day_than_the_renewal() -> None:
    together = [mail for mail in lived("year-behind").mails if mail.at == at("2026-12-04 09:00")]
    ((block,),) = (mail.letter.blocks for mail in together)
    assert [(one.kind, one.good) for one in (block.facts, *block.also)] == [
        ("lost", date(2026, 12, 4)),
        ("renewal", date(2026, 12, 4)),
    ]


def test_after_an_offer_a_pause_ends_at_the_new_price() -> None:
    pauses = [mail.letter.blocks[0].facts for mail in lived("student").mails if "/pause/" in mail.keys[0]]
    assert [str(facts.amount.amount) for facts in pauses if facts.amount] == ["60", "60"]


def test_two_readers_and_two_countries_each_hear_in_their_morning_before_the_plans_day_is_over() -> None:
    assert told("two-countries", "tello", "2026-12-01", "2027-01-01", zone="Asia/Shanghai") == [
        ("2026-12-01", "renewal/2026-12-05/7"),
        ("2026-12-02", "renewal/2026-12-05/3"),
        ("2026-12-04", "renewal/2026-12-05/1"),
        ("2026-12-28", "renewal/2027-01-04/7"),
    ]
    assert told("two-countries", "cmcc", "2026-12-01", "2027-01-24", "yang", "America/Los_Angeles") == [
        ("2026-12-24", "renewal/2027-01-01/7"),  # 09:00 in Los Angeles on the 25th is the 26th in China
        ("2026-12-28", "renewal/2027-01-01/3"),
    ]
    assert told("two-countries", "cmcc", "2026-12-01", "2027-01-24", zone="Asia/Shanghai") == [
        ("2026-12-25", "renewal/2027-01-01/7"),
        ("2026-12-29", "renewal/2027-01-01/3"),
    ]


@pytest.mark.parametrize(
    ("one", "days"), [("me", ("01-30", "03-01", "03-24", "03-31")), ("mom", ("01-30", "03-01", "03-24", "03-31"))]
)
def test_a_card_that_four_plans_share_is_said_to_everybody_until_it_is_replaced(
    one: str, days: tuple[str, ...]
) -> None:
    zone = "Asia/Shanghai" if one == "mom" else "America/New_York"
    assert [(f"2027-{day}", f"card/2027-03-31/{lead}") for day, lead in zip(days, (60, 30, 7, 0), strict=True)] == told(
        "shared-card", "@visa", "2026-12-01", "2027-12-01", one, zone
    )


def test_a_charge_on_a_card_that_will_have_ended_is_said_a_week_ahead() -> None:
    assert told("shared-card", "mint", "2026-12-01", "2027-05-01") == [
        ("2027-01-03", "charge/2027-01-04/1"),
        ("2027-01-05", "charged/2027-01-04/-1"),
        ("2027-03-28", "charge/2027-04-04/7"),
        ("2027-04-03", "charge/2027-04-04/1"),
        ("2027-04-05", "charged/2027-04-04/-1"),
    ]


def test_an_autopay_that_failed_is_a_plan_to_pay_until_it_was_paid() -> None:
    assert told("autopay-failed", "visible", "2027-01-01", "2027-03-01") == [
        ("2027-01-12", "charge/2027-01-13/1"),
        ("2027-01-14", "charged/2027-01-13/-1"),
        ("2027-01-14", "renewal/2027-01-15/1"),  # five minutes after it was marked as failed
        ("2027-01-15", "renewal/2027-01-15/0"),
        ("2027-01-16", "overdue/2027-01-15/-1"),
        ("2027-01-17", "overdue/2027-01-15/-2"),
        ("2027-02-12", "charge/2027-02-13/1"),
        ("2027-02-14", "charged/2027-02-13/-1"),
    ]


def test_a_missed_keep_alive_is_said_for_twelve_weeks_and_then_by_the_digest_alone() -> None:
    weekly = [f"keep-alive/2026-12-30/-{lead}" for lead in range(14, 85, 7)]
    keys = [key for _, key in told("keep-alive-missed", "payg", "2026-12-01", "2027-12-01")]
    assert [
        *(f"keep-alive/2026-12-30/{lead}" for lead in (30, 14, 7, 3, 1, 0, -1, -3, -7)),
        *weekly,
        "keep-alive/2027-08-08/30",
        "keep-alive/2027-08-08/14",
        "keep-alive/2027-10-23/30",
        "keep-alive/2027-12-30/30",
    ] == keys
    april = next(mail for mail in lived("keep-alive-missed").mails if "@me/digest/2027-04-01/0" in mail.keys)
    assert april.letter.digest is not None
    assert [(one.what, one.days) for one in april.letter.digest.open] == [("keep-alive", 92)]


def test_leads_changed_midway_neither_repeat_nor_skip() -> None:
    assert told("leads-changed", "usm/renewal", "2026-12-01", "2027-03-10") == [
        ("2026-12-03", "2026-12-10/7"),  # of 7 3 1 0
        ("2026-12-08", "2026-12-10/2"),  # of 10 2: the 10 is not said after the 7
        ("2026-12-30", "2027-01-09/10"),
        ("2027-01-07", "2027-01-09/2"),
        ("2027-01-29", "2027-02-08/10"),
        ("2027-02-03", "2027-02-08/5"),  # of 20 5: passed since the morning, said when it was written
        ("2027-02-18", "2027-03-10/20"),
        ("2027-03-05", "2027-03-10/5"),
    ]


def test_a_students_year_with_a_bill_an_offer_a_backup_and_a_pause() -> None:
    assert [
        *(
            (f"2026-12-{day:02}", f"bill:7ed783d5/2026-12-09/{lead}")
            for day, lead in ((2, 7), (6, 3), (8, 1), (9, 0), (10, -1), (12, -3))
        ),
        ("2026-12-17", "data/2026-12-22/5"),
        ("2026-12-21", "charge/2026-12-22/1"),
        ("2026-12-23", "charged/2026-12-22/-1"),
        ("2027-01-12", "data/2027-01-22/5"),  # 85 % used: at once, and not again five days before
        ("2027-01-19", "backup:62119a57/2027-01-19/0"),
        ("2027-01-21", "charge/2027-01-22/1"),
        ("2027-01-23", "charged/2027-01-22/-1"),
        ("2027-01-23", "promo/2027-02-22/30"),
        ("2027-01-26", "backup:62119a57/2027-01-19/-7"),
        ("2027-02-15", "charge/2027-02-22/7"),  # not the sum of last time
        ("2027-02-15", "promo/2027-02-22/7"),
        ("2027-02-17", "data/2027-02-22/5"),
        ("2027-02-21", "charge/2027-02-22/1"),
        ("2027-02-23", "charged/2027-02-22/-1"),
    ] == told("student", "main", "2026-12-01", "2027-03-01")
    assert told("student", "main", "2027-06-10", "2027-09-20") == [  # paused: no charge, and no data to look at
        ("2027-08-25", "pause/2027-09-01/7"),
        ("2027-08-31", "pause/2027-09-01/1"),
        ("2027-09-17", "data/2027-09-22/5"),
    ]


# --- a reseller -------------------------------------------------------------------------------------------------------

LINES, PEOPLE = 5000, 500


def many() -> Household:
    """5,000 lines of 500 people, ten each: six on autopay, four to pay by hand, over all days of a month."""
    plans = [
        plan(
            f"line-{n}",
            told=(f"p{n % PEOPLE}",),
            renews=str(date(2026, 12, 3) + timedelta(days=n * 7 % 30)),
            every="30 days" if n % 2 else "1 month",
            price="5",
            autopay=n // PEOPLE < 6,
            grace="30 days",
        )
        for n in range(LINES)
    ]
    people: Any = {f"p{n}": person(f"p{n}") for n in range(PEOPLE)}
    return household(*plans, **people)


def pays_on_sundays(home: Household, today: date) -> Event:
    """Return the reseller's habit: on Sundays, all that stops in the week to come is paid and marked."""
    if today.weekday() != 6:
        return None
    paid = {}
    for one in home.plans.values():
        if not one.autopay and one.renews is not None and one.renews <= today + timedelta(days=7):
            new = cycles.paid(one, today=today)
            assert new is not None
            paid[one.id] = one._replace(renews=new.renews, day=new.day)
    return lambda home, _today: dataclasses.replace(home, plans={**home.plans, **paid})


@cache
def lived_by_many() -> Life:
    return run_without_threads(live(many(), days=31, habits=[pays_on_sundays], words={"p1", "p7", "p250"}))


def test_5000_lines_of_500_people_have_their_month() -> None:
    life = lived_by_many()
    assert not life.broken
    invariants.nothing_was_told_twice(life)
    invariants.one_mail_for_a_person_and_moment(life)
    invariants.leads_descend(life)
    invariants.everything_told_was_true(life)
    invariants.mails_come_at_the_readers_hour(life)
    invariants.nobody_was_left_unwarned(life, [f"line-{n}" for n in range(0, LINES, 9)])
    invariants.nothing_came_late(life)
    assert len(life.count()) == PEOPLE
    assert {f"p{n}" for n in range(PEOPLE)} == set(life.count())


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", PAGES)
def test_the_page_tells_what_these_households_got(code: str) -> None:
    page = PAGES[code]
    counted = filled(page.read_text("utf-8"), {name: lived(name) for name in OWNERS}, lived_by_many(), LINES, code)
    check_golden(page, counted)
