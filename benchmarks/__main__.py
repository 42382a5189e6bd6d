"""Measures renewd from outside, a whole process at a time, and prints a table: figure, goal, what it was."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from benchmarks.asking import wait_for
from benchmarks.households import household
from benchmarks.kill_grid import kill_grid
from benchmarks.outages import backlog, nodes, takeover
from benchmarks.pushes import pushes
from benchmarks.sink import is_here, sink

_RENEWD = [sys.executable, "-m", "renewd"]
_TODAY = datetime.now(UTC).date()
_ROOT = Path(__file__).parents[1]


def main() -> None:
    rows: list[tuple[str, str, str]] = []
    only = set(sys.argv[1:])
    for measure in (
        start_10,
        start_10000,
        check_10,
        check_10000,
        report_1000,
        dates,
        agenda,
        table,
        calendars,
        restart,
        feed,
        page,
        idle,
        storm,
        flood,
        smtp,
        backlog,
        nodes,
        takeover,
        pushes,
        kill_grid,
    ):
        if only and measure.__name__ not in only:
            continue
        with tempfile.TemporaryDirectory(prefix="renewd-bench-") as folder:
            for row in measure(Path(folder)):
                print(f"{row[0]:<46} {row[1]:<24} {row[2]}", flush=True)
                rows.append(row)


def start_10(folder: Path):
    cpu, rss = _ready(folder, household(10, first=_TODAY + timedelta(days=20)))
    yield "start to ready, 10 plans: CPU", "<= 0.35 s", f"{cpu:.2f} s"
    yield "start to ready, 10 plans: RSS", "<= 50 MB", f"{rss:.0f} MB"


def start_10000(folder: Path):
    cpu, rss = _ready(folder, household(10_000, first=_TODAY + timedelta(days=20)))
    yield "start to ready, 10,000 plans: CPU", "<= 1.2 s", f"{cpu:.2f} s"
    yield "start to ready, 10,000 plans: RSS", "<= 140 MB", f"{rss:.0f} MB"


def check_10(folder: Path):
    seconds = _median([_run(folder, household(10, first=_TODAY), "check") for _ in range(5)])
    yield "check, 10 plans: wall", "<= 0.2 s", f"{seconds:.2f} s"


def check_10000(folder: Path):
    seconds = _run(folder, household(10_000, first=_TODAY + timedelta(days=20)), "check", cpu=True)
    yield "check, 10,000 plans: CPU", "<= 3 s", f"{seconds:.1f} s"


def report_1000(folder: Path):
    seconds = _run(folder, household(1000, first=_TODAY + timedelta(days=1)), "report", "--format", "html", cpu=True)
    yield "readiness page of 1,000 plans: CPU", "<= 2 s", f"{seconds:.1f} s"


def dates(_folder: Path):
    from benchmarks.computing import year_of_dates

    plans = 10_000
    ours, count = year_of_dates(plans, _TODAY)
    theirs = _remind(plans)
    yield f"dates of a year, {plans} plans ({count} reminders): CPU", "remind / 3", f"{ours:.2f} s"
    if theirs:
        yield "remind, the same reminders, whole run: CPU", "", f"{theirs:.2f} s ({theirs / ours:.1f} x ours)"


def agenda(folder: Path):
    text = household(10_000, first=_TODAY + timedelta(days=1))
    theirs = _remind(10_000)
    seconds = _run(folder, text, "agenda", "--from", str(_TODAY), "--days", "365", "--json", cpu=True)
    yield "agenda, a year of 10,000 plans, whole command: CPU", "1 x remind", f"{seconds:.2f} s"
    if theirs:
        yield "  against remind", "<= 1.0 x", f"{seconds / theirs:.1f} x"


def table(_folder: Path):
    from benchmarks.computing import table_of_rows

    rows = 200_000
    yield f"a table of {rows} rows: CPU", "<= 1 s", f"{table_of_rows(rows):.2f} s"


def calendars(folder: Path):
    from benchmarks.calendars import beside_counting, drawn, kept

    seconds, count = drawn(_TODAY)
    yield f"a family's calendar, {count} events: wall", "<= 0.1 s for 150", f"{seconds * 1000:.0f} ms"
    found = asyncio.run(kept(folder, 10_000, _TODAY))
    yield f"10,000 plans drawn, {found.events:,} events: CPU", "<= 70 s", f"{found.first:.1f} s"
    floor = asyncio.run(beside_counting(20.0))
    yield (
        "  the loop is held meanwhile: p99, longest",
        "<= 20 ms",
        f"{found.held.most:.0f} ms, {found.held.longest:.0f} ms",
    )
    yield "  beside a thread that only counts: p99, longest", "", f"{floor.most:.0f} ms, {floor.longest:.0f} ms"
    yield "  the longest collection of garbage: CPU", "<= 20 ms", f"{found.collection:.0f} ms"
    yield "  memory beside the household", "flat", f"{found.grown:.0f} MB"
    yield "  then, one plan of 10,000 edited: CPU", "<= 100 ms", f"{found.edit * 1000:.0f} ms"
    yield "  then, a restart: CPU", "", f"{found.restart * 1000:.0f} ms"
    yield "  then, the 1st of a month: CPU", "", f"{found.month:.1f} s"


def restart(folder: Path):
    text = household(10_000, first=_TODAY + timedelta(days=20), people=1000)
    first, again = (_run(folder, text, "run", "--once", cpu=True) for _ in range(2))
    yield "run --once, 10,000 plans of 1,000 people, the first: CPU", "<= 70 s", f"{first:.1f} s"
    yield "  again, nothing changed: CPU", "<= 1.5 s", f"{again:.2f} s"


def feed(folder: Path):
    from benchmarks.calendars import asked

    port = _free_port()
    text = household(10, first=_TODAY + timedelta(days=20))
    process = _daemon(folder, f'{text}\n[web]\nlisten = "127.0.0.1:{port}"\n')
    try:
        wait_for(port)
        links = subprocess.run(_command(folder, "feed"), capture_output=True, check=True, env=_env(), text=True).stdout
        path = links[links.index("/calendar/") :].split()[0]
        before = _cpu(process.pid)
        count = asked(port, path, 5.0)
        used = _cpu(process.pid) - before
    finally:
        _end(process)
    yield (
        "the feed: 304s a second of one core",
        ">= 1,000 /s",
        f"{count / used:,.0f} /s ({count / 5:,.0f} /s one by one)",
    )


def page(folder: Path):
    from benchmarks.pages import CHROMIUM, asked, first_paint

    port = _free_port()
    text = household(12, first=_TODAY + timedelta(days=2))
    process = _daemon(folder, f'{text}\n[web]\nlisten = "127.0.0.1:{port}"\n')
    try:
        wait_for(port)
        links = subprocess.run(_command(folder, "page"), capture_output=True, check=True, env=_env(), text=True).stdout
        path = links[links.index("/p/") :].split()[0]
        times = asked(port, path, 1.0, anew=True).seconds
        before = _cpu(process.pid)
        anew = asked(port, path, 5.0, anew=True)
        drawn = len(anew.seconds) / (_cpu(process.pid) - before)
        before = _cpu(process.pid)
        again = len(asked(port, path, 5.0).seconds) / (_cpu(process.pid) - before)
        paints = first_paint(f"http://127.0.0.1:{port}{path}") if CHROMIUM.exists() else []
    finally:
        _end(process)
    yield "a page of 12 lines, the first: wall", "<= 50 ms", f"{times[0] * 1000:.0f} ms"
    yield "  drawn again: wall, median", "<= 50 ms", f"{_median(list(anew.seconds)) * 1000:.0f} ms"
    yield "  its bytes", "<= 60 kB", f"{anew.size / 1000:.0f} kB"
    yield "  pages a second of one core, unchanged", ">= 200 /s", f"{again:,.0f} /s"
    yield "  pages a second of one core, each drawn again", "", f"{drawn:,.0f} /s"
    if paints:
        yield "  first paint in Chromium on loopback, median", "<= 0.5 s", f"{_median(paints):.2f} s"


def idle(folder: Path):
    process = _daemon(folder, household(10, first=_TODAY + timedelta(days=20)))
    try:
        time.sleep(10)
        cpu, writes, start = _cpu(process.pid), _written(process.pid), time.monotonic()
        wakes = _wake_ups(process.pid, 120)
        seconds = time.monotonic() - start
        share = (_cpu(process.pid) - cpu) / seconds
        woken = wakes / seconds * 60
        written = _written(process.pid) - writes
        rss = _rss(process.pid)
    finally:
        _end(process)
    yield "idle, 10 plans: share of a core", "<= 0.1 %", f"{share:.3%}"
    yield "idle, 10 plans: RSS", "<= 45 MB", f"{rss:.0f} MB"
    yield "idle, 10 plans: wake-ups a minute", "<= 2", f"{woken:.1f}"
    yield "idle, 10 plans: bytes to the disk in 2 minutes", "0", f"{written}"


def storm(_folder: Path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", str(_ROOT / "tests" / "service" / "test_failing_hour.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=_ROOT,
        env=_env(),
    )
    said = next((line for line in done.stdout.splitlines() if line.startswith("storm: ")), "storm: failed")
    yield "an hour in which every delivery fails", "<= 200 lines, memory flat", said.removeprefix("storm: ")


def flood(folder: Path):
    from benchmarks.flood import file, flooded, seconds_until

    sys.path[:0] = [str(_ROOT / "tests"), str(_ROOT / "daemon")]
    from smtp import Elsewhere

    port, moment = _free_port(), datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=40)
    with Elsewhere() as server, (folder / "log").open("wb") as log:
        process = _daemon(folder, file(100, server.port, port, moment), log=log)
        try:
            with flooded(port, 2000):
                before = _lines(folder / "log")
                ready = datetime.now(UTC) < moment
                late = seconds_until(server.mails, 100, moment, 60)
                status = subprocess.run(_command(folder, "status"), capture_output=True, check=False, env=_env())
            lines = _lines(folder / "log") - before - 100
        finally:
            _end(process)
    name = "100 mails due amid 2,000 idle and half-sent connections"
    yield name, "<= 5 s", f"{late:.1f} s" if ready else "this machine was not ready in time"
    yield "  lines of log beside the mails; exit code of status", "<= 3; 0", f"{lines}; {status.returncode}"


def _lines(path: Path) -> int:
    return len(path.read_bytes().splitlines())


def smtp(folder: Path):
    if not is_here():
        yield "10,000 mails to smtp-sink", ">= 1,000 /s", "smtp-sink is not here (Debian: postfix)"
        return
    with sink() as port:
        # A month of calendar: 10,000 people's files are measured by themselves.
        mail = f'host = "127.0.0.1"\nport = {port}\ntls = "none"\n[calendar]\nmonths = 1'
        text = household(10_000, first=_TODAY + timedelta(days=1), people=10_000, mail=mail, same_day=True)
        mails = 10_000 + (1 if _TODAY.day <= 4 else 0)
        wall = _run(folder, text, "run", "--once")
    yield "10,000 mails to 10,000 people, loading included", ">= 1,000 /s", f"{mails / wall:,.0f} /s ({wall:.1f} s)"


def _write(folder: Path, text: str) -> None:
    (folder / "plans.toml").write_text(text, "utf-8")
    (folder / "plans.toml").chmod(0o600)


def _command(folder: Path, *words: str) -> list[str]:
    return [*_RENEWD, "--config", str(folder / "plans.toml"), "--state", str(folder / "state"), *words]


def _run(folder: Path, text: str, *words: str, cpu: bool = False) -> float:
    _write(folder, text)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(_command(folder, *words), capture_output=True, check=False, env=_env())
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 3):  # 3: a report of plans that are not ready to be left
        sys.exit(f"{words}: exit {done.returncode}\n{done.stdout.decode()[-2000:]}{done.stderr.decode()[-2000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used if cpu else wall


def _daemon(folder: Path, text: str, log: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start the daemon and give it when it says that it is ready. What it prints goes into `log`."""
    _write(folder, text)
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind(str(folder / "notify"))
        ready.settimeout(60)
        environment = _env() | {"NOTIFY_SOCKET": str(folder / "notify")}
        process = subprocess.Popen(
            _command(folder, "run"), stdout=log or subprocess.DEVNULL, stderr=log, env=environment
        )
        while b"READY=1" not in ready.recv(4096):
            pass
        process.cpu_at_ready = _cpu(process.pid)  # type: ignore[attr-defined]
        process.rss_at_ready = _rss(process.pid)  # type: ignore[attr-defined]
    return process


