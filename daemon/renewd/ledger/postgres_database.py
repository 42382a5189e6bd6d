"""The connection to PostgreSQL: transactions, a lease that shows that this node lives, and the tables' versions."""

# ruff: noqa: S608  # the SQL contains constants of this package and question marks only

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from select import POLLIN, poll
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from renewd.domain.errors import ConfigError, RenewdError
from renewd.ledger import LedgerError
from renewd.ledger.cursors import Cursor
from renewd.ledger.tables import POSTGRES, VERSION, tables, to_version_2, to_version_4

_R = TypeVar("_R")

LEASE = 60.0  # seconds that a node counts as live after it renewed its lease
_RENEW = 15.0
_SILENT = 90.0  # seconds without a byte from the server, which itself ends a statement after 60
_LOCK = 0x72656E65776464  # "renewdd": held while the tables are created or upgraded
_CODES: dict[type[psycopg.Error], str] = {
    errors.DiskFull: "delivery.ledger-full",
    errors.ReadOnlySqlTransaction: "delivery.ledger-not-writable",
    errors.InsufficientPrivilege: "delivery.ledger-not-writable",
    errors.DeadlockDetected: "delivery.ledger-busy",
    errors.LockNotAvailable: "delivery.ledger-busy",
    errors.QueryCanceled: "delivery.ledger-busy",
    psycopg.OperationalError: "delivery.ledger-away",
    psycopg.InterfaceError: "delivery.ledger-away",
}


class PostgresDatabase:
    """Transactions on one connection, one at a time from any thread. A broken connection is replaced."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.where = _where(url)
        self.was_empty = False
        self._url = url
        self._read_only = read_only
        self._connection: psycopg.Connection[Any] | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()

    @contextmanager
    def reading(self) -> Iterator[_Cursor]:
        """One consistent view. Raises LedgerError."""
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as cursor:
            yield cursor

    @contextmanager
    def writing(self) -> Iterator[_Cursor]:
        """All or nothing, and on the server's disk at the end of the block. Raises LedgerError."""
        with self._transaction("BEGIN") as cursor:
            yield cursor

    @contextmanager
    def statements(self) -> Iterator[_Cursor]:
        """Each statement is its own transaction. Raises LedgerError."""
        with self._lock:
            try:
                self._hear()
                yield _Cursor(psycopg.RawCursor(self._connected()))
            except psycopg.Error as error:
                raise self._explained(error) from error
            finally:
                self._tidy()

    def numbers(self, cursor: Cursor, count: int, /) -> list[int]:
        """Return `count` numbers for new mails, which no other node gets."""
        cursor.execute("SELECT nextval(pg_get_serial_sequence('mail', 'id')) FROM generate_series(1, ?)", (count,))
        return [int(row[0]) for row in cursor.fetchall()]

    def count_on(self, cursor: Cursor, /) -> None:
        """Continue the numbers of mails and attempts from the highest."""
        for table in ("mail", "attempt"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
                f" WHERE EXISTS (SELECT FROM {table})"
            )

    def shrink(self) -> None:
        """Do nothing: the server's autovacuum reclaims the room of deleted rows."""

    def live(self) -> None:
        """Renew this node's lease from now on, until the database is closed."""
        threading.Thread(target=self._show_life, name="lease", daemon=True).start()

    def close(self) -> None:
        """Close the connection. What this node has in flight may be taken over at once."""
        self._closing.set()
        with self._lock:
            if self._connection is not None and not self._read_only:
                with suppress(psycopg.Error):
                    self._connection.execute("DELETE FROM node WHERE id = current_setting('renewd.node')")
            self._drop()

    def _show_life(self) -> None:
        while not self._closing.wait(_RENEW):
            with suppress(RenewdError), self.writing() as cursor:  # the next write reports what is wrong
                cursor.execute(_RENEWAL, (LEASE,))

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[_Cursor]:
        with self._lock:
            try:
                connection = self._begun(begin)
                yield _Cursor(psycopg.RawCursor(connection))
                connection.execute("COMMIT")
            except psycopg.Error as error:
                raise self._explained(error) from error
            finally:
                self._tidy()

    def _begun(self, begin: str) -> psycopg.Connection[Any]:
        """Begin a transaction, on a new connection if the old one broke while it was idle."""
        if self._connection is not None:
            try:
                self._connection.execute(begin)
            except psycopg.OperationalError:
                self._drop()
            else:
                return self._connection
        connection = self._connected()
        connection.execute(begin)
        return connection

    def _hear(self) -> None:
        """Drop the connection if it broke while it was idle: there is then something to read on it."""
        if self._connection is None:
            return
        try:
            heard = poll()
            heard.register(self._connection.fileno(), POLLIN)
            if heard.poll(0):
                self._connection.execute("SELECT 1")
        except psycopg.OperationalError:
            self._drop()

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            if self._closing.is_set():
                raise psycopg.OperationalError("closed")
            self._connection = self._connect()
        return self._connection

    def _tidy(self) -> None:
        """Leave no transaction open. Drop the connection if that fails."""
        if self._connection is None or self._connection.info.transaction_status == TransactionStatus.IDLE:
            return
        try:
            self._connection.execute("ROLLBACK")
        except psycopg.Error:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            connection = _Connection.connect(
                self._url,
                autocommit=True,
                connect_timeout=5,
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
                tcp_user_timeout=20_000,
                application_name="renewd",
                client_encoding="UTF8",
            )
        except psycopg.ProgrammingError as error:
            raise ConfigError("delivery.ledger-url", path=self.where, why=_words(error)) from error
        try:
            for setting, value in _SESSION.items():
                connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
            if self._read_only:
                connection.execute("SET default_transaction_read_only = on")
                self.was_empty = not self._version(connection)
            else:
                self._introduce(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _introduce(self, connection: psycopg.Connection[Any]) -> None:
        """Create or check the tables, and register as a node."""
        # a commit that the server may lose would send a mail twice; settings stricter than `on` stay
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.execute("SELECT set_config('renewd.node', %s, false)", (uuid4().hex,))
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            version = self._version(connection)
            self.was_empty = not version
            if version != VERSION:
                for step in range(version, VERSION) if version else (0,):
                    connection.execute(_STEPS[step].encode())
                connection.execute("INSERT INTO renewd (version) VALUES (%s)", (VERSION,))
            connection.execute(_RENEWAL.replace("?", "%s"), (LEASE,))

    def _version(self, connection: psycopg.Connection[Any]) -> int:
        """Return the version of the tables, 0 for none. Raises NewerError for one that this program does not know.

        Raises LedgerError for an older one on a read-only connection, which cannot upgrade it.
        """
        there = connection.execute("SELECT to_regclass('renewd')").fetchone()
        if there is None or there[0] is None:
            return 0
        row = connection.execute("SELECT MAX(version) FROM renewd").fetchone()
        version = int(row[0] or 0) if row else 0
        if version > VERSION:
            raise NewerError("delivery.ledger-newer", path=self.where)
        if version < VERSION and self._read_only:
            raise LedgerError("delivery.ledger-older", path=self.where)
        return version

    def _explained(self, error: psycopg.Error) -> RenewdError:
        code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "delivery.ledger-error")
        return LedgerError(code, path=self.where, why=_words(error))


