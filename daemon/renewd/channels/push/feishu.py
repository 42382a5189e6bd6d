"""Feishu: how it is asked, and what its answer means."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import post, signature
from renewd.channels.push.answers import busy, by_code, clock_or, in_general, number_in, seconds, sent, text_in
from renewd.channels.push.service import KEYWORD, Limit, Sending, Service
from renewd.domain.outcome import Outcome

_SERVER = "https://open.feishu.cn"
_RATE_RESET = "x-ogw-ratelimit-reset"


def _ask(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body: dict[str, object] = {"msg_type": "text", "content": {"text": f"{KEYWORD} · {push.lines()}"}}
    if secret := account.more.get("sign"):
        at = str(int(sending.now.timestamp()))
        body = {"timestamp": at, "sign": signature(f"{at}\n{secret}".encode(), "")} | body
    token = account.last_part
    origin = account.url
    if "://" in account.key and origin == _SERVER:
        parts = urlsplit(account.key)
        origin = f"{parts.scheme}://{parts.netloc}"  # Lark's server has another name
    return post(f"{origin}/open-apis/bot/v2/hook/{quote(token)}", body)


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what Feishu means. An old robot answers with `StatusCode` alone."""
    if (general := in_general(answer, now)) is not None:
        return general
    code = number_in(answer, "code")
    words = text_in(answer, "msg")
    if code == 0 or (code is None and number_in(answer, "StatusCode") == 0):
        return sent()
    if code == 11232:
        return busy(answer, words, timedelta(seconds=60))
    if answer.status == 429:
        reset = answer.headers.get(_RATE_RESET, "")
        return busy(answer, words, seconds(reset) if reset.isdecimal() else timedelta(seconds=60))
    if answer.status >= 500:
        return busy(answer, words)
    if code == 19021:
        return clock_or(answer, now, words)
    return by_code(
        answer,
        code,
        words,
        {"push-key": (19001,), "push-settings": (19022, 19024), "push-content": (9499, 19002)},
    )


SERVICE = Service(_SERVER, _ask, _meaning, limits=(Limit(5, timedelta(seconds=5)),), avoids_half_hours=True)
