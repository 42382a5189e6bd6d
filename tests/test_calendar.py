"""Which dates a calendar shows, in which words, and what everybody's files look like after any change."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rfc5545
from households import (
    SHANGHAI,
    at,
    balance,
    bill,
    card,
    carrier,
    day,
    household,
    keep_alive,
    person,
    plan,
    promo,
    receipts,
)  # fmt: skip
from renewd.calendar.builder import CalendarContext, calendar_for
from renewd.calendar.dates import of_plan, window
from renewd.calendar.files import LARGEST, CalendarFiles
from renewd.config import Calendar, MailSettings, Settings
from renewd.config.addresses import Sender
from renewd.delivery.composer import Composer
from renewd.delivery.task import PassContext, Task
from renewd.domain.plans import Cancel, FinalBill, Household, Plan
from renewd.formats import ics
from renewd.ledger.sqlite import in_memory, open_ledger
from renewd.reminders import NOTHING_FOUND, due

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
HOUR = timedelta(hours=1)


def seen(home: Household, reader: str = "me", today: date = TODAY, **words: object) -> rfc5545.Calendar:
    """Give a person's calendar as it is read back, with nothing remembered."""
    drawing = CalendarContext(household=home, settings=Calendar(**words), today=today)  # type: ignore[arg-type]
    who = home.people[reader]
    return rfc5545.read(calendar_for(drawing, who, home.plans_of(reader), [who], lambda _: {}, NOW))


def shown(home: Household, reader: str = "me", today: date = TODAY, **words: object) -> list[tuple[str, str]]:
    return seen(home, reader, today, **words).shown()


class Desk:
    """A keeper on a folder, whose household changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = in_memory()
        self.keeper = CalendarFiles(folder, self.ledger)
        self.now = NOW

    def restart(self) -> None:
        self.keeper = CalendarFiles(self.folder, self.ledger)

    def keep(self, home: Household, *, after: timedelta = HOUR, **words: object):
        self.now += after
        drawing = CalendarContext(household=home, settings=Calendar(**words), today=self.now.date())  # type: ignore[arg-type]
        forms = {one.id: repr(one) for one in home.plans.values()}
        return self.keeper.keep(drawing, forms, self.now)

    def read(self, name: str = "me") -> rfc5545.Calendar:
        return rfc5545.read((self.folder / f"{name}.ics").read_bytes())

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "calendar")


# --- which dates ----------------------------------------------------------------------------------------------------


def test_the_window_is_two_months_back_and_thirteen_ahead_in_whole_months():
    """So that on most days no calendar changes."""
    assert window(date(2026, 12, 1), 13) == (date(2026, 10, 1), date(2028, 1, 31))
    assert window(date(2026, 12, 31), 13) == (date(2026, 10, 1), date(2028, 1, 31))
    assert window(date(2027, 1, 31), 1) == (date(2026, 11, 1), date(2027, 2, 28))


def test_renewals_come_from_the_anchor_and_those_paid_are_said_to_be():
    """31 Jan, 28 Feb, 31 Mar; behind `renews` lies what is paid."""
    found = shown(household(plan(renews="2027-01-31", every="1 month", price="5")), months=4)
    assert found == [
        ("2026-10-31", "tello: renew $5.00 (paid)"),
        ("2026-11-30", "tello: renew $5.00 (paid)"),
        ("2026-12-31", "tello: renew $5.00 (paid)"),
        ("2027-01-31", "tello: renew $5.00"),
        ("2027-02-28", "tello: renew $5.00"),
        ("2027-03-31", "tello: renew $5.00"),
        ("2027-04-30", "tello: renew $5.00"),
    ]


def test_autopay_shows_the_day_of_the_charge_and_from_a_failed_one_on_renewals():
    """The money is taken 25 hours before; the cycle that failed has to be paid by hand."""
    words = {"renews": "2026-11-20", "every": "1 month", "price": "25", "autopay": True, "charge_before": "25 hours"}
    found = shown(household(plan(**words)), months=1)
    assert [one for one in found if one[0] > "2026-12"] == [
        ("2026-12-18", "tello: autopay $25.00"), ("2027-01-18", "tello: autopay $25.00"),
    ]  # fmt: skip
    failed = shown(household(plan(**words, failed_on="2026-12-18")), months=1)
    assert ("2026-12-20", "tello: renew $25.00") in failed
    assert ("2027-01-18", "tello: autopay $25.00") not in failed


def test_the_loss_is_shown_for_the_current_cycle_only_with_its_source():
    """Later cycles' losses would be guesses (design §5)."""
    home = household(plan(renews="2026-12-05", every="30 days", grace="30 days"))
    lost = [one for one in seen(home).events if "lost" in one.summary]
    assert [(one.day, one.summary) for one in lost] == [(day("2027-01-04"), "tello: number lost")]
    assert lost[0].description.split("\n") == [
        "If nothing is paid once service has stopped on Sat, Dec 5, the number is lost. Act by Sun, Jan 3.",
        "Counted with a grace period of 30 days, as plans.toml says.",
    ]
    unpublished = seen(household(plan(renews="2026-12-05", every="30 days", carrier=carrier())))
    [one] = [one for one in unpublished.events if "lost" in one.summary]
    assert (one.day, "publishes no grace" in one.description) == (day("2026-12-06"), True)
    assert "Act by Fri, Dec 4" in one.description


