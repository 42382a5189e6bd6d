"""Requests that no browser sends: each is refused or closed without an error of the server's, and shows nothing of anybody."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import pytest

from renewd.delivery.events import Failure
from renewd.service.daemon_events import StepFailed, Trouble
from sites import FILE, Site, running

WHERE = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
PATHS = [
    b"/../../../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd", b"/..%2f..%2fetc%2fpasswd", b"/%252e%252e/etc/passwd",
    b"/calendar/../web.json", b"/calendar/TOKEN/../../web.json", b"/calendar/TOKEN/%2e%2e%2fledger.sqlite3",
    b"/calendar/TOKEN/mom.ics", b"/calendar/TOKEN/me.ics%00.html", b"/calendar/TOKEN/me.ics/..", b"/calendar/TOKEN//me.ics",
    b"/calendar/" + b"A" * 5000 + b"/me.ics", b"/calendar//me.ics", b"/p/", b"/p//", b"/p/..", b"/p/TOKEN/../../p/x",
    b"/p/%00", b"/p/%ff%fe", b"/p/\xe4\xb8\xad", b"/p/*", b"/p/' OR 1=1 --", b"/p/{{7*7}}/", b"/p/<script>/",
    b"/p/TOKEN/?x=<script>alert(1)</script>", b"/p/TOKEN/?lang=../../etc/passwd", b"/p/TOKEN/plan/../../x", b"/p/TOKEN/" + b"a/" * 1000,
    b"/done/", b"/done/a", b"/done/" + b"A" * 60, b"/done/%0d%0aSet-Cookie:%20a=b", b"//evil.example.com/", b"http://evil.example.com/p/",
    b"/healthz/../web.json", b"/healthz%00", b"/metrics/..", b"/static/../../plans.toml", b"/favicon.ico?" + b"a" * 9000, b"*",
]  # fmt: skip
LINES = [
    b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n", b"\r\n\r\n\r\n", b"\x00" * 100, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"CONNECT evil.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"TRACE / HTTP/1.1\r\nHost: x\r\nX-Secret: canary\r\nConnection: close\r\n\r\n", b"DELETE /healthz" + WHERE, b"BREW /healthz" + WHERE,
    b"PUT /p/TOKEN/" + WHERE, b"OPTIONS *" + WHERE, b"G" * 70_000, b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n folded: header\r\nConnection: close\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n", b"GET /healthz HTTP/1.1\r\n: nothing\r\n\r\n",
    b"GET /healthz HTTP/1.1\nHost: x\n\n", b"GET\t/healthz\tHTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nRange: bytes=0-,0-,0-\r\nConnection: close\r\n\r\n",
    b"GET /calendar/TOKEN/me.ics HTTP/1.1\r\nHost: x\r\nRange: bytes=-99999999999999999999\r\nConnection: close\r\n\r\n",
    b"GET /calendar/TOKEN/me.ics HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + b'"' * 3000 + b"\r\nConnection: close\r\n\r\n",
    b"GET /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nAccept-Language: " + b"zz;q=9e999," * 300 + b"\r\nConnection: close\r\n\r\n",
    b"GET /p/TOKEN/ HTTP/1.1\r\nHost: evil.example.com\r\nX-Forwarded-Host: evil.example.com\r\nX-Forwarded-For: " + b"1.2.3.4, " * 500 + b"\r\nConnection: close\r\n\r\n",
    # Two lengths, a length beside chunks, chunks that are none: what a proxy and a server may read in two ways.
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /p/ HTTP/1.1\r\n\r\n",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nx",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data\r\nContent-Length: 4\r\nConnection: close\r\n\r\n--\r\n",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=" + b"b" * 300 + b"\r\nContent-Length: 4\r\nConnection: close\r\n\r\n--bb",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-7\r\nContent-Length: 5\r\nConnection: close\r\n\r\na=%ff",
    b"POST /p/TOKEN/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[[",
]  # fmt: skip


async def answered(site: Site, request: bytes) -> bytes:
    """Return what comes back on a request, at most in 2 s: whoever sends too little is waited for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    back = b""
    with suppress(OSError, TimeoutError):
        writer.write(request)
        async with asyncio.timeout(2):
            while part := await reader.read(65536):
                back += part
                if b"\r\n\r\n" in back and b"connection: close" not in back.lower():
                    break
    writer.close()
    return back


@pytest.mark.parametrize("group", ["paths", "lines"])
async def test_a_request_that_no_browser_sends_is_refused_and_shows_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, group: str
) -> None:
    async with running(tmp_path, FILE) as site:
        mine, hers = site.links.token("me"), site.links.token("mom")
        before = site.paths.config.read_bytes()
        requests = [b"GET " + path + WHERE for path in PATHS] if group == "paths" else LINES
        with caplog.at_level(logging.WARNING):
            answers = await asyncio.gather(*(answered(site, one.replace(b"TOKEN", mine.encode())) for one in requests))
        for request, answer in zip(requests, answers, strict=True):
            said = request[:80], answer[:200]
            assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.0 5")), said
            for secret in (
                b"root:",
                hers.encode(),
                b"mom@example.com",
                b"canary",
                b"[plan.",
                b"set-cookie",
                b"<script",
            ):
                assert secret not in answer.lower().replace(request.lower(), b""), said
            assert answer.count(b"HTTP/1.") <= 1, said  # one answer: nothing was smuggled in
        assert site.paths.config.read_bytes() == before
        assert not [event for event in site.heard if isinstance(event, Failure | StepFailed | Trouble)]
        assert mine not in caplog.text
        assert "Traceback" not in caplog.text
        assert (await site.get("/healthz")).status == 200
