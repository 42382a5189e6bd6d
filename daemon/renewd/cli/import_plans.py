"""`import`: another program's entries as plans, shown as TOML, and written on yes."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import tomli

from renewd.cli.commands import Argument, Command, Option
from renewd.cli.reading import open_file
from renewd.cli.screen import YES, Screen
from renewd.config.config_files import OpenedConfig
from renewd.config.edit import append_tables
from renewd.config.household import Lookup
from renewd.config.importers import IMPORTERS, ImportSettings, recognize
from renewd.config.importers.imported_plans import ImportedPlans, as_tables, make_plans, marks_in
from renewd.config.text_file import locked, read, rewrite
from renewd.config.undo_copy import FileChange, remember
from renewd.disk import Paths
from renewd.domain.dates import day_in
from renewd.domain.errors import UsageError

_MOST_BYTES = 64 * 1024 * 1024
_MOST_NAMES = 8

COMMAND = Command(
    arguments=(Argument("FILE", takes="file"),),
    options=(
        Option("from", "SOURCE", choices=tuple(IMPORTERS)),
        Option("into", "FILE", "file"),
        Option("yes"),
    ),
    examples=("import subscriptions.json", "import list.csv --into ~/.config/renewd/subscriptions.toml --yes"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Show what is new, and write it. Raises UsageError if a file cannot be read or written."""
    now: datetime = args.now
    opened = open_file(paths, now, screen, as_it_runs=False, needs_plans=False)
    data = _read(Path(args.file))
    source = recognize(data, args.from_)
    target = Path(args.into) if args.into else paths.config
    made = _made(data, source, target, opened, now, screen)
    tables = as_tables(made, screen.words)
    if made.plans:
        screen.print(*(screen.style(line, "cyan") for line in tables.split("\n")))
    _summary(made, source, Path(args.file), screen)
    if not made.plans:
        return 0
    if not args.yes and not _agrees(len(made.plans), target, screen):
        screen.print(_say(screen, "add-yes", command=screen.command(f"import {args.file} --yes")))
        return 0
    _write(target, tables, opened, paths, now, screen)
    return 0


def _say(screen: Screen, key: str, **args: object) -> str:
    return screen.words.say(f"import.{key}", **args)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError("import.no-file", path=path, reason=error.strerror) from error
    if len(data) > _MOST_BYTES:
        raise UsageError("import.too-big", most=_MOST_BYTES // 1024 // 1024)
    return data


def _made(data: bytes, source: str, target: Path, opened: OpenedConfig, now: datetime, screen: Screen) -> ImportedPlans:
    household = opened.loaded.household
    today = day_in(now, household.zone)
    lookup = Lookup(
        household=household,
        catalogue=opened.catalogue,
        today=today,
        folder=target.parent,
    )
    texts = [read(file) for file in {*opened.loaded.files, target} if file.exists()]
    return make_plans(
        IMPORTERS[source].read(data, ImportSettings(today, household.currency, household.zone)),
        source,
        lookup,
        plans=household.plans,
        taken={*household.plans, *(one.plan for one in opened.problems if one.plan), *_ids_in(target)},
        marks={mark for text in texts for mark in marks_in(text)},
        words=screen.words,
    )


def _ids_in(target: Path) -> set[str]:
    """Return the ids of the plans in a file, which need not be read by renewd."""
    try:
        return set(tomli.loads(read(target)).get("plan", {}))
    except (UsageError, ValueError):
        return set()


def _summary(made: ImportedPlans, source: str, file: Path, screen: Screen) -> None:
    if made.plans:
        screen.paragraph(_say(screen, "found", n=len(made.plans), source=source))
    else:
        screen.paragraph(_say(screen, "nothing-new", file=file.name))
    if inexact := sum(len(one.remarks) for one in made.plans):
        screen.paragraph(_say(screen, "inexact", n=inexact))
    if made.known:
        screen.paragraph(_say(screen, "known", n=made.known))
    for reason, names in made.left_out.items():
        shown = screen.list(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
        screen.paragraph(_say(screen, f"left-out.{reason}", n=len(names), names=shown))


def _agrees(n: int, target: Path, screen: Screen) -> bool:
    """Ask, if there is somebody to ask."""
    if not sys.stdin.isatty():
        return False
    screen.stream.write(f"{_say(screen, 'write', n=n, file=target.name)} ")
    screen.stream.flush()
    return sys.stdin.readline().strip().lower() in YES


def _write(target: Path, tables: str, opened: OpenedConfig, paths: Paths, now: datetime, screen: Screen) -> None:
    with locked(paths.state):
        if not target.exists():
            _create(target)
        before, after = rewrite(target, lambda text: append_tables(text, tables))
        kept = remember(paths.state, [FileChange(target, before, after)], now)
    screen.print(screen.say("add.written", file=paths.short(target), command=screen.command("check")))
    if not any(os.path.realpath(file) == os.path.realpath(target) for file in opened.loaded.files):
        screen.paragraph(
            _say(screen, "not-included", file=os.path.relpath(target, paths.config.parent), main=paths.config.name)
        )
    elif kept:
        screen.print(screen.say("mark.undo", command=screen.command("undo")))


def _create(target: Path) -> None:
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise UsageError("check.cannot-write", path=target, reason=error.strerror) from error
