"""One notification a subject: replaced by a later one, and taken off the phone once its subject is settled."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

from delivery.desk import HOUR, NO_DIGEST
from delivery.doorbell import WELL, Doorbell, home
from fake_push_service import running
from households import household, person, plan
from renewd.service.pushing import refusals

DAY = timedelta(days=1)
TOKEN = "/botKanarienvogel"
PAID = "2027-01-04"


def asked(fake, path):
    return [one.json for one in fake.received if one.path == path]


def ends(bell):
    return [line.last.outcome.reason for line in reversed(bell.ledger.history())]


async def bark(fake, version="v2.3.4", people=None):
    fake.says(200, WELL)
    fake.says(200, {"version": version}, at="/info")
    bell = Doorbell(fake, people)
    assert await bell.ring()
    return bell


async def test_bark_deletes_once_what_is_settled_and_not_before():
    async with running() as fake:
        bell = await bark(fake)
        assert await bell.take_back()
        assert len(fake.received) == 1
        assert await bell.settle(home(PAID), after=HOUR)
        assert await bell.take_back()
        sent, deleted = asked(fake, "/push")
        assert deleted == {"device_key": "Kanarienvogel", "id": sent["id"], "delete": "1"}
        assert ends(bell) == ["push-taken-back"]
        assert bell.ledger.history()[0].state == "sent"


async def test_an_old_bark_that_would_show_an_empty_push_is_asked_for_its_version_alone():
    async with running() as fake:
        bell = await bark(fake, "2.2.4")
        assert await bell.settle(home(PAID))
        assert [one.path for one in fake.received] == ["/push", "/info"]
        assert ends(bell) == ["push-stays"]


async def test_what_could_not_be_taken_back_is_tried_again():
    async with running() as fake:
        bell = await bark(fake)
        fake.fault = "drop"
        assert not await bell.settle(home(PAID))
        fake.fault = ""
        assert await bell.take_back()
        assert ends(bell) == ["push-taken-back"]


async def test_a_push_of_two_things_stays_until_both_are_settled():
    def both(*renews):
        plans = [
            plan(one, renews=day, every="30 days", price="5") for one, day in zip(("one", "two"), renews, strict=True)
        ]
        return household(*plans, leads=NO_DIGEST, me=person("me", push=("phone",)))

    async with running() as fake:
        bell = await bark(fake, people=both("2026-12-05", "2026-12-05"))
        assert await bell.settle(both(PAID, "2026-12-05"))
        assert len(fake.received) == 1
        assert await bell.settle(both(PAID, PAID))
        assert asked(fake, "/push")[-1]["delete"] == "1"


async def test_a_later_lead_takes_the_place_of_an_earlier_one_which_is_not_deleted():
    async with running() as fake:
        bell = await bark(fake)
        assert await bell.ring(after=2 * DAY)
        assert await bell.take_back()
        first, second = asked(fake, "/push")
        assert first["id"] == second["id"]
        assert ends(bell) == ["push-replaced", "push-sent"]
        assert await bell.settle(home(PAID))
        assert [one.get("delete") for one in asked(fake, "/push")] == [None, None, "1"]


async def test_ntfy_deletes_by_its_sequence_where_the_server_knows_sequences():
    async with running() as fake:
        fake.says(200, {"id": "a", "sequence_id": "x"})
        bell = Doorbell(fake, service="ntfy", token="tk_x")
        assert await bell.ring()
        assert await bell.settle(home(PAID))
        sequence = fake.received[0].json["sequence_id"]
        deleted = fake.received[1]
        assert (deleted.method, deleted.path) == ("DELETE", f"/Kanarienvogel/{sequence}")
        assert deleted.headers["authorization"] == "Bearer tk_x"
        fake.says(200, {"id": "a"})
        old = Doorbell(fake, service="ntfy")
        assert await old.ring()
        assert await old.settle(home(PAID))
        assert len(fake.received) == 3
        assert ends(old) == ["push-stays"]


async def telegram(fake):
    fake.says(200, {"ok": True, "result": {"message_id": 365}}, at=f"{TOKEN}/sendMessage")
    fake.says(200, {"ok": True, "result": True})
    bell = Doorbell(fake, service="telegram", chat="98765")
    assert await bell.ring()
    return bell


async def test_telegram_sends_anew_so_that_it_rings_and_deletes_the_old_one():
    async with running() as fake:
        bell = await telegram(fake)
        fake.says(200, {"ok": True, "result": {"message_id": 366}}, at=f"{TOKEN}/sendMessage")
        assert await bell.ring(after=DAY + HOUR)  # not yet the next lead
        assert await bell.ring(after=DAY - HOUR)
        assert await bell.take_back()
        (edited,) = asked(fake, f"{TOKEN}/editMessageText")  # it is older than Telegram deletes
        assert (edited["message_id"], "reply_markup" in edited) == (365, False)
        assert edited["text"] == "已过时：tello 12月5日周六停机"
        assert await bell.settle(home(PAID))
        assert asked(fake, f"{TOKEN}/deleteMessage") == [{"chat_id": "98765", "message_id": 366}]


async def test_telegram_has_done_so_already_or_cannot():
    for words, reason in (
        ("Bad Request: message to delete not found", "push-taken-back"),
        ("Bad Request: message can't be deleted", "push-stays"),
    ):
        async with running() as fake:
            bell = await telegram(fake)
            fake.says(400, {"ok": False, "error_code": 400, "description": words})
            assert await bell.settle(home(PAID))
            assert ends(bell) == [reason]


async def test_a_service_that_cannot_take_back_is_not_asked():
    async with running() as fake:
        fake.says(200, {"errcode": 0})
        bell = Doorbell(fake, service="wecom")
        assert await bell.ring()
        assert await bell.settle(home(PAID))
        assert len(fake.received) == 1


async def test_what_another_account_of_the_same_push_showed_is_left_alone():
    async with running() as fake:
        bell = await bark(fake)
        bell.service = "ntfy"
        assert await bell.settle(home(PAID))
        assert len(fake.received) == 1


async def test_a_group_that_telegram_moved_is_followed_there_and_its_owner_told():
    async with running() as fake:
        fake.says(200, {"ok": True, "result": {"message_id": 365}})
        moved = (400, json.dumps({"ok": False, "parameters": {"migrate_to_chat_id": -100}}), {})
        bell = Doorbell(fake, service="telegram", chat="1")
        fake.answers = [moved]
        assert await bell.ring()
        assert refusals([SimpleNamespace(id="phone", channel=bell.channel, outbox=bell.outbox)]).keys() == {"phone"}
        fake.answers = [moved]
        assert await bell.settle(home(PAID))
        assert [one["chat_id"] for one in asked(fake, f"{TOKEN}/deleteMessage")] == ["1", "-100"]
        assert ends(bell) == ["push-taken-back"]
