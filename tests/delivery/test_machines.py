"""Several machines on one file and one database: each mail is sent once, whichever machine or database fails."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from zlib import crc32

import pytest

from households import at, household, person, plan
from postgres import server
from renewd.channels.smtp import Smtp
from renewd.delivery.composer import Composer
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext, Task
from renewd.disk import Paths
from renewd.domain.outcome import Envelope, Outcome
from renewd.ledger import LedgerError
from renewd.ledger.places import open_ledger, reader
from renewd.reminders import Findings
from renewd.service import lifecycle
from renewd.service.simulation import SimulatedClock
from simulated_year import SETTINGS
from smtp import AfterSend, peer

ROOT = Path(__file__).parents[2]
PEOPLE = [f"p{n}" for n in range(60)]
START = at("2026-12-02 09:00")
MINUTE = timedelta(minutes=1)


def home():
    plans = [plan(f"line-{one}", renews="2026-12-05", every="30 days", price="5", told=(one,)) for one in PEOPLE]
    return household(*plans, leads={"digest": ()}, **{one: person(one) for one in PEOPLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting(Composer):
    """A composer that notes which mails it composes."""

    counted: list[Task] = field(default_factory=list)

    def compose_all(self, tasks, context, now):
        self.counted.extend(tasks)
        return Composer.compose_all(self, tasks, context, now)


class Node:
    """One machine: an outbox of its own on the database that all share."""

    def __init__(self, url: str, smtp: int, folder: Path) -> None:
        self.ledger = open_ledger(url, folder, START).ledger
        self.clock = SimulatedClock(START)
        self.heard: list[object] = []
        channel = Smtp(host="127.0.0.1", port=smtp, tls="none", hello="localhost")
        self.outbox = Outbox(
            self.ledger, channel, sender="renewd@example.com", clock=self.clock, tell=self.heard.append
        )
        self.schedule = Schedule(home(), Findings(), START)
        self.composer = Composer(household=home(), findings=Findings(), settings=SETTINGS)

    async def deliver(self, *, after: timedelta = timedelta(0)) -> bool:
        self.clock.now += after
        return await deliver(self.outbox, self.schedule, self.composer, PassContext(), self.clock.now)


async def test_four_nodes_that_look_at_once_send_each_mail_once(tmp_path: Path) -> None:
    url = server().url()
    async with peer() as mailbox:
        nodes = [Node(url, mailbox.port, tmp_path) for _ in range(4)]
        await asyncio.gather(*(node.deliver() for node in nodes))
        assert all(await asyncio.gather(*(node.deliver(after=MINUTE) for node in nodes)))
        assert Counter(mail.recipient for mail in mailbox.mails) == Counter(f"{one}@example.com" for one in PEOPLE)
        for node in nodes:
            node.ledger.close()


async def test_each_machine_begins_with_a_part_of_its_own_and_then_helps_the_others(tmp_path: Path) -> None:
    """If all began with the same mails, all would compose them, and all but one in vain."""
    url = server().url()
    async with peer() as mailbox:
        nodes = [Node(url, mailbox.port, tmp_path) for _ in range(4)]
        orders = []
        for node in nodes:
            node.composer = Counting(household=home(), findings=Findings(), settings=SETTINGS)
            place, machines = node.ledger.machines()
            await node.deliver()
            own = [crc32(task.person.id.encode()) % machines == place for task in node.composer.counted]
            orders.append(own)
            server().sql("TRUNCATE mail CASCADE", url)
        for own in orders:
            assert len(own) == len(PEOPLE)
            assert own == sorted(own, reverse=True)
            assert 0 < sum(own) < len(PEOPLE) / 2
        for node in nodes:
            node.ledger.close()


async def test_what_one_machine_could_not_send_another_does_once_that_one_is_gone(tmp_path: Path) -> None:
    """A machine that asked while the mail was on its way counted it as sent, and is not told that it came back."""
    url = server().url()
    async with peer() as mailbox:
        gone, left = Node(url, mailbox.port, tmp_path), Node(url, mailbox.port, tmp_path)
        looked = []

        class Dropped(Smtp):
            @asynccontextmanager
            async def session(self):
                yield self

            async def send(self, _: Envelope) -> Outcome:
                if not looked:
                    looked.append(True)
                    await left.deliver()
                return Outcome(result="failed", scope="account", reason="dropped")

        gone.outbox.channel = Dropped(host="127.0.0.1", port=mailbox.port, tls="none")
        await gone.deliver()
        assert server().sql("SELECT COUNT(*) FROM mail WHERE state = 'claimed'", url) == [(0,)]
        gone.ledger.close()
        for _ in range(20):
            await left.deliver(after=10 * MINUTE)
        assert Counter(mail.recipient for mail in mailbox.mails) == Counter(f"{one}@example.com" for one in PEOPLE)
        left.ledger.close()


async def test_a_connection_that_breaks_while_the_plans_are_asked_costs_nothing(tmp_path: Path, monkeypatch) -> None:
    url = server().url()
    async with peer() as mailbox:
        node = Node(url, mailbox.port, tmp_path)
        plain = node.schedule.ask

        def ask(owners, now):
            for (pid,) in server().sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'renewd'"):
                server().sql(f"SELECT pg_terminate_backend({pid}, 10000)")
            return plain(owners, now)

        monkeypatch.setattr(node.schedule, "ask", ask)
        assert await node.deliver()
        assert Counter(mail.recipient for mail in mailbox.mails) == Counter(f"{one}@example.com" for one in PEOPLE)
        node.ledger.close()


async def test_a_database_away_for_an_hour_costs_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """It goes right after a 250, before that could be written down."""
    url = server().url()
    async with peer() as mailbox:
        node, other = Node(url, mailbox.port, tmp_path), Node(url, mailbox.port, tmp_path)
        stopped = []

        def fall() -> None:
            if len(mailbox.mails) >= 10 and not stopped:
                stopped.append(True)
                server().stop()

        node.outbox.channel = AfterSend(node.outbox.channel, fall)
        try:
            for _ in range(60):
                with pytest.raises(LedgerError):
                    await node.deliver(after=MINUTE)
                with pytest.raises(LedgerError):
                    await other.deliver(after=MINUTE)
            sent = len(mailbox.mails)
            assert 10 <= sent < 20
        finally:
            server().start()
        await asyncio.gather(node.deliver(after=MINUTE), other.deliver(after=MINUTE))
        server().sql("UPDATE node SET lease = '-infinity' WHERE id IN (SELECT node FROM mail)", url)
        for _ in range(40):
            await asyncio.gather(node.deliver(after=MINUTE), other.deliver(after=MINUTE))
        assert Counter(mail.recipient for mail in mailbox.mails) == Counter(f"{one}@example.com" for one in PEOPLE)
        assert other.ledger.counts(START - MINUTE)["sent"] == len(PEOPLE)
        node.ledger.close()
        other.ledger.close()


def config(folder: Path, url: str, smtp: int) -> Path:
    path = folder / "plans.toml"
    lines = [
        'timezone = "America/New_York"\nlanguage = "en"\n[remind]\ndigest = []\n[mail]\nto = "me@example.com"',
        f'host = "127.0.0.1"\nport = {smtp}\ntls = "none"\n[ledger]\nurl = "{url}"',
    ]
    for one in PEOPLE:
        lines += [f'[person.{one}]\nemail = "{one}@example.com"', f"[plan.line-{one}]\nrenews = 2026-10-01"]
        lines += [f'every = "30 days"\nprice = 5\nfor = ["{one}"]']
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    return path


async def until(true) -> None:
    while not true():  # noqa: ASYNC110  # what is waited for happens in other processes
        await asyncio.sleep(0.02)


@pytest.mark.long
async def test_four_daemons_with_kills_and_a_cut_connection_lose_nothing(tmp_path: Path) -> None:
    """Two are killed with mails in flight, one loses its connection: only what was in flight comes twice, as it was."""
    url = server().url()
    async with peer() as mailbox:
        path = config(tmp_path, url, mailbox.port)
        daemons = [await renewd(path, n) for n in range(4)]
        try:
            await until(lambda: len(mailbox.mails) >= 5)
            daemons[0].kill()
            await until(lambda: len(mailbox.mails) >= 15)
            found = server().sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'renewd' LIMIT 1")
            server().sql(f"SELECT pg_terminate_backend({found[0][0]})")
            await until(lambda: len(mailbox.mails) >= 25)
            daemons[1].kill()
            await until(lambda: server().sql("SELECT COUNT(*) FROM mail", url) == [(len(PEOPLE),)])
        finally:
            for daemon in daemons[:2]:
                with suppress(ProcessLookupError):  # else it would be waited for where the test ended before its kill
                    daemon.kill()
            for daemon in daemons[2:]:
                daemon.send_signal(signal.SIGTERM)
            codes = await asyncio.gather(*(daemon.wait() for daemon in daemons))
        assert codes[2:] == [0, 0]
        await one_more(path)
        server().sql("UPDATE node SET lease = '-infinity'", url)  # a minute later
        await one_more(path)
        server().sql("UPDATE mail SET next_try = 0 WHERE state = 'unknown'", url)  # a quarter of an hour later
        await one_more(path)
        assert reached(mailbox) == len(PEOPLE)
        doubled = [mail for mail, count in Counter(mail.data for mail in mailbox.mails).items() if count > 1]
        assert len(mailbox.mails) == len(PEOPLE) + len(doubled)
        assert len(doubled) <= 8  # two were killed, with four connections each
        ids = [str(message_from_bytes(mail.data)["Message-ID"]) for mail in mailbox.mails]
        assert len(set(ids)) == len(PEOPLE)
    with closing(reader(url, tmp_path)) as ledger:
        assert ledger.counts(at("2026-01-01")) == {"sent": len(PEOPLE)}


async def renewd(path: Path, number: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "renewd", "--config", path, "--state", path.parent / f"state{number}", "run",
        env=os.environ | {"PYTHONPATH": str(ROOT / "daemon"), "LC_ALL": "C.UTF-8"},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def one_more(path: Path) -> None:
    """Run one pass in this process: on a busy machine, a process takes many seconds to start."""
    await asyncio.to_thread(lifecycle.run, Paths(path, path.parent / "state9"), lambda _: None, once=True)


def reached(mailbox) -> int:
    return len({mail.recipient for mail in mailbox.mails})


async def test_a_daemon_whose_database_is_not_up_yet_waits_for_it(tmp_path: Path, monkeypatch) -> None:
    """It needs no restart, and it stops at once when it is told to."""
    monkeypatch.setattr(lifecycle, "BEAT", 0.05)
    url = server().url()
    stop = asyncio.Event()
    told: list[object] = []
    with ExitStack() as left:
        path = config(tmp_path, url, 25)

        async def begin():
            return await lifecycle._begun(
                Paths(path, tmp_path), lambda: START, told.append, left, once=False
            )  # what `run` does

        server().stop()
        try:
            waiting = asyncio.create_task(lifecycle._waited_for(begin, told.append, stop))
            await until(lambda: len(told) >= 2)
            assert {event.error.code for event in told} == {"delivery.ledger-away"}
        finally:
            server().start()
        begun = await waiting
        assert begun.ledger.last_pass() is None
        server().stop()
        try:
            waiting = asyncio.create_task(lifecycle._waited_for(begin, told.append, stop))
            await asyncio.sleep(0)
            stop.set()
            assert await waiting is None
        finally:
            server().start()


def test_once_with_the_database_away_is_75_and_says_why(tmp_path: Path) -> None:
    told: list[object] = []
    server()
    path = config(tmp_path, "postgresql://renewd@127.0.0.1:1/renewd", 25)
    assert lifecycle.run(Paths(path, tmp_path / "state"), told.append, once=True) == 75
    assert [event.error.code for event in told] == ["delivery.ledger-away"]
