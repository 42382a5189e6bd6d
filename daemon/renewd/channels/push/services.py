"""The push services, a row each: how each is asked, what its answer means, and what it can do.

What is known of each, with its limits, stands in docs/push.md.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push import answers
from renewd.channels.push.account import JSON, PushAccount, post
from renewd.channels.push.encryption import encrypted
from renewd.channels.push.withdrawal import TAKE_BACK_BARK, TAKE_BACK_NTFY, TAKE_BACK_TELEGRAM, TakeBack
from renewd.domain.outcome import Outcome
from renewd.formats.push_content import Push

_WORD = "renewd"  # begins each text where a robot may ask for a keyword
_SERVERCHAN_TITLE = 32


class Sending(NamedTuple):
    """One attempt. `id` is the same for every attempt to send the push."""

    push: Push
    account: PushAccount
    id: str
    now: datetime
    button: bool = True


class Limit(NamedTuple):
    """How many pushes a service takes within a time, before it blocks who sends more."""

    most: int
    within: timedelta


class Service(NamedTuple):
    """A row of the table. `url` is the public server; `ask` raises KeyError for a line that the secret lacks."""

    url: str
    ask: Callable[[Sending], HttpRequest]
    meaning: Callable[[HttpAnswer, datetime], Outcome]
    had_it: Callable[[HttpAnswer], bool] | None = None  # whether a repeat is refused because the first try arrived
    take_back: TakeBack | None = None
    limits: tuple[Limit, ...] = ()
    a_day: int | None = None  # until midnight in China
    avoids_half_hours: bool = False  # whether it drops what comes on the full and half hour


# --- Bark ---------------------------------------------------------------------------------------------------------


def _bark(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    outside = {"device_key": account.first_part, "id": push.subject}  # the server needs both
    body = {
        "title": push.title,
        "body": push.text,
        "group": "renewd",
        "level": "timeSensitive" if push.breaks_through else "active",
        "id": push.subject,
    }
    body |= {"url": push.link} if push.link else {}
    if key := account.more.get("encrypt"):
        body = encrypted(body, key)
    return post(f"{account.url}/push", outside | body, account.login())


# --- ntfy ---------------------------------------------------------------------------------------------------------


def _ntfy(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body: dict[str, object] = {
        "topic": account.last_part,
        "title": push.title,
        "message": push.text,
        "priority": 4 if push.breaks_through else 3,
        "sequence_id": push.subject,
    }
    if push.link:
        body["click"] = push.link
    if push.button and push.button_link:
        body["actions"] = [{"action": "view", "label": push.button, "url": push.button_link, "clear": True}]
    return post(f"{account.url}/", body, account.login())


# --- ServerChan, PushPlus -----------------------------------------------------------------------------------------


def _serverchan(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    key = account.last_part.removesuffix(".send")
    title = push.title
    if len(title) > _SERVERCHAN_TITLE:
        title = f"{title[: _SERVERCHAN_TITLE - 1].rstrip()}…"
    text = f"{push.title}\n\n{push.text}" if title != push.title else push.text
    body = {"title": title, "desp": f"{text}\n\n[{push.link}]({push.link})" if push.link else text, "noip": "1"}
    if key.startswith("sctp") and account.url == SERVICES["serverchan"].url:
        uid = key.removeprefix("sctp").partition("t")[0]
        return post(f"https://{quote(uid)}.push.ft07.com/send/{quote(key)}.send", body)
    return post(f"{account.url}/{'send/' if key.startswith('sctp') else ''}{quote(key)}.send", body)


def _pushplus(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    until = int(sending.now.timestamp() * 1000) + 15 * 60_000  # later it is dropped: it never rings a day late
    body = {
        "token": account.key_after("token="),
        "title": push.title,
        "content": f"{push.text}\n{push.link}" if push.link else push.text,
        "template": "txt",
        "timestamp": until,
    }
    return post(f"{account.url}/send", body)


# --- Robots of groups ---------------------------------------------------------------------------------------------


def _wecom(sending: Sending) -> HttpRequest:
    account = sending.account
    url = f"{account.url}/cgi-bin/webhook/send?key={quote(account.key_after('key='))}"
    return post(url, {"msgtype": "text", "text": {"content": sending.push.lines()}})


def _dingtalk(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    url = f"{account.url}/robot/send?access_token={quote(account.key_after('access_token='))}"
    if secret := account.more.get("sign"):
        at = str(int(sending.now.timestamp() * 1000))
        sign = _signed(secret.encode(), f"{at}\n{secret}")
        url += f"&timestamp={at}&sign={quote(sign, safe='')}"
    text = f"{_WORD} · {push.lines()}"
    return post(url, {"msgtype": "text", "text": {"content": text}})


def _feishu(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body: dict[str, object] = {"msg_type": "text", "content": {"text": f"{_WORD} · {push.lines()}"}}
    if secret := account.more.get("sign"):
        at = str(int(sending.now.timestamp()))
        body = {"timestamp": at, "sign": _signed(f"{at}\n{secret}".encode(), "")} | body
    token = account.last_part
    origin = account.url
    if "://" in account.key and origin == SERVICES["feishu"].url:
        origin = _origin(account.key)  # Lark's server has another name
    return post(f"{origin}/open-apis/bot/v2/hook/{quote(token)}", body)


def _signed(key: bytes, text: str) -> str:
    return base64.b64encode(hmac.digest(key, text.encode(), sha256)).decode()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


# --- Telegram, webhook --------------------------------------------------------------------------------------------


def _telegram(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body: dict[str, object] = {
        "chat_id": account.more["chat"],
        "text": push.lines(),
        "link_preview_options": {"is_disabled": True},
    }
    host = urlsplit(push.button_link or "").hostname or ""
    if sending.button and push.button and "." in host:  # it refuses the whole message for any other host
        body["reply_markup"] = {"inline_keyboard": [[{"text": push.button, "url": push.button_link}]]}
    return post(f"{account.url}/bot{account.key}/sendMessage", body)


def _webhook(sending: Sending) -> HttpRequest:
    account, body = sending.account, sending.push.public()
    at = str(int(sending.now.timestamp()))
    url, secret = (account.key, account.more.get("sign")) if not account.url else (account.url, account.key)
    headers = {**JSON, "webhook-id": sending.id, "webhook-timestamp": at}
    if secret:
        signed = hmac.digest(secret.encode(), f"{sending.id}.{at}.".encode() + body, sha256)
        headers["X-Renewd-Signature"] = f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"
        headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
    return HttpRequest(url, body, headers)


_A_MINUTE = (Limit(20, timedelta(minutes=1)),)
SERVICES: Mapping[str, Service] = {
    "bark": Service("https://api.day.app", _bark, answers.bark, take_back=TAKE_BACK_BARK),
    "ntfy": Service("https://ntfy.sh", _ntfy, answers.ntfy, take_back=TAKE_BACK_NTFY),
    "serverchan": Service(
        "https://sctapi.ftqq.com",
        _serverchan,
        answers.serverchan,
        had_it=answers.serverchan_has_it,
        limits=(Limit(1, timedelta(seconds=12)),),
        a_day=5,
    ),
    "pushplus": Service("https://www.pushplus.plus", _pushplus, answers.pushplus),
    "wecom": Service("https://qyapi.weixin.qq.com", _wecom, answers.wecom, limits=_A_MINUTE),
    "dingtalk": Service("https://oapi.dingtalk.com", _dingtalk, answers.dingtalk, limits=_A_MINUTE),
    "feishu": Service(
        "https://open.feishu.cn",
        _feishu,
        answers.feishu,
        limits=(Limit(5, timedelta(seconds=5)),),
        avoids_half_hours=True,
    ),
    "telegram": Service(
        "https://api.telegram.org", _telegram, answers.telegram, take_back=TAKE_BACK_TELEGRAM, limits=_A_MINUTE
    ),
    "webhook": Service("", _webhook, answers.webhook),
}
