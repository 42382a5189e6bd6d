"""What the answers of the push services mean: only their own words count as sent, never HTTP 200 alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from renewd.channels.http import HttpAnswer
from renewd.domain.outcome import Outcome, Reason, Scope

_SOON = timedelta(minutes=5)
_MOST_SKEW = timedelta(minutes=10)
_CHINA = ZoneInfo("Asia/Shanghai")
_RATE_RESET = "x-ogw-ratelimit-reset"


def _sent(reason: Reason = "push-sent", reply: str = "") -> Outcome:
    return Outcome(result="sent", reason=reason, reply=reply)


def _busy(answer: HttpAnswer, words: str, wait: timedelta = _SOON) -> Outcome:
    return Outcome(result="failed", scope="account", reason="push-busy", code=answer.status, reply=words, wait=wait)


def _refused(answer: HttpAnswer, reason: Reason, words: str) -> Outcome:
    """Return a refusal: of this push if its content is wrong, otherwise of all pushes by this service."""
    scope: Scope = "message" if reason in ("push-content", "push-refused") else "account"
    return Outcome(result="refused", scope=scope, reason=reason, code=answer.status, reply=words, permanent=True)


def _in_general(answer: HttpAnswer, now: datetime) -> Outcome | None:
    """Return the meaning of an answer that is not the service's own, such as a proxy's; None for one that is."""
    if 300 <= answer.status < 400:
        return _refused(answer, "push-settings", f"HTTP {answer.status}")
    if answer.status in (502, 503, 504):
        return _busy(answer, f"HTTP {answer.status}", _retry_after(answer, now) or _SOON)
    if answer.json is None and answer.status == 429:
        return _busy(answer, "HTTP 429", _retry_after(answer, now) or _SOON)
    if answer.json is None and answer.status < 300:  # a login page, or a proxy's word
        return _busy(answer, "no JSON")
    if answer.json is None and answer.status in (404, 405):
        return _refused(answer, "push-settings", f"HTTP {answer.status}")
    return None


def _retry_after(answer: HttpAnswer, now: datetime) -> timedelta | None:
    value = answer.headers.get("retry-after") or answer.headers.get("Retry-After") or ""
    if value.isdecimal():
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta(0))


def china_midnight(now: datetime) -> timedelta:
    """Return how long it is to the next midnight in China, when the quotas of a day end."""
    tomorrow = now.astimezone(_CHINA).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), _CHINA) - now


def _number(answer: HttpAnswer, name: str) -> int | None:
    value = (answer.json or {}).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(answer: HttpAnswer, name: str) -> str:
    return str((answer.json or {}).get(name) or f"HTTP {answer.status}")


def _by_code(answer: HttpAnswer, code: int | None, words: str, reasons: Mapping[Reason, Collection[int]]) -> Outcome:
    """Return a refusal by the first reason that names the code; one that no reason names is shown with its words."""
    reason: Reason = next((reason for reason, codes in reasons.items() if code in codes), "push-refused")
    return _refused(answer, reason, words)


def _clock_or(answer: HttpAnswer, now: datetime, words: str) -> Outcome:
    """Return whether a signature was refused because this machine's clock is wrong."""
    date = answer.headers.get("date") or answer.headers.get("Date") or ""
    try:
        skew = abs(parsedate_to_datetime(date).astimezone(UTC) - now)
    except ValueError:
        skew = timedelta(0)
    reason: Reason = "push-clock" if skew > _MOST_SKEW else "push-settings"
    return _refused(answer, reason, words)


