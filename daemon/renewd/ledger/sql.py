"""The ledger in plain SQL, for any database with transactions, RETURNING and partial indexes."""

# ruff: noqa: S608  # what stands in the SQL are constants of this package and question marks

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from renewd.delivery import Outcome
from renewd.ledger import (
    Backoff,
    Draft,
    Failing,
    Form,
    Kept,
    Line,
    Pair,
    Reminded,
    Revision,
    Said,
    Settlement,
    State,
    Unknown,
    rows,
)
from renewd.ledger.backoff import LONGEST, REPEAT, gap
from renewd.ledger.rows import instant, number

_KEPT_FOR = timedelta(days=396)
_CHUNK = 4000


class Cursor(Protocol):
    """A DB-API cursor with `?` for parameters."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> object: ...
    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Database(Protocol):
    """Gives cursors within transactions, and turns its own errors into LedgerError."""

    def reading(self) -> AbstractContextManager[Cursor]:
        """One consistent view."""

    def writing(self) -> AbstractContextManager[Cursor]:
        """All or nothing, and durable on leaving."""

    def count_on(self, cursor: Cursor, /) -> None:
        """Give mails and tries numbers that follow the highest there is, after they were written with their own."""

    def close(self) -> None:
        """Let go."""


class SqlLedger:
    """A `renewd.ledger.Ledger` over a database that has the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """Give what it is kept in."""
        return self._database

    def said(self, pairs: Collection[Pair]) -> dict[Pair, tuple[Said, ...]]:
        found: defaultdict[Pair, list[Said]] = defaultdict(list)
        with self._database.reading() as cursor:
            for row in _asked(cursor, _SAID, pairs):
                found[row[0], row[1]].append(rows.said(row[2:]))
        return {pair: tuple(sorted(leads)) for pair, leads in found.items()}

    def failed_before(self, pairs: Collection[Pair]) -> dict[Pair, datetime]:
        with self._database.reading() as cursor:
            return {(row[0], row[1]): instant(row[2]) for row in _asked(cursor, _FAILED, pairs)}

    def claim(self, drafts: Sequence[Draft]) -> list[int | None]:
        return self.exchange(drafts=drafts)

    def settle(self, settlements: Sequence[Settlement], backoffs: Mapping[str, Backoff | None] | None = None) -> None:
        self.exchange(settlements=settlements, backoffs=backoffs)

    def exchange(
        self,
        settlements: Sequence[Settlement] = (),
        drafts: Sequence[Draft] = (),
        backoffs: Mapping[str, Backoff | None] | None = None,
    ) -> list[int | None]:
        with self._database.writing() as cursor:
            # In one order for all: machines that write the same rows at once would else wait for each other.
            for settlement in sorted(settlements, key=lambda one: one.mail):
                _settle(cursor, settlement)
            for scope, backoff in sorted((backoffs or {}).items()):
                _keep_backoff(cursor, scope, backoff)
            ids: list[int | None] = [None] * len(drafts)
            for place in sorted(range(len(drafts)), key=lambda place: _order(drafts[place])):
                ids[place] = _claim(cursor, drafts[place])
        return ids

    def recover(self, now: datetime) -> int:
        with self._database.writing() as cursor:
            cursor.execute("SELECT id, at, tries FROM mail WHERE state = 'sending'")
            flying = cursor.fetchall()
            for mail, at, tries in flying:
                note(cursor, mail, now, Outcome(result="unknown", reason="interrupted"))
                move(cursor, mail, "unknown", instant(at), instant(at) + gap(REPEAT, tries))
        return len(flying)

    def take_over(self, now: datetime) -> int:  # noqa: ARG002  # nobody else writes here
        return 0

    def unknown(self, now: datetime) -> tuple[Unknown, ...]:
        with self._database.reading() as cursor:
            # one that waits for longer than any wait was written down by a clock that ran ahead
            cursor.execute(_UNKNOWN, (number(now), number(now + LONGEST)))
            found = cursor.fetchall()
            reminders = _reminders(cursor, [row[0] for row in found])
        return tuple(
            Unknown(
                mail=row[0],
                person=row[1],
                address=row[2],
                account=row[3],
                message_id=row[4],
                data=bytes(row[5]),
                tries=row[6],
                reminders=tuple(reminders[row[0]]),
            )
            for row in found
        )

    def repeat(self, mail: int, at: datetime) -> bool:
        with self._database.writing() as cursor:
            cursor.execute(f"{_REPEAT} {IS_DUE}", (number(at), mail, number(at), number(at + LONGEST)))
            return cursor.rowcount == 1

    def give_up(self, mail: int, reason: Literal["settled", "replaced"], at: datetime) -> None:
        with self._database.writing() as cursor:
            note(cursor, mail, at, Outcome(result="unknown", reason=reason))
            move(cursor, mail, "unknown-final", at)

    def backoffs(self) -> dict[str, Backoff]:
        with self._database.reading() as cursor:
            cursor.execute(f"SELECT scope, {rows.BACKOFF} FROM backoff")
            return {row[0]: rows.backoff(row[1:]) for row in cursor.fetchall()}

    def forms(self) -> dict[str, Form]:
        with self._database.reading() as cursor:
            cursor.execute("SELECT plan, fingerprint, since FROM form")
            return {row[0]: Form(row[1], instant(row[2])) for row in cursor.fetchall()}

    def set_forms(self, changed: Mapping[str, Form], gone: Collection[str] = ()) -> None:
        with self._database.writing() as cursor:
            cursor.executemany("DELETE FROM form WHERE plan = ?", [(plan,) for plan in sorted(gone)])
            kept = [(plan, form.fingerprint, number(form.since)) for plan, form in sorted(changed.items())]
            cursor.executemany(_KEEP_FORM, kept)

    def revisions(self, keys: Collection[str] | None = None) -> dict[str, Revision]:
        sql = "SELECT uid, sequence, fingerprint, changed FROM revision"
        with self._database.reading() as cursor:
            if keys is None:
                cursor.execute(sql)
                found = cursor.fetchall()
            else:
                found = list(_of_keys(cursor, f"{sql} WHERE uid IN ({{}})", list(keys)))
        return {row[0]: Revision(row[1], row[2], instant(row[3])) for row in found}

    def set_revisions(self, changed: Mapping[str, Revision], gone: Collection[str] = ()) -> None:
        with self._database.writing() as cursor:
            cursor.executemany("DELETE FROM revision WHERE uid = ?", [(uid,) for uid in sorted(gone)])
            kept = [(uid, one.sequence, one.fingerprint, number(one.changed)) for uid, one in sorted(changed.items())]
            cursor.executemany(_KEEP_REVISION, kept)

    def last_look(self) -> datetime | None:
        with self._database.reading() as cursor:
            cursor.execute("SELECT at FROM look")
            row = cursor.fetchone()
        return None if row is None else instant(row[0])

    def looked(self, at: datetime) -> None:
        with self._database.writing() as cursor:
            cursor.execute("UPDATE look SET at = ?", (number(at),))
            if not cursor.rowcount:
                cursor.execute("INSERT INTO look (at) VALUES (?) ON CONFLICT DO NOTHING", (number(at),))

    def failing(self) -> tuple[Failing, ...]:
        with self._database.reading() as cursor:
            cursor.execute(_FAILING)
            return tuple(rows.failing(row) for row in cursor.fetchall())

    def history(self, plan: str | None = None, limit: int = 100) -> tuple[Line, ...]:
        where = "" if plan is None else "WHERE m.id IN (SELECT mail FROM reminder WHERE plan = ?)"
        with self._database.reading() as cursor:
            sql = f"SELECT {rows.MAIL} FROM mail m {where} ORDER BY m.id DESC LIMIT ?"
            cursor.execute(sql, (limit,) if plan is None else (plan, limit))
            found = cursor.fetchall()
            reminders = _reminders(cursor, [row[0] for row in found])
            attempts = _attempts(cursor, [row[0] for row in found])
        return tuple(rows.line(row, reminders[row[0]], (attempts[row[0]] or [None])[-1]) for row in found)

    def mail(self, mail: int) -> Kept | None:
        with self._database.reading() as cursor:
            cursor.execute(f"SELECT m.data, {rows.MAIL} FROM mail m WHERE m.id = ?", (mail,))
            row = cursor.fetchone()
            if row is None:
                return None
            attempts = _attempts(cursor, [mail])[mail]
            line = rows.line(row[1:], _reminders(cursor, [mail])[mail], attempts[-1] if attempts else None)
        return Kept(line=line, data=None if row[0] is None else bytes(row[0]), attempts=tuple(attempts))

    def counts(self, since: datetime) -> dict[State, int]:
        with self._database.reading() as cursor:
            cursor.execute("SELECT state, COUNT(*) FROM mail WHERE at >= ? GROUP BY state", (number(since),))
            return dict(cursor.fetchall())

    def prune(self, now: datetime) -> None:
        before = (number(now - _KEPT_FOR),)
        old = "(SELECT id FROM mail WHERE state = 'failed' AND created < ?)"
        with self._database.writing() as cursor:
            cursor.execute(f"DELETE FROM attempt WHERE mail IN {old}", before)
            cursor.execute(f"DELETE FROM reminder WHERE mail IN {old}", before)
            cursor.execute("DELETE FROM mail WHERE state = 'failed' AND created < ?", before)
            cursor.execute(
                "UPDATE mail SET data = NULL"
                " WHERE created < ? AND data IS NOT NULL AND state IN ('sent', 'unknown-final')",
                before,
            )

    def close(self) -> None:
        self._database.close()


