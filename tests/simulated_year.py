"""A household's life on a clock of its own: the real way from due to sent, with facts that change on their days.

    life = await live(TOML, "2026-12-01 08:00", days=365, events={"2026-12-04": "mark tello renewed"})
    life.told("tello/renewal")      # [("2026-11-28", "tello/renewal/2026-12-05/7"), ...]

Facts change as they do for an owner: a command is typed, a line of the file is edited.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from households import at
from mail_text import text_of
from renewd.config import Calendar, MailSettings, Settings
from renewd.config.addresses import Sender
from renewd.delivery.composer import Composer, _Outline, _WordedTask
from renewd.delivery.events import Delivered, Failure, Held
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext, Task
from renewd.domain import cycles
from renewd.domain.dates import day_in, instant
from renewd.domain.errors import Problem
from renewd.domain.outcome import Envelope, Outcome
from renewd.domain.plans import Household, Plan, Receipt
from renewd.ledger import Ledger
from renewd.ledger.sqlite import in_memory
from renewd.reminders import Findings, Reminder
from renewd.reminders.grouping import Message
from renewd.render.mail import RenderedMail as Words
from renewd.service.live_config import doubts_of
from renewd.service.reports import Reporter
from renewd.service.simulation import SimulatedClock
from toml_builder import File

SETTINGS = Settings(
    mail=MailSettings(to=None, from_=Sender("renewd", "renewd@example.com"), reply_to=None), calendar=Calendar()
)
STILL = timedelta(minutes=5)  # what becomes due by an edit waits for so long
BEAT = timedelta(seconds=30)  # between two passes
SENT = Outcome(result="sent")

Change = Callable[[Household, date], Household]
Edit = tuple[str, str]  # what stood in the file, and what stands there now
Event = Change | str | Edit | None  # a str is a command: "mark tello renewed --on 2026-12-03"
Habit = Callable[[Household, date], Event]  # what the owner does of an evening


class Got(NamedTuple):
    """A mail in somebody's mailbox."""

    at: datetime
    person: str
    subject: str
    keys: tuple[str, ...]
    data: bytes
    letter: Message

    @property
    def text(self) -> str:
        """Return the mail's plain text."""
        return text_of(self.data)


@dataclass
class Pigeonholes:
    """A channel that keeps what it is given; `answer` may refuse it, or lose its own answer."""

    account: str = "pigeonholes"
    stamp: str = ""
    letters: list[Envelope] = field(default_factory=list)
    tries: list[datetime] = field(default_factory=list)
    answer: Callable[[Envelope, datetime], Outcome] = lambda _envelope, _now: SENT
    clock: Callable[[], datetime] | None = None
    in_doubt: bool = True

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Pigeonholes]:
        yield self

    async def send(self, envelope: Envelope) -> Outcome:
        assert self.clock is not None
        self.tries.append(self.clock())
        outcome = self.answer(envelope, self.clock())
        if outcome.result in ("sent", "unknown"):
            self.letters.append(envelope)
        return outcome


class Form(NamedTuple):
    """What a household was from an instant on; `text` is its file, where it has one."""

    since: datetime
    household: Household
    text: str


