"""Floods of connections: everybody is answered, mails go out, and nothing piles up."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from renewd.web import front
from renewd.web.server import Server
from sites import FILE, running
from smtp import peer

ROOT = Path(__file__).parents[2]
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
FLOODS = {
    "idle": [],
    "half": [HEAD],
    "drip": [b"G", b"E", b"T"],
    "keep": [HEAD + b"\r\n", HEAD],
    "body": [HEAD.replace(b"GET", b"POST") + b"Content-Length: 1000\r\n\r\nhalf a body"],
}


@asynccontextmanager
async def flood(port: int, floods: list[list[bytes]], most: int) -> AsyncIterator[list[asyncio.StreamWriter]]:
    """Open `most` connections, which send the parts of one of the floods in turn, and then nothing."""
    writers: list[asyncio.StreamWriter] = []

    async def one(parts: list[bytes]) -> None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0)

    await asyncio.gather(*(one(floods[n % len(floods)]) for n in range(most)))
    try:
        yield writers
    finally:
        for writer in writers:
            writer.close()


@pytest.mark.parametrize("kind", FLOODS)
async def test_a_flood_keeps_nobody_out_and_no_mail_from_leaving(tmp_path: Path, kind: str) -> None:
    async with running(tmp_path) as site:
        calendar = f"/calendar/{site.links.token('me')}/me.ics"
        async with flood(site.port, [FLOODS[kind]], 300) as writers:
            assert len(writers) == 300
            for path in ("/healthz", calendar, "/healthz", calendar):
                got = await asyncio.wait_for(site.get(path), 5)
                assert got.status == 200, path
                assert got.headers["connection"] == "close"
            assert len(front.Front._open) <= 200
            sent = site.paths.state / "Maildir" / "new"
            before = len(list(sent.iterdir()))
            site.now += timedelta(days=3)
            assert await site.daemon.run_pass()
            assert len(list(sent.iterdir())) > before


async def test_mails_leave_for_a_server_amid_a_flood(tmp_path: Path) -> None:
    """A small `python -m benchmarks flood`: each of twenty people gets theirs, though connections wait all the time."""
    people = [f"p{n}" for n in range(20)]
    async with peer() as server:
        home = (
            f'timezone = "UTC"\n[remind]\ndigest = []\n[mail]\nto = "me@example.com"\nhost = "127.0.0.1"\nport = {server.port}\ntls = "none"\n'
            '[web]\nlisten = "127.0.0.1:{port}"\n'
        )
        for one in people:
            home += f'[person.{one}]\nemail = "{one}@example.com"\n'
            home += f'[plan.{one}]\nfor = ["{one}"]\nrenews = 2026-12-05\nremind = {{{{ renewal = [1] }}}}\n'
        async with running(tmp_path, home) as site, flood(site.port, list(FLOODS.values()), 300) as writers:
            assert len(writers) == 300
            assert server.mails == []
            site.now += timedelta(days=2)
            assert await site.daemon.run_pass()
            assert {mail.recipient for mail in server.mails} == {f"{one}@example.com" for one in people}
            assert (await site.get("/healthz")).status == 200


async def closed(port: int, parts: list[bytes]) -> bool:
    """Whether the server closes a connection that sends the parts and waits."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(parts))
    try:
        return await asyncio.wait_for(reader.read(), 5) == b""
    except ConnectionError:
        return True
    finally:
        writer.close()


@pytest.mark.parametrize("kind", ["idle", "half", "drip"])
async def test_whoever_sends_no_head_in_time_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(front, "HEAD_SECONDS", 0.05)
    async with running(tmp_path) as site:
        assert await closed(site.port, FLOODS[kind])


async def test_whoever_takes_too_long_for_the_rest_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "WHOLE_SECONDS", 0.05)

    async def waits(*_: object) -> None:
        await asyncio.sleep(5)

    server = Server(waits, "127.0.0.1:0")
    await server.start()
    try:
        assert await closed(server.port, FLOODS["body"])
    finally:
        await server.stop()


async def test_a_head_without_end_is_closed(tmp_path: Path) -> None:
    async with running(tmp_path) as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        with suppress(ConnectionError):
            writer.write(HEAD)
            for _ in range(200):
                writer.write(b"X-Long: " + b"a" * 1000 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0)
            assert await reader.read() == b""
        writer.close()
        assert (await site.get("/healthz")).status == 200


@pytest.mark.parametrize(
    "since",
    ["Sun, 06 Nov 99999999999999999999 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 +9999999", "", "x" * 5000, "\xff"],
)
async def test_a_date_that_is_none_is_answered_as_if_it_were_not_there(tmp_path: Path, since: str) -> None:
    async with running(tmp_path) as site:
        got = await site.get(f"/calendar/{site.links.token('me')}/me.ics", if_modified_since=since)
        assert got.status == 200


def test_a_daemon_with_1024_open_files_lives_through_1150_connections(tmp_path: Path) -> None:
    """As systemd starts it where nothing else is said. It answers meanwhile, ends in order, and logs nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "plans.toml").write_text(FILE.format(port=port))
    (tmp_path / "plans.toml").chmod(0o600)
    words = ["--config", str(tmp_path / "plans.toml"), "--state", str(tmp_path / "state"), "run"]
    command = f"ulimit -Sn 1024; exec {sys.executable} -m renewd {' '.join(words)}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "daemon")}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(["sh", "-c", command], stdout=log, stderr=log, env=environment)
        try:
            asyncio.run(_flooded(port))
        finally:
            process.terminate()
            assert process.wait(20) == 0
    assert "accept" not in (tmp_path / "log").read_text()
    assert len((tmp_path / "log").read_text().splitlines()) < 20


async def _flooded(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.1)
        async with flood(port, list(FLOODS.values()), 1150) as writers:
            assert len(writers) == 1150
            for _ in range(5):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(HEAD + b"\r\n")
                assert (await reader.read()).startswith((b"HTTP/1.1 200", b"HTTP/1.1 503"))
                writer.close()
