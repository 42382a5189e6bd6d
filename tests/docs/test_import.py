"""docs/import.md and its twin: `--from` is shown with every program that files are read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from renewd.config.importers import IMPORTERS

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = pytest.mark.checkout


@pytest.mark.parametrize("page", ["import.md", "zh-CN/import.md"])
def test_every_program_is_named(page: str) -> None:
    assert f"`--from {'|'.join(IMPORTERS)}`" in (DOCS / page).read_text("utf-8")
