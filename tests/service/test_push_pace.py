"""The pace of pushes: as slow as a service wants it, and the last of a day kept for what cannot be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from renewd.channels.push.channel import PushChannel
from renewd.config.secrets import PushSecret
from renewd.config.settings import PushSettings
from renewd.domain.outcome import Outcome
from renewd.ledger import Draft, Settlement, Start
from renewd.ledger.sqlite import in_memory
from renewd.reminders import Reminder, Subject
from renewd.service.push_pace import turns

NOON = datetime(2026, 12, 2, 12, 10, tzinfo=UTC)  # 20:10 in China
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SENT, FAILED = Outcome(result="sent"), Outcome(result="failed")


def way(service, key="SendKey"):
    return PushChannel(settings=PushSettings(id="x", service=service), secret=PushSecret(key=key), clock=lambda: NOON)


def ledger_with(*instants, outcome=SENT):
    ledger = in_memory().of_channel("push:x")
    for n, at in enumerate(instants):
        draft = Draft(
            person="me", address="push:x", account="x", message_id=str(n), subject="x", data=b"",
            reminders=(), composed_at=at,
        )  # fmt: skip
        (mail,) = ledger.claim([draft])
        ledger.exchange(starts=[Start(mail, at)])
        ledger.settle([Settlement(mail=mail, outcome=outcome, at=at)])
    return ledger


def reminder(person, kind="renewal"):
    return Reminder(Subject(kind, None, "", NOON.date(), (1,), None, (person,)), 1, person, NOON)


def held(found, *reminders):
    is_held = found.holds()
    return [is_held(one) for one in reminders]


def test_one_person_at_a_time_and_the_next_twelve_seconds_later():
    found = turns(way("serverchan"), ledger_with(), NOON)
    assert held(found, reminder("me"), reminder("mom"), reminder("me")) == [False, True, False]
    assert found.again_at == NOON + timedelta(seconds=12)
    found = turns(way("serverchan"), ledger_with(NOON - timedelta(seconds=5)), NOON)
    assert held(found, reminder("me", "lost")) == [True]


def test_the_fifth_of_a_day_in_china_is_kept_for_what_cannot_be_undone():
    today = [NOON - n * HOUR for n in range(1, 5)]
    found = turns(way("serverchan"), ledger_with(*today), NOON)
    assert held(found, reminder("me"), reminder("mom", "lost"), reminder("me")) == [True, False, True]
    assert found.again_at == datetime(2026, 12, 2, 16, 0, tzinfo=UTC)
    assert held(turns(way("serverchan"), ledger_with(*today, NOON - MINUTE), NOON), reminder("me", "lost")) == [True]
    yesterday = [NOON - timedelta(days=1)] * 5
    assert held(turns(way("serverchan"), ledger_with(*yesterday), NOON), reminder("me")) == [False]
    failed = ledger_with(*today, NOON - MINUTE, outcome=FAILED)
    assert held(turns(way("serverchan"), failed, NOON), reminder("me")) == [False]


@pytest.mark.parametrize("service", ["wecom", "dingtalk", "telegram"])
def test_twenty_a_minute_and_no_more(service):
    assert held(turns(way(service), ledger_with(*[NOON] * 19), NOON), reminder("me"), reminder("mom")) == [False, True]
    assert turns(way(service), ledger_with(*[NOON - 2 * MINUTE] * 30), NOON).left == 20


def test_feishu_waits_20_to_100_seconds_after_the_half_hour_always_the_same_for_a_key():
    at = datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
    offsets = set()
    for n in range(40):
        found = turns(way("feishu", key=f"key-{n}"), ledger_with(), at)
        assert held(found, reminder("me")) == [True]
        offset = found.again_at - at
        assert timedelta(seconds=20) <= offset <= timedelta(seconds=100)
        assert held(turns(way("feishu", key=f"key-{n}"), ledger_with(), found.again_at), reminder("me")) == [False]
        offsets.add(offset)
    assert len(offsets) > 10
    assert held(turns(way("feishu"), ledger_with(), at + 2 * MINUTE), reminder("me")) == [False]
    assert held(turns(way("feishu"), ledger_with(), at, once=True), reminder("me")) == [False]


def test_what_has_no_limit_is_not_paced():
    for service in ("bark", "ntfy", "webhook", "apprise"):
        assert turns(way(service), ledger_with(), NOON) is None
