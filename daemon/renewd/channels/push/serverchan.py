"""ServerChan: how it is asked, and what its answer means."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

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
from renewd.channels.push.service import Limit, Sending, Service
from renewd.domain.outcome import Outcome

_SERVER = "https://sctapi.ftqq.com"
_MOST_TITLE = 32


def _ask(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    key = account.last_part.removesuffix(".send")
    title = push.title
    if len(title) > _MOST_TITLE:
        title = f"{title[: _MOST_TITLE - 1].rstrip()}…"
    text = f"{push.title}\n\n{push.text}" if title != push.title else push.text
    body = {"title": title, "desp": f"{text}\n\n[{push.link}]({push.link})" if push.link else text, "noip": "1"}
    if key.startswith("sctp") and account.url == _SERVER:
        uid = key.removeprefix("sctp").partition("t")[0]
        return post(f"https://{quote(uid)}.push.ft07.com/send/{quote(key)}.send", body)
    return post(f"{account.url}/{'send/' if key.startswith('sctp') else ''}{quote(key)}.send", body)


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what ServerChan means: one code stands for a wrong key and for a used quota, and its words tell."""
    if (general := in_general(answer, now)) is not None:
        return general
    words, code = text_in(answer, "message"), number_in(answer, "code")
    data = (answer.json or {}).get("data")
    errno = data.get("errno", 0) if isinstance(data, dict) else 0
    if answer.status == 200 and code == 0 and errno == 0 and isinstance(data, dict):
        return sent("push-accepted")
    if _has_it(answer):
        return refused(answer, "push-content", text_in(answer, "errmsg"))
    if "次数限制" in words:
        return busy(answer, words, china_midnight(now))
    if answer.status >= 500 or answer.status == 429:
        return busy(answer, words, retry_after(answer, now) or SOON)
    if code == 40001:
        return refused(answer, "push-key", words)
    return by_code(answer, code, words, {"push-content": (20001, 20002, 40002)})


def _has_it(answer: HttpAnswer) -> bool:
    """Whether a push is refused because the same one came a moment ago: if its answer was lost, it had arrived."""
    return number_in(answer, "errno") == 1024


SERVICE = Service(_SERVER, _ask, _meaning, had_it=_has_it, limits=(Limit(1, timedelta(seconds=12)),), a_day=5)