def _order(draft: Draft) -> tuple[str, Sequence[tuple[str, int]]]:
    return draft.person, sorted(reminder[:2] for reminder in draft.reminders)


def _claim(cursor: Cursor, draft: Draft) -> int | None:
    at = number(draft.composed_at)
    cursor.execute("SAVEPOINT draft")
    cursor.execute(
        "INSERT INTO mail (person, address, account, message_id, subject, data, state, created, at, tries)"
        " VALUES (?, ?, ?, ?, ?, ?, 'sending', ?, ?, 1) RETURNING id",
        (draft.person, draft.address, draft.account, draft.message_id, draft.subject, draft.data, at, at),
    )
    mail = int(cursor.fetchone()[0])
    cursor.executemany(
        "INSERT INTO reminder (mail, person, stem, lead, plan, kind, held) VALUES (?, ?, ?, ?, ?, ?, 1)"
        " ON CONFLICT DO NOTHING",
        [(mail, draft.person, *reminder) for reminder in sorted(draft.reminders, key=lambda one: one[:2])],
    )
    taken = bool(draft.reminders) and cursor.rowcount < len(draft.reminders)
    if taken:
        cursor.execute("ROLLBACK TO SAVEPOINT draft")
    cursor.execute("RELEASE SAVEPOINT draft")
    return None if taken else mail


