"""`agenda`: every reminder that will go out, as if everything open were dealt with on its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from households import (
    LOS_ANGELES,
    NEW_YORK,
    SHANGHAI,
    at,
    bill,
    carrier,
    data,
    day,
    household,
    keep_alive,
    length,
    listed,
    person,
    plan,
    said,
)
from renewd.domain.cycles import paid
from renewd.domain.dates import day_in, nth
from renewd.domain.plans import Backup, Household, Plan
from renewd.reminders import NOTHING_FOUND, Findings, Reminder, agenda, due_of_plan


def days_of(home: Household, start: str, days: int, *, to: str = "me") -> list[str]:
    return [key for _, key in listed(home, start, days, to=to)]


def test_it_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    home = household(plan(renews="2026-12-12", every="30 days"))
    start, end = at("2026-12-05 09:00"), at("2026-12-12 09:00")
    found = sorted(one.moment for one in agenda(home, NOTHING_FOUND, start, end) if one.subject.kind == "renewal")
    assert found == [start, at("2026-12-09 09:00"), at("2026-12-11 09:00")]


def test_a_lead_that_has_passed_is_not_listed_though_it_is_due() -> None:
    home = household(plan(renews="2026-12-12", every="30 days"))
    assert days_of(home, "2026-12-06", 6) == ["tello/renewal/2026-12-12/3", "tello/renewal/2026-12-12/1"]
    assert said(home, at("2026-12-06")) == {"tello/renewal/2026-12-12/7"}


def test_what_is_open_is_dealt_with_on_its_day_so_that_later_cycles_show() -> None:
    home = household(plan(renews="2026-12-12", every="30 days", grace="10 days", bills=(bill(due_on="2026-12-12"),)))
    found = days_of(home, "2026-12-12", 40)
    assert [key.split("/", 1)[1] for key in found] == [
        f"{found[0].split('/')[1]}/2026-12-12/0", "renewal/2026-12-12/0",
        "renewal/2027-01-11/7", "renewal/2027-01-11/3", "renewal/2027-01-11/1", "renewal/2027-01-11/0",
    ]  # fmt: skip


def test_what_is_overdue_stays_open_to_the_end_with_its_later_leads() -> None:
    home = household(plan(renews="2026-12-12", every="30 days", grace="10 days", bills=(bill("b", "2026-12-12"),)))
    found = [key.removeprefix("tello/") for key in days_of(home, "2026-12-13", 75)]
    kinds = {
        kind: [key.rpartition("/")[2] for key in found if key.startswith(kind)] for kind in ("overdue", "lost", "bill")
    }
    assert kinds == {
        "overdue": ["-1", "-2", "-3", "-5", "-7"],  # the number is lost three days later
        "lost": ["7", "3", "2", "1", "0", "-1", "-30"],
        "bill": ["-1", "-3", "-7", "-14", "-30", "-60"],
    }
    assert [key for key in found if key.startswith("renewal")] == [
        "renewal/2027-01-11/3", "renewal/2027-01-11/1", "renewal/2027-02-10/3", "renewal/2027-02-10/1",
    ]  # fmt: skip


def test_every_person_has_a_row_of_their_own() -> None:
    home = household(
        plan(renews="2026-12-12", every="30 days", told=("me", "mom")), me=person(), mom=person("mom", zone=SHANGHAI)
    )
    start = at("2026-12-11")
    found = sorted(
        (f"{one.moment:%d %H:%M}", one.person) for one in agenda(home, NOTHING_FOUND, start, start + timedelta(days=2))
    )
    assert found == [("11 14:00", "me"), ("12 01:00", "mom"), ("12 14:00", "me")]


def test_what_a_snooze_holds_back_is_listed_once_when_it_ends() -> None:
    home = household(plan(renews="2026-12-25", every="1 year", snooze="2026-12-20"))
    assert listed(home, "2026-12-01", 30) == [
        ("2026-12-20 14:00", "tello/renewal/2026-12-25/7"),
        ("2026-12-22 14:00", "tello/renewal/2026-12-25/3"),
        ("2026-12-24 14:00", "tello/renewal/2026-12-25/1"),
        ("2026-12-25 14:00", "tello/renewal/2026-12-25/0"),
    ]


def test_what_passed_before_but_is_held_back_by_a_snooze_is_listed_when_it_ends() -> None:
    home = household(plan(renews="2026-12-25", every="1 year", snooze="2026-12-15"))
    assert listed(home, "2026-12-13", 4) == [("2026-12-15 14:00", "tello/renewal/2026-12-25/14")]
    assert listed(home, "2026-12-16", 4) == [("2026-12-18 14:00", "tello/renewal/2026-12-25/7")]


def test_a_snooze_and_a_lead_at_one_instant_are_one() -> None:
    home = household(plan(renews="2026-12-25", every="1 year", snooze="2026-12-18"))
    assert listed(home, "2026-12-01", 19) == [("2026-12-18 14:00", "tello/renewal/2026-12-25/7")]


def test_at_once_is_at_the_beginning_or_when_a_snooze_ends() -> None:
    words = {"renews": "2026-12-18", "every": "1 month", "data": data(9, 10, "2026-12-01"), "leads": {"renewal": ()}}
    assert listed(household(plan(**words)), "2026-12-02", 20)[0] == ("2026-12-02 05:00", "tello/data/2026-12-18/5")
    assert listed(household(plan(snooze="2026-12-04", **words)), "2026-12-02", 20)[0] == (
        "2026-12-04 14:00", "tello/data/2026-12-18/5",
    )  # fmt: skip


def test_where_summer_time_puts_two_leads_at_one_instant_only_the_later_is_said() -> None:
    # 16:30 in London is 23:30 in Shanghai in summer, and the next day from 25 October on.
    home = household(
        plan(renews="2026-10-25", every="30 days", zone=SHANGHAI), me=person(zone="Europe/London", send_at=time(16, 30))
    )
    assert listed(home, "2026-10-20", 6) == [
        ("2026-10-22 15:30", "tello/renewal/2026-10-25/3"),
        ("2026-10-24 15:30", "tello/renewal/2026-10-25/0"),
    ]
    assert said(home, at("2026-10-24 16:30", "Europe/London")) == {"tello/renewal/2026-10-25/0"}


# Against the real thing


ZONES = (NEW_YORK, LOS_ANGELES, SHANGHAI, "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London")
START, DAYS = day("2026-10-05"), 60
zones = st.sampled_from(ZONES)
clocks = st.sampled_from([time(0), time(2, 30), time(9), time(16, 30), time(23, 59)])
later = st.integers(1, 60).map(lambda n: (START + timedelta(days=n)).isoformat())
earlier = st.integers(3, 200).map(lambda n: (START - timedelta(days=n)).isoformat())

Row = tuple[str, str, datetime]


def row(one: Reminder) -> Row:
    return one.key, one.person, one.moment


def planned(home: Household, start: datetime, end: datetime, findings: Findings = NOTHING_FOUND) -> set[Row]:
    found = [row(one) for one in agenda(home, findings, start, end) if one.subject.plan]
    assert len(found) == len(set(found))
    return set(found)


def latest_alone(found: list[Reminder], before: dict[tuple[str, str], int]) -> list[Reminder]:
    """Return what is new: nothing of which a smaller or equal lead was said."""
    new = [one for one in found if before.get((one.subject.stem, one.person), 1000) > one.lead]
    before.update({(one.subject.stem, one.person): one.lead for one in new})
    return new


def deal_with(home: Household, today: str) -> Household:
    """Mark all that was open yesterday, as the person would have done by its end."""
    on = day(today)
    plans: dict[str, Plan] = {}
    for one in home.plans.values():
        changed = one
        if one.renews and one.renews < on and not one.autopay:
            found = paid(one, today=one.renews)
            assert found is not None
            changed = changed._replace(renews=found.renews, day=found.day)
        if one.keep_alive and (due_on := nth(one.keep_alive.last, one.keep_alive.every, 1)) < on:
            changed = changed._replace(keep_alive=one.keep_alive._replace(last=due_on))
        bills = tuple(b._replace(paid_on=b.due) if b.due and b.due < on else b for b in one.bills)
        backups = tuple(
            b._replace(done_on=nth(b.done_on, b.fresh, 1)) if b.done_on and nth(b.done_on, b.fresh, 1) < on else b
            for b in one.backups
        )
        plans[one.id] = changed._replace(bills=bills, backups=backups)
    return replace(home, plans=plans)


def of_tomorrow(one: Reminder) -> bool:
    """Whether it speaks on the renewal's day of a loss on the next, to a reader who is a day ahead."""
    subject = one.subject
    assert subject.plan is not None
    renews = subject.plan.renews
    return subject.kind == "lost" and renews is not None and subject.date - timedelta(days=one.lead) > renews


