"""RenewHelper: entries with the fields that its backup of version 3.8 has, and its calendar."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from imported_files import Imported, imported

ITEM = {
    "id": "1764547200000", "name": "群晖 Plus", "type": "cycle", "createDate": "2024-01-31", "lastRenewDate": "2026-11-30",
    "intervalDays": 1, "cycleUnit": "month", "enabled": True, "tags": ["云"], "useLunar": False, "notifyDays": 3,
    "notifyTime": "08:00", "autoRenew": True, "autoRenewDays": 3, "fixedPrice": 19.9, "currency": "CNY",
    "message": "家里的", "renewUrl": "https://shop.example.com/", "nextDueDate": "2026-12-31", "renewHistory": [],
}  # fmt: skip
SETTINGS = {"timezone": "Asia/Shanghai", "channels": [{"name": "x" * 5000, "config": {"token": "Kanarienvogel"}}]}


def backup(folder: Path, *items: dict[str, Any]) -> Imported:
    found = [ITEM | item | {"id": str(n)} for n, item in enumerate(items)]
    meta = {"version": "3.8.4", "exportedAt": "2026-12-01T00:00:00.000Z"}
    text = json.dumps({"meta": meta, "settings": SETTINGS, "items": found, "version": 7}, indent=2)
    return imported(text.encode(), folder)


def test_every_field_that_a_plan_has(tmp_path: Path) -> None:
    read = backup(tmp_path, {})
    assert read.tables == {
        "plus": {"name": "群晖 Plus", "kind": "other", "site": "https://shop.example.com/", "renews": date(2026, 12, 31),
                 "every": "1 month", "price": 19.9, "currency": "CNY", "note": "家里的"},
    }  # fmt: skip
    assert "Kanarienvogel" not in read.toml


@pytest.mark.parametrize(
    ("item", "renews", "every"),
    [
        ({"intervalDays": 30, "cycleUnit": "day"}, "2026-12-31", "30 days"),
        ({"intervalDays": 2, "cycleUnit": "year"}, "2026-12-31", "2 years"),
        ({"type": "repeat", "repeat": {"freq": "weekly", "interval": 2}}, "2026-12-31", "14 days"),
        ({"renewHistory": [{"endDate": "2027-02-28"}, {"endDate": "2026-12-31"}]}, "2027-02-28", "1 month"),
        ({"nextDueDate": None, "type": "reset"}, "2026-12-30", "1 month"),
        ({"type": "repeat", "repeat": {"freq": "monthly", "interval": 1, "bymonthday": [15, 30]}}, "2026-12-31", None),
        ({"useLunar": True, "cycleUnit": "year"}, "2026-12-31", None),
    ],
)
def test_its_cycles_and_next_dates(tmp_path: Path, item: dict[str, Any], renews: str, every: str | None) -> None:
    read = backup(tmp_path, item)
    (table,) = read.tables.values()
    assert (str(table["renews"]), table.get("every")) == (renews, every)
    assert ("how often it renews could not be read" in read.toml) == (every is None)


def test_what_is_switched_off_is_left_out_and_a_price_of_0_is_none(tmp_path: Path) -> None:
    read = backup(tmp_path, {"fixedPrice": 0}, {"enabled": False, "name": "Old"})
    assert read.made.left_out == {"cancelled": ("Old",)}
    assert "price" not in next(iter(read.tables.values()))


def test_its_calendar_says_the_cycle_in_words(tmp_path: Path) -> None:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@renewhelper\r\nDTSTART;VALUE=DATE:20261231\r\nSUMMARY:A{n}\r\n"
        f"DESCRIPTION:{words}\\n上次续费: 2026-11-30\r\nEND:VEVENT\r\n"
        for n, words in enumerate(("提醒周期: 1月", "Cycle: 30 Days", "Rule: Every 1 month(s) on day 15"))
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//RenewHelper//Calendar//EN\r\n{events}END:VCALENDAR\r\n"
    assert [one.get("every") for one in imported(text.encode(), tmp_path).tables.values()] == [
        "1 month",
        "30 days",
        None,
    ]
