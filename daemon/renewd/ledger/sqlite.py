"""The ledger in one SQLite file, written by one connection. Each commit is on the disk before its call returns."""

from __future__ import annotations

import errno
import os
import pwd
import shlex
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from renewd.disk import is_out_of_files, read_regular, replace_bytes
from renewd.domain.errors import ConfigError, InUseError, RenewdError
from renewd.ledger import Backoff, Ledger, LedgerError, OpenedLedger, Settlement, Start, sql_rows
from renewd.ledger.cursors import Cursor
from renewd.ledger.mails import settle
from renewd.ledger.sql import SqlLedger
from renewd.ledger.tables import SQLITE, VERSION, tables, to_version_2, to_version_4

FILENAME = "ledger.sqlite3"
_HANDLES = 5  # of a ledger that is open: the file, its log, the index of that, and two for a moment
_BUSY = 5000  # milliseconds
_INCREMENTAL = 2  # of `PRAGMA auto_vacuum`: free pages can be returned to the disk a few at a time
_LEAST_ROOM = 64 * 1024  # bytes: the index of SQLite's log alone takes half of that
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FORBIDDEN = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_FOR_A_PERSON = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
_CODES = {
    sqlite3.SQLITE_FULL: "delivery.ledger-full",
    sqlite3.SQLITE_BUSY: "delivery.ledger-locked",
    sqlite3.SQLITE_LOCKED: "delivery.ledger-locked",
    **dict.fromkeys(_DAMAGED, "delivery.ledger-damaged"),
    **dict.fromkeys(_FORBIDDEN, "delivery.ledger-not-writable"),
}


def open_ledger(path: Path, now: datetime) -> OpenedLedger:
    """Open the ledger for the one process that writes it, 0600 in a folder 0700.

    A damaged file is renamed to `.corrupt-<UTC time>` and a new one begun. An empty file counts as damaged: it was
    truncated, though SQLite takes it for new. Raises ConfigError if the folder cannot be written or a newer renewd
    wrote the file, InUseError if another process holds it, LedgerError if it is another user's, as after a run by root.
    """
    try:
        _refuse_special(path)
        _make_own(path)
        damaged = _put_aside(path, now) if _is_empty(path) else None
        _make(path)
        try:
            return OpenedLedger(*_open(path), damaged)
        except sqlite3.DatabaseError as error:
            if _code(error) not in _DAMAGED:
                raise
        damaged = _put_aside(path, now)
        _make(path)
        return OpenedLedger(*_open(path), damaged)
    except OSError as error:
        if error.errno not in _FOR_A_PERSON:
            raise _explained(error, path) from error
        raise ConfigError("delivery.state-not-writable", path=str(path.parent), why=error.strerror or "") from error
    except sqlite3.Error as error:
        # A file can also not be opened while there are too many, which passes.
        may_pass = _code(error) == sqlite3.SQLITE_CANTOPEN and os.access(path.parent, os.W_OK)
        if _code(error) in _FORBIDDEN and not may_pass:
            raise ConfigError("delivery.state-not-writable", path=str(path.parent), why=str(error)) from error
        if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise InUseError("delivery.ledger-locked", path=str(path)) from error
        raise _explained(error, path) from error


def reader(path: Path) -> Ledger:
    """Open the ledger to read while another process writes it. If there is none yet, return an empty one.

    Raises LedgerError if it cannot be read, ConfigError if a newer renewd wrote it.
    """
    try:
        if _is_there(path):
            _refuse_special(path)
            connection = _connect(f"{path.absolute().as_uri()}?mode=ro")
            version = _version(connection, path)
            if version == VERSION:
                return SqliteLedger(SqliteDatabase(connection, path))
            connection.close()
            if version:
                raise LedgerError("delivery.ledger-older", path=str(path))
        return in_memory()
    except (OSError, sqlite3.Error) as error:
        raise _explained(error, path) from error


