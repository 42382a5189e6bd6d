"""The daemon: reads the file, looks at the clock, sends what is due, and says when to look again.

Everything that it does happens in `Daemon.look`; what calls that, and when, is `lifecycle`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from renewd.channels import open_channel
from renewd.config import Good, Loaded
from renewd.config.config_files import open_config, stamp
from renewd.config.secrets import smtp_password
from renewd.delivery.composer import Composer
from renewd.delivery.events import Failure
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext, Task
from renewd.disk import Paths, replace
from renewd.domain.dates import forget_zones
from renewd.domain.errors import ConfigError, Problem, RenewdError
from renewd.domain.findings import Seen
from renewd.domain.plans import Household, Plan
from renewd.i18n import from_environment
from renewd.ledger import KEPT_FOR, Ledger, LedgerError
from renewd.redact import MASK
from renewd.reminders import Reminder
from renewd.service import systemd
from renewd.service.events import Calendars, ConfigRead, DaemonEvent, Looked, Started, Tell, Trouble, WrongClock
from renewd.service.file_scan import FileScan, ScanKey, as_findings
from renewd.service.heartbeat import Heartbeat
from renewd.service.plan_versions import PlanVersions
from renewd.service.reports import Reporter
from renewd.state import GOOD, STATUS, problems_of, read_good
from renewd.web.server_handle import ServerHandle

if TYPE_CHECKING:
    from renewd.calendar.files import CalendarFiles
    from renewd.render.overrides import Overrides
    from renewd.web.health import Health
    from renewd.web.links import Links

RELEASED = date(2026, 1, 1)  # work on renewd began: a clock before this is wrong, and nothing is sent by it
_SETTLED = 2.0  # seconds without a change after which a file is taken to be written
_KEEP_LOOK = timedelta(minutes=30)  # how old the look in the ledger may become while nothing happens
_PRUNE_AGAIN = timedelta(hours=12)  # how often old mails are deleted: one that fails is tried again within a day
_FILES_AGAIN = timedelta(hours=1)  # how often backups are looked at


@dataclass(slots=True)
class _InForce:
    """What the daemon works with until the file changes."""

    loaded: Loaded
    composer: Composer
    watch: Schedule
    outbox: Outbox
    stamp: tuple[object, ...]
    secret_problems: tuple[Problem, ...]


class Daemon:
    """One renewd on one state folder. `clock` gives aware UTC instants; `tell` hears of everything that happens."""

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
        self.damaged = False  # the ledger is: only a start can put it aside and begin a new one
        self._first = loaded
        self._clock = clock
        self._listener = tell
        self.progressed: Callable[[], None] = _nothing  # called at each event: a sign that a look goes on
        self._since = self._read_at = clock()
        self._good = read_good(paths.state)
        self._last_look = ledger.last_look()
        self._kept_look = self._last_look
        self._pruned_at: datetime | None = None
        self._files_at: datetime | None = None
        self._edits = PlanVersions(ledger)
        self._looker = FileScan()
        self._reporter = Reporter(paths.state)
        self._heartbeat = Heartbeat(lambda error: self._tell(Trouble(error)))
        self._reload_asked = False
        self._status: dict[str, object] = {}
        self._in_force: _InForce | None = None
        self._broken = False  # the file could not be read when it was last tried
        self._keeper: CalendarFiles | None = None
        self._door = ServerHandle(paths.config, paths.state, clock, self._health)
        self._looked: datetime | None = None
        self._in_trouble = False

    # --- the file -----------------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Put the file into force, and take note of mails that were in flight. Raises LedgerError."""
        await asyncio.to_thread(self.ledger.recover, self._clock())  # off the loop: another may hold the ledger
        loaded = self._first
        await self._adopt(loaded, edited=False)
        last = next((line.at for line in self.ledger.history() if line.state == "sent"), None)
        loaded = dataclasses.replace(loaded, problems=(*loaded.problems, *self._force.secret_problems))
        self._tell(Started(loaded, *self.paths, self.fresh, self._force.outbox.channel, last))

    def ask_reload(self) -> None:
        """Read the file again at the next look, changed or not (SIGHUP)."""
        self._reload_asked = True

    async def _reload_if_changed(self) -> None:
        """Take a changed file over once it has been still for a moment; a broken one changes nothing."""
        seen = stamp(self._force.loaded, self.paths.config)
        if seen == self._force.stamp and not self._reload_asked:
            return
        while True:
            await asyncio.sleep(_SETTLED)
            settled = stamp(self._force.loaded, self.paths.config)
            if settled == seen:
                break
            seen = settled
        asked, self._reload_asked = self._reload_asked, False
        systemd.notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        forget_zones()
        try:
            loaded = read_config(self.paths, self._clock(), self._good)
            await self._adopt(loaded, edited=not asked or seen != self._force.stamp)
            self._broken = False
            self._tell(ConfigRead(loaded, loaded.problems))
        except ConfigError as error:
            self._force.stamp = seen  # tried, and no use to try again before it changes
            self._broken = True
            self._tell(ConfigRead(None, error.problems))
        finally:
            systemd.notify("READY=1")

    async def _adopt(self, loaded: Loaded, *, edited: bool) -> None:
        """Put a configuration into force, whole or not at all. Raises LedgerError."""
        if self._in_force is not None:
            await self._in_force.outbox.finish()  # it alone knows of mails whose end could not be written down yet
        now = self._clock()
        secret = smtp_password(loaded.settings.mail, os.environ)
        MASK.keep_secret(secret.password, loaded.settings.mail.username)
        MASK.learn(_private(loaded.household))
        overrides = _overrides(self.paths.config.parent / "templates")
        channel = open_channel(loaded.settings.mail, secret, self.paths.state)
        await self._edits.follow(loaded, now, edited=edited)
        findings = as_findings(await self._look_at_files(loaded, now), self._edits.since())
        composer = Composer(
            household=loaded.household,
            findings=findings,
            settings=loaded.settings,
            overrides=overrides,
            doubts=doubts_of(loaded),
            stamp=_digest(loaded),
            revisions=self.ledger.revisions,
            links=self._links,
        )
        self._in_force = _InForce(
            loaded=loaded,
            composer=composer,
            watch=Schedule(loaded.household, findings, now),
            outbox=Outbox(self.ledger, channel, sender=loaded.settings.mail.sender, clock=self._clock, tell=self._tell),
            stamp=stamp(loaded, self.paths.config),
            secret_problems=secret.problems,
        )
        self._read_at = now
        if self._good is None or loaded.good != self._good:
            self._good = loaded.good
            with suppress(OSError):
                replace(self.paths.state / GOOD, loaded.good.to_json())

    async def _look_at_files(self, loaded: Loaded, now: datetime) -> Mapping[ScanKey, Seen]:
        self._files_at = now
        return await self._looker.look(loaded.household, self.paths.config.parent)

    # --- one look -----------------------------------------------------------------------------------------------------

    async def look(self) -> bool:
        """Look once: read the file if it changed, send what is due. Tells whether all that was due has gone out."""
        done = kept = False
        try:
            await self._reload_if_changed()
            done = await self._send_what_is_due()
            kept = await self._keep_calendars()
            await self._prune()
        except LedgerError as error:
            self.damaged = error.code == "delivery.ledger-damaged"
            self._tell(Trouble(error))
        finally:
            self._in_trouble = not kept
        if kept:
            self._looked = self._clock()
        return done and kept

    async def _send_what_is_due(self) -> bool:
        now = self._clock()
        if now.date() < RELEASED:
            self._tell(WrongClock(now))
            return False
        force = self._force
        if self._files_at is None or now - self._files_at >= _FILES_AGAIN:
            await self._look_again_at_files(now)
        looks = PassContext(last=self._last_look, since=self._edits.since())
        extra = (*self._about_problems(now), *self._reports(now))
        done = await deliver(force.outbox, force.watch, force.composer, looks, now, held=self._is_held, extra=extra)
        await self._keep_look(now)
        self._write_status(done=done)
        self._tell(Looked(force.watch.first_coming, done))
        await self._show_life(now, done=done)
        return done

    async def _look_again_at_files(self, now: datetime) -> None:
        force = self._force
        seen = await self._look_at_files(force.loaded, now)
        if seen != force.composer.findings.seen:
            findings = as_findings(seen, force.composer.findings.since)
            force.composer = dataclasses.replace(force.composer, findings=findings)
            force.watch = Schedule(force.loaded.household, findings, now)

    def _about_problems(self, now: datetime) -> Sequence[Task]:
        """Give the one mail about mistakes in the file, to who runs renewd."""
        errors = tuple(
            problem
            for problem in (*self._force.loaded.problems, *self._force.secret_problems)
            if problem.severity == "error"
        )
        if not errors or self._edits.go_on(now):
            return ()
        owner = self._force.loaded.household.owner
        what = hashlib.sha256(
            repr([(p.code, p.file, p.path, sorted(p.args.items(), key=str)) for p in errors]).encode()
        )
        key = f"@{owner.id}/problem:{what.hexdigest()[:8]}/{RELEASED}/0"
        return (Task(person=owner, problems=errors, problem_key=key),)

    def _reports(self, now: datetime) -> Sequence[Task]:
        """Give the mail with the readiness reports that are due; one that cannot be made costs no reminder."""
        composer = self._force.composer
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
        return self._edits.hold(plan, self._clock())

    async def _keep_look(self, now: datetime) -> None:
        self._last_look = now
        if self._kept_look is None or not timedelta(0) <= now - self._kept_look < _KEEP_LOOK:
            await asyncio.to_thread(self.ledger.looked, now)
            self._kept_look = now

    def _write_status(self, *, done: bool) -> None:
        """Keep how things stand where `renewd status` reads it; written only when it changed."""
        first = self._force.watch.first_coming
        status: dict[str, object] = {
            "pid": os.getpid(),
            "since": _iso(self._since),
            "next": {"at": _iso(first.moment), "key": first.key, "to": first.person} if first else None,
            "done": done,
            "config": str(self.paths.config),
            "read": _iso(self._read_at),
            "problems": [_as_json(p) for p in self._force.loaded.problems if p.severity == "error"],
        }
        if status != self._status:
            self._status = status
            with suppress(OSError):
                replace(self.paths.state / STATUS, json.dumps(status, ensure_ascii=False))

    async def _show_life(self, now: datetime, *, done: bool) -> None:
        """Call the heartbeat's page where there is one, it is time, and all is well: whoever waits for it hears else."""
        url = self._force.loaded.settings.heartbeat_url
        if url is None or not self._heartbeat.is_due(now) or not done or self._broken:
            return
        if any(p.severity == "error" for p in self._force.loaded.problems):
            return
        if not await asyncio.to_thread(self.ledger.failing):
            self._heartbeat.beat(url, now)

    async def _keep_calendars(self) -> bool:
        """Bring everybody's calendar up to date, after the mails; tells whether that could be done."""
        from renewd.calendar.files import FOLDER, CalendarFiles  # noqa: PLC0415  # a daemon must stand before it draws

        now, loaded = self._clock(), self._force.loaded
        if now.date() < RELEASED:
            return False
        if self._keeper is None:
            self._keeper = CalendarFiles(self.paths.state / FOLDER, self.ledger)
        try:
            kept = await self._keeper.follow(
                loaded.household, loaded.settings.calendar, self._edits.fingerprints(), now
            )
        except OSError as error:
            why = error.strerror or ""
            self._tell(Trouble(RenewdError("service.calendar-not-written", folder=self._keeper.folder, why=why)))
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
            await asyncio.to_thread(self.ledger.prune, now)

    # --- between looks ------------------------------------------------------------------------------------------------

    def wake_at(self) -> datetime:
        """Give the instant of the next look that may find something to do."""
        next_at, retry_at = self._force.watch.next_at, self._force.outbox.retry_at
        return next_at if retry_at is None else min(next_at, retry_at)

    async def listen(self) -> None:
        """Answer where `[web]` says, from now on; what stands in the way is told, and tried again with the next call."""
        trouble = await self._door.follow(self._force.loaded.settings.web)
        if trouble is not None:
            self._tell(Trouble(trouble))

    async def listen_no_more(self) -> None:
        """Let go of the address."""
        await self._door.close()

    def _links(self) -> Links | None:
        return self._door.links(self._in_force.loaded.settings.web) if self._in_force is not None else None

    def _health(self) -> Health:
        """Give how things stand. Raises LedgerError."""
        from renewd.web.health import Health  # noqa: PLC0415

        now, force = self._clock(), self._force
        coming = force.watch.first_coming
        return Health(
            now=now,
            looked=self._looked,
            trouble=self._in_trouble,
            failing=len(self.ledger.failing()),
            problems=sum(one.severity == "error" for one in force.loaded.problems),
            plans=len(force.loaded.household.plans),
            next_mail=coming.moment if coming else None,
            mails={str(state): count for state, count in self.ledger.counts(now - KEPT_FOR).items()},
        )

    def stop(self) -> None:
        """Begin nothing new."""
        if self._keeper is not None:
            self._keeper.stopping = True
        self._force.outbox.stopping = True

    async def finish(self) -> None:
        """Write down what became of the last mails, where that could not be done before."""
        with suppress(RenewdError):
            await self._force.outbox.finish()
        await self._heartbeat.stop()

    def end(self) -> None:
        """Keep when the last look was."""
        with suppress(RenewdError):
            if self._last_look is not None:
                self.ledger.looked(self._last_look)

    def _tell(self, event: DaemonEvent) -> None:
        self.progressed()
        self._listener(event)

    @property
    def _force(self) -> _InForce:
        assert self._in_force is not None  # begin() came first
        return self._in_force


