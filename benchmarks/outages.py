"""What follows an outage: a backlog that drains, and a machine that dies with mails in flight."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
    words = [sys.executable, "-m", "benchmarks.outages", "drain"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    mails, rate, before, peak = done.stdout.split()
    yield f"backlog of {int(mails):,} mails: rate", "the channel's", f"{float(rate):,.0f} /s"
    yield "  memory it takes beside the plans themselves", "<= 200 MB", f"{float(peak) - float(before):.0f} MB"


def nodes(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Four machines on one file and one PostgreSQL look at the same moment: a mail to each of 10,000 people."""
    from benchmarks.households import household

    if not is_here():
        yield "four machines", ">= 1,500 /s", "smtp-sink is not here (Debian: postfix)"
        return
    sys.path[:0] = _PATHS
    from postgres import server

    database = server(durable=True)
    url = database.url()
    config = folder / "plans.toml"
    with sink() as port:
        mail = f'host = "127.0.0.1"\nport = {port}\ntls = "none"\n[calendar]\nmonths = 1\n[ledger]\nurl = "{url}"'
        first = datetime.now(UTC).date() + timedelta(days=1)
        config.write_text(household(_PEOPLE, first=first, people=_PEOPLE, mail=mail, same_day=True))
        config.chmod(0o600)
        words = [sys.executable, "-m", "renewd", "--config", str(config)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(_PATHS), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        machines = [
            subprocess.Popen(
                [*words, "--state", str(folder / f"s{number}"), "run", "--once"],
                env=environment,
                stdout=subprocess.DEVNULL,
            )
            for number in range(4)
        ]
        for machine in machines:
            machine.wait()
    ((mails, began, ended),) = database.sql(
        "SELECT COUNT(*), MIN(created), MAX(at) FROM mail WHERE state = 'sent' AND person <> 'me'", url
    )
    assert mails == _PEOPLE
    shares = database.sql("SELECT COUNT(*) FROM mail WHERE person <> 'me' GROUP BY node", url)
    yield (
        f"four machines, one PostgreSQL, {mails:,} mails",
        ">= 1,500 /s",
        f"{mails / (ended - began) * 1e6:,.0f} /s ({', '.join(str(share) for (share,) in sorted(shares))})",
    )


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


def _drain() -> None:
    import gc

    from households import at, household, person, plan
    from lives import SETTINGS
    from renewd.channels.smtp import Smtp
    from renewd.composing import Composer, Looks
    from renewd.ledger.sqlite import open_ledger
    from renewd.outbox import Outbox
    from renewd.reminders import Findings
    from renewd.watch import Watch

    now = at("2026-12-02 09:00") + timedelta(days=1)
    people = [f"p{n}" for n in range(_MAILS)]
    plans = [
        plan(f"l{n}", renews="2026-12-05", every="30 days", price="5", told=(one,)) for n, one in enumerate(people)
    ]
    home = household(*plans, leads={"digest": ()}, **{one: person(one) for one in people})
    findings = Findings()
    watch = Watch(home, findings, now)
    composer = Composer(household=home, findings=findings, settings=SETTINGS)
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder, sink() as port:
        ledger = open_ledger(Path(folder) / "ledger", now).ledger
        channel = Smtp(host="127.0.0.1", port=port, tls="none")
        outbox = Outbox(ledger, channel, sender="renewd@example.com", clock=lambda: now, tell=lambda _: None)
        before, began = _rss(), time.monotonic()
        done = asyncio.run(outbox.round(watch, composer, Looks(), now))
        took = time.monotonic() - began
        assert done
        ledger.close()
    print(_MAILS, _MAILS / took, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _rss() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    _drain()
