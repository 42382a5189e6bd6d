"""What is found on disk for the core to count with: the newest file behind each backup's path."""

from __future__ import annotations

import asyncio
import glob
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from renewd.plans import Household, Plan

_MOST_FILES = 100_000  # looked at behind one path; a backup with more has its newest among these
_LONGEST_LOOK = 20.0  # seconds, for all paths together: a hung network share must not hold up reminders


async def look(household: Household, base: Path) -> Mapping[tuple[str, str], date]:
    """Give the day of the newest file by (plan, backup), in the plan's zone; what cannot be read is left out.

    Paths are relative to `base`. Files are only `stat`ed, in a thread with a time limit.
    """
    found: dict[tuple[str, str], date] = {}
    paths = [(plan, backup.what, backup.path) for plan in household.plans.values() for backup in plan.backups]
    wanted = [(plan, what, path) for plan, what, path in paths if path is not None]
    if not wanted:
        return found

    def look_at_all() -> None:
        for plan, what, path in wanted:
            newest = newest_day(plan, base / path)
            if newest is not None:
                found[plan.id, what] = newest

    # A daemon thread, and no executor's: one that hangs on a dead network share must not hold up the stop.
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def work() -> None:
        look_at_all()
        with suppress(RuntimeError):  # the loop has ended in the meantime
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=work, daemon=True, name="findings").start()
    with suppress(TimeoutError):  # what was found until then counts; the rest is unknown, and unknown says nothing
        await asyncio.wait_for(done.wait(), _LONGEST_LOOK)
    return dict(found)


def newest_day(plan: Plan, pattern: Path) -> date | None:
    """Give the day, in the plan's zone, of the newest file that a glob or a folder leads to; None if none can be read."""
    latest: float | None = None
    for count, path in enumerate(_files(pattern)):
        if count >= _MOST_FILES:
            break
        try:
            changed = path.stat().st_mtime
        except OSError:
            continue
        latest = changed if latest is None else max(latest, changed)
    if latest is None:
        return None
    return datetime.fromtimestamp(latest, ZoneInfo(plan.zone)).date()


def _files(pattern: Path) -> Iterator[Path]:
    for name in glob.iglob(str(pattern), recursive=True):  # noqa: PTH207  # the pattern is absolute
        if Path(name).is_dir():
            for folder, _, files in os.walk(name):
                yield from (Path(folder) / file for file in files)
        else:
            yield Path(name)
