"""The ledger in plain SQL, for any database with transactions, RETURNING and partial indexes."""

# ruff: noqa: S608  # the SQL contains constants of this package and question marks only

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol, Self

from renewd.domain.outcome import Outcome
from renewd.ledger import (
    KEPT_FOR,
    MAIL,
    Backoff,
    Claim,
    Draft,
    Failing,
    GivenUp,
    HistoryLine,
    MailState,
    Pair,
    PlanVersion,
    Reminded,
    Revision,
    Settlement,
    Shown,
    Start,
    StoredMail,
    Unknown,
    sql_rows,
)
from renewd.ledger.backoff import LONGEST
from renewd.ledger.channel_queries import CLAIMS, FAILED, FAILING, SHOWN, of_channel
from renewd.ledger.cursors import Cursor, of_keys, of_pairs
from renewd.ledger.mails import BEGIN, abandon, claim, forget, give_up, note, settle
from renewd.ledger.sql_rows import instant, number


class Database(Protocol):
    """A database that opens cursors in transactions and raises its errors as LedgerError."""

    def reading(self) -> AbstractContextManager[Cursor]:
        """One consistent view."""

    def writing(self) -> AbstractContextManager[Cursor]:
        """All or nothing, and durable at the end of the block."""

    def statements(self) -> AbstractContextManager[Cursor]:
        """Each statement is its own transaction: for a single one as consistent as `reading`, and faster."""

    def numbers(self, cursor: Cursor, count: int, /) -> Sequence[int]:
        """Return `count` numbers for new mails, which no mail has had."""

    def count_on(self, cursor: Cursor, /) -> None:
        """Continue the numbers of mails and attempts from the highest, after rows were written with given numbers."""

    def shrink(self) -> None:
        """Return unused room to the disk, where the database does not do so by itself."""

    def close(self) -> None:
        """Close the connection."""


