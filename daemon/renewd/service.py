"""The daemon: reads the file, looks at the clock, sends what is due, and waits for the next moment.

`run` is the whole life; `Daemon.look` is one look, and everything that the daemon does happens in one.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from renewd import heartbeat, systemd
from renewd.channels import Channel, for_mail
from renewd.composing import Composer, Looks, Task
from renewd.config import Good, Loaded
from renewd.dates import forget_zones
from renewd.errors import ConfigError, InUseError, Problem, RenewdError
from renewd.evidence import Seen
from renewd.findings import Key, Looker, as_findings
from renewd.ledger import Form, Ledger, LedgerError
from renewd.ledger.places import open_ledger
from renewd.metronome import BEAT, Metronome
from renewd.opening import open_config
from renewd.outbox import Broken, Delivered, Held, Outbox
from renewd.plans import Household, Plan
from renewd.private import MASK
from renewd.reminders import Reminder
from renewd.reporting import Reporter
from renewd.secrets import smtp_password
from renewd.state import GOOD, MAILDIR, STATUS, hold, problems_of, read_good, replace
from renewd.watch import Watch
from renewd.web.door import Door
from renewd.wording import from_environment

if TYPE_CHECKING:
    from renewd.calendar.keeping import Keeper
    from renewd.links import Links
    from renewd.render import Overrides
    from renewd.web.health import Health

RELEASED = date(2026, 1, 1)  # work on renewd began: a clock before this is wrong, and nothing is sent by it
_STILL = timedelta(minutes=5)  # what becomes due by an edit waits until the file has been left alone for so long
_SETTLED = 2.0  # seconds without a change after which a file is taken to be written
_KEEP_LOOK = timedelta(minutes=30)  # how old the look in the ledger may become while nothing happens
_HEARTBEAT = timedelta(minutes=5)  # how often the heartbeat's page is called while all is well
_KEPT_MAILS = timedelta(days=396)  # how long the ledger keeps a mail
_FILES_AGAIN = timedelta(hours=1)  # how often backups are looked at
_STOP_PATIENCE = 2.5  # seconds that a stop waits for a mail in flight
_END_PATIENCE = 0.5  # seconds that the last write may take: another program may hold the ledger


class Paths(NamedTuple):
    """Where the configuration and the state are."""

    config: Path
    state: Path


class Started(NamedTuple):
    """The daemon stands; `fresh` where the ledger is new, `last_sent` is when the last mail went out before."""

    loaded: Loaded
    paths: Paths
    fresh: bool
    channel: Channel
    last_sent: datetime | None


class Read(NamedTuple):
    """The file was read again, or could not be: then `loaded` is None, and what was in force stays."""

    loaded: Loaded | None
    problems: tuple[Problem, ...]


class Looked(NamedTuple):
    """A look is over: what will be said next, as things stand, and whether all that was due has gone out."""

    coming: Reminder | None
    done: bool


class Calendars(NamedTuple):
    """Calendar files were brought up to date; `split` are the people who have one a plan, as theirs grew too large."""

    written: int
    split: tuple[str, ...]


class Trouble(NamedTuple):
    """Something of the machine's stands in the way; it is tried again."""

    error: RenewdError


class WrongClock(NamedTuple):
    """The clock shows a time before this program was made."""

    now: datetime


class Stopped(NamedTuple):
    """The daemon has ended."""


Event = Started | Read | Looked | Calendars | Trouble | WrongClock | Stopped | Delivered | Broken | Held
Tell = Callable[[Event], None]


