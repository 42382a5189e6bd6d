"""Histories drawn at random: outages, kills, lost answers, edits, clocks; and ten years of twenty plans.

RENEWD_LIVES says how many histories are lived (default 150); RENEWD_SHRINK=1 makes what failed as small as can be.
"""

from __future__ import annotations

import asyncio
import os
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings

from faults.histories import LAWS, History, histories, inline, live

LIVES = int(os.environ.get("RENEWD_LIVES", "150"))


@settings(
    max_examples=LIVES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=[phase for phase in Phase if phase is not Phase.shrink or os.environ.get("RENEWD_SHRINK")],  # it takes long
)
@given(histories())
def test_whatever_happens_nobody_is_left_uninformed_or_told_twice(history: History) -> None:
    with patch.object(asyncio, "to_thread", inline):
        lived = live(history)
    for law in LAWS:
        law(lived)
    lived.life.ledger.close()
