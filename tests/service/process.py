"""A daemon as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


GOOD = """
timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
from = "renewd <renewd@example.com>"
[plan.tello]
renews = 2026-10-05
every = "30 days"
price = 5
"""


class Running:
    """A daemon and what it tells its service manager."""

    def __init__(self, process: subprocess.Popen[str], notices: socket.socket) -> None:
        self.process = process
        self._notices = notices

    def notice(self, wanted: str) -> str:
        """Wait for a notice that contains a text."""
        while wanted not in (said := self._notices.recv(4096).decode()):
            pass
        return said

    def end(self) -> str:
        """Stop it as systemd does, and give what it printed."""
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=20)
        return output


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "renewd", *arguments(folder, *words)]


def arguments(folder: Path, *words: str) -> list[str]:
    return ["--config", str(folder / "plans.toml"), "--state", str(folder / "state"), *words]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "daemon"), "LC_ALL": "C.UTF-8", "TZ": "America/New_York", **more}


def write(folder: Path, text: str) -> None:
    path = folder / "plans.toml"
    beside = folder / "plans.new"
    beside.write_text(text, "utf-8")
    beside.chmod(0o600)
    beside.replace(path)  # as editors do


@contextmanager
def running(folder: Path, text: str = GOOD) -> Iterator[Running]:
    write(folder, text)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind(str(folder / "notify"))
        notices.settimeout(30)
        process = subprocess.Popen(
            command(folder, "run"),
            env=environment(NOTIFY_SOCKET=str(folder / "notify")),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            daemon = Running(process, notices)
            daemon.notice("READY=1")
            yield daemon
        finally:
            process.kill()
            process.communicate()


def mails(folder: Path) -> list[Path]:
    return sorted((folder / "state" / "Maildir" / "new").glob("*"))
