"""Copies of a whole ledger from one database to another: from SQLite to PostgreSQL, or back."""

# ruff: noqa: S608  # the SQL contains only the names below

from __future__ import annotations

from collections.abc import Callable, Mapping

from renewd.ledger import LedgerError
from renewd.ledger.cursors import Cursor, marks
from renewd.ledger.mails import settle
from renewd.ledger.sql import Database, SqlLedger

_CHUNK = 500  # mails at a time, whose bytes are in memory together
_BY_ID: Mapping[str, str] = {
    "mail": "id, person, address, account, message_id, subject, state, created, at, tries, next_try, channel",
    "attempt": "id, mail, at, result, scope, reason, code, reply, permanent",
}
_OF_MAIL = "mail, person, stem, lead, plan, kind, held, channel"
_SMALL: Mapping[str, str] = {
    "backoff": "scope, failures, since, next_try, reason, reply, stamp",
    "form": "plan, fingerprint, since",
    "revision": "uid, sequence, fingerprint, changed",
    "look": "at",
}


class NotEmptyError(LedgerError):
    """The ledger that mails were to be copied into has mails already."""


def copy(source: SqlLedger, target: Database, tell: Callable[[int], None]) -> int:
    """Copy everything, under the same numbers, or nothing. Return the number of mails; `tell` hears it as it grows.

    Raises NotEmptyError if the target has mails, LedgerError if one cannot be read or written.
    """
    ended = source.ended()
    with source.database.reading() as from_, target.writing() as into:
        into.execute("SELECT COUNT(*) FROM mail")
        if into.fetchone()[0]:
            raise NotEmptyError("delivery.ledger-not-empty")
        count = _mails(from_, into, tell)
        for table, columns in _SMALL.items():
            into.execute(f"DELETE FROM {table}")
            from_.execute(f"SELECT {columns} FROM {table}")
            _insert(into, table, columns, from_.fetchall())
        settle(into, ended)
        target.count_on(into)
    return count


def _mails(from_: Cursor, into: Cursor, tell: Callable[[int], None]) -> int:
    count = last = 0
    while True:
        from_.execute(f"SELECT {_BY_ID['mail']} FROM mail WHERE id > ? ORDER BY id LIMIT {_CHUNK}", (last,))
        mails = from_.fetchall()
        if not mails:
            return count
        _insert(into, "mail", _BY_ID["mail"], mails)
        between = (last, mails[-1][0])
        for table, columns in (("content", "mail, data"), ("reminder", _OF_MAIL), ("attempt", _BY_ID["attempt"])):
            from_.execute(f"SELECT {columns} FROM {table} WHERE mail > ? AND mail <= ?", between)
            _insert(into, table, columns, from_.fetchall())
        last = mails[-1][0]
        count += len(mails)
        tell(count)


def _insert(into: Cursor, table: str, columns: str, found: list[tuple[object, ...]]) -> None:
    into.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks(len(columns.split(', ')))})", found)
