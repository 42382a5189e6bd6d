"""A mailbox read over IMAP by imap-tools, in the thread of whoever calls. Nothing in it is changed, not even a flag."""

from __future__ import annotations

import errno
import imaplib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, NamedTuple

from imap_tools import BaseMailBox, ImapToolsError, MailboxLoginError

from renewd import __version__
from renewd.config.secrets import Secret
from renewd.config.settings import Answers
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.errors import RenewdError
from renewd.formats.answer import MOST_BYTES

_PATIENCE = 15.0  # seconds for each read
SESSION = 90.0  # seconds for a whole session, waiting for new mails not included
_MOST_MAILS = 200  # of a session
_LARGEST = 4 * MOST_BYTES  # bytes that a server may send at once
_MOST_SENT = 4_000_000  # bytes that a server may send before the first mail, and with each mail
_IDLE = 9 * 60.0  # seconds: some servers drop the line after ten minutes


class MailboxError(RenewdError):
    """The mailbox cannot be read now; `refused` where the user name or the password is wrong."""

    def __init__(self, code: str, *, refused: bool = False, **args: object) -> None:
        super().__init__(code, **args)
        self.refused = refused


class MailboxCursor(NamedTuple):
    """Where reading goes on: the folder's validity, and the first mail that was not there yet."""

    validity: int
    next: int


class Line:
    """The connection of a session, which another thread may cut."""

    def __init__(self) -> None:
        self.client: imaplib.IMAP4 | None = None
        self.is_cut = False
        self._lock = threading.Lock()
        self._deadline: threading.Timer | None = None

    def hold(self, client: imaplib.IMAP4) -> None:
        """Take a connection that was opened, before anything is said on it."""
        with self._lock:
            self.client = client
            if self.is_cut:
                _shut(client)

    def cut(self) -> None:
        """End the session, wherever it is."""
        with self._lock:
            self.is_cut = True
            if self.client is not None:
                _shut(self.client)

    def cut_after(self, seconds: float | None) -> None:
        """End the session so many seconds from now, in place of an earlier deadline; None for no deadline."""
        if self._deadline is not None:
            self._deadline.cancel()
        if seconds is not None:
            self._deadline = threading.Timer(seconds, self.cut)
            self._deadline.daemon = True
            self._deadline.start()


def _shut(client: imaplib.IMAP4) -> None:
    with suppress(OSError):
        client.sock.shutdown(socket.SHUT_RDWR)


