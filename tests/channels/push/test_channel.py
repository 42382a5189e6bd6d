"""One attempt by each service against a server in the loop: the request, the faults, and what is never shown."""

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from fake_push_service import SERVICES, running
from renewd.assets import install_command
from renewd.channels import http
from renewd.channels.push.channel import PushChannel
from renewd.config.secrets import PushSecret
from renewd.config.settings import PushSettings
from renewd.domain.outcome import DeliveryError, Envelope
from renewd.formats.push_content import Push, subject_id

NOW = datetime.fromtimestamp(1700000000, UTC)
PUSH = Push(
    key="tello/renewal/2026-12-05/1",
    person="me",
    kind="renewal",
    plan="tello",
    date="2026-12-05",
    lead=1,
    title="Tello 银行号 12月5日周六停机",
    text="最晚 12月4日周五续 $5.00。",
    link="https://renewd.example.com/p/abc/",
    button="续过 $5.00 了",
    button_link="https://renewd.example.com/done/xyz",
    subject=subject_id("me", "tello/renewal/2026-12-05"),
    breaks_through=True,
)
CASES = json.loads(Path(__file__).with_name("answers.json").read_text("utf-8"))
WELL = {
    case["service"]: case["body"]
    for case in reversed(CASES)
    if case["status"] == 200 and case["class"] in ("sent", "accepted")
}
KEY = "Kanarienvogel42"


def channel(service, url, *, key=KEY, **more):
    settings = PushSettings(id="phone", service=service, url=url)
    return PushChannel(settings=settings, secret=PushSecret(key=key, more=more), clock=lambda: NOW)


async def send(way, *, is_repeat=False):
    envelope = Envelope(sender="", recipient="", data=PUSH.to_bytes(), name="row7", is_repeat=is_repeat)
    try:
        async with way.session() as session:
            return await session.send(envelope)
    except DeliveryError as error:
        return error.outcome


async def asked(service, **options):
    async with running() as fake:
        fake.says(200, WELL[service])
        outcome = await send(channel(service, fake.url, **options))
        return outcome, fake.received


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_gets_one_request_and_its_answer_counts(service):
    outcome, received = await asked(service, chat="1", sign="SECtest")
    assert outcome.result == "sent"
    assert len(received) == 1
    assert received[0].method == "POST"
    text = received[0].body.decode()
    assert "12月5日周六停机" in text
    assert "\\u" not in text


async def test_bark_replaces_by_an_id_that_is_text_and_breaks_through_quiet():
    _, (request,) = await asked("bark")
    assert request.path == "/push"
    assert request.json == {
        "device_key": KEY,
        "title": PUSH.title,
        "body": PUSH.text,
        "group": "renewd",
        "level": "timeSensitive",
        "id": PUSH.subject,
        "url": PUSH.link,
    }


async def test_bark_sends_nothing_in_plain_where_a_key_for_encryption_is_given():
    key = "0123456789abcdef"
    _, (request,) = await asked("bark", encrypt=key)
    assert request.json.keys() == {"device_key", "id", "ciphertext", "iv"}
    assert "Tello" not in request.body.decode()
    cipher = Cipher(algorithms.AES(key.encode()), modes.CBC(request.json["iv"].encode())).decryptor()
    plain = cipher.update(base64.b64decode(request.json["ciphertext"])) + cipher.finalize()
    inside = json.loads(plain[: -plain[-1]])
    assert (inside["title"], inside["id"], inside["url"]) == (PUSH.title, request.json["id"], PUSH.link)
    outcome, received = await asked("bark", encrypt="too short")
    assert (outcome.reason, outcome.reply, received) == ("push-settings", "encrypt:", [])


