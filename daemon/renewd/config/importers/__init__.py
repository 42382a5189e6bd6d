"""Entries of other programs as plans: one module a source, with `recognizes` and `read`, and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from renewd.config.importers import csv_file, ics_file, renewd_json, renewlet, subtrackr, wallos
from renewd.config.importers.entry import ImportedEntry, ImportSettings
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
    "renewd": renewd_json,
    "ics": ics_file,
    "csv": csv_file,
}


def recognize(data: bytes) -> str:
    """Return the name of the source of a file. Raises UsageError if it is none that is known."""
    for name, importer in IMPORTERS.items():
        if importer.recognizes(data):
            return name
    raise UsageError("import.unknown", known=list(IMPORTERS))


__all__ = ["IMPORTERS", "ImportSettings", "ImportedEntry", "recognize"]
