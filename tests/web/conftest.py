"""What the tests of the web share."""

from __future__ import annotations

from pathlib import Path

import pytest

from shell import Shell
from sites import NOW


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, monkeypatch, now=NOW)
