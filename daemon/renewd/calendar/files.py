"""Everybody's calendar as a file, rewritten as a whole, and only where its bytes change."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from renewd.calendar import words
from renewd.calendar.builder import CalendarContext, key_of, lines
from renewd.calendar.entries import depends_on_today
from renewd.calendar.manifest import FileState, Manifest, forms_of, world_of
from renewd.config.settings import Calendar
from renewd.disk import read_regular, remove, replace_bytes, sync_folder
from renewd.domain.dates import day_in
from renewd.domain.plans import Household, Person, Plan
from renewd.formats import ics
from renewd.ledger import Ledger, Revision

FOLDER = "calendar"
MANIFEST = "calendar.json"
LARGEST = 900_000  # bytes; Google takes no more than a megabyte
_TOGETHER = 200  # plans whose revisions are looked up and written down at once
_KEY = "@calendar"  # the key under which the ledger has the manifest's token


class _Stopped(Exception):  # noqa: N818  # no error: there is no more time
    pass


class _Unit(NamedTuple):
    """The events of one plan, or of none, for a person; `kept` are the old ones of a plan that cannot be drawn."""

    person: Person
    plan: Plan | None
    events: Sequence[ics.Event]
    written: Mapping[ics.RevisionKey, bytes] = MappingProxyType({})
    kept: bytes = b""


class _Drawn(NamedTuple):
    """The events of a unit as bytes."""

    person: Person
    plan: Plan | None
    data: bytes


class WriteResult(NamedTuple):
    """The outcome of a round: files written or removed, people with one file a plan, and plans left out."""

    written: int = 0
    split: tuple[str, ...] = ()
    broken: tuple[tuple[str, Exception], ...] = ()


class CalendarFiles:
    """Keeps the calendars of a household in a folder. `stopping` ends a long round early; the next begins it again.

    `drawing` is called in the thread of a round, with the number of plans drawn so far.
    """

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder = folder
        self.stopping = False
        self.drawing: Callable[[int], object] = lambda _: None
        self._ledger = ledger
        self._context: CalendarContext | None = None
        self._kept_at = folder.with_name(MANIFEST)
        self._manifest = Manifest()
        self._started = False
        self._broken: list[tuple[str, Exception]] = []
        self._written = 0
        self._last = WriteResult()

    async def follow(
        self, household: Household, settings: Calendar, forms: Mapping[str, str], now: datetime
    ) -> WriteResult:
        """Do a round in a thread, if anything can have changed since the last one. Raises as `keep` does."""
        context = CalendarContext(household=household, settings=settings, today=day_in(now, household.zone))
        if self._is_current(context):
            return self._last
        return await asyncio.to_thread(self.keep, context, forms, now.replace(microsecond=0))

    def _is_current(self, context: CalendarContext) -> bool:
        last = self._context
        return (
            last is not None
            and last.household is context.household
            and last.settings == context.settings
            and last.days == context.days
            and (last.today == context.today or not any(map(depends_on_today, context.household.plans.values())))
        )

    def keep(self, context: CalendarContext, forms: Mapping[str, str], now: datetime) -> WriteResult:
        """Bring all files up to date. `forms` change when a plan does. Raises OSError and LedgerError."""
        self._broken, self._written = [], 0
        self._context = None  # a round that fails is begun again
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._started:
            self._manifest, self._started = self._trusted(), True
        manifest = self._manifest
        world, forms = world_of(context), forms_of(context, forms)
        differs = (world, forms) != (manifest.world, manifest.forms)
        if world != manifest.world:
            manifest.world, manifest.people = world, {}
        with suppress(_Stopped):
            self._redraw(context, forms, now)
            if differs or self._written or not self._kept_at.exists():
                self._keep_manifest(forms, now)
            self._context = None if self._broken else context
        if self._written:
            sync_folder(self.folder)
        split = tuple(person for person, state in manifest.people.items() if state.split)
        self._last = WriteResult(0, split)
        return WriteResult(self._written, split, tuple(self._broken))

    def _trusted(self) -> Manifest:
        """Return the manifest of an earlier process. If it no longer holds, it has only the files as they were left."""
        kept = Manifest.read(self._kept_at)
        left = {name: stamp for name, stamp in kept.files.items() if kept.is_as_left(self.folder / name)}
        known = self._ledger.revisions([_KEY]).get(_KEY)
        if left == kept.files and known is not None and known.fingerprint == kept.token:
            return kept
        return Manifest(files=left)

    def _keep_manifest(self, forms: Mapping[str, str], now: datetime) -> None:
        """Keep the manifest for the next start. What could not be drawn is left out, so that it is tried again."""
        manifest, broken = self._manifest, dict(self._broken)
        manifest.forms = {plan: form for plan, form in forms.items() if plan not in broken}
        manifest.people = {person: state for person, state in manifest.people.items() if f"@{person}" not in broken}
        manifest.token = blake2b(f"{manifest.world} {now}".encode(), digest_size=16).hexdigest()
        manifest.write(self._kept_at)
        self._ledger.set_revisions({_KEY: Revision(0, manifest.token, now)})

    def _redraw(self, context: CalendarContext, forms: Mapping[str, str], now: datetime) -> None:
        people, drawn = context.household.people, self._manifest.people
        touched = self._touched(context, forms)
        missing = [person for person in people.values() if person.id not in drawn]
        for person_id, plans in touched.items():
            if person_id in people and person_id in drawn:
                self._update(context, people[person_id], plans, now)
        self._draw(context, missing, now)
        self._clear(context)

    def _touched(self, context: CalendarContext, forms: Mapping[str, str]) -> dict[str, set[str]]:
        """Return the plans that changed, came or went, by the person to whom that matters."""
        touched: dict[str, set[str]] = {}
        plans = context.household.plans
        for plan in {plan for plan, _ in forms.items() ^ self._manifest.forms.items()}:
            before = [person for person, state in self._manifest.people.items() if plan in state.sizes]
            for person in {*before, *(plans[plan].told if plan in plans else ())}:
                touched.setdefault(person, set()).add(plan)
        return touched

    def _draw(self, context: CalendarContext, people: Sequence[Person], now: datetime) -> None:
        """Draw whole calendars. Where one is too large for a file, each plan has a file of its own."""
        jobs = ((person, context.household.plans_of(person.id)) for person in people)
        for person, drawn in groupby(self._drawn(context, jobs, now), key=attrgetter("person")):
            state = FileState()
            whole: list[_Drawn] = []
            size = 0
            for one in drawn:
                if one.plan is not None:
                    state.sizes[one.plan.id] = len(one.data)
                whole.append(one)
                size += len(one.data)
                if state.split or size > LARGEST:
                    state.split = True
                    whole = [each for each in whole if not self._write_plan(each)]
            self._finish(context, person, state, [one.data for one in whole], now)

    def _update(self, context: CalendarContext, person: Person, changed: set[str], now: datetime) -> None:
        """Draw what changed: the one file of a person where all plans are in it, else the files of these plans."""
        state = self._manifest.people[person.id]
        if not state.split:
            self._draw(context, [person], now)
            return
        for plan in changed:
            state.sizes.pop(plan, None)
        plans = [plan for plan in context.household.plans_of(person.id) if plan.id in changed]
        whole = []
        for one in self._drawn(context, [(person, plans)], now):
            if one.plan is not None:
                state.sizes[one.plan.id] = len(one.data)
            if not self._write_plan(one):
                whole.append(one.data)
        if sum(state.sizes.values()) <= LARGEST:
            self._draw(context, [person], now)
        else:
            self._finish(context, person, state, whole, now)

    def _finish(
        self, context: CalendarContext, person: Person, state: FileState, whole: list[bytes], now: datetime
    ) -> None:
        """Write the file of the person's name: all events, or a notice that there are none, or a file a plan."""
        if state.split or not any(whole):
            notice = context.notice("split" if state.split else "nothing", person)
            whole += self._revised([_Unit(person, None, [notice])], now)
        self._write(self.folder / f"{person.id}.ics", ics.vcalendar(_named(person.name, person), whole))
        self._manifest.people[person.id] = state

    def _drawn(
        self, context: CalendarContext, jobs: Iterable[tuple[Person, Sequence[Plan]]], now: datetime
    ) -> Iterator[_Drawn]:
        """Draw people's own events, then those of their plans, some at a time, each with its revision."""
        units = self._units(context, jobs)
        drawn = 0
        while batch := list(islice(units, _TOGETHER)):
            drawn += sum(unit.plan is not None for unit in batch)
            self.drawing(drawn)
            for unit, data in zip(batch, self._revised(batch, now), strict=True):
                yield _Drawn(unit.person, unit.plan, data)

    def _units(self, context: CalendarContext, jobs: Iterable[tuple[Person, Sequence[Plan]]]) -> Iterator[_Unit]:
        for person, plans in jobs:
            whole = self._events_in(f"{person.id}.ics")
            drawn: set[bytes] = set()
            broken = len(self._broken)
            for plan in (None, *plans):
                if self.stopping:
                    raise _Stopped
                events = []
                own = self._events_in(f"{person.id}.{plan.id}.ics") if plan is not None else {}
                kept = b""
                try:
                    entries = context.entries(plan) if plan is not None else context.own_entries(person)
                    events = [context.event(entry, person) for entry in entries]
                except Exception as error:  # noqa: BLE001  # whatever it is, it must not cost the other events
                    self._broken.append((plan.id if plan else f"@{person.id}", error))
                    kept = b"".join(own.values())
                drawn |= {event.uid.encode() for event in events}
                yield _Unit(person, plan, events, own or whole, kept)
            if len(self._broken) > broken:  # what nobody else has drawn may be of the plan that could not be
                left = b"".join(data for (uid, *_), data in whole.items() if uid not in drawn)
                yield _Unit(person, None, [], whole, left)

    def _events_in(self, name: str) -> Mapping[ics.RevisionKey, bytes]:
        """Return the events in one of our files; none if anybody else has written it."""
        path = self.folder / name
        return ics.events_in(read_regular(path)) if self._manifest.is_as_left(path) else {}

    def _revised(self, units: Sequence[_Unit], now: datetime) -> list[bytes]:
        """Return the bytes of each unit's events. A new revision is in the ledger before it is in a file."""
        keys = [key_of(event.uid, unit.person.id) for unit in units for event in unit.events]
        known = self._ledger.revisions(keys) if keys else {}
        changed: dict[str, Revision] = {}
        written = []
        for unit in units:
            data, new = lines(unit.events, unit.person.id, known, now, unit.written)
            written.append(b"".join([*data, unit.kept]))
            changed |= new
        if changed:
            self._ledger.set_revisions(changed)
        return written

    def _write_plan(self, drawn: _Drawn) -> bool:
        """Write the file of a plan if these are the events of one. Return whether they are."""
        if drawn.plan is None:
            return False
        if drawn.data:
            path = self.folder / f"{drawn.person.id}.{drawn.plan.id}.ics"
            self._write(path, ics.vcalendar(_named(drawn.plan.id, drawn.person), [drawn.data]))
        return True

    def _write(self, path: Path, data: bytes) -> None:
        before = None
        with suppress(OSError):
            before = read_regular(path)
        if before == data:
            self._manifest.note(path)
            return
        self._before_a_change()
        # Where there was no file nothing can be lost, and a first round of thousands would wait for the disk each time.
        replace_bytes(path, data, sync=before is not None)
        self._manifest.note(path)

    def _before_a_change(self) -> None:
        """Remove the manifest before the first change of a round: until the round is over, none describes the files."""
        if not self._written:
            remove(self._kept_at)
        self._written += 1

    def _clear(self, context: CalendarContext) -> None:
        """Remove the files of people and plans that no longer have one."""
        people = context.household.people
        self._manifest.people = {person: state for person, state in self._manifest.people.items() if person in people}
        wanted = {f"{person}.ics" for person in self._manifest.people}
        for person, state in self._manifest.people.items():
            if state.split:
                wanted |= {f"{person}.{plan}.ics" for plan, size in state.sizes.items() if size}
        with os.scandir(self.folder) as entries:  # several times as fast as `glob`
            present = {entry.name for entry in entries if entry.name.endswith(".ics")}
        for name in present - wanted:
            self._before_a_change()
            remove(self.folder / name)
        for name in self._manifest.files.keys() - wanted:
            del self._manifest.files[name]


def _named(name: str, person: Person) -> str:
    return words.name_of(name, person.languages[0])
