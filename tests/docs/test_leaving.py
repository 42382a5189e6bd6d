"""docs/leaving.md: every command on it can be typed, in the order of the page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from shell import Shell

TEXT = (Path(__file__).parents[2] / "docs" / "leaving.md").read_text("utf-8")
OTHERS = """
[mail]
to = "me@example.com"

[[plan.main.bill]]
what = "October overage"
amount = 3
due = 2026-12-10

[[plan.main.backup]]
what = "Photos"

[plan.main.device]
imei = "350000000000000"
"""
"""What the steps are about, and the page's example leaves out."""

pytestmark = pytest.mark.checkout


def commands() -> list[str]:
    """Return the marks of the page in its order; taking it back is tried last."""
    marks = list(dict.fromkeys(re.findall(r"(?:`|\$ )renewd (mark main [^`\n]+)", TEXT)))
    marks.remove("mark main leaving --number port")  # what the first command says too
    return sorted(marks, key=lambda mark: "staying" in mark)


def test_every_command_can_be_typed_in_its_order(tmp_path: Path, monkeypatch) -> None:
    shell = Shell(tmp_path, monkeypatch)
    [plan] = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    shell.write(f'timezone = "America/New_York"\n{plan}{OTHERS}')
    assert shell("check").code == 0
    typed = commands()
    assert len(typed) >= 14
    for command in typed[:-1]:
        said = shell(*shlex.split(command))
        assert said.code == 0, (command, said.err)
    assert shell("check").code == 0
    assert shell("report", "main").code in {0, 3}
    assert shell(*shlex.split(typed[-1])).code == 0
    assert "[plan.main.cancel]" not in shell.config.read_text("utf-8")
