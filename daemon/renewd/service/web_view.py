"""The daemon as its pages see it. Nothing here is imported before it is asked for, as most households have no `[web]`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from renewd.domain.dates import day_in
from renewd.domain.plans import Household, Plan
from renewd.ledger import KEPT_FOR

if TYPE_CHECKING:
    from renewd.service.daemon import Daemon
    from renewd.web.health import Health
    from renewd.web.links import Links
    from renewd.web.surroundings import Surroundings


class WebView:
    """What the pages of one daemon are made of, beside the file. Its methods may be called from any thread."""

    def __init__(self, daemon: Daemon, clock: Callable[[], datetime]) -> None:
        self._daemon = daemon
        self._clock = clock
        self._started = clock()

    def health(self) -> Health:
        """Return how things stand. Raises LedgerError."""
        from renewd.web.health import Health  # noqa: PLC0415

        daemon, now = self._daemon, self._clock()
        in_force = daemon.config.in_force
        coming = in_force.schedule.first_coming
        return Health(
            now=now,
            looked=daemon.passed_at,
            trouble=daemon.in_trouble,
            failing=len(daemon.unreached()),
            problems=len(in_force.errors),
            plans=len(in_force.loaded.household.plans),
            next_mail=coming.moment if coming else None,
            mails={str(state): count for state, count in daemon.ledger.counts(now - KEPT_FOR).items()},
        )

    def surroundings(self, links: Links) -> Surroundings:
        """Return what the daemon knows that stands in no file. Raises LedgerError."""
        from renewd.web.surroundings import Surroundings  # noqa: PLC0415

        daemon = self._daemon
        composer = daemon.config.in_force.composer
        return Surroundings(
            now=self._clock(),
            started=self._started,
            read_at=daemon.config.read_at,
            looked=daemon.passed_at,
            findings=composer.findings,
            overrides=composer.overrides,
            failing=daemon.unreached(),
            history=daemon.ledger.history,
            mail=daemon.ledger.mail,
            report=self._report,
            links=links,
        )

    def _report(self, plan: Plan, household: Household, code: str) -> str:
        """Return a plan's readiness report as a page; phone and account numbers are masked."""
        from renewd.domain.readiness import readiness  # noqa: PLC0415
        from renewd.report import ReportStyle, as_html  # noqa: PLC0415

        composer = self._daemon.config.in_force.composer
        report = readiness(plan, household, composer.findings, day_in(self._clock(), plan.zone))
        style = ReportStyle(masked=True, many=household.many_currencies, overrides=composer.overrides)
        return as_html([report], code, style)
