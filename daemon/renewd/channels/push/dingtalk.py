"""DingTalk: how it is asked, and what its answer means."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import post, signature
from renewd.channels.push.answers import busy, by_code, clock_or, in_general, number_in, sent, text_in
from renewd.channels.push.service import A_ROBOTS_LIMITS, KEYWORD, Sending, Service
from renewd.domain.outcome import Outcome


def _ask(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    url = f"{account.url}/robot/send?access_token={quote(account.key_after('access_token='))}"
    if secret := account.more.get("sign"):
        at = str(int(sending.now.timestamp() * 1000))
        sign = signature(secret.encode(), f"{at}\n{secret}")
        url += f"&timestamp={at}&sign={quote(sign, safe='')}"
    text = f"{KEYWORD} · {push.lines()}"
    return post(url, {"msgtype": "text", "text": {"content": text}})


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what DingTalk means: one code stands for a keyword, a signature or an address that is missing."""
    if (general := in_general(answer, now)) is not None:
        return general
    words, code = text_in(answer, "errmsg"), number_in(answer, "errcode")
    if code == 0:
        return sent()
    if code in (130101, 410100) or (code is None and "punish" in (answer.json or {})):
        return busy(answer, words, timedelta(minutes=10))
    if code == -1:
        return busy(answer, words, timedelta(seconds=30))
    if code == 310000 and ("sign" in words or "签名" in words):
        return clock_or(answer, now, words)
    return by_code(
        answer,
        code,
        words,
        {
            "push-key": (300005, 300001, 400101, 400106, 40035),
            "push-settings": (310000, 400102, 400013),
            "push-content": (43004,),
        },
    )


SERVICE = Service("https://oapi.dingtalk.com", _ask, _meaning, limits=A_ROBOTS_LIMITS)
