"""What the tests of the house share: a copy of the project that may be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.scratch import Scratch, scratch_copy


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    """Return a copy of the project."""
    return scratch_copy(tmp_path)
