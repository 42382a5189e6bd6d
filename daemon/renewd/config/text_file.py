"""The text of a file of the configuration: read, and replaced so that no edit that is saved meanwhile is lost.

A file is replaced only while it still holds what was read; otherwise the change is made again on what it holds now.
Nothing relies on a lock: no edit is lost where there is none, or where a stranger holds it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from renewd.disk import make_temporary, read_regular
from renewd.domain.errors import InUseError, UsageError

LOCK = "edit.lock"
_PATIENCE = 5.0  # seconds, for a lock and for a file that keeps changing
_PAUSE = 0.02
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)


class EditedError(Exception):
    """Somebody else has changed the file since it was read."""


def read(path: Path) -> str:
    """Return a file's text with its line ends and byte order mark unchanged. Raises UsageError."""
    try:
        return read_regular(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("check.cannot-read", path=path, reason="not UTF-8") from error
    except OSError as error:
        raise UsageError("check.cannot-read", path=path, reason=error.strerror) from error


def rewrite(path: Path, change: Callable[[str], str]) -> tuple[str, str]:
    """Replace a file's text by what `change` makes of it, and return both. Raises UsageError.

    `change` is called again where the file is edited meanwhile.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        before = read(path)
        after = change(before)
        with suppress(EditedError):
            write(path, after, before)
            return before, after
        if time.monotonic() > until:
            raise UsageError("check.keeps-changing", path=path)
        time.sleep(_PAUSE)


def write(path: Path, text: str, before: str) -> None:
    """Replace a file's text atomically if it still is `before`. Raises UsageError, EditedError.

    Mode, owner, access control lists and other attributes are kept, and links followed. The text is written to a file
    beside it, flushed to disk and renamed: a reader, or a restart after a power cut, sees the old text or the new one.
    """
    target = Path(os.path.realpath(path))
    try:
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _write(folder, target.name, path, text.encode(), before.encode())
        finally:
            os.close(folder)
    except OSError as error:
        raise UsageError("check.cannot-write", path=path, reason=error.strerror) from error


def _write(folder: int, name: str, path: Path, data: bytes, before: bytes) -> None:
    old = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    beside: Path | None = None
    try:
        facts = os.fstat(old)
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError("check.not-a-file", path=path)
        if facts.st_nlink > 1:
            raise UsageError("check.has-hard-links", path=path, n=facts.st_nlink)
        beside, new = make_temporary(path.parent, dir_fd=folder)
        with os.fdopen(new, "wb") as file:
            _keep_rights(new, old, facts, path)
            file.write(data)
            file.flush()
            os.fsync(new)
        if not _holds(folder, name, facts, before):
            raise EditedError
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)  # in a folder that is open
        beside = None
        os.fsync(folder)
        if (late := _all_of(old)) != before:  # written by whoever had it open when it was replaced
            _write(folder, name, path, late, data)
            raise EditedError
    finally:
        os.close(old)
        if beside is not None:
            os.unlink(beside, dir_fd=folder)  # in a folder that is open


def _holds(folder: int, name: str, facts: os.stat_result, before: bytes) -> bool:
    """Whether the name still leads to the same file, and the file still has the same bytes."""
    try:
        now = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return False
    try:
        return os.path.samestat(os.fstat(now), facts) and _all_of(now) == before
    finally:
        os.close(now)


def _all_of(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size + 1, 0)


def _keep_rights(new: int, old: int, facts: os.stat_result, path: Path) -> None:
    """Take over owner, mode, access control lists and the user's attributes; what cannot be kept is refused."""
    own = os.fstat(new)
    if (facts.st_uid, facts.st_gid) != (own.st_uid, own.st_gid):
        try:
            os.fchown(new, facts.st_uid, facts.st_gid)
        except PermissionError as error:
            raise UsageError("check.cannot-keep-owner", path=path) from error
    os.fchmod(new, stat.S_IMODE(facts.st_mode))
    for name in _attributes(old):
        if name.startswith(("user.", "system.posix_acl_")):  # the kernel itself sets the others
            try:
                os.setxattr(new, name, os.getxattr(old, name))
            except OSError as error:
                raise UsageError("check.cannot-keep-attribute", path=path, name=name) from error


def _attributes(descriptor: int) -> list[str]:
    try:
        return os.listxattr(descriptor)
    except OSError:  # a file system that has none
        return []


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Keep a second change waiting until this one has been written. Raises InUseError after 5 s.

    The lock is in the state folder, where no stranger can hold it. Where there is no such folder, or the file system
    knows no locks, the block runs without one.
    """
    handle = _lock(state)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(state: Path) -> int | None:
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = _opened_lock(state)
    except OSError:
        return None
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return handle
            if time.monotonic() > until:
                os.close(handle)
                raise InUseError("check.being-changed", file=state / LOCK) from error
            time.sleep(_PAUSE)
        else:
            return handle


def _opened_lock(state: Path) -> int:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(state / LOCK, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(state / LOCK, flags)
    with suppress(OSError):  # root's lock must not keep the service out
        owner = state.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)
    return handle
