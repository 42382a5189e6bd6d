"""Files that nobody meant to write: other encodings, endless ones, traps; each is refused in one clear sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config_files import Load
from renewd.config import merge, say_problem, show_source, sources
from renewd.domain.errors import ConfigError, Problem

Problems = Callable[..., tuple[Problem, ...]]
PLAN = '[mail]\nto = "me@example.com"\n[plan.x]\nrenews = 2026-12-05\n'


def lines(found: tuple[Problem, ...]) -> list[str]:
    return [say_problem(problem, "en") for problem in found if problem.severity == "error"]


def test_a_file_in_gbk_is_named_with_the_line_and_shown_as_it_was_meant(problems_of: Problems) -> None:
    [problem] = problems_of((PLAN + "name = '套餐'\n").encode("gbk"))
    assert lines((problem,)) == [
        "plans.toml:5: was saved as GBK, not as UTF-8; open it in an editor and save it as UTF-8"
    ]
    assert show_source(problem) == "     5 | name = '套餐'"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_file_in_utf_16_or_32_is_refused(problems_of: Problems, encoding: str) -> None:
    found = problems_of((PLAN + "name = '套餐'\n").encode(encoding))
    assert found
    assert all(line.startswith("plans.toml") for line in lines(found))


def test_bytes_that_are_no_text_are_refused(problems_of: Problems) -> None:
    assert lines(problems_of(b"\x80\xff\xff\xfe" * 9)) == [
        "plans.toml:1: is not UTF-8; open it in an editor and save it as UTF-8"
    ]


def test_a_byte_that_is_neither_utf_8_nor_gbk_is_named_with_its_line(problems_of: Problems) -> None:
    [problem] = problems_of(f"{PLAN}# caf\xe9\n# ok\n".encode("latin-1"))
    assert lines((problem,)) == ["plans.toml:5: is not UTF-8; open it in an editor and save it as UTF-8"]
    assert show_source(problem) == "     5 | # caf\ufffd"


def test_all_files_together_have_a_limit(
    problems_of: Problems, put: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MOST_BYTES", 2 * 1024 * 1024)
    put("a.toml", "#" * 1024 * 1024 * 2)
    text = "include = 'a.toml'\n" + PLAN
    assert lines(problems_of(text)) == ["a.toml: all files together are larger than 2 MB"]
    assert lines(problems_of("#" * 1024 * 1024 * 2 + "\n" + PLAN)) == [
        "plans.toml: all files together are larger than 2 MB"
    ]


def test_the_limit_is_64_mb() -> None:
    assert sources.MOST_BYTES == 64 * 1024 * 1024
    assert merge.MOST_PLANS == 20_000


def test_the_number_of_plans_has_a_limit(problems_of: Problems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "MOST_PLANS", 10)
    text = '[mail]\nto = "me@example.com"\n' + "".join(f"[plan.p{n}]\nrenews = 2026-12-05\n" for n in range(11))
    assert lines(problems_of(text)) == ["plans.toml: more than 10 plans"]
    assert lines(problems_of(text.replace("[plan.p10]\nrenews = 2026-12-05\n", ""))) == []


def test_the_number_of_leads_of_a_kind_has_a_limit(problems_of: Problems) -> None:
    text = '[mail]\nto = "me@example.com"\n[remind]\nrenewal = [{}]\n[plan.p]\nrenews = 2026-12-05\nevery = "30 days"\n'
    assert lines(problems_of(text.format(", ".join(map(str, range(20)))))) == []
    (line,) = lines(problems_of(text.format(", ".join(map(str, range(21))))))
    assert "20" in line


def test_a_pipe_is_not_waited_for(problems_of: Problems, folder: Path) -> None:
    os.mkfifo(folder / "plans.toml", 0o600)
    assert lines(problems_of()) == [f"plans.toml: is not a file: {folder}/plans.toml"]


def test_a_link_to_itself_is_refused(problems_of: Problems, folder: Path) -> None:
    (folder / "plans.toml").symlink_to(folder / "plans.toml")
    [line] = lines(problems_of())
    assert line.startswith("plans.toml: cannot be read (")


@pytest.mark.skipif(os.getuid() != os.getgid(), reason="needs a group of one's own, as most systems give")
@pytest.mark.parametrize(
    ("mode", "code", "fix"),
    [
        (0o600, None, ""),
        (0o640, None, ""),  # the owner's own group
        (0o660, None, ""),
        (0o644, "check.readable-by-others", "chmod 640"),
        (0o604, "check.readable-by-others", "chmod 600"),
        (0o602, "check.writable-by-others", "chmod 600"),
        (0o666, "check.writable-by-others", "chmod 640"),
        (0o777, "check.writable-by-others", "chmod 750"),
    ],
)
def test_a_file_that_others_may_read_is_noted_and_one_they_may_write_refused(
    load_text: Load, folder: Path, mode: int, code: str | None, fix: str
) -> None:
    text = f'timezone = "UTC"\n{PLAN}number = "+12065550100"'
    good = load_text(text).good
    path = folder / "plans.toml"
    path.chmod(mode)
    loaded = load_text(good=good)
    assert [problem.code for problem in loaded.problems] == ([code] if code else [])
    assert all(f"run {fix} {path}" in say_problem(problem, "en") for problem in loaded.problems)
    if code == "check.writable-by-others":
        with pytest.raises(ConfigError):
            load_text()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize(
    ("owner", "group", "mode", "code"),
    [
        (0, 4242, 0o640, None),  # root:renewd 0640, as the packages set it up
        (0, 4242, 0o660, "check.writable-by-others"),
        (4242, 100, 0o640, "check.readable-by-others"),
        (4242, 4242, 0o660, None),
    ],
)
def test_a_group_of_others_counts_as_others(
    load_text: Load, folder: Path, owner: int, group: int, mode: int, code: str | None
) -> None:
    good = load_text(f'timezone = "UTC"\n{PLAN}number = "+12065550100"').good
    os.chown(folder / "plans.toml", owner, group)
    (folder / "plans.toml").chmod(mode)
    assert [problem.code for problem in load_text(good=good).problems] == ([code] if code else [])


def test_a_file_without_numbers_in_it_may_be_read_by_all(load_text: Load, folder: Path) -> None:
    load_text(f'timezone = "UTC"\n# number = "+12065550100"\n{PLAN}')
    (folder / "plans.toml").chmod(0o644)
    assert load_text().problems == ()


def test_a_folder_of_includes_that_includes_itself_is_read_once(load_text: Load, put: Callable[..., Path]) -> None:
    put("a.toml", "[plan.a]\nrenews = 2026-12-05\n")
    loaded = load_text('timezone = "UTC"\ninclude = ["*.toml", "a.toml", "./a.toml"]\n' + PLAN)
    assert (len(loaded.files), loaded.problems) == (2, ())


def test_ten_thousand_plans_are_checked_with_no_problem_unplaced(load_text: Load) -> None:
    plans = "".join(f"[plan.p{n}]\nrenews = 2026-12-05\n" for n in range(10_000))
    loaded = load_text(f'timezone = "UTC"\n[mail]\nto = "me@example.com"\n{plans}evry = 1\n')
    assert len(loaded.household.plans) == 9_999
    assert [problem.line for problem in loaded.problems] == [20_004]


NESTS = {
    "arrays": (5, "x = " + "[" * 500 + "]" * 500),
    "tables": (5, "x = " + "{a=" * 5000 + "1" + "}" * 5000),
    "dotted": (5, ".".join(["a"] * 50_000) + " = 1"),
    "header": (5, "[" + ".".join(["a"] * 50_000) + "]"),
    "lines": (54, "x = [\n" + "[\n" * 500 + "]\n" * 500 + "]"),
}


@pytest.mark.parametrize("nest", NESTS)
def test_what_is_nested_too_deep_is_a_mistake_with_its_line(
    problems_of: Callable[..., tuple[Problem, ...]], nest: str
) -> None:
    line, text = NESTS[nest]
    found = problems_of(f'[mail]\nto = "me@example.com"\n[plan.a]\nrenews = 2026-12-05\n{text}\n')
    assert [one.line for one in found if one.code == "check.nested-too-deep"] == [line]
