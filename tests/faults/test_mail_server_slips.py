"""The first set-up loses nothing: whatever means a mail server and names none well holds the mails until it is mended."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from renewd.cli.console_log import ConsoleLog
from renewd.cli.screen import Screen
from renewd.disk import Paths
from renewd.ledger.places import open_ledger
from renewd.service import lifecycle, live_config
from renewd.service.daemon import Daemon
from renewd.service.live_config import read_config
from renewd.state import hold
from shell import Shell
from smtp import Elsewhere, Peer

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
PLAN = '[plan.main]\nrenews = 2100-01-01\n[[plan.main.bill]]\nwhat = "Overage"\namount = 12.50\ndue = 2026-01-15\n'
TO = 'to = "me@example.com"\n'
SLIPS = {
    "name-and-port": f'[mail]\n{TO}host = "smtp.example.com:587"\n',
    "curly": f"[mail]\n{TO}host = “smtp.example.com”\n",
    "unquoted": f"[mail]\n{TO}host = smtp.example.com\n",
    "empty": f'[mail]\n{TO}host = ""\n',
    "hots": f'[mail]\n{TO}hots = "smtp.example.com"\n',
    "server": f'[mail]\n{TO}server = "smtp.example.com"\n',
    "smtp": f'[mail]\n{TO}smtp = "smtp.example.com"\n',
    "smtp-table": f'[mail]\n{TO}[smtp]\nhost = "smtp.example.com"\n',
    "capital": f'[Mail]\nhost = "smtp.example.com"\n[mail]\n{TO}',
    "forgotten": f'[mail]\n{TO}port = 587\nusername = "me@example.com"\n',
}
MORE = {
    "email-table": f'[mail]\n{TO}[email]\nserver = "smtp.example.com"\n',
    "mial": f'[mail]\n{TO}[mial]\nhost = "smtp.example.com"\n',
    "chinese-table": f'[mail]\n{TO}["邮箱"]\nserver = "smtp.example.com"\n',
    "any-table": f'[mail]\n{TO}[outgoing]\nhost = "smtp.example.com"\n',
    "sub-table": f'[mail]\n{TO}[mail.server]\nhost = "smtp.example.com"\n',
    "twice": f'[mail]\n{TO}[mail]\nhost = "smtp.example.com"\n',
    "no-equals": f'[mail]\n{TO}host "smtp.example.com"\n',
    "bad-header": f'[mail]\n{TO}[mail server\nhost = "smtp.example.com"\n',
    "colon": f'[mail]\n{TO}host: "smtp.example.com"\n',
    "address": f'[mail]\n{TO}host = "smtp://smtp.example.com"\n',
    "number": f"[mail]\n{TO}host = 587\n",
    "list": f'[mail]\n{TO}host = ["smtp.example.com"]\n',
    "upper": f'[mail]\n{TO}HOST = "smtp.example.com"\n',
    "password-only": f'[mail]\n{TO}password = "secret"\n',
    "secret-file-only": f'[mail]\n{TO}password_file = "p"\n',
    "tls-only": f'[mail]\n{TO}tls = "ssl"\n',
    "ca-only": f'[mail]\n{TO}ca_file = "ca.pem"\n',
    "dotted-top": f'smtp.host = "smtp.example.com"\n[mail]\n{TO}',
    "flat": f'smtp_host = "smtp.example.com"\n[mail]\n{TO}',
    "bare-host": f'host = "smtp.example.com"\n[mail]\n{TO}',
    "in-person": f'[mail]\n{TO}[person.me]\nhost = "smtp.example.com"\n',
    "in-calendar": f'[mail]\n{TO}[calendar]\nsmtp = "smtp.example.com"\n',
    "table-list": '[[mail]]\nhost = "smtp.example.com"\n[person.me]\nemail = "me@example.com"\n',
    "no-table": 'mail = "smtp.example.com"\n[person.me]\nemail = "me@example.com"\n',
    "full-width": f'[mail]\n{TO}host ＝ "smtp.example.com"\n',
    "dotted-twice": f'mail.hots = "smtp.example.com"\nmail.{TO}',
}  # fmt: skip
WAITS = {"en": "Mails wait", "zh-CN": "信都等着"}
NOT_SENT = {"en": "not sent", "zh-CN": "没寄出"}


def good(server: Peer) -> str:
    return f'[mail]\n{TO}host = "127.0.0.1"\nport = {server.port}\ntls = "none"\n{PLAN}'


def once(shell: Shell) -> tuple[int, str]:
    """Run what cron runs, in this process, and return its exit code and words."""
    said = io.StringIO()
    log = ConsoleLog(Screen(shell.language, said), once=True)
    code = lifecycle.run(Paths(shell.config, shell.state), log.tell, once=True, clock=lambda: NOW)
    return code, said.getvalue()


def held(shell: Shell) -> None:
    """See that nothing counts as sent, and that each command says what is wrong, in the reader's language."""
    wait = WAITS[shell.language]
    assert not (shell.state / "Maildir").exists()
    assert {one["state"] for one in json.loads(shell("history", "--json").out)} <= {"failed"}
    for words, code in (("check", 78), ("doctor", 1), ("status", 1), ("test-mail", 75)):
        said = shell(words)
        assert said.code == code, words
        flat = re.sub(r"\s+", "", said.out + said.err)
        assert "mail.host" in flat, words
        assert wait.replace(" ", "") in flat, words
    status = json.loads(shell("status", "--json").out)
    assert [one["person"] for one in status["failing"]] == ["me"]
    assert "mail.host" in repr(status["problems"])


