"""The state folder is held by one renewd at a time, also where the file system knows no locks."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from renewd.domain.errors import InUseError
from renewd.state import GOOD, STATUS, hold, is_held, problems_of, read_good, read_status


def test_one_holds_it_and_the_second_is_told(tmp_path: Path) -> None:
    with hold(tmp_path):
        assert is_held(tmp_path)
        (tmp_path / STATUS).write_text('{"pid": 1}')  # of the run before: that of this one is not written yet
        with pytest.raises(InUseError) as caught, hold(tmp_path):
            pytest.fail("it is held")
        assert caught.value.args_["pid"] == str(os.getpid())
    assert not is_held(tmp_path)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_a_share_without_locks_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def without(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", without)
    with hold(tmp_path):
        assert not is_held(tmp_path)


def test_pipes_in_the_place_of_its_files_are_not_waited_for(tmp_path: Path) -> None:
    for name in (GOOD, STATUS):
        os.mkfifo(tmp_path / name)
    assert (read_good(tmp_path), read_status(tmp_path)) == (None, {})


@pytest.mark.parametrize("text", ["", "[", "[]", "null", "[" * 100_000, "\x00"])
def test_what_is_no_status_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / STATUS).write_text(text)
    (tmp_path / GOOD).write_text(text)
    assert (read_good(tmp_path), read_status(tmp_path)) == (None, {})


@pytest.mark.parametrize(("mode", "warned"), [(0o700, False), (0o750, True), (0o705, True), (0o777, True)])
def test_a_state_folder_that_others_can_look_into_is_warned_about(tmp_path: Path, mode: int, warned: bool) -> None:
    tmp_path.chmod(mode)
    problems = problems_of(tmp_path)
    tmp_path.chmod(0o700)
    assert [(problem.code, problem.severity) for problem in problems] == (
        [("delivery.state-readable", "warning")] if warned else []
    )
