"""The scan of backups and documents: the newest file behind each path.

Paths are looked at, never opened. A link inside a folder is not followed out of it; a path that does not answer
costs itself alone.
"""

from __future__ import annotations

import glob
import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from renewd.domain.findings import Findings, Seen
from renewd.domain.plans import Household

_MOST_FILES = 200_000  # at most, behind one path
_LONGEST_LOOK = 20.0  # seconds, for all paths together: a hung network share must not delay reminders
_AT_A_TIME = 8  # paths; those that hang keep one thread each

ScanKey = tuple[str, str, str]  # plan, "backup" or "document", what


class _Wanted(NamedTuple):
    key: ScanKey
    path: Path
    zone: str


class FileScan:
    """A scan that remembers which paths have not answered yet, so that none is asked twice at a time."""

    def __init__(self, patience: float = _LONGEST_LOOK) -> None:
        self._patience = patience
        self._hanging: set[Path] = set()

    async def scan(self, household: Household, base: Path) -> Mapping[ScanKey, Seen]:
        """Return what is found behind each path, which is relative to `base`; what did not answer in time is "slow"."""
        import asyncio  # noqa: PLC0415  # 25 ms, which a command that scans need not spend

        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has ended in the meantime
                loop.call_soon_threadsafe(done.set)

        found = self._begin(household, base, wake)
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), self._patience)
        return found()

    def scan_now(self, household: Household, base: Path) -> Mapping[ScanKey, Seen]:
        """Return the same without an event loop, which takes long to import."""
        done = threading.Event()
        found = self._begin(household, base, done.set)
        done.wait(self._patience)
        return found()

    def _begin(
        self, household: Household, base: Path, done: Callable[[], None]
    ) -> Callable[[], Mapping[ScanKey, Seen]]:
        """Start to look, in threads that call `done` when all paths answered; return what ends it with findings."""
        found = {one.key: Seen(why="slow") for one in _wanted(household, base)}
        queue = deque(one for one in _wanted(household, base) if one.path not in self._hanging)
        seen: dict[ScanKey, Seen] = {}
        left = len(queue)
        if not left:
            done()

        def work() -> None:
            while True:
                try:
                    one = queue.popleft()
                except IndexError:
                    return
                self._hanging.add(one.path)
                seen[one.key] = newest(one.path, one.zone)
                self._hanging.discard(one.path)
                if len(seen) == left:
                    done()

        # Daemon threads, and no executor's: a hung network share must not delay the stop.
        for _ in range(min(_AT_A_TIME, left)):
            threading.Thread(target=work, daemon=True, name="findings").start()

        def end() -> Mapping[ScanKey, Seen]:
            queue.clear()
            return found | dict(seen)

        return end


def as_findings(seen: Mapping[ScanKey, Seen], since: Mapping[str, datetime]) -> Findings:
    """Return the scan's results as the domain's findings."""
    days = {(plan, what): one.day for (plan, kind, what), one in seen.items() if kind == "backup" and one.day}
    return Findings(newest=days, seen=seen, since=since)


def _wanted(household: Household, base: Path) -> Iterator[_Wanted]:
    for plan in household.plans.values():
        for backup in plan.backups:
            if backup.path is not None:
                yield _Wanted((plan.id, "backup", backup.what), base / backup.path, plan.zone)
        for document in plan.documents:
            if document.path is not None:
                yield _Wanted((plan.id, "document", document.what), base / document.path, plan.zone)


def newest(pattern: Path, zone: str) -> Seen:
    """Return the day, in a zone, and the size of the newest file that is not empty below a glob, a folder or a file."""
    latest: os.stat_result | None = None
    empty = False
    try:
        for count, status in enumerate(_files(str(pattern))):
            if status.st_size == 0:  # what a full disk leaves of a backup
                empty = True
            elif latest is None or status.st_mtime > latest.st_mtime:
                latest = status
            if count >= _MOST_FILES:
                break
        if latest is None and empty:
            return Seen(why="empty")
        if latest is None:
            return Seen(why="denied" if _denied(_root(str(pattern))) else "none")
        return Seen(_day(latest.st_mtime, zone), latest.st_size)
    except (OSError, ValueError):  # a name that no file can have, a link that leads in circles
        return Seen(why="denied")


def _day(mtime: float, zone: str) -> date:
    with suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(mtime, ZoneInfo(zone)).date()
    return date.min if mtime < 0 else date.max


def _files(pattern: str) -> Iterator[os.stat_result]:
    """Yield the regular files behind a pattern. A link counts only if it leads to a file below the named path."""
    within = os.path.realpath(_root(pattern))
    for name in glob.iglob(pattern, recursive=True):  # noqa: PTH207  # the pattern is absolute
        with suppress(OSError):
            status = os.lstat(name)
            if stat.S_ISLNK(status.st_mode):
                if not _is_inside(os.path.realpath(name), within):
                    continue
                status = os.stat(name)  # noqa: PTH116  # a hundred thousand of them
            if stat.S_ISREG(status.st_mode):
                yield status
            elif stat.S_ISDIR(status.st_mode):
                yield from _below(name)


def _below(folder: str) -> Iterator[os.stat_result]:
    folders = [folder]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry.stat(follow_symlinks=False)


def _root(pattern: str) -> str:
    """Return the part of a pattern before its first wildcard; all of it where it has none."""
    parts = Path(pattern).parts
    plain = [part for part in parts if not glob.has_magic(part)]
    kept = (
        parts if len(plain) == len(parts) else parts[: next(n for n, part in enumerate(parts) if glob.has_magic(part))]
    )
    return str(Path(*kept))


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _denied(root: str) -> bool:
    try:
        with os.scandir(root):
            return False
    except PermissionError:
        return True
    except OSError:
        return False