class _Limited(imaplib.IMAP4):
    """A connection that can be cut from its first byte on, and takes only so much: imaplib keeps all that is sent."""

    def __init__(self, line: Line, *args: Any, **named: Any) -> None:
        self._line = line
        self.room = _MOST_SENT
        super().__init__(*args, **named)

    def open(self, *args: Any, **named: Any) -> None:
        """Connect."""
        super().open(*args, **named)
        self._line.hold(self)

    def read(self, size: int) -> bytes:
        """Return so many bytes: the server says how many there are."""
        if size > _LARGEST:
            raise self.abort(f"{size} bytes at once")
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Return a line."""
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        self.room -= size
        if self.room < 0:
            raise self.abort(f"> {_MOST_SENT} bytes")


class _LimitedTls(_Limited, imaplib.IMAP4_SSL):
    """The same over TLS."""


class _Box(BaseMailBox):
    """imap-tools on such a connection."""

    def __init__(self, client: _Limited) -> None:
        self._given = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._given


class Mailbox:
    """An open folder of a mailbox."""

    def __init__(self, box: BaseMailBox, client: _Limited, cursor: MailboxCursor, *, can_wait: bool) -> None:
        self._box = box
        self._client = client
        self.can_wait = can_wait
        self.newest = cursor
        self.has_more = False  # more than one session reads

    def mails(self, since: MailboxCursor | None) -> Iterator[tuple[int, bytes]]:
        """Iterate the mails that came since then, the oldest first, each with its number and at most 64 kB of it.

        Without `since`, or where the folder is another one by now, there are none.
        """
        if since is None or since.validity != self.newest.validity:
            return
        found = sorted({int(uid) for uid in self._box.uids(f"UID {since.next}:*", charset=None) if uid.isdigit()})
        new = [uid for uid in found if uid >= since.next]  # the set always names the last mail, new or not
        self.has_more = len(new) > _MOST_MAILS
        for uid in new[:_MOST_MAILS]:
            self._client.room = _MOST_SENT
            _, parts = self._client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
            data = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if data is not None:
                yield uid, data

    def wait(self, longest: timedelta) -> bool:
        """Wait until the server says that something has come; False where it does not know how to."""
        if not self.can_wait:
            return False
        self._box.idle.wait(timeout=min(longest.total_seconds(), _IDLE))
        return True


@contextmanager
def open_mailbox(answers: Answers, password: str | None, line: Line) -> Iterator[Mailbox]:
    """Connect, log in, and open the folder to read. Raises MailboxError, also for errors within the block."""
    where: dict[str, Any] = {"host": f"{answers.host}:{answers.port}", "folder": answers.folder}
    try:
        client = _connected(answers, line)
        try:
            yield _opened(client, answers, password)
        finally:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                client.logout()
            with suppress(OSError):
                client.shutdown()
    except MailboxLoginError as error:
        raise MailboxError("service.answers.login", refused=True, **where, reply=_reply(error)) from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise MailboxError("service.answers.refused", **where, reply=_reply(error)) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or os.strerror(errno.ETIMEDOUT)  # an error without words
        raise MailboxError("service.answers.unreachable", **where, why=why) from error


def diagnose(answers: Answers, secret: Secret) -> Iterator[Diagnosis]:
    """Log in to the mailbox and open the folder, and say what came of it."""
    if secret.problems or secret.password is None:
        why = {"why": secret.problems[0]} if secret.problems else {}
        yield Diagnosis("mailbox", "password" if why else "no-password", "bad", why)
        return
    line = Line()
    line.cut_after(SESSION)
    try:
        with open_mailbox(answers, secret.password, line) as mailbox:
            how = "waits" if mailbox.can_wait else "asks"
        args = {
            "user": answers.username,
            "host": answers.host,
            "folder": answers.folder,
            "n": answers.every // timedelta(minutes=1),
        }
        yield Diagnosis("mailbox", how, "ok", args)
    except MailboxError as error:
        yield Diagnosis("mailbox", "wrong", "bad", {"error": error})
    finally:
        line.cut_after(None)


def _connected(answers: Answers, line: Line) -> _Limited:
    context = ssl.create_default_context(cafile=str(answers.mail_ca_file) if answers.mail_ca_file else None)
    if answers.tls == "implicit":
        return _LimitedTls(line, answers.host, answers.port, ssl_context=context, timeout=_PATIENCE)
    client = _Limited(line, answers.host, answers.port, timeout=_PATIENCE)
    if answers.tls == "starttls":
        client.starttls(context)
    return client


def _opened(client: _Limited, answers: Answers, password: str | None) -> Mailbox:
    box = _Box(client)
    user = answers.username or ""
    if (user + (password or "")).isascii():
        box.login(user, password or "", initial_folder=None)
    else:
        box.login_utf8(user, password or "", initial_folder=None)
    with suppress(imaplib.IMAP4.error):  # 163.com opens no folder before a client has said this
        client.xatom("ID", f'("name" "renewd" "version" "{__version__}")')
    _, able = client.capability()
    state = box.folder.status(answers.folder, ["UIDVALIDITY", "UIDNEXT"])
    box.folder.set(answers.folder, readonly=True)
    if not {"UIDVALIDITY", "UIDNEXT"} <= state.keys():
        raise imaplib.IMAP4.error("STATUS")
    cursor = MailboxCursor(state["UIDVALIDITY"], state["UIDNEXT"])
    return Mailbox(box, client, cursor, can_wait=b"IDLE" in b" ".join(able).upper().split())


def _reply(error: Exception) -> str:
    """Return what the server said, of an error that holds it somewhere."""
    result = getattr(error, "command_result", None)
    words = result[1] if isinstance(result, tuple) and len(result) > 1 else str(error)
    words = words[0] if isinstance(words, list) and words else words
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(text.split())[:200]
