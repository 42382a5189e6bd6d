"""renewd's own JSON, as `renewd export --format json` writes it."""

from __future__ import annotations

from renewd.config.importers.columns import fields_of
from renewd.config.importers.entry import ImportedEntry, ImportSettings
from renewd.config.importers.file_text import beginning, is_json
from renewd.config.importers.json_file import objects_of
from renewd.config.importers.rows import read_rows


def recognizes(data: bytes) -> bool:
    """Whether it is an export of renewd."""
    return is_json(data) and '"renewd-export"' in beginning(data)


def read(data: bytes, settings: ImportSettings) -> list[ImportedEntry]:
    """Return its entries. Raises UsageError."""
    return read_rows((fields_of(row) for row in objects_of(data, "plans")), settings)
