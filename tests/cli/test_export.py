"""`renewd export`: what it writes can be imported again, and other programs read it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config_files import CATALOGUE
from imported_files import HEAD, imported
from renewd.config import load
from renewd.config.edit import as_toml
from renewd.domain.plans import Plan
from shell import Shell

NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30).map(str.strip)
days = st.dates(date(2026, 12, 1), date(2027, 3, 31))


@st.composite
def tables(draw: st.DrawFn) -> Iterator[dict[str, Any]]:
    n = draw(st.integers(1, 12))
    unit = draw(st.sampled_from(("days", "months", "years")))
    keys: dict[str, st.SearchStrategy[Any]] = {
        "every": st.just(f"{min(n, 10)} {unit}" if n > 1 else f"1 {unit[:-1]}"),
        "price": st.decimals(0, 5000, places=2),
        "currency": st.sampled_from(("USD", "CNY", "EUR")),
        "autopay": st.just(True),
        "pay_with": st.just("visa"),
        "notice": st.sampled_from(("3 months", "30 days", "25 hours")),
        "grace": st.sampled_from(("30 days", "2 months")),
        "for": st.sampled_from((["mom"], ["me", "mom"])),
        "number": st.just("+12065550142"),
        "site": st.just("https://example.com/a,b?c=%20"),
        "note": words.filter(bool),
        "ends": st.dates(date(2027, 4, 1), date(2030, 1, 1)),
    }
    return {
        "name": draw(words.filter(lambda text: bool(text.strip("\u00a0\u3000")))),
        "renews": draw(days),
        **draw(st.one_of(st.just({"kind": "other"}), st.just({"carrier": "tello"}))),
        **draw(st.fixed_dictionaries({}, optional=keys)),
    }


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(tables(), min_size=1, max_size=4, unique_by=lambda table: table["name"]))
@pytest.mark.parametrize("form", ["csv", "json", "ics"])
def test_what_it_writes_is_read_again(shell: Shell, tmp_path: Path, form: str, written: list[dict[str, Any]]) -> None:
    plans = "".join(
        f"[plan.p{n}]\n" + "".join(f"{key} = {as_toml(value)}\n" for key, value in table.items())
        for n, table in enumerate(written)
    )
    shell.write(HEAD + plans)
    said = shell("export", "--format", form)
    assert (said.code, said.err) == (0, "")
    home = load(shell.config, catalogue=CATALOGUE, today=NOW.date(), machine_zone="UTC", hostname="pi").household
    assert facts(imported(said.raw, tmp_path).plans) == facts(home.plans)


def facts(plans: Mapping[str, Plan]) -> list[tuple[object, ...]]:
    return [
        (one.name, one.kind, one.carrier, one.told, one.number, one.site, one.renews, one.every, one.ends,
         one.price, one.currency, one.autopay, one.pay_with, one.notice, one.grace, one.note)
        for one in plans.values()
    ]  # fmt: skip


PLANS = (
    HEAD
    + """[plan.rent]
name = "房租"
kind = "other"
renews = 2027-01-31
every = "1 month"
day = 31
price = 900.5
currency = "EUR"
ends = 2027-12-31
"""
)


def test_other_programs_read_it(shell: Shell) -> None:
    shell.write(PLANS)
    table = shell("export", "--format", "csv").raw
    assert table.startswith(b"\xef\xbb\xbf")
    assert next(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))["name"] == "房租"
    plan = json.loads(shell("export", "--format", "json").raw)["plans"][0]
    assert (plan["price"], Decimal(plan["price"]), plan["renews"]) == ("900.5", Decimal("900.5"), "2027-01-31")
    event = icalendar.Calendar.from_ical(shell("export", "--format", "ics").raw).walk("VEVENT")[0]
    assert event["RRULE"].to_ical() == b"FREQ=MONTHLY;UNTIL=20271230;INTERVAL=1;BYMONTHDAY=-1"
    assert (event["DTSTART"].dt, str(event["DESCRIPTION"])) == (date(2027, 1, 31), "Price: 900.5 EUR")


def test_it_writes_a_file_and_names_one_that_cannot_be_written(shell: Shell) -> None:
    shell.write(PLANS)
    file = shell.folder / "plans.csv"
    assert "1 plan into" in shell("export", "--format", "csv", "--output", str(file)).out
    assert file.read_bytes() == shell("export", "--format", "csv").raw
    assert shell("export", "--format", "csv", "--output", str(shell.folder / "no" / "file")).code == 2
    assert shell("export").code == 2
