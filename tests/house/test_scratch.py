"""The copy of the project that other tests change: it runs by itself."""

from __future__ import annotations

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout


def test_a_copy_runs_its_own_code_and_sentences(scratch: Scratch) -> None:
    scratch.append("daemon/renewd/__init__.py", '\n__version__ = "9.9.9"\n')
    assert "9.9.9" in scratch.renewd("--version").stdout
    scratch.write("plans.toml", '[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = 2030-12-05\nevery = "30 days"\n')
    assert "tello" in scratch.renewd("check").stdout
