"""The row of stages against a real SMTP server that refuses, defers, drops and loses; the ledger decides what was sent."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import time
from decimal import Decimal
from email import message_from_bytes

import pytest

from delivery.desk import HOUR, MINUTE, NO_DIGEST, START, Desk, keys, lines
from households import household, person, plan
from renewd.channels.smtp import Smtp
from renewd.delivery.composer import Composer
from renewd.delivery.events import Failure
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext, ReportToMail, Task
from renewd.ledger import LedgerError, Revision
from renewd.reminders import Findings
from simulated_year import SETTINGS
from smtp import DROP, LOSE, AfterSend, peer


async def test_what_is_due_is_sent_once() -> None:
    """However many passes there are, each key reaches its person once."""
    async with peer() as server:
        desk = Desk(lines("me"), server)
        assert await desk.deliver()
        assert await desk.deliver(after=MINUTE)
        assert ["line-me/renewal/2026-12-05/3"] == keys(server, "me@example.com")
        assert 1 == server.connections


async def test_one_refused_recipient_does_not_stop_the_others() -> None:
    """A 550 for one: the others get theirs, and the one is left alone for a day."""
    async with peer() as server:
        server.says["RCPT b@example.com"] = "550 5.1.1 No such user"
        desk = Desk(lines("a", "b", "c"), server)
        assert not await desk.deliver()
        assert (1, 0, 1) == tuple(len(server.to(f"{one}@example.com")) for one in "abc")
        assert not await desk.deliver(after=20 * HOUR)
        assert 1 == server.log.count("RCPT TO:<b@example.com>")
        del server.says["RCPT b@example.com"]
        await desk.deliver(after=5 * HOUR)
        assert 1 == len(server.to("b@example.com"))


async def test_who_runs_renewd_learns_whom_mails_do_not_reach() -> None:
    """The next mail that gets through to `me` names the refused person, since when, and the server's words."""
    async with peer() as server:
        server.says["RCPT b@example.com"] = "550 5.1.1 No such user"
        desk = Desk(lines("me", "b"), server)
        await desk.deliver()
        assert "No such user" not in text_of(server.to("me@example.com")[0].data)
        await desk.deliver(after=48 * HOUR)
        told = " ".join(text_of(server.to("me@example.com")[1].data).split())
        assert "550 5.1.1 No such user" in told
        assert "since Wed, Dec 2" in told


async def test_a_deferred_mail_is_composed_anew_from_what_is_true_then() -> None:
    """451 at the dot frees its reminders: after 5 minutes the next mail says what is due by then, and that it is late."""
    async with peer() as server:
        server.says["DOT"] = "451 4.3.0 Later"
        desk = Desk(lines("me"), server)
        assert not await desk.deliver()
        assert not await desk.deliver(after=4 * MINUTE)
        assert 1 == server.connections
        server.says["DOT"] = "250 Ok"
        assert await desk.deliver(after=26 * HOUR)
        assert ["line-me/renewal/2026-12-05/3"] == keys(server, "me@example.com")
        [mail] = server.to("me@example.com")
        assert "late reminder" in text_of(mail.data)


async def test_a_server_that_is_down_is_asked_ever_more_seldom() -> None:
    """5, 10, 20, 40, 60, 60 … minutes: at most 30 connections a day; everything is sent when it is back."""
    async with peer() as server:
        server.says["GREETING"] = "421 4.3.2 Not now"
        desk = Desk(lines("a", "b"), server)
        for _ in range(24 * 60):
            await desk.deliver(after=MINUTE)
        assert 20 <= server.connections <= 30
        del server.says["GREETING"]
        await desk.deliver(after=HOUR)
        assert 1 == len(server.to("a@example.com")) == len(server.to("b@example.com"))


async def test_a_wrong_password_costs_four_tries_a_day() -> None:
    """1 h, then every 8 h, one mechanism; a new password is tried at once."""
    async with peer() as server:
        desk = Desk(lines("me"), server, username="me", password="wrong")
        for _ in range(24 * 6):
            await desk.deliver(after=10 * MINUTE)
        assert server.count("AUTH") <= 4
        desk.channel = Smtp(
            host="127.0.0.1", port=server.port, tls="none", hello="localhost", username="me", password="secret"
        )
        desk.change(lines("me"))
        await desk.deliver(after=MINUTE)
        assert 1 == len(server.to("me@example.com"))