def test_every_other_kind_of_date_is_there():
    """Uses of the line, bills that are open, the card for whom it pays, the end of an offer."""
    home = household(
        plan(
            renews="2026-12-20", every="1 month", price="40", autopay=True, pay_with="visa",
            keep_alive=keep_alive("90 days", "2026-10-01"), promo=promo("2027-02-28", "60"),
            bills=(bill("October overage", "2026-12-12"), bill("paid", "2026-12-13", paid_on="2026-12-01")),
        ),
        cards=(card(expires="2027-03-31"),),
    )  # fmt: skip
    found = shown(home)
    for one in (
        ("2026-12-30", "tello: keep alive"), ("2027-03-30", "tello: keep alive"), ("2026-12-12", "tello: October overage $12.50"),
        ("2027-03-31", "visa ends"), ("2027-02-28", "tello: offer ends, then $60.00"), ("2027-03-20", "tello: autopay $60.00"),
    ):  # fmt: skip
        assert one in found
    assert not [one for one in found if "paid" in one[1]]


def test_each_reader_has_their_own_plans_and_language():
    """Nothing of somebody else's, and no phone number, also where it was made the name."""
    home = household(
        plan("a", name="Tello 银行号", renews="2026-12-05", price="5", number="+12065550142"),
        plan("b", told=("mom",), name="206-555-0143", number="+12065550143", renews="2026-12-06", note="PIN 1234"),
        me=person("me", languages=("zh-CN", "en")), mom=person("mom", zone=SHANGHAI),
    )  # fmt: skip
    assert shown(home) == [("2026-12-05", "Tello 银行号：续费 $5.00")]
    calendar = seen(home, "mom")
    assert calendar.shown() == [("2026-12-06", "b: renew")]
    assert "1234" not in calendar.events[0].description


def test_a_plan_that_was_left_shows_that_its_next_date_is_off_and_keeps_its_bill():
    """One event is crossed out, without alarms; the others are gone."""
    gone = Cancel(confirmed_on=day("2026-12-03"), final_bill=FinalBill(amount=Decimal("21.30"), due=day("2027-01-10")))
    home = household(plan(renews="2026-12-05", every="1 month", price="40", autopay=True, cancel=gone))
    events = seen(home).events
    assert [(str(one.day), one.summary, one.status) for one in events] == [
        ("2026-12-05", "Cancelled: tello: autopay $40.00", "CANCELLED"),
        ("2027-01-10", "tello: final bill $21.30", "CONFIRMED"),
    ]
    assert not events[0].alarms


def test_the_balance_pays_until_it_does_not():
    """What it covers is taken by itself, the first cycle that it does not is a renewal."""
    home = household(
        plan(renews="2026-12-05", every="30 days", price="5", pay_with="balance", balance=balance("12", "2026-11-20"))
    )
    found = [one for one in shown(home, months=2) if one[0] > "2026-12"]
    assert found[:3] == [
        ("2026-12-05", "tello: autopay $5.00"), ("2027-01-04", "tello: autopay $5.00"), ("2027-02-03", "tello: renew $5.00"),
    ]  # fmt: skip


