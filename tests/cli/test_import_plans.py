"""`renewd import`: shows what is new, writes it on yes, and never twice."""

from __future__ import annotations

import json

import pytest
import tomli

from shell import Shell

HEAD = """language = "en"   # mine
timezone = "America/New_York"
[mail]
to = "me@example.com"
[plan.tello]
renews = 2026-12-05
every = "30 days"
"""
ROWS = [
    {
        "Name": "Netflix",
        "Payment Cycle": "Monthly",
        "Next Payment": "2026-12-31",
        "Price": "$15.99",
        "Renewal": "Automatic",
    },
    {"Name": "Gym", "Payment Cycle": "Monthly", "Next Payment": "2026-12-31", "Price": "$9", "State": "Disabled"},
]


@pytest.fixture
def shell(shell: Shell) -> Shell:
    shell.write(HEAD)
    (shell.folder / "subscriptions.json").write_text(json.dumps(ROWS))
    return shell


def test_it_shows_and_writes_nothing_until_it_is_told(shell: Shell) -> None:
    said = shell("import", str(shell.folder / "subscriptions.json"))
    assert said.code == 0
    for words in (
        "[plan.netflix]",
        "1 new plan from wallos.",
        "1 canceled entry left out: Gym.",
        "Nothing was written.",
    ):
        assert words in said.out
    assert shell.config.read_text() == HEAD


def test_yes_writes_it_and_the_same_file_again_adds_nothing(shell: Shell) -> None:
    file = str(shell.folder / "subscriptions.json")
    assert shell("import", file, "--yes").code == 0
    text = shell.config.read_text()
    assert text.startswith(HEAD)
    assert tomli.loads(text)["plan"]["netflix"]["price"] == 15.99
    assert shell("check").code == 0
    said = shell("import", file, "--yes")
    assert (said.code, shell.config.read_text()) == (0, text)
    assert "Nothing new in subscriptions.json." in said.out
    assert shell("undo").code == 0
    assert shell.config.read_text() == HEAD


@pytest.mark.parametrize(
    ("answer", "written"), [("y\n", True), ("是\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_at_a_terminal_it_asks(shell: Shell, answer: str, written: bool) -> None:
    shell.stdin_tty, shell.typed = True, answer
    assert shell("import", str(shell.folder / "subscriptions.json")).code == 0
    assert ("netflix" in shell.config.read_text()) == written


def test_a_file_of_its_own_is_made_and_told_how_to_be_read(shell: Shell) -> None:
    other = shell.folder / "more.toml"
    said = shell("import", str(shell.folder / "subscriptions.json"), "--into", str(other), "--yes")
    assert "netflix" in tomli.loads(other.read_text())["plan"]
    assert other.stat().st_mode & 0o777 == 0o600
    line = 'include = ["more.toml"]'
    assert line in said.out.replace("\n", " ")
    shell.write(f"{line}\n{HEAD}")
    assert shell("check").code == 0


@pytest.mark.parametrize("code", ["en", "zh-CN"])
@pytest.mark.parametrize("content", [b'[{"Name": "x", "Payment Cycle"', b"\x00\x01\x02", b"hello", None])
def test_a_file_that_cannot_be_read_is_named(shell: Shell, content: bytes | None, code: str) -> None:
    shell.write(HEAD.replace('"en"', f'"{code}"'))
    file = shell.folder / "broken"
    if content is not None:
        file.write_bytes(content)
    said = shell("import", str(file))
    assert said.code == 2
    assert "Error" not in said.err
    assert said.err.strip()
