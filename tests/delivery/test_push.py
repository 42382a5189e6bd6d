"""Pushes on the way of all reminders: claimed by their channel, tried as their service says, beside the mails."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from delivery.desk import HOUR, MINUTE, NO_DIGEST
from delivery.doorbell import WELL, Doorbell, home
from fake_push_service import running
from households import household, person, plan
from renewd.channels import http
from renewd.channels.maildir import Maildir
from renewd.delivery.composer import Composer
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext
from renewd.reminders import Findings
from simulated_year import SETTINGS

KEY = "tello/renewal/2026-12-05/3"


async def test_a_push_goes_once_and_the_mail_of_the_same_reminder_beside_it(tmp_path):
    async with running() as fake:
        fake.says(200, WELL)
        bell = Doorbell(fake)
        mail = Outbox(
            bell.ledger, Maildir(path=tmp_path), sender="r@example.com", clock=bell.clock, tell=lambda _: None
        )
        composer = Composer(household=bell.home, findings=Findings(), settings=SETTINGS)
        for _ in range(2):
            assert await bell.ring()
            schedule = Schedule(bell.home, Findings(), bell.clock.now)
            assert await deliver(mail, schedule, composer, PassContext(), bell.clock.now)
        assert [one.json["title"] for one in fake.received] == ["tello 12月5日周六停机"]
        assert len(list((tmp_path / "new").iterdir())) == 1
        lines = {line.channel: [one.key for one in line.reminders] for line in bell.ledger.history()}
        assert lines["push:phone"] == [KEY]
        assert KEY in lines["mail"]


async def test_nobody_is_pushed_to_who_names_no_push_and_urgent_is_kept_to():
    async with running() as fake:
        fake.says(200, WELL)
        assert await Doorbell(fake, home(push=())).ring()
        bell = Doorbell(fake, only="urgent")
        assert await bell.ring()
        assert fake.received == []
        await bell.ring(timedelta(days=2))
        assert json.loads(bell.ledger.mail(1).data)["key"] == "tello/renewal/2026-12-05/1"
        assert len(fake.received) == 1


@pytest.mark.parametrize(("email", "tries"), [("me@example.com", 1), ("", 2)])
async def test_a_lost_answer_is_tried_once_more_only_where_there_is_no_mail(monkeypatch, email, tries):
    async with running(fault="drop") as fake:
        bell = Doorbell(fake, home(email=email))
        for _ in range(40):
            await bell.ring(after=15 * MINUTE)
        assert len(fake.received) == tries
        assert bell.ledger.history()[0].state == "unknown-final"


async def test_a_refused_key_is_not_tried_before_it_changes_and_then_at_once():
    async with running() as fake:
        fake.says(400, {"code": 400, "message": "failed to get device token: Kanarienvogel"})
        bell = Doorbell(fake)
        for _ in range(30):
            assert not await bell.ring(after=HOUR)
            assert bell.outbox.retry_at is None or bell.outbox.retry_at > bell.clock.now
        assert len(fake.received) == 1
        assert "Kanarienvogel" not in repr(bell.ledger.history())
        fake.says(200, WELL)
        bell.change("another")
        assert await bell.ring()
        assert fake.received[-1].json["device_key"] == "another"


async def test_a_busy_service_is_asked_again_when_it_says_and_mails_do_not_wait_with_it():
    async with running() as fake:
        fake.says(429, {"code": 429, "message": "too many"}, {"Retry-After": "1800"})
        bell = Doorbell(fake)
        assert not await bell.ring()
        assert bell.outbox.retry_at == bell.clock.now + 30 * MINUTE
        assert bell.ledger.backoffs() == {}  # those of mails
        fake.says(200, WELL)
        assert not await bell.ring(after=29 * MINUTE)
        assert await bell.ring(after=MINUTE)
        assert len(fake.received) == 2


@pytest.mark.parametrize(("email", "most"), [("me@example.com", 3), ("", 99)])
async def test_a_service_that_stays_busy_is_asked_three_times_for_a_push_with_a_mail_beside_it(email, most):
    async with running() as fake:
        fake.says(500, {"code": 500, "message": "push failed: timeout"})
        bell = Doorbell(fake, home(email=email))
        for _ in range(20):
            assert not await bell.ring(after=HOUR)
        assert len(fake.received) == min(most, 20)
        fake.says(200, WELL)
        assert await bell.ring(after=HOUR) == (not email)
        await bell.ring(after=timedelta(days=2))  # the next lead has three tries of its own
        assert bell.ledger.history()[0].state == "sent"


async def test_a_server_that_cannot_be_reached_was_never_asked_and_is_never_given_up():
    async with running() as fake:
        bell = Doorbell(fake)
    for tries in range(1, 10):
        assert not await bell.ring(after=HOUR)
        assert [one.failures for one in bell.outbox.ledger.backoffs().values()] == [tries]


async def test_two_reminders_of_a_moment_are_one_push_that_counts_the_other():
    async with running() as fake:
        fake.says(200, WELL)
        plans = [plan(name, renews="2026-12-05", every="30 days", price="5") for name in ("one", "two")]
        bell = Doorbell(fake, household(*plans, leads=NO_DIGEST, me=person("me", push=("phone",))))
        assert await bell.ring()
        assert [one.json["body"].endswith("(+1 more)") for one in fake.received] == [True]


async def test_a_push_in_flight_when_the_program_died_is_of_unknown_outcome():
    async with running() as fake:
        fake.says(200, WELL)
        bell = Doorbell(fake)
        await bell.ring()
        bell.ledger.of_channel("mail").take_over(bell.clock.now)
        with bell.ledger.database.writing() as cursor:
            cursor.execute("UPDATE mail SET state = 'sending'")
        bell.ledger.take_over(bell.clock.now)  # a pass of the mails does not touch a push
        assert bell.ledger.history()[0].state == "sending"
        await bell.ring()
        assert bell.ledger.history()[0].state == "unknown"
        assert len(fake.received) == 1


async def test_a_service_that_hangs_costs_its_own_pass_no_more_than_its_deadline(monkeypatch):
    monkeypatch.setattr(http, "_DEADLINE", 0.2)
    async with running(fault="hang") as fake:
        names = [f"p{n}" for n in range(6)]
        plans = [plan(f"plan-{n}", renews="2026-12-05", every="30 days", told=(n,)) for n in names]
        people = {n: person(n, push=("phone",)) for n in names}
        bell = Doorbell(fake, household(*plans, leads=NO_DIGEST, **people))
        assert not await bell.ring()
        assert len(fake.received) == 2  # after two of unknown outcome the account waits
