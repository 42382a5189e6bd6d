"""Mails to an SMTP server: one transaction a mail, one mechanism a login, and never a guess about what was accepted.

The transaction is spelled out command by command, since only that tells a mail that certainly did not go (anything
before the final dot, or a 4xx or 5xx answer) from one that may have gone (silence after the dot: RFC 1047).
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import ssl
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import cast

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPReadTimeoutError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from aiosmtplib.response import SMTPResponse

from renewd.channels.connect import connect
from renewd.channels.dialogue import Dialogue
from renewd.channels.faults import outcome_of
from renewd.channels.replies import SmtpStage
from renewd.config.settings import Tls
from renewd.disk import read_regular
from renewd.domain.outcome import DeliveryError, Envelope, Outcome, Reason, Scope, clean_reply
from renewd.formats.message import is_address, is_canonical

_ACCOUNT: Scope = "account"
_RECIPIENT: Scope = "recipient"
_OK, _FORWARDED, _GO_AHEAD, _LEAVING = 250, 251, 354, 421
_DATA = b"DATA\r\n"
_NEWLINE = re.compile(rb"\r\n|\n|\r")
_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """A server and a user there; times are seconds. RFC 5321 asks for ten minutes of patience after the final dot."""

    host: str
    port: int
    tls: Tls = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    hello: str = "localhost"
    patience: float = 30
    address_patience: float = 10
    data_patience: float = 600
    quit_patience: float = 5

    @cached_property
    def context(self) -> ssl.SSLContext:
        """The one TLS context of this server. Raises OSError if `ca_file` cannot be read."""
        if self.ca_file is None:
            return ssl.create_default_context()
        return trusting(self.ca_file)


def trusting(ca_file: Path) -> ssl.SSLContext:
    """Return a TLS context that trusts this authority alone. Raises OSError if the file holds none."""
    authority = read_regular(ca_file).decode("ascii", "ignore")
    if not authority.strip():  # the machine's authorities would be trusted in its place
        raise OSError("the file is empty")
    return ssl.create_default_context(cadata=authority)


class _Client(SMTP):
    def close(self) -> None:
        # a polite close would still send what is buffered: the dot of a mail that was given up
        if (transport := _transport(self)) is not None:
            transport.abort()
        super().close()


class SmtpSession:
    """One connection. It is opened again when the server has dropped it after a mail."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._client = _Client()
        self._talk = Dialogue()
        self._pipelines = False
        self._stage: SmtpStage = "connect"
        self._used = False
        self._dirty = False
        self.in_doubt = False

    async def open(self) -> None:
        """Connect, encrypt, log in. Raises DeliveryError."""
        self.close()
        self._used = self._dirty = False
        self._stage = "connect"
        try:
            await self._open()
        except (OSError, SMTPException, ValueError) as error:
            self.close()
            raise DeliveryError(self._outcome(error)) from error
        except BaseException:
            self.close()
            raise

    @property
    def certificate_ends(self) -> datetime | None:
        """The end of the server certificate's validity, in UTC; None on a connection without encryption."""
        transport = _transport(self._client)
        certificate = transport.get_extra_info("peercert") if transport is not None else None
        if not certificate:
            return None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)

    async def send(self, envelope: Envelope) -> Outcome:
        """Try one mail. A connection that was dropped after an earlier mail is opened again once."""
        for address, scope in ((envelope.sender, _ACCOUNT), (envelope.recipient, _RECIPIENT)):
            if not is_address(address):  # the library would repair it to somebody else's
                return Outcome(result="refused", scope=scope, reason="address", permanent=True)
        self.in_doubt = False
        try:
            return await self._transact(envelope)
        except DeliveryError as error:
            return error.outcome
        except (OSError, SMTPException, ValueError) as error:
            if self._stage == "dot" and not isinstance(error, (SMTPDataError, SMTPReadTimeoutError)):
                return self._unknown("answer-garbled")  # an error of ours, after the server has answered
            outcome = self._outcome(error)
            self._dirty = self._stage in ("rcpt", "data")
            if outcome.code in (None, _LEAVING):  # nobody knows what the next answer would belong to
                self.close()
            return outcome
        except BaseException:
            self.in_doubt = self._stage == "dot" and not self._talk.unsent
            self.close()
            raise

    async def leave(self) -> None:
        """Send QUIT; errors are ignored."""
        with suppress(OSError, SMTPException):
            self._talk.ask(b"QUIT\r\n")
            await self._talk.reply(self._server.quit_patience)

    def close(self) -> None:
        """Drop the connection at once, unsent bytes with it."""
        self._talk.close()
        self._client.close()

    async def _open(self) -> None:
        server = self._server
        if server.username and server.password is None:
            raise _given_up("password-missing")
        try:
            context = None if server.tls == "none" else server.context
        except OSError as error:
            raise _given_up("ca-file", f"{server.ca_file}: {error.strerror or error}") from error
        sock = await connect(server.host, server.port, each=server.address_patience, within=server.patience)
        here = ipaddress.ip_address(str(sock.getpeername()[0]).partition("%")[0]).is_loopback
        if server.username and server.tls == "none" and not here:
            sock.close()
            raise _given_up("password-in-the-clear")
        self._client = client = _Client(
            hostname=server.host,
            sock=sock,
            local_hostname=server.hello,
            timeout=server.patience,
            use_tls=server.tls == "implicit",
            start_tls=False,
            tls_context=context,
        )
        await client.connect()
        if server.tls == "starttls":
            await self._encrypt()
        if server.username and server.password is not None:
            await self._log_in(server.username, server.password)
        await self._greet()
        self._pipelines = client.supports_extension("pipelining")
        self._talk = Dialogue(_transport(client))

    async def _greet(self) -> None:
        """Send EHLO unless it was sent since the connection was encrypted, or HELO if the server knows only that."""
        self._stage = "mail"
        if self._client.is_ehlo_or_helo_needed:
            try:
                await self._client.ehlo()
            except SMTPHeloError:
                await self._client.helo()

    async def _encrypt(self) -> None:
        await self._client.ehlo()
        if not self._client.supports_extension("starttls"):
            raise _given_up("tls-not-offered")
        self._stage = "tls"
        await self._client.starttls()

    async def _log_in(self, username: str, password: str) -> None:
        await self._client.ehlo()
        self._stage = "auth"
        offered = self._client.server_auth_methods
        if "plain" in offered:
            await self._client.auth_plain(username, password)
        elif "login" in offered:
            await self._client.auth_login(username, password)
        else:
            raise _given_up("auth-not-offered")

    async def _transact(self, envelope: Envelope) -> Outcome:
        self._stage = "mail"  # no longer that of the mail before
        if self._used and self._talk.is_open:
            try:
                if self._dirty:
                    await self._reset()
                await self._begin(envelope)
            except SMTPServerDisconnected:
                pass
            except SMTPResponseException as error:  # it may have had enough mails, or enough of waiting
                if isinstance(error, SMTPSenderRefused) and error.code != _LEAVING:
                    raise
            else:
                return await self._go_on(envelope)
            self.close()
        if not self._talk.is_open:
            await self.open()
        self._used = True
        await self._begin(envelope)
        return await self._go_on(envelope)

    async def _reset(self) -> None:
        self._stage = "mail"
        self._talk.ask(b"RSET\r\n")
        answer = await self._talk.reply(self._server.patience)
        if answer.code != _OK:
            raise SMTPResponseException(answer.code, answer.message)
        self._dirty = False

    async def _begin(self, envelope: Envelope) -> None:
        """Begin a transaction; with pipelining (RFC 2920), send all of its commands at once."""
        self._stage = "mail"
        if not envelope.may_leave():
            raise DeliveryError(Outcome(result="failed", reason="stopped"))
        if self._pipelines:
            self._talk.ask(_mail(envelope), _rcpt(envelope), _DATA)
        answer = await self._answer_to(_mail(envelope))
        if answer.code != _OK:
            await self._hear_out(answer)
            raise SMTPSenderRefused(answer.code, answer.message, envelope.sender)

    async def _go_on(self, envelope: Envelope) -> Outcome:
        self._stage = "rcpt"
        answer = await self._answer_to(_rcpt(envelope))
        if answer.code not in (_OK, _FORWARDED):
            await self._hear_out(answer)
            raise SMTPRecipientRefused(answer.code, answer.message, envelope.recipient)
        self._stage = "data"
        answer = await self._answer_to(_DATA)
        if answer.code != _GO_AHEAD:
            raise SMTPDataError(answer.code, answer.message)
        return await self._hand_over(envelope.data)

    async def _answer_to(self, command: bytes) -> SMTPResponse:
        """Return the answer to a command of the transaction. Without pipelining the command is sent now."""
        if not self._pipelines:
            self._talk.ask(command)
        return await self._talk.reply(self._server.patience)

    async def _hear_out(self, no: SMTPResponse) -> None:
        """Read the answers to the commands that were sent after a refused one. No mail without a recipient is begun."""
        if no.code == _LEAVING:
            self.close()
        try:
            while self._talk.is_open and self._talk.unanswered:
                if (await self._talk.reply(self._server.patience)).code == _GO_AHEAD:
                    self.close()
        except (OSError, SMTPException):
            self.close()

    async def _hand_over(self, data: bytes) -> Outcome:
        lines = data if is_canonical(data) else _NEWLINE.sub(b"\r\n", data)
        end = b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n"
        if b"\n." in lines or lines.startswith(b"."):
            lines = _DOT.sub(b"..", lines)
        self._talk.ask(lines + end)
        self._stage = "dot"
        try:
            answer = await self._talk.reply(self._server.data_patience)
        except SMTPReadTimeoutError:
            if self._talk.unsent:  # the dot is still here, and goes nowhere once this is closed
                raise
            return self._unknown("answer-late")
        except SMTPResponseException:
            return self._unknown("answer-garbled")
        except (OSError, SMTPException):
            return self._unknown("answer-lost")
        if self._talk.unsent:  # it answers what it cannot have heard
            return self._unknown("answer-garbled")
        if 400 <= answer.code < 600:
            raise SMTPDataError(answer.code, answer.message)
        if not 200 <= answer.code < 300:
            return self._unknown("answer-garbled")
        return Outcome(result="sent", code=answer.code, reply=self._words(answer))

    def _unknown(self, reason: Reason) -> Outcome:
        self.close()
        return Outcome(result="unknown", reason=reason)

    def _outcome(self, error: Exception) -> Outcome:
        return outcome_of(error, self._stage, self._server.host, self._secrets())

    def _words(self, answer: SMTPResponse) -> str:
        return clean_reply(f"{answer.code} {answer.message}", self._secrets())

    def _secrets(self) -> tuple[str, ...]:
        user, password = self._server.username or "", self._server.password
        if not password:
            return ()
        coded = (password, f"\0{user}\0{password}")
        return (password, *(b64encode(text.encode()).decode() for text in coded))


def _mail(envelope: Envelope) -> bytes:
    return f"MAIL FROM:<{envelope.sender}>\r\n".encode("ascii")


def _rcpt(envelope: Envelope) -> bytes:
    return f"RCPT TO:<{envelope.recipient}>\r\n".encode("ascii")


def _transport(client: SMTP) -> asyncio.Transport | None:
    return cast("asyncio.Transport | None", client.transport)


def _given_up(reason: Reason, reply: str = "") -> DeliveryError:
    return DeliveryError(Outcome(result="failed", scope="account", reason=reason, reply=clean_reply(reply)))
