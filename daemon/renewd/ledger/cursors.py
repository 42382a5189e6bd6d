"""Cursors, and statements for many rows or keys at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from renewd.ledger import Pair
from renewd.ledger.sql_rows import SqlRow

_CHUNK = 4000
_MOST_VALUES = 8000  # of one statement: SQLite takes 32,766, PostgreSQL 65,535


class Cursor(Protocol):
    """A DB-API cursor with `?` for parameters."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> object: ...
    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


def marks(count: int) -> str:
    """Return `count` question marks, for the values of a statement."""
    return ", ".join("?" * count)


def insert(cursor: Cursor, sql: str, found: Sequence[Sequence[Any]], *, answered: bool = False) -> list[SqlRow]:
    """Write rows at the `{}` of a statement, as many at once as a database takes, and return what it answers."""
    answers: list[SqlRow] = []
    most = _MOST_VALUES // len(found[0]) if found else 1
    for start in range(0, len(found), most):
        chunk = found[start : start + most]
        row = f"({marks(len(chunk[0]))})"
        cursor.execute(sql.format(", ".join([row] * len(chunk))), [value for row in chunk for value in row])
        if answered:
            answers += cursor.fetchall()
    return answers


def of_keys(cursor: Cursor, sql: str, keys: Sequence[int | str], *before: int) -> Iterator[SqlRow]:
    for chunk in _chunks(keys):
        cursor.execute(sql.format(marks(len(chunk))), [*before, *chunk])
        yield from cursor.fetchall()


def of_pairs(cursor: Cursor, sql: str, pairs: Collection[Pair]) -> Iterator[SqlRow]:
    for chunk in _chunks(list(pairs)):
        asked = ", ".join(["(?, ?)"] * len(chunk))
        cursor.execute(
            f"WITH asked (person, stem) AS (VALUES {asked}) {sql}", [word for pair in chunk for word in pair]
        )
        yield from (row for row in cursor.fetchall() if row[0] is not None)


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
