"""From reminders to a finished mail: facts, letter, words, bytes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from renewd.config import Settings
from renewd.domain.dates import day_in
from renewd.domain.errors import Problem
from renewd.domain.plans import Household, Person
from renewd.domain.readiness import Readiness
from renewd.formats import message as rfc5322
from renewd.ledger import Revision
from renewd.reminders import Findings, Reminder
from renewd.reminders.facts import Facts, facts
from renewd.reminders.grouping import Lateness, Message, Unreached, gather
from renewd.reminders.month import digest_facts

if TYPE_CHECKING:
    from renewd.calendar.builder import CalendarContext
    from renewd.formats.ics import Event
    from renewd.render.mail import RenderedMail
    from renewd.render.overrides import Overrides
    from renewd.web.links import Links

_T = TypeVar("_T")

LATE = timedelta(hours=1)  # design §4: late means more than an hour after its moment
_TEXT_COLUMNS = 72


def _no_revisions(_keys: Sequence[str]) -> Mapping[str, Revision]:
    return {}


def _no_links() -> Links | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassContext:
    """What renewd last knew, all in UTC: when it last looked, and since when each plan stands as it does.

    `failing` is since when deliveries have failed, by person; `everywhere` the same for the whole account.
    """

    last: datetime | None = None
    since: Mapping[str, datetime] = field(default_factory=dict)
    failing: Mapping[str, datetime] = field(default_factory=dict)
    everywhere: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportToMail:
    """A readiness report to be mailed, with the key under which the ledger remembers it."""

    key: str
    readiness: Readiness

    @property
    def plan(self) -> str:
        """Give the id of its plan."""
        return self.readiness.plan.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one person is to be told now: reminders, mistakes in the file, and whom mails do not reach.

    `reports` have a mail of their own.
    """

    person: Person
    reminders: tuple[Reminder, ...] = ()
    problems: tuple[Problem, ...] = ()
    problem_key: str | None = None
    unreached: tuple[Unreached, ...] = ()
    reports: tuple[ReportToMail, ...] = ()
    first: bool = False
    next_at: datetime | None = None  # when the reader's next mail comes, as things stand (UTC)

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the keys of all that it tells."""
        return (*(reminder.key for reminder in self.reminders), *self.other_keys)

    @property
    def other_keys(self) -> tuple[str, ...]:
        """Give the keys of what are no reminders."""
        keys = tuple(report.key for report in self.reports)
        return (*keys, self.problem_key) if self.problem_key else keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A mail as it will be sent; the same task at the same instant gives the same bytes."""

    task: Task
    subject: str
    message_id: str
    data: bytes
    broken: tuple[Problem, ...]  # templates of the user's that were not used


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Everything a mail is composed with that does not change from mail to mail."""

    household: Household
    findings: Findings
    settings: Settings
    overrides: Overrides | None = None
    doubts: tuple[Problem, ...] = ()  # dates in the file that may be slips of the hand
    stamp: str = ""  # changes when the file does: then who was refused is worth a try at once
    revisions: Callable[[Sequence[str]], Mapping[str, Revision]] = _no_revisions  # of the calendar's events, by key
    links: Callable[[], Links | None] = _no_links  # as they are now

    def compose(self, task: Task, looks: PassContext, now: datetime) -> Composed:
        """Give the finished mail for a task. Raises MailError for an address that no mail can go to."""
        (done,) = self.compose_all([task], looks, now)
        if isinstance(done, Exception):
            raise done
        return done

    def compose_all(self, tasks: Sequence[Task], looks: PassContext, now: datetime) -> list[Composed | Exception]:
        """Give the finished mail for each task, or what kept it from being written.

        One step is done for all before the next: a processor does what it has just done a fifth sooner.
        """
        return _in_step([self._steps(task, looks, now) for task in tasks])

    def _steps(self, task: Task, looks: PassContext, now: datetime) -> Generator[None, None, Composed]:
        from renewd.render.mail import render  # noqa: PLC0415  # the templates' engine: a daemon that waits needs none

        letter = self.letter(task, looks, now)
        if task.reports:
            return self._bytes(task, letter, self._reports(task), now, ())
        event = self._event(task, letter, now)
        letter = self._linked(task, letter, event, now)
        yield
        written = render(letter, self.household, overrides=self.overrides)
        yield
        files = self._attachments(task.person, event, now)
        yield
        return self._bytes(task, letter, written, now, files)

    def _reports(self, task: Task) -> RenderedMail:
        """Give a mail with reports, in which the numbers of lines and accounts are shortened."""
        from renewd.render.mail import RenderedMail  # noqa: PLC0415
        from renewd.report import as_html, as_text, subject  # noqa: PLC0415

        reports = [report.readiness for report in task.reports]
        codes, many = task.person.languages, self.household.many_currencies
        texts = [
            as_text(reports, code, _TEXT_COLUMNS, masked=True, many=many, overrides=self.overrides) for code in codes
        ]
        return RenderedMail(
            subject=subject(reports, codes[0], masked=True, many=many, overrides=self.overrides),
            text="\n\n".join(texts),
            html=as_html(reports, codes[0], masked=True, many=many, overrides=self.overrides),
        )

    def letter(self, task: Task, looks: PassContext, now: datetime) -> Message:
        """Give what a task says, before it is put into words."""
        person = task.person
        digest = next((r for r in task.reminders if r.subject.kind == "digest"), None)
        found = [facts(r, self.household, self.findings, now) for r in task.reminders if r is not digest]
        blocks, more = gather(found)
        me = self.household.people.get("me")
        runs_it = person.id == "me" or me is None
        watched = self.household.plans if runs_it else self.household.plans_of(person.id)
        return Message(
            person=person,
            written=now,
            keys=_ordered(blocks_keys=[fact for block in blocks for fact in (block.facts, *block.also)], task=task),
            blocks=blocks,
            more=more,
            digest=digest_facts(digest, self.household, self.findings, now) if digest else None,
            late=_late(task.reminders, looks, now),
            next_at=task.next_at,
            runs_it=runs_it,
            first=(len(watched), self.household.zone) if task.first else None,
            doubts=self.doubts if task.first and runs_it else (),
            problems=task.problems,
            unreached=task.unreached,
            owner=me.name if me else None,
        )

    def knowing(self, tasks: Sequence[Task], now: datetime) -> Composer:
        """Give a composer that has looked up what is known of these tasks' events, all at once."""
        from renewd.calendar.builder import keys_of  # noqa: PLC0415  # like the templates' engine

        keys: list[str] = []
        drawing = self._drawing(now)
        for task in tasks:
            with suppress(Exception):  # as in `_event`
                keys += keys_of(drawing, task.person, [reminder.subject for reminder in task.reminders])
        known = self.revisions(keys) if keys else {}
        return replace(self, revisions=lambda asked: {key: known[key] for key in asked if key in known})

    def _drawing(self, now: datetime) -> CalendarContext:
        from renewd.calendar.builder import CalendarContext  # noqa: PLC0415

        today = day_in(now, self.household.zone)
        return CalendarContext(household=self.household, settings=self.settings.calendar, today=today)

    def _event(self, task: Task, letter: Message, now: datetime) -> Event | None:
        """Give the event of the mail's most urgent item: mail programs show its card, or keep it as a file."""
        from renewd.calendar.builder import first_event  # noqa: PLC0415

        subjects = {reminder.key: reminder.subject for reminder in task.reminders}
        ordered = [subjects[block.facts.key] for block in letter.blocks]
        try:
            return first_event(self._drawing(now), task.person, ordered)
        except Exception:  # noqa: BLE001  # the mail matters more; the calendar's own round tells of what is broken
            return None

    def _linked(self, task: Task, letter: Message, event: Event | None, now: datetime) -> Message:
        """Give the letter with its links, where others can reach this machine."""
        links = self.links()
        if links is None:
            return letter
        from renewd.calendar.builder import google_link  # noqa: PLC0415

        person = task.person
        taps = {reminder.key: links.tap(reminder, day_in(now, self.household.zone)) for reminder in task.reminders}
        return replace(
            letter,
            taps={key: link for key, link in taps.items() if link is not None},
            subscribe=(links.feed(person.id), links.webcal(person.id)) if task.reminders else None,
            add=google_link(event) if event is not None else None,
        )

    def _attachments(self, person: Person, event: Event | None, now: datetime) -> tuple[rfc5322.Attachment, ...]:
        if event is None:
            return ()
        from renewd.calendar.builder import calendar_of  # noqa: PLC0415

        data = calendar_of(event, person, self.revisions, now)
        params = {"charset": "utf-8"}
        return (rfc5322.Attachment(filename="renewal.ics", content_type="text/calendar", params=params, data=data),)

    def _bytes(
        self,
        task: Task,
        letter: Message,
        written: RenderedMail,
        now: datetime,
        attachments: tuple[rfc5322.Attachment, ...] = (),
    ) -> Composed:
        sender = self.settings.mail.from_
        domain = rfc5322.domain_of(sender.email)
        me = self.household.people.get("me")
        message_id = rfc5322.message_id(task.person.id, task.keys, domain)
        data = rfc5322.compose(
            rfc5322.MessageParts(
                from_name=sender.name,
                from_address=sender.email,
                to_name=task.person.name if task.person.name != task.person.email else "",
                to_address=task.person.email,
                reply_to=me.email if me and me.id != task.person.id else None,
                subject=written.subject,
                text=written.text,
                html=written.html,
                message_id=message_id,
                references=_thread(task.person, letter.keys, domain),
                date=now,
                keys=letter.keys,
                languages=task.person.languages,
                attachments=attachments,
            )
        )
        return Composed(
            task=task,
            subject=rfc5322.one_line(written.subject),
            message_id=message_id,
            data=data,
            broken=tuple(written.broken),
        )


