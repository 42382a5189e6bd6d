"""Everybody's files after any change: what is written, what is drawn, and what stays as it was."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rfc5545
from calendars import HOUR, NOW, Desk
from households import (
    bill,
    day,
    household,
    keep_alive,
    person,
    plan,
    receipts,
)
from renewd.calendar.builder import CalendarContext
from renewd.calendar.files import LARGEST
from renewd.domain.plans import Plan
from renewd.ledger.sqlite import open_ledger

# --- the files ------------------------------------------------------------------------------------------------------


def test_files_are_written_only_when_their_bytes_change(desk):
    """Also after a restart, and on another day of the month."""
    home = household(plan(renews="2026-12-05", every="30 days"), mom=person("mom"), me=person())
    assert desk.keep(home).written == 2
    before, stamps = desk.files(), [path.stat().st_mtime_ns for path in desk.folder.iterdir()]
    assert desk.keep(household(*home.plans.values(), **home.people)).written == 0
    desk.restart()
    assert desk.keep(home, after=timedelta(days=10)).written == 0
    assert (desk.files(), [path.stat().st_mtime_ns for path in desk.folder.iterdir()]) == (before, stamps)
    assert [path.stat().st_mode & 0o777 for path in (desk.folder, *desk.folder.iterdir())] == [0o700, 0o600, 0o600]


def test_a_changed_event_says_so_in_all_three_places_and_the_others_do_not_move(desk):
    """A client that looks at SEQUENCE, LAST-MODIFIED or DTSTAMP alone sees it; an alarm alone is a change too."""
    one, other = plan(renews="2026-12-05", price="5"), plan("other", renews="2026-12-06", price="3")
    desk.keep(household(one, other))
    first = {event.summary[:4]: event for event in desk.read().events}
    desk.keep(household(one._replace(price=Decimal(6)), other))
    second = {event.summary[:4]: event for event in desk.read().events}
    assert second["othe"] == first["othe"]
    assert (second["tell"].uid, second["tell"].sequence) == (first["tell"].uid, 1)
    assert second["tell"].modified == desk.now > first["tell"].modified
    desk.keep(household(one._replace(price=Decimal(6)), other), alarms=(1,))
    assert [event.sequence for event in desk.read().events] == [2, 1]


def test_a_long_round_says_how_many_plans_are_written(desk):
    said = []
    desk.keeper.drawing = said.append
    desk.keep(household(*(plan(f"line-{n}", renews="2026-12-05") for n in range(450))))
    assert said == [199, 399, 450]  # the first 200 are a person's own dates and 199 plans


def test_a_clock_that_went_back_never_takes_a_revision_back(desk):
    """LAST-MODIFIED grows by a second at least."""
    one = plan(renews="2026-12-05", price="5")
    desk.keep(household(one))
    [before] = desk.read().events
    desk.keep(household(one._replace(price=Decimal(6))), after=-10 * HOUR)
    [after] = desk.read().events
    assert (after.sequence, after.modified) == (1, before.modified + timedelta(seconds=1))


def test_a_plan_that_cannot_be_drawn_keeps_the_events_that_were_there(desk, monkeypatch):
    """An error of one round must not take a plan out of everybody's phone; the next round draws it."""
    one, other = plan(renews="2026-12-05", price="5"), plan("other", renews="2026-12-06", price="3")
    desk.keep(household(one, other))
    before = {event.uid for event in desk.read().events}
    plain = CalendarContext.entries

    def entries(context, of):
        if of.id == "other":
            raise MemoryError
        return plain(context, of)

    with monkeypatch.context() as patch:
        patch.setattr(CalendarContext, "entries", entries)
        home = household(one._replace(price=Decimal(6)), other)
        assert [name for name, _ in desk.keep(home).broken] == ["other"]
    events = {event.uid: event.sequence for event in desk.read().events}
    assert events.keys() == before
    assert sorted(events.values()) == [0, 1]
    assert not desk.keep(home).broken
    assert {event.uid for event in desk.read().events} == before


def test_an_event_that_comes_back_goes_on_counting(desk):
    """A bill marked paid and put back by `undo` is newer than what was seen before."""
    owed, paid = bill(due_on="2026-12-12"), bill(due_on="2026-12-12", paid_on="2026-12-01")
    base = plan(renews="2026-12-05")
    desk.keep(household(base._replace(bills=(owed,))))
    desk.keep(household(base._replace(bills=(paid,))))
    assert len(desk.read().events) == 1
    desk.keep(household(base._replace(bills=(owed._replace(due=day("2026-12-14")),))))
    assert [event.sequence for event in desk.read().events] == [0, 1]


def test_marked_renewed_keeps_the_old_date_silent(desk):
    """Who pays early is not rung at any more."""
    desk.keep(household(plan(renews="2026-12-05", every="1 month")))
    before = {str(event.day): event for event in desk.read().events}["2026-12-05"]
    desk.keep(household(plan(renews="2027-01-05", every="1 month", receipts=receipts("2026-12-01"))))
    after = desk.read().by_uid()[before.uid]
    assert (after.summary, after.alarms, after.sequence) == ("tello: paid", (), 1)


