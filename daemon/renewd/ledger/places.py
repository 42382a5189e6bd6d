"""Where the ledger is: in the PostgreSQL that `ledger.url` names, else in SQLite in the state folder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import ModuleType

from renewd.domain.errors import ConfigError
from renewd.ledger import Ledger, OpenedLedger, sqlite


def open_ledger(url: str | None, state: Path, now: datetime) -> OpenedLedger:
    """Open the ledger to write. Raises LedgerError where it cannot be reached, ConfigError where it cannot be used."""
    if url is None:
        return sqlite.open_ledger(state / sqlite.FILENAME, now)
    opened: OpenedLedger = _postgres().open_ledger(url)
    return opened


def reader(url: str | None, state: Path) -> Ledger:
    """Open the ledger to read, an empty one where there is none yet. Raises as `open_ledger`."""
    if url is None:
        return sqlite.reader(state / sqlite.FILENAME)
    return _postgres().reader(url) or sqlite.in_memory()


def check(url: str | None, state: Path) -> None:
    """Read all of it where it is a file, to see whether it is whole. Raises LedgerError, ConfigError."""
    if url is None:
        sqlite.check(state / sqlite.FILENAME)


def _postgres() -> ModuleType:
    try:
        from renewd.ledger import postgres  # noqa: PLC0415  # only who shares a ledger needs its library
    except ImportError as error:
        raise ConfigError("delivery.ledger-no-postgres") from error
    return postgres
