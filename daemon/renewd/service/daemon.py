"""The daemon: one pass reads the file, sends what is due, and brings the calendars up to date.

`Daemon.run_pass` is one pass; `lifecycle` calls it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from renewd.config import Good, Loaded
from renewd.config.fact_log import PersonRecorded
from renewd.delivery.events import Failure
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.task import PassContext, Task
from renewd.disk import Paths
from renewd.domain.dates import RELEASED
from renewd.domain.errors import Problem, RenewdError
from renewd.domain.plans import Plan
from renewd.ledger import Failing, Ledger, LedgerError
from renewd.ledger.executor import in_ledger_thread
from renewd.reminders import Reminder
from renewd.service.answer_reader import AnswerReader, AnswersState
from renewd.service.collector import keep_out_of_collections
from renewd.service.daemon_events import (
    Calendars,
    DaemonEvent,
    Drawing,
    PassEnded,
    Started,
    StepFailed,
    Tell,
    Trouble,
    WrongClock,
)
from renewd.service.heartbeat import Heartbeat
from renewd.service.live_config import InForce, LiveConfig
from renewd.service.problem_mail import problem_task
from renewd.service.reports import Reporter
from renewd.service.status_file import StatusFile
from renewd.service.unreached import unreached
from renewd.service.web_view import WebView
from renewd.state import take_tested
from renewd.web.server_handle import ServerHandle

if TYPE_CHECKING:
    from renewd.calendar.files import CalendarFiles
    from renewd.service.pushing import Pushing
    from renewd.web.links import Links

_R = TypeVar("_R")

_KEEP_PASS = timedelta(minutes=30)  # how old the last pass in the ledger may become while nothing happens
_LAST_WRITES = 1.0  # seconds that the outcomes of the last mails may take to be written
_PRUNE_AGAIN = timedelta(hours=12)  # how often old mails are deleted: one that fails is tried again within a day


class Daemon:
    """One renewd on one state folder, which holds `good`. `clock` returns aware UTC; `tell` gets each event."""

    def __init__(
        self,
        paths: Paths,
        loaded: Loaded,
        *,
        good: Good | None = None,
        ledger: Ledger,
        fresh: bool,
        clock: Callable[[], datetime],
        tell: Tell,
        once: bool = False,
    ) -> None:
        self.paths = paths
        self.ledger = ledger
        self.fresh = fresh
        self.must_restart = False  # only a start can begin a new ledger, or a new state folder
        self.is_sound = True  # whether no step of the last pass failed by an error of renewd's own
        self.progressed: Callable[[], None] = lambda: None  # called at each event: a sign that a pass makes progress
        self.config = LiveConfig(paths, ledger, good, clock=clock, tell=self._tell, links=self._links)
        self._first = loaded
        self._clock = clock
        self._listener = tell
        self._last_pass = ledger.last_pass()
        self._kept_pass = self._last_pass
        self._pruned_at: datetime | None = None
        self._reporter = Reporter(paths.state)
        self._heartbeat = Heartbeat(lambda error: self._tell(Trouble(error)))
        self._once = once
        self._pushing: Pushing | None = None
        self._status = StatusFile(paths, clock(), once=once)
        self._folder = _identity(paths.state)
        self._calendars: CalendarFiles | None = None
        self._web = WebView(self, clock)
        self._server = ServerHandle(paths, clock, self._web, self._recorded)
        channel = lambda: self._in_force.outbox.channel  # noqa: E731
        self._answers = AnswerReader(paths, clock, channel, self._tell, self._recorded)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.passed_at: datetime | None = None  # the last pass that went well
        self.in_trouble = False

    async def begin(self) -> None:
        """Put the file into force, and record mails that were in flight as of unknown outcome. Raises LedgerError."""
        self._loop = asyncio.get_running_loop()
        await in_ledger_thread(self.ledger.recover, self._clock())  # off the loop: another process may hold the ledger
        await self.config.adopt(self._first, edited=False)
        last = next((line.at for line in self.ledger.history() if line.state == "sent"), None)
        problems = (*self._first.problems, *self._in_force.secret_problems)
        loaded = self._first._replace(problems=problems)
        self._write_status(None, done=False)
        self._tell(Started(loaded, *self.paths, self.fresh, self._in_force.outbox.channel, last))

    def _write_status(self, passed: datetime | None, *, done: bool) -> None:
        self._status.update(self.config, passed, done=done, answers=self.answers)

    # --- one pass -----------------------------------------------------------------------------------------------------

    async def run_pass(self) -> bool:
        """Run one pass. Return whether everything that was due was sent, and the calendars are up to date."""
        self.is_sound = True
        if self._folder is not None and _identity(self.paths.state) != self._folder:
            self.must_restart = True  # another renewd could run on a new folder of that name
            self._tell(Trouble(RenewdError("service.state-gone", folder=self.paths.state)))
            return False
        done = kept = False
        missed = None
        try:
            await self._step("config", self.config.reload_if_changed)
            done = bool(await self._step("mails", self._send_what_is_due))
            kept = bool(await self._step("calendars", self._update_calendars))
            await self._step("cleanup", self._prune)
            missed = await in_ledger_thread(self.unreached)
        except LedgerError as error:
            self.must_restart = error.code == "delivery.ledger-damaged"
            self._tell(Trouble(error))
        self.in_trouble = not (kept and self.is_sound)
        if not self.in_trouble:
            self.passed_at = self._clock()
        self._write_status(self.passed_at, done=done)
        if missed is not None:
            schedule, outbox = self._in_force.schedule, self._in_force.outbox
            self._tell(PassEnded(schedule.first_coming, done, len(missed), outbox.repeat_at, outbox.retry_at))
        with suppress(LedgerError):  # nothing is known to be well
            await self._step("heartbeat", self._call_heartbeat)
        return done and kept

    async def _step(self, name: str, step: Callable[[], Awaitable[_R]]) -> _R | None:
        """Return what a step returns. A bug is named, and ends this step alone. Raises LedgerError."""
        try:
            return await step()
        except LedgerError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the other steps go on
            self.is_sound = False
            self._tell(StepFailed(name, error))
            return None

    async def _send_what_is_due(self) -> bool:
        now = self._clock()
        if now.date() < RELEASED:
            self._tell(WrongClock(now))
            return False
        await self._step("files", lambda: self.config.rescan_files(now))
        if take_tested(self.paths.state):
            await in_ledger_thread(self._end_waits)
        in_force = self._in_force
        refused = await self._refused_pushes()
        context = PassContext(last=self._last_pass, since=self.config.versions.since(), refused=refused)
        self._start_pushes(context, now)
        extra = (*self._about_problems(now), *self._reports(now))
        done = await deliver(
            in_force.outbox,
            in_force.schedule,
            in_force.composer,
            context._replace(report_at=self._reporter.next_at),
            now,
            held=self._is_held,
            extra=extra,
            found_out=lambda: self._write_status(self.passed_at, done=False),
        )
        await self._keep_pass(now)
        if self._once and self._pushing is not None:  # a daemon goes on with its mails meanwhile
            done = await self._pushing.finished() and done
        return done

    async def _refused_pushes(self) -> Mapping[str, Problem]:
        """Return why pushes are tried no more, by id: the next mail says so."""
        ways = self._in_force.pushes
        if not ways:
            return {}
        from renewd.service.pushing import refusals  # noqa: PLC0415

        return await in_ledger_thread(refusals, ways)

    def _start_pushes(self, context: PassContext, now: datetime) -> None:
        """Begin the passes of the pushes, which nothing waits for."""
        if not self._in_force.pushes:
            return
        if self._pushing is None:
            from renewd.service.pushing import Pushing  # noqa: PLC0415  # only a push needs it

            self._pushing = Pushing(self._tell, once=self._once)
        self._pushing.start(self._in_force.pushes, context, now, self._is_held)

    def _end_waits(self) -> None:
        """End every back-off: a test mail or a test push went through."""
        for ledger in (self.ledger, *(way.outbox.ledger for way in self._in_force.pushes)):
            ledger.settle((), dict.fromkeys(ledger.backoffs()))

    @property
    def answers(self) -> AnswersState | None:
        """How reading answers goes; None where none are read."""
        return self._answers.state

    def unreached(self) -> tuple[Failing, ...]:
        """Return everybody whose mails have not arrived. Raises LedgerError."""
        in_force = self._in_force
        return unreached(in_force.loaded.household, self.ledger, in_force.outbox.waiting, self._clock())

    def _about_problems(self, now: datetime) -> Sequence[Task]:
        """Return the mail about mistakes in the file, once the file is left alone."""
        errors = self._in_force.errors
        if not errors or self.config.versions.go_on(now):
            return ()
        try:
            return (problem_task(self._in_force.loaded.household.owner, errors),)
        except Exception as error:  # noqa: BLE001  # it must not keep a reminder back
            self._tell(Failure("problem", error))
            return ()

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

    async def _call_heartbeat(self) -> None:
        """Call the heartbeat's page if there is one, it is time, and all is well."""
        now, url = self._clock(), self._in_force.loaded.settings.heartbeat_url
        if url is None or not self._heartbeat.is_due(now) or self.in_trouble or self.config.is_broken:
            return
        if not (await in_ledger_thread(self._web.health)).wrong:
            self._heartbeat.beat(url, now)

    async def _update_calendars(self) -> bool:
        """Bring everybody's calendar up to date, after the mails. Return whether that succeeded."""
        from renewd.calendar.files import FOLDER, CalendarFiles  # noqa: PLC0415  # not before the daemon is ready

        now, loaded = self._clock(), self._in_force.loaded
        if now.date() < RELEASED:
            return False
        if self._calendars is None:
            self._calendars = CalendarFiles(self.paths.state / FOLDER, self.ledger)
            self._calendars.drawing = partial(_drawing, asyncio.get_running_loop(), self._tell)
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
        return not kept.broken

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
        found = [next_at] if retry_at is None else [next_at, retry_at]
        if self._in_force.pushes:
            from renewd.service.pushing import wakes  # noqa: PLC0415

            found += wakes(self._in_force.pushes)
        return min(found)

    async def listen(self) -> None:
        """Serve the address in `[web]`, and read the mailbox in `[answers]`.

        What keeps it from doing so is told, and tried again with the next call.
        """
        settings = self._in_force.loaded.settings
        try:
            await self._answers.follow(settings)
            trouble = await self._server.follow(settings.web)
        except Exception as error:  # noqa: BLE001  # the web must never keep a mail from leaving
            self._tell(StepFailed("web", error))
            return
        if trouble is not None:
            self._tell(Trouble(trouble))

    async def stop_listening(self) -> None:
        """Release the address, and leave the mailbox."""
        await asyncio.gather(self._server.close(), self._answers.close())

    def _links(self) -> Links | None:
        settings = self._in_force.loaded.settings
        return self._server.links(settings.web, settings.answers)

    def stop(self) -> None:
        """Start no further mail and no further calendar."""
        if self._calendars is not None:
            self._calendars.stopping = True
        self._in_force.outbox.stopping = True
        for way in self._in_force.pushes:
            way.outbox.stopping = True

    async def finish(self) -> None:
        """Write the outcomes of the last mails, where that could not be done before."""
        await _finish(self._in_force.outbox)
        if self._pushing is not None:
            await self._pushing.stop()
            await asyncio.gather(*(_finish(way.outbox) for way in self._in_force.pushes))
        await self._heartbeat.stop()

    def end(self) -> None:
        """Record when the last pass was."""
        with suppress(RenewdError):
            if self._last_pass is not None:
                self.ledger.set_last_pass(self._last_pass)

    def _tell(self, event: DaemonEvent) -> None:
        self.progressed()
        self._listener(event)

    def _recorded(self, event: PersonRecorded) -> None:
        """Tell what a person recorded, from any thread."""
        with suppress(RuntimeError):  # the loop has ended meanwhile
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._tell, event)

    @property
    def _in_force(self) -> InForce:
        return self.config.in_force


async def _finish(outbox: Outbox) -> None:
    """Write the outcomes that an outbox still holds, unless that takes too long: its ledger may hang."""
    with suppress(RenewdError, TimeoutError):
        async with asyncio.timeout(_LAST_WRITES):
            await outbox.finish()


def _drawing(loop: asyncio.AbstractEventLoop, tell: Tell, plans: int) -> None:
    """Tell how far the calendars are, from the thread that draws them, and keep the loop free of full collections."""
    keep_out_of_collections()
    loop.call_soon_threadsafe(tell, Drawing(plans))


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one of the same name, None if there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
