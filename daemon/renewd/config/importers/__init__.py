"""Entries of other programs as plans: one module a source, with `recognizes` and `read`, and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from renewd.config.importers import csv_file, ics_file, renewd_json, renewhelper, renewlet, subtrackr, wallos
from renewd.config.importers.entry import ImportedEntry, ImportSettings
from renewd.config.importers.file_text import is_json, refuse_what_is_no_list
from renewd.config.importers.json_file import parse_json
from renewd.domain.errors import UsageError


class Importer(Protocol):
    """A module of this folder that reads the files of one program."""

    def recognizes(self, data: bytes) -> bool:
        """Whether a file is one of this program."""

    def read(self, data: bytes, settings: ImportSettings) -> list[ImportedEntry]:
        """Return its entries. Raises UsageError."""


# asked in this order, as any text may be a CSV
IMPORTERS: Mapping[str, Importer] = {
    "wallos": wallos,
    "renewlet": renewlet,
    "subtrackr": subtrackr,
    "renewhelper": renewhelper,
    "renewd": renewd_json,
    "ics": ics_file,
    "csv": csv_file,
}


def recognize(data: bytes, named: str | None = None) -> str:
    """Return the name of a file's source, which the user may have named. Raises UsageError if it is not known."""
    refuse_what_is_no_list(data)
    if named:
        return named
    for name, importer in IMPORTERS.items():
        if importer.recognizes(data):
            return name
    if is_json(data):
        has_entries = parse_json(data)  # which says where it ends too early, or is wrong
        raise UsageError("import.unknown-json" if has_entries else "import.empty", known=list(IMPORTERS))
    raise UsageError("import.not-text", known=list(IMPORTERS))


__all__ = ["IMPORTERS", "ImportSettings", "ImportedEntry", "recognize"]
