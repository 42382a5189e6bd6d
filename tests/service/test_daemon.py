"""The daemon as a process: ready, reload, stop, one instance, and what it says of itself."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

import sites
from renewd.cli import main
from renewd.domain.outcome import Outcome
from renewd.ledger import Settlement
from renewd.service import daemon as service
from service.process import GOOD, ROOT, arguments, command, environment, mails, running, write
from smtp import LOSE, Elsewhere


def said_by(capsys, folder: Path, *words: str) -> tuple[int, str]:
    """Run a command in this process, and give its exit code and what it printed."""
    code = main(arguments(folder, *words))
    out, err = capsys.readouterr()
    return code, out + err


def test_it_is_ready_sends_what_is_due_and_stops_at_once(tmp_path):
    """READY comes once it stands, the due mail lies in the Maildir, SIGTERM ends it within 5 s with 0."""
    with running(tmp_path) as daemon:
        daemon.notice("WATCHDOG=1")
        daemon.notice("STATUS=")
        before = time.monotonic()
        output = daemon.end()
        assert time.monotonic() - before < 5
        assert daemon.process.returncode == 0
    assert len(mails(tmp_path)) == 1
    assert "tello" in output
    assert "Watching" in output


async def test_a_ledger_that_hangs_does_not_hold_up_the_end(tmp_path, monkeypatch):
    """It holds the outcome of a mail that was broken off, which would be written now."""
    monkeypatch.setattr(service, "_LAST_WRITES", 0.05)
    goes_on = threading.Event()
    async with sites.running(tmp_path) as site:
        monkeypatch.setattr(site.daemon.ledger, "exchange", lambda *_: goes_on.wait(30))
        interrupted = Settlement(mail=1, outcome=Outcome(result="unknown", reason="interrupted"), at=sites.NOW)
        site.daemon.config.in_force.outbox.writer.keep(interrupted)
        try:
            await asyncio.wait_for(site.daemon.finish(), 10)
        finally:
            goes_on.set()


def test_a_second_daemon_on_the_folder_is_refused_with_the_first_ones_process(tmp_path):
    """Exit 75, naming the holder; the first goes on."""
    with running(tmp_path) as daemon:
        daemon.notice("STATUS=")
        second = subprocess.run(
            command(tmp_path, "run"), env=environment(), capture_output=True, text=True, check=False
        )
        assert second.returncode == 75
        assert str(daemon.process.pid) in second.stderr
        assert daemon.process.poll() is None


def test_a_killed_daemon_leaves_the_folder_free_and_nothing_is_sent_twice(tmp_path, capsys):
    """kill -9 frees the lock; the next start sends nothing again."""
    with running(tmp_path) as daemon:
        daemon.notice("STATUS=")
        daemon.process.kill()
        daemon.process.wait()
    before = mails(tmp_path)
    code, said = said_by(capsys, tmp_path, "run", "--once")
    assert code == 0, said
    assert before == mails(tmp_path)


def test_a_reload_takes_a_good_file_and_refuses_a_broken_one(tmp_path):
    """SIGHUP reads again; a file that cannot be parsed changes nothing, and the daemon says so."""
    with running(tmp_path) as daemon:
        daemon.notice("STATUS=")
        write(tmp_path, GOOD + '[plan.ultra]\nrenews = 2026-10-01\nevery = "30 days"\nprice = 3\n')
        daemon.process.send_signal(signal.SIGHUP)
        assert "MONOTONIC_USEC=" in daemon.notice("RELOADING=1")
        daemon.notice("READY=1")
        write(tmp_path, "this is no toml [")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.notice("RELOADING=1")
        daemon.notice("READY=1")
        output = daemon.end()
    assert "2 plans" in output
    assert "stays in force" in output


def test_a_broken_first_file_ends_with_78_and_its_mistakes(tmp_path):
    """Nothing good is left: the mistakes with their lines, and 78, at which systemd does not restart."""
    write(tmp_path, '[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = "soon"\nevery = "30 days"\n')
    done = subprocess.run(command(tmp_path, "run"), env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "plans.toml:4: plan.tello.renews:" in done.stdout + done.stderr


def test_a_plan_never_seen_well_is_named_in_one_mail_and_costs_nobody_else(tmp_path, capsys):
    """The mistake stands in the same mail as the reminder, once; the good plan's reminder goes out."""
    write(tmp_path, GOOD + '[plan.bad]\nrenews = "soon"\nevery = "30 days"\n')
    for _ in range(2):
        code, said = said_by(capsys, tmp_path, "run", "--once")
        assert code == 0, said
    [mail] = mails(tmp_path)
    told = text_of(mail)
    assert "plan.bad.renews" in told
    assert f"--config {tmp_path / 'plans.toml'} --state {tmp_path / 'state'} mark tello renewed" in told


