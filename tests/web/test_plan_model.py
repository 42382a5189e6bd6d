"""A plan's page: all that is open about it, each with its button."""

from __future__ import annotations

import re

from home_with_page import LEAVING, fact, page_of, post
from sites import running


async def test_a_plans_page_has_a_button_for_all_that_is_open_about_it(tmp_path):
    """What is tied to a number is moved by a tap of its own, and the bill is paid by another; no year's sum of 0."""
    file = LEAVING.replace("due = 2026-12-12", "due = 2026-12-03")
    async with running(tmp_path, file) as site:
        page = await site.get(f"{page_of(site)}plan/main")
        words = " ".join(page.words.split())
        assert "Chase is moved: write it down" in words
        assert "1 more" in words
        assert max(words.index("Chase is moved"), words.index("I paid $12.50")) < words.index("What it is")
        assert "$0.00 a year" not in words
        for what in ("moved", "paid"):
            assert (await post(site, f"{page_of(site)}record", fact=fact(page, what), back="main")).status == 303
        text = site.paths.config.read_text()
        assert re.search(r'service = "Chase"\ncritical = true\nmoved_on = 2026-12-02', text)
        assert re.search(r"amount = 12.50\npaid_on = 2026-12-02", text)


async def test_a_plans_page_asks_whether_its_charge_went_through(tmp_path):
    file = LEAVING.replace("renews = 2026-12-17", "renews = 2026-12-01")
    async with running(tmp_path, file) as site:
        page = await site.get(f"{page_of(site)}plan/visible")
        assert (page.status, "It failed: write it down" in page.words) == (200, True)
