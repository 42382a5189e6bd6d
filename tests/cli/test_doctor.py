"""`doctor`: each finding with what it means and what to do, in both languages; 1 where something is to put right."""

from __future__ import annotations

import ssl
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from renewd import checkup
from renewd.channels.smtp import Smtp
from renewd.ledger.places import open_ledger
from renewd.service import RELEASED
from shell import NOW, Shell
from smtp import DROP, peer

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
        ledger.looked(NOW - timedelta(minutes=3))
        said = shell("doctor")
    assert (said.code, said.err) == (0, "")
    assert weights(said.out) == ["ok", "ok", "ok", "ok", "ok", "note", "ok", "ok"]  # it is not running


def mistakes(shell: Shell) -> None:
    shell.write(FILE.format("en", "") + "wrong = 1\n")


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
        ledger.looked(NOW + timedelta(days=400))


def full(shell: Shell) -> None:
    shell.monkeypatch.setattr(checkup, "_ROOM", 2**62)


def no_database(shell: Shell) -> None:
    shell.write(FILE.format("en", "") + '[ledger]\nurl = "postgresql://me:hunter2@127.0.0.1:1/x"\n')


def no_server(shell: Shell) -> None:
    shell.write(FILE.format("en", 'host = "127.0.0.1"\nport = 1\ntls = "none"\n'))


@pytest.mark.parametrize(
    ("wreck", "says"),
    [
        (mistakes, "renewd check"),
        (old_clock, "Set the clock"),
        (open_folder, "chmod 700"),
        (damaged, "damaged"),
        (cut_off, "damaged"),
        (ahead, "Check the clock"),
        (full, "Make room"),
        (no_database, "cannot be reached"),
        (no_server, "Check `mail.host` and `mail.port`"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(shell: Shell, wreck, says: str) -> None:
    shell.width = 400
    shell.write(FILE.format("en", ""))
    shell.state.mkdir(mode=0o700)
    wreck(shell)
    said = shell("doctor")
    assert said.code == 1
    (line,) = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert says in line
    assert "hunter2" not in said.out + said.err


def test_without_a_file_it_says_how_to_make_one(shell: Shell) -> None:
    said = shell("doctor")
    assert said.code == 1
    assert weights(said.out)[0] == "bad"


def test_a_test_mail_goes_the_whole_way(shell: Shell) -> None:
    shell.write(FILE.format("en", ""))
    said = shell("doctor", "--mail")
    assert said.code == 0
    assert len(list((shell.state / "Maildir" / "new").iterdir())) == 1


def test_old_rules_of_zones_are_noted() -> None:
    found = list(checkup.of_machine(Path("/nonexistent"), "UTC", datetime(2036, 1, 1, tzinfo=UTC), RELEASED))
    assert [one.weight for one in found if one.name == "zones"] == ["note"]


# --- the server -----------------------------------------------------------------------------------------------------


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
        found = await checkup.of_server(smtp, now)
        assert how(found) == [("name", "ok"), ("line", "ok"), ("encryption", "ok"), ("login", "ok")]
        assert abs(found[2].args["ends"] - ends) < timedelta(seconds=2)
        assert server.count("AUTH") == 1
        assert server.count("MAIL") == 0
        soon = await checkup.of_server(smtp, ends - timedelta(days=13))
        assert how(soon)[2] == ("encryption", "soon")
        wrong = await checkup.of_server(replace(smtp, password="wrong"), now)
        assert how(wrong)[-1] == ("login", "failed")
        assert wrong[-1].outcome.reason == "auth-refused"
        assert server.count("AUTH") == 3


async def test_a_certificate_that_nobody_trusts_is_the_encryptions_trouble(authority) -> None:
    ca, _ = authority
    async with peer(tls=context(ca)) as server:
        found = await checkup.of_server(Smtp(host="127.0.0.1", port=server.port), datetime.now(UTC))
        assert how(found) == [("name", "ok"), ("line", "ok"), ("encryption", "failed")]


async def test_a_server_that_hangs_up_is_the_lines_trouble() -> None:
    async with peer() as server:
        server.says["GREETING"] = DROP
        found = await checkup.of_server(Smtp(host="127.0.0.1", port=server.port, tls="none"), datetime.now(UTC))
        assert how(found) == [("name", "ok"), ("line", "failed")]


async def test_a_line_without_encryption_is_noted() -> None:
    async with peer() as server:
        found = await checkup.of_server(Smtp(host="127.0.0.1", port=server.port, tls="none"), datetime.now(UTC))
        assert how(found) == [("name", "ok"), ("line", "ok"), ("encryption", "none")]
