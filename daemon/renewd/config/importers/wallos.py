"""Wallos 5.4: the JSON or CSV of its profile page. Prices begin with a sign, and texts are escaped for HTML."""

from __future__ import annotations

import html

from renewd.config.importers.columns import fields_of
from renewd.config.importers.csv_file import read_table_of
from renewd.config.importers.entry import ImportedEntry, ImportSettings
from renewd.config.importers.file_text import beginning, is_json
from renewd.config.importers.json_file import objects_of
from renewd.config.importers.rows import read_rows

_OWN = "Payment Cycle"


def recognizes(data: bytes) -> bool:
    """Whether it is an export of Wallos."""
    return _OWN in beginning(data)


def read(data: bytes, settings: ImportSettings) -> list[ImportedEntry]:
    """Return its entries. Raises UsageError."""
    rows = objects_of(data) if is_json(data) else read_table_of(data)
    return read_rows(({field: html.unescape(text) for field, text in fields_of(row).items()} for row in rows), settings)
