"""Limits on connections before anything of HTTP is read, so that a flood keeps nobody out and no mail from leaving.

uvicorn has no limit on the time that a request's head takes, and asks its limit on connections only when a head is
whole. Above the number of connections the oldest is closed: if new ones were refused, a flood would keep everybody
else out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, ClassVar

from h11 import LocalProtocolError
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 200  # connections
HEAD_SECONDS = 10.0
WHOLE_SECONDS = 30.0  # for a connection, its answer included
HEAD_BYTES = 65536

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


class Front(asyncio.Protocol):
    """A connection. It passes what comes to uvicorn's protocol, and closes if that takes too long or is too much."""

    _open: ClassVar[dict[Front, None]] = {}  # oldest first

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._inner = H11Protocol(*args, **kwargs)
        self._head: bytearray | None = bytearray()  # None once it is whole
        self._timers: list[asyncio.TimerHandle] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to count the time, and close the oldest connection where there are too many."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, loop = transport, asyncio.get_running_loop()
        if len(self._open) >= MOST:
            next(iter(self._open)).drop()
        self._open[self] = None
        self._timers = [
            loop.call_later(HEAD_SECONDS, self._drop_without_head),
            loop.call_later(WHOLE_SECONDS, self.drop),
        ]
        self._inner.connection_made(transport)

    def drop(self) -> None:
        """Close the connection at once."""
        self._open.pop(self, None)
        self._transport.abort()

    def _drop_without_head(self) -> None:
        if self._head is not None:
            self.drop()

    def data_received(self, data: bytes) -> None:
        """Hand on what came, unless the head is too long."""
        if self._head is not None:
            self._head += data
            if b"\n\r\n" in self._head or b"\n\n" in self._head:
                self._head = None
            elif len(self._head) > HEAD_BYTES:
                self.drop()
                return
        self._inner.data_received(data)

    def eof_received(self) -> None:
        """Close the connection once it is answered."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Wait: the client does not read."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Go on."""
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._open.pop(self, None)
        for timer in self._timers:
            timer.cancel()
        self._inner.connection_lost(exc)


def one_answer(app: AsgiApp) -> AsgiApp:
    """Return an application that closes each connection after one answer: only the first head has a time limit."""

    async def closing(scope: Any, receive: _Receive, send: _Send) -> None:
        async def send_and_close(message: _Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            try:
                await send(message)
            except LocalProtocolError:  # the rest of the request broke the rules: uvicorn has refused it, and closes
                await asyncio.sleep(0)

        await app(scope, receive, send_and_close)

    return closing
