"""`plan list`: the plans with what comes next of each, and what a year costs."""

from __future__ import annotations

import json
from datetime import datetime
from types import SimpleNamespace

from renewd.cli.commands import JSON, Command
from renewd.cli.reading import open_file
from renewd.cli.screen import LONGEST_NAME, Screen
from renewd.disk import Paths
from renewd.domain.charging import card_of
from renewd.domain.money import Money, amount_text
from renewd.domain.plans import Household
from renewd.reminders.plan_overview import PlanRow, overview, totals
from renewd.render.table import shortened

COMMAND = Command(
    options=(JSON,),
    examples=("plan list",),
)

_STYLES = {"now": "bold red", "soon": "yellow", "": ""}


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print a row a plan, the most urgent first."""
    now: datetime = args.now
    household = open_file(paths, now, screen, needs_plans=False).loaded.household
    rows = overview(household, now)
    if args.json:
        screen.print(json.dumps([_fields(row) for row in rows], ensure_ascii=False, indent=1))
    elif not rows:
        screen.paragraph(screen.say("plan.none", command=screen.command("plan add")))
    else:
        _print_table(rows, household, screen, now)
    return 0


def _fields(row: PlanRow) -> dict[str, object]:
    plan = row.plan
    return {
        "plan": plan.id,
        "name": plan.name,
        "kind": plan.kind,
        "for": list(plan.told),
        "autopay": plan.autopay,
        "next": row.next,
        "date": str(row.day) if row.day else None,
        "each": _amount(row.each),
        "year": _amount(row.year),
        "currency": plan.currency,
    }


def _amount(money: Money | None) -> str | None:
    return amount_text(money) if money is not None else None


def _print_table(rows: tuple[PlanRow, ...], household: Household, screen: Screen, now: datetime) -> None:
    def money(amount: Money | None, nothing: str = "plan.nothing") -> str:
        if amount is None:
            return "-"
        return screen.words.money(amount, many=household.many_currencies) if amount.amount else screen.say(nothing)

    def line(row: PlanRow) -> list[str | tuple[str, str]]:
        return [
            row.plan.id,
            shortened(row.plan.name, LONGEST_NAME),
            row.plan.last_four or "-",
            _paid_by(row, household, screen),
            (_next(row, screen), _STYLES[row.urgent]),
            (screen.day(row.day, now) if row.day else "-", _STYLES[row.urgent]),
            money(row.each, "agenda.free"),
            money(row.year),
        ]

    lines: list[list[str | tuple[str, str]]] = []
    groups = {kind: [row for row in rows if row.plan.kind == kind] for kind in ("line", "other")}
    for kind, members in groups.items():
        if all(groups.values()):
            lines.append([(screen.say(f"plan.groups.{kind}s"), "bold"), "", "", "", "", "", "", ""])
        lines += map(line, members)
    heading = screen.say("plan.total")
    for total in totals(rows):
        lines.append([(heading, "bold"), "", "", "", "", "", "", (money(total), "bold")])
        heading = ""
    names = ("id", "name", "line", "paid-by", "next", "date", "each", "year")
    screen.table(lines, tuple(screen.say(f"plan.heading.{name}") for name in names), "llllllrr", drop=(3, 2))
    screen.print("", screen.say("plan.order"))
    unknown = sum(row.unpriced for row in rows)
    if unknown:
        screen.print(screen.say("plan.unknown", n=unknown))


def _next(row: PlanRow, screen: Screen) -> str:
    return screen.say(f"plan.next.{row.words}") if row.words else "-"


def _paid_by(row: PlanRow, household: Household, screen: Screen) -> str:
    pays = row.plan.pay_with
    if pays == "balance":
        return screen.say("plan.balance")
    card = card_of(row.plan, household)
    return card.name if card else pays or "-"
