"""Calendars from a household: a person's events, and the revision that each of them has."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, groupby
from types import MappingProxyType
from urllib.parse import urlencode

from renewd.calendar import entries, words
from renewd.calendar.entries import Entry, Window, window
from renewd.config.settings import Calendar
from renewd.domain.plans import Household, Person, Plan
from renewd.formats import ics
from renewd.ledger import Revision
from renewd.reminders import KINDS, Subject

_SECOND = timedelta(seconds=1)

Known = Callable[[Sequence[str]], Mapping[str, Revision]]
"""Returns the revisions that the ledger has of events, by their keys."""


def key_of(uid: str, person: str) -> str:
    """Return the key of an event in the ledger. It names the person, as two people may read it in different words."""
    return f"{uid}/{person}"


def revised(fingerprint: str, known: Revision | None, now: datetime) -> Revision:
    """Return the revision of an event with this fingerprint: the known one, or the next if anything in it changed."""
    if known is None:
        return Revision(0, fingerprint, now)
    if known.fingerprint == fingerprint:
        return known
    return Revision(known.sequence + 1, fingerprint, max(now, known.changed + _SECOND))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarContext:
    """What calendars are made from. `today` is the day in the household's zone."""

    household: Household
    settings: Calendar
    today: date

    @property
    def days(self) -> Window:
        """The days that the calendars show."""
        return window(self.today, self.settings.months)

    def entries(self, plan: Plan) -> list[Entry]:
        """Return the dates of a plan."""
        return entries.of_plan(plan, self.household, self.days, self.today, reminders=self.settings.show_reminders)

    def own_entries(self, person: Person) -> list[Entry]:
        """Return the dates of a person that belong to no plan: those of their cards."""
        return list(entries.of_person(person, self.household, self.days, reminders=self.settings.show_reminders))

    def entries_of(self, subjects: Iterable[Subject], person: Person) -> dict[str, Entry]:
        """Return the dates in the calendar from today on that reminders are about, by the stems of their keys.

        Those of a plan are computed once.
        """
        entries_by_stem: dict[str, Entry] = {}
        shown = [subject for subject in subjects if KINDS[subject.kind].shown_as]
        for _, group in groupby(sorted(shown, key=_plan_of), key=_plan_of):
            near = [(subject, self._near(subject)) for subject in group]
            whole = Window(min(days.first for _, days in near), max(days.last for _, days in near))
            plan = near[0][0].plan
            if plan is None:
                found = list(entries.of_person(person, self.household, whole))
            else:
                found = entries.of_plan(plan, self.household, whole, self.today)
            by_day = sorted(found, key=_day_of)
            for subject, days in near:
                between = slice(
                    bisect_left(by_day, days.first, key=_day_of), bisect_right(by_day, days.last, key=_day_of)
                )
                if (entry := _shown(subject, by_day[between])) is not None:
                    entries_by_stem[subject.stem] = entry
        return entries_by_stem

    def _near(self, subject: Subject) -> Window:
        """Return the days in which the calendar may show a reminder's date."""
        within = timedelta(days=KINDS[subject.kind].shown_within)
        first = self.today if subject.kind == "cancel-by" else max(subject.date, self.today)  # it may be shown earlier
        return Window(first, subject.date + within)

    def event(self, entry: Entry, reader: Person) -> ics.Event:
        """Return the event that shows a date to a reader."""
        return words.event(entry, self.household, reader.languages[0], self._alarms(reader, entry.kind))

    def _alarms(self, reader: Person, kind: str) -> tuple[int, ...]:
        """Return a reader's alarms for a kind: the reader's own before the file's, those of the kind before others."""
        own = dict(reader.alarms_of).get(kind, reader.alarms)
        return own if own is not None else dict(self.settings.alarms_of).get(kind, self.settings.alarms)

    def notice(self, what: str, reader: Person) -> ics.Event:
        """Return the only event of a calendar that has no other."""
        return words.notice(what, reader.id, self.days, reader.languages[0])


def lines(
    events: Iterable[ics.Event],
    person: str,
    known: Mapping[str, Revision],
    now: datetime,
    written: Mapping[ics.RevisionKey, bytes] = MappingProxyType({}),
) -> tuple[list[bytes], dict[str, Revision]]:
    """Return a person's events as bytes, and the revisions that the ledger does not have yet.

    An event that did not change is taken from those `written` before: to build it takes about 300 µs.
    """
    data: list[bytes] = []
    changed: dict[str, Revision] = {}
    for event in events:
        key = key_of(event.uid, person)
        before = known.get(key)
        revision = revised(event.fingerprint, before, now)
        same = None
        if revision is not before:
            changed[key] = revision
        elif written:
            same = written.get(ics.revision_key(event.uid, revision.sequence, revision.changed))
        data.append(same or ics.vevent(event, revision.sequence, revision.changed))
    return data, changed


def calendar_for(
    context: CalendarContext,
    reader: Person,
    plans: Iterable[Plan],
    cards_of: Iterable[Person],
    known: Known,
    now: datetime,
) -> bytes:
    """Return one calendar for a reader, with these plans and these people's cards. Nothing is recorded.

    If the reader is not told of a plan, its events have the revisions of a person who is.
    """
    household = context.household
    found: dict[str, Entry] = {}
    for entry in chain(*map(context.own_entries, cards_of), *map(context.entries, plans)):
        found.setdefault(entry.name, entry)
    pairs = [(entry, household.people[_owner(entry, reader)]) for entry in found.values()]
    kept = known([key_of(ics.uid_of(entry.name), owner.id) for entry, owner in pairs])
    written = []
    for entry, owner in pairs:
        seen = context.event(entry, owner)
        revision = revised(seen.fingerprint, kept.get(key_of(seen.uid, owner.id)), now)
        event = seen if owner.id == reader.id else context.event(entry, reader)
        written.append(ics.vevent(event, revision.sequence, revision.changed))
    if not written:
        nothing = context.notice("nothing", reader)
        key = key_of(nothing.uid, reader.id)
        written, _ = lines([nothing], reader.id, known([key]), now)
    return ics.vcalendar(words.name_of(reader.name, reader.languages[0]), written)


def calendar_of(event: ics.Event, reader: Person, known: Known, now: datetime) -> bytes:
    """Return a calendar of one event, with the revision that it has or will have in the reader's own calendar."""
    drawn, _ = lines([event], reader.id, known([key_of(event.uid, reader.id)]), now.replace(microsecond=0))
    return ics.vcalendar(words.name_of(reader.name, reader.languages[0]), drawn)


def google_link(event: ics.Event) -> str:
    """Return the address at which Google Calendar offers to add an event."""
    days = f"{event.day:%Y%m%d}/{event.day + timedelta(days=1):%Y%m%d}"
    asked = {"action": "TEMPLATE", "text": event.summary, "dates": days, "details": event.description}
    return f"https://calendar.google.com/calendar/render?{urlencode(asked)}"


def _plan_of(subject: Subject) -> str:
    return subject.plan.id if subject.plan is not None else ""


def _day_of(entry: Entry) -> date:
    return entry.day


def _shown(subject: Subject, near: Iterable[Entry]) -> Entry | None:
    """Return the one of these dates that shows what a reminder is about."""
    kinds = KINDS[subject.kind].shown_as
    alike = [entry for entry in near if entry.kind in kinds and subject.about in (None, entry.about)]
    return min(alike, key=lambda entry: kinds.index(entry.kind), default=None)


def _owner(entry: Entry, reader: Person) -> str:
    return reader.id if reader.id in entry.told else entry.told[0]
