"""The beat of the daemon: APScheduler wakes it, and remembers nothing.

What is due follows from the file, the wall clock and the ledger alone; a beat only says "look now".
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from renewd.service import systemd

BEAT = 30.0  # seconds; longer sleeps would miss a resume from suspend or a stepped clock for as long
JUMP = 2.0  # seconds that the wall clock moves against the monotonic one in a beat: a step or a suspend, and no drift
FAILED = 3  # passes in a row with a step that failed by an error of renewd's own, after which a restart is worth a try
STUCK = 1200.0  # seconds without a sign of progress that no timeout allows: after the dot a server has ten minutes

logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it writes two lines a run


class RobustScheduler(AsyncIOScheduler):  # type: ignore[misc]  # it is not typed
    """An AsyncIOScheduler that goes on after an error in a pass, and never sleeps for more than a beat.

    A clock set back would keep its jobs waiting until the old time: after a step they are due at once. Version 3.11 arms its timer only after a pass that returned, so that any exception ends it silently
    (APScheduler pull request 1132), and its timers are monotonic, so that they oversleep when the wall clock moves.
    """

    _offset: float | None = None

    def wakeup(self) -> None:
        """Run the jobs that are due, and arm the timer whatever comes of it."""
        self._stop_timer()
        wait: float | None = None
        try:
            if self._clock_was_moved():
                self.modify_job("beat", next_run_time=datetime.now(UTC))
            wait = self._process_jobs()
        except Exception:
            logging.getLogger("renewd").exception("the scheduler could not run its jobs; it goes on")
        finally:
            self._start_timer(BEAT if wait is None else min(wait, BEAT))

    def _clock_was_moved(self) -> bool:
        offset = datetime.now(UTC).timestamp() - time.monotonic()
        before, self._offset = self._offset, offset
        return before is not None and abs(offset - before) > JUMP


class Scheduler:
    """Calls `look` at once, at each moment asked for with `wake_at`, and at least every beat; never twice at a time.

    The watchdog is no longer fed once `look` hangs, or has raised an error or returned False a few times in a row.
    """

    def __init__(self, look: Callable[[], Awaitable[bool | None]], *, stuck: float = STUCK) -> None:
        self._look = look
        self._stuck = stuck
        self._progress = time.monotonic()
        self._running: asyncio.Task[None] | None = None
        self._again = False
        self._failures = 0
        self._silent = ""  # why the watchdog is not fed
        self._scheduler = RobustScheduler(
            timezone=UTC,  # the default is a guess about the machine
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to beat."""
        self._scheduler.add_job(self._beat, "interval", seconds=BEAT, id="beat", next_run_time=datetime.now(UTC))
        self._scheduler.start()

    def wake_at(self, moment: datetime) -> None:
        """Look at this instant (UTC) too; it takes the place of the one asked for before."""
        # A millisecond later: a timer that rings a hair early must not find that nothing is due yet.
        later = moment + timedelta(milliseconds=1)
        self._scheduler.add_job(self._beat, DateTrigger(later, timezone=UTC), id="wake", replace_existing=True)

    def look_now(self) -> None:
        """Look at once, or again as soon as the running look is over."""
        self._again = self._running is not None and not self._running.done()
        if not self._again:
            self._running = asyncio.ensure_future(self._looking())

    async def _beat(self) -> None:
        silent = "a look hangs" if self._hangs() else "each look fails" if self._failures >= FAILED else ""
        if not silent:
            systemd.notify("WATCHDOG=1")  # the loop lives, the scheduler with it, and a look comes to its end
        elif silent != self._silent:
            logging.getLogger("renewd").error("%s; the watchdog is no longer fed", silent)
        self._silent = silent
        if self._running is None or self._running.done():
            # A task of our own: the scheduler cancels what runs in a job when it is shut down.
            self._running = asyncio.ensure_future(self._looking())

    def progressed(self) -> None:
        """Hear that the running look goes on: a mail went out, a file was read."""
        self._progress = time.monotonic()

    def _hangs(self) -> bool:
        """Whether a look has run for longer than all timeouts together without a sign of progress."""
        running = self._running is not None and not self._running.done()
        return running and time.monotonic() - self._progress >= self._stuck

    async def _looking(self) -> None:
        self.progressed()
        self._again = True
        while self._again:
            self._again = False
            try:
                sound = await self._look() is not False
            except Exception:
                sound = False
                if not self._failures:
                    logging.getLogger("renewd").exception("a look ended early; the next one comes with the next beat")
            self._failures = 0 if sound else self._failures + 1

    async def stop(self, patience: float) -> None:
        """Beat no more; wait for a running look for `patience` seconds, then cancel it."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._running is not None and not self._running.done():
            _, unfinished = await asyncio.wait([self._running], timeout=patience)
            for _ in range(4 if unfinished else 0):  # Python 3.11 loses a cancel that comes together with an answer
                self._running.cancel()
                if (await asyncio.wait([self._running], timeout=0.25))[0]:
                    break