def _settle(cursor: Cursor, settlement: Settlement) -> None:
    mail, at, outcome = settlement.mail, settlement.at, settlement.outcome
    # an update that changes nothing: from here on nobody else can settle it
    cursor.execute("UPDATE mail SET tries = tries WHERE id = ? RETURNING state, tries", (mail,))
    state, tries = cursor.fetchone()
    unsure = outcome.result == "unknown" or _was_unknown(cursor, mail)
    note(cursor, mail, at, outcome)
    if state in ("sent", "failed"):  # told late, or twice: what is certain stays
        return
    if outcome.result == "sent":
        move(cursor, mail, "sent", at)
    elif state == "unknown-final":
        return
    elif unsure:
        move(cursor, mail, "unknown", at, at + gap(REPEAT, tries))
    else:
        move(cursor, mail, "failed", at)
        cursor.execute("UPDATE reminder SET held = 0 WHERE mail = ?", (mail,))


def _was_unknown(cursor: Cursor, mail: int) -> bool:
    cursor.execute("SELECT 1 FROM attempt WHERE mail = ? AND result = 'unknown' LIMIT 1", (mail,))
    return cursor.fetchone() is not None


def move(cursor: Cursor, mail: int, state: State, at: datetime, next_try: datetime | None = None) -> None:
    later = None if next_try is None else number(next_try)
    cursor.execute("UPDATE mail SET state = ?, at = ?, next_try = ? WHERE id = ?", (state, number(at), later, mail))


