"""A TCP connection to a host: each address is tried for its own time, and canceling leaves nothing behind."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

Address = tuple[int, int, int, str, Any]


async def connect(host: str, port: int, *, each: float, within: float) -> socket.socket:
    """Return a connected, non-blocking socket: at most `each` seconds for an address, `within` seconds in all.

    Raises OSError: of the name (socket.gaierror), of the last address, or TimeoutError.
    """
    end = asyncio.get_running_loop().time() + within
    try:
        async with asyncio.timeout_at(end):
            addresses = await _resolve(host, port)
    except TimeoutError:
        raise socket.gaierror(socket.EAI_AGAIN, "no name server answers") from None
    async with asyncio.timeout_at(end):
        failure: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
        for family, kind, protocol, _, address in _mixed(addresses):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setblocking(False)  # noqa: FBT003
                async with asyncio.timeout(each):
                    await asyncio.get_running_loop().sock_connect(sock, address)
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise failure


def _mixed(addresses: Sequence[Address]) -> list[Address]:
    """Return the addresses with IPv6 and IPv4 in turn, so that one that leads nowhere does not use up the time."""
    turns: dict[int, count[int]] = {}
    return sorted(addresses, key=lambda address: next(turns.setdefault(address[0], count())))


async def _resolve(host: str, port: int) -> Sequence[Address]:
    # the loop's own resolver threads are waited for at exit, and a name server that is silent holds one for long
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[Address]] = loop.create_future()

    def settle(put: Callable[[], None]) -> None:
        if not answer.done():
            put()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failure = error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, str(error))
            put = lambda: answer.set_exception(failure)  # noqa: E731
        else:
            put = lambda: answer.set_result(found)  # noqa: E731
        with suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(settle, put)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    return await answer
