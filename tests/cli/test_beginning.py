"""The first steps: `init`, `demo`, `simulate`, `test-mail`, `run --once`."""

from __future__ import annotations

import html
import json
import os
import re
import stat
import threading
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import tomli

from renewd.assets import ASSETS
from shell import Shell

TELLO = """language = "en"
timezone = "America/New_York"
[mail]
to = "me@example.com"
[plan.tello]
name = "Tello"
renews = 2026-12-05
every = "30 days"
price = 5
"""


def subjects(maildir: Path) -> list[str]:
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (maildir / "new").iterdir()]
    return sorted(str(mail["Subject"]) for mail in mails)


# --- init -----------------------------------------------------------------------------------------------------------


def test_init_writes_a_file_that_is_right_and_says_what_comes_next(shell: Shell) -> None:
    said = shell("init", "--email", "li@example.com")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Written: ~/plans.toml\n")
    assert "renewd check" in said.out
    assert "renewd run" in said.out
    assert tomli.loads(shell.config.read_text("utf-8"))["mail"]["to"] == "li@example.com"
    assert stat.S_IMODE(shell.config.stat().st_mode) == 0o600
    assert (shell.folder / "plans.schema.json").read_bytes() == (ASSETS / "config" / "plans.schema.json").read_bytes()
    assert shell("check").code == 0


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_init_changes_nothing_of_the_starter_but_address_language_and_day(shell: Shell, language: str) -> None:
    shell.language = language
    shell("init", "--email", "li@example.com")
    starter = (ASSETS / "config" / "starter.toml").read_text("utf-8")
    mine = starter.replace("me@example.com", "li@example.com").replace('"en"  ', f'"{language}"  ')
    mine = mine.replace("2026-12-05", "2027-01-01")  # a month from the day on which it is typed
    assert shell.config.read_text("utf-8") == mine


def test_init_never_writes_over_a_file(shell: Shell) -> None:
    shell.write(TELLO)
    said = shell("init", "--email", "li@example.com")
    assert said.code == 2
    assert shell.config.read_text() == TELLO


def test_init_refuses_what_is_no_address_and_writes_nothing(shell: Shell) -> None:
    said = shell("init", "--email", "li at example")
    assert said.code == 2
    assert not shell.config.exists()


