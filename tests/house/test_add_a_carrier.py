"""A carrier added by the words of CONTRIBUTING is shown by its id and serves a plan."""

from __future__ import annotations

import re

import pytest

from house.scratch import PROJECT, Scratch

pytestmark = pytest.mark.checkout

PLANS = """\
timezone = "America/New_York"
[mail]
to = "me@example.com"
[plan.line]
carrier = "bluebird"
renews = 2030-12-05
every = "30 days"
"""


def test_a_table_in_the_catalogue_is_a_carrier(scratch: Scratch) -> None:
    section = (PROJECT / "CONTRIBUTING.md").read_text("utf-8").partition("### A carrier\n")[2]
    tables = re.search(r"```toml\n(.*?)```", section, re.DOTALL)
    assert tables
    scratch.append("config/carriers.toml", f"\n{tables[1]}")
    shown = {code: scratch.renewd("carriers", "bluebird", language=code).stdout for code in ("en", "zh-CN")}
    assert "Bluebird" in shown["en"]
    assert "The number is kept for 10 days after the plan ends." in shown["en"]
    assert "https://bluebird.example.com/help" in shown["en"]
    assert "套餐结束后号码保留 10 天。" in shown["zh-CN"]
    assert "Bluebird" in scratch.renewd("carriers").stdout
    scratch.write("plans.toml", PLANS)
    scratch.renewd("check")
