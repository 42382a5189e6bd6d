"""The rows of the ledger in the model of its protocol: written into a database, and read back after each step.

Rows of another channel are there all the time, which no step may touch.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

from renewd.ledger import postgres
from renewd.ledger.cursors import Cursor
from renewd.ledger.mails import abandon
from renewd.ledger.sql import SqlLedger
from renewd.ledger.sql_rows import number
from renewd.ledger.sqlite import SqliteDatabase
from renewd.ledger.tables import SQLITE, tables

NOW = datetime(2026, 12, 1, tzinfo=UTC)
AHEAD = NOW + timedelta(days=40)  # by a clock that runs ahead
TIMES = {"now": number(NOW), "later": number(NOW + timedelta(hours=1)), "ahead": number(AHEAD)}
STEM = "plan/renewal/2026-12-05"
ELSEWHERE = {-1: "claimed", -2: "sending", -3: "unknown", -4: "unknown-final"}  # mails of another channel


class Row(NamedTuple):
    """A mail: what the ledger has of it, and how often it has arrived and was allowed to arrive."""

    state: str
    node: int
    tries: int
    due: str  # one of TIMES, of a mail of unknown outcome
    was_unknown: bool
    held: bool
    arrived: int = 0
    allowed: int = 1


class Change(NamedTuple):
    """Other words in the statements that have some words of their own."""

    of: str
    words: str
    instead: str

    def made(self, sql: str) -> str:
        plain = " ".join(sql.split())
        return plain.replace(self.words, self.instead) if self.of in plain else sql


class _ChangingCursor(sqlite3.Cursor):
    change = Change("no statement", "", "")
    seen: set[str]

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        self.seen.add(" ".join(sql.split()))
        return super().execute(self.change.made(sql), parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Self:
        self.seen.add(" ".join(sql.split()))
        return super().executemany(self.change.made(sql), parameters)


class _Connection(sqlite3.Connection):
    """A connection whose statements are noted, and may be changed."""

    def cursor(self, factory: Any = _ChangingCursor) -> Any:
        return super().cursor(self.cursors)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        return self.cursor().execute(sql, parameters)

    def open(self, change: Change | None) -> set[str]:
        seen: set[str] = set()
        words = {"seen": seen, **({"change": change} if change else {})}
        self.cursors = type("Cursor", (_ChangingCursor,), words)
        return seen


class _NodesLedger(SqlLedger):
    """The ledger of several machines in SQLite, with the words of PostgreSQL that SQLite lacks."""

    mine = "node = me()"
    taking = ", node = me()"

    def take_over(self, now: datetime) -> int:
        sql = postgres._ORPHANED
        for theirs, ours in (
            (postgres.PostgresLedger.mine, self.mine),
            (postgres.PostgresLedger.locking, ""),
            ("GREATEST", "MAX"),
            ("NOT EXISTS (SELECT FROM", "NOT EXISTS (SELECT 1 FROM"),
            ("clock_timestamp()", "0"),
        ):
            sql = sql.replace(theirs, ours)
        with self.database.writing() as cursor:
            cursor.execute(sql, (number(now), self.channel))
            return abandon(cursor, cursor.fetchall(), now)


class _Database(SqliteDatabase):
    """A database in which the numbers of another channel's mails are negative."""

    def numbers(self, cursor: Cursor, count: int, /) -> range:
        cursor.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM mail WHERE id > 0")
        first = int(cursor.fetchone()[0])
        return range(first, first + count)


_INSERT = """
INSERT INTO mail (id, person, address, account, message_id, subject, state, created, at, tries, next_try, node, channel)
VALUES (?, 'me', 'a', 'b', 'c', 'd', ?, 0, 0, ?, ?, ?, ?)
"""


