"""`calendar`: the .ics of everybody, of one person, or of some plans, as it stands; nothing is recorded."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from renewd.calendar.builder import CalendarContext, calendar_for
from renewd.calendar.files import LARGEST
from renewd.cli.commands import ON, Command, Option
from renewd.cli.output import write_file
from renewd.cli.reading import open_file, open_ledger, unknown
from renewd.cli.screen import Screen
from renewd.config.config_files import OpenedConfig
from renewd.disk import Paths
from renewd.domain.dates import day_in
from renewd.domain.plans import Household, Person, Plan
from renewd.ledger import Ledger, Revision, no_revisions
from renewd.reminders import start_of

COMMAND = Command(
    options=(
        ON,
        Option("plan", "P", many=True),
        Option("person", "P"),
        Option("output", "F", "file"),
    ),
    examples=("calendar --output renewd.ics", "calendar --person mom --output mom.ics"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Write the calendar to a file or to standard output."""
    now: datetime = args.now
    opened = open_file(paths, now, screen)
    household = opened.loaded.household
    today = args.on or day_in(now, household.zone)
    reader, plans = _asked(args, household)
    cards_of = [] if args.plan else [reader]
    if args.person is None and not args.plan:
        cards_of += household.people.values()
    # An event that the ledger does not know, or knows otherwise, is as of this day: the same facts, the same bytes.
    data = calendar_for(
        CalendarContext(household=household, settings=opened.loaded.settings.calendar, today=today),
        reader,
        plans,
        cards_of,
        no_revisions if args.on else _Lazy(paths, opened),
        start_of(today, household),
    )
    if args.output is None:
        screen.raw(data)
    else:
        write_file(Path(args.output), data)
    if len(data) > LARGEST:
        beside = screen.on(sys.stderr)
        beside.paragraph(beside.say("calendar.large", size=len(data) // 1000))
    return 0


def _asked(args: SimpleNamespace, household: Household) -> tuple[Person, Sequence[Plan]]:
    """Return the reader of the calendar, and the plans that it shows."""
    people, plans = household.people, household.plans
    if args.person is not None and args.person not in people:
        raise unknown("person", args.person, people)
    for plan in args.plan or ():
        if plan not in plans:
            raise unknown("plan", plan, plans)
    reader = people[args.person] if args.person is not None else household.owner
    of_reader = household.plans_of(reader.id) if args.person is not None else tuple(plans.values())
    return reader, [plan for plan in of_reader if not args.plan or plan.id in args.plan]


class _Lazy:
    """Asks the ledger, opened when it is first asked."""

    def __init__(self, paths: Paths, opened: OpenedConfig) -> None:
        self._paths, self._opened = paths, opened
        self._ledger: Ledger | None = None

    def __call__(self, keys: Sequence[str]) -> Mapping[str, Revision]:
        if self._ledger is None:
            self._ledger = open_ledger(self._paths, self._opened)
        return self._ledger.revisions(keys)