class SqlLedger:
    """A `renewd.ledger.Ledger` in a database that has the tables."""

    mine = "true"  # the mails of this machine
    taking = ""  # an assignment that makes a mail this machine's
    locking = ""  # how rows are read that will be written
    channel = MAIL  # the one whose claims, tries and back-offs this ledger holds

    def __init__(self, database: Database) -> None:
        self.database = database

    def of_channel(self, channel: str) -> Self:
        other = copy.copy(self)
        other.channel = channel
        return other

    def machines(self) -> tuple[int, int]:
        return 0, 1

    def claims(self, pairs: Collection[Pair]) -> dict[Pair, tuple[Claim, ...]]:
        found: defaultdict[Pair, list[Claim]] = defaultdict(list)
        with self.database.statements() as cursor:
            for row in of_pairs(cursor, of_channel(CLAIMS, self.channel), pairs):
                found[row[0], row[1]].append(sql_rows.claim(row[2:]))
        return {pair: tuple(sorted(leads)) for pair, leads in found.items()}

    def failed_before(self, pairs: Collection[Pair]) -> dict[Pair, datetime]:
        with self.database.statements() as cursor:
            found = of_pairs(cursor, of_channel(FAILED, self.channel), pairs)
            return {(row[0], row[1]): instant(row[2]) for row in found}

    def claim(self, drafts: Sequence[Draft]) -> list[int | None]:
        if not drafts:
            return []
        # All machines write in the same order: otherwise two that write the same rows could wait for each other.
        order = sorted(range(len(drafts)), key=lambda place: _order(drafts[place]))
        with self.database.writing() as cursor:
            numbers = self.database.numbers(cursor, len(drafts))
            by_number = {mail: drafts[place] for mail, place in zip(numbers, order, strict=True)}
            claimed = claim(cursor, by_number, self.channel)
        ids: list[int | None] = [None] * len(drafts)
        for mail, place in zip(numbers, order, strict=True):
            ids[place] = mail if mail in claimed else None
        return ids

    def release(self) -> None:
        with self.database.writing() as cursor:
            where = f"state = 'claimed' AND channel = ? AND {self.mine} {self.locking}"
            cursor.execute(f"SELECT id FROM mail WHERE {where}", (self.channel,))
            forget(cursor, cursor.fetchall())

    def settle(self, settlements: Sequence[Settlement], backoffs: Mapping[str, Backoff | None] | None = None) -> None:
        self.exchange(settlements=settlements, backoffs=backoffs)

    def exchange(
        self,
        settlements: Sequence[Settlement] = (),
        starts: Sequence[Start] = (),
        backoffs: Mapping[str, Backoff | None] | None = None,
    ) -> Collection[int]:
        with self.database.writing() as cursor:
            return self._exchange(cursor, settlements, starts, backoffs or {})

    def _exchange(
        self,
        cursor: Cursor,
        settlements: Sequence[Settlement],
        starts: Sequence[Start],
        backoffs: Mapping[str, Backoff | None],
    ) -> Collection[int]:
        settle(cursor, sorted(settlements, key=lambda one: one.mail))
        for scope, backoff in sorted(backoffs.items()):
            _keep_backoff(cursor, self._prefix + scope, backoff)
        at = max((number(start.at) for start in starts), default=0)
        mails = [start.mail for start in starts]
        return {row[0] for row in of_keys(cursor, f"{BEGIN} AND {self.mine} RETURNING id", mails, at)}

    def recover(self, now: datetime) -> int:
        with self.database.writing() as cursor:
            return self._abandon(cursor, "true", (), now)

    def ended(self) -> Sequence[Settlement]:
        """Return the ends of attempts that a crash left only partly written."""
        return ()

    def take_over(self, now: datetime) -> int:
        with self.database.statements() as cursor:  # nearly every pass finds nothing, which needs no lock
            cursor.execute(f"{_ON_ITS_WAY} channel = ? LIMIT 1", (self.channel,))
            if cursor.fetchone() is None:
                return 0
        with self.database.writing() as cursor:
            return self._abandon(cursor, "channel = ?", (self.channel,), now)

    def _abandon(self, cursor: Cursor, where: str, values: Sequence[str], now: datetime) -> int:
        cursor.execute(f"{_ON_ITS_WAY} {where}", values)
        return abandon(cursor, cursor.fetchall(), now)

    def unknown(self, now: datetime) -> tuple[Unknown, ...]:
        with self.database.statements() as cursor:  # such a mail keeps its reminders
            # one that waits longer than the longest delay was written by a clock that ran ahead
            cursor.execute(_UNKNOWN, (number(now), number(now + LONGEST), self.channel))
            if not (found := cursor.fetchall()):
                return ()
            reminders = _reminders(cursor, [row[0] for row in found])
        return tuple(
            Unknown(
                mail=row[0],
                person=row[1],
                address=row[2],
                account=row[3],
                message_id=row[4],
                subject=row[5],
                data=bytes(row[6]),
                tries=row[7],
                reminders=tuple(reminders[row[0]]),
            )
            for row in found
        )

    def repeat(self, mail: int, at: datetime) -> bool:
        with self.database.writing() as cursor:
            cursor.execute(_REPEAT.format(taking=self.taking), (number(at), mail, number(at), number(at + LONGEST)))
            return cursor.rowcount == 1

    def next_repeat(self) -> datetime | None:
        with self.database.statements() as cursor:
            sql = "SELECT MIN(next_try) FROM mail WHERE state = 'unknown' AND channel = ?"
            cursor.execute(sql, (self.channel,))
            (at,) = cursor.fetchone()
        return None if at is None else instant(at)

    def give_up(self, mail: int, reason: GivenUp, at: datetime) -> None:
        with self.database.writing() as cursor:
            give_up(cursor, mail, reason, at)

    def resume(self, mails: Collection[int], at: datetime) -> None:
        with self.database.writing() as cursor:
            cursor.executemany(_RESUME, [(number(at), mail) for mail in sorted(mails)])

    def note_connection(self, account: str, outcome: Outcome, at: datetime) -> None:
        with self.database.writing() as cursor:
            (mail,) = self.database.numbers(cursor, 1)
            cursor.execute(_CONNECTION, (mail, account, number(at), number(at), self.channel))
            note(cursor, mail, at, outcome)

    def shown(self, account: str, since: datetime) -> tuple[Shown, ...]:
        with self.database.reading() as cursor:
            cursor.execute(of_channel(SHOWN, self.channel), (account, number(since)))
            found = cursor.fetchall()
            reminders = _reminders(cursor, [row[0] for row in found])
        return tuple(
            Shown(row[0], row[1], instant(row[2]), bytes(row[3]), row[4], tuple(reminders[row[0]])) for row in found
        )

    def note(self, mail: int, outcome: Outcome, at: datetime) -> None:
        with self.database.writing() as cursor:
            note(cursor, mail, at, outcome)

    def backoffs(self) -> dict[str, Backoff]:
        with self.database.statements() as cursor:
            cursor.execute(f"SELECT scope, {sql_rows.BACKOFF} FROM backoff")
            kept = {row[0]: sql_rows.backoff(row[1:]) for row in cursor.fetchall()}
        prefix = self._prefix
        ours = {scope: one for scope, one in kept.items() if scope.startswith(prefix or _SCOPES)}
        return {scope.removeprefix(prefix): one for scope, one in ours.items()}

    @property
    def _prefix(self) -> str:
        """What stands before the scopes of this channel's back-offs."""
        return "" if self.channel == MAIL else f"{self.channel}/"

    def plan_versions(self) -> dict[str, PlanVersion]:
        with self.database.reading() as cursor:
            cursor.execute("SELECT plan, fingerprint, since FROM form")
            return {row[0]: PlanVersion(row[1], instant(row[2])) for row in cursor.fetchall()}

    def set_plan_versions(self, changed: Mapping[str, PlanVersion], gone: Collection[str] = ()) -> None:
        with self.database.writing() as cursor:
            cursor.executemany("DELETE FROM form WHERE plan = ?", [(plan,) for plan in sorted(gone)])
            kept = [(plan, form.fingerprint, number(form.since)) for plan, form in sorted(changed.items())]
            cursor.executemany(_KEEP_FORM, kept)

    def revisions(self, keys: Collection[str] | None = None) -> dict[str, Revision]:
        sql = "SELECT uid, sequence, fingerprint, changed FROM revision"
        with self.database.statements() as cursor:
            if keys is None:
                cursor.execute(sql)
                found = cursor.fetchall()
            else:
                found = list(of_keys(cursor, f"{sql} WHERE uid IN ({{}})", list(keys)))
        return {row[0]: Revision(row[1], row[2], instant(row[3])) for row in found}

    def set_revisions(self, changed: Mapping[str, Revision]) -> None:
        with self.database.writing() as cursor:
            kept = [(uid, one.sequence, one.fingerprint, number(one.changed)) for uid, one in sorted(changed.items())]
            cursor.executemany(_KEEP_REVISION, kept)

    def last_pass(self) -> datetime | None:
        with self.database.reading() as cursor:
            cursor.execute("SELECT at FROM look")
            row = cursor.fetchone()
        return None if row is None else instant(row[0])

    def set_last_pass(self, at: datetime) -> None:
        with self.database.writing() as cursor:
            cursor.execute("UPDATE look SET at = ?", (number(at),))
            if not cursor.rowcount:
                cursor.execute("INSERT INTO look (at) VALUES (?) ON CONFLICT DO NOTHING", (number(at),))

    def failing(self) -> tuple[Failing, ...]:
        with self.database.reading() as cursor:
            cursor.execute(of_channel(FAILING, self.channel))
            return tuple(sql_rows.failing(row) for row in cursor.fetchall())

    def history(self, plan: str | None = None, limit: int = 100) -> tuple[HistoryLine, ...]:
        where = "" if plan is None else "AND m.id IN (SELECT mail FROM reminder WHERE plan = ?)"
        with self.database.reading() as cursor:
            sql = f"SELECT {sql_rows.MAIL} FROM mail m WHERE m.state <> 'claimed' {where} ORDER BY m.id DESC LIMIT ?"
            cursor.execute(sql, (limit,) if plan is None else (plan, limit))
            found = cursor.fetchall()
            reminders = _reminders(cursor, [row[0] for row in found])
            attempts = _attempts(cursor, [row[0] for row in found])
        return tuple(sql_rows.line(row, reminders[row[0]], (attempts[row[0]] or [None])[-1]) for row in found)

    def mail(self, mail: int) -> StoredMail | None:
        with self.database.reading() as cursor:
            cursor.execute(
                f"SELECT c.data, {sql_rows.MAIL} FROM mail m LEFT JOIN content c ON c.mail = m.id WHERE m.id = ?",
                (mail,),
            )
            row = cursor.fetchone()
            if row is None:
                return None
            attempts = _attempts(cursor, [mail])[mail]
            line = sql_rows.line(row[1:], _reminders(cursor, [mail])[mail], attempts[-1] if attempts else None)
        return StoredMail(line=line, data=None if row[0] is None else bytes(row[0]), attempts=tuple(attempts))

    def counts(self, since: datetime) -> dict[MailState, int]:
        with self.database.reading() as cursor:
            cursor.execute(
                "SELECT state, COUNT(*) FROM mail WHERE at >= ? AND channel = ? AND state <> 'claimed' AND person <> '' "
                "GROUP BY state",
                (number(since), self.channel),
            )
            return dict(cursor.fetchall())

    def prune(self, now: datetime) -> None:
        before = (number(now - KEPT_FOR),)
        failed, ended = _OLD.format("'failed'"), _OLD.format("'sent', 'unknown-final'")
        with self.database.writing() as cursor:
            cursor.execute(f"{failed} {self.locking}", before)
            forget(cursor, cursor.fetchall())
            cursor.execute(f"DELETE FROM content WHERE mail IN ({ended} {self.locking})", before)
        self.database.shrink()

    def close(self) -> None:
        self.database.close()


