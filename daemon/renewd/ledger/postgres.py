"""The ledger in PostgreSQL, for several machines that share one file of plans.

Each connection is a node of its own with a lease that its thread renews by the server's clock. A mail in flight
belongs to the node that claimed it; where the lease has run out, whoever lives takes the mail over. A connection that
broke comes back as another node: whether its last write was kept is not known, and its claims are then taken over too.
"""

# ruff: noqa: S608  # what stands in the SQL are constants of this package and question marks

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from select import POLLIN, poll
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from renewd.domain.errors import ConfigError, RenewdError
from renewd.ledger import Backoff, Ledger, LedgerError, OpenedLedger, Settlement, Start
from renewd.ledger.rows import SETTLEMENT, number, settlement_row
from renewd.ledger.sql import BEGIN, Cursor, SqlLedger, abandon, marks

_VERSION = 3
LEASE = 60.0  # seconds that a node counts as living after its last sign of life
_RENEW = 15.0
_FEW = 8  # mails that one statement ends or begins: for each number of them the server keeps a statement
_LOCK = 0x72656E65776464  # "renewdd": who makes or changes the tables holds it
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


def open_ledger(url: str) -> OpenedLedger:
    """Open the ledger to write, its tables made or brought forward where need be.

    Raises LedgerError where the database cannot be reached, ConfigError where a newer renewd wrote the tables or the
    address cannot be read.
    """
    database = PostgresDatabase(url)
    try:
        with database.writing():
            new = database.was_empty
    except _NewerError as error:
        raise ConfigError("delivery.ledger-newer", path=database.where) from error
    except BaseException:
        database.close()
        raise
    database.live()
    return OpenedLedger(PostgresLedger(database), new)


def reader(url: str) -> Ledger | None:
    """Open the ledger to read; None where there are no tables yet. Raises as `open_ledger`."""
    database = PostgresDatabase(url, read_only=True)
    try:
        with database.reading():
            empty = database.was_empty
    except _NewerError as error:
        raise ConfigError("delivery.ledger-newer", path=database.where) from error
    if empty:
        database.close()
        return None
    return PostgresLedger(database)


class PostgresLedger(SqlLedger):
    """A ledger that several machines write at once."""

    mine = "node = current_setting('renewd.node')"
    taking = ", node = DEFAULT"
    locking = "ORDER BY id FOR UPDATE SKIP LOCKED"  # in one order for all, and nobody waits

    def machines(self) -> tuple[int, int]:
        with self._database.reading() as cursor:
            cursor.execute(_LIVING)
            living = [mine for (mine,) in cursor.fetchall()]
        return (living.index(True), len(living)) if True in living else (0, 1)

    def exchange(
        self,
        settlements: Sequence[Settlement] = (),
        starts: Sequence[Start] = (),
        backoffs: Mapping[str, Backoff | None] | None = None,
    ) -> Collection[int]:
        well = all(one.outcome.result == "sent" for one in settlements)
        well = well and len({one.mail for one in settlements}) == len(settlements)
        if backoffs or not well or not 0 < len(settlements) + len(starts) <= _FEW:
            return super().exchange(settlements, starts, backoffs)
        ended = [settlement_row(one) for one in settlements]
        begun = [max(number(start.at) for start in starts), *(start.mail for start in starts)] if starts else []
        values = [*chain.from_iterable(ended), *(row[0] for row in ended), *begun]
        with self._database.statements() as cursor:
            cursor.execute(_exchange(len(ended), len(starts)), values)
            return {row[0] for row in cursor.fetchall()} if starts else ()

    def recover(self, now: datetime) -> int:
        return self.take_over(now)

    def take_over(self, now: datetime) -> int:
        with self._database.writing() as cursor:
            cursor.execute(_ORPHANED)
            flying = abandon(cursor, cursor.fetchall(), now)
            cursor.execute("DELETE FROM node WHERE lease < clock_timestamp() - interval '1 day'")
        return flying


