"""`status`: whether renewd runs, what it sends next, whom it could not reach, and whether the file has mistakes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from renewd.channels import CHANNELS
from renewd.cli.commands import JSON, QUIET, Command
from renewd.cli.reading import open_ledger
from renewd.cli.screen import Screen
from renewd.config import say_problem
from renewd.config.config_files import OpenedConfig, machine_zone, open_config
from renewd.delivery.ways import channel_of, push_of
from renewd.disk import Paths
from renewd.domain.dates import utc_text
from renewd.domain.errors import ConfigError, RenewdError
from renewd.domain.plans import Household
from renewd.ledger import NOT_TAKEN, Failing, HistoryLine, Ledger
from renewd.ledger.backoff import UNTIL_CHANGED, next_try, unsent
from renewd.reminders.plan_overview import overdue
from renewd.render.table import cells_of, wrap
from renewd.service.unreached import unreached
from renewd.state import has_run_once, is_held, read_status
from renewd.web.health import STALE, Health

COMMAND = Command(
    options=(JSON, QUIET),
    examples=("status",),
)

_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)


class _StatusReport(NamedTuple):
    """The state of the daemon, the ledger and the file."""

    alive: bool
    status: Mapping[str, object]  # what the daemon wrote about itself
    failing: tuple[Failing, ...]
    problems: tuple[str, ...]
    opened: OpenedConfig | None
    ledger: Ledger | None
    now: datetime

    @property
    def healthy(self) -> bool:
        return not self.health.wrong and (self.alive or self.by_cron)

    @property
    def passed_at(self) -> datetime | None:
        """The last pass that went well, as the daemon wrote it."""
        return _instant(self.status.get("looked"))

    @property
    def by_cron(self) -> bool:
        """Whether no daemon runs, and `run --once` had a pass within the last day."""
        return not self.alive and self.passed_at is not None and has_run_once(self.status, self.now)

    @property
    def health(self) -> Health:
        """How renewd stands. If it does not say when its last pass ended, it counts as working."""
        began = _instant(self.status.get("since")) if self.passed_at is None else None
        new = began is not None and self.now - began < STALE
        known = self.alive and "looked" in self.status and not new
        return Health(
            now=self.now,
            passed_at=self.passed_at if known else self.now,
            trouble=False,
            failing=len(self.failing),
            problems=len(self.problems),
            plans=0,
            next_mail=None,
        )

    @property
    def zone(self) -> str:
        return self.opened.loaded.household.clock if self.opened else machine_zone(os.environ)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print the status; return 0 if all is well, else 1."""
    now: datetime = args.now
    report = _look(paths, screen, now)
    if args.json:
        screen.print(json.dumps(_fields(report, screen), ensure_ascii=False))
        return 0 if report.healthy else 1
    style = "bold green" if report.healthy else "bold red"
    screen.print(screen.style(_answer(report, screen), style), "")
    _rows(screen, list(_details(report, paths, screen, now)))
    if report.healthy:
        return 0
    screen.print("", *_next_commands(report, screen))
    return screen.exit(1, "status.unhealthy")


def _look(paths: Paths, screen: Screen, now: datetime) -> _StatusReport:
    problems: list[str] = []
    opened: OpenedConfig | None = None
    failing: tuple[Failing, ...] = ()
    ledger: Ledger | None = None
    try:
        opened = open_config(paths.config, now, language=screen.words.code)
        found = opened.problems
    except ConfigError as error:
        found = error.problems
        problems.append(screen.words.say(error.code, **error.args_)) if not found else None
    problems += [say_problem(problem, screen.words.code) for problem in found if problem.severity == "error"]
    if opened is not None and (held := opened.loaded.settings.mail.held):
        problems.append(screen.words.say("delivery.reason.held", reply=held))
    if os.path.lexists(paths.state) and not os.access(paths.state, os.R_OK | os.X_OK):
        problems.append(
            screen.say(f"status.{'no-access' if paths.state.is_dir() else 'no-folder'}", folder=paths.state)
        )
        return _StatusReport(
            alive=False, status={}, failing=(), problems=tuple(problems), opened=opened, ledger=None, now=now
        )
    status, alive = read_status(paths.state), is_held(paths.state)
    if alive:
        problems = [*_of_daemon(status, opened, problems, screen, now), *problems]
    try:
        ledger = open_ledger(paths, opened)
        household = opened.loaded.household if opened else None
        failing = unreached(household, ledger, _waiting(status), now) if household else ledger.failing()
    except RenewdError as error:
        problems.append(screen.words.say(error.code, **error.args_))
    return _StatusReport(alive, status, failing, tuple(problems), opened, ledger, now)


