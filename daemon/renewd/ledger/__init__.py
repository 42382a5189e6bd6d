"""What was said to whom, is being sent, may have been sent, and what stands in the way: the memory of renewd.

A reminder's key is `stem/lead`: the stem `tello/renewal/2026-12-05`, the lead `7`. The keys of a mail are claimed
before the socket is touched and belong to that person for ever, unless its delivery certainly failed. Mails are
claimed some at a time, and each is begun right before it may leave: a crash holds back only what was begun.

All instants are aware and in UTC; all calls are short, blocking, and safe from any thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from renewd.domain.errors import RenewdError
from renewd.domain.outcome import Outcome, Reason

MailState = Literal["claimed", "sending", "sent", "unknown", "unknown-final", "failed"]
Pair = tuple[str, str]  # person, stem
KEPT_FOR = timedelta(days=396)  # how long the bytes of a mail are kept: 13 months


class LedgerError(RenewdError):
    """The ledger could not be read or written, and the next call may succeed.

    Nothing of the call was kept, but perhaps that mails were sent.
    """


class Reminded(NamedTuple):
    """One reminder in a mail. `plan` is None for what belongs to no plan."""

    stem: str
    lead: int
    plan: str | None
    kind: str

    @property
    def key(self) -> str:
        """The reminder's key, as in mails and `agenda`."""
        return f"{self.stem}/{self.lead}"


class Claim(NamedTuple):
    """A lead that is taken: said, being said, or perhaps said; `at` is when that was last known."""

    lead: int
    at: datetime
    state: MailState
    mail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A finished mail that asks for its reminders' keys."""

    person: str
    address: str
    account: str
    message_id: str
    subject: str
    data: bytes
    reminders: tuple[Reminded, ...]
    composed_at: datetime


class Start(NamedTuple):
    """A claimed mail that may leave from now on."""

    mail: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a try of a mail ended."""

    mail: int
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A mail that may have arrived, and is due to be sent again as it is."""

    mail: int
    person: str
    address: str
    account: str
    message_id: str
    data: bytes
    reminders: tuple[Reminded, ...]
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Why nothing is tried before `next_try`; `since` is the first of the failures in a row."""

    failures: int
    since: datetime
    next_try: datetime
    reason: Reason
    reply: str = ""
    stamp: str = ""


class PlanVersion(NamedTuple):
    """What a plan looked like, and since when."""

    fingerprint: str
    since: datetime


class Revision(NamedTuple):
    """A calendar event's SEQUENCE, what it looked like, and when that last changed."""

    sequence: int
    fingerprint: str
    changed: datetime


class Failing(NamedTuple):
    """Somebody whom nothing has reached since; the reason and the server's words are those of the last try."""

    person: str
    address: str
    account: str
    since: datetime
    reason: Reason
    reply: str


class Attempt(NamedTuple):
    """One try of a mail."""

    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """A mail in the history; `last` is its latest try, None while the first one runs."""

    mail: int
    person: str
    address: str
    account: str
    message_id: str
    subject: str
    state: MailState
    created: datetime
    at: datetime
    tries: int
    next_try: datetime | None
    reminders: tuple[Reminded, ...]
    last: Attempt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A mail with everything known of it; `data` is None once it is older than 13 months."""

    line: HistoryLine
    data: bytes | None
    attempts: tuple[Attempt, ...]


class OpenedLedger(NamedTuple):
    """A ledger ready to write; `new` if it was empty, `damaged` where a broken one was put aside."""

    ledger: Ledger
    new: bool
    damaged: Path | None = None


class Ledger(Protocol):
    """The ledger, whatever keeps it. Every method is all or nothing and may raise LedgerError."""

    def machines(self) -> tuple[int, int]:
        """Give this machine's place among those that live and write it, from 0, and how many they are."""

    def said(self, pairs: Collection[Pair]) -> dict[Pair, tuple[Claim, ...]]:
        """Give the taken leads of each (person, stem), smallest first; pairs without any are left out."""

    def failed_before(self, pairs: Collection[Pair]) -> dict[Pair, datetime]:
        """Give when delivery of a (person, stem) first failed since it was last said; others are left out."""

    def claim(self, drafts: Sequence[Draft]) -> list[int | None]:
        """Keep the mails and take their keys: each one's id, or None where a key is taken already."""

    def release(self) -> None:
        """Forget what this machine has claimed and not begun: its keys are free, and it was never there."""

    def settle(self, settlements: Sequence[Settlement], backoffs: Mapping[str, Backoff | None] | None = None) -> None:
        """Keep how tries ended. A certain failure frees the keys, unless an earlier try may have arrived."""

    def exchange(
        self,
        settlements: Sequence[Settlement] = (),
        starts: Sequence[Start] = (),
        backoffs: Mapping[str, Backoff | None] | None = None,
    ) -> Collection[int]:
        """Do `settle`, the setting of back-offs (None: it is over), and keep that claimed mails may leave, together.

        Gives those that are still this machine's: the others must not leave. That mails were sent may be kept
        before the rest.
        """

    def recover(self, now: datetime) -> int:
        """After a start: begun mails may have arrived, claimed ones are forgotten. Gives how many may have."""

    def take_over(self, now: datetime) -> int:
        """At every look: the same for the mails of machines that are gone, and `release` for this one's."""

    def unknown(self, now: datetime) -> tuple[Unknown, ...]:
        """Give the mails of unknown outcome that are due again: after 15 min, 1 h, 6 h, then daily."""

    def repeat(self, mail: int, at: datetime) -> bool:
        """Take an unknown mail that is due, to send it again; False where another machine has taken it."""

    def give_up(self, mail: int, reason: Literal["settled", "replaced"], at: datetime) -> None:
        """Send an unknown mail no more; its keys stay taken."""

    def backoffs(self) -> dict[str, Backoff]:
        """Give the back-offs by scope: `account:…`, `person:…`."""

    def forms(self) -> dict[str, PlanVersion]:
        """Give what each plan looked like at the last look."""

    def set_forms(self, changed: Mapping[str, PlanVersion], gone: Collection[str] = ()) -> None:
        """Keep what plans look like now."""

    def revisions(self, keys: Collection[str] | None = None) -> dict[str, Revision]:
        """Give the calendar's events by their keys, `UID/person`: all, or these of them that are known."""

    def set_revisions(self, changed: Mapping[str, Revision], gone: Collection[str] = ()) -> None:
        """Keep what events look like now."""

    def last_look(self) -> datetime | None:
        """Give when the daemon last looked, None before its first look."""

    def looked(self, at: datetime) -> None:
        """Keep when the daemon looked."""

    def failing(self) -> tuple[Failing, ...]:
        """Give everybody whose last mail did not get through, or may not have."""

    def history(self, plan: str | None = None, limit: int = 100) -> tuple[HistoryLine, ...]:
        """Give the latest mails, of one plan or of all, newest first."""

    def mail(self, mail: int) -> StoredMail | None:
        """Give a mail with its bytes and tries."""

    def counts(self, since: datetime) -> dict[MailState, int]:
        """Count the mails that came to a state since an instant."""

    def prune(self, now: datetime) -> None:
        """Delete the bytes of mails older than 13 months, and failed mails as old. Which reminders were sent stays."""

    def close(self) -> None:
        """Let go of the store."""
