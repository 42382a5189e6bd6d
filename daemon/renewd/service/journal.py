"""The log: systemd's journal in its own protocol, an entry with fields each; lines on standard error elsewhere.

    Journal().send("Sent: Tello stops in 3 days", priority=6, RENEWD_EVENT="sent", RENEWD_PLAN=("tello",))

Nothing private gets through: every message goes through `redact.MASK`.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from renewd.redact import MASK

SOCKET = "/run/systemd/journal/socket"
ERROR, WARNING, INFO = 3, 4, 6
_LARGEST = 200_000  # bytes of one entry: a datagram that is a little larger is refused (EMSGSIZE)
_PRIORITIES = ((logging.ERROR, ERROR), (logging.WARNING, WARNING), (logging.INFO, INFO))
_DEBUG = 7
_MOST_CAUSES = 1000


def connected(environment: Mapping[str, str] = os.environ, descriptor: int = 2) -> bool:
    """Whether a descriptor leads into the journal: JOURNAL_STREAM holds its device and inode (systemd.exec)."""
    named = environment.get("JOURNAL_STREAM")
    if not named:
        return False
    try:
        facts = os.fstat(descriptor)
    except OSError:
        return False
    return named == f"{facts.st_dev}:{facts.st_ino}"


class Journal:
    """Sends entries; where the journal does not take one, it goes to standard error as a line."""

    def __init__(self, address: str | None = None) -> None:
        self._address = address or SOCKET

    def send(self, message: str, priority: int = INFO, **fields: str | Sequence[str]) -> None:
        """Send one entry; a field of several values is given several times. A very long message is cut."""
        text = MASK(message)
        entry = [_field("PRIORITY", str(priority)), _field("SYSLOG_IDENTIFIER", "renewd")]
        for name, values in fields.items():
            entry += [_field(name, MASK(one)) for one in ([values] if isinstance(values, str) else values)]
        room = _LARGEST - sum(map(len, entry))
        data = b"".join((*entry, _field("MESSAGE", _cut(text, max(room, 1000)))))
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.sendto(data, socket.MSG_DONTWAIT, self._address)
        except OSError as error:
            if error.errno != errno.EAGAIN:  # a journal that cannot keep up would hold up standard error too
                with suppress(OSError):
                    sys.stderr.write(f"<{priority}>{text}\n")


class JournalHandler(logging.Handler):
    """What libraries and this program log, as entries: a traceback is one entry with its message."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        try:
            priority = next((number for level, number in _PRIORITIES if record.levelno >= level), _DEBUG)
            where = {"CODE_FILE": record.pathname, "CODE_LINE": str(record.lineno), "LOGGER": record.name}
            self._journal.send(self.format(record), priority, **where)
        except Exception:  # noqa: BLE001  # a log never stops the program
            self.handleError(record)


class LineFormatter(logging.Formatter):
    """A record as text in which nothing private is left, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text."""
        return MASK(super().format(record))


class OnceAMinute(logging.Filter):
    """Lets the first of several records of one cause through in each minute: a storm writes no log of its own size."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this cause has not been logged within the last minute."""
        kind = record.exc_info[0] if record.exc_info else None
        cause = (record.name, str(record.msg).partition("\n")[0], kind)
        if abs(record.created - self._last.get(cause, -60.0)) < 60:  # a clock that is set back is no reason for silence
            return False
        if len(self._last) >= _MOST_CAUSES:
            self._last.clear()
        self._last[cause] = record.created
        return True


def listen(journal: Journal | None) -> None:
    """Take everything that is logged from now on: into the journal, or onto standard error."""
    handler: logging.Handler = JournalHandler(journal) if journal else logging.StreamHandler()
    handler.setFormatter(LineFormatter("%(message)s" if journal else "%(name)s: %(message)s"))
    handler.addFilter(OnceAMinute())
    root = logging.getLogger()
    for old in root.handlers[:]:
        if getattr(old, "ours", False):
            root.removeHandler(old)
    handler.ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)


def _field(name: str, value: str) -> bytes:
    data = value.encode("utf-8", "replace")
    if b"\n" not in data:
        return name.encode() + b"=" + data + b"\n"
    return name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"


def _cut(text: str, room: int) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= room:
        return text
    return data[: room - 100].decode("utf-8", "ignore") + " […]"
