"""What follows an outage: a backlog that drains, and a machine that dies with mails in flight."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.sink import is_here, sink

_ROOT = Path(__file__).parents[1]
_PATHS = [str(_ROOT / "daemon"), str(_ROOT / "tests"), str(_ROOT)]
_PEOPLE = int(os.environ.get("RENEWD_PEOPLE", "10000"))
_MAILS = int(os.environ.get("RENEWD_BACKLOG", "100000"))


def backlog(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """100,000 mails that have been waiting for a server go to it, each to a reader of its own."""
    if not is_here():
        yield "backlog", "the channel's", "smtp-sink is not here (Debian: postfix)"
        return
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(_PATHS)}
    words = [sys.executable, "-m", "benchmarks.outages_child", "drain", str(_MAILS)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    rate, before, peak = done.stdout.split()
    yield f"backlog of {_MAILS:,} mails: rate", "the channel's", f"{float(rate):,.0f} /s"
    yield "  memory it takes beside the plans themselves", "<= 200 MB", f"{float(peak) - float(before):.0f} MB"


def nodes(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """Four machines on one PostgreSQL look at the same moment: a mail to each of 10,000 people."""
    if not is_here():
        yield "four machines", ">= 1,500 /s", "smtp-sink is not here (Debian: postfix)"
        return
    sys.path[:0] = _PATHS
    yield from _four("anew", f"four machines, one PostgreSQL, {_PEOPLE:,} mails")
    yield from _four("before", "the same, composed before")


def _four(composed: str, what: str) -> Iterator[tuple[str, str, str]]:
    from postgres import server

    database = server(durable=True)
    url = database.url()
    postmaster = int((database.folder / "data" / "postmaster.pid").read_text().split()[0])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(_PATHS)}
    with sink() as port:
        words = [sys.executable, "-m", "benchmarks.outages_child", composed, str(_PEOPLE), url, str(port)]
        machines = [
            subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        for machine in machines:
            machine.stdout.readline()
        before = [_cpu(postmaster), _cpu(*_named("smtp-sink"))]
        for machine in machines:
            machine.stdin.write("go\n")
            machine.stdin.flush()
        own = sum(float(machine.stdout.readline()) for machine in machines)
        others = [_cpu(postmaster) - before[0], _cpu(*_named("smtp-sink")) - before[1]]
        for machine in machines:
            machine.communicate()
    sql = "SELECT COUNT(*), MIN(created), MAX(at) FROM mail WHERE state = 'sent'"
    ((mails, began, ended),) = database.sql(sql, url)
    assert mails == _PEOPLE
    shares = sorted(share for (share,) in database.sql("SELECT COUNT(*) FROM mail GROUP BY node", url))
    yield what, ">= 1,500 /s", f"{mails / (ended - began) * 1e6:,.0f} /s ({', '.join(map(str, shares))})"
    parts = [f"{seconds / mails * 1e3:.2f}" for seconds in (own, *others)]
    yield "  CPU a mail of machines, database, mail server", "", f"{' + '.join(parts)} ms"


def _cpu(*processes: int) -> float:
    """Return the seconds of processor that processes have taken, and those they have started."""
    ticks = seconds = 0.0
    for process in processes:
        folder = Path(f"/proc/{process}")
        try:
            ticks += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:15]))
            seconds += _cpu(*map(int, (folder / "task" / str(process) / "children").read_text().split()))
        except FileNotFoundError:  # it has ended, and its parent counts it
            continue
    return ticks / os.sysconf("SC_CLK_TCK") + seconds


def _named(name: str) -> list[int]:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(child) for child in children if Path(f"/proc/{child}/comm").read_text().strip() == name]


def takeover(_folder: Path) -> Iterator[tuple[str, str, str]]:
    """A machine is killed while a server keeps it waiting: how soon another takes its mail over."""
    sys.path[:0] = _PATHS
    yield "takeover of a killed machine's mail", "<= 2 min", f"{asyncio.run(_takeover()):.0f} s"


async def _takeover() -> float:
    from contextlib import closing

    from postgres import server
    from renewd.ledger.places import reader
    from smtp import HANG, peer

    url = server().url()
    with tempfile.TemporaryDirectory() as name:
        async with peer() as mailbox:
            mailbox.says["DOT"] = HANG
            folder = Path(name)
            config = folder / "plans.toml"
            config.write_text(
                'timezone = "UTC"\n[remind]\ndigest = []\n[mail]\nto = "me@example.com"\nhost = "127.0.0.1"\n'
                f'port = {mailbox.port}\ntls = "none"\n[ledger]\nurl = "{url}"\n'
                '[plan.x]\nrenews = 2026-10-01\nevery = "30 days"\n'
            )
            config.chmod(0o600)

            def start(number: int) -> asyncio.Future[asyncio.subprocess.Process]:
                words = ["-m", "renewd", "--config", str(config), "--state", str(folder / f"s{number}"), "run"]
                environment = os.environ | {"PYTHONPATH": os.pathsep.join(_PATHS)}
                return asyncio.ensure_future(
                    asyncio.create_subprocess_exec(
                        sys.executable, *words, env=environment, stdout=asyncio.subprocess.DEVNULL
                    )
                )

            first = await start(1)
            while not mailbox.count("DATA"):
                await asyncio.sleep(0.1)
            second = await start(2)
            await asyncio.sleep(5)
            first.kill()
            began = time.monotonic()
            with closing(reader(url, folder)) as ledger:
                while ledger.history()[0].state != "unknown":
                    await asyncio.sleep(0.2)
            took = time.monotonic() - began
            second.kill()
            await asyncio.gather(first.wait(), second.wait())
            return took