class Rows:
    """The database into which rows are put, and out of which they are read."""

    def __init__(self, *, shared: bool, change: Change | None = None) -> None:
        self.connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, factory=_Connection
        )
        self.seen = self.connection.open(change)  # the statements of the ledger
        self.touched = False  # whether the other channel's mails were
        self.me = 0
        self.connection.create_function("me", 0, lambda: self.me)
        schema = tables(SQLITE._replace(node=", node INTEGER NOT NULL DEFAULT -1"))
        schema += "CREATE TABLE node (id INTEGER PRIMARY KEY, lease INTEGER);"
        for statement in schema.split(";"):
            self.connection.execute(statement)
        self._plain = super(_Connection, self.connection).cursor
        self._fill_elsewhere()
        database = _Database(self.connection, Path(":memory:"))
        self.shared = shared
        self.ledger: SqlLedger = _NodesLedger(database) if shared else SqlLedger(database)

    def put(self, rows: Sequence[Row], leases: frozenset[int], *, me: int) -> None:
        """Write these rows as all there are of the model, for a machine that goes on now."""
        self.me = me
        run = self._plain().execute
        for table, key in (("mail", "id"), ("reminder", "mail"), ("attempt", "mail"), ("content", "mail")):
            run(f"DELETE FROM {table} WHERE {key} > 0")  # names of this test
        run("DELETE FROM node")
        for mail, row in enumerate(rows, 1):
            if row.state != "gone":
                self._write(mail, row.state, row, row.node, "mail")
        nodes = leases | {row.node for row in rows if row.node >= 0}
        self._plain().executemany("INSERT INTO node VALUES (?, ?)", [(node, node in leases) for node in nodes])
        run("UPDATE mail SET node = ? WHERE id < 0", (me,))

    def _write(self, mail: int, state: str, row: Row, node: int, channel: str, stem: str = STEM) -> None:
        run = self._plain().execute
        run(_INSERT, (mail, state, row.tries, TIMES[row.due], node, channel))
        run("INSERT INTO content VALUES (?, x'00')", (mail,))
        run("INSERT INTO reminder VALUES (?, 'me', ?, 3, 'plan', 'renewal', ?, ?)", (mail, stem, row.held, channel))
        if row.was_unknown:
            run(
                "INSERT INTO attempt (mail, at, result, scope, reason, reply, permanent)"
                " VALUES (?, 0, 'unknown', 'message', 'answer-lost', '', 0)",
                (mail,),
            )

    def _fill_elsewhere(self) -> None:
        row = Row("", -1, 1, "now", was_unknown=False, held=True)
        for place, (mail, state) in enumerate(ELSEWHERE.items()):
            self._write(mail, state, row, -1, "push:phone", STEM + place * "x")

    def get(self, before: Sequence[Row], owner: int) -> tuple[Row, ...]:
        """Return the rows as they are after a step of a machine, with what `before` knows of their arrivals."""
        run = self._plain().execute
        found = {row[0]: row[1:] for row in run("SELECT id, state, node, tries, next_try FROM mail")}
        self.touched |= {mail: row[0] for mail, row in found.items() if mail < 0} != ELSEWHERE
        unknown = {row[0] for row in run("SELECT mail FROM attempt WHERE result = 'unknown'")}
        held = {row[0] for row in run("SELECT mail FROM reminder WHERE held = 1")}
        after = []
        for mail in range(1, max([*found, len(before)], default=0) + 1):
            old = before[mail - 1] if mail <= len(before) else None
            arrived, allowed = (old.arrived, old.allowed) if old else (0, 1)
            if mail not in found:
                after.append(
                    Row("gone", -1, 1, "later", was_unknown=False, held=False, arrived=arrived, allowed=allowed)
                )
                continue
            state, node, tries, next_try = found[mail]
            node = owner if node == -1 and state == "claimed" else node
            after.append(
                Row(
                    state=state,
                    node=node if state in ("claimed", "sending") else -1,
                    tries=min(tries, 4),
                    due=_time(next_try) if state == "unknown" else "later",
                    was_unknown=mail in unknown,
                    held=mail in held,
                    arrived=arrived,
                    allowed=allowed,
                )
            )
        return tuple(after)


def _time(next_try: int) -> str:
    if next_try >= TIMES["ahead"]:
        return "ahead"
    return "now" if next_try <= TIMES["now"] else "later"