def check(path: Path) -> None:
    """Read the whole file, without writing. Raises LedgerError if it is damaged or cannot be read."""
    try:
        if not _is_there(path):
            return
        _refuse_special(path)
        if _is_empty(path):
            raise _damage("file is empty")
        connection = _connect(f"{path.absolute().as_uri()}?mode=ro")
        try:
            _check(connection)
        finally:
            connection.close()
    except (OSError, sqlite3.Error) as error:
        raise _explained(error, path) from error


def in_memory() -> Ledger:
    """Return an empty ledger in memory, for a simulation."""
    connection = _connect(":memory:")
    connection.executescript(tables(SQLITE))
    return SqliteLedger(SqliteDatabase(connection, Path(":memory:")))


class SqliteLedger(SqlLedger):
    """A ledger that first writes in one page that mails were sent, then all that follows from it.

    A crash between the server's 250 and this write sends a mail twice. SQLite makes two system calls a page, and what
    follows from a 250 touches a dozen pages. The table `ended` has rows only between the two writes.
    """

    def exchange(
        self,
        settlements: Sequence[Settlement] = (),
        starts: Sequence[Start] = (),
        backoffs: Mapping[str, Backoff | None] | None = None,
    ) -> Collection[int]:
        sent = [one for one in settlements if one.outcome.result == "sent"]
        if sent:
            with self.database.writing() as cursor:
                cursor.executemany(_END, map(sql_rows.settlement_row, sent))
        with self.database.writing() as cursor:
            begun = self._exchange(cursor, settlements, starts, backoffs or {})
            cursor.executemany("DELETE FROM ended WHERE mail = ?", [(one.mail,) for one in sent])
        return begun

    def _abandon(self, cursor: Cursor, where: str, values: Sequence[str], now: datetime) -> int:
        if found := _ended(cursor):
            settle(cursor, found)
            cursor.execute("DELETE FROM ended")
        return super()._abandon(cursor, where, values, now)

    def ended(self) -> list[Settlement]:
        """Return the ends of attempts that a crash left only partly written."""
        with self.database.reading() as cursor:
            return _ended(cursor)


def _ended(cursor: Cursor) -> list[Settlement]:
    cursor.execute(f"SELECT {sql_rows.SETTLEMENT} FROM ended ORDER BY mail")  # noqa: S608  # names of columns
    found = cursor.fetchall()
    return list(map(sql_rows.settlement, found))


class SqliteDatabase:
    """Transactions on one connection, one at a time from any thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._lock = threading.Lock()
        weakref.finalize(self, connection.close)  # a command that only reads leaves it open

    def reading(self) -> AbstractContextManager[sqlite3.Cursor]:
        """Return one consistent view. Raises LedgerError."""
        return self._transaction("BEGIN")

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        """Return a transaction: all or nothing, and on the disk at the end of the block. Raises LedgerError."""
        return self._transaction("BEGIN IMMEDIATE")

    @contextmanager
    def statements(self) -> Iterator[sqlite3.Cursor]:
        """Each statement is its own transaction. Raises LedgerError."""
        with self._lock:
            try:
                yield self._connection.cursor()
            except sqlite3.Error as error:
                raise _explained(error, self._path) from error

    def numbers(self, cursor: Cursor, count: int, /) -> range:
        """Return `count` numbers for new mails."""
        cursor.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM mail")
        first = int(cursor.fetchone()[0])
        return range(first, first + count)

    def count_on(self, _cursor: object, /) -> None:
        """Do nothing: SQLite continues from the highest number by itself."""

    def shrink(self) -> None:
        """Return the file's free pages to the disk. Raises LedgerError.

        A file that an older version made is rewritten as a whole, once, because it cannot return single pages.
        """
        with self.statements():
            (free,) = self._connection.execute("PRAGMA freelist_count").fetchone()
            if not free:
                return
            if self._connection.execute("PRAGMA auto_vacuum").fetchone() == (_INCREMENTAL,):
                self._connection.executescript("PRAGMA incremental_vacuum")  # `execute` would return one page only
            else:
                self._connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
                self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Cursor]:
        with self._lock:
            try:
                yield self._connection.execute(begin)
                self._connection.execute("COMMIT")
            except BaseException as error:
                self._roll_back()
                if isinstance(error, sqlite3.Error):
                    raise _explained(error, self._path) from error
                raise

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _is_there(path: Path) -> bool:
    """Whether there is a ledger. Raises OSError where that cannot be seen: the folder is a file, or may not be read."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _refuse_special(path: Path) -> None:
    """Raise OSError where a pipe, a device or a socket has the name: SQLite would wait for a pipe.

    It is not opened: closing it would end the locks of a connection of this process.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "not a regular file", str(path))


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def _open(path: Path) -> tuple[Ledger, bool]:
    connection = _connect(str(path))
    try:
        version = _version(connection, path)
        if not version:
            connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")  # has no effect once the first page is written
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if not version:
            connection.executescript(f"BEGIN IMMEDIATE; {tables(SQLITE)} PRAGMA user_version = {VERSION}; COMMIT;")
        else:
            _check(connection)
            _bring_forward(connection, version)
    except BaseException:
        connection.close()
        raise
    return SqliteLedger(SqliteDatabase(connection, path)), not version


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, uri=name.startswith("file:"), isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the tables, 0 for none. Raises ConfigError for one that this program does not know."""
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error:
        connection.close()
        raise
    if version > VERSION:
        connection.close()
        raise ConfigError("delivery.ledger-newer", path=str(path))
    return version