@dataclass(slots=True)
class _InForce:
    """What the daemon works with until the file changes."""

    loaded: Loaded
    composer: Composer
    watch: Watch
    stamp: tuple[object, ...]
    digest: str
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
        self._forms = ledger.forms()
        self._edited: set[str] = set()
        self._edited_at: datetime | None = None
        self._files_at: datetime | None = None
        self._looker = Looker()
        self._reporter = Reporter(paths.state)
        self._reload_asked = False
        self._status: dict[str, object] = {}
        self._in_force: _InForce | None = None
        self._outbox: Outbox | None = None
        self._problem_day: date | None = None
        self._broken = False  # the file could not be read when it was last tried
        self._called_at: datetime | None = None
        self._call: asyncio.Task[None] | None = None
        self._keeper: Keeper | None = None
        self._door = Door(paths.config, paths.state, clock, self._health)
        self._looked: datetime | None = None
        self._in_trouble = False

    # --- the file -----------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Put the file into force, and take note of mails that were in flight. Raises LedgerError."""
        await asyncio.to_thread(self.ledger.recover, self._clock())  # off the loop: another may hold the ledger
        loaded = self._first
        await self._adopt(loaded, edited=False)
        last = next((line.at for line in self.ledger.history() if line.state == "sent"), None)
        loaded = dataclasses.replace(loaded, problems=(*loaded.problems, *self._force.secret_problems))
        self._tell(Started(loaded, self.paths, self.fresh, self._box.channel, last))

    def ask_reload(self) -> None:
        """Read the file again at the next look, changed or not (SIGHUP)."""
        self._reload_asked = True

    async def _reload_if_changed(self) -> None:
        """Take a changed file over once it has been still for a moment; a broken one changes nothing."""
        stamp = _stamp(self._force.loaded, self.paths.config)
        if stamp == self._force.stamp and not self._reload_asked:
            return
        while True:
            await asyncio.sleep(_SETTLED)
            settled = _stamp(self._force.loaded, self.paths.config)
            if settled == stamp:
                break
            stamp = settled
        asked, self._reload_asked = self._reload_asked, False
        systemd.notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        forget_zones()
        try:
            loaded = read_config(self.paths, self._clock(), self._good)
            await self._adopt(loaded, edited=not asked or stamp != self._force.stamp)
            self._broken = False
            self._tell(Read(loaded, loaded.problems))
        except ConfigError as error:
            self._force.stamp = stamp  # tried, and no use to try again before it changes
            self._broken = True
            self._tell(Read(None, error.problems))
        finally:
            systemd.notify("READY=1")

    async def _adopt(self, loaded: Loaded, *, edited: bool) -> None:
        """Put a configuration into force, whole or not at all."""
        now = self._clock()
        secret = smtp_password(loaded.settings.mail, os.environ)
        MASK.keep_secret(secret.password, loaded.settings.mail.username)
        MASK.learn(_private(loaded.household))
        overrides = _overrides(self.paths.config.parent / "templates")
        channel = for_mail(
            loaded.settings.mail,
            sender=loaded.settings.mail.from_.email,
            password=secret.password,
            maildir=self.paths.state / MAILDIR,
        )
        await self._take_note_of_forms(loaded, now, edited=edited)
        findings = as_findings(await self._look_at_files(loaded, now), self._since_of_plans())
        digest = _digest(loaded)
        composer = Composer(
            household=loaded.household,
            findings=findings,
            settings=loaded.settings,
            overrides=overrides,
            doubts=doubts_of(loaded),
            stamp=digest,
            revisions=self.ledger.revisions,
            links=self._links,
        )
        self._outbox = Outbox(
            self.ledger,
            channel,
            sender=loaded.settings.mail.sender,
            clock=self._clock,
            tell=self._tell,
        )
        self._in_force = _InForce(
            loaded=loaded,
            composer=composer,
            watch=Watch(loaded.household, findings, now),
            stamp=_stamp(loaded, self.paths.config),
            digest=digest,
            secret_problems=secret.problems,
        )
        self._read_at = now
        if self._good is None or loaded.good != self._good:
            self._good = loaded.good
            with suppress(OSError):
                replace(self.paths.state / GOOD, loaded.good.to_json())

    async def _take_note_of_forms(self, loaded: Loaded, now: datetime, *, edited: bool) -> None:
        """Keep since when each plan stands as it does: new or edited plans are not late, and wait while edited."""
        prints = _fingerprints(loaded)
        changed = {
            plan: Form(fingerprint, now)
            for plan, fingerprint in prints.items()
            if plan not in self._forms or self._forms[plan].fingerprint != fingerprint
        }
        gone = [plan for plan in self._forms if plan not in prints]
        if changed or gone:
            await asyncio.to_thread(self.ledger.set_forms, changed, gone)
            self._forms = {plan: form for plan, form in self._forms.items() if plan in prints} | changed
        if edited:
            if self._edited_at is None or now - self._edited_at >= _STILL:
                self._edited = set()
            self._edited |= set(changed)
            self._edited_at = now

    def _since_of_plans(self) -> dict[str, datetime]:
        return {plan: form.since for plan, form in self._forms.items()}

    async def _look_at_files(self, loaded: Loaded, now: datetime) -> Mapping[Key, Seen]:
        self._files_at = now
        return await self._looker.look(loaded.household, self.paths.config.parent)

    # --- one look -----------------------------------------------------------------------------------------------

    async def look(self) -> bool:
        """Look once: read the file if it changed, send what is due. Tells whether all that was due has gone out."""
        done = kept = False
        try:
            await self._reload_if_changed()
            done = await self._send_what_is_due()
            kept = await self._keep_calendars()
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
        force, box = self._force, self._box
        if self._files_at is None or now - self._files_at >= _FILES_AGAIN:
            await self._look_again_at_files(now)
        looks = Looks(last=self._last_look, since=self._since_of_plans())
        extra = (*self._about_problems(now), *self._reports(now))
        done = await box.round(force.watch, force.composer, looks, now, held=self._is_held, extra=extra)
        await self._keep_look(now)
        self._write_status(done=done)
        self._tell(Looked(force.watch.first_coming, done))
        await self._show_life(now, done=done)
        return done

    async def _keep_calendars(self) -> bool:
        """Bring everybody's calendar up to date, after the mails; tells whether that could be done."""
        from renewd.calendar.keeping import FOLDER, Keeper  # noqa: PLC0415  # a daemon must stand before it draws

        now, loaded = self._clock(), self._force.loaded
        if now.date() < RELEASED:
            return False
        if self._keeper is None:
            self._keeper = Keeper(self.paths.state / FOLDER, self.ledger)
        forms = {plan: form.fingerprint for plan, form in self._forms.items()}
        try:
            kept = await self._keeper.follow(loaded.household, loaded.settings.calendar, forms, now)
        except OSError as error:
            why = error.strerror or ""
            self._tell(Trouble(RenewdError("service.calendar-not-written", folder=self._keeper.folder, why=why)))
            return False
        for plan, cause in kept.broken:
            self._tell(Broken(f"{plan}/calendar", cause))
        self._tell(Calendars(kept.written, kept.split))
        return True

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
            mails={str(state): count for state, count in self.ledger.counts(now - _KEPT_MAILS).items()},
        )

    async def _look_again_at_files(self, now: datetime) -> None:
        force = self._force
        seen = await self._look_at_files(force.loaded, now)
        if seen != force.composer.findings.seen:
            findings = as_findings(seen, force.composer.findings.since)
            force.composer = dataclasses.replace(force.composer, findings=findings)
            force.watch = Watch(force.loaded.household, findings, now)

    async def _show_life(self, now: datetime, *, done: bool) -> None:
        """Call the heartbeat's page where there is one, it is time, and all is well: whoever waits for it hears else."""
        url = self._force.loaded.settings.heartbeat_url
        if url is None or (self._called_at is not None and timedelta(0) <= now - self._called_at < _HEARTBEAT):
            return
        if not done or self._broken or any(p.severity == "error" for p in self._force.loaded.problems):
            return
        if await asyncio.to_thread(self.ledger.failing) or (self._call is not None and not self._call.done()):
            return
        self._called_at = now
        self._call = asyncio.create_task(self._call_page(url))  # a page that hangs must not hold up a mail

    async def _call_page(self, url: str) -> None:
        why = await heartbeat.call(url)
        if why is not None:
            self._tell(Trouble(RenewdError("service.heartbeat", host=heartbeat.host_of(url), why=why)))

    def _is_held(self, reminder: Reminder) -> bool:
        """Whether a reminder waits because its plan has just been edited (design §4)."""
        plan = reminder.subject.plan
        return plan is not None and self._is_edited(plan)

    def _is_edited(self, plan: Plan) -> bool:
        if plan.id not in self._edited or self._edited_at is None:
            return False
        return timedelta(0) <= self._clock() - self._edited_at < _STILL

    def _about_problems(self, now: datetime) -> Sequence[Task]:
        """Give the one mail about mistakes in the file, to who runs renewd."""
        errors = tuple(
            problem
            for problem in (*self._force.loaded.problems, *self._force.secret_problems)
            if problem.severity == "error"
        )
        if not errors or (self._edited_at is not None and timedelta(0) <= now - self._edited_at < _STILL):
            return ()
        people = self._force.loaded.household.people
        owner = people.get("me") or next(iter(people.values()))
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
            self._tell(Broken("report", error))
            return ()

    async def _keep_look(self, now: datetime) -> None:
        self._last_look = now
        if self._kept_look is None or not timedelta(0) <= now - self._kept_look < _KEEP_LOOK:
            await asyncio.to_thread(self.ledger.looked, now)
            self._kept_look = now

    def _tell(self, event: Event) -> None:
        self.progressed()
        self._listener(event)

    # --- between looks ------------------------------------------------------------------------------------------

    def wake_at(self) -> datetime:
        """Give the instant of the next look that may find something to do."""
        moments = [self._force.watch.next_at]
        if self._box.retry_at is not None:
            moments.append(self._box.retry_at)
        return min(moments)

    def end(self) -> None:
        """Keep when the last look was."""
        with suppress(RenewdError):
            if self._last_look is not None:
                self.ledger.looked(self._last_look)

    async def finish(self) -> None:
        """Write down what became of the last mails, where that could not be done before."""
        with suppress(RenewdError):
            await self._box.finish()
        if self._call is not None and not self._call.done():
            self._call.cancel()
            await asyncio.wait((self._call,), timeout=1)

    def stop(self) -> None:
        """Begin nothing new."""
        if self._keeper is not None:
            self._keeper.stopping = True
        if self._outbox is not None:
            self._outbox.stopping = True

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

    @property
    def _force(self) -> _InForce:
        assert self._in_force is not None  # begin() came first
        return self._in_force

    @property
    def _box(self) -> Outbox:
        assert self._outbox is not None
        return self._outbox


