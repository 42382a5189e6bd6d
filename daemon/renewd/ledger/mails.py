"""The writes that take a mail through the ledger: claimed, begun, settled, or abandoned when interrupted."""

# ruff: noqa: S608  # the SQL contains constants of this package and question marks only

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from renewd.domain.outcome import Outcome
from renewd.ledger import Draft, GivenUp, MailState, Settlement, sql_rows
from renewd.ledger.backoff import REPEAT, gap
from renewd.ledger.cursors import Cursor, insert, of_keys
from renewd.ledger.sql_rows import instant, number

BEGIN = "UPDATE mail SET state = 'sending', at = ? WHERE id IN ({}) AND state = 'claimed'"

_GIVE_UP = "UPDATE mail SET state = 'unknown-final', at = ?, next_try = NULL WHERE id = ? AND state = 'unknown'"

_NOTE = f"INSERT INTO attempt ({sql_rows.SETTLEMENT}) VALUES {{}}"

_SENT = """
WITH told (mail, since) AS (VALUES {})
UPDATE mail SET state = 'sent', at = since, next_try = NULL FROM told
WHERE id = told.mail AND state NOT IN ('sent', 'failed')
"""


def claim(cursor: Cursor, drafts: Mapping[int, Draft], channel: str) -> Collection[int]:
    """Write mails under their numbers, and return those whose keys were all free. The others leave no trace.

    If two ask for the same key, perhaps neither gets it: what is not claimed is composed again at the next pass.
    """
    mails, reminders = [], []
    for mail, draft in drafts.items():
        at = number(draft.composed_at)
        words = (draft.person, draft.address, draft.account, draft.message_id, draft.subject)
        mails.append((mail, *words, "claimed", at, at, 1, channel))
        keys = sorted(draft.reminders, key=lambda one: one[:2])
        reminders += [(mail, draft.person, *reminder, 1, channel) for reminder in keys]
    columns = "id, person, address, account, message_id, subject, state, created, at, tries, channel"
    insert(cursor, f"INSERT INTO mail ({columns}) VALUES {{}}", mails)
    columns = "mail, person, stem, lead, plan, kind, held, channel"
    sql = f"INSERT INTO reminder ({columns}) VALUES {{}} ON CONFLICT DO NOTHING RETURNING mail"
    free = Counter([row[0] for row in insert(cursor, sql, reminders, answered=True)])
    claimed = {mail: draft.data for mail, draft in drafts.items() if free[mail] == len(draft.reminders)}
    forget(cursor, [(mail,) for mail in drafts if mail not in claimed])
    insert(cursor, "INSERT INTO content (mail, data) VALUES {}", list(claimed.items()))
    return claimed.keys()


def forget(cursor: Cursor, mails: Sequence[sql_rows.SqlRow]) -> None:
    """Delete mails and everything that belongs to them."""
    if not mails:  # four statements that do nothing take time too
        return
    for where in ("content WHERE mail", "reminder WHERE mail", "attempt WHERE mail", "mail WHERE id"):
        cursor.executemany(f"DELETE FROM {where} = ?", mails)


def abandon(cursor: Cursor, found: Iterable[sql_rows.SqlRow], now: datetime) -> int:
    """End mails that nobody is sending, rows of `id, state, at, tries`. Return how many may have arrived.

    They are due again a gap after `at`, which is by the clock of this machine.
    """
    claimed, flying = [], 0
    for mail, state, at, tries in found:
        if state == "claimed":
            claimed.append((mail,))
        else:
            flying += 1
            note(cursor, mail, now, Outcome(result="unknown", reason="interrupted"))
            move(cursor, mail, "unknown", instant(at), instant(at) + gap(REPEAT, tries))
    forget(cursor, claimed)
    return flying


def settle(cursor: Cursor, settlements: Sequence[Settlement]) -> None:
    """Record how attempts ended: those of sent mails with one statement a table."""
    sent = [one for one in settlements if one.outcome.result == "sent"]
    insert(cursor, _SENT, [(one.mail, number(one.at)) for one in sent])
    # A database that was restored may have lost a mail.
    known = {row[0] for row in of_keys(cursor, "SELECT id FROM mail WHERE id IN ({})", [one.mail for one in sent])}
    insert(cursor, _NOTE, [sql_rows.settlement_row(one) for one in sent if one.mail in known])
    for settlement in settlements:
        if settlement.outcome.result != "sent":
            _settle(cursor, settlement)


def _settle(cursor: Cursor, settlement: Settlement) -> None:
    mail, at, outcome = settlement.mail, settlement.at, settlement.outcome
    # an update that changes nothing locks the row: nobody else can settle it now
    cursor.execute("UPDATE mail SET tries = tries WHERE id = ? RETURNING state, tries", (mail,))
    found = cursor.fetchone()
    if found is None:  # a database that was restored has lost it
        return
    state, tries = found
    unsure = outcome.result == "unknown" or _was_tried(cursor, mail, "result = 'unknown'")
    note(cursor, mail, at, outcome)
    if state not in ("claimed", "sending") or settlement.tries not in (
        None,
        tries,
    ):  # reported late: it was ended or tried meanwhile
        return
    if unsure:
        move(cursor, mail, "unknown", at, at + gap(REPEAT, tries))
    else:
        move(cursor, mail, "failed", at)
        cursor.execute("UPDATE reminder SET held = 0 WHERE mail = ?", (mail,))


def _was_tried(cursor: Cursor, mail: int, how: str) -> bool:
    cursor.execute(f"SELECT 1 FROM attempt WHERE mail = ? AND {how} LIMIT 1", (mail,))
    return cursor.fetchone() is not None


def give_up(cursor: Cursor, mail: int, reason: GivenUp, at: datetime) -> None:
    """Stop sending a mail of unknown outcome, unless another machine has taken or settled it meanwhile."""
    cursor.execute(_GIVE_UP, (number(at), mail))
    if not cursor.rowcount:
        return
    if not _was_tried(cursor, mail, f"reason = '{reason}'"):  # machines with different files would note it in turns
        note(cursor, mail, at, Outcome(result="unknown", reason=reason))
    if reason == "address-changed":
        cursor.execute("UPDATE reminder SET held = 0 WHERE mail = ?", (mail,))


def move(cursor: Cursor, mail: int, state: MailState, at: datetime, next_try: datetime | None = None) -> None:
    later = None if next_try is None else number(next_try)
    cursor.execute("UPDATE mail SET state = ?, at = ?, next_try = ? WHERE id = ?", (state, number(at), later, mail))


def note(cursor: Cursor, mail: int, at: datetime, outcome: Outcome) -> None:
    insert(cursor, _NOTE, [sql_rows.settlement_row(Settlement(mail=mail, at=at, outcome=outcome))])
