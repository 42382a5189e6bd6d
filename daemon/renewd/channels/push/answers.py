"""What the answers of the push services have in common: only their own words count as sent, never HTTP 200 alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from renewd.channels.http import HttpAnswer
from renewd.domain.outcome import Outcome, Reason, Scope

SOON = timedelta(minutes=5)
_MOST_SKEW = timedelta(minutes=10)
_CHINA = ZoneInfo("Asia/Shanghai")


def sent(reason: Reason = "push-sent", reply: str = "") -> Outcome:
    """Return that the service took the push, or will send it later."""
    return Outcome(result="sent", reason=reason, reply=reply)


def busy(answer: HttpAnswer, words: str, wait: timedelta = SOON) -> Outcome:
    """Return that the service takes nothing for a while."""
    return Outcome(result="failed", scope="account", reason="push-busy", code=answer.status, reply=words, wait=wait)


def refused(answer: HttpAnswer, reason: Reason, words: str) -> Outcome:
    """Return a refusal: of this push if its content is wrong, otherwise of all pushes by this service."""
    scope: Scope = "message" if reason in ("push-content", "push-refused") else "account"
    return Outcome(result="refused", scope=scope, reason=reason, code=answer.status, reply=words, permanent=True)


def in_general(answer: HttpAnswer, now: datetime) -> Outcome | None:
    """Return the meaning of an answer that is not the service's own, such as a proxy's; None for one that is."""
    if 300 <= answer.status < 400:
        return refused(answer, "push-settings", f"HTTP {answer.status}")
    if answer.status in (502, 503, 504):
        return busy(answer, f"HTTP {answer.status}", retry_after(answer, now) or SOON)
    if answer.json is None and answer.status == 429:
        return busy(answer, "HTTP 429", retry_after(answer, now) or SOON)
    if answer.json is None and answer.status < 300:  # a login page, or a proxy's word
        return busy(answer, "no JSON")
    if answer.json is None and answer.status in (404, 405):
        return refused(answer, "push-settings", f"HTTP {answer.status}")
    return None


def retry_after(answer: HttpAnswer, now: datetime) -> timedelta | None:
    """Return how long the service asks to wait, by its header."""
    value = answer.headers.get("retry-after") or answer.headers.get("Retry-After") or ""
    if value.isdecimal():
        return seconds(value)
    at = _instant(value)
    return None if at is None else max(at - now, timedelta(0))


def seconds(value: str | int) -> timedelta:
    """Return so many seconds, a day at most: nothing waits longer than that for a service."""
    try:
        return timedelta(seconds=min(int(value), 86400))
    except (ValueError, OverflowError):  # thousands of digits
        return timedelta(days=1)


def _instant(header: str) -> datetime | None:
    """Return the instant of a header; None where it names none, or one before the calendar begins."""
    try:
        at = parsedate_to_datetime(header)
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def china_midnight(now: datetime) -> timedelta:
    """Return how long it is to the next midnight in China, when the quotas of a day end."""
    tomorrow = now.astimezone(_CHINA).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), _CHINA) - now


def number_in(answer: HttpAnswer, name: str) -> int | None:
    """Return a whole number of the body."""
    value = (answer.json or {}).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text_in(answer: HttpAnswer, name: str) -> str:
    """Return the words of the body, else the status."""
    return str((answer.json or {}).get(name) or f"HTTP {answer.status}")


def by_code(answer: HttpAnswer, code: int | None, words: str, reasons: Mapping[Reason, Collection[int]]) -> Outcome:
    """Return a refusal by the first reason that names the code; one that no reason names is shown with its words."""
    reason: Reason = next((reason for reason, codes in reasons.items() if code in codes), "push-refused")
    return refused(answer, reason, words)


def clock_or(answer: HttpAnswer, now: datetime, words: str) -> Outcome:
    """Return whether a signature was refused because this machine's clock is wrong."""
    at = _instant(answer.headers.get("date") or answer.headers.get("Date") or "")
    wrong = at is not None and abs(at - now) > _MOST_SKEW
    reason: Reason = "push-clock" if wrong else "push-settings"
    return refused(answer, reason, words)
