"""PushPlus: how it is asked, and what its answer means."""

from __future__ import annotations

from datetime import datetime

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import post
from renewd.channels.push.answers import (
    SOON,
    busy,
    by_code,
    china_midnight,
    in_general,
    number_in,
    refused,
    retry_after,
    sent,
    text_in,
)
from renewd.channels.push.service import Sending, Service
from renewd.domain.outcome import Outcome


def _ask(sending: Sending) -> HttpRequest:
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


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what PushPlus means: 200 in the body says that it will send."""
    if (general := in_general(answer, now)) is not None:
        return general
    words, code = text_in(answer, "msg"), number_in(answer, "code")
    if code == 200:
        return sent("push-accepted")
    if code == 900:  # every further request of the day makes the ban longer
        return busy(answer, words, china_midnight(now))
    if code == 500 or answer.status >= 500 or answer.status == 429:
        return busy(answer, words, retry_after(answer, now) or SOON)
    if code == 999 and "token" in words:
        return refused(answer, "push-key", words)
    return by_code(
        answer,
        code,
        words,
        {"push-key": (903, 907, 600), "push-settings": (905, 888, 403, 908), "push-content": (909,)},
    )


SERVICE = Service("https://www.pushplus.plus", _ask, _meaning)
