"""What each answer of each service means: every case that is known, and the wait that it asks for."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fake_push_service import SERVICES
from renewd.channels.http import HttpAnswer
from renewd.channels.push.services import service_named

NOW = datetime(2026, 12, 2, 6, 0, tzinfo=UTC)  # 14:00 in China
CASES = json.loads(Path(__file__).with_name("answers.json").read_text("utf-8"))
REASONS = {
    "sent": "push-sent",
    "accepted": "push-accepted",
    "wrong-key": "push-key",
    "settings": "push-settings",
    "never": "push-content",
    "refused, shown": "push-refused",
    "busy": "push-busy",
}
MIDNIGHTS = {"00:00Z": timedelta(hours=18), "00:00+08:00": timedelta(hours=10)}
# one more request is made, or the request was of another kind
ELSEWHERE = ("again with the new chat", "again without button", "done (edit)", "done (delete)")


def meaning(case):
    answer = HttpAnswer(case["status"], case.get("headers", {}), case["body"].encode())
    return service_named(case["service"]).meaning(answer, NOW)


def name(case):
    return f"{case['service']}-{case['status']}-{case['class']}"


@pytest.mark.parametrize("case", [case for case in CASES if case["class"] not in ELSEWHERE], ids=name)
def test_each_known_answer_means_what_its_service_says(case):
    outcome = meaning(case)
    special = {"off until edited": "settings", "sent, cannot replace": "sent", "sent on our retry, else never": "never"}
    expected = REASONS[special.get(case["class"]) or case["class"].partition(":")[0]]
    assert outcome.reason == expected
    assert outcome.result == {"push-sent": "sent", "push-accepted": "sent", "push-busy": "failed"}.get(
        expected, "refused"
    )


@pytest.mark.parametrize("case", [case for case in CASES if case["class"] == "busy"], ids=name)
def test_a_wait_is_as_long_as_the_service_says(case):
    wait = case.get("wait", 300)
    if "Retry-After" in case.get("headers", {}):
        wait = {"120": 120}.get(case["headers"]["Retry-After"], 3600)
    assert meaning(case).wait == (MIDNIGHTS[wait] if wait in MIDNIGHTS else timedelta(seconds=wait))


def test_http_200_alone_never_counts_as_sent():
    for service in SERVICES:
        if service != "webhook":
            row = service_named(service)
            assert row.meaning(HttpAnswer(200, {}, b"{}"), NOW).result != "sent", service
            assert row.meaning(HttpAnswer(200, {}, b"[1]"), NOW).result != "sent", service
            assert row.meaning(HttpAnswer(200, {}, b'{"code": "200", "errcode": "0"}'), NOW).result != "sent", service


@pytest.mark.parametrize(("date", "reason"), [(NOW, "push-settings"), (NOW + timedelta(hours=2), "push-clock")])
def test_a_refused_signature_is_blamed_on_the_clock_where_it_is_wrong(date, reason):
    headers = {"Date": date.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    body = b'{"errcode": 310000, "errmsg": "sign not match"}'
    assert service_named("dingtalk").meaning(HttpAnswer(200, headers, body), NOW).reason == reason
    body = b'{"code": 19021, "msg": "sign match fail"}'
    assert service_named("feishu").meaning(HttpAnswer(200, headers, body), NOW).reason == reason


def test_the_address_of_this_machine_is_cut_from_what_wecom_says():
    body = b'{"errcode": 93000, "errmsg": "invalid webhook url, hint: [1], from ip: 203.0.113.7"}'
    assert service_named("wecom").meaning(HttpAnswer(200, {}, body), NOW).reply == "invalid webhook url"
