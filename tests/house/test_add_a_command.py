"""A command added to a copy of the project by the words of CONTRIBUTING: it runs, and help, man page and completion know it."""

from __future__ import annotations

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout


@pytest.fixture(scope="module")
def with_soon(scratch: Scratch) -> Scratch:
    """Return a copy with the command `soon`."""
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
def test_it_runs_and_is_explained(with_soon: Scratch, code: str, does: str, option: str, line: str) -> None:
    assert with_soon.renewd("soon", "tello", language=code).stdout == line
    assert with_soon.renewd("soon", "tello", "--loud", language=code).stdout == line.upper()
    assert does in with_soon.renewd("--help", language=code).stdout
    helped = with_soon.renewd("soon", "--help", language=code).stdout
    assert "renewd soon PLAN [--loud]" in helped
    assert option in helped
    assert f"-d '{does}'" in with_soon.renewd("completion", "fish", language=code).stdout


def test_completion_and_the_man_pages_know_it(with_soon: Scratch) -> None:
    script = with_soon.renewd("completion", "bash").stdout
    assert '"soon/0") offers="$(__renewd_ids plan "$config")"' in script
    assert '"soon") offers="--loud --config' in script
    with_soon.python("-m", "renewd.cli.generated")
    assert "One line, for a status bar." in with_soon.path("docs/man/renewd.1").read_text("utf-8")
    assert "只有一行" in with_soon.path("docs/man/zh_CN/renewd.1").read_text("utf-8")


def test_a_slip_in_its_name_is_explained(with_soon: Scratch) -> None:
    assert "did you mean 'renewd soon'" in with_soon.renewd("sooon", code=2).stderr
