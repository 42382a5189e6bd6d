"""What the daemon tells of: each thing that happens to it, as a value, for the journal, the screen and the status line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from renewd.channels import Channel
from renewd.config import Loaded
from renewd.delivery.events import Delivered, Failure, Held
from renewd.domain.errors import Problem, RenewdError
from renewd.reminders import Reminder


class Started(NamedTuple):
    """The daemon stands; `fresh` where the ledger is new, `last_sent` is when the last mail went out before."""

    loaded: Loaded
    config: Path
    state: Path
    fresh: bool
    channel: Channel
    last_sent: datetime | None


class ConfigRead(NamedTuple):
    """The file was read again, or could not be: then `loaded` is None, and what was in force stays."""

    loaded: Loaded | None
    problems: tuple[Problem, ...]


class Looked(NamedTuple):
    """A look is over: what will be said next, as things stand, and whether all that was due has gone out."""

    coming: Reminder | None
    done: bool


class Calendars(NamedTuple):
    """Calendar files were brought up to date; `split` are the people who have one a plan, as theirs grew too large."""

    written: int
    split: tuple[str, ...]


class Trouble(NamedTuple):
    """Something of the machine's stands in the way; it is tried again."""

    error: RenewdError


class WrongClock(NamedTuple):
    """The clock shows a time before this program was made."""

    now: datetime


class Stopped(NamedTuple):
    """The daemon has ended."""


DaemonEvent = Started | ConfigRead | Looked | Calendars | Trouble | WrongClock | Stopped | Delivered | Failure | Held
Tell = Callable[[DaemonEvent], None]
