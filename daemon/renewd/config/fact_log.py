"""The facts that were recorded in the last 7 days, kept in the state folder: when, by whom and by which way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

from renewd.disk import read_json, replace
from renewd.domain.dates import utc_text
from renewd.domain.fact_changes import ChangeNote
from renewd.domain.money import Money

FILENAME = "recorded.json"
_KEPT_FOR = timedelta(days=7)
_MOST = 200  # records that are kept

Way = Literal["command", "page", "mail", "answer"]


class FactRecord(NamedTuple):
    """One recorded fact, and what it means. `person` is None for a command; facts of one write share `write`."""

    at: datetime
    person: str | None
    way: Way
    plan: str
    what: str
    says: tuple[ChangeNote, ...]
    write: str


class PersonRecorded(NamedTuple):
    """A person recorded facts from where they are, or took them back: each is the id of its plan, and what it says."""

    person: str
    way: Way
    facts: tuple[tuple[str, str], ...]
    undone: bool = False


def read_log(folder: Path, now: datetime) -> tuple[FactRecord, ...]:
    """Return what was recorded in the 7 days before an instant, newest first."""
    with suppress(OSError, ValueError, KeyError, TypeError, ArithmeticError):
        found = [_from_json(one) for one in read_json(folder / FILENAME)]
        return tuple(record for record in found if record.at > now - _KEPT_FOR)
    return ()


def facts_of(records: Sequence[FactRecord]) -> tuple[tuple[str, str], ...]:
    """Return the plan of each record, and what was recorded of it."""
    return tuple((one.plan, one.what) for one in records)


def add_to_log(folder: Path, records: Sequence[FactRecord]) -> None:
    """Add records, newest first. Where the folder cannot be written, they are left out."""
    _write(folder, [*records, *read_log(folder, records[0].at)][:_MOST])


def remove_from_log(folder: Path, write: str, now: datetime) -> None:
    """Remove the records of a write that was taken back."""
    _write(folder, [record for record in read_log(folder, now) if record.write != write])


def _write(folder: Path, records: Sequence[FactRecord]) -> None:
    with suppress(OSError):
        replace(folder / FILENAME, json.dumps([_as_json(record) for record in records], ensure_ascii=False))


def _as_json(record: FactRecord) -> dict[str, object]:
    says = [[said.key, {name: _packed(value) for name, value in said.args.items()}] for said in record.says]
    return {**record._asdict(), "at": utc_text(record.at), "says": says}


def _from_json(one: Mapping[str, Any]) -> FactRecord:
    says = tuple(ChangeNote(key, {name: _unpacked(value) for name, value in args.items()}) for key, args in one["says"])
    return FactRecord(**{**one, "at": datetime.fromisoformat(one["at"]), "says": says})


def _packed(value: object) -> object:
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    return {"day": value.isoformat()} if isinstance(value, date) else value if isinstance(value, int) else str(value)


def _unpacked(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    if "day" in value:
        return date.fromisoformat(value["day"])
    return Money(Decimal(value["amount"]), value["currency"])