def _order(draft: Draft) -> tuple[str, Sequence[tuple[str, int]]]:
    return draft.person, sorted(reminder[:2] for reminder in draft.reminders)


def _keep_backoff(cursor: Cursor, scope: str, backoff: Backoff | None) -> None:
    if backoff is None:
        cursor.execute("DELETE FROM backoff WHERE scope = ?", (scope,))
    else:
        cursor.execute(_KEEP_BACKOFF, (scope, *sql_rows.backoff_row(backoff)))


def _reminders(cursor: Cursor, mails: Sequence[int]) -> defaultdict[int, list[Reminded]]:
    sql = "SELECT mail, stem, lead, plan, kind FROM reminder WHERE mail IN ({}) ORDER BY mail, stem, lead"
    return _grouped((row[0], Reminded(*row[1:])) for row in of_keys(cursor, sql, mails))


def _attempts(cursor: Cursor, mails: Sequence[int]) -> defaultdict[int, list[Any]]:
    sql = f"SELECT mail, at, {sql_rows.OUTCOME} FROM attempt WHERE mail IN ({{}}) ORDER BY id"
    return _grouped((row[0], sql_rows.attempt(row[1:])) for row in of_keys(cursor, sql, mails))


def _grouped(pairs: Iterable[tuple[int, Any]]) -> defaultdict[int, list[Any]]:
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    for mail, item in pairs:
        groups[mail].append(item)
    return groups


