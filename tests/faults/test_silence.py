"""Nothing is silent: the heartbeat stops with whatever is wrong, and its address is shown to nobody."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from faults.machine import GOOD, Machine
from renewd.cli.console_log import ConsoleLog
from renewd.cli.screen import Screen
from renewd.i18n import language
from renewd.service import heartbeat, live_config
from smtp import DROP, LOSE, peer

MINUTE = timedelta(minutes=1)
TOKEN = "hunter2-canary"


class Page:
    """A page that counts its callers."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.says = "204 No Content\r\n"
        self.elsewhere: dict[str, str] = {}
        self.port = 0


@asynccontextmanager
async def page() -> AsyncIterator[Page]:
    ours = Page()

    async def answer(reader, writer) -> None:
        ours.calls.append((await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1])
        if says := ours.elsewhere.get(ours.calls[-1], ours.says):
            writer.write(f"HTTP/1.1 {says}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    ours.port = server.sockets[0].getsockname()[1]
    async with server:
        yield ours


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(live_config, "_SETTLED", 0.01)
    monkeypatch.setenv("TZ", "America/New_York")


def machine(folder: Path, page: Page, smtp: int) -> Machine:
    made = Machine(folder)
    mail = f'to = "me@example.com"\nhost = "127.0.0.1"\nport = {smtp}\ntls = "none"'
    made.write(
        GOOD.replace('to = "me@example.com"', mail)
        + f'[heartbeat]\nurl = "http://127.0.0.1:{page.port}/ping/{TOKEN}"\n'
    )
    return made


async def passes(ours: Machine, times: int = 1, after: timedelta = 6 * MINUTE) -> None:
    for _ in range(times):
        await ours.run_pass(after)
        if ours.daemon._heartbeat.under_way is not None:
            await ours.daemon._heartbeat.under_way


async def test_while_all_is_well_the_page_is_called_every_five_minutes(tmp_path: Path) -> None:
    async with page() as there, peer() as server:
        ours = await machine(tmp_path, there, server.port).start()
        await passes(ours, 60, after=MINUTE)
        assert there.calls == [f"/ping/{TOKEN}"] * 12
        ours.ledger.close()


@pytest.mark.parametrize(
    ("step", "says"),
    [("GREETING", DROP), ("RCPT", "550 5.1.1 No such user"), ("DOT", LOSE), ("DOT", "451 4.3.0 Later")],
)
async def test_whatever_keeps_a_mail_from_its_reader_stops_the_calls_until_it_is_over(
    tmp_path: Path, step: str, says: str
) -> None:
    async with page() as there, peer() as server:
        ours = await machine(tmp_path, there, server.port).start()
        server.says[step] = says
        await passes(ours, 10)
        assert there.calls == []
        del server.says[step]
        await passes(ours, 9, after=timedelta(hours=4))
        assert there.calls
        ours.ledger.close()


async def test_a_broken_file_stops_the_calls_until_it_is_right(tmp_path: Path) -> None:
    async with page() as there, peer() as server:
        ours = await machine(tmp_path, there, server.port).start()
        await passes(ours)
        good = ours.paths.config.read_text()
        ours.write(good + "x = [")
        await passes(ours, 5)
        assert len(there.calls) == 1
        ours.write(good)
        await passes(ours, 2)
        assert len(there.calls) >= 2
        ours.ledger.close()


@pytest.mark.parametrize(
    "says", ["500 Oops\r\n", "404 Not Found\r\n", "", "302 Found\r\nLocation: http://localhost:1/x\r\n"]
)
async def test_a_page_that_fails_is_told_without_its_address(tmp_path: Path, says: str) -> None:
    async with page() as there, peer() as server:
        there.says = says
        ours = await machine(tmp_path, there, server.port).start()
        voice = ConsoleLog(Screen("en", StringIO()), once=False)
        await passes(ours)
        for event in ours.told:
            voice.tell(event)
        said = voice._screen.stream.getvalue()
        assert "heartbeat" in said
        assert "127.0.0.1" in said
        assert TOKEN not in said + repr(ours.told)
        assert len(server.mails) == 1
        ours.ledger.close()


async def test_a_redirect_is_followed_on_the_same_host_and_no_other_scheme_is_opened() -> None:
    async with page() as there:
        address = f"http://127.0.0.1:{there.port}"
        there.elsewhere["/x"] = f"302 Found\r\nLocation: {address}/again\r\n"
        assert await heartbeat.call(f"{address}/x") is None
        assert there.calls == ["/x", "/again"]
        there.elsewhere["/again"] = f"302 Found\r\nLocation: {address}/again\r\n"
        assert await heartbeat.call(f"{address}/again") == "HTTP 302"
        assert len(there.calls) == 6
        there.elsewhere["/x"] = "302 Found\r\nLocation: file:///etc/passwd\r\n"
        assert await heartbeat.call(f"{address}/x") == "HTTP 302"


async def test_the_page_is_called_through_the_proxy_that_the_environment_names(monkeypatch) -> None:
    async with page() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert await heartbeat.call("http://hc.example.com/ping/x") is None
        assert proxy.calls == ["http://hc.example.com/ping/x"]
        monkeypatch.setenv("HTTP_PROXY", "socks://nonsense")
        assert await heartbeat.call("http://hc.example.com/ping/x") == "proxy"


@pytest.mark.parametrize("why", ["answered", "unreachable", "tls", "proxy", "lost", "settings"])
def test_each_failure_of_a_call_has_words(why: str) -> None:
    for code in ("en", "zh-CN"):
        assert "hc.example.com" in language(code).say(f"service.heartbeat.{why}", host="hc.example.com", why="HTTP 500")


async def test_a_page_that_does_not_answer_holds_up_no_mail_and_no_stop(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(heartbeat, "_PATIENCE", 120.0)
    there = Page()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes a connection, and nobody answers
        there.port = silent.getsockname()[1]
        async with peer() as server:
            ours = await machine(tmp_path, there, server.port).start()
            async with asyncio.timeout(60):  # half of what the page is given
                await ours.run_pass(MINUTE)
                await ours.run_pass(timedelta(days=2))
                await ours.daemon.finish()
            assert len(server.mails) == 2
            ours.ledger.close()