@pytest.mark.parametrize("way", ["cron", "daemon"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_at_the_first_set_up_holds_the_mails_and_is_said_everywhere(tmp_path, monkeypatch, language, slip, way):
    """And they go out after the mend, to the server alone."""
    monkeypatch.setattr(live_config, "_SETTLED", 0)
    shell = Shell(tmp_path, monkeypatch, language=language, width=400, now=NOW)
    shell.write(f'language = "{language}"\n{SLIPS[slip]}{PLAN}')
    with Elsewhere() as server:
        if way == "cron":
            code, said = once(shell)
            assert code == 75, said
            held(shell)
        else:
            said = asyncio.run(lived(shell, lambda: held(shell), good(server)))
        assert NOT_SENT[language] in said
        assert "mail.host" in said
        assert WAITS[language] in said
        if way == "cron":
            shell.write(good(server))
            assert once(shell)[0] == 0
        assert [mail.recipient for mail in server.mails] == ["me@example.com"]
    assert not (shell.state / "Maildir").exists()


async def lived(shell: Shell, look: Callable[[], None], mended: str) -> str:
    """Let a daemon pass twice, look, mend its file and let it pass again; return what it printed."""
    said = io.StringIO()
    log = ConsoleLog(Screen(shell.language, said), once=False)
    paths = Paths(shell.config, shell.state)
    with hold(paths.state):
        ledger = open_ledger(None, paths.state, NOW).ledger
        daemon = Daemon(
            paths, read_config(paths, NOW, None), ledger=ledger, fresh=True, clock=lambda: NOW, tell=log.tell
        )
        await daemon.begin()
        assert not await daemon.run_pass()
        assert not await daemon.run_pass()
        await asyncio.to_thread(look)
        shell.write(mended)
        assert await daemon.run_pass()
        await daemon.finish()
    return said.getvalue()


@pytest.mark.parametrize("slip", MORE)
def test_whatever_else_means_a_server_holds_the_mails_too(tmp_path, monkeypatch, slip):
    shell = Shell(tmp_path, monkeypatch)
    shell.write(MORE[slip] + PLAN)
    code, said = once(shell)
    assert (code, "mail.host" in said) == (75, True), said
    assert not (shell.state / "Maildir").exists()
    assert shell("check").code == 78


@pytest.mark.parametrize("slip", SLIPS)
def test_a_daemon_holds_the_mails_where_a_good_form_without_a_server_is_known(tmp_path, monkeypatch, slip):
    """That of the day before."""
    shell = Shell(tmp_path, monkeypatch, now=NOW)
    paths = Paths(shell.config, shell.state)
    shell.write(f"[mail]\n{TO}" + PLAN.replace("2026-01-15", "2099-01-15"))
    before = read_config(paths, NOW, None).good
    shell.write(SLIPS[slip] + PLAN)
    assert read_config(paths, NOW, before).settings.mail.held is not None
    paths.state.mkdir(mode=0o700)
    (paths.state / "good.json").write_text(before.to_json(), "utf-8")
    assert once(shell)[0] == 75
    assert not (paths.state / "Maildir").exists()


@pytest.mark.parametrize(
    ("top", "mail"), [("", ""), ("", 'from = "me@example.com"\n'), ('budgett = 50\n[extra]\nnote = "x"\n', "")]
)
def test_a_maildir_is_for_who_writes_of_no_server(tmp_path, monkeypatch, top, mail):
    shell = Shell(tmp_path, monkeypatch)
    shell.write(f"{top}[mail]\n{TO}{mail}{PLAN}")
    assert once(shell)[0] == 0
    assert len(list((shell.state / "Maildir" / "new").iterdir())) == 1


def test_a_server_in_an_included_file_holds_the_mails(tmp_path, monkeypatch):
    shell = Shell(tmp_path, monkeypatch)
    shell.write(f'include = "more.toml"\n[mail]\n{TO}{PLAN}')
    more = tmp_path / "more.toml"
    more.write_text('[mail]\nhost = "smtp.example.com"\n')
    more.chmod(0o600)
    assert once(shell)[0] == 75
    assert not (shell.state / "Maildir").exists()


def test_a_file_that_cannot_be_read_at_all_holds_what_it_may_mean(tmp_path):
    """The good form has no server; the broken file may have one."""
    paths = Paths(tmp_path / "plans.toml", tmp_path / "state")
    paths.config.write_text(f"[mail]\n{TO}{PLAN}")
    paths.config.chmod(0o600)
    good = read_config(paths, NOW, None).good
    paths.config.write_text(f'[mail]\n{TO}host = "smtp.example.com"\n{PLAN}note = """\n')
    assert read_config(paths, NOW, good).settings.mail.held == "mail.host"
    paths.config.write_text(f'[mail]\n{TO}{PLAN}note = """\n')
    assert read_config(paths, NOW, good).settings.mail.held is None


def test_a_good_test_mail_ends_every_wait(tmp_path, monkeypatch):
    """The server was mended: what waits goes out in the next pass, and not at the end of its wait."""
    shell = Shell(tmp_path, monkeypatch)
    with Elsewhere() as server:
        server.says["RCPT"] = "550 5.1.1 No such user"
        shell.write(good(server))
        assert once(shell)[0] == 75
        del server.says["RCPT"]
        assert once(shell)[0] == 75
        assert shell("test-mail").code == 0
        assert once(shell)[0] == 0
        assert len(server.mails) == 2
