"""`history`: what was sent to whom, tried, refused, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace

from renewd.cli.commands import JSON, Command, Option
from renewd.cli.reading import open_file, open_ledger, the_plan
from renewd.cli.screen import Screen
from renewd.delivery.ways import push_of
from renewd.disk import Paths
from renewd.domain.dates import utc_text
from renewd.domain.plans import Household
from renewd.ledger import Attempt, HistoryLine
from renewd.render.table import StyledText, cells_of, shortened

COMMAND = Command(
    options=(Option("plan", "PLAN"), JSON),
    examples=("history --plan tello",),
)

STATES_BY_REASON = ("stored", "push-accepted", "push-handed-over", "push-taken-back", "push-replaced")
_STYLES = {"sent": "", "sending": "", "failed": "bold red", "unknown": "yellow", "unknown-final": "yellow"}


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print the latest mails and pushes, newest first."""
    opened = open_file(paths, args.now, screen, needs_plans=False)
    household = opened.loaded.household
    if args.plan and not args.plan.isascii():  # no id
        the_plan(opened, args.plan)
    lines = open_ledger(paths, opened).history(plan=args.plan)
    ways = bool(opened.loaded.settings.pushes) or any(push_of(line.channel) for line in lines)
    if args.json:
        read = [fields(line) | ({"channel": line.channel} if ways else {}) for line in lines]
        screen.print(json.dumps(read, ensure_ascii=False, indent=1))
        return 0
    if not lines and args.plan:
        the_plan(opened, args.plan)  # which says so where there is none
    if not lines:
        screen.paragraph(screen.say("history.nothing-of" if args.plan else "history.nothing", plan=args.plan))
        return 0
    headings = ("id", "at", "to", *(("way",) if ways else ()), "state", "subject")
    names = tuple(screen.say(f"history.heading.{name}") for name in headings)
    rows = [_row(line, household, screen, ways=ways) for line in lines]
    columns = zip(names, _columns(rows), strict=False)
    room = screen.width - sum(max(map(cells_of, (name, *column))) + 2 for name, column in columns)
    cut = [[*row, shortened(_subject(line, screen), max(room, 20))] for row, line in zip(rows, lines, strict=True)]
    screen.table(cut, names, "r" + "l" * len(names[1:]))
    screen.print("", screen.say("history.see", command=screen.command(f"history show {lines[0].mail}")))
    return 0


def _row(line: HistoryLine, household: Household, screen: Screen, *, ways: bool) -> list[StyledText]:
    person = household.people.get(line.person)
    return [
        str(line.mail),
        screen.instant(line.at, household.clock),
        screen.person(person) if person else line.person,
        *([screen.way(push_of(line.channel))] if ways else []),
        (state(line, screen), _STYLES[line.state]),
    ]


def state(line: HistoryLine, screen: Screen) -> str:
    """Return how a message stands: a mail in a Maildir is stored, a push as its service said or as it was left."""
    reason = line.last.outcome.reason if line.last is not None else ""
    word = reason if line.state == "sent" and reason in STATES_BY_REASON else line.state
    return screen.words.say(f"delivery.state.{word}")


def _subject(line: HistoryLine, screen: Screen) -> str:
    """Return the subject of a mail; of a connection that failed before any, why."""
    if line.person or line.last is None:
        return line.subject
    outcome = line.last.outcome
    return screen.words.say(f"delivery.reason.{outcome.reason}", reply=outcome.reply)


def _columns(rows: list[list[StyledText]]) -> Iterator[list[str]]:
    for column in zip(*rows, strict=True):
        yield [cell if isinstance(cell, str) else cell[0] for cell in column]


def keys(line: HistoryLine) -> list[str]:
    """Return the keys of the reminders in a mail, without `welcome`, which only notes a person's first mail."""
    return [reminder.key for reminder in line.reminders if reminder.kind != "welcome"]


def fields(line: HistoryLine) -> dict[str, object]:
    """Return a mail as `--json` prints it."""
    return {
        "id": line.mail,
        "at": utc_text(line.at),
        "to": line.person or None,
        "address": line.address,
        "subject": line.subject,
        "state": line.state,
        "tries": line.tries,
        "next_try": utc_text(line.next_try) if line.next_try else None,
        "message_id": line.message_id,
        "keys": keys(line),
        "last": attempt_fields(line.last) if line.last else None,
    }


def attempt_fields(attempt: Attempt) -> dict[str, object]:
    """Return a try as `--json` prints it."""
    outcome = attempt.outcome
    return {
        "at": utc_text(attempt.at),
        "result": outcome.result,
        "reason": outcome.reason,
        "code": outcome.code,
        "reply": outcome.reply,
    }