def text_of(mail: Path) -> str:
    from email import message_from_bytes, policy

    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return f"{message['Subject']}\n{body.get_content() if body else ''}"


def test_a_dead_server_is_not_silent(tmp_path, capsys):
    """Exit 75 each time, with the reason; `status` names who waits, since when and why, and is not healthy."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nothing answers there
        port = taken.getsockname()[1]
        write(tmp_path, GOOD.replace("[plan", f'host = "127.0.0.1"\nport = {port}\ntls = "none"\n[plan'))
        for _ in range(2):
            code, said = said_by(capsys, tmp_path, "run", "--once")
            assert code == 75
            assert "Nothing answers at the mail server’s port" in said
    code, status = said_by(capsys, tmp_path, "status", "--json")
    assert code == 1
    [failing] = json.loads(status)["failing"]
    assert failing["person"] == "me"
    assert "Nothing answers" in failing["error"]


def test_the_last_good_file_outlives_a_restart(tmp_path, capsys):
    """A file broken while the daemon was off costs nothing: the kept copy is in force."""
    with running(tmp_path) as daemon:
        daemon.end()
    write(tmp_path, "this is no toml [")
    code, said = said_by(capsys, tmp_path, "run", "--once")
    assert code == 0, said
    assert "tello" in said


def test_a_clock_before_the_programs_time_sends_nothing(tmp_path):
    """A machine without a clock of its own begins in 1970: nothing is sent by such a time."""
    from datetime import UTC, datetime

    from renewd.disk import Paths
    from renewd.service.daemon_events import WrongClock
    from renewd.service.lifecycle import run

    write(tmp_path, GOOD)
    events = []
    code = run(
        Paths(tmp_path / "plans.toml", tmp_path / "state"),
        events.append,
        once=True,
        clock=lambda: datetime(1970, 1, 1, tzinfo=UTC),
    )
    assert code == 75
    assert any(isinstance(event, WrongClock) for event in events)
    assert mails(tmp_path) == []


def test_status_says_what_comes_next(tmp_path):
    """The state folder holds what `renewd status` reads."""
    with running(tmp_path) as daemon:
        daemon.notice("STATUS=")
        status = json.loads((tmp_path / "state" / "status.json").read_text())
        assert daemon.process.pid == status["pid"]
        assert status["next"]["to"] == "me"
        assert status["channel"] == {"name": "maildir", "folder": str(tmp_path / "state" / "Maildir")}
        assert (tmp_path / "state" / "status.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("unit", ["renewd.service", "renewd-marks.service", "renewd-marks.path", "user/renewd.service"])
def test_the_units_pass_systemds_own_verifier(unit, tmp_path):
    """No line from `systemd-analyze verify`, and for the units of the system an exposure of at most 1.2."""
    import shutil

    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    text = (ROOT / "systemd" / unit).read_text("utf-8")
    # The verifier wants the program to exist; where it lies is not what is tested.
    program = tmp_path / "renewd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = (
        text.replace("%h/.local/bin/renewd", str(program))
        .replace("=renewd run", f"={program} run")
        .replace("=renewd check", f"={program} check")
        .replace("=renewd service", f"={program} service")
    )
    path = tmp_path / Path(unit).name
    path.write_text(text)
    if unit.endswith(".path"):  # it starts the service of its name
        shutil.copy(ROOT / "systemd" / "renewd-marks.service", tmp_path)
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=yes", "--man=no", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, verified.stderr.strip()) == (0, "")
    if unit.endswith(".service") and not unit.startswith("user/"):
        score = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=12", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert score.returncode == 0, score.stdout[-300:]


def test_a_pass_ends_with_75_and_says_so_while_a_mail_of_unknown_outcome_waits(tmp_path, capsys):
    """The server took the mail and dropped the line: the next runs are not done either, until it was sent again."""
    with Elsewhere() as server:
        server.says["DOT"] = LOSE
        write(tmp_path, GOOD.replace("[plan", f'host = "127.0.0.1"\nport = {server.port}\ntls = "none"\n[plan'))
        for _ in range(2):
            code, said = said_by(capsys, tmp_path, "run", "--once")
            assert code == 75
            assert "may or may not have arrived" in said
        assert said_by(capsys, tmp_path, "status")[0] == 1
    assert len(server.mails) == 1


def test_after_a_pass_that_went_well_status_is_healthy_without_a_daemon(tmp_path, capsys):
    write(tmp_path, GOOD)
    for words in (("run", "--once"), ("status",)):
        code, said = said_by(capsys, tmp_path, *words)
        assert code == 0, said
    assert "run --once" in said