def test_init_asks_on_a_terminal_alone(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shell("init")
    assert said.code == 0
    assert "your address below [mail]" in said.out.replace("\n", " ")
    assert tomli.loads(shell.config.read_text("utf-8"))["mail"] == {}
    assert shell("check").code == 78
    shell.config.unlink()
    answers = ["no address", " li@example.com "]
    monkeypatch.setattr("builtins.input", lambda _: answers.pop(0))
    shell.tty, shell.stdin_tty = True, True
    said = shell("init")
    assert answers == []
    assert "'no address' is not an e-mail address" in said.out
    assert tomli.loads(shell.config.read_text("utf-8"))["mail"]["to"] == "li@example.com"


def test_init_says_where_it_may_not_write(shell: Shell) -> None:
    (shell.folder / "file").write_text("")
    said = shell("--config", str(shell.folder / "file" / "plans.toml"), "init", "--email", "li@example.com")
    assert said.code == 2
    assert "cannot be written" in said.err


def test_a_command_to_go_on_with_names_the_file_that_was_named(shell: Shell) -> None:
    file = shell.folder / "my file.toml"
    named = ("--config", str(file), "--state", str(shell.state))
    said = shell(*named, "init", "--email", "li@example.com")
    assert f"renewd --config '{file}' --state {shell.state} check" in said.out
    file.write_text(TELLO.replace("2026-12-05", "2026-10-01"))
    assert shell(*named, "run", "--once").code == 0
    said = shell(*named, "history")
    assert said.out.endswith(f"To read a mail: renewd --config '{file}' --state {shell.state} history show 1\n")


# --- simulate and demo ----------------------------------------------------------------------------------------------


def test_simulate_writes_the_mails_of_days_to_come_and_changes_no_fact(shell: Shell) -> None:
    shell.write(TELLO)
    into = shell.folder / "mails"
    said = shell("simulate", "--from", "2026-12-02", "--days", "4", "--into", str(into))
    assert (said.code, said.err) == (0, "")
    *listed, blank, count = said.out.splitlines()
    assert (blank, count) == ("", f"4 mails written into {into}.")
    assert listed[0].startswith("Wed, Dec 2  Tello stops in 3 days")
    assert len(listed) == 4
    assert len(subjects(into)) == 4
    assert any(subject.startswith("Tello stops in 3 days") for subject in subjects(into))
    assert shell.config.read_text() == TELLO
    assert not shell.state.exists()


def test_simulate_names_the_day_of_whoever_is_told(shell: Shell) -> None:
    """9 AM of Dec 5 in Beijing, when the mail says that service stops today, is still Dec 4 in New York."""
    shell.write(TELLO + '[person.me]\nemail = "me@example.com"\ntimezone = "Asia/Shanghai"\n')
    said = shell("simulate", "--from", "2026-12-04", "--days", "2", "--into", str(shell.folder / "mails"))
    [line] = [line for line in said.out.splitlines() if "stops today" in line]
    assert line.startswith("Sat, Dec 5")


def test_simulate_twice_gives_the_same_bytes_and_no_second_mail(shell: Shell) -> None:
    shell.write(TELLO)
    into = shell.folder / "mails"
    bytes_ = []
    for _ in range(2):
        shell("simulate", "--from", "2026-12-02", "--days", "9", "--into", str(into))
        bytes_.append(sorted(path.read_bytes() for path in (into / "new").iterdir()))
    assert bytes_[0] == bytes_[1] != []


def test_simulate_writes_the_reports_too(shell: Shell) -> None:
    shell.write(TELLO + '[plan.tello.cancel]\nnumber = "port"\n')
    into = shell.folder / "mails"
    shell("simulate", "--from", "2026-12-02", "--days", "3", "--into", str(into))
    assert any("things left" in subject for subject in subjects(into))


def test_simulate_leaves_a_folder_with_other_things_alone(shell: Shell) -> None:
    shell.write(TELLO)
    said = shell("simulate", "--into", str(shell.folder))
    assert said.code == 2
    assert "holds something else" in said.err.replace("\n", " ")
    assert not (shell.folder / "new").exists()


def test_simulate_into_what_is_no_folder_says_so(shell: Shell) -> None:
    shell.write(TELLO)
    said = shell("simulate", "--into", str(shell.config))
    assert said.code == 2
    assert "cannot be written" in said.err


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_demo_shows_mails_and_agenda_of_the_example(shell: Shell, language: str) -> None:
    shell.language = language
    said = shell("demo")
    assert (said.code, said.err) == (0, "")
    folder = shell.folder / "renewd-demo"
    assert sorted(path.name for path in folder.iterdir()) == [
        "Maildir",
        "calendar.ics",
        "index.html",
        "mails",
        "plans.schema.json",
        "plans.toml",
        "report.html",
    ]
    index = (folder / "index.html").read_text("utf-8")
    assert "\x1b" not in index
    pages = re.findall(r'<a href="(mails/[^"]+)">([^<]+)</a>', index)
    assert pages
    assert sorted(html.unescape(subject) for _, subject in pages) == subjects(folder / "Maildir")
    for page in ("report.html", *(page for page, _ in pages)):
        assert f'lang="{language}"' in (folder / page).read_text("utf-8")
    assert shell("demo").code == 2


def test_what_demo_advises_finds_the_plans_of_the_demo(shell: Shell) -> None:
    said, folder = shell("demo"), shell.folder / "renewd-demo"
    assert "renewd init" in said.out
    pages = "\n".join(page.read_text("utf-8") for page in (*folder.glob("mails/*"), folder / "report.html"))
    options = f"--config {folder / 'plans.toml'} --state {folder / 'state'} "
    advised = re.findall(r"renewd (--config \S+ --state \S+ )?mark tello", html.unescape(pages))
    assert set(advised) == {options}
    assert shell(*options.split(), "mark", "tello", "renewed").code == 0


def test_demo_is_of_today_whenever_it_is_tried(shell: Shell) -> None:
    shell.now = datetime(2028, 2, 29, 15, tzinfo=UTC)
    assert shell("demo").code == 0
    plans = tomli.loads((shell.folder / "renewd-demo" / "plans.toml").read_text("utf-8"))["plan"]
    assert plans["tello"]["renews"] == date(2028, 3, 5)


# --- sending --------------------------------------------------------------------------------------------------------


def test_test_mail_is_written_at_once_and_is_in_no_ledger(shell: Shell) -> None:
    shell.write(TELLO)
    said = shell("test-mail")
    assert (said.code, said.err) == (0, "")
    assert "no mail leaves this machine" in said.out
    assert len(subjects(shell.state / "Maildir")) == 1
    assert {path.name for path in shell.state.iterdir()} == {"Maildir", "test-mail-sent"}
    assert shell("test-mail", "--to", "not an address").code == 2


def test_test_mail_that_reaches_no_server_says_why(shell: Shell) -> None:
    server = '[mail]\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    shell.write(TELLO.replace("[mail]\n", server))
    said = shell("test-mail")
    assert said.code == 75
    assert said.out.startswith("The mail to me@example.com was not sent.\nNothing answers at the mail server’s port.")
    assert said.out.endswith("exit 75\n")


def test_a_mail_advises_commands_that_find_the_files_it_is_made_of(shell: Shell) -> None:
    """A plain `renewd mark` would write into another file than that of a daemon with `--config` or `--state`."""
    file = shell.write(TELLO.replace("2026-12-05", "2026-10-01")).rename(shell.folder / "other.toml")
    assert shell("--config", str(file), "run", "--once").code == 0
    (sent,) = (shell.state / "Maildir" / "new").iterdir()
    body = message_from_bytes(sent.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    assert f"renewd --config {file} --state {shell.state} mark tello renewed" in body.get_content()
    assert "renewd mark" not in body.get_content()


def test_run_once_delivers_what_is_due_and_history_knows_it(shell: Shell) -> None:
    shell.write(TELLO.replace("2026-12-05", "2026-10-01"))  # overdue at any real clock
    said = shell("run", "--once")
    assert (said.code, said.err) == (0, "")
    assert len(subjects(shell.state / "Maildir")) == 1
    assert re.search("  stored  .*Tello", shell("history").out)
    assert "The mail was stored in the Maildir; it did not leave this machine." in shell("history", "show", "1").out
    (mail,) = json.loads(shell("history", "--json").out)
    (sent,) = (shell.state / "Maildir" / "new").iterdir()
    header = message_from_bytes(sent.read_bytes(), policy=policy.default)["X-Renewd-Key"]
    assert [key for key in [*mail["keys"], str(header)] if "welcome" in key] == []  # renewd's own note of a first mail
    assert all(key in str(header) for key in mail["keys"])
    said = shell("run", "--once")
    assert said.code == 0
    assert "\n\n\n" not in said.out
    assert len(subjects(shell.state / "Maildir")) == 1


def test_a_thread_that_was_there_before_does_not_end_the_process(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    shell.write(TELLO)
    over = threading.Event()
    threading.Thread(target=over.wait).start()
    try:
        assert (shell("run", "--once").code, ended) == (0, [])
    finally:
        over.set()


def test_quiet_says_nothing_where_all_is_well_and_what_is_wrong(shell: Shell) -> None:
    shell.write(TELLO)
    shell.now = datetime(2026, 12, 2, 15, tzinfo=UTC)
    said = shell("run", "--once", "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")
    assert subjects(shell.state / "Maildir")
    shell.write(TELLO + 'color = "red"\n')
    assert "plan.tello.color: unknown key" in shell("run", "--once", "--quiet").out