class PostgresDatabase:
    """Transactions on one connection, one at a time from any thread; a broken connection is opened anew."""

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
        """All or nothing, and on the server's disk on leaving. Raises LedgerError."""
        with self._transaction("BEGIN") as cursor:
            yield cursor

    @contextmanager
    def statements(self) -> Iterator[_Cursor]:
        """Each statement a transaction of its own. Raises LedgerError."""
        with self._lock:
            try:
                self._hear()
                yield _Cursor(psycopg.RawCursor(self._connected()))
            except psycopg.Error as error:
                raise self._explained(error) from error
            finally:
                self._tidy()

    def numbers(self, cursor: Cursor, count: int, /) -> list[int]:
        """Give numbers for so many new mails, which nobody else gets."""
        cursor.execute("SELECT nextval(pg_get_serial_sequence('mail', 'id')) FROM generate_series(1, ?)", (count,))
        return [int(row[0]) for row in cursor.fetchall()]

    def count_on(self, cursor: Cursor, /) -> None:
        """Let mails and tries be counted on from the highest."""
        for table in ("mail", "attempt"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
                f" WHERE EXISTS (SELECT FROM {table})"
            )

    def shrink(self) -> None:
        """Do nothing: the server's autovacuum makes the room of deleted rows usable again."""

    def live(self) -> None:
        """Show from now on that this node lives, until it is closed."""
        threading.Thread(target=self._show_life, name="lease", daemon=True).start()

    def close(self) -> None:
        """Let go of the database; what this node has in flight is anybody's from now on."""
        self._closing.set()
        with self._lock:
            if self._connection is not None and not self._read_only:
                with suppress(psycopg.Error):
                    self._connection.execute("DELETE FROM node WHERE id = current_setting('renewd.node')")
            self._drop()

    def _show_life(self) -> None:
        while not self._closing.wait(_RENEW):
            with suppress(RenewdError), self.writing() as cursor:  # whoever has something to write says what is wrong
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
        """Begin a transaction; where the connection has broken while nobody used it, on a new one."""
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
        """Notice that the connection has broken while nobody used it: the server has then said something unasked."""
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
        """Leave no transaction open. A connection on which anything went wrong is not trusted any more."""
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
            connection = psycopg.connect(
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
        """Make or check the tables, and become a node."""
        # a commit that the server may still lose would be a mail twice; what is stricter than `on` stays
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.execute("SELECT set_config('renewd.node', %s, false)", (uuid4().hex,))
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            version = self._version(connection)
            self.was_empty = not version
            if version != _VERSION:
                for step in range(version, _VERSION) if version else (0,):
                    connection.execute(_STEPS[step])
                connection.execute("INSERT INTO renewd (version) VALUES (%s)", (_VERSION,))
            connection.execute(_RENEWAL.replace("?", "%s"), (LEASE,))

    def _version(self, connection: psycopg.Connection[Any]) -> int:
        """Give the version of the tables, 0 for none. Raises _NewerError for one that this program does not know.

        Raises LedgerError for an older one that may only be read: it cannot be brought forward.
        """
        there = connection.execute("SELECT to_regclass('renewd')").fetchone()
        if there is None or there[0] is None:
            return 0
        row = connection.execute("SELECT MAX(version) FROM renewd").fetchone()
        version = int(row[0] or 0) if row else 0
        if version > _VERSION:
            raise _NewerError("delivery.ledger-newer", path=self.where)
        if version < _VERSION and self._read_only:
            raise LedgerError("delivery.ledger-older", path=self.where)
        return version

    def _explained(self, error: psycopg.Error) -> RenewdError:
        code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "delivery.ledger-error")
        return LedgerError(code, path=self.where, why=_words(error))


