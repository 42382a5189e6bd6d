"""What the tests of the web share."""

from __future__ import annotations

from pathlib import Path

import pytest

from renewd.web.app import App
from shell import Shell
from sites import NOW


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, monkeypatch, now=NOW)


@pytest.fixture(autouse=True)
def cold(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no page that no test asks for, unless the test is about that."""
    if "warmed" not in request.fixturenames:
        monkeypatch.setattr(App, "warm", lambda _app: None)
