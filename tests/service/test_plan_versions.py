"""The forms of plans: what a fingerprint is made of stays the same, or every plan would be new after an upgrade."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

from renewd.config.load import load
from renewd.ledger.sqlite import open_ledger
from renewd.service.plan_versions import PlanVersions

_NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
_FILE = """
timezone = "America/New_York"
[mail]
to = "me@example.com"
[person.mom]
email = "mom@example.com"
[plan.main]
name = "主号"
renews = 2026-12-05
price = 5
"""


def _fingerprint(folder: Path, text: str) -> str:
    path = folder / "plans.toml"
    path.write_text(text, "utf-8")
    loaded = load(path, catalogue={}, today=date(2026, 12, 1), machine_zone="UTC", hostname="home")
    ledger = open_ledger(folder / "ledger.sqlite3", _NOW).ledger
    versions = PlanVersions(ledger)
    asyncio.run(versions.follow(loaded, _NOW, edited=False))
    ledger.close()
    return versions.fingerprints()["main"]


def test_a_plan_has_the_fingerprint_that_earlier_versions_recorded(tmp_path: Path) -> None:
    assert _fingerprint(tmp_path, _FILE) == "52e9491b5f76e37b"


def test_what_all_plans_share_is_part_of_a_fingerprint(tmp_path: Path) -> None:
    assert _fingerprint(tmp_path, _FILE.replace("[person.mom]", "[person.dad]")) != _fingerprint(tmp_path, _FILE)
