"""The daemon's life under systemd: stopped within 5 s whatever hangs, watched, and told of clocks that move."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from renewd.cli import main
from service.journal_socket import ACCOUNT, ICCID, IMEI, NUMBER, PASSWORD, Listener
from service.process import GOOD, ROOT, arguments, environment, running, write
from smtp import peer

# Run in place of `python -m renewd`: what hangs is named by FAULT and then makes the file HANGS; JOURNAL is where the
# journal listens.
CHILD = """
import os, socket, sys, time
from renewd.service import file_scan
from renewd.service import journal
from renewd.service import live_config
def hang(*_args, **_more):
    open(os.environ["HANGS"], "w").close()
    time.sleep(600)
fault = os.environ.get("FAULT")
if fault == "dns":
    socket.getaddrinfo = hang
if fault == "files":
    file_scan.newest = hang
live_config._SETTLED = 0.02
journal.SOCKET = os.environ.get("JOURNAL", journal.SOCKET)
from renewd.cli import main
raise SystemExit(main())
"""
WITH_SERVER = GOOD.replace("[plan.", 'host = "{host}"\nport = {port}\ntls = "none"\n[plan.')


class Told:
    """What a daemon tells its service manager."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(20)

    def until(self, wanted: str) -> str:
        while wanted not in (said := self.socket.recv(4096).decode()):
            pass
        return said