def test_reminder_days_are_events_too_where_that_is_asked_for():
    """For calendars that drop alarms: the days before, in words, without alarms of their own."""
    home = household(plan(renews="2026-12-05", price="5", leads={"renewal": (3, 1)}))
    assert shown(home) == [("2026-12-05", "tello: renew $5.00")]
    events = sorted(seen(home, show_reminders=True).events, key=lambda one: one.day)
    assert [(str(one.day), one.summary) for one in events] == [
        ("2026-12-02", "tello: renew, stops in 3 days"), ("2026-12-04", "tello: renew, stops tomorrow"),
        ("2026-12-05", "tello: renew $5.00"),
    ]  # fmt: skip
    assert [len(one.alarms) for one in events] == [0, 0, 3]


def test_a_uid_is_the_same_for_ever_and_a_corrected_day_moves_its_event():
    """By the month for months, by the year for years, by the date where days are counted, by the item for bills."""

    def uid(**words: object) -> str:
        [one] = [one for one in seen(household(plan(**words)), months=1).events if "(paid)" not in one.summary][:1]
        return one.uid

    assert uid(renews="2026-12-05", every="1 month") == ics.uid_of("tello/renewal//2026-12")
    assert uid(renews="2026-12-05", every="1 month") == uid(renews="2026-12-09", every="1 month")
    assert uid(renews="2026-12-05", every="1 year") == ics.uid_of("tello/renewal//2026")
    assert uid(renews="2026-12-05", every="30 days") != uid(renews="2026-12-06", every="30 days")
    one, other = (plan(renews="2030-01-01", bills=(bill(due_on=on),)) for on in ("2026-12-12", "2026-12-20"))
    assert seen(household(one)).events[0].uid == seen(household(other)).events[0].uid


def test_two_bills_of_one_name_stay_apart_when_the_first_is_paid():
    """Neither takes the other's place."""
    one, other = bill(due_on="2026-12-12"), bill(due_on="2026-12-20")
    both = seen(household(plan(renews="2030-01-01", bills=(one, other))))
    left = seen(household(plan(renews="2030-01-01", bills=(dataclasses.replace(one, paid_on=TODAY), other))))
    assert [event.uid for event in left.events] == [both.events[1].uid]


def test_a_person_without_any_date_still_has_a_calendar():
    """An emptied one would leave the old dates standing in some clients."""
    home = household(plan(renews="2030-01-01"))
    assert shown(home) == [("2026-12-01", "renewd: nothing to pay or renew")]


# --- the files ------------------------------------------------------------------------------------------------------


def test_files_are_written_only_when_their_bytes_change(desk):
    """Also by a keeper that was started anew, and on another day of the month."""
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
    desk.keep(household(dataclasses.replace(one, price=Decimal(6)), other))
    second = {event.summary[:4]: event for event in desk.read().events}
    assert second["othe"] == first["othe"]
    assert (second["tell"].uid, second["tell"].sequence) == (first["tell"].uid, 1)
    assert second["tell"].modified == desk.now > first["tell"].modified
    desk.keep(household(dataclasses.replace(one, price=Decimal(6)), other), alarms=(1,))
    assert [event.sequence for event in desk.read().events] == [2, 1]


def test_a_clock_that_went_back_never_takes_a_revision_back(desk):
    """LAST-MODIFIED grows by a second at least."""
    one = plan(renews="2026-12-05", price="5")
    desk.keep(household(one))
    [before] = desk.read().events
    desk.keep(household(dataclasses.replace(one, price=Decimal(6))), after=-10 * HOUR)
    [after] = desk.read().events
    assert (after.sequence, after.modified) == (1, before.modified + timedelta(seconds=1))


def test_an_event_that_comes_back_goes_on_counting(desk):
    """A bill marked paid and put back by `undo` is newer than what was seen before."""
    owed, paid = bill(due_on="2026-12-12"), bill(due_on="2026-12-12", paid_on="2026-12-01")
    base = plan(renews="2026-12-05")
    desk.keep(household(dataclasses.replace(base, bills=(owed,))))
    desk.keep(household(dataclasses.replace(base, bills=(paid,))))
    assert len(desk.read().events) == 1
    desk.keep(household(dataclasses.replace(base, bills=(dataclasses.replace(owed, due=day("2026-12-14")),))))
    assert [event.sequence for event in desk.read().events] == [0, 1]


