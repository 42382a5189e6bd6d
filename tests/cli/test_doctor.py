"""`doctor`: each finding with what it means and what to do, in both languages; 1 where something needs fixing."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import trustme

from renewd.channels.smtp import Smtp
from renewd.config.secrets import Secret
from renewd.domain.diagnosis import Diagnosis
from renewd.ledger.places import open_ledger
from renewd.service import diagnostics
from shell import NOW, Shell
from smtp import DROP, Elsewhere, Leaping, peer

FILE = 'language = "{}"\ntimezone = "America/New_York"\n[mail]\nto = "me@example.com"\n{}[plan.tello]\nrenews = 2026-12-05\nevery = "30 days"\n'
MARKS = {"✓": "ok", "!": "note", "✗": "bad"}


def weights(out: str) -> list[str]:
    return [MARKS[line[0]] for line in out.splitlines() if line[:1] in MARKS]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_where_all_is_well_it_says_so_line_by_line(shell: Shell, language: str) -> None:
    shell.language = language
    shell.write(FILE.format(language, ""))
    shell.state.mkdir(mode=0o700)
    with closing(open_ledger(None, shell.state, NOW).ledger) as ledger:
        ledger.set_last_pass(NOW - timedelta(minutes=3))
        said = shell("doctor")
    assert (said.code, said.err) == (0, "")
    assert weights(said.out) == [*["ok"] * 7, "note", "ok", "ok"]  # it is not running


def mistakes(shell: Shell) -> None:
    shell.write(FILE.format(shell.language, "") + "wrong = 1\n")


def old_clock(shell: Shell) -> None:
    shell.now = datetime(1970, 1, 1, tzinfo=UTC)


def open_folder(shell: Shell) -> None:
    shell.state.chmod(0o755)


def damaged(shell: Shell) -> None:
    with closing(open_ledger(None, shell.state, NOW).ledger):
        pass
    path = shell.state / "ledger.sqlite3"
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8192)


def cut_off(shell: Shell) -> None:
    (shell.state / "ledger.sqlite3").write_bytes(b"")


def ahead(shell: Shell) -> None:
    with closing(open_ledger(None, shell.state, NOW).ledger) as ledger:
        ledger.set_last_pass(NOW + timedelta(days=400))


def full(shell: Shell) -> None:
    shell.monkeypatch.setattr(diagnostics, "_ROOM", 2**62)


def no_password(shell: Shell) -> None:
    lines = f'host = "localhost"\nport = 1\ntls = "none"\nusername = "me"\npassword_file = "{shell.folder}/none"\n'
    shell.write(FILE.format(shell.language, lines))


def no_name(shell: Shell) -> None:
    def nobody(*_args: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    shell.monkeypatch.setattr(socket, "getaddrinfo", nobody)
    shell.write(FILE.format(shell.language, 'host = "mail.example.com"\n'))


def somebody_elses(shell: Shell) -> None:
    plain = os.access  # root may enter everywhere
    shell.monkeypatch.setattr(os, "access", lambda path, mode: path != shell.state and plain(path, mode))


def no_zones(shell: Shell) -> None:
    def none(_name: str) -> str:
        raise PackageNotFoundError

    shell.monkeypatch.setattr(diagnostics, "_system_zones", lambda: None)
    shell.monkeypatch.setattr(diagnostics, "version", none)
    shell.monkeypatch.setattr(diagnostics, "requires", lambda _name: [])


def written_by_others(shell: Shell) -> None:
    (shell.folder / "carriers.toml").write_text('[carrier.tello]\nname = "Tello"\n')
    (shell.folder / "carriers.toml").chmod(0o666)


def no_database(shell: Shell) -> None:
    shell.write(FILE.format(shell.language, "") + '[ledger]\nurl = "postgresql://me:hunter2@127.0.0.1:1/x"\n')


def no_server(shell: Shell) -> None:
    shell.write(FILE.format(shell.language, 'host = "127.0.0.1"\nport = 1\ntls = "none"\n'))


def no_mailbox(shell: Shell) -> None:
    (shell.folder / "word").write_text("x")
    (shell.folder / "word").chmod(0o600)
    lines = (
        '[answers]\nhost = "127.0.0.1"\nport = 1\ntls = "none"\nusername = "me@example.com"\npassword_file = "word"\n'
    )
    shell.write(FILE.format(shell.language, "") + lines)


def no_imap_password(shell: Shell) -> None:
    shell.write(FILE.format(shell.language, "") + '[answers]\nhost = "127.0.0.1"\nusername = "me@example.com"\n')


@pytest.mark.parametrize(
    ("wreck", "says"),
    [
        (mistakes, ["renewd check", "renewd check"]),
        (old_clock, ["Set the clock", "请校准时钟"]),
        (open_folder, ["chmod 700", "chmod 700"]),
        (somebody_elses, ["give that user the folder", "把目录交给那个用户"]),
        (damaged, ["puts it aside", "放到一边"]),
        (cut_off, ["puts it aside", "放到一边"]),
        (ahead, ["Check it", "请检查时钟"]),
        (full, ["Make room", "请腾出空间"]),
        (no_zones, ["Install the package tzdata", "请安装 tzdata"]),
        (no_database, ["until it is back", "连上后自动继续"]),
        (no_name, ["Check `mail.host`", "检查 `mail.host`"]),
        (no_mailbox, ["The mailbox at 127.0.0.1:1", "127.0.0.1:1"]),
        (no_imap_password, ["set-secret imap-password", "set-secret imap-password"]),
        (no_server, ["Check `mail.host` and `mail.port`", "检查 `mail.host` 和 `mail.port`"]),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_is_wrong_is_said_with_what_to_do(shell: Shell, language: str, wreck, says: list[str]) -> None:
    shell.width, shell.language = 400, language
    shell.write(FILE.format(language, ""))
    shell.state.mkdir(mode=0o700)
    wreck(shell)
    said = shell("doctor")
    assert said.code == 1
    (line,) = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert says[language == "zh-CN"] in line
    assert "hunter2" not in said.out + said.err


@pytest.mark.parametrize(("wreck", "says"), [(no_password, "cannot be read"), (written_by_others, "chmod 640")])
def test_what_check_and_the_journal_say_of_files_is_said_here_too(shell: Shell, wreck, says: str) -> None:
    shell.width = 400
    shell.write(FILE.format("en", ""))
    wreck(shell)
    said = shell("doctor")
    assert said.code == 1
    assert says in next(line for line in said.out.splitlines() if line.startswith("✗ P"))  # Permissions, Password


def test_numbers_that_others_may_read_are_a_note_with_the_chmod(shell: Shell) -> None:
    shell.width = 400
    shell.write(FILE.format("en", "") + 'number = "+12065550142"\n')
    shell.config.chmod(0o644)
    said = shell("doctor")
    assert said.code == 0
    (line,) = [line for line in said.out.splitlines() if line.startswith("! Permissions")]
    assert "chmod 640" in line


def test_what_is_older_than_renewd_allows_is_named() -> None:
    assert diagnostics.of_program().weight == "ok"
    found = diagnostics.of_program(
        ["jinja2>=99.1", "babel>=2.14", 'psycopg>=99; extra == "postgres"', "nothing-there>=1.0"]
    )
    assert (found.how, found.weight) == ("old", "bad")
    assert found.args["names"] == f"jinja2 {version('jinja2')} < 99.1, nothing-there 0 < 1.0"


def test_without_a_file_it_says_how_to_make_one(shell: Shell) -> None:
    said = shell("doctor")
    assert said.code == 1
    assert weights(said.out)[:2] == ["ok", "bad"]


def test_a_test_mail_goes_the_whole_way(shell: Shell) -> None:
    shell.write(FILE.format("en", ""))
    said = shell("doctor", "--mail")
    assert said.code == 0
    assert len(list((shell.state / "Maildir" / "new").iterdir())) == 1


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_test_mail_says_where_a_bounce_would_come(shell: Shell, language: str) -> None:
    """What a server takes and cannot deliver comes back to the envelope's sender: somebody must read that."""
    shell.language = language
    with Elsewhere() as server:
        for sender, comes_to in (("", "me@example.com"), ('from = "renewd <li@example.com>"\n', "li@example.com")):
            shell.write(FILE.format(language, f'host = "127.0.0.1"\nport = {server.port}\ntls = "none"\n{sender}'))
            said = shell("doctor", "--mail")
            assert said.code == 0
            assert ("bounce" if language == "en" else "退信") in said.out
            assert comes_to in said.out
            assert server.mails[-1].sender == comes_to