@dataclass(repr=False)  # asyncio.run writes down what a task gave
class Life:
    """What a household got, the forms that it went through, and the ledger it left."""

    ledger: Ledger
    mails: list[Got] = field(default_factory=list)
    broken: list[Failure] = field(default_factory=list)
    passes: list[datetime] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    def keys(self, person: str = "me") -> list[str]:
        """Return every key that somebody was told, in the order in which it came."""
        return [key for mail in self.mails if mail.person == person for key in mail.keys]

    def told(self, prefix: str = "", person: str = "me", zone: str = "America/New_York") -> list[tuple[str, str]]:
        """Return (day in a zone, key) of the keys that begin so; of the person's own digests none, unless asked for."""
        return [
            (str(day_in(mail.at, zone)), key)
            for mail in self.mails
            if mail.person == person
            for key in mail.keys
            if key.startswith(prefix) and (prefix or "/digest/" not in key)
        ]

    def count(self) -> Counter[str]:
        """Count the mails of each person."""
        return Counter(mail.person for mail in self.mails)

    def kinds(self, person: str) -> Counter[str]:
        """Count the reminders of each kind that a person got."""
        return Counter(kind_of(key) for key in self.keys(person))

    def household_at(self, moment: datetime) -> Household:
        """Return the household as it stood at an instant."""
        return self.form_at(moment).household

    def form_at(self, moment: datetime) -> Form:
        """Return what was in force at an instant; the first form also before it, where a clock was set back."""
        return next((form for form in reversed(self.forms) if form.since <= moment), self.forms[0])

    @property
    def last(self) -> Household:
        """The household as it stands at the end."""
        return self.forms[-1].household


def kind_of(key: str) -> str:
    """Return the kind of a key."""
    return key.split("/")[1].partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping(Composer):
    """A composer that keeps the letters which it puts into words; `words` are those who get words, None: everybody."""

    kept: dict[tuple[str, frozenset[str]], Message] = field(default_factory=dict)
    words: Collection[str] | None = None

    def message(self, task: Task, context: PassContext, now: datetime) -> Message:
        message = Composer.message(self, task, context, now)
        self.kept[task.person.id, frozenset(task.keys)] = message
        return message

    def with_calendar(self, tasks: Sequence[Task], now: datetime) -> Composer:
        worded = [task for task in tasks if self._is_worded(task)]  # the others have no event
        return Composer.with_calendar(self, worded, now) if worded else self

    def _worded(self, outline: _Outline) -> _WordedTask:
        if self._is_worded(outline.task):
            return Composer._worded(self, outline)
        key = outline.message.keys[0]
        return _WordedTask(outline, Words(subject=key, text=key, html=""))

    def _is_worded(self, task: Task) -> bool:
        return self.words is None or task.person.id in self.words


class Story(NamedTuple):
    """What happens in a life beside the daemon's own doing; days and clocks in the household's zone.

    `off`: from when to when the daemon does not run. `jumps`: by how much the machine's clock moves, and when.
    """

    events: Mapping[str, Event | list[Event]] = {}
    habits: Sequence[Habit] = ()
    off: Sequence[tuple[str, str]] = ()
    jumps: Mapping[str, timedelta] = {}


async def live(
    home: Household | str,
    start: str = "2026-12-01 08:00",
    *,
    days: float = 365,
    events: Mapping[str, Event | list[Event]] | None = None,
    habits: Sequence[Habit] = (),
    off: Sequence[tuple[str, str]] = (),
    jumps: Mapping[str, timedelta] | None = None,
    channel: Pigeonholes | None = None,
    beat: timedelta = timedelta(days=40),
    words: Collection[str] | None = None,
) -> Life:
    """Live from `start` for so many days; an event without a clock happens at 20:00 of its day.

    The daemon runs a pass when the schedule or the outbox wants one, and at least every `beat`. `words` are those whose
    mails are put into words, None: everybody's.
    """
    story = Story(events or {}, habits, off, jumps or {})
    return await _Living(home, start, story, channel or Pigeonholes(), words).through(days, beat)


