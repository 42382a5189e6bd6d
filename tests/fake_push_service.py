"""A push service in the loop of a test: it keeps what it was sent, and answers as it is told to."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from renewd.channels.push.services import APPRISE
from renewd.config.keys import PUSH_SERVICES

SERVICES = tuple(name for name in PUSH_SERVICES if name != APPRISE)


class Received(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class FakeService:
    port: int = 0
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    default: tuple[int, str, dict[str, str]] = (200, "{}", {})
    at: dict[str, tuple[int, str, dict[str, str]]] = field(default_factory=dict)  # the answer of one path
    received: list[Received] = field(default_factory=list)
    fault: str = ""  # "hang", "cut", "drop"
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def says(self, status: int, body: object, headers: dict[str, str] | None = None, *, at: str = "") -> None:
        answer = (status, body if isinstance(body, str) else json.dumps(body), headers or {})
        if at:
            self.at[at] = answer
        else:
            self.default = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.connections -= 1
            self.idle.set()

    async def quiet(self) -> None:
        """Wait until every connection has ended."""
        while self.connections:
            self.idle.clear()
            await self.idle.wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.received.append(Received(method, path, headers, body))
        self.asked.set()
        if self.fault == "hang":
            await self.released.wait()
            return False
        if self.fault == "drop":
            return False
        status, text, more = self.answers.pop(0) if self.answers else self.at.get(path, self.default)
        data = text.encode()
        lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(data)}", *(f"{k}: {v}" for k, v in more.items())]
        if self.fault == "cut":
            data = data[:2]
        writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        await writer.drain()
        return self.fault != "cut"


@asynccontextmanager
async def running(**options):
    service = FakeService(**options)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        service.released.set()
        server.close()


@contextmanager
def in_a_thread(**options):
    """Run a service beside a command that has a loop of its own."""
    loop, ready, parts = asyncio.new_event_loop(), threading.Event(), []

    async def main():
        async with running(**options) as service:
            done = asyncio.Event()
            parts.extend((service, done))
            ready.set()
            await done.wait()
            service.released.set()
            await service.quiet()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),), daemon=True)
    thread.start()
    ready.wait()
    service, done = parts
    try:
        yield service
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()
