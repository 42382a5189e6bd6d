"""Files to load, written by the test that wants them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from config_files import CATALOGUE, FULL, TODAY, Load
from renewd.config import Good, Loaded, load, say_problem
from renewd.domain.errors import ConfigError, Problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def put(folder: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file as its owner alone may read it."""

    def write(name: str, text: str | bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dedent(text).encode() if isinstance(text, str) else text)
        path.chmod(0o600)
        return path

    return write


@pytest.fixture
def load_text(put: Callable[[str, str | bytes], Path], folder: Path) -> Load:
    def loaded(text: str | bytes | None = None, *, good: Good | None = None, today: date = TODAY) -> Loaded:
        path = folder / "plans.toml" if text is None else put("plans.toml", text)
        return load(path, catalogue=CATALOGUE, today=today, machine_zone="America/New_York", hostname="pi", good=good)

    return loaded


@pytest.fixture
def problems_of(load_text: Load) -> Callable[..., tuple[Problem, ...]]:
    """Return what there is to say, whether or not anything is left to run with."""

    def found(text: str | bytes | None = None) -> tuple[Problem, ...]:
        try:
            return load_text(text).problems
        except ConfigError as error:
            return error.problems

    return found


@pytest.fixture
def said(problems_of: Callable[..., tuple[Problem, ...]]) -> Callable[..., list[str]]:
    """Return the same in words, each sentence made in both languages; what only notes the zone is left out."""

    def sentences(text: str | bytes | None = None, code: str = "en") -> list[str]:
        found = [problem for problem in problems_of(text) if problem.code != "check.zone-of-machine"]
        both = {language: [say_problem(problem, language) for problem in found] for language in ("en", "zh-CN")}
        assert not any("{" in re.sub(r"= \[?\{ .*? \}", "", line) for lines in both.values() for line in lines)
        return both[code]

    return sentences


@pytest.fixture
def full() -> str:
    """Return a file with every key that the reader of a household looks for."""
    return FULL
