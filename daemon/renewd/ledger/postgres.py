"""The ledger in PostgreSQL, for several machines that share one file of plans.

Each connection is a node with a lease, which a thread renews by the server's clock. A mail in flight belongs to the
node that claimed it. Once that node's lease has expired, any live node takes the mail over. A connection that broke
comes back as another node: whether its last write was committed is unknown, so its claims are taken over as well.
"""

# ruff: noqa: S608  # the SQL contains constants of this package and question marks only

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import chain

from renewd.domain.errors import ConfigError
from renewd.ledger import Backoff, Ledger, OpenedLedger, Settlement, Start
from renewd.ledger.cursors import marks
from renewd.ledger.mails import BEGIN, abandon
from renewd.ledger.postgres_database import NewerError, PostgresDatabase
from renewd.ledger.sql import SqlLedger
from renewd.ledger.sql_rows import SETTLEMENT, number, settlement_row

_SKEW = timedelta(minutes=5)  # a machine whose clock is behind may have begun a mail later than it wrote
_FEW = 8  # mails that one statement settles or begins; the server prepares one for each number of mails


def open_ledger(url: str) -> OpenedLedger:
    """Open the ledger to write; create or upgrade its tables if needed.

    Raises LedgerError if the database cannot be reached, ConfigError if a newer renewd wrote the tables or the
    address cannot be parsed.
    """
    database = PostgresDatabase(url)
    try:
        with database.writing():
            new = database.was_empty
    except NewerError as error:
        raise ConfigError("delivery.ledger-newer", path=database.where) from error
    except BaseException:
        database.close()
        raise
    database.live()
    return OpenedLedger(PostgresLedger(database), new)


def reader(url: str) -> Ledger | None:
    """Open the ledger to read. Return None if there are no tables yet. Raises as `open_ledger` does."""
    database = PostgresDatabase(url, read_only=True)
    try:
        with database.reading():
            empty = database.was_empty
    except NewerError as error:
        raise ConfigError("delivery.ledger-newer", path=database.where) from error
    if empty:
        database.close()
        return None
    return PostgresLedger(database)


class PostgresLedger(SqlLedger):
    """A ledger that several machines write at the same time."""

    mine = "node = current_setting('renewd.node')"
    taking = ", node = DEFAULT"
    locking = "ORDER BY id FOR UPDATE SKIP LOCKED"  # the same order on every machine, and nobody waits

    def machines(self) -> tuple[int, int]:
        with self.database.reading() as cursor:
            cursor.execute(_LIVING)
            living = [mine for (mine,) in cursor.fetchall()]
        return (living.index(True), len(living)) if True in living else (0, 1)

    def exchange(
        self,
        settlements: Sequence[Settlement] = (),
        starts: Sequence[Start] = (),
        backoffs: Mapping[str, Backoff | None] | None = None,
    ) -> Collection[int]:
        well = all(one.outcome.result == "sent" for one in settlements)
        well = well and len({one.mail for one in settlements}) == len(settlements)
        if backoffs or not well or not 0 < len(settlements) + len(starts) <= _FEW:
            return super().exchange(settlements, starts, backoffs)
        ended = [settlement_row(one) for one in settlements]
        begun = [max(number(start.at) for start in starts), *(start.mail for start in starts)] if starts else []
        values = [*chain.from_iterable(ended), *(row[0] for row in ended), *begun]
        with self.database.statements() as cursor:
            cursor.execute(_exchange(len(ended), len(starts)), values)
            return {row[0] for row in cursor.fetchall()} if starts else ()

    def recover(self, now: datetime) -> int:
        return self.take_over(now)

    def take_over(self, now: datetime) -> int:
        with self.database.writing() as cursor:
            cursor.execute(_ORPHANED, (number(now - _SKEW), self.channel))
            flying = abandon(cursor, cursor.fetchall(), now)
            cursor.execute("DELETE FROM node WHERE lease < clock_timestamp() - interval '1 day'")
        return flying


_ORPHANED = f"""
SELECT id, state, GREATEST(at, ?), tries FROM mail WHERE state IN ('claimed', 'sending') AND channel = ? AND (
    {PostgresLedger.mine}
    OR NOT EXISTS (SELECT FROM node WHERE node.id = mail.node AND lease > clock_timestamp())
)
{PostgresLedger.locking}
"""


@cache
def _exchange(ended: int, begun: int) -> str:
    """Return one statement that settles and begins so many mails: a third of the work of six statements."""
    begin = f"{BEGIN.format(marks(begun))} AND {PostgresLedger.mine} RETURNING id"
    if not ended:
        return begin
    first = "?::bigint, ?::bigint, ?::text, ?::text, ?::text, ?::int, ?::text, ?::smallint"
    rows = ", ".join([f"({first})", *[f"({marks(len(SETTLEMENT.split(', ')))})"] * (ended - 1)])
    note = f"INSERT INTO attempt ({SETTLEMENT}) SELECT * FROM ended WHERE ended.mail IN (SELECT id FROM mail)"
    end = f"""WITH ended ({SETTLEMENT}) AS (VALUES {rows}), sent AS (
        UPDATE mail SET state = 'sent', at = (SELECT ended.at FROM ended WHERE ended.mail = id), next_try = NULL
        WHERE id IN ({marks(ended)}) AND state NOT IN ('sent', 'failed')
    )"""
    return f"{end}, noted AS ({note}) {begin}" if begun else f"{end} {note}"


_LIVING = """
SELECT id = current_setting('renewd.node') FROM node WHERE lease > clock_timestamp() ORDER BY id
"""
