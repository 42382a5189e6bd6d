"""The ledger: which reminders were sent to whom, which may have been, and what delays the others.

A reminder's key is `stem/lead`: the stem `tello/renewal/2026-12-05`, the lead `7`. The keys of a mail are claimed
before the socket is touched. They stay taken for that person, unless delivery certainly failed. Mails are claimed in
batches, and each is begun right before it may leave, so that a crash leaves only the begun ones in doubt.

All instants are aware and in UTC. All calls are short, blocking and safe from any thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from renewd.domain.errors import RenewdError
from renewd.domain.outcome import Outcome, Reason

MailState = Literal["claimed", "sending", "sent", "unknown", "unknown-final", "failed"]
NOT_TAKEN: tuple[MailState, ...] = ("failed", "unknown", "unknown-final")
GivenUp = Literal["settled", "replaced", "address-changed", "push-not-repeated"]
Pair = tuple[str, str]  # person, stem
MAIL = "mail"  # the channel of mails
PUSH = "push:"  # what the channel of a push begins with; its id follows
KEPT_FOR = timedelta(days=396)  # how long the bytes of a mail are kept: 13 months


class LedgerError(RenewdError):
    """The ledger could not be read or written; the next call may succeed.

    Nothing of the call was written, except perhaps that mails were sent.
    """


class Reminded(NamedTuple):
    """One reminder in a mail. `plan` is None if it belongs to no plan."""

    stem: str
    lead: int
    plan: str | None
    kind: str

    @property
    def key(self) -> str:
        """The reminder's key, as in mails and `agenda`."""
        return f"{self.stem}/{self.lead}"


class Claim(NamedTuple):
    """A lead that is taken: sent, being sent, or perhaps sent. `at` is when the mail came to its state."""

    lead: int
    at: datetime
    state: MailState
    mail: int


class Draft(NamedTuple):
    """A composed mail whose reminders' keys are to be claimed."""

    person: str
    address: str
    account: str
    message_id: str
    subject: str
    data: bytes
    reminders: tuple[Reminded, ...]
    composed_at: datetime


class Start(NamedTuple):
    """A claimed mail that is about to be sent."""

    mail: int
    at: datetime


class Settlement(NamedTuple):
    """How an attempt to send a mail ended. `tries` is which attempt it was; None stands for the one under way."""

    mail: int
    outcome: Outcome
    at: datetime
    tries: int | None = None


class Unknown(NamedTuple):
    """A mail that may have arrived and is due to be sent again, byte for byte."""

    mail: int
    person: str
    address: str
    account: str
    message_id: str
    subject: str
    data: bytes
    reminders: tuple[Reminded, ...]
    tries: int


class Backoff(NamedTuple):
    """Why nothing is sent before `next_try`. `since` is the first of the consecutive failures."""

    failures: int
    since: datetime
    next_try: datetime
    reason: Reason
    reply: str = ""
    stamp: str = ""


class PlanVersion(NamedTuple):
    """The fingerprint of a plan as it was last seen, and since when it has had it."""

    fingerprint: str
    since: datetime


class Revision(NamedTuple):
    """A calendar event's SEQUENCE, its fingerprint, and when they last changed."""

    sequence: int
    fingerprint: str
    changed: datetime


def no_revisions(_keys: Sequence[str]) -> Mapping[str, Revision]:
    """Return no revision of any event: what is drawn without a ledger."""
    return {}


class Failing(NamedTuple):
    """A person whom no mail has reached since an instant. `reason` and `reply` are those of the last attempt.

    For a person without a mail address it is a push, and `address` the name of its channel.
    """

    person: str
    address: str
    account: str
    since: datetime
    reason: Reason
    reply: str

    @property
    def channel(self) -> str:
        """The channel that did not reach them."""
        return self.address if self.address.startswith(PUSH) else MAIL


class Shown(NamedTuple):
    """A push that may still be on a phone. `reply` is what the service said when it took it, `at` when that was."""

    mail: int
    person: str
    at: datetime
    data: bytes
    reply: str
    reminders: tuple[Reminded, ...]


class Attempt(NamedTuple):
    """One attempt to send a mail."""

    at: datetime
    outcome: Outcome


class HistoryLine(NamedTuple):
    """A mail in the history. `last` is its latest attempt, None while the first one is running.

    A connection that failed before a mail was sent is a line without person.
    """

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
    channel: str = MAIL


class StoredMail(NamedTuple):
    """A mail with all that is known of it. `data` is None once it is older than 13 months."""

    line: HistoryLine
    data: bytes | None
    attempts: tuple[Attempt, ...]


class OpenedLedger(NamedTuple):
    """A ledger opened to write. `new` says that it was empty; `damaged` is where a damaged one was put aside."""

    ledger: Ledger
    new: bool
    damaged: Path | None = None


