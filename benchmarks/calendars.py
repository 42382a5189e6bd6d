"""Calendars made and kept in this process, and the feed asked from outside."""

from __future__ import annotations

import asyncio
import gc
import resource
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeVar

from benchmarks.asking import ask
from renewd.calendar.builder import CalendarContext, calendar_for
from renewd.calendar.files import CalendarFiles, WriteResult
from renewd.config import Calendar
from renewd.domain.dates import Duration
from renewd.domain.plans import Household, Person, Plan
from renewd.ledger import Ledger
from renewd.ledger.sqlite import open_ledger
from renewd.service.collector import keep_out_of_collections

_R = TypeVar("_R")

_ZONE = "America/New_York"
_NAP = 0.002  # seconds; what the process uses of the processor in it counts as well


def drawn(today: date) -> tuple[float, int]:
    """Return the seconds that a family's calendar takes with all modules loaded, and the number of its events."""
    home = _household(9, today)
    best, count = 9.0, 0
    for _ in range(5):
        began = time.perf_counter()
        data = calendar_for(
            _drawing(home, today), home.people["me"], home.plans.values(), (), lambda _: {}, _now(today)
        )
        best, count = min(best, time.perf_counter() - began), data.count(b"BEGIN:VEVENT")
    return best, count


class Held(NamedTuple):
    """Milliseconds that the loop could not go on."""

    most: float  # the 99th percentile
    longest: float


class Kept(NamedTuple):
    """Rounds of everybody's files; seconds of CPU in this process, unless said otherwise."""

    first: float
    events: int
    grown: float  # MB
    held: Held
    collection: float  # milliseconds of CPU that the longest collection of garbage took meanwhile
    edit: float
    restart: float
    month: float


async def kept(folder: Path, plans: int, today: date) -> Kept:
    """Write all files from nothing, then after an edit, after a restart and in the next month."""
    home, edited = _household(plans, today), _household(plans, today, dear="line-77")
    forms = dict.fromkeys(home.plans, "a")
    ledger = open_ledger(folder / "ledger.sqlite3", _now(today)).ledger
    files = _files(folder, ledger)
    gc.collect()
    gc.freeze()  # as the daemon does with the household that it has read
    before = _peak()
    with _collections() as collections:
        first, held = await _beside(_cpu(files.follow(home, Calendar(), forms, _now(today))))
    grown = _peak() - before
    events = sum(path.read_bytes().count(b"BEGIN:VEVENT") for path in (folder / "calendar").iterdir())
    forms |= {"line-77": "b"}
    edit = await _cpu(files.follow(edited, Calendar(), forms, _now(today) + timedelta(minutes=5)))
    files = _files(folder, ledger)
    restart = await _cpu(files.follow(edited, Calendar(), forms, _now(today) + timedelta(minutes=9)))
    month = await _cpu(files.follow(edited, Calendar(), forms, _now(today + timedelta(days=31))))
    return Kept(first, events, grown, held, max(collections), edit, restart, month)


async def beside_counting(seconds: float) -> Held:
    """Return how long the loop is held beside a thread that only counts: on a busy machine for long, too."""

    def count() -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pass

    return (await _beside(asyncio.to_thread(count)))[1]


def _files(folder: Path, ledger: Ledger) -> CalendarFiles:
    files = CalendarFiles(folder / "calendar", ledger)
    files.drawing = lambda _: keep_out_of_collections()  # as the daemon does
    return files


async def _cpu(round_: Awaitable[WriteResult]) -> float:
    began = time.process_time()
    await round_
    return time.process_time() - began


async def _beside(work: Awaitable[_R]) -> tuple[_R, Held]:
    """Return what something returns, and how long the loop was held meanwhile."""
    held: list[float] = []
    beat = asyncio.create_task(_beat(held))
    result = await work
    beat.cancel()
    held.sort()
    return result, Held(held[int(len(held) * 0.99)] * 1000, held[-1] * 1000)


@contextmanager
def _collections() -> Iterator[list[float]]:
    """Note the milliseconds of CPU that each collection of garbage takes meanwhile."""
    found, began = [0.0], 0.0

    def note(phase: str, _facts: object) -> None:
        nonlocal began
        if phase == "start":
            began = time.thread_time()
        else:
            found.append((time.thread_time() - began) * 1000)

    gc.callbacks.append(note)
    try:
        yield found
    finally:
        gc.callbacks.remove(note)


async def _beat(held: list[float]) -> None:
    """Note by how much each wake is late; on a busy machine only what this process used of the processor meanwhile."""
    while True:
        began, used = time.perf_counter(), time.process_time()
        await asyncio.sleep(_NAP)
        held.append(min(time.perf_counter() - began - _NAP, time.process_time() - used))


def asked(port: int, path: str, seconds: float) -> int:
    """Count the 304s that one client gets in so many seconds, one after the other."""
    tag = ask(port, path)[0].partition(b"etag: ")[2].partition(b"\r\n")[0].decode()
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        assert b" 304 " in ask(port, path, f"If-None-Match: {tag}")[0][:20]
        count += 1
    return count


def _household(plans: int, today: date, dear: str = "") -> Household:
    me = Person(id="me", email="me@example.com", name="我", zone=_ZONE, languages=("zh-CN",), send_at=clock(9))
    lines = {
        f"line-{i}": Plan(
            id=f"line-{i}",
            name=f"号码 {i}",
            told=("me",),
            renews=today + timedelta(days=i % 28),
            every=Duration(30, "days"),
            price=Decimal(6 if f"line-{i}" == dear else 5),
            currency="USD",
            late="reset",
            zone=_ZONE,
            grace=Duration(30, "days"),
        )
        for i in range(plans)
    }
    return Household(zone=_ZONE, languages=("zh-CN",), currency="USD", people={"me": me}, plans=lines)


def _drawing(home: Household, today: date) -> CalendarContext:
    return CalendarContext(household=home, settings=Calendar(), today=today)


def _now(today: date) -> datetime:
    return datetime(today.year, today.month, today.day, 15, tzinfo=UTC)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
