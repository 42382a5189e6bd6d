"""`due`: what ought to have been said by now, from scratch; snoozes, plans that were left, and when to ask again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from households import (
    LOS_ANGELES,
    NEW_YORK,
    SHANGHAI,
    at,
    balance,
    bill,
    card,
    carrier,
    data,
    day,
    household,
    keep_alive,
    person,
    plan,
    promo,
    said,
)
from renewd.domain.dates import instant
from renewd.domain.plans import Backup, Cancel, FinalBill, Household, Plan
from renewd.reminders import (
    KINDS,
    NOTHING_FOUND,
    Findings,
    due,
    due_of_person,
    due_of_plan,
    start_of,
    told_at_all,
)


def seen(*plans: str, on: str) -> Findings:
    return Findings(since=dict.fromkeys(plans or ("tello",), at(on)))


def test_every_kind_has_the_leads_of_the_contract() -> None:
    assert {name: kind.leads for name, kind in KINDS.items()}.items() >= {
        "renewal": (7, 3, 1, 0),
        "overdue": (-1, -2, -3, -5, -7),
        "charge": (7, 1),
        "charged": (-1,),
        "lost": (30, 14, 7, 3, 2, 1, 0, -1, -30),
        "keep-alive": (30, 14, 7, 3, 1, 0, -1, -3, -7),
        "bill": (7, 3, 1, 0, -1, -3, -7, -14, -30),
        "balance": (14, 7, 3, 1),
        "data": (5,),
        "card": (60, 30, 7, 0, -7),
        "promo": (30, 7),
        "backup": (0, -7, -14),
        "pause": (7, 1),
        "digest": (0,),
    }.items()


# What is due is computed anew each time


def test_of_one_subject_only_the_latest_passed_lead_is_said() -> None:
    home = household(plan(renews="2026-12-12", every="30 days"))
    clock = {"2026-12-05 08:59": set(), "2026-12-05 09:00": {"7"}, "2026-12-09 08:59": {"7"}, "2026-12-11 20:00": {"1"}}
    for now, leads in clock.items():
        assert said(home, at(now)) == {f"tello/renewal/2026-12-12/{lead}" for lead in leads}


def test_a_plan_first_seen_after_its_date_says_at_once_where_it_stands() -> None:
    home = household(plan(renews="2026-11-12", every="30 days", grace="30 days"))
    assert said(home, at("2026-12-02 03:00")) == {"tello/overdue/2026-11-12/-14", "tello/lost/2026-12-12/14"}


def test_a_year_mistyped_into_the_past_is_said_at_once_and_does_not_end_the_world() -> None:
    home = household(
        plan(renews="2000-12-05", every="30 days", grace="30 days", bills=(bill(due_on="2000-01-01"),)),
        plan("alive", keep_alive=keep_alive("90 days", "2000-01-01")),
        plan(
            "auto",
            renews="2000-12-05",
            every="1 month",
            autopay=True,
            pay_with="balance",
            balance=balance("5", "2000-01-01"),
        ),
    )
    found = said(home, at("2026-12-02 12:00"))
    assert {key for key in found if "bill" not in key and key.startswith("tello")} == {
        "tello/overdue/2000-12-05/-28", "tello/lost/2001-01-04/-30",
    }  # fmt: skip
    assert "alive/keep-alive/2000-03-31/-84" in found


def test_a_year_mistyped_into_the_future_is_silent_and_does_not_end_the_world() -> None:
    far = household(
        plan(renews="2199-12-31", every="10 years", grace="10 years", keep_alive=keep_alive("10 years", "2199-12-31")),
        plan(
            "auto",
            renews="2199-12-31",
            every="10 years",
            autopay=True,
            failed_on="2199-12-31",
            charge_before="10 years",
        ),
        plan(
            "paid",
            renews="2199-12-31",
            price="0.01",
            every="10 years",
            pay_with="balance",
            balance=balance("999", "2000-01-01"),
        ),
    )
    assert said(far, at("2026-12-02 12:00")) == set()


def test_a_reader_in_shanghai_of_a_line_in_new_york() -> None:
    home = household(plan(renews="2026-12-12", every="30 days"), me=person(zone=SHANGHAI))
    assert said(home, at("2026-12-12 08:59", SHANGHAI)) == {"tello/renewal/2026-12-12/1"}
    assert said(home, at("2026-12-12 09:00", SHANGHAI)) == {"tello/renewal/2026-12-12/0"}
    assert said(home, at("2026-12-12 23:59")) == {"tello/renewal/2026-12-12/0"}
    # The day after begins in New York at 13:00 in Shanghai: it is said the next morning there.
    assert said(home, at("2026-12-14 08:59", SHANGHAI)) == set()
    assert said(home, at("2026-12-14 09:00", SHANGHAI)) == {"tello/overdue/2026-12-12/-1"}


def test_a_reader_in_los_angeles_of_a_line_in_shanghai() -> None:
    home = household(plan(renews="2026-12-12", every="30 days", zone=SHANGHAI), me=person(zone=LOS_ANGELES))
    # At nine in Los Angeles on the 12th that day is over in Shanghai.
    assert said(home, at("2026-12-11 08:59", LOS_ANGELES)) == {"tello/renewal/2026-12-12/1"}
    assert said(home, at("2026-12-11 09:00", LOS_ANGELES)) == {"tello/renewal/2026-12-12/0"}
    assert said(home, at("2026-12-12 07:59", LOS_ANGELES)) == {"tello/renewal/2026-12-12/0"}
    assert said(home, at("2026-12-12 08:00", LOS_ANGELES)) == set()
    assert said(home, at("2026-12-12 09:00", LOS_ANGELES)) == {"tello/overdue/2026-12-12/-1"}


def test_each_person_is_told_by_their_own_clock() -> None:
    home = household(
        plan(renews="2026-12-12", every="30 days", told=("me", "mom")),
        me=person(), mom=person("mom", zone=SHANGHAI, send_at=time(21, 30)),
    )  # fmt: skip
    assert said(home, at("2026-12-11 21:29", SHANGHAI), to="mom") == {"tello/renewal/2026-12-12/3"}
    assert said(home, at("2026-12-11 21:30", SHANGHAI), to="mom") == {"tello/renewal/2026-12-12/1"}
    assert said(home, at("2026-12-11 21:30", SHANGHAI)) == {"tello/renewal/2026-12-12/3"}


def test_everybody_who_is_told_at_all() -> None:
    home = household(plan(told=("mom",)), me=person(), mom=person("mom"), dad=person("dad"))
    assert [one.id for one in told_at_all(home)] == ["me", "mom"]
    assert [one.id for one in told_at_all(household(plan(told=("mom",)), mom=person("mom"), dad=person("dad")))] == [
        "mom"
    ]


def test_a_day_of_the_command_line_begins_in_the_households_zone() -> None:
    assert start_of(day("2026-12-05"), household()) == at("2026-12-05 00:00", NEW_YORK)


# Snooze


def test_a_snooze_is_silent_and_then_says_where_things_stand() -> None:
    words = {"renews": "2026-12-20", "every": "1 year", "snooze": "2026-12-10"}
    home = household(plan(**words))
    assert said(home, at("2026-12-10 08:59")) == set()
    assert said(home, at("2026-12-10 09:00")) == {"tello/renewal/2026-12-20/14"}
    assert said(home, at("2026-12-13 09:00")) == {"tello/renewal/2026-12-20/7"}


@pytest.mark.parametrize(
    ("words", "wakes"),
    [
        ({"renews": "2026-12-12", "every": "30 days"}, "2026-12-11"),  # the next stop
        ({"renews": "2026-11-20", "every": "30 days"}, "2026-12-19"),  # overdue: the next computed one
        ({"renews": "2026-11-20", "every": "1 year", "grace": "30 days"}, "2026-12-19"),  # the number's loss
        ({"renews": "2026-10-15", "every": "1 month", "autopay": True, "charge_before": "2 days"}, "2026-12-12"),
        ({"bills": (bill(due_on="2026-12-20"),), "renews": "2027-12-12"}, "2026-12-19"),
        ({"keep_alive": keep_alive("90 days", "2026-09-16")}, "2026-12-14"),
        (
            {"cancel": Cancel(confirmed_on=day("2026-12-01"), final_bill=FinalBill(due=day("2026-12-09"))),
             "bills": (bill(due_on="2026-12-24"),)},
            "2026-12-08",
        ),
    ],
)  # fmt: skip
def test_a_snooze_ends_on_the_last_good_day_before_something_that_bites(words: dict[str, Any], wakes: str) -> None:
    home = household(plan(snooze="2027-03-01", **words))
    seen_on = seen(on="2026-12-01 12:00")
    assert said(home, at(f"{wakes} 08:59"), seen_on) == set()
    assert said(home, at(f"{wakes} 09:00"), seen_on) != set()
    assert said(home, at(f"{wakes} 09:00")) != set()


def test_what_bites_in_the_past_does_not_wake() -> None:
    home = household(
        plan(snooze="2026-12-20", bills=(bill(due_on="2026-12-01"), bill("b", "2026-12-10", paid_on="2026-12-02")))
    )
    assert said(home, at("2026-12-15 12:00")) == set()


def test_a_snooze_that_has_ended_stays_ended() -> None:
    home = household(plan(renews="2026-12-12", every="30 days", snooze="2027-03-01"))
    since = seen(on="2026-12-01 12:00")
    assert said(home, at("2026-12-11 08:59"), since) == set()
    for now, lead in {"2026-12-11 12:00": "renewal/2026-12-12/1", "2026-12-13 12:00": "overdue/2026-12-12/-1"}.items():
        assert said(home, at(now), since) == {f"tello/{lead}"}
    # Snoozed anew after the stop: until the last good day before the next one.
    assert said(home, at("2026-12-15 12:00"), seen(on="2026-12-14 12:00")) == set()
    assert said(home, at("2027-01-10 09:00"), seen(on="2026-12-14 12:00")) != set()


def test_a_snooze_holds_its_plan_alone_and_also_what_is_at_once() -> None:
    home = household(
        plan(renews="2026-12-18", every="1 month", autopay=True, data=data(9, 10, "2026-12-01"), snooze="2026-12-05"),
        plan("other", renews="2026-12-03", every="30 days"),
    )
    assert said(home, at("2026-12-02 12:00")) == {"other/renewal/2026-12-03/1"}
    assert "tello/data/2026-12-18/5" in said(home, at("2026-12-05 09:00"))


def test_the_moment_of_what_a_snooze_held_back_is_its_end() -> None:
    home = household(plan(renews="2026-12-20", every="1 year", snooze="2026-12-10"))
    (found,) = [one for one in due(home, NOTHING_FOUND, at("2026-12-10 10:00")) if one.subject.kind == "renewal"]
    assert (found.lead, found.moment) == (14, at("2026-12-10 09:00"))
    (later,) = [one for one in due(home, NOTHING_FOUND, at("2026-12-13 10:00")) if one.subject.kind == "renewal"]
    assert (later.lead, later.moment) == (7, at("2026-12-13 09:00"))


# Leaving


def test_once_a_cancellation_is_confirmed_only_bills_remain() -> None:
    words = {"renews": "2026-12-12", "every": "30 days", "bills": (bill(due_on="2026-12-12"),), "grace": "2 days"}
    asked = household(plan(cancel=Cancel(requested_on=day("2026-12-01")), **words))
    assert "tello/renewal/2026-12-12/1" in said(asked, at("2026-12-11 12:00"))
    left = household(plan(cancel=Cancel(confirmed_on=day("2026-12-01")), **words))
    found = said(left, at("2026-12-11 12:00"))
    assert {key.split("/")[1][:4] for key in found} == {"bill"}


# When to ask again


ZONES = (NEW_YORK, LOS_ANGELES, SHANGHAI, "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London")
START, DAYS = date(2026, 10, 20), 30  # over both ends of summer time

zones = st.sampled_from(ZONES)
near = st.integers(-40, 80).map(lambda n: (START + timedelta(days=n)).isoformat())
cycles = st.sampled_from(["7 days", "30 days", "1 month", "1 year"])
maybe = st.none() | near
amounts = st.sampled_from(["0", "5", "12"])


@st.composite
def any_plan(draw: st.DrawFn) -> Plan:
    words: dict[str, Any] = {
        "zone": draw(zones),
        "every": draw(cycles),
        "autopay": draw(st.booleans()),
        "price": "5",
        "grace": draw(st.sampled_from([None, "3 days", "30 days"])),
        "carrier": draw(st.sampled_from([None, carrier(), carrier(grace="60 days", grace_origin="last-payment")])),
        "charge_before": draw(st.sampled_from(["0 days", "25 hours"])),
        "told": draw(st.sampled_from([("me",), ("me", "mom")])),
        "snooze": draw(maybe),
        "failed_on": draw(maybe),
        "pause_until": draw(maybe),
        "leads": draw(st.sampled_from([{}, {"renewal": (29, 2, 1, 0), "overdue": (-1, -2)}])),
    }
    if draw(st.booleans()):
        words |= {"pay_with": "balance", "balance": balance(draw(amounts), draw(near))}
    words["renews"] = draw(near)
    if draw(st.booleans()):
        words["keep_alive"] = keep_alive("40 days", draw(near))
        words["renews"] = draw(maybe)
    if draw(st.booleans()):
        words["bills"] = (bill(due_on=draw(near)),)
    if draw(st.booleans()):
        words["data"] = data(draw(st.sampled_from([1, 9])), 10, draw(near))
    if draw(st.booleans()):
        words["promo"] = promo(draw(near), "7")
    if draw(st.booleans()):
        words["backups"] = (Backup(what="Photos", done_on=day(draw(near))),)
    return plan(**words)


@st.composite
def any_household(draw: st.DrawFn, plans: st.SearchStrategy[Plan]) -> Household:
    clock = st.sampled_from([time(0), time(2), time(9), time(16), time(23)])  # as the hourly look
    return household(
        draw(plans),
        me=person(zone=draw(zones), send_at=draw(clock)),
        mom=person("mom", zone=draw(zones), send_at=draw(clock)),
    )


def hours(start: datetime, days: int) -> list[datetime]:
    return [start + timedelta(hours=n) for n in range(days * 24 + 1)]


@settings(max_examples=40)
@given(any_household(any_plan()))
def test_who_looks_only_when_told_to_sees_all_that_an_hourly_look_sees(home: Household) -> None:
    (one,) = home.plans.values()
    start = instant(START, time(0), NEW_YORK)
    end = start + timedelta(days=DAYS)
    findings = seen(on=START.isoformat())
    hourly = {
        (found.key, found.person)
        for now in hours(start, DAYS)
        for found in due_of_plan(one, home, findings, now).reminders
    }
    walked, now, looks = set(), start, 0
    while now <= end:
        found = due_of_plan(one, home, findings, now)
        walked |= {(reminder.key, reminder.person) for reminder in found.reminders}
        assert all(reminder.moment <= now for reminder in found.reminders)
        assert found.again > now
        now, looks = found.again, looks + 1
    assert walked == hourly
    assert looks < 24 * DAYS / 2


@pytest.mark.parametrize("zone", ZONES)
def test_it_is_the_same_for_what_belongs_to_a_person(zone: str) -> None:
    home = household(
        plan(renews="2026-10-01", every="1 month", autopay=True, pay_with="visa"), cards=(card("visa", "2026-10-31"),),
        me=person(zone=zone, send_at=time(16, 30)),
    )  # fmt: skip
    start = at("2026-10-20")
    (me,) = home.people.values()
    hourly = {one.key for now in hours(start, 50) for one in due_of_person(me, home, NOTHING_FOUND, now).reminders}
    walked, now = set(), start
    while now <= start + timedelta(days=50):
        found = due_of_person(me, home, NOTHING_FOUND, now)
        walked |= {one.key for one in found.reminders}
        now = found.again
    assert walked == hourly
    assert walked == {
        "@visa/card/2026-10-31/30", "@visa/card/2026-10-31/7", "@visa/card/2026-10-31/0", "@visa/card/2026-10-31/-7",
        "@me/digest/2026-11-01/0", "@me/digest/2026-12-01/0",
    }  # fmt: skip


@settings(max_examples=60)
@given(any_household(any_plan()), st.integers(0, 24 * 20))
def test_what_comes_next_is_what_is_due_then(home: Household, hour: int) -> None:
    (one,) = home.plans.values()
    findings = seen(on=START.isoformat())
    now = instant(START, time(0), NEW_YORK) + timedelta(hours=hour)
    found = due_of_plan(one, home, findings, now)
    assert found.again in {reminder.moment for reminder in found.coming.values()} or found.again > now + timedelta(
        days=30
    )
    assert all(found.again <= reminder.moment for reminder in found.coming.values())
    for who, coming in found.coming.items():
        assert coming.person == who in one.told
        assert coming.moment > now
        due_then = due_of_plan(one, home, findings, coming.moment).reminders
        assert (coming.key, who) in {(reminder.key, reminder.person) for reminder in due_then}
    later = due_of_plan(one, home, findings, found.again - timedelta(seconds=1)).reminders
    assert {one.key for one in later} <= {one.key for one in found.reminders}


def test_what_is_no_longer_worth_saying_does_not_come_next() -> None:
    home = household(plan(renews="2026-12-12", leads={"renewal": (1, -1), "overdue": (-3,)}))
    found = due_of_plan(home.plans["tello"], home, NOTHING_FOUND, at("2026-12-12 10:00"))
    assert {who: one.key for who, one in found.coming.items()} == {"me": "tello/overdue/2026-12-12/-3"}
    assert found.again == at("2026-12-15 09:00")
