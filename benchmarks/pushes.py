"""Pushes: how many a second, whether one that hangs holds up the others, and what they cost who has none."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

_ROOT = Path(__file__).parents[1]
_PUSHES = int(os.environ.get("RENEWD_PUSHES", "3000"))
_PEOPLE, _SERVICES = 10, ("bark", "ntfy", "webhook")


def pushes(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Push through the whole way of reminders, to servers of the benchmark's own."""
    sys.path[:0] = [str(_ROOT / "tests"), str(_ROOT / "daemon")]
    last, mails, before = asyncio.run(_beside_one_that_hangs(folder))
    alone, whole = asyncio.run(_rate(folder))
    yield f"{_PUSHES:,} pushes, ledger and words included", ">= 500 /s of one core", f"{whole:,.0f} /s"
    yield "  requests alone", ">= 500 /s of one core", f"{alone:,.0f} /s"
    yield "10 people x 3 services, one hangs: the last push", "<= 2 s", f"{last:.2f} s"
    yield "  CPU until the last mail, more than without pushes", "<= 100 ms", f"{(mails - before) * 1000:.0f} ms"
    yield "imports with [push] or a heartbeat: CPU", "<= 80 ms", f"{_import() * 1000:.0f} ms"


def _import() -> float:
    code = """if True:
        import resource, ssl, sqlite3
        import apscheduler.schedulers.asyncio, aiosmtplib, renewd.service.daemon, renewd.channels.smtp
        def cpu():
            used = resource.getrusage(resource.RUSAGE_SELF)
            return used.ru_utime + used.ru_stime
        before = cpu()
        import renewd.service.pushing, httpx2
        print(cpu() - before)
    """
    environment = os.environ | {"PYTHONPATH": str(_ROOT / "daemon")}
    words = [sys.executable, "-c", code]
    found = [
        float(subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]
    return sorted(found)[2]


async def _rate(folder: Path) -> tuple[float, float]:
    """Return how many requests, and how many whole pushes, a second of CPU is enough for."""
    from delivery.desk import START
    from delivery.doorbell import Doorbell
    from households import household, person, plan
    from renewd.channels.http import HttpRequest, ask, open_client
    from renewd.ledger.sqlite import open_ledger

    with _sink() as url:
        async with open_client() as client:
            before = _cpu()
            for _ in range(1000):
                await ask(client, HttpRequest(f"{url}/push", b"x" * 250, {"Content-Type": "application/json"}))
            alone = 1000 / (_cpu() - before)
        people = [f"p{n}" for n in range(_PUSHES)]
        plans = [plan(f"line-{one}", renews="2026-12-05", every="30 days", price="5", told=(one,)) for one in people]
        home = household(*plans, leads={"digest": ()}, **{one: person(one, push=("phone",)) for one in people})
        ledger = open_ledger(folder / "rate.sqlite3", START).ledger
        bell = Doorbell(SimpleNamespace(url=url), home, ledger=ledger)
        before = _cpu()
        assert await bell.ring()
        whole = _PUSHES / (_cpu() - before)
        ledger.close()
    return alone, whole


async def _beside_one_that_hangs(folder: Path) -> tuple[float, float, float]:
    """Return when the last push of the services that work came, and the CPU until the last mail, with and without."""
    times = []
    with ExitStack() as left:
        urls = [left.enter_context(_sink("hang" if name == "ntfy" else "")) for name in _SERVICES]
        for n, services in enumerate(((), _SERVICES, (), _SERVICES)):  # the first two load what a daemon has loaded
            state = folder / f"house-{n}"
            state.mkdir()
            times.append(await _one_pass(state, dict(zip(services, urls, strict=False))))
    *_, (_, before), (last, mails) = times
    return last, mails, before


async def _one_pass(folder: Path, urls: dict[str, str]) -> tuple[float, float]:
    from renewd.disk import Paths
    from renewd.ledger.sqlite import open_ledger
    from renewd.service.daemon import Daemon
    from renewd.service.live_config import read_config

    now = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
    lines = ['timezone = "America/New_York"\nlanguage = "en"\n[remind]\ndigest = []\n[mail]\nto = "me@example.com"']
    lines += [f'[push.{name}]\nservice = "{name}"\nurl = "{url}"' for name, url in urls.items()]
    for n in range(_PEOPLE):
        lines += [f'[person.p{n}]\nemail = "p{n}@example.com"\npush = {list(urls)}'.replace("'", '"')]
        lines += [f'[plan.line-{n}]\nfor = ["p{n}"]\nrenews = 2026-12-05\nevery = "30 days"\nprice = 5']
    (folder / "plans.toml").write_text("\n".join(lines), "utf-8")
    paths = Paths(folder / "plans.toml", folder / "state")
    paths.state.mkdir()
    for name in urls:
        os.environ[f"RENEWD_PUSH_{name.upper()}"] = "Kanarienvogel42"
    ends: dict[str, float] = {}

    rung = 0

    def tell(event: object) -> None:
        nonlocal rung
        outcome = getattr(event, "outcome", None)
        if outcome is not None and outcome.result == "sent":
            pushed = str(event.address).startswith("push:")  # type: ignore[attr-defined]
            rung += pushed
            ends["push" if pushed else "mail"] = time.monotonic() if pushed else _cpu()

    ledger = open_ledger(folder / "ledger.sqlite3", now).ledger
    loaded = read_config(paths, now, None)
    daemon = Daemon(paths, loaded, ledger=ledger, fresh=True, clock=lambda: now, tell=tell)
    await daemon.begin()
    start, used = time.monotonic(), _cpu()
    await daemon.run_pass()
    while urls and rung < _PEOPLE * (len(urls) - 1):
        await asyncio.sleep(0.01)
    daemon.stop()
    await daemon.finish()
    ledger.close()
    return ends.get("push", start) - start, ends["mail"] - used


@contextmanager
def _sink(*words: str) -> Iterator[str]:
    command = [sys.executable, str(_ROOT / "benchmarks" / "push_sink.py"), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
