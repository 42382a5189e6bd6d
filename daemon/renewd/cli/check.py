"""`check`: every mistake in the file, the catalogue and the templates at once, and what each of them costs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal

from renewd.cli.commands import JSON, QUIET, Command
from renewd.cli.paths import SYSTEM_CONFIG
from renewd.cli.progress import Progress
from renewd.cli.screen import Screen
from renewd.config import say_problem
from renewd.config.config_files import OpenedConfig, machine_zone, open_config
from renewd.disk import Paths
from renewd.domain.errors import ConfigError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from renewd.config.secrets import Secret
    from renewd.config.settings import MailSettings

COMMAND = Command(
    options=(JSON, QUIET),
    examples=("check",),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print what is wrong; 0 where nothing but remarks are left, else 78."""
    now: datetime = args.now
    opened: OpenedConfig | None = None
    try:
        opened = open_config(paths.config, now, language=screen.words.code)
        problems: Sequence[Problem] = (*opened.problems, *_beside(opened, paths, screen, now))
    except ConfigError as error:
        if not error.problems:  # there is no file
            raise
        problems = error.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if args.json:
        screen.print(json.dumps([_fields(problem, screen) for problem in problems], ensure_ascii=False, indent=1))
        return ConfigError.exit_code if errors or opened is None else 0
    if problems:
        from renewd.cli.problems import show

        show(screen, problems)
    if not errors and opened is not None:
        household = opened.loaded.household
        well = screen.style(screen.say("check.well"), "bold green")
        people = screen.say("check.people", n=len(household.people))
        counted = screen.say("check.counted", n=len(household.plans), people=people)
        by = list(_by_which_ways(opened, screen)) if opened.loaded.settings.pushes else []
        remarks = [screen.say("check.remarks", n=len(problems))] if problems else []
        screen.print(screen.sentences(well, counted, *by, *remarks))
        return 0
    to_fix = screen.style(screen.say("check.to-fix", n=len(errors)), "bold red")
    screen.print(screen.sentences(to_fix, _meanwhile(opened, paths, screen)))
    if opened is not None and (held := opened.loaded.settings.mail.held):
        screen.print(screen.words.say("delivery.reason.held", reply=held))
    return screen.exit(ConfigError.exit_code)


def _by_which_ways(opened: OpenedConfig, screen: Screen) -> Iterator[str]:
    """Yield who is told by mail, and who by each push."""
    from renewd.delivery.ways import channel_of, ways_to
    from renewd.ledger import MAIL

    people = opened.loaded.household.people.values()
    for channel, way in ((MAIL, None), *((channel_of(id_), id_) for id_ in opened.loaded.settings.pushes)):
        told = [screen.person(person) for person in people if channel in ways_to(person)]
        if told:
            yield screen.say("check.way", way=screen.way(way), people=screen.list(told))


def _beside(opened: OpenedConfig, paths: Paths, screen: Screen, now: datetime) -> list[Problem]:
    """Return the problems outside the file: the password, the user's templates, mails that cannot be rendered."""
    from renewd.config.secrets import imap_password, push_secret, smtp_password
    from renewd.render.overrides import Overrides
    from renewd.service.preflight import probe_all
    from renewd.service.sandbox import hidden_from_service
    from renewd.state import problems_of

    household, settings = opened.loaded.household, opened.loaded.settings
    overrides = Overrides.load(paths.config.parent / "templates")
    everything = len(household.plans)
    with Progress() as progress:

        def tell(done: int) -> None:
            progress.show(lambda: screen.say("check.progress", n=done, all=everything))

        broken = probe_all(household, now, overrides, tell)
    of_state = problems_of(paths.state)
    password = smtp_password(settings.mail, os.environ)
    of_mail = (*password.problems, *_of_server(settings.mail, password, paths.config))
    hidden = hidden_from_service(household, paths.config) if paths.config == SYSTEM_CONFIG else ()
    return [
        *of_state,
        *hidden,
        *of_mail,
        *(problem for problem in imap_password(settings, os.environ).problems if problem not in of_mail),
        *(problem for push in settings.pushes.values() for problem in push_secret(push, os.environ).problems),
        *overrides.problems,
        *broken,
    ]


def _of_server(mail: MailSettings, password: Secret, config: Path) -> Iterator[Problem]:
    """Yield what keeps the mail server from being used and is known without asking it."""
    if mail.host is None:
        return
    if (
        mail.username
        and password.password is None
        and not password.problems
        and "CREDENTIALS_DIRECTORY" not in os.environ
    ):
        # Of the system's file, systemd may hand an encrypted password to the service, which nobody else can read.
        severity: Literal["error", "warning"] = "warning" if config == SYSTEM_CONFIG else "error"
        yield Problem("delivery.reason.password-missing", config.name, path="mail.username", severity=severity)
    if mail.ca_file is not None:
        from renewd.channels.smtp_session import trusting

        try:
            trusting(mail.ca_file)
        except OSError as error:
            why = getattr(error, "strerror", None) or str(error)
            yield Problem(
                "delivery.reason.ca-file", config.name, path="mail.ca_file", args={"reply": f"{mail.ca_file}: {why}"}
            )


def _meanwhile(opened: OpenedConfig | None, paths: Paths, screen: Screen) -> str:
    """Return the sentence on what the mistakes cause: a running renewd keeps its last good configuration."""
    from renewd.state import is_held, read_status

    if is_held(paths.state):
        read = read_status(paths.state).get("read")
        zone = opened.loaded.household.zone if opened else machine_zone(os.environ)
        if isinstance(read, str):
            return screen.say("check.running-since", at=screen.instant(datetime.fromisoformat(read), zone))
        return screen.say("check.running")
    key = "check.plans-left-out" if opened is not None else "check.nothing-runs"
    return screen.say(key, command=screen.command("check"))


def _fields(problem: Problem, screen: Screen) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "path": problem.path,
        "severity": problem.severity,
        "code": problem.code,
        "message": say_problem(problem, screen.words.code),
    }