def _ready(folder: Path, text: str) -> tuple[float, float]:
    process = _daemon(folder, text)
    _end(process)
    return process.cpu_at_ready, process.rss_at_ready  # type: ignore[attr-defined]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def _remind(plans: int) -> float | None:
    """Return the CPU seconds that `remind` takes for a year of the same reminders, None if it is not installed."""
    if shutil.which("remind") is None:
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".rem") as file:
        for i in range(plans):
            day = 1 + i % 28
            for lead in (7, 1):
                file.write(f"REM {day} -{lead} MSG line {i} renews in {lead} days\n")
        file.flush()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = _TODAY.strftime("%d %b %Y")
        subprocess.run(["remind", "-s12", file.name, *start.split()], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _env() -> dict[str, str]:
    kept = {"PYTHONDONTWRITEBYTECODE": ""}  # a start that compiles its modules measures that alone
    return os.environ | kept | {"PYTHONPATH": str(_ROOT / "daemon"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wake_ups(pid: int, seconds: float) -> int:
    """Count the times that a process begins to work, looked at twice a second; what it does at once is one."""
    before, count, end = _switches(pid), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.5)
        now = _switches(pid)
        count += now != before
        before = now
    return count


def _switches(pid: int) -> int:
    found = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        line = next(line for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt"))
        found += int(line.split()[1])
    return found


def _written(pid: int) -> int:
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("write_bytes")).split()[1])


def _rss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