def _of_daemon(
    status: Mapping[str, object], opened: OpenedConfig | None, found: Sequence[str], screen: Screen, now: datetime
) -> Iterator[str]:
    """Yield the problems that only the running renewd has: it may not see all of the files."""
    if opened is not None and any(_is_new(file, now) for file in opened.loaded.files):
        return  # it reads the files within a minute
    problems = status.get("problems")
    for problem in problems if isinstance(problems, list) else ():
        said = problem.get("text") if isinstance(problem, dict) else None
        text = said.get(screen.words.code) if isinstance(said, dict) else None
        if isinstance(text, str) and text not in found:
            yield screen.say("status.of-daemon", problem=text)
    plans, written = status.get("plans"), len(opened.loaded.household.plans) if opened is not None else 0
    if isinstance(plans, int) and plans < written:
        yield screen.say("status.fewer-plans", n=plans, written=written)


def _is_new(file: Path, now: datetime) -> bool:
    """Whether a file was changed within the last minute."""
    try:
        return timedelta(0) <= now - datetime.fromtimestamp(file.stat().st_mtime, UTC) < _MINUTE
    except OSError:
        return False


def _waiting(status: Mapping[str, object]) -> dict[str, datetime]:
    """Return since when each person waits for a mail, as the daemon wrote it."""
    waiting = status.get("waiting")
    found = waiting.items() if isinstance(waiting, dict) else ()
    return {str(person): at for person, text in found if (at := _instant(text))}


def _fields(report: _StatusReport, screen: Screen) -> dict[str, object]:
    return {
        "alive": report.alive,
        "since": report.status.get("since") if report.alive else None,
        "next": report.status.get("next") if report.alive or report.by_cron else None,
        "failing": [
            {"person": one.person, "since": utc_text(one.since), "error": _error(one, screen)}
            | ({"channel": one.channel} if push_of(one.channel) else {})
            for one in report.failing
        ],
        "problems": list(report.problems),
    }


def _error(failing: Failing, screen: Screen) -> str:
    return screen.words.say(f"delivery.reason.{failing.reason}", reply=failing.reply)


def _answer(report: _StatusReport, screen: Screen) -> str:
    if not report.alive and not report.by_cron:
        return screen.say("status.not-running")
    if "no-look" in report.health.wrong:
        return screen.say(
            "status.no-look", at=screen.instant(report.passed_at, report.zone) if report.passed_at else ""
        )
    if report.failing:
        return screen.say("status.not-reached", n=len(report.failing))
    if report.problems:
        return screen.say("status.mistakes", n=len(report.problems))
    return screen.say("status.well")


def _details(report: _StatusReport, paths: Paths, screen: Screen, now: datetime) -> Iterator[tuple[str, Sequence[str]]]:
    status, zone = report.status, report.zone
    if report.alive:
        since = screen.instant(_instant(status.get("since")) or now, zone)
        yield "running", [screen.say("status.since", at=since, pid=status["pid"]) if "pid" in status else since]
    elif report.by_cron and report.passed_at is not None:
        yield "running", [screen.say("status.by-cron", at=screen.instant(report.passed_at, zone))]
    if report.alive or report.by_cron:
        yield "next", [_next(report, screen)]
        if (channel := _channel(report, paths, screen)) is not None:
            yield "mails", [channel]
    if (answers := _answers(report, screen)) is not None:
        yield "answers", [answers]
    if report.opened is not None:
        yield "plans", [_plans(report.opened.loaded.household, screen, now)]
    for failing in report.failing:
        yield "not-sent", list(_not_sent(failing, report, screen))
    if report.ledger is not None:
        yield "week", [_week(report.ledger, screen, now)]
        if pushes := report.opened.loaded.settings.pushes if report.opened else {}:
            yield "pushes", [line for id_ in pushes for line in _push(id_, report, screen, now)]
    file = screen.list([paths.short(paths.config), *_read(report, screen)])
    if report.problems:
        yield "config", [file, *report.problems]
    else:
        yield "config", [screen.say("status.no-mistakes", file=file)]


def _plans(household: Household, screen: Screen, now: datetime) -> str:
    """Return how many plans there are, and how many of them are overdue: a well renewd says nothing of that."""
    said = [screen.say("status.plans", n=len(household.plans))]
    if late := overdue(household, now):
        said.append(screen.say("status.overdue", n=late, command=screen.typed("plan list")))
    return screen.list(said)


def _read(report: _StatusReport, screen: Screen) -> Iterator[str]:
    """Yield when the running renewd last read the file."""
    if report.alive and (at := _instant(report.status.get("read"))):
        yield screen.say("status.read", at=screen.instant(at, report.zone))