class NewerError(LedgerError):
    """A newer renewd has written the tables. At a start this is fatal; later it is retried as any LedgerError."""


class _Connection(psycopg.Connection[Any]):
    """A connection that gives up a server which hangs: only its system still answers, so that nothing else notices."""

    def wait(self, gen: Generator[Any, Any, _R], *args: Any, **named: Any) -> _R:
        """Return what psycopg's `wait` does. Raises OperationalError where the server is silent for too long."""
        return super().wait(_while_heard(gen), *args, **named)


def _while_heard(gen: Generator[Any, Any, _R]) -> Generator[Any, Any, _R]:
    """Pass on what a connection waits for and what has become ready."""
    heard, ready = time.monotonic(), None
    while True:
        try:
            wanted = gen.send(ready)
        except StopIteration as end:
            result: _R = end.value
            return result
        ready = yield wanted
        if ready:
            heard = time.monotonic()
        elif time.monotonic() - heard > _SILENT:
            raise psycopg.OperationalError(f"no answer for {_SILENT:.0f} seconds")


class _Cursor:
    """A cursor that takes `?` for parameters, as SQLite's does."""

    def __init__(self, cursor: psycopg.RawCursor[Any]) -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> object:
        return self._cursor.execute(_marked(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> None:
        self._cursor.executemany(_marked(sql), parameters)

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()


@lru_cache(maxsize=64)
def _marked(sql: str) -> bytes:
    first, *others = sql.split("?")
    return "".join([first, *(f"${place}{text}" for place, text in enumerate(others, 1))]).encode()


def _where(url: str) -> str:
    """Return the address without user and password."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _words(error: psycopg.Error) -> str:
    """Return the message of the server or the library as one line."""
    return " ".join(str(error).split())[:300]


_SESSION = {
    # A node that hangs must not block the others, and a server that hangs must not block this node.
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    # Queries read few rows of many, by key. The planner takes a new table for small, and keeps plans that scan all
    # of it when it has grown.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "jit": "off",  # an unavoidable scan now has such a high cost that the server would compile it each time
}
_RENEWAL = """
INSERT INTO node (id, lease) VALUES (current_setting('renewd.node'), clock_timestamp() + ? * interval '1 second')
ON CONFLICT (id) DO UPDATE SET lease = excluded.lease
"""
_STEPS = {  # from each version to the next; from none to the latest
    0: f"""
CREATE TABLE renewd (version INTEGER NOT NULL);
CREATE TABLE node (id TEXT PRIMARY KEY, lease TIMESTAMPTZ NOT NULL);
{tables(POSTGRES)}""",
    1: to_version_2(POSTGRES),
    2: "",  # mails that are only claimed came with version 3: an older program would leave them claimed
    3: to_version_4(POSTGRES),
}
