"""A command added to a copy of the project by the words of CONTRIBUTING: it runs, and help, man page and completion know it."""

from __future__ import annotations

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout


@pytest.fixture(scope="module")
def with_next(scratch: Scratch) -> Scratch:
    """Return a copy with the command `next`."""
    assert len(scratch.follow("A command")) == 3
    (line,) = scratch.recipe_lines("A command")
    scratch.replace("daemon/renewd/cli/commands.py", '    "check": "check",\n', f'    "check": "check",\n    {line}\n')
    scratch.write("plans.toml", '[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = 2100-12-05\nevery = "30 days"\n')
    return scratch


@pytest.mark.parametrize(
    ("code", "does", "option", "line"),
    [
        ("en", "Shows what comes next", "in capitals", "next of tello: Dec 5, 2100\n"),
        ("zh-CN", "显示下一件事", "用大写", "tello的下一件事：2100年12月5日\n"),
    ],
)
def test_it_runs_and_is_explained(with_next: Scratch, code: str, does: str, option: str, line: str) -> None:
    assert with_next.renewd("next", "tello", language=code).stdout == line
    assert with_next.renewd("next", "tello", "--loud", language=code).stdout == line.upper()
    assert does in with_next.renewd("--help", language=code).stdout
    helped = with_next.renewd("next", "--help", language=code).stdout
    assert "renewd next PLAN [--loud]" in helped
    assert option in helped
    assert f"-d '{does}'" in with_next.renewd("completion", "fish", language=code).stdout


def test_completion_and_the_man_pages_know_it(with_next: Scratch) -> None:
    script = with_next.renewd("completion", "bash").stdout
    assert '"next/0") offers="$(__renewd_ids plan "$config")"' in script
    assert '"next") offers="--loud --config' in script
    with_next.python("-m", "renewd.cli.generated")
    assert "One line, for a status bar." in with_next.path("docs/man/renewd.1").read_text("utf-8")
    assert "只有一行" in with_next.path("docs/man/zh_CN/renewd.1").read_text("utf-8")


def test_a_slip_in_its_name_is_explained(with_next: Scratch) -> None:
    assert "did you mean 'renewd next'" in with_next.renewd("nxt", code=2).stderr
