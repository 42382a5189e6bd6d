"""Output that cannot be written: no traceback, and a mail that is due goes out all the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from renewd.cli import main
from service.process import arguments, command, environment, mails, write

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


@pytest.mark.parametrize("limit", ["-n 5", "-n 8", "-n 10", "-n 12", "-f 0", "-v 60000"])
def test_a_limit_that_is_too_low_is_said_and_costs_no_more_than_time(tmp_path: Path, limit: str) -> None:
    write(tmp_path, PLAN)
    done = subprocess.run(
        ["bash", "-c", f'ulimit {limit}; "$@"', "bash", *command(tmp_path, "run", "--once")],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 75, 78)  # by what could be opened
    assert "Traceback" not in done.stderr
    if done.returncode and limit != "-f 0":
        assert "ulimit" in done.stdout + done.stderr
    assert main(arguments(tmp_path, "run", "--once")) == 0
    assert len(mails(tmp_path)) == 1


@pytest.mark.parametrize(("before", "after"), [(0o777, 0o077), (0o022, 0o022), (0, 0)])
def test_what_is_written_can_be_read_by_who_wrote_it(before: int, after: int) -> None:
    """Root may read whatever the umask is: nobody else could open the state folder again."""
    usual = os.umask(before)
    try:
        assert main(["--version"]) == 0
    finally:
        found = os.umask(usual)
    assert found == after


@pytest.mark.parametrize("line", ['umask 000; "$@"', 'umask 777; "$@"', '"$@" <&- >&- 2>&-', '"$@" </dev/full'])
def test_an_odd_umask_and_closed_handles_cost_no_mail(tmp_path: Path, line: str) -> None:
    write(tmp_path, PLAN)
    words = ["bash", "-c", line, "bash", *command(tmp_path, "run", "--once")]
    assert subprocess.run(words, env=environment(), capture_output=True, check=False).returncode == 0
    assert len(mails(tmp_path)) == 1
    state = next(path for path in tmp_path.rglob("Maildir")).parent
    assert not [path for path in [state, *state.rglob("*")] if path.stat().st_mode & 0o077]
