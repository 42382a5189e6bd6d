"""uvicorn in the daemon's event loop. It logs no request and leaves the signals to the daemon."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from renewd.web.front import HEAD_BYTES, AsgiApp, Front, one_answer

_PATIENCE = 2  # seconds that a stop waits for unfinished answers
_ACCEPTED_AT_ONCE = 64  # connections in one turn of the loop, before the oldest are closed


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture no signals: they belong to the daemon."""
        yield


class Server:
    """A server of an application, from `start` to `stop`."""

    def __init__(self, app: AsgiApp, listen: str) -> None:
        for name in ("uvicorn.error", "python_multipart"):  # malformed requests are not worth a line
            logging.getLogger(name).setLevel(logging.ERROR)
        self._listen = listen
        self._server = _Server(
            uvicorn.Config(
                one_answer(app),
                http=Front,
                lifespan="off",
                ws="none",
                interface="asgi3",
                access_log=False,  # paths are secrets
                log_config=None,
                server_header=False,
                proxy_headers=False,
                h11_max_incomplete_event_size=HEAD_BYTES,
                backlog=_ACCEPTED_AT_ONCE,
                timeout_graceful_shutdown=_PATIENCE,
            )
        )
        self._task: asyncio.Task[None] | None = None
        self._bound: socket.socket | None = None
        self.port = 0

    async def start(self) -> None:
        """Begin to listen and to answer. Raises OSError if the address is taken or not on this machine."""
        self._bound = _bound(self._listen)
        self.port = self._bound.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve(sockets=[self._bound]))

    def why_ended(self) -> str | None:
        """Return why the server has ended by itself, None while it serves."""
        if self._task is None or not self._task.done():
            return None
        error = None if self._task.cancelled() else self._task.exception()
        return str(error or "") or "?"

    async def stop(self) -> None:
        """Finish the answers that have begun, and release the address."""
        self._server.should_exit = True
        if self._task is not None:
            _, unfinished = await asyncio.wait([self._task], timeout=_PATIENCE + 1)
            for task in unfinished:
                task.cancel()
        if self._bound is not None:
            self._bound.close()


def _bound(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_ACCEPTED_AT_ONCE)  # clients that come before the server is ready wait
    except OSError:
        listener.close()
        raise
    return listener
