"""The mails of one pass: which are tried, in which order, and how far they are."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile
from zlib import crc32

from renewd.delivery.claim import WELCOME, OutgoingMail
from renewd.delivery.composer import Composer
from renewd.delivery.outbox import Outbox
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext, Task
from renewd.delivery.waits import Waits
from renewd.domain.plans import Household
from renewd.ledger import Backoff, Ledger, Unknown
from renewd.ledger.executor import in_ledger_thread
from renewd.reminders import Reminder
from renewd.reminders.grouping import Unreached

_PAUSE = timedelta(minutes=15)  # longer than a mail server may take over one mail
_FRESH = timedelta(seconds=40)  # shorter than the time after which another machine takes a mail over


@dataclass(slots=True)
class Batch:
    """What one pass has to send. All its connections take their mails from here."""

    outbox: Outbox
    tasks: deque[Task]
    repeats: deque[Unknown]
    composer: Composer
    schedule: Schedule
    context: PassContext
    now: datetime
    welcomed: set[str]  # people who had a welcome
    backoffs: dict[str, Backoff]
    own: int  # how many of the next tasks no other machine begins with
    claimed: deque[OutgoingMail] = field(default_factory=deque)
    sent: set[tuple[str, str]] = field(default_factory=set)  # (person, key)
    rechecked: bool = False
    composing: asyncio.Lock = field(default_factory=asyncio.Lock)
    stopped: bool = False  # the account cannot be used: no further mail in this pass
    doubts: int = 0  # mails of unknown outcome since one was sent
    _progress: datetime | None = None

    @property
    def has_tasks(self) -> bool:
        """Whether a new mail comes next. People whose mails failed before come after the repeats.

        One of them at the head could otherwise stop every pass before a repeat is sent.
        """
        return bool(self.tasks) and not (self.repeats and self.tasks[0].person.id in self.context.failing)

    @property
    def size(self) -> int:
        """The number of mails that are neither composed nor repeated yet."""
        return len(self.tasks) + len(self.repeats)

    @property
    def ends(self) -> bool:
        """Whether no further mail is started.

        After a pause of the whole machine, what was composed before it may be settled: the next pass begins afresh.
        """
        paused = self.outbox.clock() - (self._progress or self.now) > _PAUSE
        return self.stopped or self.outbox.stopping or paused

    def note_progress(self) -> None:
        """Note that a mail is started or has ended."""
        self._progress = self.outbox.clock()

    def starting(self, mail: OutgoingMail) -> OutgoingMail:
        """Return a mail that is about to be started. It may be handed over within a moment only.

        A machine that was paused may have lost the mail to another one, which sends it and goes on.
        """
        self.note_progress()
        clock, began, ticks = self.outbox.clock, self.outbox.clock(), time.monotonic()
        may_leave = lambda: max(clock() - began, timedelta(seconds=time.monotonic() - ticks)) < _FRESH  # noqa: E731
        return replace(mail, may_leave=may_leave)

    def completed(self, task: Task) -> Task:
        """Return a task with what its mail adds: a welcome, and when the next mail comes."""
        # A report has no room for a welcome, and of two mails only one can claim it.
        first = task.person.id not in self.welcomed and not task.only_reports
        coming: list[datetime | None] = []
        with suppress(Exception):  # a plan whose dates cannot be computed costs this one sentence
            coming.append(self.schedule.next_for(task.person.id, self.now))
            if task.person.id == self.schedule.household.owner.id:
                coming.append(self.context.report_at)
        return task._replace(first=first, next_at=min(filter(None, coming), default=None))


async def batch_of(
    outbox: Outbox,
    tasks: Sequence[Task],
    repeats: Sequence[Unknown],
    waiting: Sequence[Reminder],
    wait: Waits,
    *,
    schedule: Schedule,
    composer: Composer,
    context: PassContext,
) -> Batch:
    """Return the batch of the tasks whose person does not wait; `waiting` are all reminders that are to be sent."""
    ledger, backoffs, now = outbox.ledger, wait.backoffs, wait.now
    free = [task for task in tasks if not wait.holds_person(task.person.id)]
    failing = await _failing_since(ledger, waiting, backoffs)
    place, machines = await in_ledger_thread(ledger.machines)
    if machines > 1:  # each begins with its own share, in an order of its own: they would compose the same mails
        random.shuffle(free)
    free.sort(key=lambda task: (task.person.id in failing, _share(task, machines) != place))
    own = sum(1 for _ in takewhile(lambda task: _share(task, machines) == place, free))
    account = backoffs.get(outbox.account_key)
    return Batch(
        outbox=outbox,
        tasks=deque(_with_unreached(free, waiting, backoffs, schedule.household)),
        repeats=deque(repeats),
        composer=composer,
        schedule=schedule,
        context=context._replace(everywhere=account.since if account else None, failing=failing),
        now=now,
        welcomed=await _welcomed(ledger, free),
        backoffs=backoffs,
        own=own,
    )


async def _welcomed(ledger: Ledger, tasks: Sequence[Task]) -> set[str]:
    """Return the people of these tasks who had a welcome."""
    pairs = {(task.person.id, f"@{task.person.id}/{WELCOME}") for task in tasks}
    return {person for person, _ in await in_ledger_thread(ledger.claims, pairs)} if pairs else set()


async def _failing_since(
    ledger: Ledger, waiting: Sequence[Reminder], backoffs: Mapping[str, Backoff]
) -> dict[str, datetime]:
    """Return since when deliveries have failed, by person."""
    pairs = {(reminder.person, reminder.subject.stem) for reminder in waiting}
    before = await in_ledger_thread(ledger.failed_before, pairs) if pairs else {}
    failing = {key.removeprefix("person:"): b.since for key, b in backoffs.items() if key.startswith("person:")}
    for (person, _), since in before.items():
        failing[person] = min(since, failing.get(person, since))
    return failing


def _with_unreached(
    tasks: list[Task], waiting: Sequence[Reminder], backoffs: Mapping[str, Backoff], household: Household
) -> list[Task]:
    """Add the people whom mails do not reach to the mail of `me`."""
    count = Counter(reminder.person for reminder in waiting)
    unreached = tuple(
        Unreached(person=person, since=backoff.since, reply=backoff.reply, count=count[person.id])
        for person in household.people.values()
        if (backoff := backoffs.get(f"person:{person.id}")) is not None and count[person.id] and person.id != "me"
    )
    if not unreached:
        return tasks
    return [task._replace(unreached=unreached) if task.person.id == "me" else task for task in tasks]


def _share(task: Task, machines: int) -> int:
    """Return the number of the machine that begins with a task. All machines compute the same."""
    return crc32(task.person.id.encode()) % machines
