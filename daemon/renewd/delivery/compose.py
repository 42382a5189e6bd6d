"""Compose, the third stage: the next mails of a batch, some at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import takewhile

from renewd.delivery.batch import Batch
from renewd.delivery.composer import Composed, Composer
from renewd.delivery.dedup import unclaimed_tasks
from renewd.delivery.events import Failure
from renewd.delivery.task import Task
from renewd.ledger.executor import in_ledger_thread

CONNECTIONS = 4  # that share the mails of a batch
_MOST = 24  # mails in a row: composed by turns with their delivery, each takes half as long again
_WITHOUT_PAUSE = 8  # of them, before other work of the event loop gets a turn


async def compose(batch: Batch) -> list[Composed]:
    """Return the next mails. What is looked up for them is looked up once for all."""
    tasks = [batch.completed(task) for task in await _next_tasks(batch)]
    composer = await in_ledger_thread(batch.composer.with_calendar, tasks, batch.now)
    composed: list[Composed] = []
    while tasks:
        # A report is composed by itself: it may take a second, for which the event loop stands still.
        some = [*takewhile(lambda task: not task.reports, tasks[:_WITHOUT_PAUSE])] or tasks[:1]
        tasks = tasks[len(some) :]
        for task, result in zip(some, composer.compose_all(some, batch.context, batch.now), strict=True):
            mail = _without_broken(batch, composer, task, result) if isinstance(result, Exception) else result
            if mail is not None:
                composed.append(mail)
        await asyncio.sleep(0)
    return composed


async def _next_tasks(batch: Batch) -> list[Task]:
    """Take the next tasks from the batch, without what another machine has claimed meanwhile."""
    count = min(_MOST, 1 + len(batch.tasks) // CONNECTIONS)  # fewer and fewer at the end, so that all have work
    taken: list[Task] = []
    while len(taken) < count and batch.has_tasks:
        some: list[Task] = []
        while len(some) < (min(count, batch.own) or count) and batch.has_tasks:
            some.append(batch.tasks.popleft())
        if batch.own:
            batch.own -= len(some)
            taken += some
        else:
            taken += await unclaimed_tasks(batch.outbox.ledger, some)
            await _recheck(batch)
    return taken


async def _recheck(batch: Batch) -> None:
    """Leave out what other machines have claimed of their shares, once this machine's own has gone."""
    if not batch.rechecked:
        batch.rechecked = True
        batch.tasks = deque(await unclaimed_tasks(batch.outbox.ledger, [*batch.tasks]))


def _without_broken(batch: Batch, composer: Composer, task: Task, error: Exception) -> Composed | None:
    """Compose a mail without the reminders and reports that cannot be composed. Return None where nothing is left."""
    parts = [
        *(task._replace(reminders=(reminder,), reports=()) for reminder in task.reminders),
        *(task._replace(reminders=(), reports=(report,)) for report in task.reports),
    ]
    good = []
    for part, result in zip(parts, composer.compose_all(parts, batch.context, batch.now), strict=True):
        if isinstance(result, Exception):
            batch.outbox.report(Failure(part.keys[0], result))
        else:
            good.append(part)
    if len(good) == len(parts):
        batch.outbox.report(Failure(task.keys[0] if task.keys else "", error))
        return None
    if not good:
        return None
    left = task._replace(
        reminders=tuple(reminder for part in good for reminder in part.reminders),
        reports=tuple(report for part in good for report in part.reports),
    )
    return composer.compose(left, batch.context, batch.now)