def _next(report: _StatusReport, screen: Screen) -> str:
    following = report.status.get("next")
    at = _instant(following.get("at")) if isinstance(following, dict) else None
    if not isinstance(following, dict) or at is None:
        return screen.say("status.nothing-next")
    people = report.opened.loaded.household.people if report.opened else {}
    person = people.get(str(following.get("to")))
    if person is None:
        return screen.say("status.next", at=screen.instant(at, report.zone), to=following.get("to"))
    return screen.say("status.next", at=screen.instant_in(at, person.zone), to=screen.person(person))


def _channel(report: _StatusReport, paths: Paths, screen: Screen) -> str | None:
    """Return where mails go, in the words of the channel that the running renewd has."""
    channel = report.status.get("channel")
    if not isinstance(channel, dict) or channel.get("name") not in CHANNELS:
        return None
    facts = {name: paths.short(Path(fact)) if name == "folder" else fact for name, fact in channel.items()}
    return screen.words.say(f"channels.{facts.pop('name')}.greeting", sender=report.status.get("sender"), **facts)


def _answers(report: _StatusReport, screen: Screen) -> str | None:
    """Return which mailbox the running renewd reads for answers, and when it last did, or what is in the way."""
    answers = report.status.get("answers") if report.alive else None
    if not isinstance(answers, dict):
        return None
    said, looked = answers.get("trouble"), _instant(answers.get("looked"))
    if isinstance(said, dict) and (text := said.get(screen.words.code)):
        return str(text)
    at = screen.say("status.read", at=screen.instant(looked, report.zone)) if looked else screen.say("status.not-read")
    return screen.list([str(answers.get("mailbox")), at])


def _not_sent(failing: Failing, report: _StatusReport, screen: Screen) -> Iterator[str]:
    line = _last_line(failing, report)
    if line is not None:
        yield f"{line.subject} -> {failing.address}"
    else:
        yield failing.address
    since = screen.instant(failing.since, report.zone)
    yield screen.say("status.failing", since=since, error=_error(failing, screen))
    following = next_try(failing, line, report.ledger.of_channel(failing.channel).backoffs() if report.ledger else {})
    if following is not None:
        yield screen.say("status.next-try", next=screen.instant(following.at, report.zone), n=following.failures)


def _last_line(failing: Failing, report: _StatusReport) -> HistoryLine | None:
    return unsent(failing, report.ledger.history() if report.ledger else ())


def _week(ledger: Ledger, screen: Screen, now: datetime, of: str = "") -> str:
    counts = ledger.counts(now - _WEEK)
    said = [screen.say(f"status.{of}sent", n=counts.get("sent", 0))]
    said += [screen.say(f"status.{of}{state}", n=counts[state]) for state in NOT_TAKEN if counts.get(state)]
    return screen.list(said)


def _push(id_: str, report: _StatusReport, screen: Screen, now: datetime) -> Iterator[str]:
    """Yield what went out by a push, and why nothing does."""
    assert report.ledger is not None  # the caller has opened it
    ledger = report.ledger.of_channel(channel_of(id_))
    yield f"{id_}{screen.words.say('service.colon')}{_week(ledger, screen, now, 'push-')}"
    for scope, backoff in ledger.backoffs().items():
        if scope.startswith("account:"):
            said = screen.words.say(f"delivery.reason.{backoff.reason}", reply=backoff.reply)
            yield screen.say("status.failing", since=screen.instant(backoff.since, report.zone), error=said)
            if backoff.reason not in UNTIL_CHANGED:
                following = screen.instant(backoff.next_try, report.zone)
                yield screen.say("status.next-try", next=following, n=backoff.failures)


def _rows(screen: Screen, rows: list[tuple[str, Sequence[str]]]) -> None:
    """Print labels with one or more lines each."""
    labels = [screen.say(f"status.label.{name}") for name, _ in rows]
    room = max(map(cells_of, labels), default=0) + 2
    for label, (_, lines) in zip(labels, rows, strict=True):
        first, *more = chain.from_iterable(wrap(line, screen.width - room) for line in lines)
        screen.print(screen.style(label, "bold") + " " * (room - cells_of(label)) + first)
        for line in more:
            screen.print(" " * room + line)


def _next_commands(report: _StatusReport, screen: Screen) -> Iterator[str]:
    if not report.alive and not report.by_cron:
        yield screen.say("status.start", command=screen.command("run"))
    if report.failing:
        line = _last_line(report.failing[0], report)
        if line is not None:
            yield screen.say("status.see-mail", command=screen.command(f"history show {line.mail}"))
    if report.problems and report.alive:
        yield screen.say("status.see-mistakes", command=screen.command("check"))


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
