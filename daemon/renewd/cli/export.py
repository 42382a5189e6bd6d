"""`export`: the plans as CSV, JSON or a calendar for other programs; `renewd import` reads what it writes."""

from __future__ import annotations

import csv
import io
import json
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from renewd.cli.commands import Command, Option
from renewd.cli.output import write_file
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.config import Loaded
from renewd.config.edit import as_toml
from renewd.config.importers.ics_file import PLAN_PROPERTY
from renewd.disk import Paths
from renewd.domain.cancellation import has_left
from renewd.domain.charging import card_of
from renewd.domain.dates import DAY, Duration, utc_text
from renewd.domain.plans import Backup, Document, Household, Plan
from renewd.formats.ics import uid_of

_COLUMNS = (
    "id", "name", "kind", "carrier", "number", "account", "site", "renews", "every", "ends", "day", "price", "currency",
    "autopay", "pay_with", "notice", "grace", "for", "cancel_by", "state", "note", "toml",
)  # fmt: skip
_FREQUENCIES = {"days": "DAILY", "months": "MONTHLY", "years": "YEARLY"}


class ExportedPlan(NamedTuple):
    """A plan, and what a list of subscriptions holds of it as text by column."""

    plan: Plan
    row: Mapping[str, str]

    @property
    def filled(self) -> dict[str, str]:
        """The columns that are not empty."""
        return {name: value for name, value in self.row.items() if value}


def _csv(exported: Sequence[ExportedPlan], _now: datetime) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows(one.row for one in exported)
    return text.getvalue().encode("utf-8-sig")  # Excel knows UTF-8 by its mark only


def _json(exported: Sequence[ExportedPlan], now: datetime) -> bytes:
    plans = [one.filled for one in exported]
    document = {"format": "renewd-export", "exported_at": utc_text(now), "plans": plans}
    return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n".encode()


def _ics(exported: Sequence[ExportedPlan], now: datetime) -> bytes:
    from icalendar import Calendar, Event, vText

    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//renewd//renewd//EN")
    for one in exported:
        on, every = _series(one.plan)
        event = Event()
        event.add("UID", uid_of(f"@export/{one.plan.id}"))
        event.add("DTSTAMP", now)
        event.add("DTSTART", on)
        event.add("DTEND", on + DAY)
        if every and every.unit in _FREQUENCIES:
            event.add("RRULE", _rule(one.plan, every))
        event.add("SUMMARY", one.plan.name)
        if one.row["price"]:
            event.add("DESCRIPTION", f"Price: {one.row['price']} {one.row['currency']}")
        event[PLAN_PROPERTY] = vText(b64encode(json.dumps(one.filled).encode()).decode())  # needs no escaping
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def _series(plan: Plan) -> tuple[date, Duration | None]:
    """Return the next date of a plan and its cycle: those of its use where it has no other."""
    if plan.renews is None and plan.keep_alive is not None:
        return plan.keep_alive.due, plan.keep_alive.every
    assert plan.renews is not None  # one of the two is there
    return plan.renews, plan.every


def _rule(plan: Plan, every: Duration) -> dict[str, object]:
    rule: dict[str, object] = {"FREQ": _FREQUENCIES[every.unit], "INTERVAL": every.n}
    if plan.day == 31:
        rule["BYMONTHDAY"] = -1
    if plan.ends:
        rule["UNTIL"] = plan.ends - timedelta(days=1)
    return rule


_WRITERS: Mapping[str, Callable[[Sequence[ExportedPlan], datetime], bytes]] = {"csv": _csv, "json": _json, "ics": _ics}

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
    loaded = open_file(paths, now, screen, as_it_runs=False).loaded
    exported = [_exported(plan, loaded) for plan in loaded.household.plans.values()]
    data = _WRITERS[args.format](exported, now)
    if args.output is None:
        screen.raw(data)
        _say_what_is_lost(loaded.household, screen.on(sys.stderr))
        return 0
    write_file(Path(args.output), data)
    screen.print(screen.words.say("import.exported", n=len(exported), file=args.output))
    if more := sum(bool(one.row["toml"]) for one in exported):
        screen.paragraph(screen.words.say("import.exported-more", n=more))
    _say_what_is_lost(loaded.household, screen)
    return 0


def _say_what_is_lost(household: Household, screen: Screen) -> None:
    """Say what no form holds: a plan names its card, but not when that card expires."""
    if cards := [card.name for card in household.cards.values() if card.expires]:
        screen.paragraph(screen.words.say("import.not-exported", n=len(cards), cards=screen.list(cards)))


def _exported(plan: Plan, loaded: Loaded) -> ExportedPlan:
    card = card_of(plan, loaded.household)
    cancel = plan.cancel
    written = loaded.good.plan[plan.id].raw
    more = _without_column(plan, written) if isinstance(written, dict) else {}
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
        "pay_with": card.name if card else plan.pay_with,
        "notice": plan.notice,
        "grace": plan.grace,
        "for": ",".join(plan.told),
        "cancel_by": cancel.by if cancel else None,
        "state": "cancelled" if has_left(plan) else "active",
        "note": plan.note,
        "toml": as_toml(more) if more else None,
    }
    return ExportedPlan(plan, {name: "" if value is None else str(value) for name, value in values.items()})


def _without_column(plan: Plan, written: Mapping[str, Any]) -> dict[str, object]:
    """Return the keys of a plan that no other column holds whole; paths that hold from any folder."""
    more = {name: value for name, value in written.items() if name not in _COLUMNS or name == "account"}
    if more.get("account", {}).keys() <= {"id"}:
        more.pop("account", None)
    with_paths: Mapping[str, Sequence[Backup | Document]] = {"backup": plan.backups, "document": plan.documents}
    for name, items in with_paths.items():
        if name in more:
            pairs = zip(more[name], items, strict=True)
            more[name] = [{**table, "path": item.path} if item.path else table for table, item in pairs]
    return more