def _overrides(folder: Path) -> Overrides | None:
    """Give the user's own templates; None where there are none, and then the templates' engine is not loaded yet."""
    if not folder.is_dir():
        return None
    from renewd.render import Overrides  # noqa: PLC0415

    return Overrides.load(folder)


def _private(household: Household) -> Iterator[str]:
    """Iterate what no log may show in full."""
    for plan in household.plans.values():
        for text in (plan.number, plan.sim.iccid, plan.sim.eid, plan.account.id, plan.device.imei):
            if text is not None:
                yield text


def doubts_of(loaded: Loaded) -> tuple[Problem, ...]:
    """Give the dates that may be slips of the hand: long over, or too far ahead. The first mail names them (design §2)."""
    return tuple(problem for problem in loaded.problems if problem.code in ("check.long-past", "check.far-ahead"))


def _stamp(loaded: Loaded, main: Path) -> tuple[object, ...]:
    """Give what changes when a file of the configuration does, or one comes or goes; editors save by renaming."""
    paths = dict.fromkeys((main, *loaded.files, *loaded.folders, main.parent / "carriers.toml"))
    return tuple(_stamp_of(path) for path in paths)


def _stamp_of(path: Path) -> tuple[object, ...]:
    try:
        status = path.stat()
    except OSError as error:
        return (str(path), error.errno)
    if path.is_dir():
        return (str(path), status.st_mtime_ns)
    return (str(path), status.st_mtime_ns, status.st_size, status.st_ino)


