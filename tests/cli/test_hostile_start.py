"""Odd environments and odd words on the command line: an exit code of the contract, a sentence, and nothing that acts on a terminal."""

from __future__ import annotations

import errno
import os
import re
import stat

import pytest

from limits import no_longer_than
from renewd.channels.maildir import Maildir
from shell import Said, Shell

PLANS = """\
timezone = "America/New_York"
[mail]
to = "me@example.com"
[plan.a]
renews = 2026-12-05
every = "30 days"
price = 5
[[plan.a.bill]]
what = "overage"
due = 2026-12-01
amount = 3
"""
CODES = {0, 1, 2, 3, 75, 78}
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ENVIRONMENTS = {
    "LANG": ("", "zz_ZZ.nonsense", "../../etc/passwd", "C.UTF-8@\x1b[2J", "zh_CN.GB18030", "A" * 5000, "\udcff"),
    "LC_ALL": ("POSIX", "en_US.ISO-8859-1", "\n", "🙂"),
    "TZ": (":/etc/passwd", "../../../etc/shadow", "A" * 5000, "\n", "UTC-25:99", "\udcff", ":", "America/New_York\n"),
    "COLUMNS": ("-1", "0", "1", "99999999999999999999", "abc"),
    "TERM": ("", "\x1b[2J", "A" * 5000),
    "HOME": ("", "relative", "/dev/null", "/nonexistent/\udcff"),
    "XDG_STATE_HOME": ("relative", "/dev/null"),
    "XDG_CONFIG_HOME": ("relative", "/dev/null"),
    "STATE_DIRECTORY": ("", ":", "/dev/null"),
    "RENEWD_SMTP_PASSWORD": ("", "\n", "\x1b[2J", "\udcff", "x" * 100_000),
    "CREDENTIALS_DIRECTORY": ("", "/dev/null", "/nonexistent"),
    "JOURNAL_STREAM": ("x:y", "0:0", "9" * 5000),
    "NOTIFY_SOCKET": ("/nonexistent", "@", "@" + "x" * 500, "relative"),
    "WATCHDOG_USEC": ("abc", "-1", "0", "9" * 400),
    "NO_COLOR": ("", "\x1b"),
    "http_proxy": ("::::", "http://\x1b", "file:///etc/passwd"),
}
WORDS: tuple[tuple[str, ...], ...] = (
    ("",),
    ("--",),
    ("-",),
    ("---",),
    ("--config=",),
    ("check", "check"),
    ("chekc",),
    ("\udcff",),
    ("\x1b[2J",),
    ("x" * 100_000,),
    ("check", *("x",) * 5000),
    ("-V", "check"),
    ("help", "\x1b[2J"),
    ("help", "run", "run"),
    ("agenda", "--days", "-1"),
    ("agenda", "--days", "99999999999999999999"),
    ("agenda", "--days", "1e3"),
    ("agenda", "--days", "１２"),
    ("agenda", "--from", "0001-01-01"),
    ("agenda", "--from", "9999-12-31"),
    ("agenda", "--from", "2026-02-30"),
    ("agenda", "--from", "\x1b[2J"),
    ("report", "--on", "0001-01-01"),
    ("report", "--on", "9999-12-31"),
    ("report", "--format", "exe"),
    ("report", "../../etc/passwd"),
    ("calendar", "--on", "0001-01-01"),
    ("calendar", "--on", "9999-12-31"),
    ("calendar", "--person", "../me"),
    ("calendar", "--output", ""),
    ("calendar", "--output", "/dev/null/x"),
    ("calendar", "--output", "/nonexistent/x.ics"),
    ("history", "show", "99999999999999999999"),
    ("history", "show", "-1"),
    ("history", "show", "٣"),
    ("history", "--plan", "' OR 1=1 --"),
    ("history", "--plan", "\x1b[2J\udcff"),
    ("simulate", "--from", "9999-12-31", "--days", "1", "--into", "out"),
    ("simulate", "--days", "1", "--into", "/dev/null"),
    ("mark", "a", "renewed", "--on", "9999-12-31"),
    ("mark", "a", "renewed", "--on", "0001-01-01"),
    ("mark", "a", "renewed", "--until", "99999-01-01"),
    ("mark", "a", "paid", "overage", "--amount", "1e999999"),
    ("mark", "a", "paid", "overage", "--amount", "NaN"),
    ("mark", "a", "balance", "--amount", "Infinity"),
    ("mark", "a", "balance", "--amount", "-5"),
    ("mark", "a", "balance", "--amount", "9" * 5000),
    ("mark", "a", "renewed", "--reference", '"""\n[mail]\nto = "evil@example.com"\n'),
    ("mark", "a", "renewed", "--reference", "\x1b[2J\u202e"),
    ("mark", "a", "leaving", "--how", "boom"),
    ("mark", "a.cancel", "renewed"),
    ("mark", "a]\n[mail", "renewed"),
    ("plan", "list", "--json", "--json"),
    ("import", "/dev/zero"),
    ("import", "/etc"),
    ("import", "plans.toml", "--from", "../x"),
    ("page", "--person", "../me"),
    ("carriers", "../../etc/passwd"),
    ("ledger", "copy", "/dev/null", "/dev/null"),
    ("--state", "", "status"),
    ("--config", "/dev/null", "check"),
    ("--config", "/proc/self/environ", "check"),
    ("--config", "/", "check"),
    ("--state", "/dev/null", "status"),
    ("--state", "/proc/1/root/nowhere", "run", "--once"),
)


