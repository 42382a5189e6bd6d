"""What a delivery reports: events for the log and the terminal."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from renewd.domain.outcome import Outcome, Reason


class Delivered(NamedTuple):
    """The outcome of one mail. Where the connection itself failed, `mail` is 0 and there is no person."""

    at: datetime
    person: str
    address: str
    subject: str
    keys: tuple[str, ...]
    outcome: Outcome
    mail: int


class Failure(NamedTuple):
    """An error that kept one reminder from being composed. The other reminders are not affected."""

    key: str
    error: Exception


class Held(NamedTuple):
    """Nothing is tried before `until`, because the mail account could not be used."""

    until: datetime
    reason: Reason
    reply: str


class PersonHeld(NamedTuple):
    """A person's mails, or what one of them held, wait until `until`: the server had refused it."""

    person: str
    until: datetime
    reason: Reason
    reply: str


DeliveryEvent = Delivered | Failure | Held | PersonHeld
