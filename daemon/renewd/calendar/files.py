"""Everybody's calendar as a file: rewritten whole, only where its bytes change, and only for whom something did."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from renewd.calendar import words
from renewd.calendar.builder import CalendarContext, key_of, lines
from renewd.config.settings import Calendar
from renewd.disk import replace_bytes, sync_folder
from renewd.domain.dates import day_in
from renewd.domain.plans import Household, Person, Plan
from renewd.formats import ics
from renewd.ledger import Ledger, Revision

FOLDER = "calendar"
LARGEST = 900_000  # bytes; Google takes no more than a megabyte
_TOGETHER = 200  # plans whose revisions are looked up and written down at once


class _Stopped(Exception):  # noqa: N818  # no error: whoever runs this has no more time
    pass


class _Unit(NamedTuple):
    """The events that one plan, or none, gives a person."""

    person: Person
    plan: Plan | None
    events: Sequence[ics.Event]


class _Drawn(NamedTuple):
    """The same as bytes."""

    person: Person
    plan: Plan | None
    data: bytes


class WriteResult(NamedTuple):
    """What keeping the calendars came to: files written or removed, who has one a plan, and plans left out."""

    written: int = 0
    split: tuple[str, ...] = ()
    broken: tuple[tuple[str, Exception], ...] = ()


@dataclass(slots=True)
class _FileState:
    """A person's files as they stand: the size of each plan's events, and whether each plan has a file of its own."""

    sizes: dict[str, int] = field(default_factory=dict)
    split: bool = False


class CalendarFiles:
    """Keeps the calendars of a household in a folder. `stopping` ends a long round early; the next goes on."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder = folder
        self.stopping = False
        self._ledger = ledger
        self._drawing: CalendarContext | None = None
        self._forms: Mapping[str, str] = {}
        self._world: object = None
        self._shelves: dict[str, _FileState] = {}
        self._broken: list[tuple[str, Exception]] = []
        self._written = 0
        self._last = WriteResult()

    async def follow(
        self, household: Household, settings: Calendar, forms: Mapping[str, str], now: datetime
    ) -> WriteResult:
        """Do a round in a thread, if anything can have changed since the last one. Raises as `keep` does."""
        drawing = CalendarContext(household=household, settings=settings, today=day_in(now, household.zone))
        if self._is_current(drawing):
            return self._last
        return await asyncio.to_thread(self.keep, drawing, forms, now.replace(microsecond=0))

    def _is_current(self, drawing: CalendarContext) -> bool:
        last = self._drawing
        return (
            last is not None
            and last.household is drawing.household
            and last.settings == drawing.settings
            and _window(last) == _window(drawing)
        )

    def keep(self, drawing: CalendarContext, forms: Mapping[str, str], now: datetime) -> WriteResult:
        """Bring all files up to date. `forms` change when a plan does. Raises OSError and LedgerError."""
        self._broken, self._written = [], 0
        self._drawing = None  # a round that fails is begun again
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        world = _world(drawing)
        if world != self._world:
            self._world, self._shelves = world, {}
        people = drawing.household.people
        touched = self._touched(drawing, forms)
        anew = [person for person in people.values() if person.id not in self._shelves]
        with suppress(_Stopped):
            for person_id in touched:
                if person_id in people and person_id in self._shelves:
                    self._put_back(drawing, people[person_id], touched[person_id], now)
            self._shelve(drawing, anew, now)
            self._clear(drawing)
            self._drawing, self._forms = drawing, dict(forms)
        if self._written:
            sync_folder(self.folder)
        split = tuple(person for person, shelf in self._shelves.items() if shelf.split)
        self._last = WriteResult(0, split)
        return WriteResult(self._written, split, tuple(self._broken))

    def _touched(self, drawing: CalendarContext, forms: Mapping[str, str]) -> dict[str, set[str]]:
        """Give the plans that changed, came or went, by the person to whom that matters."""
        touched: dict[str, set[str]] = {}
        plans = drawing.household.plans
        for plan in {plan for plan, _ in forms.items() ^ self._forms.items()}:
            before = [person for person, shelf in self._shelves.items() if plan in shelf.sizes]
            for person in {*before, *(plans[plan].told if plan in plans else ())}:
                touched.setdefault(person, set()).add(plan)
        return touched

    def _shelve(self, drawing: CalendarContext, people: Sequence[Person], now: datetime) -> None:
        """Draw people's calendars from the beginning; one plan after the other where one is too large for a file."""
        jobs = ((person, drawing.household.plans_of(person.id)) for person in people)
        for person, drawn in groupby(self._drawn(drawing, jobs, now), key=attrgetter("person")):
            shelf = _FileState()
            whole: list[_Drawn] = []
            size = 0
            for one in drawn:
                if one.plan is not None:
                    shelf.sizes[one.plan.id] = len(one.data)
                whole.append(one)
                size += len(one.data)
                if shelf.split or size > LARGEST:
                    shelf.split = True
                    whole = [each for each in whole if not self._write_plan(each)]
            self._finish(drawing, person, shelf, [one.data for one in whole], now)

    def _put_back(self, drawing: CalendarContext, person: Person, changed: set[str], now: datetime) -> None:
        """Draw anew what changed: the one file where all are in it, else the files of these plans."""
        shelf = self._shelves[person.id]
        if not shelf.split:
            self._shelve(drawing, [person], now)
            return
        for plan in changed:
            shelf.sizes.pop(plan, None)
        plans = [plan for plan in drawing.household.plans_of(person.id) if plan.id in changed]
        whole = []
        for one in self._drawn(drawing, [(person, plans)], now):
            if one.plan is not None:
                shelf.sizes[one.plan.id] = len(one.data)
            if not self._write_plan(one):
                whole.append(one.data)
        if sum(shelf.sizes.values()) <= LARGEST:
            self._shelve(drawing, [person], now)
        else:
            self._finish(drawing, person, shelf, whole, now)

    def _finish(
        self, drawing: CalendarContext, person: Person, shelf: _FileState, whole: list[bytes], now: datetime
    ) -> None:
        """Write the file of a person's own name: all in it, or that there is one a plan, or that there is nothing."""
        if shelf.split or not any(whole):
            notice = drawing.notice("split" if shelf.split else "nothing", person)
            whole += self._revised([_Unit(person, None, [notice])], now)
        self._write(self.folder / f"{person.id}.ics", ics.vcalendar(_named(person.name, person), whole))
        self._shelves[person.id] = shelf

    def _drawn(
        self, drawing: CalendarContext, jobs: Iterable[tuple[Person, Sequence[Plan]]], now: datetime
    ) -> Iterator[_Drawn]:
        """Draw people's own events, then those of their plans, some at a time, each with its revision."""
        units = self._units(drawing, jobs)
        while batch := list(islice(units, _TOGETHER)):
            for unit, data in zip(batch, self._revised(batch, now), strict=True):
                yield _Drawn(unit.person, unit.plan, data)

    def _units(self, drawing: CalendarContext, jobs: Iterable[tuple[Person, Sequence[Plan]]]) -> Iterator[_Unit]:
        for person, plans in jobs:
            for plan in (None, *plans):
                if self.stopping:
                    raise _Stopped
                events = []
                try:
                    entries = drawing.entries(plan) if plan is not None else drawing.own_entries(person)
                    events = [drawing.event(entry, person) for entry in entries]
                except Exception as error:  # noqa: BLE001  # whatever it is, it must not cost the other events
                    self._broken.append((plan.id if plan else f"@{person.id}", error))
                yield _Unit(person, plan, events)

    def _revised(self, units: Sequence[_Unit], now: datetime) -> list[bytes]:
        """Give each unit's events as bytes; a new revision is in the ledger before it is in a file."""
        keys = [key_of(event.uid, unit.person.id) for unit in units for event in unit.events]
        known = self._ledger.revisions(keys) if keys else {}
        changed: dict[str, Revision] = {}
        written = []
        for unit in units:
            data, new = lines(unit.events, unit.person.id, known, now)
            written.append(b"".join(data))
            changed |= new
        if changed:
            self._ledger.set_revisions(changed)
        return written

    def _write_plan(self, drawn: _Drawn) -> bool:
        """Write a plan's own file; tells whether it was a plan."""
        if drawn.plan is None:
            return False
        if drawn.data:
            path = self.folder / f"{drawn.person.id}.{drawn.plan.id}.ics"
            self._write(path, ics.vcalendar(_named(drawn.plan.id, drawn.person), [drawn.data]))
        return True

    def _write(self, path: Path, data: bytes) -> None:
        before = None
        with suppress(OSError):
            before = path.read_bytes()
        if before == data:
            return
        # Where nothing stood yet nothing can be lost; a first round of thousands would wait for the disk each time.
        replace_bytes(path, data, sync=before is not None)
        self._written += 1

    def _clear(self, drawing: CalendarContext) -> None:
        """Take away files of people and plans that have none any more."""
        people = drawing.household.people
        self._shelves = {person: shelf for person, shelf in self._shelves.items() if person in people}
        wanted = {f"{person}.ics" for person in self._shelves}
        for person, shelf in self._shelves.items():
            if shelf.split:
                wanted |= {f"{person}.{plan}.ics" for plan, size in shelf.sizes.items() if size}
        for path in self.folder.glob("*.ics"):
            if path.name not in wanted:
                path.unlink()
                self._written += 1


def _named(name: str, person: Person) -> str:
    return words.name_of(name, person.languages[0])


def _window(drawing: CalendarContext) -> object:
    leaving = any(plan.cancel for plan in drawing.household.plans.values())
    return (drawing.days, drawing.today if leaving else None)  # the last day to cancel depends on the day


def _world(drawing: CalendarContext) -> object:
    """Give everything that events depend on beside the plans themselves."""
    home = drawing.household
    carriers = {plan.carrier.id: plan.carrier for plan in home.plans.values() if plan.carrier is not None}
    alike = {plan.name for plan in home.plans.values() if home.label(plan) != plan.name}
    people, cards = dict(home.people), dict(home.cards)
    return (_window(drawing), drawing.settings, home.many_currencies, alike, people, cards, carriers)