class Ledger(Protocol):
    """The ledger, in whatever database. Each method does all or nothing and may raise LedgerError."""

    def of_channel(self, channel: str) -> Ledger:
        """Return the same ledger for another channel, with claims, tries and back-offs of its own."""

    def machines(self) -> tuple[int, int]:
        """Return this machine's place among the live machines, from 0, and their number."""

    def claims(self, pairs: Collection[Pair]) -> dict[Pair, tuple[Claim, ...]]:
        """Return the taken leads of each (person, stem), smallest first. Pairs without any are left out."""

    def failed_before(self, pairs: Collection[Pair]) -> dict[Pair, datetime]:
        """Return when delivery of each (person, stem) first failed since it was last sent. Others are left out."""

    def claim(self, drafts: Sequence[Draft]) -> list[int | None]:
        """Store the mails and take their keys. Return the id of each, or None if one of its keys is taken."""

    def release(self) -> None:
        """Delete the mails that this machine has claimed and not begun, which frees their keys."""

    def settle(self, settlements: Sequence[Settlement], backoffs: Mapping[str, Backoff | None] | None = None) -> None:
        """Record how attempts ended. A certain failure frees the keys, unless an earlier attempt may have arrived."""

    def exchange(
        self,
        settlements: Sequence[Settlement] = (),
        starts: Sequence[Start] = (),
        backoffs: Mapping[str, Backoff | None] | None = None,
    ) -> Collection[int]:
        """Settle attempts, set back-offs (None ends one) and begin claimed mails, in one transaction.

        Return the begun mails that still belong to this machine: the others must not be sent. That mails were sent
        may be written before the rest.
        """

    def recover(self, now: datetime) -> int:
        """Mark begun mails as unknown, at a start, and delete claimed ones. Return how many may have arrived."""

    def take_over(self, now: datetime) -> int:
        """Do the same for this channel before every pass, when this machine has no mail on its way."""

    def unknown(self, now: datetime) -> tuple[Unknown, ...]:
        """Return the mails of unknown outcome that are due again: after 15 min, 1 h, 6 h, then daily."""

    def repeat(self, mail: int, at: datetime) -> bool:
        """Take an unknown mail that is due, to send it again. Return False if another machine has taken it."""

    def next_repeat(self) -> datetime | None:
        """Return when the next mail of unknown outcome is due again, None if there is none."""

    def give_up(self, mail: int, reason: GivenUp, at: datetime) -> None:
        """Stop sending an unknown mail. Its keys stay taken, unless it is the address that has changed."""

    def resume(self, mails: Collection[int], at: datetime) -> None:
        """Send mails again that were given up, as their reminders have turned out to be still due."""

    def note_connection(self, account: str, outcome: Outcome, at: datetime) -> None:
        """Record a connection that failed before a mail was sent, as a failed mail without person and content."""

    def shown(self, account: str, since: datetime) -> tuple[Shown, ...]:
        """Return this channel's pushes since an instant that were not taken back, oldest first."""

    def note(self, mail: int, outcome: Outcome, at: datetime) -> None:
        """Record what became of a push after it was sent. Its state stays."""

    def backoffs(self) -> dict[str, Backoff]:
        """Return the back-offs by scope: `account:…`, `person:…`."""

    def plan_versions(self) -> dict[str, PlanVersion]:
        """Return the version of each plan at the last pass."""

    def set_plan_versions(self, changed: Mapping[str, PlanVersion], gone: Collection[str] = ()) -> None:
        """Store the versions of plans that changed, and delete those of plans that are gone."""

    def revisions(self, keys: Collection[str] | None = None) -> dict[str, Revision]:
        """Return the revisions of calendar events by key, `UID/person`: all, or those of the given keys."""

    def set_revisions(self, changed: Mapping[str, Revision]) -> None:
        """Store the revisions of events that changed. None is ever deleted: an event that comes back counts on."""

    def last_pass(self) -> datetime | None:
        """Return when the daemon's last pass was, None before the first."""

    def set_last_pass(self, at: datetime) -> None:
        """Store when the daemon's last pass was."""

    def failing(self) -> tuple[Failing, ...]:
        """Return the people whose last mail was not delivered, or may not have been."""

    def history(self, plan: str | None = None, limit: int = 100) -> tuple[HistoryLine, ...]:
        """Return the latest mails, of one plan or of all, newest first."""

    def mail(self, mail: int) -> StoredMail | None:
        """Return a mail with its bytes and attempts, None if there is none."""

    def counts(self, since: datetime) -> dict[MailState, int]:
        """Return how many messages of this channel came to each state since an instant."""

    def prune(self, now: datetime) -> None:
        """Delete the bytes of mails older than 13 months, and failed mails as old. What was sent stays known."""

    def close(self) -> None:
        """Close the database."""
