"""A daemon that serves on a port of its own, for tests of what is reached over HTTP."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from typing import NamedTuple

from renewd.disk import Paths
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.service.daemon import Daemon
from renewd.service.live_config import read_config
from renewd.web.keyring import Keyring
from renewd.web.links import Links

NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
PEOPLE = """timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
from = "renewd <renewd@example.com>"
[person.mom]
email = "mom@example.com"
language = "zh-CN"
"""
FILE = (
    PEOPLE
    + """[plan.tello]
name = "Tello <b>&"
renews = 2026-12-05
every = "30 days"
price = 5
[plan.rp]
for = ["mom"]
renews = 2027-03-01
every = "1 month"
[web]
listen = "127.0.0.1:{port}"
url = "http://calendar.example.com/renewd/"
"""
)


class Got(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def words(self) -> str:
        return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", self.body.decode(), flags=re.DOTALL))


class Site:
    """A daemon that listens on a port of its own, on a clock of the test's."""

    def __init__(self, folder: Path, port: int, file: str | None = None) -> None:
        self.paths = Paths(folder / "plans.toml", folder / "state")
        self.port = port
        self.now = NOW
        self.heard: list[object] = []
        self.paths.config.write_text(file or FILE.format(port=port), "utf-8")
        self.paths.config.chmod(0o600)
        opened = open_ledger(self.paths.state / FILENAME, NOW)
        loaded = read_config(self.paths, NOW, None)
        self.daemon = Daemon(
            self.paths, loaded, ledger=opened.ledger, fresh=True, clock=lambda: self.now, tell=self.heard.append
        )

    @property
    def links(self) -> Links:
        return Keyring(self.paths.state).links("")

    async def get(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Got:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        given = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{given}\r\n"
        writer.write(head.encode("latin-1") + body)
        raw = await reader.read()
        writer.close()
        top, _, rest = raw.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in lines)
        return Got(int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, rest)

    def mail(self) -> str:
        files = (self.paths.state / "Maildir" / "new").iterdir()
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        [mine] = [mail for mail in mails if "<me@example.com>" in mail["To"]]
        body = mine.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def tap(self) -> str:
        [found] = re.findall(r"http://calendar\.example\.com/renewd(/done/\S+)", self.mail())
        return found


@asynccontextmanager
async def running(folder: Path, file: str = FILE) -> AsyncIterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = Site(folder, port, file.format(port=port))
    await site.daemon.begin()
    await site.daemon.listen()
    await site.daemon.run_pass()
    try:
        yield site
    finally:
        await site.daemon.stop_listening()
