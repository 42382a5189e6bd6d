"""`init`: a first file to fill in, where renewd looks for it."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from renewd.assets import ASSETS
from renewd.cli.commands import Command, Option
from renewd.cli.output import writing
from renewd.cli.paths import own_config
from renewd.cli.screen import Screen
from renewd.config.addresses import Email
from renewd.config.edit import set_value
from renewd.config.value_types import WrongError
from renewd.disk import Paths
from renewd.domain.dates import Duration, day_in, nth
from renewd.domain.errors import UsageError
from renewd.render.table import StyledText

COMMAND = Command(
    options=(Option("email", "A"),),
    examples=("init",),
)

STARTER = ASSETS / "config" / "starter.toml"
SCHEMA = ASSETS / "config" / "plans.schema.json"
_ZONE = "America/New_York"  # that of the starter


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Write the starter. Raises UsageError where a file is there already, or cannot be made."""
    path = own_config(args.config, os.environ)
    if os.path.lexists(path):
        raise UsageError("terminal.init.exists", path=path)
    email = _email(args.email, screen)
    with writing(path):
        write_new(path, starter(screen.words.code, args.now, email))
    screen.print(screen.style(screen.say("init.done", path=paths.short(path)), "bold"))
    screen.paragraph(screen.say("init.fill-in" if email else "init.fill-in-address"))
    screen.print("", screen.say("init.then"))
    rows: list[list[StyledText]] = [
        [(f"  {screen.typed(command)}", "cyan"), screen.say(f"init.{command}")] for command in ("check", "run")
    ]
    screen.table(rows, ("", ""), "ll")
    return 0


def starter(code: str, now: datetime, email: str | None = None) -> str:
    """Return the text of a first file: mails in a language, an example that renews in a month, the address if known."""
    text = set_value(STARTER.read_text("utf-8"), ("language",), code)
    text = set_value(text, ("plan", "tello", "renews"), nth(day_in(now, _ZONE), Duration(1, "months"), 1))
    return set_value(text, ("mail", "to"), email) if email else text.replace("\nto = ", "\n# to = ", 1)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, and the schema for editors beside it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, text)
    if not (path.parent / SCHEMA.name).exists():
        shutil.copyfile(SCHEMA, path.parent / SCHEMA.name)


def _email(given: str | None, screen: Screen) -> str | None:
    if given is not None:
        try:
            return Email().read(given)
        except WrongError:
            raise UsageError("terminal.init.not-an-address", email=given) from None
    while sys.stdin.isatty() and screen.stream.isatty():
        typed = input(screen.say("init.ask")).strip()
        if not typed:
            return None
        try:
            return Email().read(typed)
        except WrongError:
            screen.print(screen.say("init.not-an-address", email=typed))
    return None


def _write(path: Path, text: str) -> None:
    """Write a new file for its owner alone, and for the folder's group where that is the service's."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        folder = path.parent.stat()
        if folder.st_gid != os.getegid() and folder.st_mode & 0o050 == 0o050 and os.geteuid() == 0:
            os.fchown(file.fileno(), -1, folder.st_gid)
            os.fchmod(file.fileno(), 0o640)
        file.write(text)