def test_marked_renewed_keeps_the_old_date_silent(desk):
    """Who pays early is not rung at any more."""
    desk.keep(household(plan(renews="2026-12-05", every="1 month")))
    before = {str(event.day): event for event in desk.read().events}["2026-12-05"]
    desk.keep(household(plan(renews="2027-01-05", every="1 month", receipts=receipts("2026-12-01"))))
    after = desk.read().by_uid()[before.uid]
    assert (after.summary, after.alarms, after.sequence) == ("tello: renew (paid)", (), 1)


def test_one_plan_that_cannot_be_drawn_costs_no_other(desk):
    """It is named, and the rest is as it should be."""
    bad = plan("bad", name=None, renews="2026-12-05", every="1 month")
    kept = desk.keep(household(plan(renews="2026-12-06"), bad))
    assert [name for name, _ in kept.broken] == ["bad"]
    assert desk.read().shown() == [("2026-12-06", "tello: renew")]


def test_a_calendar_that_grows_too_large_becomes_one_a_plan_and_one_again(desk):
    """Google stops at 1 MB. What everybody subscribed to says where the rest is."""
    plans = [plan(f"line-{n}", name="号" * 100, renews="2026-12-05", every="1 day") for n in range(5)]
    kept = desk.keep(household(*plans))
    assert kept.split == ("me",)
    assert set(desk.files()) == {"me.ics", *(f"me.line-{n}.ics" for n in range(5))}
    assert all(len(data) < LARGEST for data in desk.files().values())
    assert [event.summary for event in desk.read().events] == ["renewd: this calendar has become too large"]
    assert len(desk.read("me.line-3").events) > 400
    plans[3] = dataclasses.replace(plans[3], price=Decimal(7))
    assert desk.keep(household(*plans)).written == 1
    assert desk.keep(household(plans[0])).split == ()
    assert set(desk.files()) == {"me.ics"}


def test_files_of_people_who_are_gone_go_too(desk):
    """And one that was damaged by hand or by a power cut is made whole again at the next start."""
    one = plan(renews="2026-12-05", told=("me", "mom"))
    desk.keep(household(one, me=person(), mom=person("mom")))
    good = desk.files()["me.ics"]
    desk.keep(household(dataclasses.replace(one, told=("me",)), me=person()))
    (desk.folder / "me.ics").write_bytes(good[:100])
    desk.restart()
    desk.keep(household(dataclasses.replace(one, told=("me",)), me=person()))
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
        assert desk.keep(home, show_reminders=reminders).written == 0


def test_entries_lie_in_the_window_and_have_names_of_their_own():
    """Also where cycles are short and the anchor far away."""
    days = window(TODAY, 13)
    for words in ({"every": "1 day"}, {"every": "24 hours"}, {"every": "1 month", "day": 31}, {"every": "1 year"}):
        one = plan(renews="2019-01-31", **words)
        found = of_plan(one, household(one), days, TODAY, reminders=True)
        assert found
        assert all(days.first <= entry.day <= days.last for entry in found)
        assert len({entry.name for entry in found}) == len(found)


# --- in mails -------------------------------------------------------------------------------------------------------


def mailed(home: Household, now: datetime, desk: Desk | None = None, *, to: str = "me"):
    """Give the mail that is due to a person at an instant, as a mail program takes it apart."""
    told = tuple(one for one in due(home, NOTHING_FOUND, now) if one.person == to and one.subject.kind != "digest")
    mail = MailSettings(to="me@example.com", from_=Sender("renewd", "renewd@example.com"), reply_to=None)
    composer = Composer(
        household=home,
        findings=NOTHING_FOUND,
        settings=Settings(mail=mail, calendar=Calendar()),
        **({"revisions": desk.ledger.revisions} if desk else {}),
    )
    data = composer.compose(Task(person=home.people[to], reminders=told), PassContext(), now).data
    assert data == composer.compose(Task(person=home.people[to], reminders=told), PassContext(), now).data
    return message_from_bytes(data, policy=policy.default)


