"""Every state of the delivery protocol, for small numbers of machines and faults, and conditions without which it breaks."""

from __future__ import annotations

import pytest

from ledger.protocol import Machine, Protocol, State, World
from renewd.ledger import mails, sql, tables

CONFIGURATIONS = {
    "one machine": (1, False, {"crash": 1, "db": 1, "smtp": 1}),
    "one machine, an old file": (1, False, {"crash": 1, "smtp": 1, "view": 1}),
    "two machines": (2, True, {"crash": 1, "smtp": 1}),
    "two machines, a database that fails": (2, True, {"db": 1, "smtp": 1}),
    "two machines, one stands still": (2, True, {"pause": 1}),
    "two machines, an old file": (2, True, {"smtp": 1, "view": 1}),
}


def explored(name: str) -> tuple[int, dict[str, list[str]]]:
    count, shared, faults = CONFIGURATIONS[name]
    machines = tuple(Machine(node) for node in range(count))
    start = State((), machines, frozenset(range(count)), tuple(faults.items()))
    return Protocol(World(shared=shared)).explore(start)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_nothing_is_lost_and_nothing_is_sent_twice_without_a_fault(name: str) -> None:
    count, broken = explored(name)
    assert broken == {}
    assert count > 50


@pytest.mark.parametrize(
    ("name", "module", "statement", "condition", "instead"),
    [
        ("two machines, an old file", mails, "_GIVE_UP", " AND state = 'unknown'", ""),
        ("two machines", sql, "_REPEAT", "state = 'unknown' AND (next_try <= ? OR next_try > ?)", "(1 OR ? OR ?)"),
        ("two machines", tables, "_MAIL", "CREATE UNIQUE INDEX reminder_held", "CREATE INDEX reminder_held"),
        ("one machine, an old file", sql, "_RESUME", "state = 'unknown', ", ""),
    ],
)
def test_without_a_condition_of_the_sql_a_promise_breaks(
    name, module, statement, condition, instead, monkeypatch
) -> None:
    plain = getattr(module, statement)
    assert condition in plain
    monkeypatch.setattr(module, statement, plain.replace(condition, instead))
    _, broken = explored(name)
    assert broken
