"""An interrupted mail is settled by what is known of it, and does not hold up the mails of others."""

from __future__ import annotations

import asyncio

import pytest

from delivery.desk import HOUR, MINUTE, START, Desk, keys, lines
from households import person
from renewd.delivery.events import Failure
from renewd.delivery.pipeline import deliver
from renewd.delivery.task import PassContext, Task
from renewd.domain.errors import Problem
from renewd.ledger import LedgerError
from renewd.service.problem_mail import problem_task
from smtp import DROP, HANG, LOSE, peer


def states(desk: Desk) -> dict[str, str]:
    """The state of the latest mail of each person."""
    return {line.person: line.state for line in reversed(desk.ledger.history())}


async def test_no_connection_is_opened_while_the_only_mail_waits() -> None:
    async with peer() as server:
        server.says["RCPT a@example.com"] = "550 5.1.1 No such user"
        desk = Desk(lines("a"), server)
        for _ in range(20):
            assert not await desk.deliver(after=MINUTE)
        assert server.connections == 1


async def test_one_deferred_and_one_refused_reader_cost_thirty_connections_a_day_at_most() -> None:
    async with peer() as server:
        server.says["RCPT a@example.com"] = "450 4.2.1 Greylisted"
        server.says["RCPT b@example.com"] = "550 5.1.1 No such user"
        desk = Desk(lines("a", "b", "c"), server)
        for _ in range(24 * 60):
            await desk.deliver(after=MINUTE)
        assert len(server.to("c@example.com")) >= 1
        assert 20 <= server.connections <= 30


async def test_a_mail_of_unknown_outcome_keeps_nobody_else_from_theirs() -> None:
    """A connection that breaks after the dot: the next reader's mail leaves over another one in the same pass."""
    async with peer() as server:
        server.says["DOT"] = [LOSE, "250 Ok"]
        desk = Desk(lines("a", "b", "c"), server)
        assert not await desk.deliver()
        assert [len(server.to(f"{one}@example.com")) for one in "abc"] == [1, 1, 1]
        assert desk.outbox.repeat_at == START + 15 * MINUTE
        assert list(desk.outbox.waiting) == ["a"]
        assert not await desk.deliver(after=MINUTE)
        assert await desk.deliver(after=15 * MINUTE)


async def test_two_unknown_outcomes_in_a_row_give_the_server_a_rest() -> None:
    async with peer() as server:
        server.says["DOT"] = [LOSE, LOSE, "250 Ok"]
        desk = Desk(lines("a", "b", "c"), server)
        await desk.deliver()
        assert len(server.mails) == 2
        assert list(desk.ledger.backoffs()) == [desk.outbox.account_key]
        await desk.deliver(after=6 * MINUTE)
        assert len(server.to("c@example.com")) == 1


@pytest.mark.parametrize(("step", "state"), [("DATA", "failed"), ("DOT", "unknown")])
async def test_a_stop_in_flight_is_settled_by_whether_the_mail_was_handed_over(step: str, state: str) -> None:
    async with peer() as server:
        server.says[step] = HANG
        desk = Desk(lines("a"), server)
        running = asyncio.create_task(desk.deliver())
        await server.silent.wait()
        running.cancel()
        await asyncio.wait([running])
        await desk.outbox.finish()
        assert states(desk) == {"a": state}
        before = len(server.mails)
        del server.says[step]
        desk.change(lines("a"))
        await desk.deliver(after=MINUTE)
        assert len(server.mails) == before + (state == "failed")
        await desk.deliver(after=16 * MINUTE)
        assert len(server.mails) == before + 1
        assert len({mail.data for mail in server.mails}) == 1


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError(), LedgerError("x")])
@pytest.mark.parametrize("in_doubt", [True, False])
async def test_no_error_leaves_a_mail_being_sent(error: Exception, in_doubt: bool, monkeypatch) -> None:
    """The mail is named, the others get theirs in the same pass, and this one comes later."""
    async with peer() as server:
        desk = Desk(lines("a", "b"), server)
        real = desk.channel.session

        def session():
            opened = real()

            class Failing:
                async def __aenter__(self):
                    self.session = await opened.__aenter__()
                    plain = self.session.send

                    async def send(envelope):
                        if envelope.recipient == "a@example.com":
                            self.session.in_doubt = in_doubt
                            raise error
                        return await plain(envelope)

                    self.session.send = send
                    return self.session

                async def __aexit__(self, *what):
                    return await opened.__aexit__(*what)

            return Failing()

        with monkeypatch.context() as patch:
            patch.setattr(type(desk.channel), "session", lambda _: session())
            await desk.deliver()
        assert states(desk) == {"a": "unknown" if in_doubt else "failed", "b": "sent"}
        assert [event.key for event in desk.heard if isinstance(event, Failure)] == ["line-a/renewal/2026-12-05/3"]
        await desk.deliver(after=16 * MINUTE)
        assert len(server.to("a@example.com")) == 1


