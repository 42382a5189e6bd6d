"""When the daemon makes a pass: at each beat, and at the moments that it asks for.

APScheduler only wakes it. What is due follows from the file, the wall clock and the ledger.
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
from renewd.service.systemd import BEAT

JUMP = 2.0  # seconds between the wall clock and the monotonic one that mean a step or a suspend, not a drift
FAILED = 3  # failed passes in a row after which a restart is worth a try
STUCK = 1200.0  # seconds without progress that no timeout allows: a server has ten minutes to answer the final dot

logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it writes two lines a run


class RobustScheduler(AsyncIOScheduler):  # type: ignore[misc]  # it is not typed
    """An AsyncIOScheduler that goes on after an error in a pass, and never sleeps for more than a beat.

    APScheduler 3.11 arms its timer only after its jobs were processed without an exception (its pull request 1132).
    Its timers are monotonic, so that they oversleep when the wall clock moves. After a step of the clock, the jobs
    are therefore due at once.
    """

    _offset: float | None = None

    def wakeup(self) -> None:
        """Run the jobs that are due, and always arm the timer."""
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
    """Calls `run_pass` at once, at each moment set with `wake_at`, and at least every beat; never twice at a time.

    It stops feeding the watchdog once `run_pass` hangs, or has raised an error or returned False a few times in a row.
    """

    def __init__(self, run_pass: Callable[[], Awaitable[bool | None]], *, stuck: float = STUCK) -> None:
        self._run_pass = run_pass
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
        """Start the beats."""
        self._scheduler.add_job(self._beat, "interval", seconds=BEAT, id="beat", next_run_time=datetime.now(UTC))
        self._scheduler.start()

    def wake_at(self, moment: datetime) -> None:
        """Make a pass at this instant (UTC) too; it replaces the instant set before."""
        # A millisecond later: a timer that fires slightly early would find nothing due.
        later = moment + timedelta(milliseconds=1)
        self._scheduler.add_job(self._beat, DateTrigger(later, timezone=UTC), id="wake", replace_existing=True)

    def pass_now(self) -> None:
        """Make a pass at once, or again as soon as the running one is over."""
        self._again = self._running is not None and not self._running.done()
        if not self._again:
            self._running = asyncio.ensure_future(self._passing())

    async def _beat(self) -> None:
        silent = "a pass hangs" if self._hangs() else "each pass fails" if self._failures >= FAILED else ""
        if not silent:
            systemd.notify("WATCHDOG=1")  # the loop lives, the scheduler with it, and passes come to their end
        elif silent != self._silent:
            logging.getLogger("renewd").error("%s; the watchdog is no longer fed", silent)
        self._silent = silent
        if self._running is None or self._running.done():
            # A task of our own: the scheduler cancels what runs in a job when it is shut down.
            self._running = asyncio.ensure_future(self._passing())

    def progressed(self) -> None:
        """Note that the running pass makes progress: a mail went out, a file was read."""
        self._progress = time.monotonic()

    def _hangs(self) -> bool:
        """Whether a pass has made no progress for longer than any timeout allows."""
        running = self._running is not None and not self._running.done()
        return running and time.monotonic() - self._progress >= self._stuck

    async def _passing(self) -> None:
        self.progressed()
        self._again = True
        while self._again:
            self._again = False
            try:
                sound = await self._run_pass() is not False
            except Exception:
                sound = False
                if not self._failures:
                    logging.getLogger("renewd").exception("a pass ended early; the next one comes with the next beat")
            self._failures = 0 if sound else self._failures + 1

    async def stop(self, patience: float) -> None:
        """Stop the beats. Wait `patience` seconds for a running pass, then cancel it."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._running is not None and not self._running.done():
            _, unfinished = await asyncio.wait([self._running], timeout=patience)
            for _ in range(4 if unfinished else 0):  # Python 3.11 loses a cancel that comes together with an answer
                self._running.cancel()
                if (await asyncio.wait([self._running], timeout=0.25))[0]:
                    break