def calm(said: Said) -> None:
    assert said.code in CODES
    assert "Traceback" not in said.out + said.err
    assert not ACTS.search(said.out + said.err)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in ENVIRONMENTS.items() for value in values], ids=str.__repr__
)
def test_an_odd_environment_changes_nothing_that_is_sent(shell: Shell, name: str, value: str) -> None:
    shell.write(PLANS)
    shell.environment = {name: value}
    calm(shell("check"))
    said = shell("run", "--once")
    calm(said)
    assert said.code == 0
    assert len([*shell.state.glob("Maildir/new/*")]) == 1


@pytest.mark.parametrize("words", WORDS, ids=lambda words: repr(" ".join(words))[:60])
def test_odd_words_are_refused_or_done_and_touch_nothing_else(shell: Shell, words: tuple[str, ...]) -> None:
    shell.write(PLANS)
    calm(shell(*words))
    text = shell.config.read_text()
    assert text.startswith(PLANS[: PLANS.index("[plan.a]")])
    assert '[mail]\nto = "evil' not in text


COMMANDS = (
    "run --once", "status", "calendar --output me.ics", "mark a renewed", "undo", "page", "page --rotate", "test-mail"
)  # fmt: skip
STATE_FILES = {
    "ledger": ("ledger.sqlite3",),
    "files": ("good.json", "status.json", "undo.json", "recorded.json", "web.json", "edit.lock", "calendar.json"),
    "folders": ("Maildir", "calendar", "reports", "marks", "test-mail-sent"),
}


@pytest.mark.parametrize("mode", [stat.S_IFIFO, stat.S_IFCHR], ids=["pipe", "device"])
@pytest.mark.parametrize("names", STATE_FILES.values(), ids=STATE_FILES)
def test_what_is_no_file_in_the_state_folder_is_kept_and_not_waited_for(
    shell: Shell, names: tuple[str, ...], mode: int
) -> None:
    shell.write(f'{PLANS}[web]\nlisten = "127.0.0.1:1"\nurl = "https://renewd.example.com"\n')
    shell.state.mkdir(mode=0o700)
    for name in names:
        try:
            os.mknod(shell.state / name, mode | 0o666, os.makedev(1, 5))  # as /dev/zero
        except PermissionError:
            pytest.skip("only root may make devices")
    before = {name: (shell.state / name).lstat() for name in names}
    with no_longer_than(60):
        for words in COMMANDS:
            calm(shell(*words.split()))
    after = {name: (shell.state / name).lstat() for name in names if name != "test-mail-sent"}
    assert {name: (one.st_ino, one.st_mode) for name, one in after.items()} == {
        name: (before[name].st_ino, before[name].st_mode) for name in after
    }


@pytest.mark.parametrize("into", ["/dev/zero", "/dev/full", "/", "gbk.toml", "pipe"])
def test_plans_are_imported_into_a_file_or_not_at_all(shell: Shell, into: str) -> None:
    shell.write(PLANS)
    os.mkfifo(shell.folder / "pipe")
    (shell.folder / "gbk.toml").write_bytes("# 备注".encode("gbk"))
    (shell.folder / "x.csv").write_text("name,price,next payment,cycle\nNetflix,9.99,2027-01-05,monthly\n")
    with no_longer_than(60):
        said = shell("import", "x.csv", "--into", into, "--yes")
    assert (said.code, "Traceback" in said.err) == (2, False)
    assert into in said.err


def test_a_simulation_needs_no_folder_for_temporary_files(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    shell.write(PLANS)
    monkeypatch.setattr("tempfile.mkdtemp", nowhere)
    said = shell("simulate", "--into", "out")
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize("refused", [errno.EFBIG, errno.EBUSY, errno.ENODEV, errno.ESTALE])
def test_whatever_the_system_refuses_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch, refused: int) -> None:
    def fail(*_: object) -> None:
        raise OSError(refused, os.strerror(refused), "/srv/plans")

    shell.write(PLANS)
    monkeypatch.setattr("renewd.cli.agenda.run", fail)
    said = shell("agenda")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("renewd: /srv/plans: ")
    assert len(said.err.splitlines()) == 1


def test_a_file_in_the_place_of_the_state_folder_is_named(shell: Shell) -> None:
    shell.write(PLANS)
    shell.state.write_text("x")
    assert f"{shell.state} is no folder" in "".join(" ".join(shell("status").out.split()))
    assert f"{shell.state} is no folder" in "".join(" ".join(shell("doctor").out.split()))
    said = shell("run", "--once")
    assert (said.code, "Not a directory" in said.err) == (78, True)
    for argv in (("history",), ("history", "--json"), ("history", "show", "1")):
        said = shell(*argv)
        assert (said.code, said.out, "Not a directory" in said.err) == (1, "", True), argv


def test_a_simulation_on_a_full_disk_claims_no_mail(shell: Shell) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    shell.write(PLANS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Maildir, "_write", full)
        said = shell("simulate", "--into", "out")
    assert said.code == 2
    assert "No space left on device" in said.err
    assert "written into" not in said.out
