"""What reading commands look at: the file, the ledger without touching it, and the newest files behind backups."""

from __future__ import annotations

import sys
from datetime import datetime

from renewd.cli.paths import Paths
from renewd.cli.screen import Screen
from renewd.errors import ConfigError
from renewd.ledger import Ledger
from renewd.opening import Opened, open_config
from renewd.plans import Household
from renewd.reminders import Findings


def open_file(paths: Paths, now: datetime, screen: Screen) -> Opened:
    """Read the configuration; what is wrong in it is counted on standard error, and leaves out what it costs."""
    if not paths.config.exists():
        raise ConfigError("terminal.no-config", path=paths.short(paths.config), command="renewd init")
    opened = open_config(paths.config, now, language=screen.words.code)
    errors = [problem for problem in opened.problems if problem.severity == "error"]
    if errors:
        beside = screen.on(sys.stderr)
        left_out = sorted({problem.plan for problem in errors if problem.plan} - set(opened.loaded.household.plans))
        noted = {"n": len(errors), "file": paths.config.name, "command": beside.command("check")}
        beside.print(beside.say("problems.noted", **noted))
        if left_out:
            beside.paragraph(beside.say("problems.left-out", plans=beside.list(left_out)))
        beside.print()
    return opened


def open_ledger(paths: Paths) -> Ledger:
    """Open the ledger to read. Raises LedgerError if it cannot be read."""
    from renewd.ledger.sqlite import FILENAME, reader

    return reader(paths.state / FILENAME)


def look(household: Household, paths: Paths, ledger: Ledger | None = None) -> Findings:
    """Give what is found outside the file: how new backups are, and from the ledger since when plans stand as they do."""
    since = {plan: form.since for plan, form in ledger.forms().items()} if ledger else {}
    if not any(backup.path for plan in household.plans.values() for backup in plan.backups):
        return Findings(since=since)
    import asyncio

    from renewd import findings

    return Findings(newest=asyncio.run(findings.look(household, paths.config.parent)), since=since)
