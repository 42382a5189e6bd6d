"""The server beside the daemon: its address, its signals, and mails without links."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from renewd.service import live_config
from renewd.service.daemon_events import Trouble
from renewd.web.person_pages import PersonPages
from sites import FILE, Site, running

ROOT = Path(__file__).parents[2]


async def test_an_address_that_is_taken_is_told_and_tried_again(tmp_path, monkeypatch):
    """Mails go on; once it is free, the next pass serves; another address is taken up without a restart."""
    monkeypatch.setattr(live_config, "_SETTLED", 0)
    async with running(tmp_path) as site:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            other = taken.getsockname()[1]
            site.paths.config.write_text(FILE.format(port=other), "utf-8")
            await site.daemon.run_pass()
            await site.daemon.listen()
            assert [event.error.code for event in site.heard if isinstance(event, Trouble)] == [
                "service.web-not-listening"
            ]
        await site.daemon.listen()
        site.port = other
        assert (await site.get("/healthz")).status in (200, 503)


@pytest.mark.parametrize("end", [ValueError("a bug"), None])
async def test_a_server_that_ends_by_itself_is_told_and_started_again(tmp_path, monkeypatch, end):
    """Else clients connect to an address that nobody answers, and nothing says so."""

    async def ends(_server, sockets=None):
        if end is not None:
            raise end

    async with running(tmp_path) as site:
        await site.daemon.stop_listening()
        with monkeypatch.context() as patched:
            patched.setattr(uvicorn.Server, "serve", ends)
            await site.daemon.listen()
            await asyncio.sleep(0)
        await site.daemon.listen()
        assert [event.error.code for event in site.heard if isinstance(event, Trouble)] == ["service.web-ended"]
        assert (await site.get("/healthz")).status in (200, 503)
        await site.daemon.listen()
        assert len([event for event in site.heard if isinstance(event, Trouble)]) == 1


async def test_without_an_address_a_mail_is_as_it_was(tmp_path):
    """No link of ours, no keys made."""
    async with running(tmp_path) as site:
        with_links = site.mail()
    other = tmp_path / "other"
    other.mkdir()
    site = Site(other, 1, re.sub(r"\[web\]\n.*\n.*\n", "", FILE.format(port=1)))
    await site.daemon.begin()
    await site.daemon.run_pass()
    lines = site.mail().splitlines()
    assert "calendar.example.com" not in site.mail()
    assert set(lines) < set(with_links.splitlines())
    assert not (site.paths.state / "web.json").exists()


def test_signals_stay_the_daemons_while_it_serves(tmp_path):
    """SIGHUP does not end it; SIGTERM does within 5 s and with 0, also while somebody holds a connection open."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "plans.toml").write_text(FILE.format(port=port))
    (tmp_path / "plans.toml").chmod(0o600)
    words = ["--config", str(tmp_path / "plans.toml"), "--state", str(tmp_path / "state"), "run"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "daemon"), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen([sys.executable, "-m", "renewd", *words], env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                held = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                time.sleep(0.05)
        with held:
            held.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert held.recv(100).startswith(b"HTTP/1.1 ")
            process.send_signal(signal.SIGHUP)
            held.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            assert held.recv(100)
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def warmed() -> None:
    """Pages are drawn once the server listens."""


async def test_pages_are_drawn_before_the_first_reader_asks(tmp_path, monkeypatch, warmed):
    """One of each language, in a thread that no mail waits for; what is in the way is told to whoever asks."""
    drawn, done, answer = [], asyncio.Event(), PersonPages.answer
    loop = asyncio.get_running_loop()

    def noted(pages, token, *rest):
        got = answer(pages, token, *rest)
        drawn.append((threading.current_thread().name, got.status_code, got.headers["content-language"]))
        if len(drawn) == 2:
            loop.call_soon_threadsafe(done.set)
        return got

    monkeypatch.setattr(PersonPages, "answer", noted)
    async with running(tmp_path) as site:
        await asyncio.wait_for(done.wait(), 20)
        assert (await site.get(f"/renewd/p/{site.links.page_token('me')}/")).status == 200
    assert sorted(drawn[:2]) == [("warm", 200, "en"), ("warm", 200, "zh-CN")]
    assert drawn[2][0].startswith("page"), "anyio's threads cost the first reader the import of its event loop"
