"""`export`: the plans as CSV, JSON or a calendar for other programs; `renewd import` reads what it writes."""

from __future__ import annotations

import csv
import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from renewd.cli.commands import Command, Option
from renewd.cli.output import write_file
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.config.importers.ics_file import PLAN_PROPERTY
from renewd.disk import Paths
from renewd.domain.cancellation import has_left
from renewd.domain.dates import DAY, utc_text
from renewd.domain.plans import Household, Plan
from renewd.formats.ics import uid_of

_COLUMNS = (
    "id", "name", "kind", "carrier", "number", "account", "site", "renews", "every", "ends", "day", "price", "currency",
    "autopay", "pay_with", "notice", "grace", "for", "cancel_by", "state", "note",
)  # fmt: skip
_FREQUENCIES = {"days": "DAILY", "months": "MONTHLY", "years": "YEARLY"}

ExportRow = Mapping[str, str]


def _csv(rows: Iterable[ExportRow], _now: datetime) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")  # Excel knows UTF-8 by its mark only


def _json(rows: Iterable[ExportRow], now: datetime) -> bytes:
    plans = [{name: value for name, value in row.items() if value} for row in rows]
    document = {"format": "renewd-export", "exported_at": utc_text(now), "plans": plans}
    return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n".encode()


def _ics(rows: Iterable[ExportRow], now: datetime) -> bytes:
    from icalendar import Calendar, Event, vText

    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//renewd//renewd//EN")
    for row in rows:
        if not row["renews"]:
            continue
        event = Event()
        event.add("UID", uid_of(f"@export/{row['id']}"))
        event.add("DTSTAMP", now)
        renews = datetime.fromisoformat(row["renews"]).date()
        event.add("DTSTART", renews)
        event.add("DTEND", renews + DAY)
        if row["every"]:
            event.add("RRULE", _rule(row))
        event.add("SUMMARY", row["name"])
        if row["price"]:
            event.add("DESCRIPTION", f"Price: {row['price']} {row['currency']}")
        plan = json.dumps({name: value for name, value in row.items() if value})
        event[PLAN_PROPERTY] = vText(b64encode(plan.encode()).decode())  # no character of it has to be escaped
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def _rule(row: ExportRow) -> dict[str, object]:
    n, unit = row["every"].split()
    rule: dict[str, object] = {"FREQ": _FREQUENCIES[f"{unit.removesuffix('s')}s"], "INTERVAL": int(n)}
    if row["day"] == "31":
        rule["BYMONTHDAY"] = -1
    if row["ends"]:
        rule["UNTIL"] = datetime.fromisoformat(row["ends"]).date() - timedelta(days=1)
    return rule


_WRITERS: Mapping[str, Callable[[Iterable[ExportRow], datetime], bytes]] = {"csv": _csv, "json": _json, "ics": _ics}

COMMAND = Command(
    options=(
        Option("format", "FORMAT", choices=tuple(_WRITERS), required=True),
        Option("output", "F", "file"),
    ),
    examples=("export --format csv --output plans.csv", "export --format ics"),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Write the plans to a file or to standard output. Raises UsageError if the file cannot be written."""
    now: datetime = args.now
    household = open_file(paths, now, screen, as_it_runs=False).loaded.household
    data = _WRITERS[args.format](rows_of(household), now)
    if args.output is None:
        screen.raw(data)
        return 0
    write_file(Path(args.output), data)
    screen.print(screen.words.say("import.exported", n=len(household.plans), file=args.output))
    return 0


def rows_of(household: Household) -> list[ExportRow]:
    """Return what a list of subscriptions holds of each plan, as text."""
    return [_row(plan, household) for plan in household.plans.values()]


def _row(plan: Plan, household: Household) -> ExportRow:
    card = household.cards.get(plan.pay_with or "")
    cancel = plan.cancel
    values: dict[str, object] = {
        "id": plan.id,
        "name": plan.name,
        "kind": plan.kind,
        "carrier": plan.carrier.id if plan.carrier else None,
        "number": plan.number,
        "account": plan.account.id,
        "site": plan.site,
        "renews": plan.renews,
        "every": plan.every,
        "ends": plan.ends,
        "day": plan.day,
        "price": None if plan.price is None else f"{plan.price:f}",
        "currency": plan.currency,
        "autopay": "yes" if plan.autopay else "no",
        "pay_with": card.name if card else None,
        "notice": plan.notice,
        "grace": plan.grace,
        "for": ",".join(plan.told),
        "cancel_by": cancel.by if cancel else None,
        "state": "cancelled" if has_left(plan) else "active",
        "note": plan.note,
    }
    return {name: "" if value is None else str(value) for name, value in values.items()}
