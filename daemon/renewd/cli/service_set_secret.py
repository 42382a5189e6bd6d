"""`service set-secret`: asks for a secret without showing it, and stores it where the service finds it."""

from __future__ import annotations

import getpass
import re
import secrets
import string
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from renewd.cli.commands import FOR_USER, ROOT, Argument, Command, Option
from renewd.cli.output import writing
from renewd.cli.screen import Screen
from renewd.cli.service_install import place_of, typed
from renewd.config.plan_ids import ID
from renewd.config.secrets import CREDENTIAL
from renewd.disk import Paths, replace
from renewd.domain.errors import RenewdError, UsageError
from renewd.service.installing import CREDSTORE, InstallPlace

COMMAND = Command(
    arguments=(Argument("NAME", takes="secret"),),
    options=(Option("new-topic"), FOR_USER, ROOT),
    examples=(
        "service set-secret push-phone",
        "service set-secret smtp-password",
        "service set-secret push-phone --new-topic",
    ),
)

_PUSH = re.compile(f"push-({ID})")
_LETTERS, _TOPIC_LENGTH = string.ascii_lowercase + string.digits, 24
_DROP_IN = "etc/systemd/system/renewd.service.d"


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Store it, 0600, for root or for this user alone; a running service reads it at its next start."""
    args.dry_run = None
    name: str = args.name
    push = _PUSH.fullmatch(name)
    if name != CREDENTIAL and push is None:
        raise UsageError("install.secret.no-such", name=name)
    place, say = place_of(args), screen.words.say
    named = _named(paths, args.now, screen, push[1] if push else None) if place.user else None
    path = named or (paths.config.parent / name if place.user else place.root / CREDSTORE / name)
    new_topic = bool(getattr(args, "new_topic", None))  # `service set-password` has no such option
    if new_topic and push is None:
        raise UsageError("install.secret.no-topic", name=name)
    secret = _new_topic() if new_topic else _asked(screen, several=push is not None)
    with writing(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, f"{secret}\n")
        if push and not place.user:  # the unit that is shipped names the password alone
            drop_in = place.root / _DROP_IN / f"{name}.conf"
            drop_in.parent.mkdir(parents=True, exist_ok=True)
            drop_in.write_text(f"[Service]\nLoadCredential={name}\n")
    screen.print(screen.style(say("install.password.stored", path=path), "bold green"))
    if new_topic:
        screen.paragraph(say("install.secret.topic"))
        screen.print("", f"  {secret}", "")
    if place.user and named is None:
        if push:
            line = f'secret_file = "{path}"'
            screen.paragraph(say("install.secret.name-it", table=f"[push.{push[1]}]", line=line))
        else:
            screen.paragraph(say("install.password.name-it", line=f'password_file = "{path}"'))
    screen.print("", *_next(place, screen, "test-push" if push else "test-mail"))
    return 0


def _new_topic() -> str:
    """Return a topic for ntfy that nobody can guess: whoever knows it reads everything."""
    return "renewd-" + "".join(secrets.choice(_LETTERS) for _ in range(_TOPIC_LENGTH))


def _next(place: InstallPlace, screen: Screen, test: str) -> list[str]:
    sudo, user = ("", " --user") if place.user else ("sudo ", "")
    say = screen.words.say
    rows = [(f"{sudo}systemctl{user} restart renewd", "restart"), (f"{sudo}{typed()} {test}", test)]
    if test == "test-push" and not place.user:
        rows.insert(0, ("sudo systemctl daemon-reload", "reload"))
    room = max(len(command) for command, _ in rows) + 2
    return [f"  {screen.style(command.ljust(room), 'cyan')}{say(f'install.then.{what}')}" for command, what in rows]


def _named(paths: Paths, now: datetime, screen: Screen, push: str | None) -> Path | None:
    """Return the file that the user's own plans.toml names for a secret, if any."""
    from renewd.config.config_files import open_config

    try:
        settings = open_config(paths.config, now, language=screen.words.code).loaded.settings
    except RenewdError:
        return None
    if push is None:
        return settings.mail.password_file
    return settings.pushes[push].secret_file if push in settings.pushes else None


def _asked(screen: Screen, *, several: bool) -> str:
    """Return what is typed, or read from a pipe; a push may need further lines below its key."""
    say = screen.words.say
    if not sys.stdin.isatty():
        lines = sys.stdin.read().splitlines() if several else [sys.stdin.readline().rstrip("\r\n")]
    elif several:
        lines = [getpass.getpass(say("install.secret.ask"))]
        while lines[0] and (more := getpass.getpass(say("install.secret.ask-more"))):
            lines.append(more)
    else:
        lines = [getpass.getpass(say("install.password.ask"))]
        if lines[0] and getpass.getpass(say("install.password.again")) != lines[0]:
            raise UsageError("install.password.differs")
    if not lines or not lines[0]:
        raise UsageError("install.password.empty")
    return "\n".join(lines)