def _overrides(folder: Path) -> Overrides | None:
    """Give the user's own templates; None where there are none, and then the templates' engine is not loaded yet."""
    if not folder.is_dir():
        return None
    from renewd.render.overrides import Overrides  # noqa: PLC0415

    return Overrides.load(folder)


def _private(household: Household) -> Iterator[str]:
    """Iterate what no log may show in full."""
    for plan in household.plans.values():
        for text in (plan.number, plan.sim.iccid, plan.sim.eid, plan.account.id, plan.device.imei):
            if text is not None:
                yield text


def read_config(paths: Paths, now: datetime, good: Good | None) -> Loaded:
    """Read the files as they stand at `now`, `good` in place of what is broken. Raises ConfigError."""
    opened = open_config(paths.config, now, language=from_environment(), good=good)
    return dataclasses.replace(opened.loaded, problems=(*opened.problems, *problems_of(paths.state)))


def doubts_of(loaded: Loaded) -> tuple[Problem, ...]:
    """Give the dates that may be slips of the hand: long over, or too far ahead. The first mail names them (design §2)."""
    return tuple(problem for problem in loaded.problems if problem.code in ("check.long-past", "check.far-ahead"))


def _digest(loaded: Loaded) -> str:
    people = loaded.household.people.values()
    return hashlib.sha256(repr([(person.id, person.email) for person in people]).encode()).hexdigest()[:16]


def _as_json(problem: Problem) -> dict[str, object]:
    return {"code": problem.code, "file": problem.file, "line": problem.line, "path": problem.path}


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _nothing() -> None:
    return None
