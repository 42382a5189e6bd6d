"""`mark`: records a fact in the file that holds the plan, and shows what it changed; every other line stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace

from renewd.cli.diff import diff
from renewd.cli.paths import Paths
from renewd.cli.reading import open_file, the_plan
from renewd.cli.screen import Screen
from renewd.cli.undo import locked, remember
from renewd.config.edit import append_table, find_plan_file, read, remove, set_value, write
from renewd.dates import day_in
from renewd.errors import UsageError
from renewd.marks import Append, Change, Fact, Remove, Said, mark
from renewd.plans import Household, Plan


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Write a fact down. Raises UsageError where it cannot be, or it is not clear what is meant."""
    with locked(paths.config):
        now: datetime = args.now
        opened = open_file(paths, now, screen, as_it_runs=False)
        plan = the_plan(opened, args.plan)
        fact = Fact(
            what=args.what,
            today=day_in(now, plan.zone),
            item=args.item,
            on=args.on,
            until=args.until,
            amount=args.amount,
            reference=args.reference,
        )
        marked = mark(plan, fact)
        file = find_plan_file(opened.loaded.files, plan.id)
        if file is None:
            raise UsageError("terminal.mark.no-file", plan=plan.id)
        before = read(file)
        after = changed(before, plan.id, marked.changes)
        kept = remember(paths.state, file, before, after)
        write(file, after)
    _say(screen, plan, opened.loaded.household, marked.says)
    screen.print("", *diff(screen, file.name, before, after), "")
    screen.print(screen.say("mark.undo", command=screen.command("undo")) if kept else screen.say("mark.no-undo"))
    return 0


def changed(text: str, plan: str, changes: Sequence[Change]) -> str:
    """Give the text with the changes to one plan made, and nothing else. Raises UsageError."""
    for change in changes:
        path = ("plan", plan, *change.path)
        if isinstance(change, Append):
            text = append_table(text, path, change.table)
        elif isinstance(change, Remove):
            text = remove(text, path)
        else:
            text = set_value(text, path, change.value)
    return text


def _say(screen: Screen, plan: Plan, household: Household, says: Sequence[Said]) -> None:
    many = household.many_currencies
    for said in says:
        args = dict(said.args)
        if "money" in args:
            args["money"] = screen.words.money(args["money"], many=many)  # type: ignore[arg-type]
        screen.paragraph(screen.say(f"mark.{said.key}", name=plan.name, **args))
