"""The lists of faults and attacks name tests that are there."""

from __future__ import annotations

import ast
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


def test_each_attack_names_its_own_tests_by_their_ids_alike_in_both_languages():
    tests = {
        f"{file.relative_to(ROOT)}::{node.name}"
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.parse(file.read_bytes()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }
    pages = [attacks(ROOT / "docs" / folder / "promises-attacks.md") for folder in ("", "zh-CN")]
    assert len(pages[0]) >= 100
    for page in pages:
        assert not [attack for attack, ids in page if not ids or not tests.issuperset(ids)]
        assert len({attack for attack, _ in page}) == len(page)
    assert [ids for _, ids in pages[0]] == [ids for _, ids in pages[1]]


def attacks(page: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Return each attack of a page's first table with the ids of its tests, which are all that its last cell holds."""
    table = page.read_text("utf-8").partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    ids = re.compile(r"`(tests/[a-z_/]+\.py::test_[a-z0-9_]+)`")
    assert not [cells[-1] for cells in rows[2:] if ids.sub("", cells[-1]).strip(" ,、")]
    return [(cells[0], tuple(ids.findall(cells[-1]))) for cells in rows[2:]]