class _Living:
    """One life while it is lived."""

    ledger = staticmethod(in_memory)  # what makes the ledger

    def __init__(
        self, home: Household | str, start: str, story: Story, channel: Pigeonholes, words: Collection[str] | None
    ) -> None:
        self.file = File(home) if isinstance(home, str) else None
        self.doubts: tuple[Problem, ...] = ()
        self.household = home if isinstance(home, Household) else self.read(at(start))
        self.story = story
        self.words = words
        self.clock = SimulatedClock(at(start, self.household.zone))
        self.since = dict.fromkeys(self.household.plans, self.clock.now)
        self.life = Life(self.ledger(), forms=[self.form()])
        self.channel = channel
        channel.clock = self.clock
        self.outbox = Outbox(self.life.ledger, channel, sender="renewd@example.com", clock=self.clock, tell=self.heard)
        self.last: datetime | None = None
        self.kept: dict[tuple[str, frozenset[str]], Message] = {}
        self.edited_at: datetime | None = None
        self.edited: set[str] = set()
        self.end = self.clock.now
        self.woke: datetime | None = None
        self.turns: list[Callable[[], None]] = []  # of the clock
        self.reporter: Reporter
        self.adopt()

    def read(self, now: datetime) -> Household:
        assert self.file is not None
        loaded = self.file.load(now)
        self.doubts = doubts_of(loaded)
        return loaded.household

    def form(self) -> Form:
        return Form(self.clock.now, self.household, self.file.text if self.file else "")

    def adopt(self) -> None:
        """Put what stands in the file into force, as the daemon does."""
        self.findings = Findings(since=self.since)
        self.schedule = Schedule(self.household, self.findings, self.clock.now)
        self.composer = Keeping(
            household=self.household,
            findings=self.findings,
            settings=SETTINGS,
            doubts=self.doubts,
            kept=self.kept,
            words=self.words,
        )

    def heard(self, event: Delivered | Failure | Held) -> None:
        if isinstance(event, Failure):
            self.life.broken.append(event)
        elif isinstance(event, Delivered) and event.outcome.result == "sent":
            letter = self.kept[event.person, frozenset(event.keys)]
            data = self.channel.letters[-1].data
            self.life.mails.append(Got(event.at, event.person, event.subject, event.keys, data, letter))

    async def through(self, days: float, beat: timedelta) -> Life:
        with TemporaryDirectory(prefix="renewd-") as folder:
            self.reporter = Reporter(Path(folder))
            return await self._through(days, beat)

    async def _through(self, days: float, beat: timedelta) -> Life:
        zone = self.household.zone
        self.end = self.clock.now + timedelta(days=days)
        plots = sorted(self._plots(zone), key=lambda plot: plot[0])
        while self.clock.now < self.end:
            await self.run_pass()
            following = min(
                self.schedule.next_at,
                self.reporter.next_at or self.end,
                self.outbox.retry_at or self.end,
                self.clock.now + beat,
            )
            if self.edited_at is not None and self.edited_at + STILL > self.clock.now:
                following = min(following, self.edited_at + STILL)
            following = max(following, self.clock.now + BEAT)
            if plots and plots[0][0] <= following:
                moment, happens = plots.pop(0)
                self.clock.now = max(moment, self.clock.now)
                happens()
                # What happened while the daemon was off; it sees the clock as that was set in the end.
                while over := [plot for plot in plots if plot[0] <= self.clock.now]:
                    plot = next((one for one in over if one[1] in self.turns), over[0])
                    plots.remove(plot)
                    plot[1]()
            else:
                self.clock.now = following
        return self.life

    async def run_pass(self) -> None:
        """Run one pass, as the daemon does."""
        now = self.clock.now
        reports = self.reporter.due(self.household, self.findings, now, held=self.is_just_edited)
        context = PassContext(last=self.last, since=self.since, report_at=self.reporter.next_at)
        await deliver(self.outbox, self.schedule, self.composer, context, now, held=self.is_held, extra=reports)
        self.life.passes.append(now)
        self.last = now

    def is_held(self, reminder: Reminder) -> bool:
        return reminder.subject.plan is not None and self.is_just_edited(reminder.subject.plan)

    def is_just_edited(self, plan: Plan) -> bool:
        edited_at = self.edited_at
        if edited_at is None or plan.id not in self.edited:
            return False
        return timedelta(0) <= self.clock.now - edited_at < STILL

    def _plots(self, zone: str) -> list[tuple[datetime, Callable[[], None]]]:
        """Return all that happens, by its instant."""
        plots: list[tuple[datetime, Callable[[], None]]] = []
        for on, events in self.story.events.items():
            what = events if isinstance(events, list) else [events]
            plots.append((_moment(on, zone), lambda what=what: self.happen(what)))  # type: ignore[misc]
        if self.story.habits:
            for n in range((self.end - self.clock.now).days + 1):
                evening = instant(day_in(self.clock.now, zone) + timedelta(days=n), time(20), zone)
                plots.append((evening, self.evening))
        for begins, ends in self.story.off:
            plots.append((at(begins, zone), lambda ends=ends: self.sleep(at(ends, zone))))  # type: ignore[misc]
        for on, by in self.story.jumps.items():
            self.turns.append(lambda by=by: self.jump(by))  # type: ignore[misc]
            plots.append((at(on, zone), self.turns[-1]))
        return [plot for plot in plots if self.clock.now <= plot[0]]

    def sleep(self, until: datetime) -> None:
        """The daemon is off from now on, and starts again later; it knows when its last pass was."""
        self.last = self.clock.now  # it had a pass every half minute, and kept the last one
        self.clock.now = self.woke = max(self.clock.now, until)  # one night within another does not turn the clock back
        self.life.ledger.recover(self.clock.now)
        self.adopt()

    def jump(self, by: timedelta) -> None:
        """The machine's clock moves; the household's life does not get longer or shorter by it."""
        self.woke = self.clock.now + by if self.woke == self.clock.now else self.woke
        self.clock.now += by
        self.end += by

    def evening(self) -> None:
        today = day_in(self.clock.now, self.household.zone)
        self.happen([habit(self.household, today) for habit in self.story.habits])

    def happen(self, events: list[Event]) -> None:
        before = self.household
        for event in events:
            if event is not None:
                self.household = self._after(event)
        if self.household == before:
            return
        plans = self.household.plans
        now = self.clock.now
        self.edited = {id_ for id_, plan in plans.items() if plan != before.plans.get(id_)}
        self.edited_at = now if now != self.woke else None  # at its start the daemon takes the file as it is
        self.since = {id_: now if id_ in self.edited else self.since[id_] for id_ in plans}
        self.life.forms.append(self.form())
        self.adopt()

    def _after(self, event: Event) -> Household:
        if callable(event):
            assert self.file is None
            return event(self.household, day_in(self.clock.now, self.household.zone))
        assert self.file is not None
        if isinstance(event, str):
            self.file.type(event, self.household, self.clock.now)
        elif event is not None:
            self.file.edit(*event)
        return self.read(self.clock.now)


def _moment(on: str, zone: str) -> datetime:
    return at(on if " " in on else f"{on} 20:00", zone)


def change(plan_id: str, **fields: object) -> Change:
    """Return a change of a plan's fields."""

    def changed_(household: Household, _today: date) -> Household:
        plan = household.plans[plan_id]._replace(**fields)  # type: ignore[arg-type]
        return with_plan(household, plan)

    return changed_


def renewed(plan_id: str) -> Change:
    """Return what `renewd mark PLAN renewed` does."""

    def changed_(household: Household, today: date) -> Household:
        plan = household.plans[plan_id]
        paid = cycles.paid(plan, today=today)
        assert paid is not None
        receipts = (*plan.receipts, Receipt(on=paid.on))
        if plan.autopay and plan.failed_on is None:
            return with_plan(household, plan._replace(receipts=receipts))
        fields = {"renews": paid.renews, "day": paid.day, "receipts": receipts, "failed_on": None}
        return with_plan(household, plan._replace(**fields))  # type: ignore[arg-type]

    return changed_


def with_plan(household: Household, plan: Plan) -> Household:
    """Return the household with a plan in the place of its older form."""
    return dataclasses.replace(household, plans={**household.plans, plan.id: plan})