async def test_a_lost_answer_is_repeated_with_the_same_bytes() -> None:
    """The server took the mail and dropped the line: after 15 minutes the same bytes again, then no more."""
    async with peer() as server:
        server.says["DOT"] = [LOSE, "250 Ok"]
        desk = Desk(lines("me"), server)
        await desk.deliver()
        await desk.deliver(after=10 * MINUTE)
        assert 1 == len(server.mails)
        await desk.deliver(after=6 * MINUTE)
        first, second = server.mails
        assert first.data == second.data
        await desk.deliver(after=24 * HOUR)
        assert 2 == len([mail for mail in server.mails if mail.data == first.data])


async def test_a_mail_that_always_fails_does_not_hold_up_one_that_may_be_lost() -> None:
    """The server leaves at one reader's name each time: the other's mail, whose answer was lost, comes again before it."""
    async with peer() as server:
        server.says["RCPT a@example.com"] = "421 4.3.2 Busy"
        server.says["DOT"] = [LOSE, "250 Ok"]
        desk = Desk(lines("a", "b"), server)
        for _ in range(9):
            await desk.deliver(after=10 * MINUTE)
        first, second = server.to("b@example.com")
        assert first.data == second.data
        del server.says["RCPT a@example.com"]
        assert await desk.deliver(after=HOUR)
        assert 1 == len(server.to("a@example.com"))


async def test_a_lost_answer_is_not_repeated_once_it_was_settled() -> None:
    """Renewed in the meantime: what may have arrived is not sent again."""
    async with peer() as server:
        server.says["DOT"] = [LOSE, "250 Ok"]
        desk = Desk(lines("me"), server)
        await desk.deliver()
        paid = plan("line-me", renews="2027-01-04", every="30 days", price="5")
        desk.change(household(paid, leads=NO_DIGEST))
        await desk.deliver(after=HOUR)
        await desk.deliver(after=HOUR)
        assert 1 == len(server.mails)


async def test_a_lost_answer_is_not_repeated_for_what_another_reader_is_still_to_be_told() -> None:
    """Two readers of one plan: the one's lead of 3 days is over at nine, the other's not before night."""
    async with peer() as server:
        server.says["DOT"] = ["250 Ok", LOSE, "250 Ok"]
        people = {"a": person("a", send_at=time(23)), "b": person("b")}
        shared = plan("shared", renews="2026-12-05", every="30 days", price="5", told=("a", "b"))
        desk = Desk(household(shared, leads=NO_DIGEST, **people), server)
        await desk.deliver()
        assert ["shared/renewal/2026-12-05/3"] == keys(server, "b@example.com")
        await desk.deliver(after=51 * HOUR)
        assert ["shared/renewal/2026-12-05/3", "shared/renewal/2026-12-05/1"] == keys(server, "b@example.com")


async def test_a_reader_is_told_what_another_reader_of_the_plan_was_told_before() -> None:
    """What was sent counts for its own person only."""
    async with peer() as server:
        people = {"a": person("a", send_at=time(23)), "b": person("b")}
        shared = plan("shared", renews="2026-12-05", every="30 days", price="5", told=("a", "b"))
        desk = Desk(household(shared, leads=NO_DIGEST, **people), server)
        await desk.deliver()
        await desk.deliver(after=15 * HOUR)
        assert ["shared/renewal/2026-12-05/3"] == keys(server, "b@example.com")
        assert ["shared/renewal/2026-12-05/7", "shared/renewal/2026-12-05/3"] == keys(server, "a@example.com")


async def test_a_connection_dropped_before_the_dot_sends_nothing_and_is_tried_again() -> None:
    """Certainly not sent: the reminder is free again."""
    async with peer() as server:
        server.says["DATA"] = [DROP, "354 Go on"]
        desk = Desk(lines("me"), server)
        assert not await desk.deliver()
        await desk.deliver(after=25 * HOUR)
        assert ["line-me/renewal/2026-12-05/3"] == keys(server, "me@example.com")[:1]


async def test_a_mail_that_always_fails_does_not_hold_up_the_others() -> None:
    """A 451 for one mail stops a round; the next one begins with the others."""
    async with peer() as server:
        desk = Desk(lines("a", "b"), server)
        server.says["DOT"] = ["451 4.3.0 Later", "250 Ok", "451 4.3.0 Later"]
        await desk.deliver()
        await desk.deliver(after=6 * MINUTE)
        assert [] == server.to("a@example.com")
        assert 1 == len(server.to("b@example.com"))


async def test_a_reminder_that_cannot_be_written_costs_itself_alone() -> None:
    """One plan breaks the composer: its reminder is reported, the other's goes out."""
    async with peer() as server:
        home = household(
            plan("good", renews="2026-12-05", every="30 days", price="5"),
            plan("bad", renews="2026-12-05", every="30 days", price=Decimal("sNaN")),
            leads=NO_DIGEST,
        )
        desk = Desk(home, server)
        assert not await desk.deliver()
        assert ["good/renewal/2026-12-05/3"] == keys(server, "me@example.com")
        assert ["bad/renewal/2026-12-05/3"] == [event.key for event in desk.heard if isinstance(event, Failure)]


