"""The daemon as its pages see it. It is imported when it is first asked for, as most households have no `[web]`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from renewd.domain.dates import day_in
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.plans import Household, Plan
from renewd.ledger import KEPT_FOR

if TYPE_CHECKING:
    from renewd.service.daemon import Daemon
    from renewd.web.health import Health
    from renewd.web.links import Links
    from renewd.web.surroundings import Surroundings


_DIAGNOSED_AGAIN = timedelta(minutes=10)


class WebView:
    """What the pages of one daemon are made of, beside the file. Its methods may be called from any thread."""

    def __init__(self, daemon: Daemon, clock: Callable[[], datetime]) -> None:
        self._daemon = daemon
        self._clock = clock
        self._started = clock()
        self._diagnosed: tuple[datetime, tuple[Diagnosis, ...]] | None = None

    def health(self) -> Health:
        """Return how things stand. Raises LedgerError."""
        from renewd.web.health import Health  # noqa: PLC0415

        daemon, now = self._daemon, self._clock()
        in_force = daemon.config.in_force
        coming = in_force.schedule.first_coming
        return Health(
            now=now,
            passed_at=daemon.passed_at,
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
        composer, failing = daemon.config.in_force.composer, daemon.unreached()
        return Surroundings(
            now=self._clock(),
            started=self._started,
            read_at=daemon.config.read_at,
            passed_at=daemon.passed_at,
            findings=composer.findings,
            overrides=composer.overrides,
            failing=failing,
            backoffs=daemon.ledger.backoffs() if failing else {},
            history=daemon.ledger.history,
            mail=daemon.ledger.mail,
            report=self._report,
            counts=daemon.ledger.counts,
            diagnoses=self._diagnoses,
            links=links,
        )

    def _diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return what `doctor` would find to look at on this machine, as it was ten minutes ago at most."""
        from renewd.service.diagnostics import of_machine, of_paths, of_program, of_rights  # noqa: PLC0415

        now, in_force, answers = self._clock(), self._daemon.config.in_force, self._daemon.answers
        if self._diagnosed is None or not timedelta(0) <= now - self._diagnosed[0] < _DIAGNOSED_AGAIN:
            household = in_force.loaded.household
            found = (
                of_program(),
                *(Diagnosis("password", "wrong", "bad", {"why": problem}) for problem in in_force.secret_problems),
                *(
                    [Diagnosis("mailbox", "wrong", "bad", {"error": answers.trouble})]
                    if answers and answers.trouble
                    else ()
                ),
                *of_rights(problem for problem in in_force.loaded.problems if problem.severity == "warning"),
                *of_paths(household, in_force.composer.findings),
                *of_machine(self._daemon.paths.state, household.clock, now),
            )
            self._diagnosed = now, tuple(one for one in found if one.weight != "ok" and one.name != "running")
        return self._diagnosed[1]

    def _report(self, plan: Plan, household: Household, code: str) -> str:
        """Return a plan's readiness report as a page; phone and account numbers are masked."""
        from renewd.domain.readiness import readiness  # noqa: PLC0415
        from renewd.i18n import language  # noqa: PLC0415
        from renewd.render.mail_parts import Link  # noqa: PLC0415
        from renewd.report import ReportStyle, as_html  # noqa: PLC0415

        composer = self._daemon.config.in_force.composer
        report = readiness(plan, household, composer.findings, day_in(self._clock(), plan.zone))
        home = Link(f"../{plan.id}#write", language(code).say("web.plan.write"))
        style = ReportStyle(masked=True, many=household.many_currencies, overrides=composer.overrides, home=home)
        return as_html([report], code, style)
