"""What is reached over HTTP: calendars behind a secret, links that record a fact, and how renewd is."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pytest

import rfc5545
from households import bill, household, keep_alive, plan
from renewd.disk import Paths
from renewd.domain.findings import item_id
from renewd.domain.plans import Backup
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.service.daemon import Daemon
from renewd.service.events import Trouble
from renewd.service.live_config import read_config
from renewd.web.health import Health
from renewd.web.keys import Keyring
from renewd.web.links import BadLinkError, Links, Tap, state_of
from shell import Shell

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
FILE = """timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
from = "renewd <renewd@example.com>"
[person.mom]
email = "mom@example.com"
language = "zh-CN"
[plan.tello]
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
async def running(folder: Path) -> AsyncIterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        site = Site(folder, probe.getsockname()[1])
    await site.daemon.begin()
    await site.daemon.listen()
    await site.daemon.run_pass()
    try:
        yield site
    finally:
        await site.daemon.stop_listening()


# --- the feed -------------------------------------------------------------------------------------------------------


async def test_a_calendar_is_served_as_clients_want_it(tmp_path):
    """200 with the file's bytes, a strong tag and a date; 304 to who has it; HEAD; also below the address's own path."""
    async with running(tmp_path) as site:
        path = site.links.feed("me")
        got = await site.get(path)
        assert (got.status, got.body) == (200, (site.paths.state / "calendar" / "me.ics").read_bytes())
        assert rfc5545.read(got.body).events
        assert got.headers["content-type"] == "text/calendar; charset=utf-8"
        assert re.fullmatch('"[0-9a-f]{32}"', got.headers["etag"])
        assert got.headers["cache-control"] == "private, no-cache"
        assert got.headers["x-robots-tag"] == "noindex"
        assert got.headers["referrer-policy"] == "no-referrer"
        assert "content-disposition" not in got.headers
        assert (await site.get(f"/renewd{path}")).status == 200
        head = await site.get(path, "HEAD")
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(got.body)))
        for name, value, status in (
            ("If_None_Match", got.headers["etag"], 304), ("If_None_Match", f'"x", W/{got.headers["etag"]}', 304),
            ("If_None_Match", "*", 304), ("If_None_Match", '"x"', 200),
            ("If_Modified_Since", got.headers["last-modified"], 304),
            ("If_Modified_Since", "Thu, 01 Jan 2015 00:00:00 GMT", 200), ("If_Modified_Since", "yesterday", 200),
        ):  # fmt: skip
            again = await site.get(path, **{name: value})
            assert (again.status, again.headers["etag"]) == (status, got.headers["etag"]), value
            assert not again.body or status == 200


async def test_whoever_does_not_know_the_secret_learns_nothing(tmp_path):
    """A wrong token, a person who is none, a path that leads out: the one 404, byte for byte; nothing but reading."""
    async with running(tmp_path) as site:
        own = site.links.token("me")
        any404 = await site.get("/")
        for path in (
            f"/calendar/{'0' * 40}/me.ics", f"/calendar/{own}/mom.ics", f"/calendar/{own}/nobody.ics",
            f"/calendar/{own[:-1]}/me.ics", f"/calendar/{own}/..%2fledger.sqlite3", f"/calendar/{own}/me.rp.ics",
            f"/calendar/{own}/../web.json", f"/calendar/{own.upper()}/me.ics", "/calendar//me.ics", "/web.json",
        ):  # fmt: skip
            got = await site.get(path)
            assert (got.status, got.body) == (any404.status, any404.body) == (404, b"not found\n")
            assert {**got.headers, "date": ""} == {**any404.headers, "date": ""}
        for method in ("POST", "PUT", "DELETE"):
            assert (await site.get(site.links.feed("me"), method)).status == 405


async def test_who_guesses_is_slowed_down_and_others_are_not(tmp_path):
    """After a hundred wrong secrets in a minute the answer is 429; the right one is still served."""
    async with running(tmp_path) as site:
        wrong = [(await site.get(f"/calendar/{n:040x}/me.ics")).status for n in range(102)]
        assert wrong == [404] * 100 + [429] * 2
        assert (await site.get(site.links.feed("me"))).status == 200


async def test_a_file_that_is_not_whole_is_not_served(tmp_path):
    """404, on which clients keep what they have; the good one is served again at once when it is back."""
    async with running(tmp_path) as site:
        file = site.paths.state / "calendar" / "me.ics"
        good = file.read_bytes()
        for broken in (b"", good[:500], None):
            file.write_bytes(broken) if broken is not None else file.unlink()
            assert (await site.get(site.links.feed("me"))).status == 404
        file.write_bytes(good)
        assert (await site.get(site.links.feed("me"))).body == good


