"""`demo`: a tour on an invented example: its mails, its agenda, its file, in a folder to look around in."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from renewd.assets import ASSETS
from renewd.cli import agenda
from renewd.cli.commands import Argument, Command
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.cli.simulate import play
from renewd.disk import Paths
from renewd.domain.dates import day_in
from renewd.domain.errors import UsageError
from renewd.reminders import start_of

COMMAND = Command(
    arguments=(Argument("DIR", optional=True, takes="folder"),),
    examples=("demo",),
)

_DAYS = 30
_FILES = ("plans.toml", "plans.schema.json")


def run(args: SimpleNamespace, _paths: Paths, screen: Screen) -> int:
    """Fill the folder. Raises UsageError where it is not empty."""
    folder = Path(args.dir or "renewd-demo")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("terminal.demo.exists", folder=folder)
    now: datetime = args.now
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            shutil.copyfile(ASSETS / "config" / name, folder / name)
            (folder / name).chmod(0o600)
        own = Paths(folder / "plans.toml", folder / "state")
        opened = open_file(own, now, screen)
        household = opened.loaded.household
        end = start_of(day_in(now, household.zone) + timedelta(days=_DAYS), household)
        count = play(opened, own, folder / "Maildir", now, end, screen)
        with (folder / "agenda.txt").open("w", encoding="utf-8") as file:
            agenda.run(SimpleNamespace(from_=None, days=_DAYS, json=None, now=now), own, screen.on(file))
    except OSError as error:
        raise UsageError("terminal.demo.cannot-write", folder=folder, why=error.strerror or "") from error
    screen.print(screen.style(screen.say("demo.done", n=count, days=_DAYS, folder=folder), "bold"), "")
    rows = [
        ("Maildir", screen.say("demo.maildir", command=screen.style(f"mutt -R -f {folder / 'Maildir'}", "cyan"))),
        ("agenda.txt", screen.say("demo.agenda")),
        ("plans.toml", screen.say("demo.config")),
    ]
    screen.table(rows, ("", ""), "ll")
    screen.print("", screen.say("demo.then", command=screen.command("init")))
    return 0
