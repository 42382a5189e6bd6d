"""SubTrackr: its CSV and its JSON, which say the same in different words."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

from imported_files import imported

HEADER = [
    "ID",
    "Name",
    "Category",
    "Cost",
    "Currency",
    "Schedule",
    "Schedule Interval",
    "Status",
    "Payment Method",
    "Autopay",
    "Account",
    "Start Date",
    "Renewal Date",
    "Cancellation Date",
    "URL",
    "Notes",
    "Usage",
    "Created At",
]
ROWS = [
    ["1", "iCloud", "Cloud", "2.99", "USD", "Monthly", "1", "Active", "Visa …4242", "true", "me@example.com", "2025-01-31",
     "2027-02-28", "", "https://icloud.example", "200 GB", "High", "2026-01-01 10:00:00"],
    ["2", "Domain", "Tech", "12.00", "EUR", "Every 2 Years", "2", "Active", "", "unknown", "", "", "2027-05-03", "", "", "", "", ""],
    ["3", "Trial", "x", "9.99", "USD", "Every 2 Quarters", "2", "Trial", "", "false", "", "", "2026-12-15", "", "", "", "", ""],
    ["4", "Gone", "x", "1.00", "USD", "Weekly", "1", "Cancelled", "", "false", "", "", "", "", "", "", "", ""],
    ["5", "Asleep", "x", "1.00", "USD", "Daily", "1", "Paused", "", "false", "", "", "2026-12-15", "", "", "", "", ""],
    ["6", "Undated", "x", "1.00", "USD", "Annual", "1", "Active", "", "false", "", "", "", "", "", "", "", ""],
]  # fmt: skip


def table() -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *ROWS])
    return text.getvalue().encode()


def objects() -> bytes:
    words = {"2": ("Annual", 2), "3": ("Quarterly", 2)}
    found = []
    for row in ROWS:
        named = dict(zip(HEADER, row, strict=True))
        schedule, interval = words.get(row[0], (named["Schedule"], 1))
        found.append({
            "id": int(row[0]), "name": row[1], "cost": float(row[3]), "original_currency": row[4], "schedule": schedule,
            "schedule_interval": interval, "status": row[7], "category": {"name": row[2]}, "payment_method": row[8],
            "autopay": {"true": True, "false": False}.get(row[9]), "account": row[10],
            **{key: f"{named[name]}T00:00:00Z" if named[name] else None
               for key, name in (("start_date", "Start Date"), ("renewal_date", "Renewal Date"), ("cancellation_date", "Cancellation Date"))},
            "url": row[14], "notes": row[15], "usage": row[16], "reminder_enabled": True,
        })  # fmt: skip
    return json.dumps({"subscriptions": found, "exported_at": "2026-11-30T10:00:00Z", "total_count": 6}).encode()


def test_each_field_is_taken(tmp_path: Path) -> None:
    read = imported(table(), tmp_path)
    assert read.tables["icloud"] == {
        "name": "iCloud", "kind": "other", "site": "https://icloud.example", "account": {"id": "me@example.com"},
        "renews": date(2027, 2, 28), "every": "1 month", "day": 31, "price": 2.99, "currency": "USD", "autopay": True,
        "pay_with": "visa", "note": "200 GB",
    }  # fmt: skip
    assert "it began on 2025-01-31" in read.toml
    assert (read.tables["domain"]["every"], read.tables["domain"]["currency"]) == ("2 years", "EUR")
    assert "whether it is paid automatically is not known ('unknown')" in read.toml


def test_a_trial_is_free_until_its_day(tmp_path: Path) -> None:
    trial = imported(table(), tmp_path).tables["trial"]
    assert (trial["every"], trial["price"]) == ("6 months", 0)
    assert trial["promo"] == {"ends": date(2026, 12, 15), "price_after": 9.99}


def test_what_does_not_go_on_is_left_out_and_counted(tmp_path: Path) -> None:
    left_out = imported(table(), tmp_path).made.left_out
    assert left_out == {"cancelled": ("Gone",), "paused": ("Asleep",), "no-date": ("Undated",)}


def test_its_json_says_the_same_as_its_csv(tmp_path: Path) -> None:
    assert imported(objects(), tmp_path).tables == imported(table(), tmp_path).tables
