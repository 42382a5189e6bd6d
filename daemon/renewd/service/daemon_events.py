"""The events of the daemon, for the journal, the screen and the status line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from renewd.channels import Channel
from renewd.config import Loaded
from renewd.config.fact_log import PersonRecorded
from renewd.delivery.events import Delivered, Failure, Held, PersonHeld
from renewd.domain.errors import Problem, RenewdError
from renewd.reminders import Reminder


class Started(NamedTuple):
    """The daemon has started. `fresh` is whether the ledger is new, `last_sent` when the last mail was sent."""

    loaded: Loaded
    config: Path
    state: Path
    fresh: bool
    channel: Channel
    last_sent: datetime | None


class ConfigRead(NamedTuple):
    """The file was read again. `loaded` is None where it could not be read: then the former one stays in force."""

    loaded: Loaded | None
    problems: tuple[Problem, ...]


class PassEnded(NamedTuple):
    """A pass is over. `coming` is the next reminder, `done` whether everything that was due was sent.

    `unreached` is how many people have not got their mails, `repeat_at` when a mail of unknown outcome is sent again,
    `retry_at` when anything that did not go out is tried again.
    """

    coming: Reminder | None
    done: bool
    unreached: int = 0
    repeat_at: datetime | None = None
    retry_at: datetime | None = None


class Calendars(NamedTuple):
    """Calendar files were brought up to date. `split` are the people who have one file a plan, as one was too large."""

    written: int
    split: tuple[str, ...]


class Drawing(NamedTuple):
    """Calendar files are being written; `plans` are drawn so far."""

    plans: int


class Trouble(NamedTuple):
    """An error of the machine, its disk or its network. What failed is tried again."""

    error: RenewdError


class StepFailed(NamedTuple):
    """An error of renewd's own ended a step of a pass: `config`, `files`, `mails`, `calendars`, `cleanup` or `web`."""

    step: str
    error: Exception


class WrongClock(NamedTuple):
    """The clock shows a time before this program was made."""

    now: datetime


class Stopped(NamedTuple):
    """The daemon has ended."""


DaemonEvent = (
    Started
    | ConfigRead
    | PassEnded
    | Calendars
    | Drawing
    | Trouble
    | StepFailed
    | WrongClock
    | Stopped
    | Delivered
    | Failure
    | Held
    | PersonHeld
    | PersonRecorded
)
Tell = Callable[[DaemonEvent], None]
