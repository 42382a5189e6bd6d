"""Inputs that once broke a promise, and the most hostile that did not, read and mailed again. `fuzz.py` looks for
more.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from attacks import ATTACKS, bounded

CORPUS = sorted(path for path in Path(__file__).parents[1].joinpath("corpus").glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_hostile_is_told_of_and_costs_no_more_than_itself(path: Path) -> None:
    with bounded(20):  # a slow machine is no hang
        assert ATTACKS[path.parent.name](path.read_bytes())
