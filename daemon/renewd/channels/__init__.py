"""The ways out: each channel is one module, and one line of `CHANNELS`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol

from renewd.config.secrets import Secret
from renewd.config.settings import MailSettings
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.outcome import DeliveryError, Envelope, Outcome

# the module of each channel, and the setting of [mail] that chooses it; the last one needs none
CHANNELS: Mapping[str, str | None] = {
    "held": "held",
    "smtp": "host",
    "maildir": None,
}


class Description(NamedTuple):
    """What a channel is called, and the facts for its sentences: the table `[<name>]` of templates/*/channels.toml."""

    name: str
    facts: Mapping[str, object]


class Session(Protocol):
    """An open channel; use it from one task at a time."""

    @property
    def in_doubt(self) -> bool:
        """Whether the mail of a `send` that raised an error or was canceled may have been handed over."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Try one mail and return how it ended; never raises for what the other side does."""


class Channel(Protocol):
    """A way to deliver mails. Its module has `open_channel(mail, secret, state)`, which returns one."""

    @property
    def account(self) -> str:
        """The account that a back-off belongs to: server and user."""

    @property
    def stamp(self) -> str:
        """A text that changes when the settings or the password do: then a refused account is worth a try at once."""

    def describe(self) -> Description:
        """Return the name of the channel, and the facts for its sentences."""

    def diagnose(self, secret: Secret, now: datetime) -> AsyncIterator[Diagnosis]:
        """Iterate what `doctor` finds of it, without sending a mail."""

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Open the channel for several mails. Raises DeliveryError if it cannot be opened.

        Errors after the last `send` are not reported.
        """


def chosen(mail: MailSettings) -> str:
    """Return the name of the channel that `[mail]` chooses: the first whose key is there."""
    return next(name for name, key in CHANNELS.items() if key is None or getattr(mail, key) is not None)


def open_channel(mail: MailSettings, secret: Secret, state: Path) -> Channel:
    """Return the channel that `[mail]` chooses; only its module is imported."""
    channel: Channel = import_module(f"{__name__}.{chosen(mail)}").open_channel(mail, secret, state)
    return channel


async def send_one(channel: Channel, envelope: Envelope) -> Outcome:
    """Open a channel for one mail, and return how it ended."""
    try:
        async with channel.session() as session:
            return await session.send(envelope)
    except DeliveryError as error:
        return error.outcome
