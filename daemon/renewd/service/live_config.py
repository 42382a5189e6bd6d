"""The configuration in force, and how a changed file replaces it."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from renewd.channels import open_channel
from renewd.config import Good, Loaded
from renewd.config.config_files import open_config, stamp
from renewd.config.secrets import smtp_password
from renewd.delivery.composer import Composer
from renewd.delivery.outbox import Outbox
from renewd.delivery.schedule import Schedule
from renewd.disk import Paths, replace
from renewd.domain.dates import forget_zones
from renewd.domain.errors import ConfigError, Problem
from renewd.domain.findings import Seen
from renewd.domain.plans import Household
from renewd.i18n import from_environment
from renewd.ledger import Ledger
from renewd.redact import MASK
from renewd.service import systemd
from renewd.service.collector import long_lived
from renewd.service.daemon_events import ConfigRead, Tell
from renewd.service.file_scan import FileScan, ScanKey, as_findings
from renewd.service.plan_versions import PlanVersions
from renewd.state import GOOD, problems_of

if TYPE_CHECKING:
    from renewd.render.overrides import Overrides
    from renewd.service.pushing import PushWay
    from renewd.web.links import Links

_SETTLED = 2.0  # seconds without a change after which a file is taken to be complete
_MOST_WAITS = 5
_RESCAN = timedelta(hours=1)  # how often backups and documents are looked for


@dataclass(slots=True)
class InForce:
    """What the daemon works with until the file changes."""

    loaded: Loaded
    composer: Composer
    schedule: Schedule
    outbox: Outbox
    stamp: tuple[object, ...]
    secret_problems: tuple[Problem, ...]
    pushes: tuple[PushWay, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The mistakes in the file, and those of the password."""
        problems = (*self.loaded.problems, *self.secret_problems)
        return tuple(problem for problem in problems if problem.severity == "error")


