"""Renewlet 0.3: its backup, a ZIP with data.json, or that data.json alone."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

from renewd.config.importers.columns import fields_of
from renewd.config.importers.entry import ImportedEntry, ImportSettings
from renewd.config.importers.file_text import beginning, is_json
from renewd.config.importers.json_file import MOST_BYTES, objects_of
from renewd.config.importers.rows import read_rows
from renewd.config.lengths import LengthReading, read_length
from renewd.domain.errors import UsageError

_DATA = "data.json"


def recognizes(data: bytes) -> bool:
    """Whether it is a backup of Renewlet."""
    return data.startswith(b"PK\x03\x04") or (is_json(data) and '"renewlet-export"' in beginning(data))


def read(data: bytes, settings: ImportSettings) -> list[ImportedEntry]:
    """Return its entries. Raises UsageError."""
    rows = objects_of(_unpacked(data), "data", "subscriptions")
    names = _payment_methods(data)
    return read_rows((_row(row, names) for row in rows), settings, _cycle)


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if packed.getinfo(_DATA).file_size > MOST_BYTES:
                raise UsageError("import.too-big", most=MOST_BYTES // 1024 // 1024)
            return packed.read(_DATA)
    except (zipfile.BadZipFile, KeyError, RuntimeError, EOFError) as error:
        raise UsageError("import.not-a-backup", file=_DATA) from error


def _row(row: Mapping[str, object], names: Mapping[str, str]) -> dict[str, str]:
    fields = fields_of(row)
    card = fields.get("card")
    unit, count = row.get("customCycleUnit"), row.get("customDays")
    more = {"custom": f"{count} {unit}s"} if row.get("billingCycle") == "custom" else {}
    return fields | more | ({"card": names.get(card, card.replace("_", " "))} if card else {})


def _cycle(row: Mapping[str, str]) -> LengthReading:
    return read_length(row.get("custom") or row.get("every", ""))


def _payment_methods(data: bytes) -> dict[str, str]:
    """Return the names of the payment methods that the user made, by the ids that entries refer to."""
    config = json.loads(_unpacked(data)).get("data", {}).get("customConfig") or {}
    methods = config.get("paymentMethods") if isinstance(config, dict) else None
    names: dict[str, str] = {}
    for method in methods if isinstance(methods, list) else ():
        labels = method.get("labels") if isinstance(method, dict) else None
        if isinstance(labels, dict) and isinstance(label := labels.get("zh-CN") or labels.get("en-US"), str):
            names[str(method.get("value"))] = label
    return names
