"""The event that a mail carries, and the alarms that a reader has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

import rfc5545
from calendars import Desk, seen
from households import (
    at,
    bill,
    day,
    household,
    keep_alive,
    person,
    plan,
)
from renewd.calendar import entries
from renewd.calendar.builder import CalendarContext, calendar_for
from renewd.calendar.entries import of_plan
from renewd.config import Calendar, MailSettings, Settings
from renewd.config.addresses import Sender
from renewd.delivery.composer import Composer
from renewd.delivery.task import PassContext, Task
from renewd.domain.plans import Household
from renewd.ledger import Revision
from renewd.reminders import NOTHING_FOUND, due


def mailed(home: Household, now: datetime, desk: Desk | None = None, *, to: str = "me"):
    """Return the mail that is due to a person at an instant, as a mail program takes it apart."""
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
    assert (one.summary, str(one.day)) == ("tello stops: renew before ($5.00)", "2026-12-05")


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
        ({"renews": "2026-12-05", "every": "30 days"}, "2026-12-08", None),
        ({"renews": "2026-12-05", "every": "30 days", "autopay": True, "price": "5"}, "2026-12-06", None),
        ({"keep_alive": keep_alive("90 days", "2026-10-01")}, "2026-12-29", "tello: keep alive"),
        ({"renews": "2027-12-05", "bills": (bill("x", "2026-12-12"),)}, "2026-12-11", "tello: x $12.50"),
        ({"renews": "2027-12-05", "pause_until": "2026-12-12"}, "2026-12-11", None),
    ],
)  # fmt: skip
def test_every_kind_of_reminder_has_its_event_or_none(words, when, shown_as):
    """Off carries the day of the loss, if it is known; what is over carries none, and a pause is no date of the calendar."""
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
        return {one.category: [-alarm.days for alarm in one.alarms] for one in events}

    assert rings("me") == {"Renewal": [1, 3, 7], "Loss": [7, 14], "Bill": [1, 3, 7]}
    assert rings("mom") == {"Renewal": [1], "Loss": [1], "Bill": []}
    assert rings("dad") == {"Renewal": [1, 3, 7], "Loss": [7, 14], "Bill": [2]}


def test_the_dates_of_a_plan_are_computed_once_for_all_that_a_mail_says_of_it(monkeypatch):
    """Of 2,000 bills of a plan, each would otherwise compute all 2,000 dates."""
    home = household(plan(renews="2026-12-05", bills=tuple(bill(f"bill {n}", "2026-12-04") for n in range(20))))
    reminders = due(home, NOTHING_FOUND, at("2026-12-03 10:00"))
    assert len(reminders) > 20
    context = CalendarContext(household=home, settings=Calendar(), today=day("2026-12-03"))
    single = {}
    for one in reminders:
        single |= context.entries_of([one.subject], home.people["me"])
    plans = []
    monkeypatch.setattr(entries, "of_plan", lambda one, *rest: plans.append(one) or of_plan(one, *rest))
    assert context.entries_of((one.subject for one in reminders), home.people["me"]) == single
    assert plans == [home.plans["tello"]]
    mailed(home, at("2026-12-03 10:00"))
    assert plans == [home.plans["tello"]] * 3  # once more for each of the two mails that are compared


def test_a_calendar_of_a_household_has_the_revisions_of_its_reader_or_of_somebody_who_is_told():
    people = {who: person(who) for who in ("me", "mom", "dad")}
    home = household(plan(renews="2026-12-05", told=("me", "mom")), **people)
    context = CalendarContext(household=home, settings=Calendar(), today=day("2026-12-03"))
    known = {"me": 3, "mom": 7}

    def revisions(keys):
        return {key: Revision(known[key.rpartition("/")[2]], "as it was", at("2026-11-01 10:00")) for key in keys}

    def sequences(reader: str) -> set[int]:
        data = calendar_for(context, home.people[reader], home.plans.values(), (), revisions, at("2026-12-03 10:00"))
        return {event.sequence for event in rfc5545.read(data).events}

    assert (sequences("me"), sequences("mom"), sequences("dad")) == ({4}, {8}, {4})