class LiveConfig:
    """Puts configurations into force. `links` returns the links of mails; `tell` is called when the file was read."""

    def __init__(
        self,
        paths: Paths,
        ledger: Ledger,
        good: Good | None,
        *,
        clock: Callable[[], datetime],
        tell: Tell,
        links: Callable[[], Links | None],
    ) -> None:
        self.versions = PlanVersions(ledger)
        self.read_at = clock()
        self._unread: tuple[Problem, ...] = ()  # why the file could not be read when it was last tried
        self._paths = paths
        self._ledger = ledger
        self._clock = clock
        self._tell = tell
        self._links = links
        self._good = good  # as it stands in the state folder
        self._scan = FileScan()
        self._scanned_at: datetime | None = None
        self._reload_asked = False
        self._in_force: InForce | None = None

    @property
    def in_force(self) -> InForce:
        """The configuration in force."""
        assert self._in_force is not None  # the daemon adopts one before anything else
        return self._in_force

    @property
    def is_broken(self) -> bool:
        """Whether the file could not be read when it was last tried."""
        return bool(self._unread)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The mistakes in what is in force, or else what kept the file from being read."""
        return tuple(problem for problem in self._unread if problem.severity == "error") or self.in_force.errors

    def ask_reload(self) -> None:
        """Read the file in the next pass, changed or not (SIGHUP)."""
        self._reload_asked = True

    async def reload_if_changed(self) -> None:
        """Adopt a changed file once it has not changed for a moment, or 10 s later. A broken file changes nothing."""
        seen = stamp(self.in_force.loaded, self._paths.config)
        if seen == self.in_force.stamp and not self._reload_asked:
            return
        for _ in range(_MOST_WAITS):  # what never rests, such as a folder that others use too, must not hold up mails
            await asyncio.sleep(_SETTLED)
            settled = stamp(self.in_force.loaded, self._paths.config)
            if settled == seen:
                break
            seen = settled
        asked, self._reload_asked = self._reload_asked, False
        systemd.notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        forget_zones()
        try:
            with long_lived():
                loaded = read_config(self._paths, self._clock(), self._good)
                await self.adopt(loaded, edited=not asked or seen != self.in_force.stamp)
            self._unread = ()
            self._tell(ConfigRead(loaded, loaded.problems))
        except ConfigError as error:
            self.in_force.stamp = seen  # not tried again before it changes
            self._unread = error.problems or (Problem(error.code, str(self._paths.config), args=error.args_),)
            self._tell(ConfigRead(None, error.problems))
        finally:
            systemd.notify("READY=1")

    async def adopt(self, loaded: Loaded, *, edited: bool) -> None:
        """Put a configuration into force, whole or not at all. Raises LedgerError."""
        if self._in_force is not None:
            await self._in_force.outbox.finish()  # it alone has the outcomes that could not be written yet
        now, paths = self._clock(), self._paths
        secret = smtp_password(loaded.settings.mail, os.environ)
        MASK.keep_secret(secret.password, loaded.settings.mail.username)
        MASK.learn(_private(loaded.household))
        overrides = _overrides(paths.config.parent / "templates")
        channel = open_channel(loaded.settings.mail, secret, paths.state)
        await self.versions.follow(loaded, now, edited=edited)
        findings = as_findings(await self._scan_files(loaded, now), self.versions.since())
        composer = Composer(
            household=loaded.household,
            findings=findings,
            settings=loaded.settings,
            overrides=overrides,
            doubts=doubts_of(loaded),
            revisions=self._ledger.revisions,
            links=self._links,
        )
        sender = loaded.settings.mail.sender
        pushes = self._pushes(loaded, composer)
        self._in_force = InForce(
            loaded=loaded,
            composer=composer,
            schedule=Schedule(loaded.household, findings, now),
            outbox=Outbox(self._ledger, channel, sender=sender, clock=self._clock, tell=self._tell),
            stamp=stamp(loaded, paths.config),
            secret_problems=(*secret.problems, *(problem for way in pushes for problem in way.problems)),
            pushes=pushes,
        )
        self.read_at = now
        if self._good is None or loaded.good != self._good:
            self._good = loaded.good
            with suppress(OSError):
                replace(paths.state / GOOD, loaded.good.to_json())

    def _pushes(self, loaded: Loaded, composer: Composer) -> tuple[PushWay, ...]:
        """Return the ways to phones; their modules are imported only where a `[push.ID]` is written."""
        if not loaded.settings.pushes:
            return ()
        from renewd.service.pushing import push_ways  # noqa: PLC0415

        return push_ways(loaded.household, loaded.settings, composer, self._ledger, clock=self._clock, tell=self._tell)

    async def rescan_files(self, now: datetime) -> None:
        """Look for the newest backups and documents again, once an hour."""
        if self._scanned_at is not None and now - self._scanned_at < _RESCAN:
            return
        in_force = self.in_force
        seen = await self._scan_files(in_force.loaded, now)
        if seen != in_force.composer.findings.seen:
            findings = as_findings(seen, in_force.composer.findings.since)
            in_force.composer = dataclasses.replace(in_force.composer, findings=findings)
            in_force.schedule = Schedule(in_force.loaded.household, findings, now)
            for way in in_force.pushes:
                way.see(in_force.loaded.household, findings, now)

    async def _scan_files(self, loaded: Loaded, now: datetime) -> Mapping[ScanKey, Seen]:
        self._scanned_at = now
        return await self._scan.scan(loaded.household, self._paths.config.parent)


def read_config(paths: Paths, now: datetime, good: Good | None) -> Loaded:
    """Read the files as they stand at `now`, with `good` in place of what is broken. Raises ConfigError."""
    opened = open_config(paths.config, now, language=from_environment(), good=good)
    return opened.loaded._replace(problems=(*opened.problems, *problems_of(paths.state)))


def doubts_of(loaded: Loaded) -> tuple[Problem, ...]:
    """Return the dates that may be mistyped: long past, or far ahead. The first mail names them."""
    return tuple(problem for problem in loaded.problems if problem.code in ("check.long-past", "check.far-ahead"))


def _overrides(folder: Path) -> Overrides | None:
    """Return the user's own templates; None where there are none, so that the template engine is not loaded yet."""
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
