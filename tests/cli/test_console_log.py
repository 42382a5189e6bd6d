"""What the daemon prints: a storm is a line a minute, and a first run over thousands of plans says how far it is."""

from __future__ import annotations

import errno
import re
import sys
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from limits import no_more_files
from renewd.cli import progress
from renewd.cli.console_log import ConsoleLog
from renewd.cli.event_text import EventText
from renewd.cli.screen import Screen
from renewd.delivery.events import Delivered, Failure, Held
from renewd.domain.errors import Problem, RenewdError
from renewd.domain.outcome import Outcome
from renewd.i18n import LANGUAGES
from renewd.i18n import language as words_of
from renewd.service.daemon_events import Calendars, ConfigRead, DaemonEvent, Drawing, PassEnded, StepFailed, Trouble
from shell import Shell, Terminal

NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)


def storm(second: int) -> list[DaemonEvent]:
    """Return an event of each cause, in words that differ each time."""
    reply = f"reply {second}"
    outcome = Outcome(result="failed", reason="server-refused", reply=reply)
    problem = Problem("check.no-permission", "plans.toml", args={"path": "plans.toml"})
    return [
        Delivered(NOW, "me", "me@example.com", f"Tello {second}", ("tello/renewal/2026-12-05/3",), outcome, 7),
        Failure(f"line-{second}/renewal/2026-12-05/3", ValueError(reply)),
        Trouble(RenewdError("delivery.ledger-error", path="x", why=reply)),
        StepFailed("web", OSError(reply)),
        Held(NOW, "timeout", reply),
        ConfigRead(None, (problem,)),
    ]


def printed(capsys, *, once: bool, seconds: int) -> Counter[str]:
    said, now = StringIO(), [0.0]
    log = ConsoleLog(Screen("en", said), once=once, clock=lambda: now[0])
    for second in range(seconds):
        now[0] = float(second)
        for event in storm(second):
            log.tell(event)
    words = {"failed": "not sent", "trouble": "reply", "kept": "stays in force"}
    text = said.getvalue() + capsys.readouterr().err
    return Counter(name for name, word in words.items() for line in text.splitlines() if word in line)


def test_a_storm_is_a_line_a_minute_for_each_cause(capsys) -> None:
    counts = printed(capsys, once=False, seconds=600)
    assert counts["failed"] == counts["kept"] == 10
    assert counts["trouble"] <= 10 * 7  # five causes, two of them with a traceback


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_without_words_is_not_told_by_the_name_of_its_class(language: str) -> None:
    said, _ = EventText(words_of(language)).step_failed(StepFailed("web", ZeroDivisionError()))
    assert words_of(language).say("service.no-reason") in said
    assert "ZeroDivisionError" not in said


SHORT = {
    "files": OSError(errno.EMFILE, "Too many open files"),
    "memory": MemoryError(),
    "disk": OSError(errno.ENOSPC, "No space left on device"),
    "limit": RuntimeError("no such template"),  # what a library makes of a file that may not be opened
}


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("event", [partial(Failure, "tello/renewal/2026-12-05/3"), partial(StepFailed, "calendars")])
def test_what_the_machine_has_too_little_of_is_a_sentence_and_no_traceback(capsys, event, name) -> None:
    for language in LANGUAGES:
        said, error = StringIO(), TypeError("wrapped")
        error.__cause__ = SHORT[name]
        log = ConsoleLog(Screen(language, said), once=True)
        with no_more_files() if name == "limit" else nullcontext():
            log.tell(event(error))
        assert capsys.readouterr().err == ""
        assert "bug" not in said.getvalue()
        assert "renewd 的错" not in said.getvalue()
        if language == "en":
            assert name in said.getvalue()


def test_who_runs_one_pass_sees_all_of_it(capsys) -> None:
    assert printed(capsys, once=True, seconds=20)["failed"] == 20


def test_a_mail_that_is_tried_again_before_the_next_one_is_named_first() -> None:
    said = StringIO()
    log = ConsoleLog(Screen("en", said), once=True)
    log.tell(PassEnded(None, done=False, unreached=1, retry_at=NOW))
    log.tell(PassEnded(None, done=True))
    assert said.getvalue().splitlines() == [
        "Next try: Tue, Dec 1, 5 PM (UTC), of what did not go out",
        "Nothing comes in the next weeks.",
    ]


@pytest.mark.parametrize(("quiet", "shown"), [(False, b"Calendars: 400 plans written"), (True, b"")])
def test_a_first_run_says_how_many_calendars_are_written(
    monkeypatch: pytest.MonkeyPatch, quiet: bool, shown: bytes
) -> None:
    terminal = Terminal(tty=True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_QUIET", 0.0)
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    log = ConsoleLog(Screen("en", StringIO()), once=True, quiet=quiet)
    log.tell(Drawing(200))
    log.tell(Drawing(400))
    log.tell(Calendars(1, ()))
    written = terminal.written()
    assert written.endswith(shown + b"\r\x1b[K" if shown else b"")
    assert bool(written) != quiet


def test_no_path_is_shown_as_below_the_root_folder(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under systemd the working folder is `/`: `etc/renewd/plans.toml` would be no path that anybody can use."""
    shell.write('[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = 2100-12-05\n')
    monkeypatch.setattr(Path, "cwd", lambda: Path("/"))
    said = shell("run", "--once").out
    assert re.search(r"Config +[/~]", said), said
    assert re.search(r"State +[/~]", said), said


@pytest.mark.parametrize(("name", "said"), [("mom", "给 mom 的信等到 9 点："), ("妈妈", "给妈妈的信等到 9 点：")])
def test_a_latin_name_is_set_apart_in_chinese(name: str, said: str) -> None:
    assert EventText(words_of("zh-CN")).say("held-person", name=name, until="9 点") == said
