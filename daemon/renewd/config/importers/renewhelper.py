"""RenewHelper 3.8: its backup. Its `autoRenew` moves the date by itself, whoever pays, and so it is no autopay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from renewd.config.importers.entry import ImportedEntry, ImportSettings
from renewd.config.importers.file_text import beginning, is_json
from renewd.config.importers.json_file import objects_of
from renewd.config.importers.rows import read_rows
from renewd.config.lengths import read_length
from renewd.domain.dates import nth

_UNITS = {"daily": "days", "weekly": "weeks", "monthly": "months", "yearly": "years"}
_FINER = ("bymonth", "bymonthday", "byweekday", "bysetpos", "bycycleday")  # parts of a rule that name days


def recognizes(data: bytes) -> bool:
    """Whether it is a backup of RenewHelper."""
    head = beginning(data)
    return is_json(data) and '"meta"' in head and '"exportedAt"' in head and b'"items"' in data


def read(data: bytes, settings: ImportSettings) -> list[ImportedEntry]:
    """Return its entries. Raises UsageError."""
    return read_rows([_row(item) for item in objects_of(data, "items")], settings)


def _row(item: Mapping[str, object]) -> dict[str, str]:
    every = _every(item)
    fields = {
        "id": item.get("id"),
        "name": item.get("name"),
        "price": item.get("fixedPrice") or "",  # 0 where none was typed
        "currency": item.get("currency"),
        "every": every,
        "renews": _next(item, every),
        "starts": item.get("createDate"),
        "note": item.get("message"),
        "site": item.get("renewUrl"),
        "state": "disabled" if item.get("enabled") is False else "",
    }
    return {field: str(value) for field, value in fields.items() if value not in (None, "")}


def _every(item: Mapping[str, object]) -> str:
    rule = item.get("repeat")
    if item.get("type") != "repeat" or not isinstance(rule, dict):
        text = f"{item.get('intervalDays')} {item.get('cycleUnit') or 'day'}s"
        return f"{text} (lunar)" if item.get("useLunar") else text
    text = f"{rule.get('interval') or 1} {_UNITS.get(str(rule.get('freq')), rule.get('freq'))}"
    finer = [f"{part} {rule[part]}" for part in _FINER if rule.get(part)]
    return ", ".join([text, *finer])


def _next(item: Mapping[str, object], every: str) -> str:
    """Return the next date: the end of the latest renewal, as it was last shown, or a cycle after the last renewal."""
    history = item.get("renewHistory")
    latest = history[0] if isinstance(history, list) and history else None
    ends = latest.get("endDate") if isinstance(latest, dict) and item.get("type") != "repeat" else None
    if ends or item.get("nextDueDate"):
        return str(ends or item.get("nextDueDate"))
    cycle = read_length(every).meant
    try:
        return str(nth(date.fromisoformat(str(item.get("lastRenewDate"))), cycle[0], 1)) if cycle else ""
    except ValueError:
        return ""
