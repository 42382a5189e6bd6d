"""Commands that root types on the system's file: those that only read become the service's user."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from renewd.cli import service_user
from renewd.cli.commands import COMMANDS
from renewd.cli.service_user import become_service_user
from renewd.config import secrets
from renewd.disk import Paths

SERVICE = pwd.struct_passwd(("renewd", "x", 4242, 4343, "", "/var/lib/renewd", "/usr/sbin/nologin"))
READING = {"check", "status", "doctor", "history", "history show", "agenda", "report", "run", "test-mail"}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What would be given up, in its order, on a machine with the service's user."""
    calls: list[tuple[object, ...]] = []
    for name in ("initgroups", "setgid", "setuid", "seteuid", "chown"):
        monkeypatch.setattr(os, name, lambda *args, name=name, **_: calls.append((name, *args)))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "access", lambda *_, **__: True)
    monkeypatch.setattr(pwd, "getpwnam", lambda _: SERVICE)
    monkeypatch.setattr(secrets, "CREDSTORE", Path("/nowhere"))
    monkeypatch.setenv("HOME", "/root")
    monkeypatch.setenv("XDG_STATE_HOME", "/root/state")
    return calls


def test_what_only_reads_gives_up_its_rights_and_the_rest_keeps_them(
    tmp_path: Path, done: list[tuple[object, ...]]
) -> None:
    paths = Paths(tmp_path / "plans.toml", tmp_path)
    for name in COMMANDS:
        done.clear()
        became = become_service_user(name, paths, system=paths.config)
        assert became == (name in READING), name
        rights = [call for call in done if call[0] in ("initgroups", "setgid", "setuid")]
        assert rights == ([("initgroups", "renewd", 4343), ("setgid", 4343), ("setuid", 4242)] if became else [])
        if became:
            assert (os.environ["HOME"], "XDG_STATE_HOME" in os.environ) == ("/var/lib/renewd", False)


def test_another_file_or_a_report_into_a_file_of_roots_is_roots(tmp_path: Path, done: list[tuple[object, ...]]) -> None:
    paths = Paths(tmp_path / "plans.toml", tmp_path)
    assert not become_service_user("status", paths)
    assert not become_service_user("report", paths, system=paths.config, output="/root/report.html")
    assert done == []


def test_nothing_is_given_up_where_the_program_could_not_go_on(
    tmp_path: Path, done: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    paths = Paths(tmp_path / "plans.toml", tmp_path)
    assert not become_service_user("status", paths, system=paths.config)
    assert done == [("seteuid", 4242), ("seteuid", 0)]


def test_a_state_folder_that_is_not_there_is_made_for_the_service(
    tmp_path: Path, done: list[tuple[object, ...]]
) -> None:
    paths = Paths(tmp_path / "plans.toml", tmp_path / "state")
    assert become_service_user("run", paths, system=paths.config)
    assert ("chown", paths.state, 4242, 4343) in done
    assert paths.state.stat().st_mode & 0o777 == 0o700


def test_the_password_of_roots_store_is_handed_over(
    tmp_path: Path, done: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "CREDSTORE", tmp_path)
    monkeypatch.setenv("RENEWD_SMTP_PASSWORD", "")  # so that it is as it was afterwards
    monkeypatch.delenv("RENEWD_SMTP_PASSWORD")
    (tmp_path / "smtp-password").write_text("secret\n")
    paths = Paths(tmp_path / "plans.toml", tmp_path)
    assert become_service_user("run", paths, system=paths.config)
    assert os.environ["RENEWD_SMTP_PASSWORD"] == "secret"


# Carries a command out as root on what it takes for the system's file, and tells who it is afterwards. It does so twice,
# the first time on another file: a Python that only root can read has all its modules then.
COMMAND = """
import json, os, sys
from pathlib import Path
from renewd import cli
from renewd.cli import service_user

def allowed(action):
    try:
        action()
    except OSError:
        return False
    return True

folder = Path(sys.argv[1])
config = folder / "plans.toml"
cli.main(["--config", str(folder / "warm.toml"), "--state", str(folder / "warm"), *sys.argv[2:]])
service_user._can_go_on = lambda _: True
service_user.become_service_user.__kwdefaults__.update(user="nobody", system=config)
code = cli.main(["--config", str(config), "--state", str(folder / "state"), *sys.argv[2:]])
print(json.dumps({
    "code": code,
    "user": os.getresuid(),
    "group": os.getresgid(),
    "groups": os.getgroups(),
    "reads what is root's": allowed((folder / "secret").read_bytes),
    "becomes root again": allowed(lambda: os.seteuid(0)),
    "writes the plans": allowed(lambda: config.open("a").close()),
}))
"""


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that others may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="renewd-") as path:
        folder = Path(path)
        folder.chmod(0o755)
        (folder / "secret").touch(0o600)
        for name in ("plans.toml", "warm.toml"):
            (folder / name).write_text('[mail]\nto = "me@example.com"\n[plan.a]\nrenews = 2026-12-05\n')
        yield folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights")
@pytest.mark.parametrize("words", [["run", "--once"], ["mark", "a", "renewed", "--until", "2027-12-05"]], ids=" ".join)
def test_a_real_process_of_roots_gives_its_rights_up_for_good(open_to_all: Path, words: list[str]) -> None:
    if not all(folder.stat().st_mode & 0o001 for folder in Path(service_user.__file__).resolve().parents):
        pytest.skip("only root can read this program: it is in a folder that is closed to others")
    account = pwd.getpwnam("nobody")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, str(open_to_all), *words], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    reads = words[0] == "run"
    user, group = (account.pw_uid, account.pw_gid) if reads else (0, 0)
    assert told == {
        "code": 0,
        "user": [user] * 3,
        "group": [group] * 3,
        "groups": sorted(os.getgrouplist("nobody", account.pw_gid)) if reads else os.getgroups(),
        "reads what is root's": not reads,
        "becomes root again": not reads,
        "writes the plans": not reads,
    }
    state = open_to_all / "state"
    if reads:
        made = [state, *(one for one in state.rglob("*"))]
        assert len(made) > 3
        assert {(one.stat().st_uid, one.stat().st_gid, one.stat().st_mode & 0o077) for one in made} == {
            (user, group, 0)
        }
