"""Where the files of renewd are, and how one is replaced: a reader or a power cut finds the old or the new one, whole.

Only a regular file, or a link in a folder of renewd's own, is ever replaced. Temporary names cannot be guessed, are
made by whoever writes, and are removed where writing fails.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

OUT_OF_FILES = (errno.EMFILE, errno.ENFILE)
_LARGEST = 256_000_000  # bytes
_TEMPORARY = ".renewd-{}.new"


class Paths(NamedTuple):
    """The configuration file, which may be still to be made, and the state folder."""

    config: Path
    state: Path

    def short(self, path: Path) -> str:
        """Return a path as people write it: `~` for the home folder, if that is a person's and not the service's."""
        home = os.environ.get("HOME", "/")
        if home not in ("/", str(self.state)) and path.is_relative_to(home):
            return str("~" / path.relative_to(home))
        return str(path)


def replace(path: Path, text: str) -> None:
    """Replace a file by a text, 0600, whole or not at all, also if the power goes. Raises OSError.

    What root writes in the folder of another user, that user's group may read.
    """
    owner = path.parent.stat()
    shared = owner.st_gid if os.geteuid() == 0 and owner.st_uid != 0 else None
    replace_bytes(path, text.encode(), group=shared)
    sync_folder(path.parent)


def replace_bytes(path: Path, data: bytes, *, sync: bool = True, group: int | None = None) -> None:
    """Replace a file by bytes as `replace` does; `sync_folder` is left to the caller. Raises OSError.

    Without `sync`, a power cut may lose the new file or leave it empty. A `group` may read it: 0640.
    """
    with suppress(FileNotFoundError):
        _refuse_unreplaceable(path)
    beside, descriptor = make_temporary(path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if group is not None:
                os.fchown(descriptor, -1, group)
                os.fchmod(descriptor, 0o640)
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def remove(path: Path) -> None:
    """Remove a regular file or a link, if there is one. Raises OSError for anything else."""
    with suppress(FileNotFoundError):
        _refuse_unreplaceable(path)
        path.unlink()


def write_output(path: Path, data: bytes) -> None:
    """Write what a user asked for to the place that was named: links are followed. Raises OSError.

    A regular file is replaced whole, 0600, as it may hold numbers and accounts. A device, a pipe that somebody reads,
    or a terminal is written to; a folder or a socket is refused.
    """
    target = Path(os.path.realpath(path))
    try:
        facts = path.stat()
    except FileNotFoundError:
        replace_bytes(target, data)
        return
    if os.path.samestat(facts, os.fstat(1)):  # /dev/stdout: the file behind it may be one that is appended to
        descriptor = os.dup(1)
    elif stat.S_ISREG(facts.st_mode):
        replace_bytes(target, data)
        return
    else:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def open_regular(path: Path, flags: int = 0, *, dir_fd: int | None = None) -> int:
    """Return a descriptor of a regular file, to read. A pipe is not waited for. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags, dir_fd=dir_fd)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise _not_a_file(path)


def read_regular(path: Path, most: int | None = None) -> bytes:
    """Return a regular file, or at most so many bytes of it. A pipe is not waited for. Raises OSError.

    Without `most`, a file of more than 256 MB is refused: a hole of a terabyte would fill the memory.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        if most is None:
            _refuse_large(file.fileno(), path)
        return file.read(most)


def read_json(path: Path) -> Any:
    """Return what a regular file of JSON holds. Raises OSError, and ValueError also where it is nested too deep."""
    try:
        return json.loads(read_regular(path))
    except RecursionError as error:
        raise ValueError(str(path)) from error


def read_trusted(path: Path, owners: frozenset[int]) -> str:
    """Return the text of a file that nobody but `owners` can have written. Raises OSError, UnicodeError.

    It is opened without following a link or waiting for a pipe.
    """
    with os.fdopen(open_regular(path, os.O_NOFOLLOW), encoding="utf-8", newline="") as file:
        facts = os.fstat(file.fileno())
        if facts.st_nlink != 1:
            raise _not_a_file(path)
        if facts.st_uid not in owners or facts.st_mode & 0o022:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))
        _refuse_large(file.fileno(), path)
        return file.read()


def make_temporary(folder: Path, *, dir_fd: int | None = None) -> tuple[Path, int]:
    """Make a new file, 0600, and return its path and a descriptor to write to; with `dir_fd`, its bare name."""
    name = Path(_TEMPORARY.format(os.urandom(8).hex()))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    path = name if dir_fd is not None else folder / name
    return path, os.open(path, flags, 0o600, dir_fd=dir_fd)


def is_out_of_files(needed: int = 1) -> bool:
    """Whether this process or the machine cannot open so many more files. Libraries report it as other errors."""
    opened: list[int] = []
    try:
        while len(opened) < needed:
            opened.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return error.errno in OUT_OF_FILES
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return False


def shortage_of(error: BaseException) -> Literal["files", "memory", "room"] | None:
    """Return what the machine has too little of, where that led to an error; None for an error of renewd's own."""
    cause: BaseException | None = error
    while cause is not None:
        number = cause.errno if isinstance(cause, OSError) else None
        if isinstance(cause, MemoryError) or number == errno.ENOMEM:
            return "memory"
        if number in OUT_OF_FILES:
            return "files"
        if number in (errno.ENOSPC, errno.EDQUOT):
            return "room"
        cause = cause.__cause__ or cause.__context__
    return "files" if is_out_of_files() else None


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, so that renames outlast a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_unreplaceable(path: Path) -> None:
    """Raise OSError where something that is neither a regular file nor a link has the name."""
    if not stat.S_ISREG(path.lstat().st_mode) and not path.is_symlink():
        raise _not_a_file(path)


def _refuse_large(descriptor: int, path: Path) -> None:
    if os.fstat(descriptor).st_size > _LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))


def _not_a_file(path: Path) -> OSError:
    return OSError(errno.EINVAL, "not a regular file", str(path))