class _NewerError(LedgerError):
    """A newer renewd has written the tables; at a start that is the end, later it may be put right meanwhile."""


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
    """Give the address without user and password."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _words(error: psycopg.Error) -> str:
    """Give what the server or the library says, as one line."""
    return " ".join(str(error).split())[:300]


_SESSION = {
    # A node that hangs must not hold up the others, nor a server that hangs this node.
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    # Few rows of many are asked for, by their keys. Of a table that is new the planner thinks that it is small, and
    # keeps to plans that read all of it when it has grown.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "jit": "off",  # a scan that cannot be avoided now looks so dear that the server would compile it each time
}
_RENEWAL = """
INSERT INTO node (id, lease) VALUES (current_setting('renewd.node'), clock_timestamp() + ? * interval '1 second')
ON CONFLICT (id) DO UPDATE SET lease = excluded.lease
"""
_ORPHANED = f"""
SELECT id, state, at, tries FROM mail WHERE state = 'claimed' AND {PostgresLedger.mine}
OR state IN ('claimed', 'sending')
    AND NOT EXISTS (SELECT FROM node WHERE node.id = mail.node AND lease > clock_timestamp())
{PostgresLedger.locking}
"""


@cache
def _exchange(ended: int, begun: int) -> str:
    """Give one statement that ends and begins so many mails: a transaction of one is a third of the work of six."""
    begin = f"{BEGIN.format(marks(begun))} AND {PostgresLedger.mine} RETURNING id"
    if not ended:
        return begin
    first = "?::bigint, ?::bigint, ?::text, ?::text, ?::text, ?::int, ?::text, ?::smallint"
    rows = ", ".join([f"({first})", *[f"({marks(len(SETTLEMENT.split(', ')))})"] * (ended - 1)])
    note = f"INSERT INTO attempt ({SETTLEMENT}) SELECT * FROM ended"
    end = f"""WITH ended ({SETTLEMENT}) AS (VALUES {rows}), sent AS (
        UPDATE mail SET state = 'sent', at = (SELECT ended.at FROM ended WHERE ended.mail = id), next_try = NULL
        WHERE id IN ({marks(ended)}) AND state NOT IN ('sent', 'failed')
    )"""
    return f"{end}, noted AS ({note}) {begin}" if begun else f"{end} {note}"


_LIVING = """
SELECT id = current_setting('renewd.node') FROM node WHERE lease > clock_timestamp() ORDER BY id
"""
_CONTENT = b"""
CREATE TABLE content (mail BIGINT PRIMARY KEY REFERENCES mail, data BYTEA NOT NULL);
ALTER TABLE content ALTER data SET STORAGE EXTERNAL;
"""
_TABLES = b"""
CREATE TABLE renewd (version INTEGER NOT NULL);
CREATE TABLE node (id TEXT PRIMARY KEY, lease TIMESTAMPTZ NOT NULL);
CREATE TABLE mail (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL,
    address TEXT NOT NULL,
    account TEXT NOT NULL,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    created BIGINT NOT NULL,
    at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    next_try BIGINT,
    node TEXT NOT NULL DEFAULT current_setting('renewd.node')
);
CREATE INDEX mail_state ON mail (state, person);
CREATE TABLE reminder (
    mail BIGINT NOT NULL REFERENCES mail,
    person TEXT COLLATE "C" NOT NULL,
    stem TEXT COLLATE "C" NOT NULL,
    lead INTEGER NOT NULL,
    plan TEXT,
    kind TEXT NOT NULL,
    held SMALLINT NOT NULL
);
CREATE UNIQUE INDEX reminder_held ON reminder (person, stem, lead) WHERE held = 1;
CREATE INDEX reminder_freed ON reminder (person, stem) WHERE held = 0;
CREATE INDEX reminder_mail ON reminder (mail);
CREATE INDEX reminder_plan ON reminder (plan);
CREATE TABLE attempt (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    mail BIGINT NOT NULL REFERENCES mail,
    at BIGINT NOT NULL,
    result TEXT NOT NULL,
    scope TEXT NOT NULL,
    reason TEXT NOT NULL,
    code INTEGER,
    reply TEXT NOT NULL,
    permanent SMALLINT NOT NULL
);
CREATE INDEX attempt_mail ON attempt (mail);
CREATE TABLE backoff (
    scope TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    since BIGINT NOT NULL,
    next_try BIGINT NOT NULL,
    reason TEXT NOT NULL,
    reply TEXT NOT NULL,
    stamp TEXT NOT NULL
);
CREATE TABLE form (plan TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, since BIGINT NOT NULL);
CREATE TABLE revision (
    uid TEXT PRIMARY KEY, sequence INTEGER NOT NULL, fingerprint TEXT NOT NULL, changed BIGINT NOT NULL
);
CREATE TABLE look (one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one), at BIGINT NOT NULL);
"""
_STEPS = {  # from each version to the next; from none to the latest
    0: _TABLES + _CONTENT,
    1: _CONTENT
    + b"""
INSERT INTO content SELECT id, data FROM mail WHERE data IS NOT NULL;
ALTER TABLE mail DROP COLUMN data;
""",
    2: b"",  # what came are mails that are only claimed, and that an older program would leave so for ever
}
