"""Whatever is done to the file: no crash, a sentence in both languages for all that is wrong, and no plan lost silently."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config_files import CATALOGUE, FULL, TODAY
from renewd.assets import ASSETS
from renewd.config import Good, load, say_problem, show_source
from renewd.domain.errors import ConfigError, Problem

EXAMPLE = (ASSETS / "config/plans.toml").read_text("utf-8")
SNIPPETS = ["“", "”", "'", '"', '"""', "[", "]", "{", "}", "=", "＝", "，", "#", "\n", "\r", "\x00", "\x1b", "\ufeff", "主号",
            " = 2027-02-30", "[plan.main]\n", "[[plan.main.bill]]\n", "nan", "-", "9" * 30, "\\", ".", ",", "true"]  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    text = draw(st.sampled_from([EXAMPLE, FULL]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 40)))
        text = text[:start] + draw(st.sampled_from(SNIPPETS) | st.text(max_size=4) | st.just("")) + text[end:]
    return draw(
        st.sampled_from(
            [text.encode("utf-8", "replace"), text.encode("utf-8", "replace"), text.encode("gb18030", "replace")]
        )
    )


def check_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        for code in ("en", "zh-CN"):
            line = say_problem(problem, code)
            assert "\n" not in line
            assert "\x1b" not in line
        assert "\x1b" not in (show_source(problem) or "")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "plans.toml"


@pytest.fixture(scope="module")
def good(path: Path) -> Good:
    path.write_text(EXAMPLE, "utf-8")
    path.chmod(0o600)
    return load(
        path, catalogue={**CATALOGUE, "ultra-paygo": CATALOGUE["tello"]}, today=TODAY, machine_zone="UTC", hostname="pi"
    ).good


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(spoilt())
@example(b"")
@example(b"[")
@example(b"\xff")
@example(b"plan = 1\nperson = 2\ncard = []\nmail = 3\nremind = 4")
@example(b"[mail]\nto = 'a@b.c'\n[plan]\nx = 1\ny = []\n[plan.z.cancel.final_bill]\nx = 1")
@example(b"[plan.x]\nbill = [1, 'a', [], {}]\nsim = []\nremind = 5\ncancel = { final_bill = 1 }")
def test_any_damage_is_told_and_never_crashes(path: Path, good: Good, data: bytes) -> None:
    path.write_bytes(data)
    loaded = load(path, catalogue=CATALOGUE, today=TODAY, machine_zone="UTC", hostname="pi", good=good)
    check_problems(loaded.problems)
    assert loaded.household.plans
    assert Good.from_json(loaded.good.to_json()) == loaded.good
    try:
        check_problems(load(path, catalogue=CATALOGUE, today=TODAY, machine_zone="UTC", hostname="pi").problems)
    except ConfigError as error:
        assert error.problems
        check_problems(error.problems)


@settings(max_examples=60)
@given(st.integers(0, len(FULL) - 1), st.sampled_from(SNIPPETS))
def test_a_plan_never_disappears_without_a_word(path: Path, at: int, snippet: str) -> None:
    path.write_text(FULL[:at] + snippet + FULL[at:], "utf-8")
    path.chmod(0o600)
    try:
        loaded = load(path, catalogue=CATALOGUE, today=TODAY, machine_zone="UTC", hostname="pi")
    except ConfigError as error:
        assert error.problems
    else:
        assert "main" in loaded.household.plans or loaded.problems
