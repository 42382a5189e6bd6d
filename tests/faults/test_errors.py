"""An error at any function of a delivery: every reminder arrives all the same, and no mail stays "being sent".

Each function is tried once in each run, the second call of each too with RENEWD_ERRORS=1.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

import pytest

from delivery.desk import HOUR, MINUTE, Desk, keys, lines
from renewd import delivery
from renewd.ledger import LedgerError
from renewd.ledger.executor import thread
from smtp import LOSE, peer

ROOT = Path(delivery.__file__).parents[1]
ROOMS = ("delivery", "ledger", "channels")
ERRORS = (MemoryError, RuntimeError, UnicodeError, asyncio.CancelledError)
PEOPLE = ("a", "b", "c")
LONGEST = 3.0  # seconds of a pass; only one whose look-up has died takes so long
PARTS = ("comp>", "<genexpr>")
FREEING = ("SqlLedger.release", "forget")  # what frees the mails that a pass leaves
SETTLING = ("_attempt",)  # what settles an attempt that ends by an error

Point = tuple[str, str, int]  # file, function, and the how manieth call of it


@cache
def file_of(path: str) -> str:
    """Return the name of a file of the rooms; empty for every other one."""
    file = Path(path)
    inside = file.is_relative_to(ROOT) and file.relative_to(ROOT).parts[0] in ROOMS
    return file.relative_to(ROOT).as_posix() if inside else ""


@contextmanager
def traced(call: Callable[[CodeType], None]) -> Iterator[None]:
    """Call something at each function of the rooms that is entered, in every thread."""

    def trace(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and file_of(frame.f_code.co_filename):
            call(frame.f_code)

    thread.end()  # the next thread is traced from its start
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        thread.end()


async def calm_down(desk: Desk) -> None:
    """Deliver hour by hour until nothing is left to send, and once more."""
    for _ in range(30):
        if await desk.deliver(after=HOUR):
            break
    await desk.deliver(after=HOUR)


def points() -> list[Point]:
    """Return every function that a delivery with a lost answer enters, with the first and the second call of it."""
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[Point, None] = {}

    def note(code: CodeType) -> None:
        name = (file_of(code.co_filename), code.co_qualname)
        counts[name] += 1
        if counts[name] <= 2:
            found[*name, counts[name]] = None

    async def run() -> None:
        async with peer() as server:
            server.says["DOT"] = ["250 Ok", LOSE, "250 Ok"]
            desk = Desk(lines(*PEOPLE), server)
            with traced(note):
                await desk.deliver()
                await desk.deliver(after=16 * MINUTE)

    asyncio.run(run())
    return list(found)


def sample(found: Sequence[Point]) -> list[Point]:
    """Return one call of each function, the first of one and the second of the next; no parts of a function."""
    calls: dict[tuple[str, str], list[Point]] = {}
    for point in found:
        if not point[1].endswith(PARTS):
            calls.setdefault(point[:2], []).append(point)
    return [of_one[place % len(of_one)] for place, of_one in enumerate(calls.values())]


FOUND = points()
TRIED = FOUND if os.environ.get("RENEWD_ERRORS") else sample(FOUND)


def test_each_function_of_a_delivery_is_tried() -> None:
    assert {point[:2] for point in TRIED} >= {point[:2] for point in FOUND if not point[1].endswith(PARTS)}
    assert len(TRIED) > 150


def people(desk: Desk, state: str) -> set[str]:
    """Return who has a mail in a state."""
    with desk.ledger.database.reading() as cursor:
        cursor.execute("SELECT person FROM mail WHERE state = ?", (state,))
        return {person for (person,) in cursor.fetchall()}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a generator that is thrown away
@pytest.mark.parametrize("point", TRIED, ids=lambda point: f"{point[0]}:{point[1]}:{point[2]}")
@pytest.mark.usefixtures("few_words")
async def test_an_error_costs_no_reminder_and_leaves_no_mail_being_sent(point: Point) -> None:
    error = ERRORS[FOUND.index(point) % len(ERRORS)]
    counts: Counter[tuple[str, str]] = Counter()

    def fail(code: CodeType) -> None:
        name = (file_of(code.co_filename), code.co_qualname)
        counts[name] += 1
        if (*name, counts[name]) == point:
            raise error("planted")

    async with peer() as server:
        server.says["DOT"] = ["250 Ok", LOSE, "250 Ok"]
        desk = Desk(lines(*PEOPLE), server)
        with traced(fail):
            for after in (0 * MINUTE, MINUTE, 16 * MINUTE):
                with suppress(*ERRORS, LedgerError, TimeoutError):  # a look-up whose thread has died ends by its limit
                    await asyncio.wait_for(desk.deliver(after=after), LONGEST)
                assert point[1] in FREEING or not people(desk, "claimed"), "a pass leaves mails that it did not begin"
                handed_over = {mail.recipient for mail in server.mails}
                in_doubt = {f"{one}@example.com" for one in people(desk, "unknown")}
                assert point[1] in SETTLING or in_doubt <= handed_over, (
                    "a mail that nobody was given is taken for one that may have arrived"
                )
        await calm_down(desk)
        for one in PEOPLE:
            got = [key for key in keys(server, f"{one}@example.com") if key.startswith(f"line-{one}/renewal")]
            assert got, f"{one} never got theirs"
            bodies = {mail.data for mail in server.to(f"{one}@example.com") if got[0].encode() in mail.data}
            assert len(bodies) <= 1 or len(got) > 1
        assert not people(desk, "sending") | people(desk, "claimed")
