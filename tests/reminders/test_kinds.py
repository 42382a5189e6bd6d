"""Every kind in KINDS: it is found, put into words in every language, and shown where it says that it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from renewd.calendar.builder import CalendarContext
from renewd.cli.agenda import json_rows
from renewd.config import Calendar
from renewd.domain.dates import day_in
from renewd.domain.plans import Household
from renewd.i18n import LANGUAGES
from renewd.reminders import KINDS, NOTHING_FOUND, Reminder, agenda, due
from renewd.reminders.facts import facts
from renewd.reminders.grouping import Message, gather
from renewd.reminders.leave import named_day
from renewd.reminders.month import digest_facts
from renewd.render.labels import manner, title
from renewd.render.mail import render
from renewd.web.links import tap_of
from toml_builder import File

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
YEAR = timedelta(days=400)
HOUSE = File("""
timezone = "America/New_York"
[mail]
to = "me@example.com"
[card.visa]
expires = "2026-12"

[plan.stopped]
renews = 2026-11-20
every = "30 days"
price = 5
grace = "30 days"
data = { limit = "10 GB", used = "1 GB", on = 2026-11-25 }
[[plan.stopped.bill]]
what = "Overage"
amount = 12.50
due = 2026-12-10
[[plan.stopped.backup]]
what = "Photos"
done_on = 2026-09-01

[plan.prepaid]
renews = 2026-12-20
every = "30 days"
price = 15
pay_with = "balance"
balance = { amount = 3, on = 2026-11-20 }
keep_alive = { every = "90 days", last = 2026-10-01 }

[plan.autopay]
renews = 2026-12-15
every = "1 month"
price = 40
autopay = true
pay_with = "visa"
promo = { ends = 2027-03-01, price_after = 60 }

[plan.paused]
renews = 2026-12-15
every = "1 month"
price = 40
autopay = true
pause = { until = 2027-01-10 }

[plan.leaving]
carrier = "tmobile"
renews = 2026-12-20
every = "1 month"
price = 40
autopay = true
cancel = { number = "port", pin_on = 2026-11-30 }
[[plan.leaving.binding]]
service = "Chase"
critical = true

[plan.asked]
carrier = "tmobile"
renews = 2026-12-20
every = "1 month"
price = 40
autopay = true
cancel = { number = "drop", requested_on = 2026-11-25 }

[plan.gone]
carrier = "tmobile"
renews = 2026-12-20
every = "1 month"
price = 40
cancel = { number = "drop", requested_on = 2026-11-25, confirmed_on = 2026-11-28, refund = { expected = 2026-12-15, amount = 9 } }

[plan.closed]
carrier = "helium"
renews = 2026-12-20
every = "1 month"
cancel = { number = "drop", requested_on = 2026-11-25, confirmed_on = 2026-11-28 }
""")


@cache
def house() -> Household:
    """Return a household with something of every kind."""
    return HOUSE.load(NOW).household


@cache
def first_of_each_kind() -> dict[str, Reminder]:
    """Return the first reminder of each kind, due now or in the year to come."""
    found = [*due(house(), NOTHING_FOUND, NOW), *agenda(house(), NOTHING_FOUND, NOW, NOW + YEAR)]
    first: dict[str, Reminder] = {}
    for reminder in sorted(found, key=lambda one: one.moment):
        first.setdefault(reminder.subject.kind, reminder)
    return first


def test_the_household_has_something_of_every_kind() -> None:
    assert first_of_each_kind().keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_mail_says_it(kind: str, code: str) -> None:
    reminder = first_of_each_kind()[kind]
    digest, found = None, []
    if kind == "digest":
        digest = digest_facts(reminder, house(), NOTHING_FOUND, reminder.moment)
    else:
        found.append(facts(reminder, house(), NOTHING_FOUND, reminder.moment))
    reader = house().people[reminder.person]._replace(languages=(code,))
    message = Message(person=reader, written=NOW, keys=(reminder.key,), blocks=gather(found)[0], digest=digest)
    mail = render(message, house())
    assert mail.broken == ()
    assert mail.subject
    assert reminder.key in mail.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_agenda_has_a_row_of_it(kind: str, code: str) -> None:
    reminder = first_of_each_kind()[kind]
    (row,) = json_rows([reminder], house(), code, reminder.moment)
    assert f'"kind": "{kind}"' in row
    today = day_in(reminder.moment, "America/New_York")
    days = (named_day(reminder.subject, today) - today).days
    assert title(kind, days, code, manner(kind, reminder.subject.plan, reminder.subject.about)) in row


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_calendar_shows_it_if_its_kind_says_so(kind: str, code: str) -> None:
    reminder = first_of_each_kind()[kind]
    reader = house().people[reminder.person]._replace(languages=(code,))
    today = day_in(reminder.moment, "America/New_York")
    context = CalendarContext(household=house(), settings=Calendar(), today=today)
    entry = context.entries_of([reminder.subject], reader).get(reminder.subject.stem)
    assert (entry is not None) == bool(KINDS[kind].shown_as)
    if entry is not None:
        assert entry.kind in KINDS[kind].shown_as
        event = context.event(entry, reader)
        assert all((event.summary, event.description, event.category))
        assert "{" not in event.summary + event.description


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_records_the_fact_that_it_names(kind: str) -> None:
    reminder = first_of_each_kind()[kind]
    tap = tap_of(reminder.subject, reminder.person, day_in(NOW, "America/New_York"))
    assert (tap.what if tap else None) == KINDS[kind].tap
