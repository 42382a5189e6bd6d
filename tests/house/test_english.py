"""English that is read once, in the program and on its pages: turns of phrase that had to be read twice before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("daemon/**/*.py"))
RIDDLES = {
    "a `who` that belongs to no noun: somebody who, whoever, the owner": r"\b(?:of|to|for|than|only) who\b",
    "again, once more": r"\banew\b",
    "forever": r"\bfor ever\b",
    "anymore, no longer": r"\bany more(?! \w)",
}

pytestmark = pytest.mark.checkout


@pytest.mark.parametrize("better", RIDDLES)
def test_nobody_has_to_read_it_twice(better: str) -> None:
    riddle = re.compile(RIDDLES[better], re.IGNORECASE)
    found = {
        f"{file.relative_to(ROOT)}:{n}: {line.strip()}"
        for file in FILES
        if not file.name.endswith(".zh-CN.md")
        for n, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if riddle.search(line)
    }
    assert found == set(), better
