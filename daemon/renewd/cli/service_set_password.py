"""`service set-password`: asks for the SMTP password without showing it, and stores it where the service finds it."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from renewd.cli.commands import FOR_USER, ROOT, Command
from renewd.cli.screen import Screen
from renewd.cli.service_install import place_of, typed
from renewd.config.secrets import CREDENTIAL
from renewd.disk import Paths, replace
from renewd.domain.errors import RenewdError, UsageError
from renewd.service.installing import CREDSTORE, InstallPlace

COMMAND = Command(
    options=(FOR_USER, ROOT),
    examples=("service set-password", "service set-password --user"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Store it, 0600, for root or for this user alone; a running service reads it at its next start."""
    args.dry_run = None
    place, say = place_of(args), screen.words.say
    named = _named(paths, args.now, screen) if place.user else None
    path = named or (paths.config.parent / CREDENTIAL if place.user else place.root / CREDSTORE / CREDENTIAL)
    password = _asked(screen)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, f"{password}\n")
    except OSError as error:
        raise UsageError("install.cannot-write", path=path, why=error.strerror or "") from error
    screen.print(screen.style(say("install.password.stored", path=path), "bold green"))
    if place.user and named is None:
        screen.paragraph(say("install.password.name-it", line=f'password_file = "{path}"'))
    screen.print("", *_next(place, screen))
    return 0


def _next(place: InstallPlace, screen: Screen) -> list[str]:
    sudo, user = ("", " --user") if place.user else ("sudo ", "")
    say = screen.words.say
    rows = [(f"{sudo}systemctl{user} restart renewd", "restart"), (f"{sudo}{typed()} test-mail", "test-mail")]
    room = max(len(command) for command, _ in rows) + 2
    return [f"  {screen.style(command.ljust(room), 'cyan')}{say(f'install.then.{what}')}" for command, what in rows]


def _named(paths: Paths, now: datetime, screen: Screen) -> Path | None:
    """Return the `password_file` that the user's own file names, if any."""
    from renewd.config.config_files import open_config

    try:
        mail = open_config(paths.config, now, language=screen.words.code).loaded.settings.mail
    except RenewdError:
        return None
    return mail.password_file


def _asked(screen: Screen) -> str:
    say = screen.words.say
    if not sys.stdin.isatty():
        typed = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    else:
        typed = getpass.getpass(say("install.password.ask"))
        if typed and getpass.getpass(say("install.password.again")) != typed:
            raise UsageError("install.password.differs")
    if not typed:
        raise UsageError("install.password.empty")
    return typed
