"""Every state of the delivery protocol, for small numbers of machines and faults, and conditions without which it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ledger.protocol import ENDS, Machine, Protocol, State
from ledger.protocol_rows import NOW, Change, Row, Rows
from renewd.ledger import Settlement, Start
from renewd.ledger.sql import SqlLedger

CONFIGURATIONS = {
    "one machine": (1, False, {"crash": 1, "db": 1, "smtp": 1}),
    "one machine, an old file": (1, False, {"crash": 1, "smtp": 1, "view": 1}),
    "one machine, a late write": (1, False, {"late": 2, "smtp": 1, "clock": 1}),
    "two machines": (2, True, {"crash": 1, "smtp": 1}),
    "two machines, a database that fails": (2, True, {"db": 1, "smtp": 1}),
    "two machines, one stands still": (2, True, {"pause": 1}),
    "two machines, an old file": (2, True, {"smtp": 1, "view": 1}),
}
RECOVERY = "SELECT id, state, at, tries"
ORPHANED = "SELECT id, state, MAX(at, ?), tries"
UNKNOWN = "FROM mail JOIN content"
REPEAT = "tries = tries + 1"
BEGIN = "SET state = 'sending', at = ? WHERE"
SENT = "WITH told"
RELEASE = "SELECT id FROM mail WHERE state = 'claimed'"
GIVE_UP = "SET state = 'unknown-final'"
RESUME = "AND state = 'unknown-final'"
CLAIMS = "LEFT JOIN reminder r"
HELD = "INDEX reminder_held"
WAS_UNKNOWN = "SELECT 1 FROM attempt WHERE mail = ? AND result"
WAS_TOLD = "SELECT 1 FROM attempt WHERE mail = ? AND reason"
IS_DUE = "state = 'unknown' AND (next_try <= ? OR next_try > ?)"
IN_FLIGHT = "state IN ('claimed', 'sending')"
LEASE = "NOT EXISTS (SELECT 1 FROM node WHERE node.id = mail.node AND lease > 0)"

# Without one of these conditions, a promise breaks in that configuration.
CONDITIONS = [
    ("one machine, a late write", Change(RECOVERY, IN_FLIGHT, "true")),
    ("one machine, a late write", Change(RECOVERY, "channel = ?", "? <> ''")),
    ("two machines, a database that fails", Change(ORPHANED, IN_FLIGHT, "true")),
    ("two machines, one stands still", Change(ORPHANED, "channel = ?", "? <> ''")),
    ("two machines", Change(ORPHANED, "node = me()", "false")),
    ("two machines, a database that fails", Change(ORPHANED, LEASE, "false")),
    ("two machines, one stands still", Change(ORPHANED, LEASE, "true")),
    ("two machines, a database that fails", Change(ORPHANED, "node.id = mail.node", "true")),
    ("one machine, a late write", Change(UNKNOWN, "channel = ?", "? <> ''")),
    ("one machine, a late write", Change(UNKNOWN, "next_try <= ?", "? < 0")),
    ("one machine, a late write", Change(UNKNOWN, "next_try > ?", "? < 0")),
    ("one machine, a late write", Change(REPEAT, "next_try <= ?", "? < 0")),
    ("one machine, a late write", Change(REPEAT, "next_try > ?", "? < 0")),
    ("two machines, one stands still", Change(REPEAT, IS_DUE, "? > 0 AND ? > 0")),
    ("one machine, a late write", Change(BEGIN, "state = 'claimed'", "true")),
    ("one machine, a late write", Change(RELEASE, "state = 'claimed'", "true")),
    ("one machine, a late write", Change(RELEASE, "channel = ?", "? <> ''")),
    ("two machines, a database that fails", Change(RELEASE, "node = me()", "true")),
    ("two machines, an old file", Change(GIVE_UP, "AND state = 'unknown'", "")),
    ("one machine, an old file", Change(RESUME, "state = 'unknown', ", "")),
    ("one machine, a late write", Change(CLAIMS, "r.held = 1", "true")),
    ("one machine, a late write", Change(CLAIMS, "r.channel = 'mail'", "true")),
    ("two machines, one stands still", Change(HELD, "CREATE UNIQUE", "CREATE")),
    ("one machine, a late write", Change(HELD, " WHERE held = 1", "")),
    ("one machine, a late write", Change(HELD, ", channel", "")),
    ("one machine", Change(WAS_UNKNOWN, "result = 'unknown'", "false")),
]


def row(state: str, *, node: int = -1, due: str = "later", was_unknown: bool = False) -> Row:
    return Row(state, node, 1, due, was_unknown=was_unknown, held=True)


def settling(end: str) -> Callable[[SqlLedger], object]:
    return lambda ledger: ledger.exchange([Settlement(mail=1, outcome=ENDS[end], at=NOW, tries=1)])


# Each of these stands behind another one in the model. Without it, the ledger does something else with that row.
SECOND_LOCKS = [
    (Change(BEGIN, "node = me()", "true"), "claimed", lambda ledger: ledger.exchange((), [Start(1, NOW)])),
    (Change(UNKNOWN, "state = 'unknown'", "true"), "sent", lambda ledger: ledger.unknown(NOW)),
    (Change(UNKNOWN, "next_try <= ?", "? > 0"), "unknown", lambda ledger: ledger.unknown(NOW)),
    (Change(REPEAT, "state = 'unknown'", "true"), "sent", lambda ledger: ledger.repeat(1, NOW)),
    (Change(REPEAT, "next_try <= ?", "? > 0"), "unknown", lambda ledger: ledger.repeat(1, NOW)),
    (Change(SENT, "'sent', ", ""), "sent", lambda ledger: ledger.exchange([_settlement("sent")])),
    (Change(SENT, ", 'failed'", ""), "failed", lambda ledger: ledger.exchange([_settlement("sent")])),
    (Change(WAS_TOLD, " AND reason = 'replaced'", ""), "unknown", lambda ledger: ledger.give_up(1, "replaced", NOW)),
    (Change(RESUME, " AND state = 'unknown-final'", ""), "sent", lambda ledger: ledger.resume([1], NOW)),
]
KEYS = ("id", "mail", "m.id", "r.person", "r.stem")  # which row is meant


def _settlement(end: str) -> Settlement:
    return Settlement(mail=1, outcome=ENDS[end], at=NOW, tries=1)


def explored(name: str, change: Change | None = None) -> tuple[int, dict[str, list[str]], set[str]]:
    count, shared, faults = CONFIGURATIONS[name]
    machines = tuple(Machine(node) for node in range(count))
    start = State((), machines, frozenset(range(count)), tuple(faults.items()))
    protocol = Protocol(shared=shared, change=change)
    return *protocol.explore(start, until_broken=change is not None), protocol.rows.seen


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_nothing_is_lost_and_nothing_is_sent_twice_without_a_fault(name: str) -> None:
    count, broken, _ = explored(name)
    assert broken == {}
    assert count > 50


@pytest.mark.parametrize(("name", "change"), CONDITIONS)
def test_without_a_condition_of_the_sql_a_promise_breaks(name: str, change: Change) -> None:
    assert explored(name, change)[1]


@pytest.mark.parametrize(("change", "state", "call"), SECOND_LOCKS)
def test_without_a_second_lock_the_ledger_does_something_else(
    change: Change, state: str, call: Callable[[SqlLedger], object]
) -> None:
    due = "now" if state == "sent" else "later"
    before = [Row(state, 1, 1, due, was_unknown=True, held=True)]

    def done(change: Change | None) -> tuple[object, ...]:
        rows = Rows(shared=True, change=change)
        rows.put(before, frozenset([0, 1]), me=0)
        answer = call(rows.ledger)
        after = "SELECT state, node, mail.at, COUNT(*) FROM mail JOIN attempt ON mail = mail.id WHERE mail.id = 1"
        return answer, rows.connection.execute(after).fetchall()

    assert done(None) != done(change)


def test_each_condition_of_the_statements_is_taken_out_above() -> None:
    changes = [change for _, change in CONDITIONS] + [change for change, _, _ in SECOND_LOCKS]
    missing, number = [], 0
    for name in ("one machine, an old file", "two machines, an old file"):
        for sql in explored(name)[2]:
            for condition in re.finditer(
                r"([\w.]+) (=|<>|<=|>|IN|NOT IN) (\?|[\w.]+(\(\))?|'\w+'|\([^()]*\))", _where(sql)
            ):
                if condition[1] not in KEYS or condition[2] == "NOT IN":
                    number += 1
                    words = [change.words for change in changes if change.of in sql]
                    if not any(condition[0] in one or one.strip(" ,AND") in condition[0] for one in words):
                        missing.append((condition[0], sql))
    assert missing == []
    assert number > 20


def _where(sql: str) -> str:
    """Return the conditions of a statement, those of an index for speed left out."""
    if sql.startswith("CREATE INDEX"):
        return ""
    return re.split(" WHERE | ON ", sql, maxsplit=1)[1] if re.search(" WHERE | ON ", sql) else ""
