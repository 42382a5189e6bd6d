"""`doctor`: everything that can keep a mail from its reader, what each finding means, and what to do."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace

from renewd.assets import install_command
from renewd.channels import Channel, open_channel
from renewd.cli.commands import QUIET, Command, Option
from renewd.cli.paths import SYSTEM_CONFIG
from renewd.cli.reading import open_ledger
from renewd.cli.screen import Screen
from renewd.config import Settings, say_problem
from renewd.config.config_files import OpenedConfig, machine_zone, open_config
from renewd.config.secrets import imap_password, push_secret, smtp_password
from renewd.disk import Paths
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.errors import ConfigError, Problem, RenewdError
from renewd.domain.plans import Person
from renewd.ledger import Ledger
from renewd.render.table import cells_of, wrap
from renewd.service.diagnostics import of_ledger, of_machine, of_paths, of_program, of_rights, of_ways
from renewd.service.file_scan import FileScan, as_findings
from renewd.service.sandbox import hidden_from_service
from renewd.state import read_good

COMMAND = Command(
    options=(Option("mail"), QUIET),
    examples=("doctor", "doctor --mail"),
)

_MARKS = {"ok": ("✓", "green"), "note": ("!", "yellow"), "bad": ("✗", "bold red")}


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print one line a finding; 0 where nothing is to put right, else 1. With --mail a test mail goes out as well."""
    now: datetime = args.now
    opened, file = _file(paths, now, screen)
    zone = opened.loaded.household.clock if opened else machine_zone(os.environ)
    labels = (key for key in screen.words.keys() if key.startswith("doctor.label."))  # noqa: SIM118  # of Language
    room = max(cells_of(screen.words.say(key)) for key in labels) + 2
    weights: Counter[str] = Counter()
    for finding in _findings(opened, file, paths, now):
        weights[finding.weight] += 1
        _show(finding, room, zone, screen)
    bad = weights["bad"]
    last, style = (
        ("unwell", "bold red") if bad else ("noted", "bold yellow") if weights["note"] else ("well", "bold green")
    )
    screen.print("", screen.style(_say(screen, last, n=bad or weights["note"]), style))
    if args.mail and opened is not None:
        from renewd.cli import first_mail

        screen.print("")
        sent = first_mail.run(SimpleNamespace(now=now, to=None), paths, screen)
        bad += sent != 0
    return screen.exit(1, "status.doctor-unwell") if bad else 0


def _findings(opened: OpenedConfig | None, file: Diagnosis, paths: Paths, now: datetime) -> Iterator[Diagnosis]:
    zone = opened.loaded.household.clock if opened else machine_zone(os.environ)
    yield of_program()
    yield file
    if opened is not None:
        household = opened.loaded.household
        if paths.config == SYSTEM_CONFIG:
            for problem in hidden_from_service(household, paths.config):
                yield Diagnosis("rights", "open", "note", {"why": problem})
        yield from of_rights(opened.problems)
        seen = FileScan().scan_now(household, paths.config.parent)
        yield from of_paths(household, as_findings(seen, {}))
    yield from of_machine(paths.state, zone, now)
    url = opened.loaded.settings.ledger_url if opened else None
    ledger: Ledger | RenewdError
    try:
        ledger = open_ledger(paths, opened)
    except RenewdError as error:
        ledger = error
    yield from of_ledger(url, paths.state, ledger, now)
    if opened is None:
        return
    settings = opened.loaded.settings
    secret = smtp_password(settings.mail, os.environ)
    channels = [open_channel(settings.mail, secret, paths.state), *_push_channels(settings, now)]
    with asyncio.Runner() as runner:
        for channel in channels:
            diagnoses = channel.diagnose(secret, now)
            while (diagnosis := runner.run(anext(diagnoses, None))) is not None:
                yield diagnosis
    if settings.pushes:
        yield from of_ways(opened.loaded.household, settings)
    yield from _mailbox(settings)


def _mailbox(settings: Settings) -> Iterator[Diagnosis]:
    """Say whether answers can be read, where the file wants them."""
    if settings.answers is None:
        return
    try:
        from renewd.service.mailbox import diagnose
    except ImportError:
        yield Diagnosis("mailbox", "missing", "bad", {"command": install_command("answers")})
        return
    yield from diagnose(settings.answers, imap_password(settings, os.environ))


def _push_channels(settings: Settings, now: datetime) -> Iterator[Channel]:
    for push in settings.pushes.values():
        from renewd.channels.push.channel import PushChannel

        yield PushChannel(settings=push, secret=push_secret(push, os.environ), clock=lambda: now)


def _file(paths: Paths, now: datetime, screen: Screen) -> tuple[OpenedConfig | None, Diagnosis]:
    """Read the file. Where it has mistakes, the last good version counts, as for the daemon."""
    path = paths.short(paths.config)
    try:
        opened = open_config(paths.config, now, language=screen.words.code, good=read_good(paths.state))
    except ConfigError as error:
        if not error.problems:
            return None, Diagnosis("file", "unusable", "bad", {"why": screen.words.say(error.code, **error.args_)})
        return None, Diagnosis("file", "mistakes", "bad", {"path": path, "n": len(error.problems), "command": _CHECK})
    count = sum(problem.severity == "error" for problem in opened.problems)
    if count:
        return opened, Diagnosis("file", "mistakes", "bad", {"path": path, "n": count, "command": _CHECK})
    return opened, Diagnosis("file", "ok", "ok", {"path": path})


def _show(finding: Diagnosis, room: int, zone: str, screen: Screen) -> None:
    mark, style = _MARKS[finding.weight]
    if (screen.stream.encoding or "").lower().replace("-", "") not in ("utf8", "gb18030"):
        mark = {"ok": "+", "note": "!", "bad": "x"}[finding.weight]
    if finding.outcome is not None:
        text = screen.words.say(f"delivery.reason.{finding.outcome.reason}", reply=finding.outcome.reply)
    else:
        text = _say(screen, f"{finding.name}.{finding.how}", **_words(finding, zone, screen))
    label = _say(screen, f"label.{finding.name}")
    first, *more = wrap(text, max(screen.width - room - 2, 20))
    screen.print(f"{screen.style(mark, style)} {label}{' ' * (room - cells_of(label))}{first}")
    for line in more:
        screen.print(" " * (room + 2) + line)


def _words(finding: Diagnosis, zone: str, screen: Screen) -> dict[str, object]:
    words = dict(finding.args)
    for key, value in words.items():
        if isinstance(value, datetime):
            words[key] = screen.instant_in(value, zone)
        elif isinstance(value, Problem):
            words[key] = say_problem(value, screen.words.code)
        elif isinstance(value, Person):
            words[key] = screen.person(value)
        elif isinstance(value, list):  # of pushes; None is mail
            words[key] = screen.list(map(screen.way, value))
        elif isinstance(value, RenewdError):
            words = {"why": screen.words.say(value.code, **value.args_)}
            break
    return words


def _say(screen: Screen, key: str, /, **args: object) -> str:
    return screen.words.say(f"doctor.{key}", **args)


_CHECK = "renewd check"
