"""Wallos: the rows that its profile page exports, each field of them, odd ones too."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from imported_files import imported

NETFLIX = {
    "Name": "Netflix &amp; Co", "Payment Cycle": "Monthly", "Next Payment": "2026-12-31", "Renewal": "Automatic",
    "Category": "Entertainment", "Payment Method": "PayPal", "Paid By": "妈妈", "Price": "$15.99", "Notes": "it&#039;s shared",
    "URL": "https://netflix.example", "State": "Enabled", "Notifications": "Enabled", "Cancellation Date": "", "Active": "Yes",
}  # fmt: skip


def export(*rows: dict[str, object]) -> bytes:
    return json.dumps([NETFLIX | row for row in rows], ensure_ascii=False).encode()


def test_each_field_is_taken(tmp_path: Path) -> None:
    read = imported(export({}), tmp_path)
    assert read.tables["netflix-co"] == {
        "name": "Netflix & Co", "kind": "other", "site": "https://netflix.example", "for": ["mom"],
        "renews": date(2026, 12, 31), "every": "1 month", "price": 15.99, "currency": "USD", "autopay": True,
        "pay_with": "paypal", "note": "it's shared",
    }  # fmt: skip
    assert read.plans["netflix-co"].price == Decimal("15.99")
    assert "it could also be AUD, CAD" in read.toml
    assert '[card.paypal]\nname = "PayPal"' in read.toml


@pytest.mark.parametrize(
    ("cycle", "every"),
    [
        ("Daily", "1 day"), ("Weekly", "7 days"), ("Every 2 Weeks", "14 days"), ("Every 31 Days", "31 days"),
        ("Every 3 Months", "3 months"), ("Yearly", "1 year"), ("Every 2 Years", "2 years"), ("One-time", None),
        ("Every 2 ", None),
    ],
)  # fmt: skip
def test_every_cycle_it_can_write(cycle: str, every: str | None, tmp_path: Path) -> None:
    table = imported(export({"Payment Cycle": cycle}), tmp_path).tables["netflix-co"]
    assert table.get("every") == every


def test_a_sign_of_several_currencies_is_the_household_s_if_it_may_be(tmp_path: Path) -> None:
    rows = export({"Name": "a", "Price": "¥198"}, {"Name": "b", "Price": "€5"}, {"Name": "c", "Price": "kr99"})
    tables = imported(rows, tmp_path).tables
    assert [tables[one]["currency"] for one in "abc"] == ["CNY", "EUR", "SEK"]


def test_what_is_switched_off_or_bought_once_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = export(
        {"Name": "Gym", "State": "Disabled", "Active": "No"},
        {"Name": "Laptop", "Payment Cycle": "One-time", "Next Payment": "2026-01-11"},
        {},
    )
    made = imported(rows, tmp_path).made
    assert [one.id for one in made.plans] == ["netflix-co"]
    assert made.left_out == {"cancelled": ("Gym",), "bought": ("Laptop",)}


def test_a_day_to_cancel_by_is_a_wish_to_leave(tmp_path: Path) -> None:
    read = imported(
        export({"Cancellation Date": "2027-01-10"}, {"Name": "b", "Cancellation Date": "2026-01-10"}), tmp_path
    )
    assert read.tables["netflix-co"]["cancel"] == {"by": date(2027, 1, 10)}
    assert "cancel" not in read.tables["b"]
    assert "# the day to cancel by, 2026-01-10, is over\n[plan.b]" in read.toml


def test_a_carrier_is_recognized_and_a_stranger_is_named(tmp_path: Path) -> None:
    read = imported(export({"Name": "Tello", "Paid By": "Dad", "Renewal": "Manual"}), tmp_path)
    table = read.tables["tello"]
    assert (table["carrier"], table["account"], "kind" in table, "autopay" in table) == (
        "tello",
        {"holder": "Dad"},
        False,
        False,
    )
    assert 'carrier = "tello"  # recognized by the name' in read.toml
    assert "'Dad' is nobody in this file" in read.toml


def test_its_csv_is_the_same(tmp_path: Path) -> None:
    plain = {key: value.replace(",", " ") for key, value in NETFLIX.items()}
    lines = [",".join(plain), ",".join(plain.values())]
    assert imported("\n".join(lines).encode(), tmp_path).tables == imported(export({}), tmp_path).tables


def test_names_without_latin_letters_and_twice_the_same(tmp_path: Path) -> None:
    plain = {"Name": "爱奇艺", "URL": ""}
    read = imported(export(plain, plain, {"Name": "爱奇艺", "URL": "https://www.iqiyi.example/vip"}), tmp_path)
    assert list(read.tables) == ["other", "other-2", "iqiyi"]


def test_odd_values_cost_their_key_and_no_more(tmp_path: Path) -> None:
    read = imported(
        export(
            {
                "Price": "by use",
                "URL": "javascript:alert(1)",
                "Notes": "x" * 900,
                "Payment Cycle": "now and then",
                "Name": "N" * 300,
            }
        ),
        tmp_path,
    )
    (table,) = read.tables.values()
    assert not {"price", "site", "every"} & table.keys()
    assert (len(table["name"]), len(table["note"])) == (100, 500)
    for words in (
        "a price could not be read: 'by use'",
        "this is no address of the web",
        "cut after 500",
        "('now and then')",
    ):
        assert words in read.toml


def test_a_text_cannot_leave_its_place(tmp_path: Path) -> None:
    evil = 'a"\n[mail]\nto = "evil@example.com"\n# \x1b[31m'
    read = imported(
        export({"Name": evil, "Notes": evil, "Payment Cycle": evil, "Paid By": evil, "Price": evil}), tmp_path
    )
    assert len(read.tables) == 1
    assert "\x1b" not in read.toml
    assert "\n[mail]" not in read.toml
