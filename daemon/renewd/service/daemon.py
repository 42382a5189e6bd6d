"""The daemon: one pass reads the file, sends what is due, and brings the calendars up to date.

`Daemon.run_pass` is one pass; `lifecycle` calls it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from renewd.config import Loaded
from renewd.delivery.events import Failure
from renewd.delivery.pipeline import deliver
from renewd.delivery.task import PassContext, Task
from renewd.disk import Paths
from renewd.domain.errors import RenewdError
from renewd.domain.plans import Plan
from renewd.ledger import Ledger, LedgerError
from renewd.ledger.executor import in_ledger_thread
from renewd.reminders import Reminder
from renewd.service.events import Calendars, DaemonEvent, Looked, Started, Tell, Trouble, WrongClock
from renewd.service.heartbeat import Heartbeat
from renewd.service.live_config import InForce, LiveConfig
from renewd.service.problem_mail import problem_task
from renewd.service.reports import Reporter
from renewd.service.status_file import StatusFile
from renewd.service.web_view import WebView
from renewd.state import take_tested
from renewd.web.server_handle import ServerHandle

if TYPE_CHECKING:
    from renewd.calendar.files import CalendarFiles
    from renewd.web.links import Links

RELEASED = date(2026, 1, 1)  # nothing is sent by a clock that is before this: the program did not exist
_KEEP_PASS = timedelta(minutes=30)  # how old the last pass in the ledger may become while nothing happens
_PRUNE_AGAIN = timedelta(hours=12)  # how often old mails are deleted: one that fails is tried again within a day


class Daemon:
    """One renewd on one state folder. `clock` returns aware UTC instants; `tell` is called with each event."""

    def __init__(
        self,
        paths: Paths,
        loaded: Loaded,
        *,
        ledger: Ledger,
        fresh: bool,
        clock: Callable[[], datetime],
        tell: Tell,
    ) -> None:
        self.paths = paths
        self.ledger = ledger
        self.fresh = fresh
        self.damaged = False  # whether the ledger is: only a start can put it aside and begin a new one
        self.progressed: Callable[[], None] = _nothing  # called at each event: a sign that a pass makes progress
        self.config = LiveConfig(paths, ledger, clock=clock, tell=self._tell, links=self._links)
        self._first = loaded
        self._clock = clock
        self._listener = tell
        self._last_pass = ledger.last_pass()
        self._kept_pass = self._last_pass
        self._pruned_at: datetime | None = None
        self._reporter = Reporter(paths.state)
        self._heartbeat = Heartbeat(lambda error: self._tell(Trouble(error)))
        self._status = StatusFile(paths, clock())
        self._calendars: CalendarFiles | None = None
        self._server = ServerHandle(paths, clock, WebView(self, clock))
        self.passed_at: datetime | None = None  # the last pass that went well
        self.in_trouble = False

    async def begin(self) -> None:
        """Put the file into force, and record mails that were in flight as of unknown outcome. Raises LedgerError."""
        await in_ledger_thread(self.ledger.recover, self._clock())  # off the loop: another process may hold the ledger
        await self.config.adopt(self._first, edited=False)
        last = next((line.at for line in self.ledger.history() if line.state == "sent"), None)
        problems = (*self._first.problems, *self._in_force.secret_problems)
        loaded = dataclasses.replace(self._first, problems=problems)
        self._tell(Started(loaded, *self.paths, self.fresh, self._in_force.outbox.channel, last))

    # --- one pass -----------------------------------------------------------------------------------------------------

    async def run_pass(self) -> bool:
        """Run one pass. Return whether everything that was due was sent, and the calendars are up to date."""
        done = kept = False
        try:
            await self.config.reload_if_changed()
            done = await self._send_what_is_due()
            kept = await self._update_calendars()
            await self._prune()
        except LedgerError as error:
            self.damaged = error.code == "delivery.ledger-damaged"
            self._tell(Trouble(error))
        finally:
            self.in_trouble = not kept
        if kept:
            self.passed_at = self._clock()
        return done and kept

    async def _send_what_is_due(self) -> bool:
        now = self._clock()
        if now.date() < RELEASED:
            self._tell(WrongClock(now))
            return False
        await self.config.rescan_files(now)
        if take_tested(self.paths.state):
            await in_ledger_thread(self._end_waits)
        in_force = self._in_force
        schedule = in_force.schedule
        context = PassContext(last=self._last_pass, since=self.config.versions.since())
        extra = (*self._about_problems(now), *self._reports(now))
        done = await deliver(
            in_force.outbox, schedule, in_force.composer, context, now, held=self._is_held, extra=extra
        )
        await self._keep_pass(now)
        self._status.update(self.config, done=done)
        self._tell(Looked(schedule.first_coming, done))
        await self._call_heartbeat(now, done=done)
        return done

    def _end_waits(self) -> None:
        """End every back-off: a test mail went through."""
        self.ledger.settle((), dict.fromkeys(self.ledger.backoffs()))

    def _about_problems(self, now: datetime) -> Sequence[Task]:
        """Return the mail about mistakes in the file, once the file is left alone."""
        errors = self._in_force.errors
        if not errors or self.config.versions.go_on(now):
            return ()
        return (problem_task(self._in_force.loaded.household.owner, errors),)

    def _reports(self, now: datetime) -> Sequence[Task]:
        """Return the mail with the readiness reports that are due. An error in it keeps no reminder back."""
        composer = self._in_force.composer
        try:
            return self._reporter.due(
                composer.household, composer.findings, now, overrides=composer.overrides, held=self._is_edited
            )
        except Exception as error:  # noqa: BLE001
            self._tell(Failure("report", error))
            return ()

    def _is_held(self, reminder: Reminder) -> bool:
        plan = reminder.subject.plan
        return plan is not None and self._is_edited(plan)

    def _is_edited(self, plan: Plan) -> bool:
        return self.config.versions.hold(plan, self._clock())

    async def _keep_pass(self, now: datetime) -> None:
        """Record the instant of this pass, in the ledger from time to time."""
        self._last_pass = now
        if self._kept_pass is None or not timedelta(0) <= now - self._kept_pass < _KEEP_PASS:
            await in_ledger_thread(self.ledger.set_last_pass, now)
            self._kept_pass = now

    async def _call_heartbeat(self, now: datetime, *, done: bool) -> None:
        """Call the heartbeat's page if there is one, it is time, and all is well."""
        url = self._in_force.loaded.settings.heartbeat_url
        if url is None or not self._heartbeat.is_due(now) or not done or self.config.is_broken:
            return
        if any(problem.severity == "error" for problem in self._in_force.loaded.problems):
            return
        if not await in_ledger_thread(self.ledger.failing):
            self._heartbeat.beat(url, now)

    async def _update_calendars(self) -> bool:
        """Bring everybody's calendar up to date, after the mails. Return whether that succeeded."""
        from renewd.calendar.files import FOLDER, CalendarFiles  # noqa: PLC0415  # not before the daemon is ready

        now, loaded = self._clock(), self._in_force.loaded
        if now.date() < RELEASED:
            return False
        if self._calendars is None:
            self._calendars = CalendarFiles(self.paths.state / FOLDER, self.ledger)
        try:
            kept = await self._calendars.follow(
                loaded.household, loaded.settings.calendar, self.config.versions.fingerprints(), now
            )
        except OSError as error:
            why = error.strerror or ""
            self._tell(Trouble(RenewdError("service.calendar-not-written", folder=self._calendars.folder, why=why)))
            return False
        for plan, cause in kept.broken:
            self._tell(Failure(f"{plan}/calendar", cause))
        self._tell(Calendars(kept.written, kept.split))
        return True

    async def _prune(self) -> None:
        """Delete the ledger's old mails, twice a day, off the loop: the first time may take seconds."""
        now = self._clock()
        if self._pruned_at is None or not timedelta(0) <= now - self._pruned_at < _PRUNE_AGAIN:
            self._pruned_at = now
            await in_ledger_thread(self.ledger.prune, now)

    # --- between passes -----------------------------------------------------------------------------------------------

    def wake_at(self) -> datetime:
        """Return the instant of the next pass that may find something to do."""
        next_at, retry_at = self._in_force.schedule.next_at, self._in_force.outbox.retry_at
        return next_at if retry_at is None else min(next_at, retry_at)

    async def listen(self) -> None:
        """Serve the address in `[web]`. What keeps it from doing so is told, and tried again with the next call."""
        trouble = await self._server.follow(self._in_force.loaded.settings.web)
        if trouble is not None:
            self._tell(Trouble(trouble))

    async def stop_listening(self) -> None:
        """Release the address."""
        await self._server.close()

    def _links(self) -> Links | None:
        return self._server.links(self._in_force.loaded.settings.web)

    def stop(self) -> None:
        """Start no further mail and no further calendar."""
        if self._calendars is not None:
            self._calendars.stopping = True
        self._in_force.outbox.stopping = True

    async def finish(self) -> None:
        """Write the outcomes of the last mails, where that could not be done before."""
        with suppress(RenewdError):
            await self._in_force.outbox.finish()
        await self._heartbeat.stop()

    def end(self) -> None:
        """Record when the last pass was."""
        with suppress(RenewdError):
            if self._last_pass is not None:
                self.ledger.set_last_pass(self._last_pass)

    def _tell(self, event: DaemonEvent) -> None:
        self.progressed()
        self._listener(event)

    @property
    def _in_force(self) -> InForce:
        return self.config.in_force


def _nothing() -> None:
    return None