def _bring_forward(connection: sqlite3.Connection, version: int) -> None:
    for step in range(version, VERSION):
        connection.executescript(f"BEGIN IMMEDIATE; {_STEPS[step]} PRAGMA user_version = {step + 1}; COMMIT;")


def _is_empty(path: Path) -> bool:
    """Whether there is a file with nothing in it. A ledger has its first page from its first opening on."""
    try:
        return path.is_file() and not path.stat().st_size
    except FileNotFoundError:
        return False


def _make_own(path: Path) -> None:
    """Replace files of another user, who alone may write them, by copies. Raises LedgerError if one cannot be read."""
    for file in (path, *(path.with_name(path.name + tail) for tail in ("-wal", "-shm"))):
        if not file.is_file() or os.access(file, os.W_OK, effective_ids=True):
            continue
        if file.stat().st_uid == os.geteuid() or not os.access(path.parent, os.W_OK, effective_ids=True):
            return  # the owner of the file is not what keeps it from being written
        try:
            replace_bytes(file, read_regular(file, -1))
        except PermissionError as error:
            command = f"sudo chown -R {_user()}: {shlex.quote(str(path.parent))}"
            raise LedgerError("delivery.state-not-ours", path=str(file), command=command) from error


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _put_aside(path: Path, now: datetime) -> Path:
    aside = path.with_name(f"{path.name}.corrupt-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    for tail in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + tail).rename(aside.with_name(aside.name + tail))
    return aside


def _check(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise _damage("database disk image is malformed")


def _damage(why: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(why)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _code(error: Exception) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits hold details


def _explained(error: Exception, path: Path) -> RenewdError:
    code = _CODES.get(_code(error), "delivery.ledger-error")
    if code in ("delivery.ledger-not-writable", "delivery.ledger-error") and is_out_of_files(_HANDLES):
        code = "delivery.ledger-too-many-files"
    elif code == "delivery.ledger-error" and _is_full(path.parent):
        code = "delivery.ledger-full"
    return LedgerError(code, path=str(path), why=getattr(error, "strerror", None) or str(error))


def _is_full(folder: Path) -> bool:
    """Whether the disk is full: SQLite reports a "disk I/O error" if it cannot create the index of its log."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < _LEAST_ROOM


_END = "INSERT OR REPLACE INTO ended VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_STEPS = {  # from each version to the next
    1: to_version_2(SQLITE),
    2: "",  # mails that are only claimed came with version 3: an older program would leave them claimed
    3: to_version_4(SQLITE),
}