def _in_step(works: Sequence[Generator[None, None, _T]]) -> list[_T | Exception]:
    """Run each work to its next `yield` before any goes on; give what each returns or raises."""
    ends: dict[int, _T | Exception] = {}
    while len(ends) < len(works):
        for place, work in enumerate(works):
            if place not in ends:
                try:
                    next(work)
                except StopIteration as end:
                    ends[place] = end.value
                except Exception as error:  # noqa: BLE001  # one mail that cannot be written keeps no other back
                    ends[place] = error
    return [ends[place] for place in range(len(works))]


def _ordered(*, blocks_keys: Sequence[Facts], task: Task) -> tuple[str, ...]:
    """Give all keys of a task, in the order in which the mail shows them."""
    shown = dict.fromkeys(fact.key for fact in blocks_keys)
    return tuple(shown | dict.fromkeys(task.keys))


def _thread(person: Person, keys: Sequence[str], domain: str) -> tuple[str, ...]:
    """Give the thread of the most urgent subject: a reference that all mails of one plan, kind and date share."""
    if not keys:
        return ()
    root = "\x1f".join(["thread", person.id, keys[0].rpartition("/")[0]])
    return (f"<{sha256(root.encode()).hexdigest()[:32]}@{domain}>",)


def _late(reminders: Sequence[Reminder], looks: PassContext, now: datetime) -> Lateness | None:
    """Say why a mail is late, if it is: renewd was not looking, or delivery had failed."""
    missed = [reminder for reminder in reminders if now - reminder.moment > LATE]
    off = [reminder for reminder in missed if _while_off(reminder, looks)]
    if off and looks.last is not None:
        return Lateness(cause="off", due=min(r.moment for r in off), since=looks.last, until=now)
    for reminder in missed:
        failing = looks.failing.get(reminder.person) or looks.everywhere
        if failing is not None and reminder.moment <= now - LATE:
            return Lateness(cause="delivery", due=min(r.moment for r in missed), since=failing, until=now)
    return None


def _while_off(reminder: Reminder, looks: PassContext) -> bool:
    if looks.last is None or reminder.moment <= looks.last:
        return False
    plan = reminder.subject.plan
    return plan is None or ((since := looks.since.get(plan.id)) is not None and since <= looks.last)
