"""The push services, a row each: how each is asked, what its answer means, and what it can do.

What is known of each, with its limits, stands in docs/push.md.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push import answers
from renewd.domain.outcome import Outcome
from renewd.formats.push_content import Push

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_WORD = "renewd"  # begins each text where a robot may ask for a keyword
_SERVERCHAN_TITLE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAccount:
    """A push with its secret: the server, the key, and what stands below the key."""

    url: str
    key: str = field(repr=False)
    more: Mapping[str, str] = field(default_factory=dict, repr=False)

    def key_after(self, mark: str) -> str:
        """Return the key alone, where the secret is a whole address in which the key follows `mark`."""
        return self.key.partition(mark)[2].partition("&")[0].strip("/") if "://" in self.key else self.key


class Sending(NamedTuple):
    """One attempt. `id` is the same for every attempt to send the push."""

    push: Push
    account: PushAccount
    id: str
    now: datetime
    button: bool = True


class Service(NamedTuple):
    """A row of the table. `url` is the public server; `ask` raises KeyError for a line that the secret lacks."""

    url: str
    ask: Callable[[Sending], HttpRequest]
    meaning: Callable[[HttpAnswer, datetime], Outcome]
    had_it: Callable[[HttpAnswer], bool] | None = None  # whether a repeat is refused because the first try arrived


def _post(url: str, body: Mapping[str, object], headers: Mapping[str, str] = {}) -> HttpRequest:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return HttpRequest(url, content, {**_JSON, **headers})


# --- Bark ---------------------------------------------------------------------------------------------------------


def _bark(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body = {
        "device_key": _bark_key(account),
        "title": push.title,
        "body": push.text,
        "group": "renewd",
        "level": "timeSensitive" if push.breaks_through else "active",
        "id": push.subject,
    }
    return _post(f"{account.url}/push", body | ({"url": push.link} if push.link else {}), _basic(account))


def _bark_key(account: PushAccount) -> str:
    return urlsplit(account.key).path.strip("/").partition("/")[0] if "://" in account.key else account.key


def _basic(account: PushAccount) -> dict[str, str]:
    """Return the header of a server that asks for a user and a password, written as `user: name:password`."""
    user = account.more.get("user")
    return {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"} if user else {}


# --- ntfy ---------------------------------------------------------------------------------------------------------


def _ntfy(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body: dict[str, object] = {
        "topic": _topic(account),
        "title": push.title,
        "message": push.text,
        "priority": 4 if push.breaks_through else 3,
        "sequence_id": push.subject,
    }
    if push.link:
        body["click"] = push.link
    if push.button and push.button_link:
        body["actions"] = [{"action": "view", "label": push.button, "url": push.button_link, "clear": True}]
    return _post(f"{account.url}/", body, _ntfy_login(account))


def _topic(account: PushAccount) -> str:
    return account.key.rstrip("/").rpartition("/")[2]


def _ntfy_login(account: PushAccount) -> dict[str, str]:
    token = account.more.get("token")
    return {"Authorization": f"Bearer {token}"} if token else _basic(account)


# --- ServerChan, PushPlus -----------------------------------------------------------------------------------------


def _serverchan(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    key = account.key.rstrip("/").rpartition("/")[2].removesuffix(".send")
    title = push.title
    if len(title) > _SERVERCHAN_TITLE:
        title = f"{title[: _SERVERCHAN_TITLE - 1].rstrip()}…"
    text = f"{push.title}\n\n{push.text}" if title != push.title else push.text
    body = {"title": title, "desp": f"{text}\n\n[{push.link}]({push.link})" if push.link else text, "noip": "1"}
    if key.startswith("sctp") and account.url == SERVICES["serverchan"].url:
        uid = key.removeprefix("sctp").partition("t")[0]
        return _post(f"https://{quote(uid)}.push.ft07.com/send/{quote(key)}.send", body)
    return _post(f"{account.url}/{'send/' if key.startswith('sctp') else ''}{quote(key)}.send", body)


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
    return _post(f"{account.url}/send", body)


# --- Robots of groups ---------------------------------------------------------------------------------------------


def _wecom(sending: Sending) -> HttpRequest:
    account = sending.account
    url = f"{account.url}/cgi-bin/webhook/send?key={quote(account.key_after('key='))}"
    return _post(url, {"msgtype": "text", "text": {"content": sending.push.lines()}})


def _dingtalk(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    url = f"{account.url}/robot/send?access_token={quote(account.key_after('access_token='))}"
    if secret := account.more.get("sign"):
        at = str(int(sending.now.timestamp() * 1000))
        sign = _signed(secret.encode(), f"{at}\n{secret}")
        url += f"&timestamp={at}&sign={quote(sign, safe='')}"
    text = f"{_WORD} · {push.lines()}"
    return _post(url, {"msgtype": "text", "text": {"content": text}})


def _feishu(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body: dict[str, object] = {"msg_type": "text", "content": {"text": f"{_WORD} · {push.lines()}"}}
    if secret := account.more.get("sign"):
        at = str(int(sending.now.timestamp()))
        body = {"timestamp": at, "sign": _signed(f"{at}\n{secret}".encode(), "")} | body
    token = account.key.rstrip("/").rpartition("/")[2]
    origin = account.url
    if "://" in account.key and origin == SERVICES["feishu"].url:
        origin = _origin(account.key)  # Lark's server has another name
    return _post(f"{origin}/open-apis/bot/v2/hook/{quote(token)}", body)


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
    return _post(f"{account.url}/bot{account.key}/sendMessage", body)


def _webhook(sending: Sending) -> HttpRequest:
    account, body = sending.account, sending.push.public()
    at = str(int(sending.now.timestamp()))
    url, secret = (account.key, account.more.get("sign")) if not account.url else (account.url, account.key)
    headers = {**_JSON, "webhook-id": sending.id, "webhook-timestamp": at}
    if secret:
        signed = hmac.digest(secret.encode(), f"{sending.id}.{at}.".encode() + body, sha256)
        headers["X-Renewd-Signature"] = f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"
        headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
    return HttpRequest(url, body, headers)


SERVICES: Mapping[str, Service] = {
    "bark": Service("https://api.day.app", _bark, answers.bark),
    "ntfy": Service("https://ntfy.sh", _ntfy, answers.ntfy),
    "serverchan": Service("https://sctapi.ftqq.com", _serverchan, answers.serverchan, had_it=answers.serverchan_has_it),
    "pushplus": Service("https://www.pushplus.plus", _pushplus, answers.pushplus),
    "wecom": Service("https://qyapi.weixin.qq.com", _wecom, answers.wecom),
    "dingtalk": Service("https://oapi.dingtalk.com", _dingtalk, answers.dingtalk),
    "feishu": Service("https://open.feishu.cn", _feishu, answers.feishu),
    "telegram": Service("https://api.telegram.org", _telegram, answers.telegram),
    "webhook": Service("", _webhook, answers.webhook),
}