def _fingerprints(loaded: Loaded) -> dict[str, str]:
    """Give what changes when a plan's form does, or a default of the file that it rests on."""
    home = loaded.household
    defaults = repr((home.zone, home.currency, sorted(home.leads.items()), tuple(home.people)))
    raw = loaded.good.plan
    return {
        plan: hashlib.blake2b(f"{raw[plan].raw!r}{defaults}".encode(), digest_size=8).hexdigest() for plan in home.plans
    }


def _digest(loaded: Loaded) -> str:
    people = loaded.household.people.values()
    return hashlib.sha256(repr([(person.id, person.email) for person in people]).encode()).hexdigest()[:16]


def _as_json(problem: Problem) -> dict[str, object]:
    return {"code": problem.code, "file": problem.file, "line": problem.line, "path": problem.path}


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- the whole life -------------------------------------------------------------------------------------------------


def run(paths: Paths, tell: Tell, *, once: bool = False, clock: Callable[[], datetime] | None = None) -> int:
    """Run the daemon until it is told to stop, or `once` for one look; give the exit code.

    0; 75 for `once` where something could not be delivered yet; 1 where the ledger is damaged: whoever starts it again,
    as systemd does, has a new one. Raises ConfigError where nothing good is left, and InUseError where another renewd
    holds the state folder. A ledger that cannot be reached is waited for, but not `once`.
    """
    clock = clock or _now
    with hold(paths.state), ExitStack() as left:

        async def begin() -> Daemon:
            return await _begun(paths, clock, tell, left)

        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(_once(begin, tell) if once else _serve(begin, tell))
        finally:
            # Not asyncio.run: it waits for threads, and one may hang in a name server that does not answer.
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()


