"""How long to wait after a failure: pure functions, so that a restart neither hammers nor forgets (design §4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from renewd.domain.outcome import Outcome
from renewd.ledger import Backoff

Delays = tuple[timedelta, ...]

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
SERVER: Delays = (5 * _MINUTE, 10 * _MINUTE, 20 * _MINUTE, 40 * _MINUTE, 60 * _MINUTE)
PASSWORD: Delays = (_HOUR, 8 * _HOUR)
RECIPIENT: Delays = (24 * _HOUR,)
REPEAT: Delays = (15 * _MINUTE, _HOUR, 6 * _HOUR, 24 * _HOUR)
LONGEST = 24 * _HOUR


def gap(steps: Delays, n: int) -> timedelta:
    """Give the wait after the n-th failure or try in a row, counted from 1; the last step repeats."""
    return steps[min(n, len(steps)) - 1]


def scope(outcome: Outcome, account: str, person: str) -> str:
    """Give whose back-off a failure is: the account's, or the person's where only they are concerned."""
    return f"account:{account}" if outcome.scope == "account" else f"person:{person}"


def after(outcome: Outcome, previous: Backoff | None, at: datetime, stamp: str = "") -> Backoff:
    """Give the back-off after a failure or refusal; `previous` is that of the same scope, None after a success.

    A refused password or recipient starts a count of its own: what went before it was another trouble.
    """
    steps = _steps(outcome)
    going_on = previous is not None and _slow(previous.reason) == _slow(outcome.reason)
    failures = previous.failures + 1 if previous is not None and going_on else 1
    return Backoff(
        failures=failures,
        since=previous.since if previous is not None else at,
        next_try=at + gap(steps, failures),
        reason=outcome.reason,
        reply=outcome.reply,
        stamp=stamp,
    )


def waits(backoff: Backoff, now: datetime, stamp: str = "") -> bool:
    """Whether nothing is to be tried yet. Not so once the settings changed (`stamp`), or the clock was set back."""
    return stamp == backoff.stamp and now < backoff.next_try <= now + LONGEST


def _steps(outcome: Outcome) -> Delays:
    if outcome.reason == "auth-refused":
        return PASSWORD
    return RECIPIENT if _slow(outcome.reason) else SERVER


def _slow(reason: str) -> bool:
    """Whether only a change by somebody helps, so that trying often is rude."""
    return reason in ("auth-refused", "recipient-refused", "message-refused", "address")
