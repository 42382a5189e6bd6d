"""SubTrackr 0.5 and 0.6: its JSON export or backup, or its CSV."""

from __future__ import annotations

from renewd.config.importers.columns import fields_of
from renewd.config.importers.csv_file import read_table_of
from renewd.config.importers.entry import ImportedEntry, ImportSettings
from renewd.config.importers.file_text import beginning, is_json
from renewd.config.importers.json_file import objects_of
from renewd.config.importers.rows import read_rows


def recognizes(data: bytes) -> bool:
    """Whether it is an export of SubTrackr."""
    head = beginning(data)
    return "Schedule Interval" in head or (is_json(data) and '"schedule_interval"' in head)


def read(data: bytes, settings: ImportSettings) -> list[ImportedEntry]:
    """Return its entries. Raises UsageError."""
    rows = objects_of(data, "subscriptions") if is_json(data) else read_table_of(data)
    return read_rows((fields_of(row) for row in rows), settings)
