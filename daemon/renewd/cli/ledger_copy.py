"""`ledger copy`: copies the ledger into another store, to move to several machines or back to one."""

from __future__ import annotations

import shlex
from contextlib import ExitStack, closing, nullcontext
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from renewd.cli.commands import Argument, Command
from renewd.cli.paths import expanded
from renewd.cli.progress import Progress
from renewd.cli.screen import Screen
from renewd.disk import Paths
from renewd.domain.errors import UsageError
from renewd.ledger.copying import NotEmptyError, copy
from renewd.ledger.places import open_ledger, reader
from renewd.ledger.sql import SqlLedger
from renewd.ledger.sqlite import FILENAME
from renewd.state import hold

COMMAND = Command(
    arguments=(Argument("FROM"), Argument("TO")),
    examples=("ledger copy ~/.local/state/renewd postgresql://renewd@db.example.com/renewd",),
)


def run(args: SimpleNamespace, _paths: Paths, screen: Screen) -> int:
    """Copy it, and print what is left to do. Raises InUseError if a renewd uses either, UsageError or LedgerError."""
    now: datetime = args.now
    from_, into = (_place(words) for words in (args.from_, args.to))
    if isinstance(from_, Path) and not (from_ / FILENAME).exists():
        raise UsageError("terminal.ledger.none-there", path=from_ / FILENAME)
    with ExitStack() as held, Progress() as progress:
        for place in dict.fromkeys((from_, into)):
            held.enter_context(hold(place) if isinstance(place, Path) else nullcontext())
        source = held.enter_context(closing(_read(from_)))
        target = held.enter_context(closing(_write(into, now)))
        try:
            count = copy(source, target.database, lambda n: progress.show(lambda: str(n)))
        except NotEmptyError:
            raise UsageError("terminal.ledger.not-empty", to=args.to) from None
    screen.print(screen.style(screen.say("ledger.copied", n=count), "bold green"))
    if isinstance(into, Path):
        then = "then-here" if isinstance(from_, Path) else "then-away"
        screen.paragraph(
            screen.say(f"ledger.{then}", command=screen.style(f"renewd --state {shlex.quote(str(into))} run", "cyan"))
        )
    else:
        screen.paragraph(screen.say("ledger.then-there"))
    return 0


def _place(words: str) -> str | Path:
    """Return a database address as it is, and for a ledger file the folder that holds it."""
    if "://" in words:
        return words
    path = expanded(words)
    return path.parent if path.name == FILENAME else path


def _read(place: str | Path) -> SqlLedger:
    ledger = reader(None, place) if isinstance(place, Path) else reader(place, Path())
    return cast("SqlLedger", ledger)  # both kinds of place keep tables


def _write(place: str | Path, now: datetime) -> SqlLedger:
    opened = open_ledger(None, place, now) if isinstance(place, Path) else open_ledger(place, Path(), now)
    return cast("SqlLedger", opened.ledger)
