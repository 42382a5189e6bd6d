"""The state folder: one renewd at a time, the last good form of the configuration, and how things stand."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from renewd.config import Good
from renewd.disk import read_json, read_regular
from renewd.domain.errors import ConfigError, InUseError, Problem, RenewdError

GOOD, STATUS, TESTED = "good.json", "status.json", "test-mail-sent"
_ATTEMPTS = 4
_DAY = timedelta(hours=25)  # a day, and what one run takes longer than another
_FOR_A_PERSON = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG)


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the state folder, made 0700 if need be, against a second renewd, until the block ends.

    The lock is on the folder itself: one on a file in it would be lost when that file is replaced. Raises
    InUseError with the holder's process where another has it, ConfigError where it cannot be made or opened and only a
    person can mend that, RenewdError where another start may find it mended.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        kind = ConfigError if error.errno in _FOR_A_PERSON else RenewdError
        why = os.strerror(errno.ENOTDIR) if error.errno == errno.EEXIST else error.strerror or ""
        raise kind("service.state-folder", folder=folder, why=why) from error
    try:
        if not _locked(descriptor):
            raise InUseError("service.in-use", folder=folder, pid=_holder(folder, descriptor))
        yield
    finally:
        os.close(descriptor)


def problems_of(folder: Path) -> tuple[Problem, ...]:
    """Return a warning if other users can read the state folder, which holds the mails."""
    try:
        mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError:
        return ()
    if not mode & 0o077:
        return ()
    args = {"path": folder, "mode": f"{mode:04o}"}
    return (Problem(code="delivery.state-readable", file=str(folder), args=args, severity="warning"),)


def _locked(descriptor: int) -> bool:
    """Take the lock. It is tried a few times: `renewd status` holds it for an instant to see whether it is free."""
    for attempt in range(_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        except OSError:  # a share without locks: it is used without one
            return True
        else:
            return True
        if attempt < _ATTEMPTS - 1:
            time.sleep(0.1)
    return False


def _holder(folder: Path, descriptor: int) -> object:
    """Return the process that holds the lock, as the kernel names it: the status may not be written yet, or be old."""
    facts = os.fstat(descriptor)
    file = f"{os.major(facts.st_dev):02x}:{os.minor(facts.st_dev):02x}:{facts.st_ino}"
    with suppress(OSError):
        for line in Path("/proc/locks").read_text("ascii").splitlines():
            _, kind, _, _, pid, locked, *_ = line.split()
            if (kind, locked) == ("FLOCK", file):
                return pid
    return read_status(folder).get("pid", "?")


def is_held(folder: Path) -> bool:
    """Whether a renewd holds the state folder now."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a share without locks
        return False
    finally:
        os.close(descriptor)
    return False


def note_tested(folder: Path) -> None:
    """Note that a test mail was taken: what waits for the mail server is then tried at once."""
    with suppress(OSError):  # no folder yet, or it is there already
        os.close(os.open(folder / TESTED, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))


def take_tested(folder: Path) -> bool:
    """Whether a test mail was taken since the last call."""
    try:
        (folder / TESTED).unlink()
    except OSError:
        return False
    return True


def has_run_once(status: Mapping[str, object], now: datetime) -> bool:
    """Whether the last to write the status was a `run --once` whose pass was within the last day, as under cron."""
    with suppress(ValueError, TypeError):
        return bool(status.get("once")) and timedelta(0) <= now - datetime.fromisoformat(str(status["looked"])) <= _DAY
    return False


def read_good(folder: Path) -> Good | None:
    """Return the last good form of the configuration, or None if none can be read."""
    with suppress(OSError, ValueError, RecursionError):
        return Good.from_json(read_regular(folder / GOOD).decode("utf-8"))
    return None


def read_status(folder: Path) -> Mapping[str, object]:
    """Return the status that the daemon last wrote; empty if none can be read."""
    with suppress(OSError, ValueError):
        status = read_json(folder / STATUS)
        if isinstance(status, dict):
            return status
    return {}
