"""Due, the first stage: which reminders are due now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from renewd.delivery.events import Failure
from renewd.delivery.schedule import Schedule
from renewd.reminders import Reminder

_CHUNK = 100  # owners asked without a pause, so that the event loop is never held up for long


async def due_reminders(
    schedule: Schedule, now: datetime, report: Callable[[Failure], None]
) -> tuple[list[Reminder], set[str]]:
    """Return what is due at `now`, and the owners that could not be asked."""
    owners = schedule.ready(now)
    schedule.open.update(owners)  # should a later stage fail, the next pass asks them again
    found: list[Reminder] = []
    unasked: set[str] = set()
    for start in range(0, len(owners), _CHUNK):
        found += _ask(schedule, owners[start : start + _CHUNK], now, report, unasked)
        await asyncio.sleep(0)
    return found, unasked


def _ask(
    schedule: Schedule, owners: Sequence[str], now: datetime, report: Callable[[Failure], None], unasked: set[str]
) -> list[Reminder]:
    """Return what is due of these owners. One whose dates cannot be computed does not affect the others."""
    try:
        return list(schedule.ask(owners, now))
    except Exception as error:  # noqa: BLE001  # a plan may fail in any way
        if len(owners) > 1:
            return [reminder for owner in owners for reminder in _ask(schedule, [owner], now, report, unasked)]
        report(Failure(owners[0], error))
        unasked.add(owners[0])
        return []