_SCOPES = ("account:", "person:", "reminder:")  # of mail; those of another channel begin with its name

_OLD = "SELECT id FROM mail WHERE state IN ({}) AND created < ?"

_CONNECTION = """
INSERT INTO mail (id, person, address, account, message_id, subject, state, created, at, tries, channel)
VALUES (?, '', '', ?, '', '', 'failed', ?, ?, 1, ?)
"""

_ON_ITS_WAY = "SELECT id, state, at, tries FROM mail WHERE state IN ('claimed', 'sending') AND"

_IS_DUE = "state = 'unknown' AND (next_try <= ? OR next_try > ?)"
_UNKNOWN = f"""
SELECT id, person, address, account, message_id, subject, data, tries FROM mail JOIN content ON mail = id
WHERE {_IS_DUE} AND channel = ? ORDER BY id
"""
_REPEAT = f"""
UPDATE mail SET state = 'sending', tries = tries + 1, at = ?, next_try = NULL{{taking}} WHERE id = ? AND {_IS_DUE}
"""

_RESUME = "UPDATE mail SET state = 'unknown', next_try = ? WHERE id = ? AND state = 'unknown-final'"

_KEEP_FORM = """
INSERT INTO form (plan, fingerprint, since) VALUES (?, ?, ?)
ON CONFLICT (plan) DO UPDATE SET fingerprint = excluded.fingerprint, since = excluded.since
WHERE form.fingerprint <> excluded.fingerprint
"""
_KEEP_REVISION = """
INSERT INTO revision (uid, sequence, fingerprint, changed) VALUES (?, ?, ?, ?)
ON CONFLICT (uid) DO UPDATE
SET sequence = excluded.sequence, fingerprint = excluded.fingerprint, changed = excluded.changed
"""
_KEEP_BACKOFF = f"""
INSERT INTO backoff (scope, {sql_rows.BACKOFF}) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (scope) DO UPDATE
SET {", ".join(f"{name} = excluded.{name}" for name in sql_rows.BACKOFF.split(", "))}
"""