async def test_rotated_addresses_end_at_once_and_links_in_mails_go_on(tmp_path, shell: Shell):
    """`renewd feed --rotate` beside the running daemon."""
    async with running(tmp_path) as site:
        old, tap = site.links.feed("me"), site.tap()
        said = await asyncio.to_thread(shell, "feed", "--rotate")
        new = site.links.feed("me")
        assert f"http://calendar.example.com/renewd{new}" in said.out
        assert f"webcal://calendar.example.com/renewd{new}" in said.out
        assert [(await site.get(path)).status for path in (old, new, tap)] == [404, 200, 200]
        assert (site.paths.state / "web.json").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, monkeypatch, now=NOW)


def test_feed_says_what_to_write_where_nothing_is_served(shell):
    """Exit 2, with the lines."""
    shell.write('language = "en"\n[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05\n')
    said = shell("feed")
    assert (said.code, said.out) == (2, "")
    assert '[web]  url = "https://renewd.example.com"' in said.err


async def test_no_request_and_no_secret_is_ever_logged(tmp_path, caplog):
    """Neither a good one nor a wrong one, nor what is no request at all."""
    caplog.set_level(logging.DEBUG)
    async with running(tmp_path) as site:
        for path in (site.links.feed("me"), "/calendar/0123456789abcdef/me.ics", site.tap()):
            await site.get(path)
        await site.get(f"{site.links.feed('me')} x\x00y")
        text = caplog.text + repr([one for one in site.heard if isinstance(one, Trouble)])
        assert site.links.token("me") not in text
        assert "0123456789abcdef" not in text
        assert site.links.token("me") not in repr(site.links)
        assert site.links.feed_key.hex() not in repr(site.links)


async def test_an_address_that_is_taken_is_told_and_tried_again(tmp_path):
    """Mails go on; once it is free, the next look serves; another address is taken up without a restart."""
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


# --- how it is ------------------------------------------------------------------------------------------------------


async def test_health_tells_the_truth(tmp_path):
    """200 while looks come and all is well, else 503 with the reason, and nobody's name."""
    async with running(tmp_path) as site:
        well = await site.get("/healthz")
        assert (well.status, json.loads(well.body)["wrong"]) == (200, [])
        metrics = (await site.get("/metrics")).body.decode()
        assert "renewd_healthy 1\n" in metrics
        assert 'renewd_mails{state="sent"} 2\n' in metrics
        assert f"renewd_last_look_timestamp_seconds {NOW.timestamp():.0f}\n" in metrics
        site.now += timedelta(minutes=6)
        late = await site.get("/healthz")
        assert (late.status, json.loads(late.body)["wrong"]) == (503, ["no-look"])
        site.paths.config.write_text(FILE.format(port=site.port).replace("2026-12-05", "soon"), "utf-8")
        await site.daemon.run_pass()
        wrong = await site.get("/healthz")
        assert (wrong.status, json.loads(wrong.body)["wrong"]) == (503, ["mistakes"])
        assert b"tello" not in wrong.body + metrics.encode()


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ({}, ()), ({"looked": None}, ("no-look",)), ({"looked": NOW + timedelta(hours=1)}, ("no-look",)),
        ({"trouble": True}, ("trouble",)), ({"failing": 2, "problems": 1}, ("not-delivered", "mistakes")),
    ],
)  # fmt: skip
def test_what_counts_as_unwell(words, wrong):
    """What `renewd status` counts, and looks that do not come."""
    stands = {"now": NOW, "looked": NOW, "trouble": False, "failing": 0, "problems": 0, "plans": 1, "next_mail": None}
    assert Health(**{**stands, **words}).wrong == wrong  # type: ignore[arg-type]


# --- one tap --------------------------------------------------------------------------------------------------------


async def test_a_tap_shows_first_and_records_what_mark_would(tmp_path, shell: Shell):
    """GET changes nothing, as often as it comes; POST writes the same as the command, and says so."""
    async with running(tmp_path) as site:
        before = site.paths.config.read_text()
        for method in ("GET", "HEAD", "GET"):
            got = await site.get(site.tap(), method)
            assert got.status == 200
            assert site.paths.config.read_text() == before
        assert "Tello <b>& is renewed: Sat, Dec 5 -> Mon, Jan 4, 2027." in got.words
        assert b"<b>&" not in got.body
        assert got.headers["content-security-policy"].startswith("default-src 'none'")
        assert got.headers["cache-control"] == "no-store"
        done = await site.get(site.tap(), "POST", b"whatever=1")
        assert done.status == 200
        assert "Written down" in done.words
        tapped = site.paths.config.read_text()
        assert "renews = 2027-01-04" in tapped
        assert (await asyncio.to_thread(shell, "undo")).code == 0
        assert site.paths.config.read_text() == before
        assert (await asyncio.to_thread(shell, "mark", "tello", "renewed")).code == 0
        assert site.paths.config.read_text() == tapped


