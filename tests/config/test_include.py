"""What a pattern of `include` leads to; a folder that cannot be read is named, and no plan is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from renewd.config import Loaded, include, say_problem
from renewd.config.include import matching
from renewd.i18n import LANGUAGES

Load = Callable[..., Loaded]
MAIN = """timezone = "UTC"
include = ["{}"]
[mail]
to = "me@example.com"
[plan.a]
renews = 2026-12-05
"""
MORE = "[plan.b]\nrenews = 2026-12-06\n"


def errors(loaded: Loaded) -> list[str]:
    return [problem.code for problem in loaded.problems if problem.severity == "error"]


@pytest.fixture
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder beside the configuration's own, with one file."""
    folder = tmp_path_factory.mktemp("share")
    (folder / "b.toml").write_text(MORE)
    (folder / "b.toml").chmod(0o600)
    return folder


def test_a_share_that_is_no_longer_mounted_keeps_its_plans_in_force(load_text: Load, share: Path) -> None:
    first = load_text(MAIN.format(share / "*.toml"))
    assert [*first.household.plans] == ["a", "b"]
    share.rename(share.with_name("away"))
    loaded = load_text(good=first.good)
    assert loaded.household == first.household
    assert errors(loaded) == ["check.no-folder"]
    again = load_text(good=loaded.good)  # and does so from then on
    assert (again.household, errors(again)) == (first.household, ["check.no-folder"])
    [line] = [say_problem(problem, "en") for problem in loaded.problems]
    assert line.startswith(f"plans.toml:2: include: there is no such folder: {share}")


def test_a_share_that_was_never_there_is_said_at_the_first_start(load_text: Load, share: Path) -> None:
    loaded = load_text(MAIN.format(share / "none" / "*.toml"))
    assert ([*loaded.household.plans], errors(loaded)) == (["a"], ["check.no-folder"])


def test_a_folder_beside_the_file_that_is_not_there_is_a_mistake_too(load_text: Load, put: Callable[..., Path]) -> None:
    text = MAIN.format("plans.d/*.toml")
    assert errors(load_text(text)) == ["check.no-folder"]
    file = put("plans.d/b.toml", MORE)
    first = load_text(text)
    assert errors(first) == []
    file.unlink()
    file.parent.rmdir()
    gone = load_text(text, good=first.good)
    assert (gone.household, errors(gone)) == (first.household, ["check.no-folder"])


def test_a_folder_that_may_not_be_looked_into_keeps_its_plans_in_force(
    load_text: Load, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As /home is under ProtectHome=, or a folder of root's."""
    first = load_text(MAIN.format(share / "*.toml"))

    def denied(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "scandir", denied)
    loaded = load_text(good=first.good)
    assert (loaded.household, errors(loaded)) == (first.household, ["check.folder-denied"])


def test_folders_within_a_pattern_are_looked_into(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (share / "one").mkdir()
    (share / "two").mkdir()
    scandir = os.scandir

    def some(folder: Path) -> object:
        if Path(folder).name == "two":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", some)
    assert [mistake.args["path"] for mistake in matching(share / "*" / "*.toml").mistakes] == [share / "two"]


def test_a_link_that_leads_nowhere_is_a_file_that_is_missing(load_text: Load, share: Path) -> None:
    (share / "c.toml").symlink_to(share / "unmounted.toml")
    assert errors(load_text(MAIN.format(share / "*.toml"))) == ["check.no-file"]


def test_a_pattern_that_leads_through_the_whole_machine_is_refused(
    load_text: Load, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(include, "MOST_FOLDERS", 5)
    for n in range(8):
        (share / f"{n}").mkdir()
    assert errors(load_text(MAIN.format(share / "**/*.toml"))) == ["check.include-too-wide"]


def test_proc_is_refused_in_bounded_time() -> None:
    found = matching(Path("/proc/**/*.toml"))
    assert ([mistake.code for mistake in found.mistakes], found.files) == (["check.include-too-wide"], [])


@pytest.mark.parametrize(
    "name",
    [
        "b.sync-conflict-20261130-120000-ABCDEFG.toml",
        "b (me's conflicted copy 2026-11-30).toml",
        "b (conflicted copy 2026-11-30 120000).toml",
        "b (冲突副本).toml",
    ],
)
def test_a_copy_of_a_conflict_costs_no_plan(load_text: Load, share: Path, name: str) -> None:
    (share / name).write_text(MORE)
    loaded = load_text(MAIN.format(share / "*.toml"))
    assert ([*loaded.household.plans], errors(loaded)) == (["a", "b"], [])
    for code in LANGUAGES:
        [line] = [say_problem(problem, code) for problem in loaded.problems]
        assert name in line
