"""A changed file takes effect once it is left alone, and mails go out even if it never is."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest

from renewd.service import live_config
from sites import FILE, running


async def test_a_folder_that_never_rests_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that a sync program or a download uses too: its time changes with each name."""
    monkeypatch.setattr(live_config, "_SETTLED", 0.02)
    (tmp_path / "plans.d").mkdir()
    async with running(tmp_path) as site:
        text = site.paths.config.read_text()
        site.paths.config.write_text('include = ["plans.d/*.toml"]\n' + text)
        await site.daemon.run_pass()

        async def churn() -> None:
            for n in range(100_000):
                (tmp_path / "plans.d" / f"{n}.part").touch()
                (tmp_path / "plans.d" / f"{n}.part").unlink()
                await asyncio.sleep(0.005)

        churning = asyncio.create_task(churn())
        try:
            assert await asyncio.wait_for(site.daemon.run_pass(), 30)
        finally:
            churning.cancel()


async def test_no_collection_walks_what_a_changed_file_holds_and_the_old_plans_are_freed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To walk thousands of plans would hold up everything else for tens of milliseconds, again and again."""
    monkeypatch.setattr(live_config, "_SETTLED", 0.02)
    plans = "".join(f"[plan.p{n}]\nrenews = 2027-03-01\n" for n in range(100))
    async with running(tmp_path, FILE + plans) as site:
        text, kept = site.paths.config.read_text(), []
        for n in range(3):
            site.paths.config.write_text(f"{text}# {n}\n")
            await site.daemon.run_pass()
            site.heard.clear()
            household = site.daemon.config.in_force.loaded.household
            assert not any(one is household for one in gc.get_objects())
            kept.append(gc.get_freeze_count())
        assert kept[-1] - kept[-2] < len(household.plans)
