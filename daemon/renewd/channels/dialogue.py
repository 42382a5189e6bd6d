"""The dialogue with a connected mail server: commands, and the replies in their order (RFC 5321, RFC 2920).

`aiosmtplib` waits for each reply before the next command, and loses the replies to commands that were sent together.
"""

from __future__ import annotations

import asyncio
from collections import deque

from aiosmtplib.errors import SMTPReadTimeoutError, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.response import SMTPResponse

_LONGEST_REPLY = 32_768  # bytes
_GARBLED = -1


class Dialogue(asyncio.Protocol):
    """A protocol that takes over an open transport. Lines that the server sends unasked are dropped."""

    def __init__(self, transport: asyncio.Transport | None = None) -> None:
        self.unanswered = 0  # commands
        self._transport = transport
        self._heard = bytearray()
        self._words: list[bytes] = []  # of the reply that is being heard
        self._length = 0  # bytes of it so far
        self._replies: deque[SMTPResponse] = deque()
        self._trouble: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        if transport is not None:
            transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def unsent(self) -> int:
        """The number of bytes in the write buffer. Bytes that were encrypted already are not counted."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def ask(self, *commands: bytes) -> None:
        """Send commands, each of which has a reply to come. Raises SMTPServerDisconnected."""
        if self._transport is None or self._transport.is_closing():
            raise SMTPServerDisconnected("Connection lost")
        self.unanswered += len(commands)
        self._transport.write(b"".join(commands))

    async def reply(self, patience: float) -> SMTPResponse:
        """Return the next reply; wait at most `patience` seconds for it.

        Raises SMTPReadTimeoutError, SMTPServerDisconnected, or SMTPResponseException for what is no reply.
        """
        if not self._replies and self._trouble is None:
            loop = asyncio.get_running_loop()
            self._waiting = loop.create_future()
            limit = loop.call_later(patience, self._wake)
            try:
                await self._waiting
            finally:
                limit.cancel()
                self._waiting = None
        if not self._replies:
            raise self._trouble or SMTPReadTimeoutError("Timed out waiting for server response")
        self.unanswered -= 1
        return self._replies.popleft()

    def close(self) -> None:
        """Drop the connection at once; what was not sent goes nowhere."""
        if self._transport is not None:
            self._transport.abort()
        self._end(SMTPServerDisconnected("Connection lost"))

    def data_received(self, data: bytes) -> None:
        """Receive bytes of the server."""
        self._heard += data
        while self._trouble is None and len(self._replies) < self.unanswered and (end := self._heard.find(b"\n")) >= 0:
            self._line(bytes(self._heard[:end]))
            del self._heard[: end + 1]
        if len(self._replies) >= self.unanswered:
            self._heard.clear()
        elif len(self._heard) + self._length > _LONGEST_REPLY:
            self._end(SMTPResponseException(_GARBLED, "Response too long"))
        if self._replies:
            self._wake()

    def eof_received(self) -> None:
        """Note that the server has closed the connection."""
        self._end(SMTPServerDisconnected("Unexpected EOF received"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is lost."""
        lost = SMTPServerDisconnected("Connection lost")
        lost.__cause__ = exc
        self._end(lost)
        self._transport = None

    def _line(self, line: bytes) -> None:
        if not line[:3].isdigit():
            self._end(
                SMTPResponseException(_GARBLED, f"Malformed SMTP response line: {line.decode('utf-8', 'ignore')}")
            )
            return
        self._words.append(line[4:].strip(b" \t\r"))
        self._length += len(line) + 1
        if line[3:4] != b"-":
            self._replies.append(
                SMTPResponse(int(line[:3]), b"\n".join(self._words).decode("utf-8", "surrogateescape"))
            )
            self._words.clear()
            self._length = 0

    def _end(self, trouble: Exception) -> None:
        """Stop listening; `reply` still returns the replies that had arrived."""
        self._trouble = self._trouble or trouble
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
