"""A command added to a copy of the project by the words of CONTRIBUTING: it runs, and help, man page and completion know it."""

from __future__ import annotations

import pytest

from house.scratch import Scratch

pytestmark = pytest.mark.checkout

COMMAND = '''
"""`next`: the next reminder of a plan."""

from __future__ import annotations

from types import SimpleNamespace

from renewd.cli.commands import PLAN, Command, Option
from renewd.cli.reading import open_file, the_plan
from renewd.cli.screen import Screen
from renewd.disk import Paths

COMMAND = Command(arguments=(PLAN,), options=(Option("loud"),), examples=("next tello",))


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print its day."""
    plan = the_plan(open_file(paths, args.now, screen), args.plan)
    text = screen.words.say("commands.next.comes", name=plan.name, day=plan.renews)
    screen.print(text.upper() if args.loud else text)
    return 0
'''
WORDS = {
    "en": """
[next]
does = "Shows what comes next"
about = "One line, for a status bar."
option.loud = "in capitals"
example.1 = "what Tello needs next"
comes = "next of {name}: {day:plain}"
""",
    "zh-CN": """
[next]
does = "显示下一件事"
about = "只有一行，可以放进状态栏。"
option.loud = "用大写"
example.1 = "Tello 的下一件事"
comes = "{name}的下一件事：{day:plain}"
""",
}


@pytest.fixture
def with_next(scratch: Scratch) -> Scratch:
    """Return a copy with the command `next`."""
    scratch.write("daemon/renewd/cli/next.py", COMMAND)
    scratch.replace(
        "daemon/renewd/cli/commands.py", '    "check": "check",\n', '    "check": "check",\n    "next": "next",\n'
    )
    for code, words in WORDS.items():
        scratch.append(f"templates/{code}/commands.toml", words)
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
    assert '"next/0") offers="$(__renewd_plans)"' in script
    assert '"next") offers="--loud --config' in script
    with_next.python("-m", "renewd.cli.generated")
    assert "One line, for a status bar." in with_next.path("docs/man/renewd.1").read_text("utf-8")
    assert "只有一行" in with_next.path("docs/man/zh_CN/renewd.1").read_text("utf-8")


def test_a_slip_in_its_name_is_explained(with_next: Scratch) -> None:
    assert "did you mean 'renewd next'" in with_next.renewd("nxt", code=2).stderr
