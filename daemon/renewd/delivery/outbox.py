"""Sends what is due: one mail a person, its bytes in the ledger before a socket is touched.

`Outbox.round` may be called at any time and any number of times: the ledger alone decides what was said.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple
from zlib import crc32

from renewd.channels import Channel, Session
from renewd.delivery.composer import Composed, Composer, PassContext, Task
from renewd.delivery.ledger_writer import LedgerWriter
from renewd.delivery.schedule import Schedule, not_said, owner_of
from renewd.domain.outcome import DeliveryError, Envelope, Outcome, Reason
from renewd.domain.plans import Household, Person
from renewd.ledger import Backoff, Draft, Ledger, LedgerError, Reminded, Settlement, Start, Unknown
from renewd.ledger.backoff import after, scope, waits
from renewd.reminders import Reminder
from renewd.reminders.grouping import Unreached

_FEW = 20  # mails that one connection sends; more are shared among several
_CONNECTIONS = 4
_TOGETHER = 24  # mails that are composed in a row: by turns with their delivery, each takes half as long again
_LEAVING = ("claimed", "sending")
_AT_ONCE = 8  # of them that are composed without a look at the loop
_CHUNK = 100  # owners asked in one go, so that the loop is never held up for long
_WELCOME = "welcome/2000-01-01"  # the key that a person's first mail takes, so that it is the first only once


class Delivered(NamedTuple):
    """What became of one mail, for the log and the terminal."""

    at: datetime
    person: str
    address: str
    subject: str
    keys: tuple[str, ...]
    outcome: Outcome
    mail: int


class Failure(NamedTuple):
    """Something that kept one reminder from being written down; the others went on without it."""

    key: str
    error: Exception


class Held(NamedTuple):
    """Nothing is tried before an instant, as the server could not be used."""

    until: datetime
    reason: Reason
    reply: str


@dataclass(slots=True)
class _Batch:
    """What one round has to send, and how far it is."""

    tasks: deque[Task]
    repeats: deque[Unknown]
    composer: Composer
    watch: Schedule
    looks: PassContext
    now: datetime
    greeted: set[str]  # who has had a welcome
    backoffs: dict[str, Backoff]
    own: int  # how many of the next tasks no other machine will have begun with
    ready: deque[_Ready] = field(default_factory=deque)  # composed and claimed
    said: set[tuple[str, str]] = field(default_factory=set)  # (person, key) of what has gone out
    looked_again: bool = False
    composing: asyncio.Lock = field(default_factory=asyncio.Lock)
    stopped: bool = False  # the account is in trouble: nothing more in this round

    @property
    def has_fresh(self) -> bool:
        """Whether new mails come next. To whom mails failed before comes after what was lost.

        At its head it could stop every round before a lost mail is sent again.
        """
        return bool(self.tasks) and not (self.repeats and self.tasks[0].person.id in self.looks.failing)

    @property
    def left(self) -> int:
        return len(self.tasks) + len(self.repeats)

    def whole(self, task: Task) -> Task:
        """Give a task with what its mail says beside it: a welcome, and when the next one comes."""
        # A report has no room for a welcome, and of two mails only one can claim it.
        first = task.person.id not in self.greeted and not task.reports
        next_at = None
        with suppress(Exception):  # a plan whose dates cannot be counted costs its reader this sentence, and no more
            next_at = self.watch.next_for(task.person.id, self.now)
        return replace(task, first=first, next_at=next_at)


class Outbox:
    """The way of a reminder from due to sent. `tell` hears what became of each mail; `clock` gives aware UTC."""

    def __init__(
        self,
        ledger: Ledger,
        channel: Channel,
        *,
        sender: str,
        clock: Callable[[], datetime],
        tell: Callable[[Delivered | Failure | Held], None],
    ) -> None:
        self.ledger = ledger
        self.channel = channel
        self.sender = sender
        self.stopping = False
        self.retry_at: datetime | None = None
        self._clock = clock
        self._tell = tell
        self._writer = LedgerWriter(ledger)
        self._account = f"account:{channel.account}"

    async def round(
        self,
        watch: Schedule,
        composer: Composer,
        looks: PassContext,
        now: datetime,
        *,
        held: Callable[[Reminder], bool] = lambda _: False,
        extra: Sequence[Task] = (),
    ) -> bool:
        """Send all that is due and unsaid at `now`; tell whether everything that was to go out has gone.

        `held` names reminders that wait (for an edited file to be still), `extra` are mails beside reminders.
        Raises LedgerError where the ledger cannot be read or written: then nothing was sent that is not in it.
        """
        await self._writer.settle_what_is_left()
        await asyncio.to_thread(self.ledger.take_over, now)
        unsaid, leaving, unasked = await self._unsaid(watch, now)
        watch.open = {owner_of(reminder) for reminder in unsaid} | leaving | unasked
        waiting = [reminder for reminder in unsaid if not held(reminder)]
        repeats = await self._repeats(watch, now)
        beside = await self._unsaid_extra(extra)
        reports = [task for task in beside if task.reports]
        tasks = [*_with_extra(_by_person(waiting, watch), [task for task in beside if not task.reports]), *reports]
        self.retry_at = None
        if not tasks and not repeats:
            return not unsaid and not unasked
        backoffs = await asyncio.to_thread(self.ledger.backoffs)
        account = backoffs.get(self._account)
        if account is not None and waits(account, now, self.channel.stamp):
            self.retry_at = account.next_try
            self._say(Held(account.next_try, account.reason, account.reply))
            return False
        stamp = composer.stamp
        free = [task for task in tasks if not _waits(backoffs.get(f"person:{task.person.id}"), now, stamp)]
        failing = await self._failing(waiting, backoffs)
        place, machines = await asyncio.to_thread(self.ledger.machines)
        if machines > 1:  # each begins with a part of its own, or they would all compose the same mails
            random.shuffle(free)
        # what failed before does not hold up the others
        free.sort(key=lambda task: (task.person.id in failing, _part(task, machines) != place))
        own = sum(1 for _ in takewhile(lambda task: _part(task, machines) == place, free))
        free = _with_unreached(free, waiting, backoffs, watch.household)
        looks = replace(looks, everywhere=account.since if account else None, failing=failing)
        greeted = await self._greeted(free)
        batch = _Batch(deque(free), deque(repeats), composer, watch, looks, now, greeted, backoffs, own)
        await self._send_all(batch)
        left = {owner_of(r) for r in unsaid if (r.person, r.key) not in batch.said}
        watch.open = left | leaving | unasked
        self.retry_at = await self._next_try(now, stamp)
        return not left and not unasked and not batch.stopped and len(free) == len(tasks)

    async def finish(self) -> None:
        """Write down the ends of tries that could not be written yet. Raises LedgerError if they still cannot."""
        await self._writer.settle_what_is_left()

    async def _unsaid(self, watch: Schedule, now: datetime) -> tuple[list[Reminder], set[str], set[str]]:
        """Give what is due and unsaid, and the owners of what leaves on another machine, as it may yet come back.

        The third are owners who could not be asked.
        """
        owners = watch.ready(now)
        watch.open.update(owners)  # should anything fail from here on, they are asked again at the next look
        found: list[Reminder] = []
        unasked: set[str] = set()
        for start in range(0, len(owners), _CHUNK):
            found += self._asked(watch, owners[start : start + _CHUNK], now, unasked)
            await asyncio.sleep(0)
        pairs = {(reminder.person, reminder.subject.stem) for reminder in found}
        rows = await asyncio.to_thread(self.ledger.said, pairs) if pairs else {}
        unsaid = not_said(found, {pair: [(row.lead, row.at) for row in taken] for pair, taken in rows.items()}, now)
        leaving = {pair for pair, taken in rows.items() if any(row.state in _LEAVING for row in taken)}
        elsewhere = {owner_of(one) for one in found if leaving and (one.person, one.subject.stem) in leaving}
        return unsaid, elsewhere, unasked

    def _asked(self, watch: Schedule, owners: Sequence[str], now: datetime, unasked: set[str]) -> list[Reminder]:
        """Give what is due of these owners; one who cannot be asked costs no other anything."""
        try:
            return list(watch.ask(owners, now))
        except Exception as error:  # noqa: BLE001  # whatever it is
            if len(owners) > 1:
                return [reminder for owner in owners for reminder in self._asked(watch, [owner], now, unasked)]
            self._say(Failure(owners[0], error))
            unasked.add(owners[0])
            return []

    async def _unsaid_extra(self, extra: Sequence[Task]) -> list[Task]:
        pairs = {(task.person.id, _split(key)[0]) for task in extra for key in task.other_keys}
        said = await asyncio.to_thread(self.ledger.said, pairs) if pairs else {}
        unsaid = [
            replace(
                task, reports=tuple(one for one in task.reports if (task.person.id, _split(one.key)[0]) not in said)
            )
            for task in extra
        ]
        return [
            task
            for task in unsaid
            if task.reports or (task.problem_key and (task.person.id, _split(task.problem_key)[0]) not in said)
        ]

    async def _greeted(self, tasks: Sequence[Task]) -> set[str]:
        pairs = {(task.person.id, f"@{task.person.id}/{_WELCOME}") for task in tasks}
        return {person for person, _ in await asyncio.to_thread(self.ledger.said, pairs)} if pairs else set()

    async def _failing(self, waiting: Sequence[Reminder], backoffs: Mapping[str, Backoff]) -> dict[str, datetime]:
        pairs = {(reminder.person, reminder.subject.stem) for reminder in waiting}
        before = await asyncio.to_thread(self.ledger.failed_before, pairs) if pairs else {}
        failing = {key.removeprefix("person:"): b.since for key, b in backoffs.items() if key.startswith("person:")}
        for (person, _), since in before.items():
            failing[person] = min(since, failing.get(person, since))
        return failing

    async def _repeats(self, watch: Schedule, now: datetime) -> list[Unknown]:
        """Give the mails of unknown outcome that are due again; those with nothing true left in them end here."""
        due = []
        for mail in await asyncio.to_thread(self.ledger.unknown, now):
            if _is_still_true(mail, watch, now):
                due.append(mail)
            else:
                await asyncio.to_thread(self.ledger.give_up, mail.mail, "replaced", now)
        return due

    async def _next_try(self, now: datetime, stamp: str) -> datetime | None:
        backoffs = await asyncio.to_thread(self.ledger.backoffs)
        waiting = [
            backoff.next_try
            for key, backoff in backoffs.items()
            if waits(backoff, now, self.channel.stamp if key == self._account else stamp)
        ]
        return min(waiting, default=None)

    async def _send_all(self, batch: _Batch) -> None:
        """Send a batch over as many connections as it is worth; the first must stand before others are opened."""
        first = asyncio.Event()
        workers = [asyncio.create_task(self._connection(batch, first))]
        try:
            if batch.left > _FEW and self._account not in batch.backoffs:
                opened = asyncio.create_task(first.wait())
                await asyncio.wait([*workers, opened], return_when="FIRST_COMPLETED")
                opened.cancel()
                if first.is_set():
                    workers += [asyncio.create_task(self._connection(batch, first)) for _ in range(_CONNECTIONS - 1)]
            ends = await asyncio.gather(*workers, return_exceptions=True)
        finally:
            for worker in workers:
                worker.cancel()
            with suppress(LedgerError):  # then the next look does
                await asyncio.to_thread(self.ledger.release)
        for end in ends:
            if end is not None:
                raise end

    async def _connection(self, batch: _Batch, opened: asyncio.Event) -> None:
        try:
            async with self.channel.session() as session:
                opened.set()
                await self._send_over(session, batch)
        except DeliveryError as error:
            batch.stopped = True
            backoff = after(error.outcome, batch.backoffs.get(self._account), self._clock(), self.channel.stamp)
            await self._writer.exchange((), (), {self._account: backoff})
            self._say(Delivered(self._clock(), "", "", "", (), error.outcome, 0))
        except BaseException:
            batch.stopped = True  # the others end what they have in flight, so that it is known what became of it
            raise

    async def _send_over(self, session: Session, batch: _Batch) -> None:
        """Send until nothing is left; the next mail begins in the same write as the last one ends."""
        ready = await self._begun(batch)
        while ready is not None:
            outcome = await session.send(ready.envelope(self.sender))
            settled = Settlement(mail=ready.mail, outcome=outcome, at=self._clock())
            backoffs = self._backoffs_after(outcome, ready, batch)
            told = Delivered(settled.at, ready.person, ready.address, ready.subject, ready.keys, outcome, ready.mail)
            self._conclude(told, batch)
            coming = batch.ready.popleft() if batch.ready and not self._ends(batch) else None
            starts = () if coming is None else (Start(coming.mail, self._clock()),)
            try:
                begun = await self._writer.exchange((settled,), starts, backoffs)
            finally:
                self._say(told)  # afterwards: a log that hangs must not keep an end from being written down
            ready = coming if coming is not None and coming.mail in begun else await self._begun(batch)

    async def _begun(self, batch: _Batch) -> _Ready | None:
        """Give the next mail, which may leave from now on. What another machine has by now is left out."""
        while (ready := await self._next(batch)) is not None and not self._ends(batch):
            if ready.repeat is not None:
                mine = await asyncio.to_thread(self.ledger.repeat, ready.mail, self._clock())
            else:
                mine = ready.mail in await self._writer.exchange((), (Start(ready.mail, self._clock()),), {})
            if mine:
                return ready
        return None

    def _ends(self, batch: _Batch) -> bool:
        return batch.stopped or self.stopping

    async def _next(self, batch: _Batch) -> _Ready | None:
        while not batch.ready and batch.has_fresh and not self._ends(batch):
            async with batch.composing:
                if not batch.ready and not self._ends(batch):
                    await self._compose_some(batch)
        if batch.ready:
            return batch.ready.popleft()
        if batch.repeats:
            repeat = batch.repeats.popleft()
            return _Ready(mail=repeat.mail, repeat=repeat)
        return None

    async def _compose_some(self, batch: _Batch) -> None:
        """Compose the next mails in a row and claim them, each of what the ledger is asked once for all of them."""
        tasks = [batch.whole(task) for task in await self._fresh(batch)]
        composer = await asyncio.to_thread(batch.composer.knowing, tasks, batch.now)
        written: list[Composed] = []
        while tasks:
            # a report may take a second, for which the loop would stand still
            some = [*takewhile(lambda task: not task.reports, tasks[:_AT_ONCE])] or tasks[:1]
            tasks = tasks[len(some) :]
            for task, done in zip(some, composer.compose_all(some, batch.looks, batch.now), strict=True):
                composed = self._mended(task, done, composer, batch) if isinstance(done, Exception) else done
                if composed is not None:
                    written.append(composed)
            await asyncio.sleep(0)
        drafts = [_draft(composed, self.channel.account, self._clock()) for composed in written]
        for mail, composed in zip(await asyncio.to_thread(self.ledger.claim, drafts), written, strict=True):
            if mail is not None:
                batch.ready.append(_Ready(mail=mail, task=composed.task, composed=composed))
            else:
                batch.own = 0

    async def _fresh(self, batch: _Batch) -> list[Task]:
        """Take the next tasks; what another machine has taken meanwhile is left out."""
        count = min(_TOGETHER, 1 + len(batch.tasks) // _CONNECTIONS)  # the last ones by fewer and fewer
        fresh: list[Task] = []
        while len(fresh) < count and batch.has_fresh:
            some: list[Task] = []
            while len(some) < (min(count, batch.own) or count) and batch.has_fresh:
                some.append(batch.tasks.popleft())
            if batch.own:
                batch.own -= len(some)
                fresh += some
            else:
                fresh += await self._untaken(some)
                await self._look_again(batch)
        return fresh

    async def _look_again(self, batch: _Batch) -> None:
        """Once this machine's own part has gone, leave out all that the others have sent of theirs."""
        if not batch.looked_again:
            batch.looked_again = True
            batch.tasks = deque(await self._untaken([*batch.tasks]))

    async def _untaken(self, tasks: list[Task]) -> list[Task]:
        keys = [[(task.person.id, *_split(key)) for key in task.keys] for task in tasks]
        said = await asyncio.to_thread(self.ledger.said, {key[:2] for found in keys for key in found})
        taken = {(*pair, row.lead) for pair, found in said.items() for row in found}
        return [task for task, found in zip(tasks, keys, strict=True) if taken.isdisjoint(found)]

    def _mended(self, task: Task, error: Exception, composer: Composer, batch: _Batch) -> Composed | None:
        """Compose a mail anew without the reminders that cannot be written down; None where nothing is left."""
        alone = [replace(task, reminders=(reminder,)) for reminder in task.reminders]
        good = []
        for reminder, done in zip(task.reminders, composer.compose_all(alone, batch.looks, batch.now), strict=True):
            if isinstance(done, Exception):
                self._say(Failure(reminder.key, done))
            else:
                good.append(reminder)
        if len(good) == len(task.reminders):
            self._say(Failure(task.keys[0] if task.keys else "", error))
            return None
        return composer.compose(replace(task, reminders=tuple(good)), batch.looks, batch.now) if good else None

    def _backoffs_after(self, outcome: Outcome, ready: _Ready, batch: _Batch) -> dict[str, Backoff | None]:
        person = f"person:{ready.person}"
        if outcome.result == "sent":
            over = [key for key in (self._account, person) if batch.backoffs.pop(key, None) is not None]
            return dict.fromkeys(over)
        key = self._account if outcome.result == "unknown" else scope(outcome, self.channel.account, ready.person)
        stamp = self.channel.stamp if key == self._account else batch.composer.stamp
        batch.stopped = batch.stopped or key == self._account
        return {key: after(outcome, batch.backoffs.get(key), self._clock(), stamp)}

    def _conclude(self, told: Delivered, batch: _Batch) -> None:
        if told.outcome.result in ("sent", "unknown"):
            batch.said |= {(told.person, key) for key in told.keys}

    def _say(self, event: Delivered | Failure | Held) -> None:
        """Tell what happened; a full disk under the log, or nobody at the other end of it, keeps no mail back."""
        try:
            self._tell(event)
        except Exception:
            logging.getLogger("renewd").exception("what happened could not be told")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A mail that can be sent: newly composed, or one of unknown outcome again."""

    mail: int
    task: Task | None = None
    composed: Composed | None = None
    repeat: Unknown | None = None

    @property
    def person(self) -> str:
        return self.task.person.id if self.task else self._again.person

    @property
    def address(self) -> str:
        return self.task.person.email if self.task else self._again.address

    @property
    def subject(self) -> str:
        return self.composed.subject if self.composed else self._again.message_id

    @property
    def keys(self) -> tuple[str, ...]:
        return self.task.keys if self.task else tuple(reminded.key for reminded in self._again.reminders)

    @property
    def _again(self) -> Unknown:
        assert self.repeat is not None  # it is one or the other
        return self.repeat

    def envelope(self, sender: str) -> Envelope:
        if self.composed is not None:
            data, name = self.composed.data, self.composed.message_id
        else:
            data, name = self._again.data, self._again.message_id
        return Envelope(sender=sender, recipient=self.address, data=data, name=name)


def _draft(composed: Composed, account: str, now: datetime) -> Draft:
    task = composed.task
    reminded = [
        Reminded(r.subject.stem, r.lead, r.subject.plan.id if r.subject.plan else None, r.subject.kind)
        for r in task.reminders
    ]
    for report in task.reports:
        stem, lead = _split(report.key)
        reminded.append(Reminded(stem, lead, report.plan, "report"))
    if task.problem_key:
        stem, lead = _split(task.problem_key)
        reminded.append(Reminded(stem, lead, None, "problem"))
    if task.first:
        reminded.append(Reminded(f"@{task.person.id}/{_WELCOME}", 0, None, "welcome"))
    return Draft(
        person=task.person.id,
        address=task.person.email,
        account=account,
        message_id=composed.message_id,
        subject=composed.subject,
        data=composed.data,
        reminders=tuple(reminded),
        composed_at=now,
    )


def _split(key: str) -> tuple[str, int]:
    stem, _, lead = key.rpartition("/")
    return stem, int(lead)


def _by_person(reminders: Iterable[Reminder], watch: Schedule) -> list[Task]:
    by_person: dict[str, list[Reminder]] = {}
    for reminder in reminders:
        by_person.setdefault(reminder.person, []).append(reminder)
    return [Task(person=_person(watch, person), reminders=tuple(found)) for person, found in by_person.items()]


def _with_extra(tasks: list[Task], extra: Sequence[Task]) -> list[Task]:
    """Put what there is to tell beside reminders into the same mail: one a person and moment."""
    beside = {task.person.id: task for task in extra}
    joined = [
        replace(task, problems=more.problems, problem_key=more.problem_key)
        if (more := beside.pop(task.person.id, None))
        else task
        for task in tasks
    ]
    return [*joined, *beside.values()]


def _with_unreached(
    tasks: list[Task], waiting: Sequence[Reminder], backoffs: Mapping[str, Backoff], household: Household
) -> list[Task]:
    """Tell who runs renewd, in the mail that does get through, whom mails do not reach."""
    count = Counter(reminder.person for reminder in waiting)
    unreached = tuple(
        Unreached(person=person, since=backoff.since, reply=backoff.reply, count=count[person.id])
        for person in household.people.values()
        if (backoff := backoffs.get(f"person:{person.id}")) is not None and count[person.id] and person.id != "me"
    )
    if not unreached:
        return tasks
    return [replace(task, unreached=unreached) if task.person.id == "me" else task for task in tasks]


def _person(watch: Schedule, person: str) -> Person:
    return watch.household.people[person]


def _part(task: Task, machines: int) -> int:
    """Give which of so many machines begins with a task: all of them say the same."""
    return crc32(task.person.id.encode()) % machines


def _waits(backoff: Backoff | None, now: datetime, stamp: str) -> bool:
    return backoff is not None and waits(backoff, now, stamp)


def _is_still_true(mail: Unknown, watch: Schedule, now: datetime) -> bool:
    """Whether a reminder in a mail is still what its reader would be told: neither settled nor replaced by a later lead."""
    keys = {reminded.key for reminded in mail.reminders}
    owners = {reminded.plan or f"@{mail.person}" for reminded in mail.reminders}
    due = [watch.due_of(owner, now) for owner in owners]
    reminders = (reminder for found in due if found is not None for reminder in found.reminders)
    return any(reminder.person == mail.person and reminder.key in keys for reminder in reminders)
