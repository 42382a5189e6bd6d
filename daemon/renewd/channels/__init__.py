"""The ways out: each channel is one file with one frozen dataclass, listed in `CHANNELS`."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from renewd.channels.maildir import Maildir
from renewd.channels.smtp import Smtp, Tls
from renewd.domain.outcome import Envelope, Outcome
from renewd.formats.message import domain_of

CHANNELS = {"smtp": Smtp, "maildir": Maildir}


class Session(Protocol):
    """An open channel; use it from one task at a time."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Try one mail and say how it ended; never raises for what the other side does."""


class Channel(Protocol):
    """A way to deliver mails."""

    @property
    def account(self) -> str:
        """What a back-off belongs to: server and user."""

    @property
    def stamp(self) -> str:
        """Changes when the settings do, the password with them: then a refused account is worth a try at once."""

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Open the channel for several mails. Raises DeliveryError if it cannot be opened.

        Whatever happens on leaving it happens after the last `send`: nothing to be told about.
        """


class MailSettings(Protocol):
    """What the `[mail]` table says about the server."""

    @property
    def host(self) -> str | None: ...
    @property
    def port(self) -> int: ...
    @property
    def tls(self) -> Tls: ...
    @property
    def ca_file(self) -> Path | None: ...
    @property
    def username(self) -> str | None: ...


def for_mail(mail: MailSettings, *, sender: str, password: str | None, maildir: Path) -> Channel:
    """Give the channel that `[mail]` asks for: a server, or without `host` the Maildir."""
    if mail.host is None:
        return Maildir(path=maildir)
    return Smtp(
        host=mail.host,
        port=mail.port,
        tls=mail.tls,
        ca_file=mail.ca_file,
        username=mail.username,
        password=password,
        hello=domain_of(sender) or "localhost",
    )
