"""`simulate`: the mails of days to come, from the real engine on a clock of its own, into a Maildir."""

from __future__ import annotations

import errno
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from renewd.cli.commands import DAYS, FROM, Command, Option
from renewd.cli.output import writing
from renewd.cli.progress import Progress
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.config.config_files import OpenedConfig
from renewd.delivery.ways import push_of
from renewd.disk import Paths
from renewd.domain.dates import day_in
from renewd.domain.errors import UsageError
from renewd.reminders import start_of

if TYPE_CHECKING:
    from renewd.delivery.events import Delivered, DeliveryEvent

COMMAND = Command(
    options=(FROM, DAYS, Option("into", "DIR", "folder", required=True)),
    examples=("simulate --days 60 --into /tmp/mails",),
)

_DAYS = 30
_MAILDIR = {"cur", "new", "tmp"}


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Write the mails. Raises UsageError where the folder holds something else."""
    now: datetime = args.now
    opened = open_file(paths, now, screen)
    household = opened.loaded.household
    start = now if args.from_ is None else start_of(args.from_, household)
    end = start_of(day_in(start, household.zone) + timedelta(days=args.days or _DAYS), household)
    into = Path(args.into)
    with writing(into):
        into.mkdir(parents=True, exist_ok=True)
        if {path.name for path in into.iterdir()} - _MAILDIR:
            raise UsageError("terminal.simulate.not-a-maildir", folder=into)
        if not os.access(into, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    sent = play(opened, paths, into, start, end, screen)
    people, pushes = household.people, opened.loaded.settings.pushes
    for mail in sent:
        person = people[mail.person]
        to = [screen.person(person)] if len(people) > 1 else []
        by = [screen.way(push_of(mail.address))] if pushes else []
        screen.print("  ".join((screen.day(day_in(mail.at, person.zone), start), *to, *by, mail.subject)))
    rung = sum(push_of(mail.address) is not None for mail in sent)
    done = [screen.say("simulate.done", n=len(sent) - rung, folder=into)]
    done += [screen.say("simulate.pushed", n=rung)] if pushes else []
    screen.print(*([""] if sent else []), screen.sentences(*done))
    return 0


def play(
    opened: OpenedConfig, paths: Paths, into: Path, start: datetime, end: datetime, screen: Screen
) -> list[Delivered]:
    """Run the engine from `start` to `end` (UTC) with a ledger in memory, and return the mails and pushes."""
    import asyncio

    from renewd.delivery.events import Delivered, Failure
    from renewd.ledger.sqlite import in_memory
    from renewd.render.overrides import Overrides
    from renewd.service.simulation import simulate

    zone = opened.loaded.household.zone
    beside = screen.on(sys.stderr)
    mails: list[Delivered] = []
    with Progress() as progress:
        ledger = in_memory()

        def tell(event: DeliveryEvent) -> None:
            if isinstance(event, Failure):
                beside.paragraph(beside.words.say("service.broken", what=f"{event.key}: {event.error}"))
            if isinstance(event, Delivered):
                mails.append(event)
                at = event.at
                progress.show(lambda: screen.words.day(day_in(at, zone)))

        asyncio.run(
            simulate(
                opened.loaded.household,
                opened.loaded.settings,
                ledger,
                base=paths.config.parent,
                into=into,
                start=start,
                end=end,
                overrides=Overrides.load(paths.config.parent / "templates"),
                tell=tell,
            )
        )
        ledger.close()
    if failed := next((mail for mail in mails if mail.outcome.result != "sent"), None):
        raise UsageError("terminal.cannot-write", path=into, why=failed.outcome.reply)
    return mails
