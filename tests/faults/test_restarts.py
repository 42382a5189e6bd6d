"""Restarted again and again, with a server that refuses: waits come from the ledger, so it neither hammers nor forgets."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from delivery.desk import START, Desk, keys, lines
from renewd.ledger.sqlite import open_ledger
from smtp import DROP, peer

pytestmark = pytest.mark.one_thread
few_words = pytest.mark.usefixtures("few_words")

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Restarting:
    """A daemon that dies after each pass, and is started again."""

    def __init__(self, server, folder: Path, *people: str, **settings) -> None:
        self.desk = Desk(lines(*people), server, **settings)
        self.path, self.home = folder / "ledger", self.desk.schedule.household

    async def run_pass(self, *, after: timedelta = MINUTE) -> bool:
        self.desk.ledger = open_ledger(self.path, START).ledger
        try:
            self.desk.ledger.recover(self.desk.clock.now)
            self.desk.change(self.home)
            return await self.desk.deliver(after=after)
        finally:
            self.desk.ledger.close()


@few_words
@pytest.mark.parametrize(
    ("step", "says"), [("GREETING", "421 4.3.2 Not now"), ("GREETING", DROP), ("MAIL", "451 4.3.0 Later")]
)
async def test_a_server_that_is_down_is_asked_at_most_30_times_a_day(tmp_path: Path, step: str, says: str) -> None:
    async with peer() as server:
        server.says[step] = says
        ours = Restarting(server, tmp_path, "a", "b")
        for _ in range(24 * 20):
            await ours.run_pass(after=3 * MINUTE)
        assert 20 <= server.connections <= 30
        del server.says[step]
        assert await ours.run_pass(after=HOUR)
        assert [len(server.to(f"{one}@example.com")) for one in "ab"] == [1, 1]


@few_words
async def test_a_wrong_password_costs_four_tries_a_day(tmp_path: Path) -> None:
    async with peer() as server:
        ours = Restarting(server, tmp_path, "me", username="me", password="wrong")
        for _ in range(24 * 6):
            await ours.run_pass(after=10 * MINUTE)
        assert 3 <= server.count("AUTH") <= 4
        assert server.mails == []


@few_words
async def test_a_login_that_cannot_be_checked_now_is_asked_as_a_server_that_is_down(tmp_path: Path) -> None:
    async with peer() as server:
        server.says["AUTH"] = "454 4.7.0 Temporary authentication failure"
        ours = Restarting(server, tmp_path, "me", username="me", password="secret")
        for _ in range(24 * 6):
            await ours.run_pass(after=10 * MINUTE)
        assert 20 <= server.count("AUTH") <= 30
        del server.says["AUTH"]
        assert await ours.run_pass(after=HOUR)


@few_words
async def test_a_greylist_is_waited_out_and_the_other_reader_gets_theirs(tmp_path: Path) -> None:
    """450 at RCPT: again after five minutes and not before, doubling, and never given up before the day."""
    async with peer() as server:
        server.says["RCPT a@example.com"] = "450 4.2.0 Greylisted"
        ours = Restarting(server, tmp_path, "a", "b")
        tries = []
        for minute in range(5 * 60):
            before = server.log.count("RCPT TO:<a@example.com>")
            await ours.run_pass()
            if server.log.count("RCPT TO:<a@example.com>") > before:
                tries.append(minute)
        assert [after - before for before, after in itertools.pairwise(tries)] == [5, 10, 20, 40, 60, 60, 60]
        assert len(server.to("b@example.com")) == 1
        del server.says["RCPT a@example.com"]
        assert await ours.run_pass(after=HOUR)
        assert keys(server, "a@example.com") == ["line-a/renewal/2026-12-05/3"]


@few_words
async def test_a_mail_that_is_refused_as_spam_costs_its_reader_alone_and_once_a_day(tmp_path: Path) -> None:
    async with peer() as server:
        server.says["DOT"] = ["554 5.7.1 Spam", "250 Ok"]
        ours = Restarting(server, tmp_path, "a", "b", "c")
        for _ in range(20 * 4):
            await ours.run_pass(after=15 * MINUTE)
        assert [len(server.to(f"{one}@example.com")) for one in "abc"] == [0, 1, 1]
        assert server.log.count("RCPT TO:<a@example.com>") == 1
        failing = open_ledger(tmp_path / "ledger", START).ledger
        assert [(one.person, one.reply) for one in failing.failing()] == [("a", "554 5.7.1 Spam")]
        failing.close()
        await ours.run_pass(after=5 * HOUR)
        assert len(server.to("a@example.com")) == 1


@few_words
@pytest.mark.parametrize("step", ["RCPT", "DATA", "PAYLOAD"])
async def test_when_every_seventh_mail_dies_all_arrive_and_none_twice(tmp_path: Path, step: str) -> None:
    """Dropped before the dot: each comes once, whatever it takes, and whether or not renewd can know it."""
    people = [f"p{n}" for n in range(30)]
    async with peer() as server:
        well = {"RCPT": "250 Ok", "DATA": "354 Go on", "PAYLOAD": ""}[step]
        server.says[step] = [*[well] * 6, DROP] * 5 + [well]
        ours = Restarting(server, tmp_path, *people)
        for _ in range(24):
            await ours.run_pass(after=HOUR)
        assert sorted(mail.recipient for mail in server.mails) == sorted(f"{one}@example.com" for one in people)


async def test_two_machines_that_know_nothing_of_each_other_send_one_message_id(tmp_path: Path) -> None:
    """It cannot be prevented without a shared ledger; a filter by Message-ID (RFC 7352) drops the second."""
    async with peer() as server:
        for name in "xy":
            await Restarting(server, tmp_path / name, "me").run_pass()
        first, second = server.mails
        assert first.data == second.data