def note(cursor: Cursor, mail: int, at: datetime, outcome: Outcome) -> None:
    cursor.execute(
        f"INSERT INTO attempt (mail, at, {rows.OUTCOME}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (mail, number(at), *rows.outcome_row(outcome)),
    )


def _keep_backoff(cursor: Cursor, scope: str, backoff: Backoff | None) -> None:
    if backoff is None:
        cursor.execute("DELETE FROM backoff WHERE scope = ?", (scope,))
    else:
        cursor.execute(_KEEP_BACKOFF, (scope, *rows.backoff_row(backoff)))


def _asked(cursor: Cursor, sql: str, pairs: Collection[Pair]) -> Iterator[rows.Row]:
    for chunk in _chunks(list(pairs)):
        marks = ", ".join(["(?, ?)"] * len(chunk))
        cursor.execute(
            f"WITH asked (person, stem) AS (VALUES {marks}) {sql}", [word for pair in chunk for word in pair]
        )
        yield from cursor.fetchall()


def _reminders(cursor: Cursor, mails: Sequence[int]) -> defaultdict[int, list[Reminded]]:
    sql = "SELECT mail, stem, lead, plan, kind FROM reminder WHERE mail IN ({}) ORDER BY mail, stem, lead"
    return _grouped((row[0], Reminded(*row[1:])) for row in _of_keys(cursor, sql, mails))


def _attempts(cursor: Cursor, mails: Sequence[int]) -> defaultdict[int, list[Any]]:
    sql = f"SELECT mail, at, {rows.OUTCOME} FROM attempt WHERE mail IN ({{}}) ORDER BY id"
    return _grouped((row[0], rows.attempt(row[1:])) for row in _of_keys(cursor, sql, mails))


def _of_keys(cursor: Cursor, sql: str, keys: Sequence[int | str]) -> Iterator[rows.Row]:
    for chunk in _chunks(keys):
        cursor.execute(sql.format(", ".join("?" * len(chunk))), chunk)
        yield from cursor.fetchall()


def _grouped(pairs: Iterable[tuple[int, Any]]) -> defaultdict[int, list[Any]]:
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    for mail, item in pairs:
        groups[mail].append(item)
    return groups


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


_SAID = """
SELECT r.person, r.stem, r.lead, m.at, m.state, m.id
FROM asked JOIN reminder r ON r.person = asked.person AND r.stem = asked.stem AND r.held = 1
JOIN mail m ON m.id = r.mail
"""

_FAILED = """
SELECT r.person, r.stem, MIN(m.created)
FROM asked JOIN reminder r ON r.person = asked.person AND r.stem = asked.stem AND r.held = 0
JOIN mail m ON m.id = r.mail
WHERE r.mail > COALESCE((SELECT MAX(h.mail) FROM reminder h
                         WHERE h.person = r.person AND h.stem = r.stem AND h.held = 1), 0)
GROUP BY r.person, r.stem
"""

IS_DUE = "state = 'unknown' AND (next_try <= ? OR next_try > ?)"
_UNKNOWN = f"""
SELECT id, person, address, account, message_id, data, tries FROM mail WHERE {IS_DUE} ORDER BY id
"""
_REPEAT = "UPDATE mail SET state = 'sending', tries = tries + 1, at = ?, next_try = NULL WHERE id = ? AND"

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
INSERT INTO backoff (scope, {rows.BACKOFF}) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (scope) DO UPDATE
SET {", ".join(f"{name} = excluded.{name}" for name in rows.BACKOFF.split(", "))}
"""

_FAILING = """
SELECT m.person, m.address, m.account, since, a.reason, a.reply
FROM (SELECT MAX(f.id) AS last, MIN(f.created) AS since FROM mail f
      WHERE f.state = 'unknown' OR (f.state = 'failed' AND f.id > COALESCE(
            (SELECT MAX(s.id) FROM mail s WHERE s.person = f.person AND s.state = 'sent'), 0))
      GROUP BY f.person) late
JOIN mail m ON m.id = late.last
JOIN attempt a ON a.id = (SELECT MAX(b.id) FROM attempt b WHERE b.mail = m.id)
ORDER BY m.person
"""