async def test_a_mail_that_nobody_settled_is_repeated_within_the_life_of_the_process(monkeypatch) -> None:
    """Whatever left it "being sent": nothing is in flight when a pass begins."""
    async with peer() as server:
        desk = Desk(lines("a"), server)
        with monkeypatch.context() as patch:
            patch.setattr("renewd.delivery.send._attempt", _die)
            patch.setattr(desk.outbox.writer, "keep", lambda _: None)
            with pytest.raises(ZeroDivisionError):
                await desk.deliver()
        assert states(desk) == {"a": "sending"}
        await desk.deliver(after=MINUTE)
        assert states(desk) == {"a": "unknown"}
        assert await desk.deliver(after=15 * MINUTE)
        assert len(server.mails) == 1


async def _die(*_: object) -> None:
    raise ZeroDivisionError


async def test_a_mail_begun_before_a_pause_does_not_leave_after_it(monkeypatch) -> None:
    """The machine sleeps between the write that begins a mail and its first command: another one may have sent it."""
    async with peer() as server:
        desk = Desk(lines("a"), server)
        plain = desk.ledger.exchange

        def slow(settlements, starts, backoffs):
            begun = plain(settlements, starts, backoffs)
            if starts:
                desk.outbox.clock.now += HOUR
            return begun

        monkeypatch.setattr(desk.ledger, "exchange", slow)
        await desk.deliver()
        assert server.mails == []
        assert states(desk) == {"a": "failed"}


async def test_what_was_composed_before_a_pause_is_composed_again_after_it() -> None:
    async with peer() as server:
        desk = Desk(lines("a", "b"), server)
        desk.outbox.tell = lambda _: setattr(desk.clock, "now", desk.clock.now + HOUR)
        await desk.deliver()
        assert [mail.recipient for mail in server.mails] == ["a@example.com"]
        assert await desk.deliver()
        assert [mail.recipient for mail in server.mails] == ["a@example.com", "b@example.com"]


async def test_a_mail_beside_reminders_of_unknown_outcome_is_repeated() -> None:
    """The mail about mistakes in the file: nothing else would ever tell of them."""
    async with peer() as server:
        server.says["DOT"] = [DROP, "250 Ok"]
        home = lines("me")
        desk = Desk(home, server)
        broken = Problem(code="check.unknown-key", file="plans.toml", line=3, args={"key": "evry"})
        extra: list[Task] = [problem_task(home.people["me"], [broken])]

        async def run_pass() -> bool:
            desk.clock.now += 8 * MINUTE
            return await deliver(desk.outbox, desk.schedule, desk.composer, PassContext(), desk.clock.now, extra=extra)

        for _ in range(4):
            await run_pass()
        assert any("problem:" in key for key in keys(server, "me@example.com"))


async def test_a_plan_that_is_back_in_the_file_is_told_of_after_all() -> None:
    """It was out of the file in the one pass in which its mail of unknown outcome was due again."""
    async with peer() as server:
        server.says["DOT"] = [DROP, "250 Ok"]
        desk = Desk(lines("a", "b"), server)
        await desk.deliver()
        desk.change(lines("b"))
        await desk.deliver(after=16 * MINUTE)
        assert states(desk)["a"] == "unknown-final"
        desk.change(lines("a", "b"))
        for _ in range(3):
            await desk.deliver(after=5 * MINUTE)
        assert keys(server, "a@example.com") == ["line-a/renewal/2026-12-05/3"]


async def test_a_mail_of_unknown_outcome_follows_a_corrected_address() -> None:
    async with peer() as server:
        server.says["DOT"] = [DROP, "250 Ok"]
        desk = Desk(lines("a"), server)
        await desk.deliver()
        home = lines("a")
        home.people["a"] = person("a", email="new@example.com")
        desk.change(home)
        await desk.deliver(after=16 * MINUTE)
        assert server.to("a@example.com") == []
        assert keys(server, "new@example.com") == ["line-a/renewal/2026-12-05/3"]


async def test_a_connection_that_fails_before_any_mail_is_in_the_history() -> None:
    async with peer() as server:
        server.says["GREETING"] = "421 4.3.2 Not now"
        desk = Desk(lines("a"), server)
        await desk.deliver()
        [line] = desk.ledger.history()
        assert (line.person, line.state, line.last.outcome.reply) == ("", "failed", "421 4.3.2 Not now")
        assert desk.ledger.failing() == ()
        assert list(desk.outbox.waiting) == ["a"]


async def test_whoever_waits_for_the_ledger_is_woken_when_its_writer_is_canceled() -> None:
    async with peer() as server:
        desk = Desk(lines("a"), server)
        writer = desk.outbox.writer
        waits = [asyncio.create_task(writer.exchange((), (), {})) for _ in range(2)]
        await asyncio.sleep(0)
        assert writer._running is not None
        writer._running.cancel()
        ends = await asyncio.wait_for(asyncio.gather(*waits, return_exceptions=True), 20)
        assert all(isinstance(end, LedgerError) for end in ends)
        assert await desk.deliver()