async def test_a_link_that_is_used_old_altered_or_of_nobody_says_so_and_changes_nothing(tmp_path):
    """Also one that an edit by hand has overtaken, and POST is no different from GET there."""
    async with running(tmp_path) as site:
        tap = site.tap()
        good = site.paths.config.read_text()
        signed = tap.removeprefix("/done/")
        flipped = signed[:-3] + ("A" if signed[-3] != "A" else "B") + signed[-2:]
        edited = good.replace("2026-12-05", "2026-12-06")
        gone = good.replace("[plan.tello]", "[plan.another]")
        theirs = good.replace("price = 5\n", 'price = 5\nfor = ["mom"]\n')
        for text, path, days, status, says in (
            (good, f"/done/{flipped}", 0, 404, "not whole"), (good, f"/done/{signed[:-4]}", 0, 404, "not whole"),
            (good, "/done/AAAA", 0, 404, "not whole"), (good, tap, 61, 410, "too old"),
            (edited, tap, 0, 409, "recorded already"), (gone, tap, 0, 410, "not there any more"),
            (theirs, tap, 0, 410, "not there any more"),
        ):  # fmt: skip
            site.paths.config.write_text(text)
            site.now = NOW + timedelta(days=days)
            for method in ("GET", "POST"):
                got = await site.get(path, method)
                assert (got.status, says in got.words) == (status, True), says
                assert site.paths.config.read_text() == text
        site.paths.config.write_text(good)
        site.now = NOW
        assert (await site.get(tap, "POST")).status == 200
        assert (await site.get(tap, "POST")).status == 409
        assert site.paths.config.read_text().count("[[plan.tello.receipt]]") == 1
        assert (await site.get(tap, "DELETE")).status == 405


async def test_two_taps_at_once_record_once(tmp_path):
    """The second finds that it is done."""
    async with running(tmp_path) as site:
        tap = site.tap()
        found = await asyncio.gather(*[site.get(tap, "POST") for _ in range(4)])
        assert sorted(got.status for got in found) == [200, 409, 409, 409]


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


def test_a_link_is_over_once_its_fact_is_there():
    """Whatever recorded it; another fact about the same plan does not end it."""
    base = {"renews": "2026-12-05", "every": "1 month", "bills": (bill("x", "2026-12-12"), bill("y", "2026-12-12"))}
    one = plan(**base)
    paid = plan(**{**base, "bills": (bill("x", "2026-12-12", paid_on="2026-12-02"), base["bills"][1])})
    moved = plan(**{**base, "renews": "2027-01-05"})
    x = item_id("x")
    assert state_of(one, "renewed", "") == state_of(paid, "renewed", "") != state_of(moved, "renewed", "")
    assert state_of(one, "paid", x) == state_of(moved, "paid", x) is not None
    assert state_of(paid, "paid", x) is None
    used = [plan(keep_alive=keep_alive("90 days", on)) for on in ("2026-10-01", "2026-12-01")]
    assert len({state_of(each, "kept-alive", "") for each in used}) == 2
    made = [plan(backups=(Backup(what="z", done_on=on),)) for on in (None, date(2026, 12, 1))]
    assert len({state_of(each, "backed-up", item_id("z")) for each in made} - {None}) == 2
    assert state_of(plan(autopay=True, failed_on="2026-12-05"), "failed", "2026-12-05") is None
    assert state_of(plan(renews="2026-12-05"), "renewed", "") is None, "nobody knows how long a payment lasts"


def test_a_signature_is_of_this_installation_alone():
    """Another key, or one bit of another person, and it is none."""
    ours, theirs = Links("https://x.example", b"f", b"t"), Links("https://x.example", b"f", b"u")
    tap = Tap("me", "tello", "renewed", "", "abc", date(2027, 1, 31))
    assert ours.read(ours.signed(tap)) == tap
    for text in (theirs.signed(tap), "", "=", "号", ours.signed(tap)[:-1], "A" * 80):
        with pytest.raises(BadLinkError):
            ours.read(text)
    assert len(ours.token("me")) == 40
    assert ours.token("me") != ours.token("mom") != theirs.token("me")
    assert household(plan()).people["me"].id == "me"


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
