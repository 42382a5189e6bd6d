"""Nothing is replaced that is no regular file, and no name of a temporary file can be guessed or taken."""

from __future__ import annotations

import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from renewd import disk
from renewd.disk import Paths, read_json, read_regular, read_trusted, replace, replace_bytes, write_output


def test_a_temporary_file_is_new_and_its_name_is_another_each_time(tmp_path: Path) -> None:
    names = set()
    for _ in range(3):
        path, descriptor = disk.make_temporary(tmp_path)
        names.add(path)
        assert stat.S_IMODE(os.fstat(descriptor).st_mode) == 0o600
        os.close(descriptor)
    assert len(names) == 3


def test_json_that_is_nested_too_deep_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match="json"):
        read_json(tmp_path / "x.json")


def test_a_hole_of_a_terabyte_is_refused_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "recorded.json"
    path.touch(0o600)
    os.truncate(path, 1 << 40)
    for read in (lambda: read_regular(path), lambda: read_trusted(path, frozenset({os.geteuid()}))):
        with pytest.raises(OSError, match="too large"):
            read()
    assert read_regular(path, 3) == b"\0\0\0"


@pytest.mark.parametrize("kind", ["file", "link", "pipe"])
def test_what_waits_under_the_temporary_name_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """As another user could put it there in a folder that all may write, if the name could be guessed."""
    monkeypatch.setattr(os, "urandom", bytes)
    trap, victim = tmp_path / f".renewd-{'00' * 8}.new", tmp_path / "victim"
    victim.write_text("mine")
    if kind == "file":
        trap.write_text("theirs")
    elif kind == "link":
        trap.symlink_to(victim)
    else:
        os.mkfifo(trap)
    with pytest.raises(FileExistsError):
        replace(tmp_path / "status.json", "{}")
    assert victim.read_text() == "mine"
    assert not (tmp_path / "status.json").exists()


def test_a_full_disk_leaves_nothing_beside_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.ics"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for write in (replace_bytes, write_output):
        with pytest.raises(OSError, match="No space"):
            write(path, b"new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("x.ics", "old")]


def _bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, _bind])
def test_a_state_file_that_is_no_file_is_refused(tmp_path: Path, make: object) -> None:
    path = tmp_path / "status.json"
    make(path)  # type: ignore[operator]
    kind = stat.S_IFMT(path.lstat().st_mode)
    with pytest.raises(OSError, match="not a regular file"):
        replace(path, "{}")
    assert stat.S_IFMT(path.lstat().st_mode) == kind


def test_a_link_in_the_state_folder_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "status.json").symlink_to(victim)
    replace(tmp_path / "status.json", "{}")
    assert (victim.read_text(), (tmp_path / "status.json").is_symlink()) == ("mine", False)


def test_output_follows_a_link_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    real = tmp_path / "real.ics"
    real.write_text("old")
    real.chmod(0o644)
    (tmp_path / "link.ics").symlink_to(real)
    write_output(tmp_path / "link.ics", b"new")
    assert (tmp_path / "link.ics").is_symlink()
    assert (real.read_bytes(), stat.S_IMODE(real.stat().st_mode)) == (b"new", 0o600)
    (tmp_path / "dangling.ics").symlink_to(tmp_path / "made.ics")
    write_output(tmp_path / "dangling.ics", b"made")
    made = tmp_path / "made.ics"
    assert (made.read_bytes(), stat.S_IMODE(made.stat().st_mode)) == (b"made", 0o600)


def test_output_goes_through_a_pipe_and_a_device(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="No such device"):
        write_output(pipe, b"x")  # nobody reads it: not waited for
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    while True:
        try:
            write_output(pipe, b"x" * 200_000)
            break
        except OSError:  # the reader is not there yet
            continue
    reader.join(10)
    assert (len(read[0]), stat.S_ISFIFO(pipe.lstat().st_mode)) == (200_000, True)
    device = tmp_path / "null"
    if os.geteuid() == 0:
        try:
            os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
            write_output(device, b"x")
        except PermissionError:  # a container that allows no devices
            return
        assert stat.S_ISCHR(device.stat().st_mode)


def test_output_to_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_output(tmp_path, b"x")
    assert not list(tmp_path.iterdir())


def test_standard_output_keeps_what_it_has(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`report --output /dev/stdout >> file` adds to the file."""
    os.write(1, b"before\n")
    write_output(Path("/dev/stdout"), b"report\n")
    assert capfd.readouterr().out == "before\nreport\n"


def test_what_is_trusted_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes("a\r\n套".encode())
    path.chmod(0o600)
    assert read_trusted(path, frozenset({os.geteuid()})) == "a\r\n套"
    with pytest.raises(PermissionError):
        read_trusted(path, frozenset({os.geteuid() + 1}))


def test_what_is_no_file_is_refused_and_leaves_no_handle_open(tmp_path: Path) -> None:
    """A daemon reads some files in each pass."""
    os.mkfifo(tmp_path / "pipe")
    handles = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError, match="not a regular file"):
            read_regular(path)
        with pytest.raises(OSError, match="not a regular file"):
            read_trusted(path, frozenset({os.geteuid()}))
    assert len(os.listdir("/proc/self/fd")) == handles  # noqa: PTH208


@pytest.mark.parametrize(
    ("home", "shown"), [("/home/li", "/var/lib/renewd/Maildir"), ("/var/lib", "~/renewd/Maildir"), ("/", "/var/lib/renewd/Maildir"),
                        ("/var/lib/renewd", "/var/lib/renewd/Maildir")]
)  # fmt: skip
def test_the_home_of_the_service_is_not_the_readers(monkeypatch: pytest.MonkeyPatch, home: str, shown: str) -> None:
    """Root reads `status` as the service's user: `~` would be another folder to root."""
    monkeypatch.setenv("HOME", home)
    paths = Paths(Path("/etc/renewd/plans.toml"), Path("/var/lib/renewd"))
    assert paths.short(paths.state / "Maildir") == shown
