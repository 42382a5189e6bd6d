"""Whatever fact is recorded of whatever kind of plan, the file stays one that `check` takes."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from renewd.config.config_files import open_config
from renewd.config.record_fact import record
from renewd.config.undo_copy import undo
from renewd.domain.errors import UsageError
from renewd.domain.fact_changes import FACTS, Fact

NOW = datetime(2026, 12, 2, 15, tzinfo=UTC)
HEAD = 'timezone = "America/New_York"\nmail.to = "me@example.com"\n[card.visa]\n[plan.x]\n'
ITEMS = """data = { limit = "10 GB", used = "7.5 GB", on = 2026-11-18 }
bill = [{ what = "fee" }, { what = "已付", paid_on = 2026-10-01 }]
backup = [{ what = "fee" }]
binding = [{ service = "fee" }]
document = [{ what = "fee" }]
device = { imei = "350000000000000" }
"""
LEAVING = '[plan.x.cancel]\nnumber = "port"\n'
KINDS = {
    "prepaid": f'renews = 2026-12-05\nevery = "30 days"\nprice = 5\n{ITEMS}',
    "overdue": 'carrier = "ultra-paygo"\nrenews = 2026-06-05\nevery = "30 days"\n',
    "end of a month": 'renews = 2027-02-28\nevery = "1 month"\nday = 31\n',
    "without a cycle": "renews = 2027-02-28\n",
    "autopay": f'renews = 2026-11-29\nevery = "1 month"\nautopay = true\npay_with = "visa"\n{ITEMS}{LEAVING}',
    "failed": 'renews = 2026-10-29\nevery = "1 month"\nautopay = true\nfailed_on = 2026-11-29\n',
    "balance": 'renews = 2026-11-18\nevery = "1 month"\nprice = 3\npay_with = "balance"\nbalance = { amount = 12.5, on = 2026-11-18 }\n',
    "kept alive": 'keep_alive = { every = "60 days", last = 2026-11-01 }\n',
    "postpaid": f'carrier = "tmobile"\nrenews = 2026-12-20\nevery = "1 month"\n{LEAVING}final_bill = {{ amount = 21.3 }}\n',
    "run out": f'renews = 2026-12-05\nevery = "30 days"\n{LEAVING}how = "lapse"\nrefund = {{ amount = 5 }}\n',
    "no line": f'kind = "other"\nrenews = 2026-12-05\nevery = "1 year"\ncurrency = "JPY"\n{LEAVING.replace("port", "drop")}',
    "ending": 'renews = 2026-12-05\nevery = "1 month"\nends = 2026-12-01\n',
    "paused": 'renews = 2026-12-05\nevery = "1 month"\npause = { until = 2027-05-01 }\nsnooze = 2026-12-03\n',
    "the last year": 'renews = 2198-12-05\nevery = "1 year"\n',
}
WORDS: list[dict[str, Any]] = [
    {},
    *({key: day} for key in ("on", "until", "by") for day in (date(2026, 11, 30), date(2199, 12, 31))),
    *({"amount": amount, "on": date(2026, 2, 28)} for amount in (Decimal(0), Decimal("0.0001"), Decimal(10**9))),
    {"amount": Decimal("12.5"), "until": date(2027, 1, 31)},
    *({"reference": text} for text in ('A"1', "\u202e'''", "\\")),
    *({"item": item} for item in ("fee", "final", "2 GB", "bindings")),
    *({"how": how, "number": number} for how, number in (("cancel", "move"), ("lapse", "port"), (None, "drop"))),
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_fact_of_each_kind_of_plan_is_recorded_rightly_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a thousand writes
    file, state, text = tmp_path / "plans.toml", tmp_path / "state", (HEAD + KINDS[kind]).encode()
    file.write_bytes(text)
    file.chmod(0o600)
    opened = open_config(file, NOW, language="en")
    plan = opened.loaded.household.plans["x"]
    recorded = set()
    for what, words in product(FACTS, WORDS):
        try:
            record(opened, state, [(plan, Fact(what, NOW.date(), **words))], NOW)
        except UsageError:
            assert file.read_bytes() == text
            continue
        recorded.add(what)
        problems = open_config(file, NOW, language="en").problems
        assert [problem.code for problem in problems if problem.severity == "error"] == [], (what, words)
        undo(state, (file,), NOW)
        assert file.read_bytes() == text, (what, words)
    assert {"renewed", "snoozed", "leaving"} <= recorded
