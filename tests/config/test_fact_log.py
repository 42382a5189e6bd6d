"""Facts recorded together, and the log of who recorded what in the last 7 days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from renewd.config.config_files import open_config
from renewd.config.fact_log import read_log
from renewd.config.record_fact import Recorded, record
from renewd.config.undo_copy import undo, undoable
from renewd.domain.errors import UsageError
from renewd.domain.fact_changes import Fact
from renewd.domain.money import Money

NOW = datetime(2026, 12, 2, 15, tzinfo=UTC)
TODAY = date(2026, 12, 2)
MAIN = """language = "en"
include = ["more.toml"]
[mail]
to = "me@example.com"
[plan.a]
renews = 2026-12-05
every = "30 days"
price = 5
"""
MORE = """[plan.b]
renews = 2026-12-09
every = "30 days"
price = 5
pay_with = "balance"
balance = { amount = 9, on = 2026-11-20 }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("plans.toml", MAIN), ("more.toml", MORE)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    return tmp_path


def files(folder: Path) -> tuple[Path, ...]:
    return folder / "plans.toml", folder / "more.toml"


def recorded(folder: Path, *facts: tuple[str, Fact], now: datetime = NOW) -> Recorded:
    opened = open_config(folder / "plans.toml", now, language="en")
    plans = opened.loaded.household.plans
    return record(opened, folder / "state", [(plans[p], fact) for p, fact in facts], now, person="mom", way="page")


def both(folder: Path) -> tuple[str, str]:
    return (folder / "plans.toml").read_text(), (folder / "more.toml").read_text()


def test_several_facts_in_two_files_are_one_write_and_one_undo(folder: Path) -> None:
    recorded(
        folder,
        ("a", Fact(what="renewed", today=TODAY)),
        ("b", Fact(what="balance", today=TODAY, amount=Decimal("12.5"))),
    )
    assert "renews = 2027-01-04" in both(folder)[0]
    assert "amount = 12.5, on = 2026-12-02" in both(folder)[1]
    log = read_log(folder / "state", NOW)
    assert [(one.plan, one.what, one.person, one.way) for one in log] == [
        ("a", "renewed", "mom", "page"), ("b", "balance", "mom", "page"),
    ]  # fmt: skip
    assert {one.write for one in log} == {undoable(folder / "state", files(folder))}
    assert log[0].says[0].args["new"] == date(2027, 1, 4)
    assert log[1].says[0].args["money"] == Money(Decimal("12.5"), "USD")
    undo(folder / "state", files(folder), NOW)
    assert both(folder) == (MAIN, MORE)
    assert read_log(folder / "state", NOW) == ()


def test_all_or_none_is_written(folder: Path) -> None:
    with pytest.raises(UsageError):
        recorded(folder, ("a", Fact(what="renewed", today=TODAY)), ("b", Fact(what="kept-alive", today=TODAY)))
    assert both(folder) == (MAIN, MORE)


def test_an_edit_of_one_of_the_files_ends_the_undo_of_all(folder: Path) -> None:
    recorded(
        folder,
        ("a", Fact(what="renewed", today=TODAY)),
        ("b", Fact(what="balance", today=TODAY, amount=Decimal(12))),
    )
    (folder / "more.toml").write_text(MORE + "# mine\n")
    before = both(folder)
    assert undoable(folder / "state", files(folder)) is None
    with pytest.raises(UsageError):
        undo(folder / "state", files(folder), NOW)
    assert both(folder) == before


def test_records_are_kept_for_7_days_and_only_the_last_can_be_taken_back(folder: Path) -> None:
    recorded(folder, ("a", Fact(what="renewed", today=TODAY)))
    later = NOW + timedelta(days=2)
    recorded(folder, ("a", Fact(what="snoozed", today=TODAY, until=date(2026, 12, 20))), now=later)
    log = read_log(folder / "state", later)
    assert [one.what for one in log] == ["snoozed", "renewed"]
    assert undoable(folder / "state", files(folder)) == log[0].write != log[1].write
    undo(folder / "state", files(folder), later)
    assert [one.what for one in read_log(folder / "state", later)] == ["renewed"]
    assert undoable(folder / "state", files(folder)) is None
    assert read_log(folder / "state", NOW + timedelta(days=8)) == ()


@pytest.mark.parametrize("text", ["", "{}", "{", '[{"at": "soon"}]', "[1]", "[" * 9999])
def test_a_damaged_log_is_as_none(folder: Path, text: str) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "recorded.json").write_text(text)
    assert read_log(folder / "state", NOW) == ()
    recorded(folder, ("a", Fact(what="renewed", today=TODAY)))
    assert [one.what for one in read_log(folder / "state", NOW)] == ["renewed"]
