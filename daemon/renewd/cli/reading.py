"""What reading commands look at: the file, the ledger without touching it, and the newest files behind backups."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from renewd.cli.screen import Screen
from renewd.config.config_files import OpenedConfig, open_config
from renewd.disk import Paths
from renewd.domain.errors import Problem, UsageError
from renewd.domain.plans import Household, Plan
from renewd.reminders import Findings, Reminder, due
from renewd.state import read_good

_CLOSE = 0.6  # how similar an id must be to one of the file, which has few

Ways = Callable[[Reminder], Collection[str]]  # the channels by which a reminder goes

if TYPE_CHECKING:
    from renewd.ledger import Ledger


def open_file(
    paths: Paths, now: datetime, screen: Screen, *, as_it_runs: bool = True, needs_plans: bool = True
) -> OpenedConfig:
    """Read the configuration, and count its mistakes on standard error.

    With `as_it_runs`, a table with a mistake counts as it last was good, as for the running renewd. Otherwise, or if
    that is not known, it is left out. Without `needs_plans`, a file without plans is good too. Raises ConfigError where
    there is no file, or nothing good in it.
    """
    good = read_good(paths.state) if as_it_runs else None
    opened = open_config(paths.config, now, language=screen.words.code, good=good, needs_plans=needs_plans)
    household = opened.loaded.household
    errors = [problem for problem in opened.problems if problem.severity == "error"]
    if not needs_plans and not household.plans:
        errors = [problem for problem in errors if problem.code != "check.no-plans"]
    if errors:
        _note(errors, household, paths, screen.on(sys.stderr))
    return opened


def _note(errors: list[Problem], household: Household, paths: Paths, screen: Screen) -> None:
    broken = sorted({problem.plan for problem in errors if problem.plan})
    screen.print(
        screen.say("problems.noted", n=len(errors), file=paths.config.name, command=screen.command("check")),
    )
    for key, plans in (
        ("problems.as-it-was", [plan for plan in broken if plan in household.plans]),
        ("problems.left-out", [plan for plan in broken if plan not in household.plans]),
    ):
        if plans:
            screen.paragraph(screen.say(key, plans=screen.list(plans)))
    screen.print()


def the_plan(opened: OpenedConfig, typed: str) -> Plan:
    """Return the plan with an id. Raises UsageError, which suggests the plan that was probably meant."""
    from renewd.config.table_reader import nearest

    plans = opened.loaded.household.plans
    if typed in plans:
        return plans[typed]
    if any(problem.plan == typed for problem in opened.problems):
        raise UsageError("terminal.mark.plan-broken", plan=typed, command="renewd check")
    by_name = [plan.id for plan in plans.values() if plan.name.casefold() == typed.casefold()]
    meant = by_name[0] if len(by_name) == 1 else nearest(typed, plans, _CLOSE)
    if meant:
        raise UsageError("terminal.mark.no-plan-meant", plan=typed, meant=meant)
    raise UsageError("terminal.mark.no-plan", plan=typed, command="renewd plan list")


def unknown(what: Literal["person", "plan"], typed: str, known: Iterable[str]) -> UsageError:
    """Return the error about an id that is not in the file, with the one that was probably meant."""
    from renewd.config.table_reader import nearest

    meant = nearest(typed, known, _CLOSE)
    if meant:
        return UsageError(f"terminal.calendar.no-{what}-meant", word=typed, meant=meant)
    return UsageError(f"terminal.calendar.no-{what}", word=typed)


def open_ledger(paths: Paths, opened: OpenedConfig | None) -> Ledger:
    """Open the ledger to read; without a file that can be read, that of the state folder. Raises RenewdError."""
    from renewd.ledger.places import reader

    return reader(opened.loaded.settings.ledger_url if opened else None, paths.state)


def found_outside(household: Household, paths: Paths, ledger: Ledger | None = None) -> Findings:
    """Return what is found outside the file: how new backups and documents are, and when each plan changed last."""
    since = {plan: form.since for plan, form in ledger.plan_versions().items()} if ledger else {}
    plans = household.plans.values()
    if not any(item.path for plan in plans for item in plan.backups) and not any(
        item.path for plan in plans for item in plan.documents
    ):
        return Findings(since=since)
    from renewd.service.file_scan import FileScan, as_findings

    return as_findings(FileScan().scan_now(household, paths.config.parent), since)


def by_mail(_reminder: Reminder) -> Collection[str]:
    """Return the way of all reminders where there is no push."""
    from renewd.ledger import MAIL

    return (MAIL,)


def ways(opened: OpenedConfig) -> Ways:
    """Return what tells by which ways a reminder goes."""
    from renewd.delivery.ways import ways_of

    household, pushes = opened.loaded.household, opened.loaded.settings.pushes
    return (lambda reminder: tuple(ways_of(reminder, household, pushes))) if pushes else by_mail


def due_and_unsent(household: Household, findings: Findings, ledger: Ledger, now: datetime, by: Ways) -> list[Reminder]:
    """Return the reminders that are due at `now` and not sent. Raises LedgerError."""
    return unsent(due(household, findings, now), ledger, now, by)


def unsent(found: Iterable[Reminder], ledger: Ledger, now: datetime, by: Ways = by_mail) -> list[Reminder]:
    """Return the reminders among these that were not sent by one of their ways. Raises LedgerError."""
    from renewd.delivery.already_sent import not_sent

    ways = [(reminder, by(reminder)) for reminder in found]
    left: set[tuple[str, str]] = set()
    for channel in {channel for _, channels in ways for channel in channels}:
        ours = [reminder for reminder, channels in ways if channel in channels]
        said = ledger.of_channel(channel).claims({(reminder.person, reminder.subject.stem) for reminder in ours})
        sent = {pair: [(one.lead, one.at) for one in leads] for pair, leads in said.items()}
        left.update((reminder.person, reminder.key) for reminder in not_sent(ours, sent, now))
    return [reminder for reminder, _ in ways if (reminder.person, reminder.key) in left]
