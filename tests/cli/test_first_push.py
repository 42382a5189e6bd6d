"""`test-push`: what the service answered in words, 75 where it did not take the push, and no key in any of it."""

from __future__ import annotations

import json

import pytest

from fake_push_service import in_a_thread
from renewd.channels import http
from shell import Shell

KEY = "Kanarienvogel42"
FILE = """language = "en"
[mail]
to = "me@example.com"
[person.me]
push = ["phone"]
[push.phone]
service = "{service}"
url = "{url}"
[plan.tello]
renews = 2026-12-05
every = "30 days"
"""


def tried(shell: Shell, fake, service="bark", *lines: str, name: str = ""):
    shell.write(FILE.format(service=service, url=fake.url))
    shell.environment = {"RENEWD_PUSH_PHONE": "\n".join((KEY, *lines))}
    said = shell("test-push", *([name] if name else []))
    assert KEY not in said.out + said.err
    return said


def test_a_push_that_was_taken_is_0_and_says_what_that_proves(shell: Shell) -> None:
    with in_a_thread() as fake:
        fake.says(200, {"code": 200})
        said = tried(shell, fake, name="phone")
        assert (said.code, said.err) == (0, "")
        assert "phone (bark): the service took a push." in said.out
        assert len(fake.received) == 1
        fake.says(200, {"code": 200, "msg": "ok"})
        assert "sends it later by itself" in " ".join(tried(shell, fake, "pushplus").out.split())


def test_an_unknown_id_is_named_before_anything_is_asked(shell: Shell) -> None:
    with in_a_thread() as fake:
        said = tried(shell, fake, name="phnoe")
        assert said.code == 2
        assert "It has: phone" in said.err
        assert fake.received == []


SKEWED = {"Date": "Tue, 01 Dec 2026 20:00:00 GMT"}  # three hours before the test's clock
REFUSALS = [
    ("bark", 400, {"code": 400, "message": f"failed to get device token: [{KEY}]"}, {}, "refuses the key"),
    ("telegram", 401, {"ok": False, "description": "Unauthorized"}, {}, "refuses the key"),
    (
        "telegram",
        403,
        {"ok": False, "description": "Forbidden: bot was blocked by the user"},
        {},
        "blocked by the user",
    ),
    ("dingtalk", 200, {"errcode": 310000, "errmsg": "sign not match"}, SKEWED, "clock is wrong"),
    ("ntfy", 302, "", {"Location": "https://elsewhere.example.com/"}, "HTTP 302"),
    ("wecom", 200, "<html>" + "x" * 20_000, {}, "no JSON"),
    ("feishu", 200, {"code": 9499, "msg": "x" * 20_000}, {}, "for what is in it"),
    ("serverchan", 400, {"code": 40001, "message": "[AUTH]超过当天的发送次数限制[5]"}, {}, "a quota is used up"),
    ("webhook", 410, "", {}, "HTTP 410"),
]


@pytest.mark.parametrize(("service", "status", "body", "headers", "words"), REFUSALS)
def test_what_a_service_refuses_is_75_with_its_reason(shell: Shell, service, status, body, headers, words) -> None:
    with in_a_thread() as fake:
        fake.says(status, body, headers)
        said = tried(shell, fake, service, "chat: 98765", "sign: SECgeheim")
        assert said.code == 75
        assert words in " ".join(said.out.split())
        assert len(said.out) < 1500
        assert "geheim" not in said.out


@pytest.mark.parametrize("fault", ["hang", "drop", "cut"])
def test_an_answer_that_is_lost_is_75_and_may_have_arrived(shell: Shell, monkeypatch, fault: str) -> None:
    monkeypatch.setattr(http, "_DEADLINE", 0.3)
    with in_a_thread(fault=fault) as fake:
        fake.says(200, {"code": 200})
        said = tried(shell, fake)
        assert said.code == 75
        assert "did not say whether it took the push." in said.out


def test_the_chats_that_wrote_to_a_telegram_bot_are_listed_by_test_push_and_doctor(shell: Shell) -> None:
    with in_a_thread() as fake:
        updates = f"/bot{KEY}/getUpdates"
        fake.says(200, {"ok": True, "result": []}, at=updates)
        assert "press Start" in " ".join(tried(shell, fake, "telegram").out.split())
        chat = {"id": 98765, "first_name": "小李\u202e\x1b[31m", "type": "private"}
        found = [{"update_id": 1, "message": {"chat": chat}}, {"update_id": 2, "message": {"chat": chat}}]
        fake.says(200, {"ok": True, "result": found}, at=updates)
        said = tried(shell, fake, "telegram")
        assert said.code == 75
        assert said.out.count("chat: 98765 (小李") == 1
        assert "\x1b" not in said.out + shell("doctor").out
        assert "chat: 98765 (小李" in shell("doctor").out
        assert {one.method for one in fake.received} == {"GET"}
        fake.says(401, {"ok": False, "description": f"Unauthorized {KEY}"}, at=updates)
        assert "refuses the key" in " ".join(tried(shell, fake, "telegram").out.split())
        assert KEY not in shell("doctor").out


def test_the_new_chat_of_a_group_that_telegram_moved_is_shown(shell: Shell) -> None:
    with in_a_thread() as fake:
        fake.says(200, {"ok": True, "result": {"message_id": 365}})
        fake.answers = [(400, json.dumps({"ok": False, "parameters": {"migrate_to_chat_id": -100}}), {})]
        said = tried(shell, fake, "telegram", "chat: 98765")
        assert said.code == 0
        assert "gave the group a new id" in " ".join(said.out.split())
        assert "  chat: -100\n" in said.out
