"""What the tests of the house share: a copy of the project that may be changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.scratch import Scratch, scratch_copy


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    """Return a copy of the project for the tests of a module, which changes it before the first of them."""
    with scratch_copy(tmp_path_factory.mktemp("copy")) as copy:
        yield copy


@pytest.fixture(autouse=True)
def _home_of_its_own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Begin each test with the home as the module has laid it."""
    if "scratch" not in request.fixturenames:
        yield
        return
    copy = request.getfixturevalue("scratch")
    laid, copy.home = copy.home, tmp_path / "home"
    shutil.copytree(laid, copy.home)
    yield
    copy.home = laid