def bark(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what Bark means: 500 may stand for a refusal as well as for trouble that passes."""
    words, code = _text(answer, "message"), _number(answer, "code")
    if answer.status == 418:
        return _refused(answer, "push-settings", "HTTP 418")
    if (general := _in_general(answer, now)) is not None:
        return general
    if code == 200 and answer.status == 200:
        return _sent()
    if any(word in words for word in ("failed to get device token", "BadDeviceToken", "Unregistered")):
        return _refused(answer, "push-key", words)
    if any(word in words for word in ("PayloadTooLarge", "BadCollapseId", "device key is empty")):
        return _refused(answer, "push-content", words)
    if answer.status == 429 or answer.status >= 500:
        return _busy(answer, words, _retry_after(answer, now) or _SOON)
    return _refused(answer, "push-settings" if answer.status in (404, 405) else "push-refused", words)


_NTFY_WAITS = {
    42901: timedelta(seconds=60),
    42909: timedelta(minutes=30),
    42904: timedelta(hours=24),
}


def ntfy(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what ntfy means: success has the id of a message, and its sequence where the server can replace."""
    if (general := _in_general(answer, now)) is not None:
        return general
    words, code = _text(answer, "error"), _number(answer, "code")
    if answer.status == 200 and (answer.json or {}).get("id"):
        return _sent(reply="" if (answer.json or {}).get("sequence_id") else "no sequence_id")
    if code == 42908:
        midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
        return _busy(answer, words, midnight - now)
    if answer.status == 429:
        return _busy(answer, words, _retry_after(answer, now) or _NTFY_WAITS.get(code or 0, _SOON))
    if answer.status >= 500:
        return _busy(answer, words)
    if answer.status in (401, 403):
        return _refused(answer, "push-key", words)
    if answer.status == 404 or code in (40009, 40010):
        return _refused(answer, "push-settings", words)
    return _refused(answer, "push-content" if answer.status in (400, 413) else "push-refused", words)


def serverchan(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what ServerChan means: one code stands for a wrong key and for a used quota, and its words tell."""
    if (general := _in_general(answer, now)) is not None:
        return general
    words, code = _text(answer, "message"), _number(answer, "code")
    data = (answer.json or {}).get("data")
    errno = data.get("errno", 0) if isinstance(data, dict) else 0
    if answer.status == 200 and code == 0 and errno == 0 and isinstance(data, dict):
        return _sent("push-accepted")
    if serverchan_has_it(answer):
        return _refused(answer, "push-content", _text(answer, "errmsg"))
    if "次数限制" in words:
        return _busy(answer, words, china_midnight(now))
    if answer.status >= 500 or answer.status == 429:
        return _busy(answer, words, _retry_after(answer, now) or _SOON)
    if code == 40001:
        return _refused(answer, "push-key", words)
    return _by_code(answer, code, words, {"push-content": (20001, 20002, 40002)})


def serverchan_has_it(answer: HttpAnswer) -> bool:
    """Whether a push is refused because the same one came a moment ago: if its answer was lost, it had arrived."""
    return _number(answer, "errno") == 1024


def pushplus(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what PushPlus means: 200 in the body says that it will send."""
    if (general := _in_general(answer, now)) is not None:
        return general
    words, code = _text(answer, "msg"), _number(answer, "code")
    if code == 200:
        return _sent("push-accepted")
    if code == 900:  # every further request of the day makes the ban longer
        return _busy(answer, words, china_midnight(now))
    if code == 500 or answer.status >= 500 or answer.status == 429:
        return _busy(answer, words, _retry_after(answer, now) or _SOON)
    if code == 999 and "token" in words:
        return _refused(answer, "push-key", words)
    return _by_code(
        answer,
        code,
        words,
        {"push-key": (903, 907, 600), "push-settings": (905, 888, 403, 908), "push-content": (909,)},
    )


def wecom(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what WeCom means. What follows `hint` holds this machine's address, and is cut."""
    if (general := _in_general(answer, now)) is not None:
        return general
    words, code = _text(answer, "errmsg").partition(", hint")[0], _number(answer, "errcode")
    if code == 0:
        return _sent()
    if code == 45009:
        return _busy(answer, words, timedelta(seconds=60))
    if code == -1:
        return _busy(answer, words, timedelta(seconds=30))
    return _by_code(answer, code, words, {"push-key": (93000,), "push-content": (40058, 40008)})


def dingtalk(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what DingTalk means: one code stands for a keyword, a signature or an address that is missing."""
    if (general := _in_general(answer, now)) is not None:
        return general
    words, code = _text(answer, "errmsg"), _number(answer, "errcode")
    if code == 0:
        return _sent()
    if code in (130101, 410100) or (code is None and "punish" in (answer.json or {})):
        return _busy(answer, words, timedelta(minutes=10))
    if code == -1:
        return _busy(answer, words, timedelta(seconds=30))
    if code == 310000 and ("sign" in words or "签名" in words):
        return _clock_or(answer, now, words)
    return _by_code(
        answer,
        code,
        words,
        {
            "push-key": (300005, 300001, 400101, 400106, 40035),
            "push-settings": (310000, 400102, 400013),
            "push-content": (43004,),
        },
    )


def feishu(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what Feishu means. An old robot answers with `StatusCode` alone."""
    if (general := _in_general(answer, now)) is not None:
        return general
    code = _number(answer, "code")
    words = _text(answer, "msg")
    if code == 0 or (code is None and _number(answer, "StatusCode") == 0):
        return _sent()
    if code == 11232:
        return _busy(answer, words, timedelta(seconds=60))
    if answer.status == 429:
        reset = answer.headers.get(_RATE_RESET, "")
        return _busy(answer, words, timedelta(seconds=int(reset) if reset.isdecimal() else 60))
    if answer.status >= 500:
        return _busy(answer, words)
    if code == 19021:
        return _clock_or(answer, now, words)
    return _by_code(
        answer,
        code,
        words,
        {"push-key": (19001,), "push-settings": (19022, 19024), "push-content": (9499, 19002)},
    )


def telegram(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what Telegram means. The reply of a message that was sent is its id."""
    if (general := _in_general(answer, now)) is not None:
        return general
    body, words = answer.json or {}, _text(answer, "description")
    if body.get("ok") is True:
        result = body.get("result")
        return _sent(reply=str(result.get("message_id", "")) if isinstance(result, dict) else "")
    if answer.status == 429:
        more = body.get("parameters")
        after = more.get("retry_after") if isinstance(more, dict) else None
        return _busy(answer, words, timedelta(seconds=after) if isinstance(after, int) else _SOON)
    if answer.status >= 500:
        return _busy(answer, words)
    if answer.status in (401, 404):
        return _refused(answer, "push-key", words)
    if answer.status == 403 or "chat not found" in words or "upgraded to a supergroup" in words:
        return _refused(answer, "push-settings", words)
    return _refused(answer, "push-content" if answer.status == 400 else "push-refused", words)


def webhook(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what a webhook means: any 2xx is well, whatever its body is."""
    words = f"HTTP {answer.status}"
    if 200 <= answer.status < 300:
        return _sent()
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return _busy(answer, words, _retry_after(answer, now) or _SOON)
    if answer.status in (401, 403):
        return _refused(answer, "push-key", words)
    if answer.status in (400, 413, 422):
        return _refused(answer, "push-content", words)
    return _refused(answer, "push-settings", words)
