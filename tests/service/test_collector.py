"""What full collections leave out, as each of them holds up every thread."""

from __future__ import annotations

import gc
from pathlib import Path

from renewd.service import daemon
from sites import running


async def test_no_full_collection_walks_what_came_before_while_calendars_are_drawn(tmp_path: Path, monkeypatch) -> None:
    """The files' keeper stands for all that a start and the first calendars bring along."""
    walked: list[bool] = []
    told = daemon.Drawing

    def drawing(plans: int) -> daemon.Drawing:
        walked.append(any(one is site.daemon._calendars for one in gc.get_objects()))
        return told(plans)

    monkeypatch.setattr(daemon, "Drawing", drawing)
    async with running(tmp_path) as site:
        assert await site.daemon.run_pass()
    assert walked
    assert not any(walked)
