"""The lists of faults and attacks name tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.checkout


def test_every_fault_that_is_listed_names_a_test_that_is_there():
    page = (ROOT / "docs" / "promises-faults.md").read_text("utf-8")
    files = [file.read_text("utf-8") for file in (ROOT / "tests").rglob("*.py")]
    names = set(re.findall(r"`((?:test_)[a-z0-9_]+)`", page))
    assert len(names) >= 60
    assert not [name for name in names if not any(f"def {name}(" in text for text in files)]
    assert not [name for name in re.findall(r"`(tests/[a-z_/]+\.py)`", page) if not (ROOT / name).is_file()]


def test_every_attack_that_is_listed_names_a_test_that_is_there():
    rows = [
        line for line in (ROOT / "docs" / "promises-attacks.md").read_text("utf-8").splitlines() if "`tests/" in line
    ]
    assert len(rows) >= 20
    for row in rows:
        for file, names in re.findall(r"`(tests/[a-z_/]+\.py)((?:::[a-z0-9_]+)?)`", row):
            text = (ROOT / file).read_text("utf-8")
            assert f"def {names.removeprefix('::')}(" in text if names else text, row
