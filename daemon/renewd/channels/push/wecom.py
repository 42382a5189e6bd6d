"""WeCom: how it is asked, and what its answer means."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import post
from renewd.channels.push.answers import busy, by_code, in_general, number_in, sent, text_in
from renewd.channels.push.service import A_ROBOTS_LIMITS, Sending, Service
from renewd.domain.outcome import Outcome


def _ask(sending: Sending) -> HttpRequest:
    account = sending.account
    url = f"{account.url}/cgi-bin/webhook/send?key={quote(account.key_after('key='))}"
    return post(url, {"msgtype": "text", "text": {"content": sending.push.lines()}})


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what WeCom means. What follows `hint` holds this machine's address, and is cut."""
    if (general := in_general(answer, now)) is not None:
        return general
    words, code = text_in(answer, "errmsg").partition(", hint")[0], number_in(answer, "errcode")
    if code == 0:
        return sent()
    if code == 45009:
        return busy(answer, words, timedelta(seconds=60))
    if code == -1:
        return busy(answer, words, timedelta(seconds=30))
    return by_code(answer, code, words, {"push-key": (93000,), "push-content": (40058, 40008)})


SERVICE = Service("https://qyapi.weixin.qq.com", _ask, _meaning, limits=A_ROBOTS_LIMITS)
