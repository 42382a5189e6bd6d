"""docs/rules.md and its twin: the table of kinds has each kind, with the leads that it has by default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from renewd.reminders import KINDS

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = pytest.mark.checkout


@pytest.mark.parametrize("page", ["rules.md", "zh-CN/rules.md"])
def test_every_kind_is_in_the_table_with_its_leads(page: str) -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| .+ \| ([−\d ]*\d).* \| .+ \|$", (DOCS / page).read_text("utf-8"), re.MULTILINE
    )
    leads = {kind: tuple(int(day.replace("−", "-")) for day in days.split()) for kind, days in rows}
    assert leads == {kind.name: kind.leads for kind in KINDS.values()}
