"""Calendars made and kept in this process, and the feed asked from outside."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Awaitable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from renewd.calendar.builder import CalendarContext, calendar_for
from renewd.calendar.files import CalendarFiles, WriteResult
from renewd.config import Calendar
from renewd.domain.dates import Duration
from renewd.domain.plans import Household, Person, Plan
from renewd.ledger.sqlite import open_ledger

_ZONE = "America/New_York"


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


class Kept(NamedTuple):
    """Rounds of everybody's files; seconds of CPU in this process, unless said otherwise."""

    first: float
    events: int
    grown: float  # MB
    late: float  # milliseconds: the 99th percentile by which the loop woke too late meanwhile
    edit: float
    restart: float
    month: float


async def kept(folder: Path, plans: int, today: date) -> Kept:
    """Write all files from nothing, then after an edit, after a restart and in the next month."""
    home, edited = _household(plans, today), _household(plans, today, dear="line-77")
    forms = dict.fromkeys(home.plans, "a")
    ledger = open_ledger(folder / "ledger.sqlite3", _now(today)).ledger
    files = CalendarFiles(folder / "calendar", ledger)
    before = _peak()
    lateness: list[float] = []
    beat = asyncio.create_task(_beat(lateness))
    first = await _cpu(files.follow(home, Calendar(), forms, _now(today)))
    beat.cancel()
    grown = _peak() - before
    events = sum(path.read_bytes().count(b"BEGIN:VEVENT") for path in (folder / "calendar").iterdir())
    forms |= {"line-77": "b"}
    edit = await _cpu(files.follow(edited, Calendar(), forms, _now(today) + timedelta(minutes=5)))
    files = CalendarFiles(folder / "calendar", ledger)
    restart = await _cpu(files.follow(edited, Calendar(), forms, _now(today) + timedelta(minutes=9)))
    month = await _cpu(files.follow(edited, Calendar(), forms, _now(today + timedelta(days=31))))
    return Kept(first, events, grown, sorted(lateness)[int(len(lateness) * 0.99)] * 1000, edit, restart, month)


async def _cpu(round_: Awaitable[WriteResult]) -> float:
    began = time.process_time()
    await round_
    return time.process_time() - began


async def _beat(lateness: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.01)
        lateness.append(time.perf_counter() - began - 0.01)


def asked(port: int, path: str, seconds: float) -> int:
    """Count the 304s that one connection at a time gets in so many seconds."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tag = _ask(line, path, b"").partition(b"etag: ")[2].partition(b"\r\n")[0]
        count, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            assert b" 304 " in _ask(line, path, b"If-None-Match: " + tag + b"\r\n")[:20]
            count += 1
    return count


def _ask(line: socket.socket, path: str, more: bytes) -> bytes:
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode() + more + b"\r\n")
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += line.recv(65536)
    return head


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
