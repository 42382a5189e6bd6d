"""Golden files: output that a person has read and approved, compared with what is written now."""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
update = False  # set by --update-golden


def check_golden(file: Path, text: str) -> None:
    """Fail with a diff if the text differs from the file; with --update-golden, write it to the file instead."""
    approved = file.read_bytes().decode() if file.exists() else ""
    if text == approved:
        return
    if update:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        return
    name = file.relative_to(ROOT)
    diff = "".join(unified_diff(_lines(approved), _lines(text), f"{name}, as approved", f"{name}, as it is now"))
    test = os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)")
    pytest.fail(
        f"{name} has changed:\n\n{diff}\nIf the change is meant, accept it and read it in `git diff`:\n"
        f"    .venv/bin/python -m pytest --update-golden '{test}'",
        pytrace=False,
    )


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")]
