"""A file without plans, as a newcomer has it after the first lines, and the commands that begin with it."""

from __future__ import annotations

import json

import pytest
import tomli

from shell import Shell

NEWCOMERS = {
    "mail": '[mail]\nto = "me@example.com"\n',
    "person": '[person.me]\nemail = "me@example.com"\n',
    "a comment at the end": '# mine\n[mail]\nto = "me@example.com"   # me\n# the end',
    "a plan that is broken": '[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = 2026-12-05\nevry = "30 days"\n',
}
ANSWERS = "other\nNetflix\n\n\n2026-12-31\n1 month\n15.99\n\ny\n\ny\n"


@pytest.fixture(params=NEWCOMERS)
def written(request: pytest.FixtureRequest, shell: Shell) -> str:
    text = f'language = "en"\n{NEWCOMERS[request.param]}'
    shell.write(text)
    return text


def test_plan_add_writes_the_first_plan(shell: Shell, written: str) -> None:
    shell.typed = ANSWERS
    said = shell("plan", "add")
    assert said.code == 0, said.err
    text = shell.config.read_text()
    assert text.startswith(written)
    assert tomli.loads(text)["plan"]["netflix"]["price"] == 15.99


def test_import_writes_the_first_plans(shell: Shell, written: str) -> None:
    file = shell.folder / "list.csv"
    file.write_text("name,price,every,renews\nNetflix,15.99,monthly,2026-12-31\n")
    said = shell("import", str(file), "--yes")
    assert said.code == 0, said.err
    assert shell.config.read_text().startswith(written)
    assert "netflix" in tomli.loads(shell.config.read_text())["plan"]


@pytest.mark.parametrize("code", ["en", "zh-CN"])
def test_what_needs_no_plan_works_and_what_needs_one_says_how_to_add_it(shell: Shell, code: str) -> None:
    shell.write(f'language = "{code}"\n{NEWCOMERS["mail"]}')
    assert shell("test-mail").code == 0
    assert shell("history").code == 0
    assert json.loads(shell("plan", "list", "--json").out) == []
    assert "renewd plan add" in shell("plan", "list").out
    assert shell("mark", "tello", "renewed").code == 2
    assert shell("undo").code == 2
    for command in ("check", "agenda", "report", "calendar", "export --format csv", "run --once"):
        said = shell(*command.split())
        assert said.code == 78, command
        assert "renewd plan add" in said.out + said.err, command
    assert not (shell.state / "calendar").exists()