async def _begun(paths: Paths, clock: Callable[[], datetime], tell: Tell, left: ExitStack) -> Daemon:
    """Read the file, open the ledger that it names, and give the daemon; `left` ends it. Raises RenewdError."""
    gc.disable()
    loaded = read_config(paths, clock(), read_good(paths.state))
    opened = await asyncio.to_thread(open_ledger, loaded.settings.ledger_url, paths.state, clock())
    with ExitStack() as so_far:
        so_far.callback(_within, _END_PATIENCE, opened.ledger.close)
        daemon = Daemon(paths, loaded, ledger=opened.ledger, fresh=opened.new, clock=clock, tell=tell)
        if opened.damaged is not None:
            tell(Trouble(RenewdError("service.ledger-damaged", path=opened.damaged)))
        await daemon.begin()
        so_far.callback(tell, Stopped())
        so_far.callback(_within, _END_PATIENCE, daemon.end)
        left.push(so_far.pop_all())
    gc.collect()
    gc.freeze()  # thousands of plans are alive until the file changes: no collection need walk them
    gc.enable()
    return daemon


def read_config(paths: Paths, now: datetime, good: Good | None) -> Loaded:
    opened = open_config(paths.config, now, language=from_environment(), good=good)
    return dataclasses.replace(opened.loaded, problems=(*opened.problems, *problems_of(paths.state)))


Begin = Callable[[], Awaitable[Daemon]]


async def _once(begin: Begin, tell: Tell) -> int:
    try:
        daemon = await begin()
    except LedgerError as error:
        tell(Trouble(error))
        return InUseError.exit_code
    done = await daemon.look()
    await daemon.finish()
    return 0 if done else InUseError.exit_code


async def _serve(begin: Begin, tell: Tell) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    metronome: Metronome | None = None

    def reload() -> None:
        if daemon is not None and metronome is not None:
            daemon.ask_reload()
            metronome.look_now()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    daemon: Daemon | None = None
    loop.add_signal_handler(signal.SIGHUP, reload)  # before READY: one that comes early must not end the daemon
    daemon = await _waited_for(begin, tell, stop)
    if daemon is not None:
        metronome = _metronome(daemon, stop)
        metronome.start()
        systemd.notify("READY=1")
        await stop.wait()
    systemd.notify("STOPPING=1")
    if daemon is not None and metronome is not None:
        daemon.stop()
        await asyncio.gather(metronome.stop(_STOP_PATIENCE), daemon.listen_no_more())
        await daemon.finish()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)  # it is ending: a second one must not tear the ledger's last write
    return 1 if daemon is not None and daemon.damaged else 0


def _metronome(daemon: Daemon, stop: asyncio.Event) -> Metronome:
    async def look() -> None:
        await daemon.listen()
        await daemon.look()
        if daemon.damaged:
            stop.set()
        metronome.wake_at(daemon.wake_at())

    metronome = Metronome(look)
    daemon.progressed = metronome.progressed
    return metronome


async def _waited_for(begin: Begin, tell: Tell, stop: asyncio.Event) -> Daemon | None:
    """Begin as soon as the ledger can be reached; None where a stop came first. Raises ConfigError, InUseError.

    A database that comes up after this machine needs no restart then, and systemd, which is told that all is ready,
    does not kill a service that waits. Each try reads the file again: its address may be what was wrong. Nor does a stop
    wait for the look at a dead network share.
    """
    while not stop.is_set():
        beginning, stopping = asyncio.ensure_future(begin()), asyncio.ensure_future(stop.wait())
        await asyncio.wait((beginning, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not beginning.done():
            beginning.cancel()
            await asyncio.wait((beginning,), timeout=1)
            break
        stopping.cancel()
        try:
            return beginning.result()
        except LedgerError as error:
            tell(Trouble(error))
        systemd.notify("READY=1")
        systemd.notify("WATCHDOG=1")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), BEAT)
    return None


def _within(seconds: float, act: Callable[[], None]) -> None:
    """Do something in a thread, and wait for so long: a stop must not hang on a ledger that another program holds."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(seconds)


def _nothing() -> None:
    return None


def _now() -> datetime:
    return datetime.now(UTC)