def test_a_mail_carries_the_event_of_its_most_urgent_item(desk):
    """A plain attachment behind the words, without METHOD; the same event as in the file, so that neither is doubled."""
    home = household(plan(renews="2026-12-05", every="1 month", price="5"), plan("other", renews="2026-12-08"))
    desk.now = at("2026-12-04 08:00").astimezone(UTC)
    desk.keep(home, after=timedelta(0))
    mail = mailed(home, at("2026-12-04 09:00"), desk)
    assert mail.get_content_type() == "multipart/mixed"
    words, event = mail.iter_parts()
    assert [part.get_content_type() for part in words.iter_parts()] == ["text/plain", "text/html"]
    assert (event.get_content_type(), event.get_filename()) == ("text/calendar", "renewal.ics")
    assert event.get_content_disposition() == "attachment"
    assert dict(event["Content-Type"].params) == {"name": "renewal.ics", "charset": "utf-8"}
    [one] = rfc5322_event(event)
    assert one == desk.read().by_uid()[one.uid]
    assert (one.summary, str(one.day)) == ("tello: renew $5.00", "2026-12-05")


def rfc5322_event(part) -> list[rfc5545.Event]:
    return rfc5545.read(part.get_payload(decode=True)).events


def test_an_event_in_a_mail_is_newer_where_its_plan_was_edited_since(desk):
    """As the file will be at the end of the same look."""
    home = household(plan(renews="2026-12-05", price="5"))
    desk.keep(home)
    edited = household(plan(renews="2026-12-05", price="6"))
    *_, event = mailed(edited, at("2026-12-04 09:00"), desk).iter_parts()
    [one] = rfc5322_event(event)
    desk.now = at("2026-12-04 09:00").astimezone(UTC)
    desk.keep(edited, after=timedelta(0))
    assert [one] == desk.read().events
    assert one.sequence == 1


@pytest.mark.parametrize(
    ("words", "when", "shown_as"),
    [
        ({"renews": "2026-12-05", "every": "30 days", "grace": "30 days"}, "2026-12-08", "tello: number lost"),
        ({"renews": "2026-12-05", "every": "30 days"}, "2026-12-08", "tello: renew"),
        ({"renews": "2026-12-05", "every": "30 days", "autopay": True, "price": "5"}, "2026-12-06", "tello: autopay $5.00"),
        ({"keep_alive": keep_alive("90 days", "2026-10-01")}, "2026-12-29", "tello: keep alive"),
        ({"renews": "2027-12-05", "bills": (bill("x", "2026-12-12"),)}, "2026-12-11", "tello: x $12.50"),
        ({"renews": "2027-12-05", "pause_until": "2026-12-12"}, "2026-12-11", None),
    ],
)  # fmt: skip
def test_every_kind_of_reminder_has_its_event_or_none(words, when, shown_as):
    """Off carries the day of the loss; a charge that is over its own day; a pause is no date of the calendar."""
    mail = mailed(household(plan(**words)), at(f"{when} 09:00"))
    events = [
        event.summary
        for part in mail.walk()
        if part.get_content_type() == "text/calendar"
        for event in rfc5322_event(part)
    ]
    assert events == ([shown_as] if shown_as else [])


def test_alarms_are_the_persons_own_the_kinds_own_or_the_files():
    """The nearest rule wins; none at all is a rule too."""
    home = household(
        plan(renews="2026-12-05", every="1 month", grace="30 days", bills=(bill(due_on="2026-12-12"),), told=("me", "mom", "dad")),
        me=person(), mom=person("mom", alarms=(1,), alarms_of=(("bill", ()),)), dad=person("dad", alarms_of=(("bill", (2,)),)),
    )  # fmt: skip

    def rings(who: str) -> dict[str, list[int]]:
        events = seen(home, who, months=1, alarms_of=(("lost", (14, 7)),)).events
        return {one.category: [-alarm.days for alarm in one.alarms] for one in events if "(paid)" not in one.summary}

    assert rings("me") == {"Renewal": [1, 3, 7], "Loss": [7, 14], "Bill": [1, 3, 7]}
    assert rings("mom") == {"Renewal": [1], "Loss": [1], "Bill": []}
    assert rings("dad") == {"Renewal": [1, 3, 7], "Loss": [7, 14], "Bill": [2]}