def test_old_rules_of_zones_are_noted() -> None:
    found = list(diagnostics.of_machine(Path("/nonexistent"), "UTC", datetime(2036, 1, 1, tzinfo=UTC)))
    assert [one.weight for one in found if one.name == "zones"] == ["note"]


# --- the server -----------------------------------------------------------------------------------------------------


async def diagnoses(channel, now=None) -> list[Diagnosis]:
    return [one async for one in channel.diagnose(Secret(), now or datetime.now(UTC))]


def how(found) -> list[tuple[str, str]]:
    return [(one.name, one.how) for one in found]


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> tuple[trustme.CA, Path]:
    ca = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return ca, path


def context(ca: trustme.CA, **words) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", **words).configure_cert(made)
    return made


async def test_every_step_up_to_one_login_is_looked_at(authority) -> None:
    ca, path = authority
    now = datetime.now(UTC)
    ends = now + timedelta(days=90)
    async with peer(tls=context(ca, not_after=ends)) as server:
        smtp = Smtp(host="127.0.0.1", port=server.port, ca_file=path, username="me", password="secret")
        found = await diagnoses(smtp, now)
        assert how(found) == [("name", "ok"), ("line", "ok"), ("encryption", "ok"), ("login", "ok")]
        assert abs(found[2].args["ends"] - ends) < timedelta(seconds=2)
        assert server.count("AUTH") == 1
        assert server.count("MAIL") == 0
        soon = await diagnoses(smtp, ends - timedelta(days=13))
        assert how(soon)[2] == ("encryption", "soon")
        wrong = await diagnoses(replace(smtp, password="wrong"), now)
        assert how(wrong)[-1] == ("login", "failed")
        assert wrong[-1].outcome.reason == "auth-refused"
        assert server.count("AUTH") == 3


