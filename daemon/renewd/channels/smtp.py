"""Mails to an SMTP server: the channel that `host` chooses, and what `doctor` finds of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import get_args

from renewd.channels import Description
from renewd.channels.smtp_session import SmtpServer, SmtpSession
from renewd.channels.stamp import slow_hash
from renewd.config.secrets import Secret
from renewd.config.settings import MailSettings
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.outcome import DeliveryError, Outcome, Reason
from renewd.formats.message import domain_of

_SOON = timedelta(days=14)
# the steps of a connection; a failure belongs to one of them, and those before it went well
_STEPS = ("name", "line", "encryption", "login")
_OF_STEP: Mapping[str, str] = {
    "dns": "name",
    **dict.fromkeys(("unreachable", "connection-refused", "timeout", "dropped", "server-refused", "server-not-now", "garbled", "hello-refused", "blocked"), "line"),
    **dict.fromkeys(("auth-not-now", "auth-not-offered", "password-missing", "password-in-the-clear", "login-wanted", "quota"), "login"),
    **{reason: "login" for reason in get_args(Reason) if reason.startswith("auth-refused")},
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Smtp(SmtpServer):
    """A mail server as a channel. `settings` is all of [mail], as a text."""

    settings: str = field(default="", repr=False, compare=False)

    @property
    def account(self) -> str:
        """The account as `user@host:port`."""
        return f"{self.username}@{self.host}:{self.port}" if self.username else f"{self.host}:{self.port}"

    @cached_property
    def stamp(self) -> str:
        """A hash of the settings and the password."""
        return slow_hash(self.password or "", f"{self.account} {self.tls} {self.ca_file} {self.hello} {self.settings}")

    def describe(self) -> Description:
        """Return `smtp` and its server."""
        return Description("smtp", {"host": f"{self.host}:{self.port}"})

    async def diagnose(self, secret: Secret, now: datetime) -> AsyncIterator[Diagnosis]:
        """Iterate what is found of the password and, up to one login, of the server."""
        for diagnosis in self._of_password(secret):
            yield diagnosis
        for diagnosis in await self._of_server(now):
            yield diagnosis

    @asynccontextmanager
    async def session(self) -> AsyncIterator[SmtpSession]:
        """Connect, encrypt, log in; QUIT is sent at the end. Raises DeliveryError."""
        session = SmtpSession(self)
        try:
            await session.open()
            yield session
            await session.leave()
        finally:
            session.close()

    def _of_password(self, secret: Secret) -> Iterator[Diagnosis]:
        if not self.username and not secret.problems:
            return
        for problem in secret.problems:
            yield Diagnosis("password", "wrong", "bad" if problem.severity == "error" else "note", {"why": problem})
        if secret.password and not secret.problems:
            yield Diagnosis("password", "ok", "ok", {"source": secret.source})

    async def _of_server(self, now: datetime) -> tuple[Diagnosis, ...]:
        """Connect, encrypt and log in once, as for a mail, and return how far that went."""
        session = SmtpSession(self)
        steps = [
            step
            for step in _STEPS
            if not ((step == "encryption" and self.tls == "none") or (step == "login" and not self.username))
        ]
        try:
            async with asyncio.timeout(2 * self.patience):
                await session.open()
            ends = session.certificate_ends
            await session.leave()
        except TimeoutError:
            return self._stopped(steps, Outcome(result="failed", scope="account", reason="timeout"))
        except DeliveryError as error:
            return self._stopped(steps, error.outcome)
        finally:
            session.close()
        found = [Diagnosis(step, "ok", "ok", self._facts()) for step in steps]
        if ends is not None:
            soon = ends - now < _SOON
            place = steps.index("encryption")
            found[place] = Diagnosis("encryption", "soon" if soon else "ok", "note" if soon else "ok", {"ends": ends})
        if self.tls == "none":
            found.append(Diagnosis("encryption", "none", "note"))
        return tuple(found)

    def _stopped(self, steps: list[str], outcome: Outcome) -> tuple[Diagnosis, ...]:
        step = _OF_STEP.get(outcome.reason, "encryption")
        at = steps.index(step) if step in steps else len(steps) - 1
        well = [Diagnosis(one, "ok", "ok", self._facts()) for one in steps[:at] if one != "encryption"]
        return (*well, Diagnosis(steps[at], "failed", "bad", outcome=outcome))

    def _facts(self) -> dict[str, object]:
        return {"host": self.host, "port": self.port, "user": self.username or ""}


def open_channel(mail: MailSettings, secret: Secret, _state: Path) -> Smtp:
    """Return the server of `[mail]`, which is greeted with the domain of the sender."""
    assert mail.host is not None  # it is what chooses this channel
    return Smtp(
        host=mail.host,
        port=mail.port,
        tls=mail.tls,
        ca_file=mail.ca_file,
        username=mail.username,
        password=secret.password,
        hello=domain_of(mail.from_.email) or "localhost",
        settings=repr(mail),
    )
