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
past = st.dates(date(2026, 10, 1), date(2026, 11, 30))
BILLS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"what": "设备", "amount": Decimal("9.5"), "due": date(2026, 12, 5)}],
    [{"what": "October", "amount": Decimal(3)}, {"what": "May", "amount": Decimal(2), "paid_on": date(2026, 11, 5)}],
)
leaving = st.fixed_dictionaries(
    {},
    optional={
        "by": st.one_of(days, past),
        "how": st.just("cancel"),
        "checked": st.just(["bindings"]),
        "lock_off_on": past,
        "pin_on": past,
        "requested_on": past,
        "reference": st.just("C-778"),
        "final_bill": st.just({"amount": Decimal("21.3"), "due": date(2027, 3, 20)}),
    },
)


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
        "keep_alive": st.fixed_dictionaries(
            {"every": st.just("90 days"), "last": past}, optional={"action": st.just("发短信")}
        ),
        "failed_on": past,
        "account": st.fixed_dictionaries({}, optional={"id": st.just("982-555"), "holder": st.just("me")}),
        "promo": st.fixed_dictionaries({"ends": days, "price_after": st.decimals(0, 99, places=2)}),
        "pause": st.fixed_dictionaries({"until": days}),
        "snooze": past,
        "late": st.sampled_from(("fixed", "reset")),
        "remind": st.just({"renewal": [30, 7], "charge": []}),
        "bill": st.sampled_from(BILLS),
        "backup": st.just(
            [{"what": "Photos", "path": "/srv/backup/*"}, {"what": "Texts", "done_on": date(2026, 11, 1)}]
        ),
        "cancel": leaving,
    }
    has_date = draw(st.booleans())
    if not has_date:
        keys = {name: kind for name, kind in keys.items() if name not in ("every", "ends")}
    table = {
        "name": draw(words.filter(lambda text: bool(text.strip("\u00a0\u3000")))),
        **({"renews": draw(days)} if has_date else {"keep_alive": draw(keys.pop("keep_alive"))}),
        **draw(st.one_of(st.just({"kind": "other"}), st.just({"carrier": "tello"}))),
        **draw(st.fixed_dictionaries({}, optional=keys)),
    }
    if "carrier" in table and "cancel" in table:
        table["cancel"]["number"] = draw(st.sampled_from(("port", "drop", "move")))
    return table


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
    assert whole(imported(said.raw, tmp_path).plans) == whole(home.plans)


def whole(plans: Mapping[str, Plan]) -> list[Plan]:
    """Return the plans without their ids, which an import makes of the names."""
    return [plan._replace(id="") for plan in plans.values()]


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


LEAVING = """[plan.spare]
name = "Spare"
keep_alive = { every = "3 months", last = 2026-10-01, action = "send one text" }
[plan.prepaid]
name = "Prepaid"
renews = 2026-12-20
every = "1 month"
price = 5
pay_with = "balance"
balance = { amount = 12.5, on = 2026-11-01 }
failed_on = 2026-11-20
[[plan.prepaid.backup]]
what = "Texts"
path = "texts/*"
[plan.prepaid.cancel]
by = 2026-11-15
number = "port"
pin_on = 2026-11-14
"""


def test_a_plan_without_a_date_is_an_event_on_the_day_to_use_it(shell: Shell) -> None:
    shell.write(HEAD + LEAVING)
    event = icalendar.Calendar.from_ical(shell("export", "--format", "ics").raw).walk("VEVENT")[0]
    assert (str(event["SUMMARY"]), event["DTSTART"].dt) == ("Spare", date(2027, 1, 1))
    assert event["RRULE"].to_ical() == b"FREQ=MONTHLY;INTERVAL=3"


def test_what_has_no_column_is_written_as_tables_and_said(shell: Shell, tmp_path: Path) -> None:
    shell.write(HEAD.replace("[card.visa]\n", '[card.visa]\nexpires = "2027-03"\n') + LEAVING)
    file = tmp_path / "plans.csv"
    said = shell("export", "--format", "csv", "--output", str(file))
    assert "2 of them say more than a list has columns for" in " ".join(said.out.split())
    assert "Not in it: when 1 card expires (Visa …4242)." in said.out
    assert "1 card expires" in shell("export", "--format", "json").err
    read = imported(file.read_bytes(), tmp_path)
    assert f'[[plan.prepaid.backup]]\nwhat = "Texts"\npath = "{shell.folder / "texts/*"}"\n' in read.toml
    assert '[plan.prepaid.cancel]\nby = 2026-11-15\nnumber = "port"\npin_on = 2026-11-14\n' in read.toml
    assert (read.plans["prepaid"].pay_with, read.plans["prepaid"].failed_on) == ("balance", date(2026, 11, 20))
    assert [one.code for plan in read.made.plans for one in plan.remarks if one.code != "import.no-cycle"] == []


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("{ failed_on = ", "the column toml could not be read: '{ failed_on ='"),
        ("{ nonsense = 1 }", "nonsense was left out (1): unknown key"),
        ('{ late = "maybe" }', "late was left out (maybe): "),
    ],
)
def test_what_is_wrong_in_its_own_column_is_a_comment(tmp_path: Path, toml: str, said: str) -> None:
    quoted = toml.replace('"', '""')
    data = f'name,renews,every,toml\nSpare,2026-12-20,1 month,"{quoted}"\n'
    read = imported(data.encode(), tmp_path)
    assert said in read.toml
    assert read.plans["spare"].renews == date(2026, 12, 20)


def test_an_edited_column_wins_over_the_toml_beside_it(tmp_path: Path) -> None:
    toml = '{ cancel = { by = 2027-01-10, number = ""port"" } }'
    data = f'name,carrier,renews,every,cancel_by,toml\nSpare,tello,2026-12-20,1 month,2027-01-15,"{toml}"\n'
    cancel = imported(data.encode(), tmp_path).plans["spare"].cancel
    assert cancel is not None
    assert (cancel.by, cancel.number) == (date(2027, 1, 15), "port")


def test_a_holder_stays_where_the_people_told_are_not_known(shell: Shell, tmp_path: Path) -> None:
    aunt = '[person.aunt]\nemail = "aunt@example.com"\n'
    plan = '[plan.a]\nname = "A"\nrenews = 2026-12-20\nfor = ["aunt"]\naccount = { id = "7", holder = "Grandma" }\n'
    shell.write(HEAD + aunt + plan)
    read = imported(shell("export", "--format", "csv").raw, tmp_path)
    assert read.tables["a"]["account"] == {"id": "7", "holder": "Grandma"}
    assert "'aunt' is nobody in this file, so the usual people are told" in read.toml