async def test_a_certificate_that_nobody_trusts_is_the_encryptions_trouble(authority) -> None:
    ca, _ = authority
    async with peer(tls=context(ca)) as server:
        found = await diagnoses(Smtp(host="127.0.0.1", port=server.port))
        assert how(found) == [("name", "ok"), ("line", "ok"), ("encryption", "failed")]


async def test_a_server_that_hangs_up_is_the_lines_trouble() -> None:
    async with peer() as server:
        server.says["GREETING"] = DROP
        found = await diagnoses(Smtp(host="127.0.0.1", port=server.port, tls="none"))
        assert how(found) == [("name", "ok"), ("line", "failed")]


def test_a_silent_name_server_is_the_names_trouble(monkeypatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: never.wait(60) or [])
    with asyncio.Runner(loop_factory=lambda: Leaping(leaps=True)) as runner:
        smtp = Smtp(host="mail.example.com", port=25, tls="none")
        found = runner.run(diagnoses(smtp))
    never.set()
    assert how(found) == [("name", "failed")]


async def test_a_line_without_encryption_is_noted() -> None:
    async with peer() as server:
        found = await diagnoses(Smtp(host="127.0.0.1", port=server.port, tls="none"))
        assert how(found) == [("name", "ok"), ("line", "ok"), ("encryption", "none")]
