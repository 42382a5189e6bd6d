"""Output that cannot be written: no traceback, and a mail that is due goes out all the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from service.process import command, environment, mails, write

PLAN = '[mail]\nto = "me@example.com"\n[plan.a]\nrenews = 2100-01-01\n[[plan.a.bill]]\nwhat = "b"\ndue = 2026-01-15\namount = 1\n'
REFUSED = {"full": ">/dev/full", "closed": ">&-", "both-closed": ">&- 2>&-", "head": "| true"}


@pytest.mark.parametrize("how", REFUSED)
@pytest.mark.parametrize("words", [("check",), ("agenda",), ("status",), ("help",), ("run", "--once")])
def test_output_that_nobody_takes_ends_without_a_traceback(tmp_path: Path, how: str, words: tuple[str, ...]) -> None:
    write(tmp_path, PLAN)
    line = f'"$@" {REFUSED[how]}'
    done = subprocess.run(
        ["bash", "-c", line, "bash", *command(tmp_path, *words)],
        env=environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if words == ("run", "--once"):
        assert len(mails(tmp_path)) == 1


def test_a_full_disk_below_the_output_is_said(tmp_path: Path) -> None:
    write(tmp_path, PLAN)
    done = subprocess.run(
        ["bash", "-c", '"$@" >/dev/full', "bash", *command(tmp_path, "check")],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "could not be written" in done.stderr) == (1, True)