def test_one_plan_that_cannot_be_drawn_costs_no_other(desk):
    """It is named, and the rest is as it should be."""
    bad = plan("bad", name=None, renews="2026-12-05", every="1 month")
    kept = desk.keep(household(plan(renews="2026-12-06"), bad))
    assert [name for name, _ in kept.broken] == ["bad"]
    assert desk.read().shown() == [("2026-12-06", "tello stops: renew before")]


def test_a_calendar_that_grows_too_large_becomes_one_a_plan_and_one_again(desk):
    """Google stops at 1 MB. What everybody subscribed to says where the rest is."""
    plans = [plan(f"line-{n}", name="号" * 100, renews="2026-12-05", every="1 day") for n in range(5)]
    kept = desk.keep(household(*plans))
    assert kept.split == ("me",)
    assert set(desk.files()) == {"me.ics", *(f"me.line-{n}.ics" for n in range(5))}
    assert all(len(data) < LARGEST for data in desk.files().values())
    assert [event.summary for event in desk.read().events] == ["renewd: this calendar has become too large"]
    assert len(desk.read("me.line-3").events) > 400
    plans[3] = plans[3]._replace(price=Decimal(7))
    assert desk.keep(household(*plans)).written == 1
    assert desk.keep(household(plans[0])).split == ()
    assert set(desk.files()) == {"me.ics"}


def test_files_of_people_who_are_gone_go_too(desk):
    """And one that was damaged by hand or by a power cut is made whole again at the next start."""
    one = plan(renews="2026-12-05", told=("me", "mom"))
    desk.keep(household(one, me=person(), mom=person("mom")))
    good = desk.files()["me.ics"]
    desk.keep(household(one._replace(told=("me",)), me=person()))
    (desk.folder / "me.ics").write_bytes(good[:100])
    desk.restart()
    desk.keep(household(one._replace(told=("me",)), me=person()))
    assert desk.files() == {"me.ics": good}


def test_the_revisions_survive_a_restart_on_disk(tmp_path):
    """The ledger holds them: a new process goes on where the last one was."""
    for price, sequence in (("5", 0), ("6", 1), ("6", 1), ("7", 2)):
        ledger = open_ledger(tmp_path / "ledger.sqlite3", NOW).ledger
        desk = Desk(tmp_path / "calendar")
        desk.ledger = ledger
        desk.restart()
        desk.keep(household(plan(renews="2026-12-05", price=price)))
        ledger.close()
        assert [event.sequence for event in desk.read().events] == [sequence]


# --- any life whatever ----------------------------------------------------------------------------------------------

_DAYS = st.dates(date(2026, 10, 1), date(2027, 3, 31)).map(str)


@st.composite
def plans(draw, name: str) -> Plan:
    """Any plan that the file can hold, of the sorts that show."""
    return plan(
        name,
        name=draw(st.sampled_from(["Tello", "号", "a;b,c", "x\\n"])),
        renews=draw(_DAYS),
        every=draw(st.sampled_from([None, "1 month", "30 days", "1 year", "3 months"])),
        price=draw(st.sampled_from(["5", "6", None])),
        autopay=draw(st.booleans()),
        grace=draw(st.sampled_from(["30 days", "0 days", None])),
        bills=tuple(bill(draw(st.sampled_from("xy")), draw(_DAYS)) for _ in range(draw(st.integers(0, 2)))),
        keep_alive=draw(
            st.sampled_from([None, keep_alive("90 days", "2026-10-20"), keep_alive("3 months", "2026-11-30")])
        ),
        told=draw(st.sampled_from([("me",), ("me", "mom"), ("mom",)])),
    )


_EDITS = st.lists(st.fixed_dictionaries({"a": st.none() | plans("a"), "b": plans("b")}), min_size=2, max_size=6)


@given(_EDITS, st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_sequence_of_edits_keeps_uids_sequences_and_what_was_not_touched(tmp_path_factory, edits, reminders):
    """UIDs are unique, SEQUENCE and LAST-MODIFIED only grow, and what looks the same is the same to the byte."""
    desk = Desk(tmp_path_factory.mktemp("calendars") / "calendar")
    last: dict[tuple[str, str], rfc5545.Event] = {}
    for n, edit in enumerate(edits):
        home = household(*[one for one in edit.values() if one], me=person(), mom=person("mom", languages=("zh-CN",)))
        if n % 3 == 2:
            desk.restart()
        desk.keep(home, show_reminders=reminders)
        for who in ("me", "mom"):
            for event in desk.read(who).events:
                before = last.get((who, event.uid))
                if before is not None and dataclasses.replace(event, sequence=0, modified=NOW) == dataclasses.replace(
                    before, sequence=0, modified=NOW
                ):
                    assert event == before
                elif before is not None:
                    assert event.sequence == before.sequence + 1
                    assert event.modified > before.modified
                last[who, event.uid] = event
        nothing_known = Desk(tmp_path_factory.mktemp("from-nothing") / "calendar", desk.ledger)
        nothing_known.keep(home, after=desk.now - NOW, show_reminders=reminders)
        assert nothing_known.files() == desk.files()
        desk.restart()
        assert desk.keep(home, show_reminders=reminders).written == 0
