"""Rows as values and values as rows. Instants are whole microseconds since 1970 UTC, outcomes six columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from renewd.domain.outcome import Outcome
from renewd.ledger import Attempt, Backoff, Claim, Failing, HistoryLine, Reminded, Settlement

SqlRow = Sequence[Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)

MAIL = "m.id, m.person, m.address, m.account, m.message_id, m.subject, m.state, m.created, m.at, m.tries, m.next_try, m.channel"
OUTCOME = "result, scope, reason, code, reply, permanent"
SETTLEMENT = f"mail, at, {OUTCOME}"
BACKOFF = "failures, since, next_try, reason, reply, stamp"


def number(at: datetime) -> int:
    """Return an aware instant as the database stores it."""
    return (at - _EPOCH) // _TICK


def instant(at: int) -> datetime:
    """Return a stored instant, in UTC."""
    return _EPOCH + at * _TICK


def claim(row: SqlRow) -> Claim:
    """Return a claim: its row is `lead, at, state, mail`."""
    return Claim(row[0], instant(row[1]), row[2], row[3])


def failing(row: SqlRow) -> Failing:
    """Return a failure: its row is `person, address, account, since, reason, reply`."""
    return Failing(row[0], row[1], row[2], instant(row[3]), row[4], row[5])


def attempt(row: SqlRow) -> Attempt:
    """Return an attempt: its row is `at` and OUTCOME."""
    return Attempt(instant(row[0]), outcome(row[1:]))


def outcome(row: SqlRow) -> Outcome:
    """Return an outcome: its row is OUTCOME."""
    return Outcome(result=row[0], scope=row[1], reason=row[2], code=row[3], reply=row[4], permanent=bool(row[5]))


def outcome_row(kept: Outcome) -> tuple[object, ...]:
    """Return the row of an outcome: OUTCOME."""
    return kept.result, kept.scope, kept.reason, kept.code, kept.reply, int(kept.permanent)


def settlement(row: SqlRow) -> Settlement:
    """Return a settlement: its row is SETTLEMENT."""
    return Settlement(mail=row[0], at=instant(row[1]), outcome=outcome(row[2:]))


def settlement_row(kept: Settlement) -> tuple[object, ...]:
    """Return the row of a settlement: SETTLEMENT."""
    return kept.mail, number(kept.at), *outcome_row(kept.outcome)


def backoff(row: SqlRow) -> Backoff:
    """Return a back-off: its row is BACKOFF."""
    return Backoff(
        failures=row[0], since=instant(row[1]), next_try=instant(row[2]), reason=row[3], reply=row[4], stamp=row[5]
    )


def backoff_row(kept: Backoff) -> tuple[object, ...]:
    """Return the row of a back-off: BACKOFF."""
    return kept.failures, number(kept.since), number(kept.next_try), kept.reason, kept.reply, kept.stamp


def line(row: SqlRow, reminders: Sequence[Reminded], last: Attempt | None) -> HistoryLine:
    """Return a line of the history: its row is MAIL."""
    return HistoryLine(
        mail=row[0],
        person=row[1],
        address=row[2],
        account=row[3],
        message_id=row[4],
        subject=row[5],
        state=row[6],
        created=instant(row[7]),
        at=instant(row[8]),
        tries=row[9],
        next_try=None if row[10] is None else instant(row[10]),
        reminders=tuple(reminders),
        last=last,
        channel=row[11],
    )
