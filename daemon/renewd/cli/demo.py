"""`demo`: a tour on an invented example, as a folder of pages: its mails, agenda, calendar and report."""

from __future__ import annotations

import os
import re
import shutil
from datetime import date, datetime, timedelta
from functools import partial
from html import escape
from io import StringIO
from pathlib import Path
from string import Template
from types import SimpleNamespace
from typing import TYPE_CHECKING

from renewd.assets import ASSETS
from renewd.cli import agenda, calendar, report
from renewd.cli.commands import Argument, Command
from renewd.cli.output import writing
from renewd.cli.paths import options_to_find
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen, with_options
from renewd.cli.simulate import play
from renewd.disk import Paths
from renewd.domain.dates import add_months, day_in
from renewd.domain.errors import UsageError
from renewd.i18n import commands_completed
from renewd.reminders import start_of

if TYPE_CHECKING:
    from email.message import EmailMessage

COMMAND = Command(
    arguments=(Argument("DIR", optional=True, takes="folder"),),
    examples=("demo",),
)

_DAYS = 30
_WRITTEN = date(2026, 11, 30)  # the day as at which the example is written
_LEAVES = "main"  # the example's plan whose report is shown
_DATE = re.compile(r"\b(20\d\d)-(\d\d)(?:-(\d\d))?\b")


def run(args: SimpleNamespace, _paths: Paths, screen: Screen) -> int:
    """Fill the folder. Raises UsageError where it is not empty."""
    folder = Path(args.dir or "renewd-demo")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("terminal.demo.exists", folder=folder)
    now: datetime = args.now
    own = Paths(folder / "plans.toml", folder / "state")
    options = options_to_find(str(own.config), str(own.state), os.environ)
    with writing(folder), commands_completed(partial(with_options, options)):
        count = _fill(folder, own, now, screen)
    screen.print(screen.style(screen.say("demo.done", n=count, days=_DAYS, folder=folder), "bold"), "")
    rows = [(name, screen.say(f"demo.{key}")) for name, key in
            (("index.html", "index"), ("report.html", "report"), ("calendar.ics", "calendar"), ("plans.toml", "config"))]  # fmt: skip
    screen.table(rows, ("", ""), "ll")
    screen.print("", screen.say("demo.then", command=screen.command("init")))
    return 0


def _fill(folder: Path, own: Paths, now: datetime, screen: Screen) -> int:
    """Write everything, and return how many mails there are."""
    folder.mkdir(parents=True, exist_ok=True)
    example = (ASSETS / "config" / "plans.toml").read_text("utf-8")
    own.config.write_text(_as_of(now.date(), example), "utf-8")
    own.config.chmod(0o600)
    shutil.copyfile(ASSETS / "config" / "plans.schema.json", folder / "plans.schema.json")
    opened = open_file(own, now, screen)
    household = opened.loaded.household
    end = start_of(day_in(now, household.zone) + timedelta(days=_DAYS), household)
    count = len(play(opened, own, folder / "Maildir", now, end, screen))
    days = StringIO()
    agenda.run(SimpleNamespace(from_=None, days=_DAYS, json=None, now=now), own, screen.on(days))
    output = SimpleNamespace(now=now, on=None, plan=None, person=None, output=str(folder / "calendar.ics"))
    calendar.run(output, own, screen.on(StringIO()))
    output = SimpleNamespace(
        now=now, on=None, plan=[_LEAVES], format=None, json=None, output=str(folder / "report.html")
    )
    report.run(output, own, screen.on(StringIO()))
    _write_index(folder, days.getvalue(), screen)
    return count


def _as_of(today: date, example: str) -> str:
    """Return the example with its dates moved by whole months, from the month it was written in to that of `today`."""
    months = (today.year - _WRITTEN.year) * 12 + today.month - _WRITTEN.month

    def moved(found: re.Match[str]) -> str:
        year, month, day = found.groups()
        then = add_months(date(int(year), int(month), 1), months, int(day or 1))
        return f"{then}" if day else f"{then:%Y-%m}"

    return _DATE.sub(moved, example)


def _write_index(folder: Path, days: str, screen: Screen) -> None:
    """Write each mail as a page, and the page that leads to them all."""
    pages = folder / "mails"
    pages.mkdir()
    rows = []
    for number, mail in enumerate(_mails(folder / "Maildir" / "new"), 1):
        page = f"{number:02}.html"
        body = mail.get_body(("html",))
        (pages / page).write_text(body.get_content() if body else "", "utf-8")
        day = screen.words.day(mail["Date"].datetime.date())
        rows.append(f'<tr><td>{day}<td>{escape(mail["To"])}<td><a href="mails/{page}">{escape(mail["Subject"])}</a>')
    words = {key: screen.say(f"demo.{key}") for key in ("title", "report", "calendar", "config", "agenda")}
    page = Template((ASSETS / "templates" / "demo.html").read_text("utf-8")).substitute(
        words, code=screen.words.code, mails="\n".join(rows), days=escape(days)
    )
    (folder / "index.html").write_text(page, "utf-8")


def _mails(folder: Path) -> list[EmailMessage]:
    """Return the mails of a Maildir, oldest first."""
    from email import message_from_bytes
    from email.message import EmailMessage
    from email.policy import default

    mails = [message_from_bytes(file.read_bytes(), EmailMessage, policy=default) for file in folder.iterdir()]
    return sorted(mails, key=lambda mail: (mail["Date"].datetime, mail["To"]))
