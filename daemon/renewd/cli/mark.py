"""`mark`: records a fact in the file that holds the plan, and shows what it changed; every other line stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace

from renewd.cli.commands import ON, PLAN, Argument, Command, Option
from renewd.cli.diff import diff
from renewd.cli.reading import open_file, the_plan
from renewd.cli.screen import Screen
from renewd.config.config_files import OpenedConfig
from renewd.config.record_fact import Recorded, record, recording
from renewd.disk import Paths
from renewd.domain.dates import day_in
from renewd.domain.fact_changes import FACTS, ChangeNote, Fact
from renewd.domain.plans import Household, Plan
from renewd.render.markup import joined, own, plain

COMMAND = Command(
    arguments=(PLAN, Argument("WHAT", choices=FACTS), Argument("ITEM", optional=True, takes="item")),
    options=(
        ON,
        Option("until", "D", "day"),
        Option("amount", "X", "amount"),
        Option("reference", "R", "words"),
        Option("by", "D", "day"),
        Option("how", "H", choices=("cancel", "lapse")),
        Option("number", "N", choices=("port", "drop", "move")),
    ),
    examples=(
        "mark tello renewed",
        "mark tello renewed --on 2026-12-04 --amount 5",
        'mark main paid "October overage"',
        "mark tello snoozed --until 2026-12-20",
        "mark main leaving --by 2027-03-01 --number port",
    ),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Write a fact down. Raises UsageError where it cannot be, or it is not clear what is meant."""
    now: datetime = args.now

    def attempt() -> tuple[OpenedConfig, Plan, Recorded]:
        opened = open_file(paths, now, screen, as_it_runs=False, needs_plans=False)
        plan = the_plan(opened, args.plan)
        fact = Fact(
            what=args.what,
            today=day_in(now, plan.zone),
            item=args.item,
            on=args.on,
            until=args.until,
            amount=args.amount,
            reference=args.reference,
            by=args.by,
            how=args.how,
            number=args.number,
        )
        return opened, plan, record(opened, paths.state, [(plan, fact)], now)

    opened, plan, recorded = recording(paths.state, attempt)
    _say(screen, plan, opened.loaded.household, recorded.records[0].says)
    [changed] = recorded.changes
    screen.print("", *diff(screen, changed.file.name, changed.before, changed.after), "")
    screen.print(
        screen.say("mark.undo", command=screen.command("undo")) if recorded.kept else screen.say("mark.no-undo")
    )
    return 0


def _say(screen: Screen, plan: Plan, household: Household, says: Sequence[ChangeNote]) -> None:
    many = household.many_currencies
    for said in says:
        args = dict(said.args)
        if "money" in args:
            args["money"] = screen.words.money(args["money"], many=many)  # type: ignore[arg-type]
        if "item" in args:
            args["item"] = own(str(args["item"]))
        words = screen.say(f"mark.{said.key}", name=own(plan.name), **args)
        screen.paragraph(plain(joined(words, screen.words.code)))