@settings(max_examples=40)
@given(
    zones, zones, clocks, later, later, later, later,
    st.sampled_from(["7 days", "30 days", "1 month", "2 months"]), st.booleans(),
    st.sampled_from([None, "1 day", "25 days"]), st.sampled_from([None, carrier()]),
)  # fmt: skip
@example(
    SHANGHAI,
    "Europe/London",
    time(16, 30),
    "2026-10-25",
    "2026-10-26",
    "2026-10-27",
    "2026-10-28",
    "30 days",
    False,
    None,
    None,
)
def test_who_deals_with_everything_on_its_day_gets_the_agenda(
    zone: str, reader: str, clock: time, renews: str, used: str, due_on: str, made: str, every: str, autopay: bool,
    grace: str | None, known: object,
) -> None:  # fmt: skip
    one = plan(
        zone=zone, renews=renews, every=every, autopay=autopay, grace=grace, carrier=known, late="fixed",
        keep_alive=keep_alive("40 days", (day(used) - timedelta(days=40)).isoformat()),
        bills=(bill(due_on=due_on),),
        backups=(Backup(what="Photos", fresh=length("20 days"), done_on=day(made) - timedelta(days=20)),),
        leads={"promo": ()},
    )  # fmt: skip
    home = household(one, me=person(zone=reader, send_at=clock))
    start = at(START.isoformat())
    end = start + timedelta(days=DAYS)
    expected = planned(home, start, end)
    before: dict[tuple[str, str], int] = {}
    got: set[Row] = set()
    now = start
    while now < end:
        home = deal_with(home, day_in(now, zone).isoformat())
        found = due_of_plan(home.plans["tello"], home, NOTHING_FOUND, now)
        new = latest_alone(found.reminders, before)
        got |= {row(reminder) for reminder in new if reminder.moment >= start and not of_tomorrow(reminder)}
        tomorrow = at((day_in(now, zone) + timedelta(days=1)).isoformat(), zone)
        now = min(found.again, tomorrow)
    assert got == expected


@settings(max_examples=40)
@given(
    zones,
    zones,
    clocks,
    earlier,
    earlier,
    earlier,
    st.sampled_from(["7 days", "30 days", "1 month"]),
    st.none() | later,
)
def test_who_deals_with_nothing_that_is_overdue_gets_the_agenda(
    zone: str, reader: str, clock: time, renews: str, used: str, due_on: str, every: str, snooze: str | None
) -> None:
    one = plan(
        zone=zone, renews=renews, every=every, grace="30 days", bills=(bill(due_on=due_on),), snooze=snooze,
        keep_alive=keep_alive("1 day", used),
        backups=(Backup(what="Photos", fresh=length("1 day"), done_on=day(used)),),
    )  # fmt: skip
    home = household(one, me=person(zone=reader, send_at=clock))
    start = at(START.isoformat())
    end = start + timedelta(days=DAYS)
    before: dict[tuple[str, str], int] = {}
    got: set[Row] = set()
    now = start
    findings = Findings(since={"tello": start})
    while now < end:
        found = due_of_plan(one, home, findings, now)
        got |= {row(reminder) for reminder in latest_alone(found.reminders, before) if reminder.moment >= start}
        now = found.again
    assert got == planned(home, start, end, findings)