async def test_many_mails_share_a_few_connections() -> None:
    """60 people at once: four connections, everybody once."""
    async with peer() as server:
        people = [f"p{i}" for i in range(60)]
        desk = Desk(lines(*people), server)
        assert await desk.deliver()
        assert 4 == server.connections
        assert [1] * 60 == [len(server.to(f"{one}@example.com")) for one in people]


@pytest.mark.parametrize(("language", "rest"), [("en", "10 more"), ("zh-CN", "还有")])
async def test_of_forty_things_in_one_mail_thirty_are_shown_and_the_rest_is_counted(language: str, rest: str) -> None:
    """None of them is said again: the mail names where all are to be seen."""
    async with peer() as server:
        plans = [plan(f"p{n:02}", renews="2026-12-05", every="30 days", price="5", autopay=False) for n in range(40)]
        desk = Desk(household(*plans, leads=NO_DIGEST, me=person(languages=(language,))), server)
        assert await desk.deliver()
        assert await desk.deliver(after=HOUR)
        [mail] = server.mails
        text = text_of(mail.data)
        assert len(keys(server, "me@example.com")[0].split()) == 40
        assert sum(f"renewd mark p{n:02}" in text for n in range(40)) <= 30
        assert rest in text
        assert "renewd agenda" in text


async def test_stopping_ends_after_the_mail_in_flight() -> None:
    """Once told to stop, nothing new is begun; the rest goes out at the next start."""
    async with peer() as server:
        desk = Desk(lines("a", "b", "c"), server)
        desk.outbox.channel = AfterSend(desk.channel, lambda: setattr(desk.outbox, "stopping", True))
        assert not await desk.deliver()
        assert 1 == len(server.mails)
        desk.change(lines("a", "b", "c"))
        assert await desk.deliver(after=MINUTE)
        assert 3 == len({mail.recipient for mail in server.mails}) == len(server.mails)


async def test_a_ledger_that_fails_between_a_claim_and_its_mail_costs_one_round_and_no_reminder(monkeypatch) -> None:
    """A question for the next mails fails: the mail that is claimed already must not stay claimed."""
    people = [f"p{n}" for n in range(60)]
    async with peer() as server:
        desk = Desk(lines(*people), server)
        asked = []

        def fail(_):
            asked.append(desk.ledger.counts(START))
            if len(asked) > 1:
                raise LedgerError("delivery.ledger-error", path="", why="")
            return {}

        desk.composer = replace(desk.composer, revisions=fail)
        with pytest.raises(LedgerError):
            await desk.deliver()
        assert len(asked) > 1
        assert "sending" not in desk.ledger.counts(START)
        desk.composer = replace(desk.composer, revisions=lambda _: {})
        assert await desk.deliver(after=HOUR)
        assert all(len(server.to(f"{one}@example.com")) == 1 for one in people)


async def test_a_ledger_that_fails_once_the_plans_were_asked_costs_one_round_and_no_reminder(monkeypatch) -> None:
    """A plan that was asked is not asked again before its next moment, unless somebody remembers that it was in vain."""
    async with peer() as server:
        desk = Desk(lines("a", "b"), server)

        def fail(_):
            raise LedgerError("delivery.ledger-error", path="", why="")

        with monkeypatch.context() as patch:
            patch.setattr(desk.ledger, "claims", fail)
            with pytest.raises(LedgerError):
                await desk.deliver()
        assert await desk.deliver(after=MINUTE)
        assert sorted(mail.recipient for mail in server.mails) == ["a@example.com", "b@example.com"]


async def test_a_plan_whose_dates_cannot_be_counted_costs_no_other_anything(monkeypatch) -> None:
    """It is said which, and asked again at each pass, so that it is told as soon as it can be."""
    async with peer() as server:
        desk = Desk(lines("a", "b", "c"), server)
        plain = Schedule.due_of

        def due_of(schedule, owner, now):
            if owner == "line-b":
                raise OverflowError("date value out of range")
            return plain(schedule, owner, now)

        with monkeypatch.context() as patch:
            patch.setattr(Schedule, "due_of", due_of)
            assert not await desk.deliver()
            assert not await desk.deliver(after=MINUTE)
        assert [mail.recipient for mail in server.mails] == ["a@example.com", "c@example.com"]
        assert {one.key for one in desk.heard if isinstance(one, Failure)} == {"line-b"}
        assert await desk.deliver(after=MINUTE)
        assert [mail.recipient for mail in server.mails][2:] == ["b@example.com"]


