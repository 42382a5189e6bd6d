"""Renewlet: the ZIP of its backup, and the data.json in it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from imported_files import imported
from renewd.domain.errors import UsageError

FASTMAIL = {
    "id": "sub-1", "name": "Fastmail", "price": "59.90", "currency": "USD", "billingCycle": "annual", "category": "tools",
    "status": "active", "pinned": False, "publicHidden": False, "paymentMethod": "custom_1", "startDate": "2024-02-29",
    "nextBillingDate": "2027-02-28", "autoRenew": True, "autoCalculateNextBillingDate": True, "reminderDays": -1,
    "website": "https://fastmail.example", "notes": "two\nlines", "tags": ["mail"], "repeatReminderEnabled": False,
    "repeatReminderInterval": "1h", "repeatReminderWindow": "72h", "extra": {},
}  # fmt: skip


def data(*rows: dict[str, object]) -> bytes:
    methods = [{"id": "1", "value": "custom_1", "labels": {"zh-CN": "招行卡", "en-US": "CMB card"}}]
    return json.dumps({
        "kind": "renewlet-export", "schemaVersion": 1, "exportedAt": "2026-11-30T10:00:00.000Z",
        "data": {"subscriptions": [FASTMAIL | row for row in rows], "customConfig": {"paymentMethods": methods}},
    }).encode()  # fmt: skip


def packed(content: bytes, name: str = "data.json") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("pack", [bytes, packed], ids=["json", "zip"])
def test_each_field_is_taken(pack: type[bytes], tmp_path: Path) -> None:
    read = imported(pack(data({})), tmp_path)
    assert read.tables["fastmail"] == {
        "name": "Fastmail", "kind": "other", "site": "https://fastmail.example", "renews": date(2027, 2, 28),
        "every": "1 year", "day": 29, "price": 59.9, "currency": "USD", "autopay": True, "pay_with": "card",
        "note": "two lines",
    }  # fmt: skip
    assert read.made.cards["card"].name == "招行卡"


@pytest.mark.parametrize(
    ("cycle", "every"),
    [
        ({"billingCycle": "weekly"}, "7 days"),
        ({"billingCycle": "monthly"}, "1 month"),
        ({"billingCycle": "quarterly"}, "3 months"),
        ({"billingCycle": "semi-annual"}, "6 months"),
        ({"billingCycle": "custom", "customDays": 45, "customCycleUnit": "day"}, "45 days"),
        ({"billingCycle": "custom", "customDays": 2, "customCycleUnit": "week"}, "14 days"),
        ({"billingCycle": "custom", "customDays": 5, "customCycleUnit": "year"}, "5 years"),
        ({"billingCycle": "one-time", "oneTimeTermCount": 1, "oneTimeTermUnit": "year"}, None),
    ],
)
def test_every_cycle_it_can_write(cycle: dict[str, object], every: str | None, tmp_path: Path) -> None:
    assert imported(data(cycle), tmp_path).tables["fastmail"].get("every") == every


def test_a_trial_and_what_does_not_go_on(tmp_path: Path) -> None:
    rows = data(
        {"status": "trial", "trialEndDate": "2026-12-20", "nextBillingDate": "2026-12-20", "billingCycle": "monthly"},
        {"id": "2", "name": "b", "status": "cancelled"},
        {"id": "3", "name": "c", "status": "expired"},
        {"id": "4", "name": "d", "status": "paused"},
    )
    read = imported(rows, tmp_path)
    assert read.tables["fastmail"]["promo"] == {"ends": date(2026, 12, 20), "price_after": 59.9}
    assert read.made.left_out == {"cancelled": ("b",), "over": ("c",), "paused": ("d",)}


@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        (packed(data({}))[:-40], "import.not-a-backup"),
        (packed(data({}), "other.json"), "import.not-a-backup"),
        (data({})[:-30], "import.truncated"),
        (data({}).replace(b'"subscriptions"', b'"others"'), "import.no-list"),
    ],
)
def test_a_damaged_file_is_named(damaged: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as wrong:
        imported(damaged, tmp_path, "renewlet")
    assert wrong.value.code == code
