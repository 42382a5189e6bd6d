"""A delivery of three mails or pushes, killed at system calls: a sample of the grid that `python -m benchmarks kill_grid` makes whole."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_DOUBLED = 6  # two system calls a mail: the one page in which SQLite writes that it was sent

pytestmark = pytest.mark.long


@pytest.mark.checkout
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
@pytest.mark.parametrize(("what", "every"), [("mails", 45), ("pushes", 50)])
async def test_killed_at_a_system_call_nothing_is_lost_and_only_the_window_doubles(tmp_path, monkeypatch, what, every):
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])
    from benchmarks.kill_grid import grid

    found = await grid(tmp_path, every=every, what=what)
    if found["whole"] > found["points"]:
        pytest.skip("strace may not kill here")
    assert found["points"] >= 3  # a few calls are made less often from run to run
    assert (found["lost"], found["outside"], found["ids"]) == (0, 0, 0)
    assert found["doubled"] <= MOST_DOUBLED
