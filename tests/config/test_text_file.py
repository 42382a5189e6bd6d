"""A file of the configuration is replaced whole, as it was but for the change, and no edit of others is lost."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import threading
from pathlib import Path

import pytest

from renewd.config import text_file
from renewd.config.text_file import LOCK, EditedError, locked, rewrite, write
from renewd.domain.errors import InUseError, UsageError


def test_a_file_is_replaced_whole_with_its_mode_and_through_a_link(folder: Path) -> None:
    real = folder / "real" / "plans.toml"
    real.parent.mkdir()
    real.write_bytes("[plan.x]\r\nname = '套'\r\n".encode())
    real.chmod(0o640)
    link = folder / "plans.toml"
    link.symlink_to(real)
    before = real.stat().st_ino
    rewrite(link, lambda text: text + "price = 5\r\n")
    assert link.is_symlink()
    assert real.read_bytes() == "[plan.x]\r\nname = '套'\r\nprice = 5\r\n".encode()
    assert real.stat().st_mode & 0o7777 == 0o640
    assert real.stat().st_ino != before
    assert [file.name for file in real.parent.iterdir()] == ["plans.toml"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_the_owner_stays(folder: Path) -> None:
    path = folder / "plans.toml"
    path.write_text("")
    os.chown(path, 4242, 4343)
    write(path, "a = 1\n", "")
    assert (path.stat().st_uid, path.stat().st_gid) == (4242, 4343)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "plans.toml"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError) as raised:
        write(path, "new", "old")
    assert raised.value.args_ == {"path": path, "reason": "No space left on device"}
    assert path.read_text() == "old"
    assert [file.name for file in folder.iterdir()] == ["plans.toml"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_somebody_elses_file_is_not_taken_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "plans.toml"
    path.write_text("old")
    os.chown(path, 4242, 4242)

    def forbidden(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", forbidden)
    with pytest.raises(UsageError) as raised:
        write(path, "new", "old")
    assert raised.value.code == "check.cannot-keep-owner"
    assert (path.read_text(), [file.name for file in folder.iterdir()]) == ("old", ["plans.toml"])


def test_an_edit_that_is_saved_meanwhile_is_kept(folder: Path) -> None:
    """In place or by a rename, as editors do it; the change is made again on what they saved."""
    path = folder / "plans.toml"
    path.write_text("a = 1\n")
    seen: list[str] = []

    def change(text: str) -> str:
        seen.append(text)
        if len(seen) == 1:
            with path.open("a") as file:
                file.write("# appended\n")
        if len(seen) == 2:
            (folder / "editor").write_text(f"{text}# renamed\n")
            (folder / "editor").rename(path)
        return f"{text}b = 2\n"

    before, after = rewrite(path, change)
    assert len(seen) == 3
    assert before == "a = 1\n# appended\n# renamed\n"
    assert path.read_text() == after == f"{before}b = 2\n"
    assert [file.name for file in folder.iterdir()] == ["plans.toml"]


def test_what_is_written_into_the_old_file_while_it_is_replaced_is_put_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "plans.toml"
    path.write_text("a = 1\n")
    held, rename = path.open("a"), os.rename

    def late(*args: object, **kwargs: object) -> None:
        rename(*args, **kwargs)  # type: ignore[arg-type]
        if not held.closed:
            held.write("# late\n")
            held.close()

    monkeypatch.setattr(os, "rename", late)
    with pytest.raises(EditedError):
        write(path, "a = 2\n", "a = 1\n")
    assert path.read_text() == "a = 1\n# late\n"


def test_a_file_that_never_rests_is_left_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "_PATIENCE", 0.1)
    path = folder / "plans.toml"
    path.write_text("")

    def change(text: str) -> str:
        path.write_text(f"{text}#")
        return f"{text}mine"

    with pytest.raises(UsageError, match="keeps-changing"):
        rewrite(path, change)
    assert set(path.read_text()) == {"#"}


def test_access_control_lists_and_attributes_stay(folder: Path) -> None:
    path = folder / "plans.toml"
    path.write_text("a = 1\n")
    path.chmod(0o600)
    try:
        os.setxattr(path, "user.note", b"mine")
        subprocess.run(["setfacl", "-m", "u:4242:r", path], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no extended attributes here, or no setfacl")
    acl = os.getxattr(path, "system.posix_acl_access")
    rewrite(path, lambda text: f"{text}b = 2\n")
    assert os.getxattr(path, "user.note") == b"mine"
    assert os.getxattr(path, "system.posix_acl_access") == acl


def test_an_attribute_that_cannot_be_kept_costs_the_change_and_not_the_attribute(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "plans.toml"
    path.write_text("a = 1\n")

    def refused(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "listxattr", lambda _: ["user.note"])
    monkeypatch.setattr(os, "getxattr", lambda *_: b"mine")
    monkeypatch.setattr(os, "setxattr", refused)
    with pytest.raises(UsageError, match="cannot-keep-attribute"):
        write(path, "a = 2\n", "a = 1\n")
    assert [file.name for file in folder.iterdir()] == ["plans.toml"]


def test_hard_links_are_named_and_not_parted(folder: Path) -> None:
    path = folder / "plans.toml"
    path.write_text("a = 1\n")
    os.link(path, folder / "dotfiles.toml")
    with pytest.raises(UsageError, match="has-hard-links"):
        write(path, "a = 2\n", "a = 1\n")
    assert path.samefile(folder / "dotfiles.toml")


def test_two_changes_at_a_time_wait_for_each_other(folder: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with locked(folder / "state"):
            order.append("second")

    with locked(folder / "state"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_a_lock_that_is_held_on_is_waited_for_5_s_at_most(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert text_file._PATIENCE == 5
    monkeypatch.setattr(text_file, "_PATIENCE", 0.1)
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(InUseError, match="being-changed") as raised, locked(folder):
            pytest.fail("it is held")
    assert raised.value.exit_code == 75


def test_who_may_only_read_the_file_cannot_hold_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "_PATIENCE", 0.1)
    path = folder / "plans.toml"
    path.write_text("")
    with path.open() as file, locked(folder / "state"):
        fcntl.flock(file, fcntl.LOCK_EX)
        assert rewrite(path, lambda _: "new")[1] == "new"


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_a_file_system_without_locks_is_no_obstacle(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def without(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", without)
    with locked(folder):
        done = True
    assert done


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_lies_in_the_place_of_the_lock_is_not_waited_for(folder: Path, make: object) -> None:
    make(folder / LOCK)  # type: ignore[operator]
    with locked(folder):
        done = True
    assert done


def test_a_link_in_the_place_of_the_lock_is_not_followed(folder: Path) -> None:
    (folder / LOCK).symlink_to(folder / "victim")
    with locked(folder):
        assert not (folder / "victim").exists()


def test_a_file_that_an_editor_replaces_while_the_new_one_is_written_is_not_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow disk takes seconds there."""
    path, fsync = folder / "plans.toml", os.fsync
    path.write_text("a = 1\n")

    def slow(handle: int) -> None:
        (folder / "editor").write_text("a = 1\n# mine\n")
        (folder / "editor").rename(path)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(EditedError):
        write(path, "a = 2\n", "a = 1\n")
    assert path.read_text() == "a = 1\n# mine\n"
