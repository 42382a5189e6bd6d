"""From a mail to its answer, the file and the mail that says so, over a real Dovecot; and what keeps it from that."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailboxes import DOVECOT, PASSWORD, USER, dovecot
from renewd.redact import MASK
from renewd.service import answer_reader
from renewd.service.daemon_events import Trouble
from sites import Site, running

pytestmark = pytest.mark.skipif(DOVECOT is None, reason="Dovecot is not here")
FILE = """timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
from = "renewd <renewd@example.com>"
[answers]
host = "127.0.0.1"
port = {imap}
tls = "none"
username = "me@example.com"
every = "1 minute"
[plan.tello]
name = "Tello"
renews = 2026-12-05
every = "30 days"
price = 5
"""


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not what():  # noqa: ASYNC110  # a file, which another process changes
            await asyncio.sleep(0.05)


def mails(site: Site) -> list[EmailMessage]:
    files = sorted((site.paths.state / "Maildir" / "new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [mail for mail in read if isinstance(mail, EmailMessage)]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def cursor(site: Site) -> Path:
    return site.paths.state / "answers.json"


async def test_a_mail_is_answered_recorded_and_confirmed(tmp_path, monkeypatch):
    monkeypatch.setenv("RENEWD_IMAP_PASSWORD", PASSWORD)
    monkeypatch.setattr(answer_reader, "_BREATH", 0.01)
    with dovecot() as server:
        async with running(tmp_path, FILE.replace("{imap}", str(server.port))) as site:
            [asked] = mails(site)
            assert asked["Reply-To"] == USER
            assert re.search(r"mailto:me@example\.com\?subject=Done%3A%20Tello%20renewd%3A", text_of(asked))
            await until(cursor(site).exists)
            answer = EmailMessage()
            answer["From"], answer["Message-ID"], answer["Subject"] = USER, "<1@example.com>", f"Re: {asked['Subject']}"
            answer.set_content("Renewed, thanks\n\n" + "".join(f"> {line}\n" for line in text_of(asked).splitlines()))
            server.put(answer.as_bytes())
            await until(lambda: "renews = 2027-01-04" in site.paths.config.read_text())
            await until(lambda: len(mails(site)) == 2)
            said = mails(site)[1]
            assert (said["To"], said["Subject"]) == (USER, "Written down: Tello")
            assert "Jan 4" in said.get_content()


async def test_a_wrong_password_waits_an_hour_and_a_new_one_is_tried_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("RENEWD_IMAP_PASSWORD", "wrong-word")
    with dovecot() as server:
        async with running(tmp_path, FILE.replace("{imap}", str(server.port))) as site:
            await until(lambda: any(isinstance(event, Trouble) for event in site.heard))
            [trouble] = [event for event in site.heard if isinstance(event, Trouble)]
            assert trouble.error.code == "service.answers.login"
            assert site.daemon.answers is not None
            assert site.daemon.answers.trouble == trouble.error
            await site.daemon.run_pass()
            said = json.loads((site.paths.state / "status.json").read_text())["answers"]
            assert "refused the login" in said["trouble"]["en"]
            assert MASK("the server says: wrong-word") == "the server says: ***"
            monkeypatch.setenv("RENEWD_IMAP_PASSWORD", PASSWORD)
            await site.daemon.listen()
            await until(lambda: site.daemon.answers and site.daemon.answers.looked == site.now)
            assert site.daemon.answers.trouble is None


async def test_a_server_that_hangs_holds_nothing_up(tmp_path, monkeypatch):
    monkeypatch.setenv("RENEWD_IMAP_PASSWORD", PASSWORD)
    monkeypatch.setattr(answer_reader, "_AFTER_FAILURE", (timedelta(hours=1),))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with running(tmp_path, FILE.replace("{imap}", str(port))) as site:
            assert len(mails(site)) == 1
            begun = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - begun < 5  # the stop did not wait for it


async def test_without_the_extra_it_is_said_once(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "renewd.service.answer_desk", None)
    async with running(tmp_path, FILE.replace("{imap}", "1")) as site:
        await site.daemon.listen()
        [trouble] = [event for event in site.heard if isinstance(event, Trouble)]
        assert trouble.error.code == "service.answers.missing"
