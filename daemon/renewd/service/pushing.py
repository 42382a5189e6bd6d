"""The pushes beside the mails: each way has its own pass, which no mail waits for and which waits for no mail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from renewd.channels.http import prepare
from renewd.channels.push.channel import PushChannel
from renewd.config.secrets import push_secret
from renewd.config.settings import Settings
from renewd.delivery.composer import Composer
from renewd.delivery.events import DeliveryEvent
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.push_composer import PushComposer
from renewd.delivery.schedule import Schedule
from renewd.delivery.take_back import take_back
from renewd.delivery.task import PassContext
from renewd.delivery.ways import channel_of, is_carried
from renewd.domain.errors import Problem, RenewdError
from renewd.domain.plans import Household, Person
from renewd.ledger import Ledger, LedgerError, Unknown
from renewd.ledger.backoff import UNTIL_CHANGED
from renewd.ledger.executor import in_ledger_thread
from renewd.redact import MASK
from renewd.reminders import Findings, Reminder
from renewd.service.daemon_events import StepFailed, Trouble
from renewd.service.push_pace import turns

_MOST_TRIES = 2  # of a push whose outcome is unknown
_TAKE_BACK_AGAIN = timedelta(minutes=10)  # after a failed try to take pushes back


@dataclass(slots=True)
class PushWay:
    """One `[push.ID]` that reaches somebody: what it carries, and how far it is."""

    id: str
    channel: PushChannel
    outbox: Outbox
    schedule: Schedule
    composer: PushComposer
    problems: tuple[Problem, ...]
    take_back_at: datetime | None = None  # when to try again what could not be taken back
    again_at: datetime | None = None  # when those have a turn who had none in the last pass

    def has_news(self, now: datetime) -> bool:
        """Whether anything may have become due, settled or replaced since the last pass."""
        again = any(at is not None and at <= now for at in (self.take_back_at, self.again_at))
        return again or bool(self.schedule.open) or self.schedule.next_at <= now

    def see(self, household: Household, findings: Findings, now: datetime) -> None:
        """Use new findings from now on."""
        self.schedule = Schedule(household, findings, now)
        self.composer = push_composer(self.composer, findings)


def push_ways(
    household: Household,
    settings: Settings,
    composer: Composer,
    ledger: Ledger,
    *,
    clock: Callable[[], datetime],
    tell: Callable[[DeliveryEvent], None],
) -> tuple[PushWay, ...]:
    """Return the ways that reach somebody. A secret is read now, and again when the file changes."""
    now, named = clock(), {id_ for person in household.people.values() for id_ in person.push}
    ways = []
    for push in settings.pushes.values():
        if push.id not in named:
            continue
        secret = push_secret(push, os.environ)
        for word in secret.words:
            MASK.keep_secret(word)
        channel = PushChannel(settings=push, secret=secret, clock=clock)
        outbox = push_outbox(channel, household, ledger, tell=tell)
        schedule = Schedule(household, composer.findings, now)
        pushes = push_composer(composer, composer.findings)
        ways.append(PushWay(push.id, channel, outbox, schedule, pushes, secret.problems))
    return tuple(ways)


def push_composer(composer: Composer, findings: Findings) -> PushComposer:
    """Return a composer of pushes with what a composer of mails has."""
    return PushComposer(
        household=composer.household, findings=findings, settings=composer.settings, links=composer.links
    )


def push_outbox(
    way: PushChannel, household: Household, ledger: Ledger, *, tell: Callable[[DeliveryEvent], None]
) -> Outbox:
    """Return the outbox of one way."""
    push = way.settings
    channel = channel_of(push.id)

    def address(person: Person) -> str:
        return channel if push.id in person.push else ""

    def has_mail(id_: str) -> bool:
        person = household.people.get(id_)
        return person is not None and bool(person.email)

    def repeats(unknown: Unknown) -> bool:
        person = household.people.get(unknown.person)
        return person is not None and not person.email and unknown.tries < _MOST_TRIES

    return Outbox(
        ledger.of_channel(channel),
        way,
        sender="",
        clock=way.clock,
        tell=tell,
        takes=lambda reminder: is_carried(reminder, push, household),
        address_of=address,
        gives_up=has_mail,
        repeats=repeats,
        resumes=False,
    )


class Pushing:
    """The passes of all ways, each a task of its own: one that hangs holds up neither the mails nor the other ways."""

    def __init__(self, tell: Callable[[StepFailed | Trouble], None], *, once: bool) -> None:
        self._tell = tell
        self._once = once
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._prepared: asyncio.Task[None] | None = None

    def start(
        self, ways: Sequence[PushWay], context: PassContext, now: datetime, held: Callable[[Reminder], bool]
    ) -> None:
        """Begin a pass of each way whose last one is over."""
        if self._prepared is None:  # at the first pass, so that no mail waits for it at a moment to come
            self._prepared = asyncio.create_task(asyncio.to_thread(prepare))
        for way in ways:
            key = way.outbox.channel.account
            running = self._running.get(key)
            if running is None or running.done():
                self._running[key] = asyncio.create_task(self._pass(way, context, now, held))

    async def finished(self) -> bool:
        """Wait for the passes that are under way. Return whether everything that was due was sent."""
        return all(await asyncio.gather(*self._running.values()))

    async def stop(self) -> None:
        """End the passes that are under way, and note what became of their pushes."""
        running = [task for task in self._running.values() if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=1)

    async def _pass(self, way: PushWay, context: PassContext, now: datetime, held: Callable[[Reminder], bool]) -> bool:
        news = way.has_news(now)
        try:
            if self._prepared is not None:
                await asyncio.shield(self._prepared)
            holds = await self._holds(way, now, held) if news else held
            done = await deliver(way.outbox, way.schedule, way.composer, context, now, held=holds)
            if news:
                gone = await take_back(way.outbox, way.channel, way.schedule, now)
                way.take_back_at = None if gone else now + _TAKE_BACK_AGAIN
        except LedgerError as error:
            self._tell(Trouble(RenewdError(error.code, **error.args_)))
        except Exception as error:  # noqa: BLE001  # whatever it is, mails and the other ways go on
            self._tell(StepFailed("pushes", error))
        else:
            return done
        return False

    async def _holds(self, way: PushWay, now: datetime, held: Callable[[Reminder], bool]) -> Callable[[Reminder], bool]:
        """Return which reminders wait in this pass: those of an edited file, and of people without a turn."""
        way.again_at = None
        found = await in_ledger_thread(turns, way.channel, way.outbox.ledger, now, once=self._once)
        if found is None:
            return held
        has_no_turn, again_at = found.holds(), found.again_at

        def is_held(reminder: Reminder) -> bool:
            if held(reminder):
                return True
            if has_no_turn(reminder):
                way.again_at = again_at
                return True
            return False

        return is_held


def refusals(ways: Sequence[PushWay]) -> dict[str, Problem]:
    """Return by id why ways are not tried until something changes, or what to tell their owner. Raises LedgerError."""
    found = {}
    for way in ways:
        channel, id_ = way.channel, way.id
        if channel.moved:
            found[id_] = Problem(code="delivery.reason.push-moved", file=f"[push.{id_}]")
        for backoff in way.outbox.ledger.backoffs().values():
            if backoff.reason in UNTIL_CHANGED and backoff.stamp == channel.stamp:
                args = {"reply": backoff.reply}
                found[id_] = Problem(code=f"delivery.reason.{backoff.reason}", file=f"[push.{id_}]", args=args)
    return found


def wakes(ways: Sequence[PushWay]) -> Iterator[datetime]:
    """Iterate when each way has something to do next."""
    for way in ways:
        yield way.schedule.next_at
        if way.again_at is not None:
            yield way.again_at
        if way.outbox.retry_at is not None:
            yield way.outbox.retry_at