@contextmanager
def hanging(folder: Path, text: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], Told]]:
    write(folder, text)
    told = Told(folder)
    words = arguments(folder, "run")
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, *words],
        env=environment(NOTIFY_SOCKET=told.path, HANGS=str(folder / "hangs"), **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, told
    finally:
        process.kill()
        process.communicate()
        told.socket.close()


def seconds_to_stop(process: subprocess.Popen[str]) -> float:
    before = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    return time.monotonic() - before


def wait_for(what: object, seconds: float = 15) -> None:
    assert callable(what)
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def threads(process: subprocess.Popen[str]) -> set[str]:
    return {path.read_text().strip() for path in Path(f"/proc/{process.pid}/task").glob("*/comm")}


# --- stop within 5 s ------------------------------------------------------------------------------------------------


def test_it_stops_within_5_s_while_a_mail_server_says_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(15)
        text = WITH_SERVER.format(host="127.0.0.1", port=silent.getsockname()[1])
        with hanging(tmp_path, text) as (process, told):
            told.until("READY=1")
            connection, _ = silent.accept()
            assert seconds_to_stop(process) < 5
            assert process.returncode == 0
            connection.close()


def test_it_stops_within_5_s_while_a_name_server_says_nothing(tmp_path):
    with hanging(tmp_path, WITH_SERVER.format(host="mail.example.com", port=587), FAULT="dns") as (process, told):
        told.until("READY=1")
        wait_for((tmp_path / "hangs").exists)
        assert seconds_to_stop(process) < 5
        assert process.returncode == 0


def test_it_stops_within_5_s_before_it_is_ready_while_a_backup_lies_on_a_dead_share(tmp_path):
    text = GOOD + '[[plan.tello.backup]]\nwhat = "Photos"\npath = "/mnt/dead/*"\n'
    with hanging(tmp_path, text, FAULT="files") as (process, _):
        wait_for((tmp_path / "hangs").exists)
        assert seconds_to_stop(process) < 5
        assert process.returncode == 0


def test_it_stops_within_5_s_while_another_program_holds_the_ledger(tmp_path):
    with hanging(tmp_path, GOOD) as (process, told):
        told.until("STATUS=")
        other = sqlite3.connect(tmp_path / "state" / "ledger.sqlite3", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        write(tmp_path, GOOD + '[plan.ultra]\nrenews = 2026-10-01\nevery = "30 days"\nprice = 3\n')
        process.send_signal(signal.SIGHUP)
        told.until("RELOADING=1")
        time.sleep(0.3)  # until it waits for the ledger
        assert seconds_to_stop(process) < 5
        assert process.returncode == 0
        other.close()


def test_a_second_sigterm_changes_nothing(tmp_path):
    with running(tmp_path) as daemon:
        daemon.notice("STATUS=")
        daemon.process.send_signal(signal.SIGTERM)
        daemon.notice("STOPPING=1")
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.wait(timeout=10)
        assert daemon.process.returncode == 0


# --- the watchdog ---------------------------------------------------------------------------------------------------


async def test_the_watchdog_is_fed_while_a_look_goes_on_and_not_while_it_hangs(monkeypatch):
    from renewd.service import scheduler

    said: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(scheduler, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr("renewd.service.systemd.notify", said.append)
    beat = scheduler.Scheduler(asyncio.Event().wait, stuck=60)

    async def fed(after: float) -> bool:
        clock[0] += after
        before = len(said)
        await beat._beat()
        await asyncio.sleep(0)  # a pass that it started begins
        return len(said) > before

    assert await fed(after=0)
    for _ in range(3):  # 90 s: longer than it may be stuck
        assert await fed(after=30)
        beat.progressed()
    assert await fed(after=59)
    assert not await fed(after=1)
    assert not await fed(after=600)
    beat.progressed()
    assert await fed(after=0)
    await beat.stop(0)


async def test_a_pass_that_misses_its_cancel_is_canceled_again():
    """As asyncio.wait_for of Python 3.11 does where the answer that it waits for comes in the same turn of the loop."""
    from renewd.service import scheduler

    began, ended = asyncio.Event(), []

    async def run_pass() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("missed")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    beat = scheduler.Scheduler(run_pass)
    beat.start()
    await began.wait()
    await beat.stop(0.01)
    assert ended == ["missed", "ended"]


def test_a_hang_is_killed_with_the_python_stack_in_the_log(tmp_path):
    """What systemd does once the watchdog is no longer fed: SIGABRT, with the unit's own environment."""
    unit = (ROOT / "systemd" / "renewd.service").read_text()
    line = next(line for line in unit.splitlines() if line.startswith("Environment=PYTHONFAULTHANDLER"))
    more = dict(word.split("=") for word in line.removeprefix("Environment=").split())
    text = GOOD + '[[plan.tello.backup]]\nwhat = "Photos"\npath = "/mnt/dead/*"\n'
    with hanging(tmp_path, text, FAULT="files", **more) as (process, _):
        wait_for((tmp_path / "hangs").exists)
        process.send_signal(signal.SIGABRT)
        output, _ = process.communicate(timeout=10)
    assert process.returncode == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in output
    assert "file_scan.py" in output  # where it hung


# --- clocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [timedelta(days=-2), timedelta(hours=-1), timedelta(days=9)])
async def test_a_clock_that_is_set_or_a_machine_that_slept_is_noticed_within_a_beat(monkeypatch, step):
    """A week's sleep looks like a clock set forward; one set back must not keep the beat waiting for the old time."""
    from apscheduler.schedulers import base

    from renewd.service import scheduler

    shift = [timedelta(0)]

    class Shifted(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + shift[0]

    monkeypatch.setattr(base, "datetime", Shifted)
    monkeypatch.setattr(scheduler, "datetime", Shifted)
    monkeypatch.setattr(scheduler, "BEAT", 0.1)
    monkeypatch.setattr("renewd.service.systemd.notify", lambda _: None)
    passes = asyncio.Semaphore(0)

    async def run_pass() -> None:
        passes.release()

    beat = scheduler.Scheduler(run_pass)
    beat.start()
    for _ in range(3):
        await passes.acquire()
    shift[0] = step
    for _ in range(4):  # one may have been on its way; whoever waits for the old time waits for an hour
        await asyncio.wait_for(passes.acquire(), 30)
    await beat.stop(0.1)


# --- reload and 78 --------------------------------------------------------------------------------------------------


def unit_lines(key: str) -> list[str]:
    text = (ROOT / "systemd" / "renewd.service").read_text()
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{key}=")]


def test_systemctl_reload_fails_on_a_broken_file_and_the_daemon_is_not_touched(tmp_path):
    """The unit's two ExecReload lines in order: the check fails, so that systemd does not come to the signal."""
    check, hang_up = unit_lines("ExecReload")
    assert (check, hang_up) == ("renewd check", "kill -HUP $MAINPID")
    with running(tmp_path) as daemon:
        daemon.notice("STATUS=")
        before = json.loads((tmp_path / "state" / "status.json").read_text())
        write(tmp_path, GOOD + "[plan.broken\n")
        assert main(arguments(tmp_path, "check")) == 78
        assert json.loads((tmp_path / "state" / "status.json").read_text()) == before
        assert daemon.process.poll() is None


def test_78_is_not_restarted_and_everything_else_is():
    assert unit_lines("Restart") == ["always"]
    assert unit_lines("RestartPreventExitStatus") == ["78"]
    assert unit_lines("StartLimitIntervalSec") == ["0"]


# --- canaries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "code", "verbose"),
    [
        ("AUTH", "535 5.7.8", ""),
        ("AUTH", "535 5.7.8", "1"),
        ("GREETING", "554 5.3.2", "1"),
        ("RCPT", "550 5.1.1", "1"),
        ("DOT", "554 5.7.1", "1"),
        ("DOT", "451 4.3.0", "1"),
    ],
)
async def test_what_is_private_is_nowhere_but_in_the_file(tmp_path, step, code, verbose):
    """A server that throws everything back, asyncio's debug log on: journal, stderr, status, process title, state."""
    (tmp_path / "journal").mkdir()
    listener = Listener(tmp_path / "journal")
    (tmp_path / "secret").write_text(PASSWORD)
    (tmp_path / "secret").chmod(0o600)
    async with peer() as server:
        server.password = PASSWORD
        server.says[step] = f"{code} {PASSWORD} of {NUMBER} {ACCOUNT} {IMEI} is wrong"
        text = WITH_SERVER.format(host="127.0.0.1", port=server.port).replace(
            "[plan.tello]\n",
            f'username = "me@example.com"\npassword_file = "{tmp_path / "secret"}"\n[plan.tello]\nnumber = "{NUMBER}"\n'
            f'account = {{ id = "{ACCOUNT}" }}\nsim = {{ iccid = "{ICCID}" }}\ndevice = {{ imei = "{IMEI}" }}\n',
        )
        write(tmp_path, text)
        told = Told(tmp_path)
        read, written = os.pipe()
        facts = os.fstat(written)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            CHILD,
            *arguments(tmp_path, "run"),
            env=environment(
                NOTIFY_SOCKET=told.path,
                JOURNAL=listener.path,
                JOURNAL_STREAM=f"{facts.st_dev}:{facts.st_ino}",
                PYTHONASYNCIODEBUG=verbose,
            ),
            stdout=written,
            stderr=written,
        )
        os.close(written)
        status = await asyncio.to_thread(told.until, "STATUS=")
        title = (await asyncio.to_thread(Path(f"/proc/{process.pid}/cmdline").read_bytes)).decode()
        write(tmp_path, text.replace("price = 5", f'price = "{PASSWORD}"\nnumber = "{NUMBER}"'))
        process.send_signal(signal.SIGHUP)
        await asyncio.to_thread(told.until, "RELOADING=1")
        await asyncio.to_thread(told.until, "READY=1")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
        with os.fdopen(read, "rb") as stream:
            lines = stream.read().decode()
        told.socket.close()
    entries = listener.entries()
    listener.close()
    assert [entry for entry in entries if entry.get("RENEWD_EVENT") == ["refused"]]
    assert "***-***-0142" in status
    everything = {"journal": repr(entries), "lines": lines, "status": status, "title": title}
    for path in (tmp_path / "state").rglob("*"):
        if path.is_file() and path.name != "good.json":  # a copy of plans.toml, as private as that is
            everything[path.name] = path.read_bytes().decode("latin-1")
    for where, text in everything.items():
        assert PASSWORD not in text, where
        if not where.startswith("ledger"):
            for canary in (NUMBER, "2065550142", IMEI, ICCID, ACCOUNT):
                assert canary not in text, where