async def test_reports_are_composed_one_by_one() -> None:
    """Each may take a second, and a stop, a watchdog and a calendar wait for the loop."""
    together: list[list[bool]] = []

    class Slow(Composer):
        def compose_all(self, tasks, context, now):
            together.append([bool(task.reports) for task in tasks])
            return [ValueError("not today") for _ in tasks]

    people = [f"p{n}" for n in range(9)]
    async with peer() as server:
        desk = Desk(lines(*people), server)
        extra = [
            Task(
                person=desk.schedule.household.people[one],
                reports=(ReportToMail(f"line-{one}/report/2026-12-02/0", None),),
            )
            for one in people
        ]
        desk.composer = Slow(household=desk.schedule.household, findings=Findings(), settings=SETTINGS)
        await deliver(desk.outbox, desk.schedule, desk.composer, PassContext(), START, extra=extra)
        told = [one.key for one in desk.heard if isinstance(one, Failure)]
        assert sum("/report/" in key for key in told) == 9
        assert {sum(call) for call in together if any(call)} == {1}  # never two reports at once
        assert max(map(len, together)) > 1


async def test_a_log_that_cannot_be_written_keeps_no_mail_and_no_end_of_one_back() -> None:
    async with peer() as server:
        desk = Desk(lines("a", "b", "c"), server)
        states = []

        def full(_):
            states.append(desk.ledger.counts(START).get("sent"))
            raise OSError(28, "No space left on device")

        desk.outbox.tell = full
        assert await desk.deliver()
        assert len(server.mails) == 3
        assert states == [1, 2, 3]  # it was written down before anybody heard of it
        assert desk.ledger.counts(START) == {"sent": 3}


async def test_a_stop_waits_for_what_is_being_written_down(monkeypatch) -> None:
    """The pass is canceled, the ledger is slow: what has arrived is known to have arrived all the same."""
    async with peer() as server:
        desk = Desk(lines("a"), server)
        plain, waits, goes_on = desk.ledger.exchange, threading.Event(), threading.Event()

        def slow(settlements, starts, backoffs):
            if settlements:
                waits.set()
                goes_on.wait(20)
            return plain(settlements, starts, backoffs)

        monkeypatch.setattr(desk.ledger, "exchange", slow)
        running = asyncio.create_task(desk.deliver())
        await asyncio.to_thread(waits.wait, 20)
        while not running.done():  # as the daemon stops a pass
            running.cancel()
            await asyncio.wait([running], timeout=0.05)
        asyncio.get_running_loop().call_later(0.05, goes_on.set)
        await desk.outbox.finish()
        assert desk.ledger.counts(START) == {"sent": 1}


async def test_whatever_fails_while_an_end_is_written_down_it_is_written_later(monkeypatch) -> None:
    async with peer() as server:
        desk = Desk(lines("a"), server)
        plain = desk.ledger.exchange

        def fail(settlements, starts, backoffs):
            if settlements:
                raise RuntimeError("nobody thought of it")
            return plain(settlements, starts, backoffs)

        with monkeypatch.context() as patch:
            patch.setattr(desk.ledger, "exchange", fail)
            with pytest.raises(RuntimeError):
                await desk.deliver()
        assert await desk.deliver(after=MINUTE)
        assert desk.ledger.counts(START) == {"sent": 1}
        assert len(server.mails) == 1


async def test_the_event_in_a_mail_has_the_revision_that_the_calendar_has() -> None:
    def known(keys):
        return {key: Revision(6, "looked otherwise", START) for key in keys}

    async with peer() as server:
        desk = Desk(lines("me"), server)
        desk.composer = replace(desk.composer, revisions=known)
        await desk.deliver()
        (event,) = [
            p for p in message_from_bytes(server.mails[0].data).walk() if p.get_content_type() == "text/calendar"
        ]
        assert b"SEQUENCE:7\r\n" in event.get_payload(decode=True)


def text_of(data: bytes) -> str:
    from email import message_from_bytes, policy

    message = message_from_bytes(data, policy=policy.default)
    body = message.get_body(("plain",))
    return f"{message['Subject']}\n{body.get_content() if body else ''}"


async def test_the_mails_of_one_renewal_are_one_thread() -> None:
    """All of one plan, kind and date share a reference; another renewal has another."""
    async with peer() as server:
        desk = Desk(lines("a", "b"), server)
        await desk.deliver()
        await desk.deliver(after=48 * HOUR)
        first, second = (header(mail.data, "References") for mail in server.to("a@example.com"))
        assert first == second != header(server.to("b@example.com")[0].data, "References")


def header(data: bytes, name: str) -> str:
    from email import message_from_bytes

    return str(message_from_bytes(data)[name])
