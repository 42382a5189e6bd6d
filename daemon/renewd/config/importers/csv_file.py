"""Any CSV with a header of known columns: with `,`, `;` or tabs, in UTF-8, UTF-16 or GBK, as Excel writes it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from renewd.config.importers.columns import fields_of, knows_a_list, passed_over
from renewd.config.importers.entry import ImportedEntry, ImportSettings, Remark
from renewd.config.importers.file_text import is_json, is_text, text_of
from renewd.config.importers.rows import read_rows
from renewd.domain.errors import UsageError

_DELIMITERS = ",;\t|"


def recognizes(data: bytes) -> bool:
    """Whether its first line can be a header: any text may be a CSV, but JSON."""
    return is_text(data) and not is_json(data)


def read(data: bytes, settings: ImportSettings) -> list[ImportedEntry]:
    """Return its entries. Raises UsageError."""
    rows = read_table_of(data)
    entries = read_rows(map(fields_of, rows), settings)
    return [
        replace(entry, remarks=(*entry.remarks, *_not_taken(row))) for entry, row in zip(entries, rows, strict=True)
    ]


def _not_taken(row: dict[str, str]) -> Iterator[Remark]:
    for field, column, text in passed_over(row):
        yield Remark(field, "import.column-passed-over", {"column": column, "written": text})


def read_table_of(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV by header. Raises UsageError if there is no header with a name and a date."""
    text = text_of(data)
    lines = text.splitlines()
    if lines and (told := lines[0].lower().strip()).startswith("sep=") and len(told) == 5:  # Excel's own
        text, lines = text.split("\n", 1)[-1], lines[1:]
    header = next((line for line in lines if line.strip()), "")
    delimiter = max(_DELIMITERS, key=header.count)
    table = _rows(text, delimiter)
    if not table or not knows_a_list(table[0]):
        raise UsageError("import.no-header", header=header[:100])
    names = _told_apart(table[0])
    if not text.endswith(("\n", "\r")) and len(table[-1]) < len(names) <= min(map(len, table[:-1])):
        raise UsageError("import.truncated", line=len(lines))
    for number, row in enumerate(table[1:], 2):
        if any(value.strip() for value in row[len(names) :]):
            raise UsageError("import.too-many-columns", line=number)
    return [dict(zip(names, row, strict=False)) for row in table[1:]]


def _told_apart(headers: Iterable[str]) -> list[str]:
    """Return headers of which no two are equal.

    >>> _told_apart(["Name", "Price", "Price"])
    ['Name', 'Price', 'Price (2)']
    """
    seen: Counter[str] = Counter()
    names = []
    for header in headers:
        seen[header] += 1
        names.append(f"{header} ({seen[header]})" if seen[header] > 1 else header)
    return names


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the rows that hold anything. A quotation mark within a text is taken as it stands, as people write it."""
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise UsageError("import.open-quote", line=text.count("\n") + 1) from error
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [row for row in rows if any(map(str.strip, row))]
    except csv.Error as error:
        raise UsageError("import.not-csv", reason=str(error)) from error