async def test_without_the_library_an_encrypted_push_is_not_sent_in_plain(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    outcome, received = await asked("bark", encrypt="0123456789abcdef")
    assert (outcome.reason, outcome.reply, received) == ("push-extra", install_command("encrypt"), [])


async def test_ntfy_is_asked_at_its_root_with_a_button_that_only_opens():
    _, (request,) = await asked("ntfy", token="tk_x")
    assert request.path == "/"
    assert request.headers["authorization"] == "Bearer tk_x"
    assert request.json["sequence_id"] == PUSH.subject
    assert request.json["priority"] == 4
    assert request.json["actions"] == [{"action": "view", "label": PUSH.button, "url": PUSH.button_link, "clear": True}]


async def test_signatures_are_those_of_the_vendors():
    _, (request,) = await asked("dingtalk", sign="SECtest")
    assert request.path.endswith("&timestamp=1700000000000&sign=aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g%3D")
    _, (request,) = await asked("feishu", sign="SECtest")
    assert request.json["sign"] == "G7XpBpG8NgG02fJOAhX6FRAObIljmFoxVReo8I62pEk="
    assert request.json["timestamp"] == "1700000000"


async def test_a_webhook_is_signed_over_the_very_bytes():
    _, (request,) = await asked("webhook")
    assert list(request.json) == ["key", "person", "kind", "plan", "date", "lead", "title", "text", "link"]
    assert request.headers["x-renewd-signature"] == (
        "sha256=" + hmac.new(KEY.encode(), request.body, hashlib.sha256).hexdigest()
    )
    signed = b"row7.1700000000." + request.body
    expected = base64.b64encode(hmac.digest(KEY.encode(), signed, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert (request.headers["webhook-id"], request.headers["webhook-timestamp"]) == ("row7", "1700000000")


async def test_a_whole_address_may_stand_in_place_of_the_key():
    for service, address, path in (
        ("wecom", f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}", f"/cgi-bin/webhook/send?key={KEY}"),
        ("dingtalk", f"https://oapi.dingtalk.com/robot/send?access_token={KEY}", f"/robot/send?access_token={KEY}"),
        ("feishu", f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}", f"/open-apis/bot/v2/hook/{KEY}"),
        ("serverchan", f"https://sctapi.ftqq.com/{KEY}.send", f"/{KEY}.send"),
    ):
        _, (request,) = await asked(service, key=address)
        assert request.path == path


async def test_telegram_sends_once_more_without_a_button_or_to_the_moved_chat():
    async with running() as fake:
        fake.says(200, WELL["telegram"])
        refusal = {"ok": False, "description": "Bad Request: BUTTON_URL_INVALID"}
        fake.answers = [(400, json.dumps(refusal), {})]
        outcome = await send(channel("telegram", fake.url, chat="1"))
        assert (outcome.result, outcome.reply) == ("sent", "365")
        assert ["reply_markup" in one.json for one in fake.received] == [True, False]
        moved = {"ok": False, "description": "x", "parameters": {"migrate_to_chat_id": -100}}
        fake.answers = [(400, json.dumps(moved), {})]
        way = channel("telegram", fake.url, chat="1")
        outcome = await send(way)
        assert (outcome.result, outcome.reason, outcome.reply) == ("sent", "push-moved", "365")
        assert fake.received[-1].json["chat_id"] == "-100"
        assert way.moved == {("chat", "-100")}


async def test_a_repeat_that_serverchan_has_already_counts_as_sent():
    async with running() as fake:
        fake.says(200, {"errno": 1024, "errmsg": "不要重复发送同样的内容"})
        assert (await send(channel("serverchan", fake.url), is_repeat=True)).result == "sent"
        assert (await send(channel("serverchan", fake.url))).result == "refused"


async def test_a_missing_line_or_key_is_named_before_anything_is_asked():
    async with running() as fake:
        outcome = await send(channel("telegram", fake.url))
        assert (outcome.reason, outcome.reply) == ("push-settings", "chat:")
        assert (await send(channel("bark", fake.url, key=""))).reason == "push-secret-missing"
        assert fake.received == []


# --- Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "reason"), [("drop", "push-lost"), ("cut", "push-lost"), ("hang", "push-lost")])
async def test_a_lost_answer_is_unknown(monkeypatch, fault, reason):
    monkeypatch.setattr(http, "_DEADLINE", 0.3)
    async with running(fault=fault) as fake:
        fake.says(200, WELL["bark"])
        outcome = await send(channel("bark", fake.url))
        assert (outcome.result, outcome.reason) == ("unknown", reason)


async def test_a_server_that_is_not_there_certainly_got_nothing():
    async with running() as fake:
        url = fake.url
    outcome = await send(channel("bark", url))
    assert (outcome.result, outcome.reason) == ("failed", "push-unreachable")


async def test_a_redirect_is_never_followed():
    async with running() as fake, running() as other:
        other.says(200, WELL["bark"])
        fake.says(302, "", {"Location": f"{other.url}/push"})
        assert (await send(channel("bark", fake.url))).reason == "push-settings"
        assert other.received == []


async def test_a_long_answer_is_read_to_its_limit_and_no_further():
    async with running() as fake:
        fake.says(200, "<html>" + "x" * 200_000)
        assert (await send(channel("bark", fake.url))).reason == "push-busy"
        fake.says(400, {"code": 400, "message": "failed to get device token " + "x" * 20_000})
        outcome = await send(channel("bark", fake.url))
        assert outcome.reason == "push-key"
        assert len(outcome.reply) <= 200


@pytest.mark.parametrize("service", sorted(WELL))
@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, "[" * 60_000, {}),
        (400, '{"a":' * 10_000, {}),
        (429, {"parameters": {"retry_after": 10**30}}, {}),
        (429, "", {"Retry-After": "9" * 5000}),
        (429, "", {"Retry-After": "9" * 40}),
        (503, "", {"Retry-After": "Mon, 01 Jan 0001 00:00:00 +1400"}),
        (503, "", {"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}),
        (200, {"code": 11232, "errcode": -1}, {"x-ogw-ratelimit-reset": "9" * 40}),
        (
            200,
            {"errcode": 310000, "code": 19021, "errmsg": "sign not match"},
            {"Date": "Mon, 01 Jan 0001 00:00:00 +1400"},
        ),
        (400, {"code": 19021}, {"Date": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}),
    ],
)
async def test_an_answer_that_cannot_be_computed_with_ends_in_an_outcome(service, status, body, headers):
    async with running() as fake:
        fake.says(status, body, headers)
        way = channel(service, fake.url, sign="s", chat="1", token="t")
        outcome = await send(way)
        assert outcome.result != "unknown"
        assert outcome.wait is None or outcome.wait.days <= 1


async def test_an_answer_that_is_packed_is_not_unpacked():
    """64 kB of it could become 64 MB."""
    packed = gzip.compress(WELL["bark"].encode()).decode("latin-1")
    async with running() as fake:
        fake.says(200, packed, {"Content-Encoding": "gzip"})
        assert (await send(channel("bark", fake.url))).result != "sent"
        assert fake.received[0].headers["accept-encoding"] == "identity"


async def test_a_certificate_that_cannot_be_trusted_is_named(tmp_path):
    import ssl

    import trustme

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    outcome = await send(channel("bark", f"https://127.0.0.1:{port}"))
    assert (outcome.result, outcome.reason) == ("failed", "push-tls")
    server.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_no_secret_is_in_an_outcome_a_log_or_a_repr(service, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = {"chat": "98765432100", "sign": "SECgeheim", "token": "tk_geheim", "user": "ich:geheim99"}
    async with running() as fake:
        for status in (200, 400, 403, 500):
            body = {"code": 1, "errcode": 1, "ok": False, "message": KEY, "msg": KEY, "errmsg": KEY, "error": KEY,
                    "description": f"{KEY} SECgeheim"}  # fmt: skip
            fake.says(status, body)
            way = channel(service, fake.url, **secrets)
            outcome = await send(way)
            shown = repr(outcome) + repr(way) + caplog.text
            for word in (KEY, *secrets.values()):
                assert word not in shown


async def test_a_proxy_of_its_own_wins_over_that_of_the_environment(monkeypatch):
    async with running() as proxy:
        proxy.says(200, WELL["bark"])
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        settings = PushSettings(id="phone", service="bark", url="http://bark.example.com", proxy=proxy.url)
        way = PushChannel(settings=settings, secret=PushSecret(key=KEY), clock=lambda: NOW)
        assert (await send(way)).result == "sent"
        assert [one.path for one in proxy.received] == ["http://bark.example.com/push"]


def test_a_proxy_variable_that_is_no_address_costs_the_push_and_nothing_else(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:1")
    assert asyncio.run(send(channel("bark", "http://127.0.0.1:9"))).reason == "push-proxy"


# --- Everything else --------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_apprise_hands_over_and_what_the_service_said_is_not_known():
    pytest.importorskip("apprise")
    async with running() as fake:
        fake.says(200, {"code": 400, "message": "failed"})  # nobody looks at it
        for scheme in ("json", "ntfy"):
            fake.received.clear()
            way = channel("apprise", None, key=f"{scheme}://127.0.0.1:{fake.port}/{KEY}")
            outcome = await send(way)
            assert (outcome.result, outcome.reason) == ("sent", "push-handed-over")
            (request,) = fake.received
            assert request.json["title"] == PUSH.title
            assert request.json["message"] == f"{PUSH.text}\n{PUSH.link}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_what_apprise_was_not_rid_of_is_tried_again(monkeypatch, caplog):
    pytest.importorskip("apprise")
    async with running() as fake:
        fake.says(500, "")
        outcome = await send(channel("apprise", None, key=f"json://127.0.0.1:{fake.port}/{KEY}"))
        assert (outcome.result, outcome.reason) == ("failed", "push-busy")
    assert (await send(channel("apprise", None, key=f"nonsense://{KEY}"))).reason == "push-settings"
    assert KEY not in caplog.text
    monkeypatch.setitem(sys.modules, "apprise", None)
    outcome = await send(channel("apprise", None, key="json://127.0.0.1:9/"))
    assert (outcome.reason, outcome.reply) == ("push-extra", install_command("apprise"))
