"""How long to wait after a failure. See docs/rules.md#delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from renewd.domain.outcome import Outcome, Reason
from renewd.ledger import Backoff, Failing, HistoryLine

Delays = tuple[timedelta, ...]

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
SERVER: Delays = (5 * _MINUTE, 10 * _MINUTE, 20 * _MINUTE, 40 * _MINUTE, 60 * _MINUTE)
PASSWORD: Delays = (_HOUR, 8 * _HOUR)
RECIPIENT: Delays = (24 * _HOUR,)
REPEAT: Delays = (15 * _MINUTE, _HOUR, 6 * _HOUR, 24 * _HOUR)
LONGEST = 24 * _HOUR
MOST_TRIES = 3  # of a push that its service puts off and that has a mail beside it
GIVEN_UP: Reason = "push-given-up"
# what a push service refuses until the settings or the secret change
UNTIL_CHANGED = ("push-secret-missing", "push-key", "push-settings", "push-clock", "push-content", "push-refused")


def gap(steps: Delays, n: int) -> timedelta:
    """Return the wait after the n-th consecutive failure or attempt, counted from 1. The last step repeats."""
    return steps[min(n, len(steps)) - 1]


def scopes(outcome: Outcome, account: str, person: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the scopes of a failure's back-offs: the account, the person, or the reminders that the mail held."""
    if outcome.scope == "account":
        return (f"account:{account}",)
    return of_reminders(person, keys) if outcome.scope == "message" else (f"person:{person}",)


def of_reminders(person: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the scopes of the reminders of a mail to a person."""
    return tuple(f"reminder:{person}/{key}" for key in keys)


class NextTry(NamedTuple):
    """When what did not reach somebody is tried again, after how many tries that failed."""

    at: datetime
    failures: int


def unsent(failing: Failing, lines: Iterable[HistoryLine]) -> HistoryLine | None:
    """Return the latest mail that did not reach somebody, of `lines`, newest first."""
    if failing.reason == "not-tried":
        return None
    ours = (line for line in lines if line.person == failing.person and line.channel == failing.channel)
    return next((line for line in ours if line.state != "sent"), None)


def next_try(failing: Failing, line: HistoryLine | None, backoffs: Mapping[str, Backoff]) -> NextTry | None:
    """Return the next try of what did not reach somebody; None where it is not known. `line` is the mail itself."""
    if line is not None and line.state == "unknown" and line.next_try is not None:
        return NextTry(line.next_try, line.tries)
    wide, own = (f"person:{failing.person}", f"account:{failing.account}"), f"reminder:{failing.person}/"
    found = (backoff for scope, backoff in backoffs.items() if scope in wide or scope.startswith(own))
    last = max(found, key=lambda one: one.next_try, default=None)
    return NextTry(last.next_try, last.failures) if last is not None else None


def after(outcome: Outcome, previous: Backoff | None, at: datetime, stamp: str = "") -> Backoff:
    """Return the back-off after a failure or refusal. `previous` is that of the same scope, None after a success.

    A refused password or recipient starts a new count: the failures before it had another cause.
    """
    steps = _steps(outcome)
    going_on = previous is not None and _slow(previous.reason) == _slow(outcome.reason)
    failures = previous.failures + 1 if previous is not None and going_on else 1
    return Backoff(
        failures=failures,
        since=previous.since if previous is not None else at,
        next_try=at + (gap(steps, failures) if outcome.wait is None else min(outcome.wait, LONGEST)),
        reason=outcome.reason,
        reply=outcome.reply,
        stamp=stamp,
    )


def at_most_three(backoff: Backoff) -> Backoff:
    """Return the back-off of a push that is put off, as one that ends only by a change if it was tried often enough."""
    return backoff._replace(reason=GIVEN_UP) if backoff.failures >= MOST_TRIES else backoff


def waits(backoff: Backoff, now: datetime, stamp: str = "") -> bool:
    """Whether to wait. False once the settings have changed (`stamp`) or the clock was set back."""
    if backoff.reason in (GIVEN_UP, *UNTIL_CHANGED):
        return stamp == backoff.stamp
    return stamp == backoff.stamp and now < backoff.next_try <= now + LONGEST


def _steps(outcome: Outcome) -> Delays:
    if outcome.reason.startswith("auth-refused"):
        return PASSWORD
    full = outcome.reason == "mailbox-full" and outcome.permanent
    return RECIPIENT if full or _slow(outcome.reason) else SERVER


def _slow(reason: str) -> bool:
    """Whether the failure lasts until a person changes something, so that frequent attempts are of no use."""
    return reason.startswith("auth-refused") or reason in ("recipient-refused", "message-refused", "address")
