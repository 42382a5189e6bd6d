"""The place of the ledger: the PostgreSQL that `ledger.url` names, else SQLite in the state folder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import ModuleType

from renewd.assets import install_command
from renewd.domain.errors import ConfigError
from renewd.ledger import Ledger, OpenedLedger, sqlite


def open_ledger(url: str | None, state: Path, now: datetime) -> OpenedLedger:
    """Open the ledger to write. Raises LedgerError if it cannot be reached, ConfigError if it cannot be used."""
    if url is None:
        return sqlite.open_ledger(state / sqlite.FILENAME, now)
    opened: OpenedLedger = _postgres().open_ledger(url)
    return opened


def reader(url: str | None, state: Path) -> Ledger:
    """Open the ledger to read; an empty one if there is none yet. Raises as `open_ledger` does."""
    if url is None:
        return sqlite.reader(state / sqlite.FILENAME)
    return _postgres().reader(url) or sqlite.in_memory()


def check(url: str | None, state: Path) -> None:
    """Read all of the ledger if it is a file, to see whether it is damaged. Raises LedgerError, ConfigError."""
    if url is None:
        sqlite.check(state / sqlite.FILENAME)


def _postgres() -> ModuleType:
    try:
        from renewd.ledger import postgres  # noqa: PLC0415  # only a shared ledger needs its library
    except ImportError as error:
        raise ConfigError("delivery.ledger-no-postgres", command=install_command("postgres")) from error
    return postgres
