"""The composer of a pass: from a task to a finished mail, by way of facts, message, words and bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from renewd.config import Settings
from renewd.delivery.task import PassContext, Task
from renewd.domain.dates import day_in
from renewd.domain.errors import Problem
from renewd.domain.plans import Household, Person
from renewd.formats import message as rfc5322
from renewd.i18n import language
from renewd.ledger import Revision, no_revisions
from renewd.reminders import Findings, Reminder
from renewd.reminders.facts import facts
from renewd.reminders.grouping import Lateness, Message, gather, welcome
from renewd.reminders.month import digest_facts

if TYPE_CHECKING:
    from renewd.calendar.builder import CalendarContext
    from renewd.calendar.entries import Entry
    from renewd.formats.ics import Event
    from renewd.render.mail import RenderedMail
    from renewd.render.mail_parts import MailSection
    from renewd.render.overrides import Overrides
    from renewd.report import ReportStyle
    from renewd.web.links import Links

_T = TypeVar("_T")
_R = TypeVar("_R")

LATE = timedelta(hours=1)  # a mail that leaves more than this after its moment is late (docs/rules.md#delivery)
_TEXT_COLUMNS = 72


def _no_links() -> Links | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A finished mail. The same task at the same instant always has the same bytes."""

    task: Task
    subject: str
    message_id: str
    data: bytes


class _Outline(NamedTuple):
    """A task with its content, before it is put into words."""

    task: Task
    message: Message
    event: Event | None


class _WordedTask(NamedTuple):
    """A task with its words, before they are made a mail."""

    outline: _Outline
    rendered: RenderedMail


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """What all mails are composed with."""

    household: Household
    findings: Findings
    settings: Settings
    overrides: Overrides | None = None
    doubts: tuple[Problem, ...] = ()  # dates in the file that may be mistyped
    revisions: Callable[[Sequence[str]], Mapping[str, Revision]] = no_revisions  # of the calendar's events, by key
    dates: Mapping[tuple[str, str], Entry] = field(default_factory=dict)  # of the calendar, by person and stem of a key
    links: Callable[[], Links | None] = _no_links  # as of now

    def compose(self, task: Task, context: PassContext, now: datetime) -> Composed:
        """Return the finished mail of a task. Raises MailError for an address that no mail can go to."""
        (result,) = self.with_calendar([task], now).compose_all([task], context, now)
        if isinstance(result, Exception):
            raise result
        return result

    def compose_all(self, tasks: Sequence[Task], context: PassContext, now: datetime) -> list[Composed | Exception]:
        """Return the finished mail of each task, or the error that kept it from being composed.

        Each step is done for all tasks before the next step: that takes a tenth less time than task by task.
        """
        outlines = _each(lambda task: self._outline(task, context, now), tasks)
        texts = _each(self._worded, outlines)
        return _each(lambda text: self._bytes(text, now), texts)

    def _outline(self, task: Task, context: PassContext, now: datetime) -> _Outline:
        message = self.message(task, context, now)
        if task.only_reports:
            return _Outline(task, message, None)
        event = self._event(task, message, now)
        return _Outline(task, self._linked(task, message, event, now), event)

    def _worded(self, outline: _Outline) -> _WordedTask:
        from renewd.render.mail import render  # noqa: PLC0415  # loads the template engine, which a waiting daemon needs not

        task = outline.task
        if task.only_reports:
            return _WordedTask(outline, self._reports(task))
        last = self._report_sections(task) if task.reports else {}
        return _WordedTask(outline, render(outline.message, self.household, overrides=self.overrides, last=last))

    def _report_style(self) -> ReportStyle:
        """Return the style of reports in mails. Phone and account numbers are masked."""
        from renewd.report import ReportStyle  # noqa: PLC0415

        return ReportStyle(masked=True, many=self.household.many_currencies, overrides=self.overrides)

    def _report_sections(self, task: Task) -> dict[str, list[MailSection]]:
        """Return a task's reports as parts of its mail, by language."""
        from renewd.report import as_sections  # noqa: PLC0415

        reports = [report.readiness for report in task.reports]
        return {code: as_sections(reports, code, self._report_style()) for code in task.person.languages}

    def _reports(self, task: Task) -> RenderedMail:
        """Return the words of a mail of reports alone."""
        from renewd.render.mail import RenderedMail  # noqa: PLC0415
        from renewd.report import as_html, as_text, subject  # noqa: PLC0415

        reports = [report.readiness for report in task.reports]
        codes = task.person.languages
        style = self._report_style()
        return RenderedMail(
            subject=subject(reports, codes[0], style),
            text="\n\n".join(as_text(reports, code, _TEXT_COLUMNS, style=style) for code in codes),
            html=as_html(reports, codes[0], style),
        )

    def message(self, task: Task, context: PassContext, now: datetime) -> Message:
        """Return the content of a task's mail, before it is put into words."""
        person = task.person
        digest = next((r for r in task.reminders if r.subject.kind == "digest"), None)
        found = [facts(r, self.household, self.findings, now) for r in task.reminders if r is not digest]
        blocks, more = gather(found)
        shown = (fact.key for block in blocks for fact in (block.facts, *block.also))
        me = self.household.people.get("me")
        runs_it = person.id == "me" or me is None
        watched = tuple(self.household.plans.values()) if runs_it else self.household.plans_of(person.id)
        return Message(
            person=person,
            written=now,
            keys=tuple(dict.fromkeys((*shown, *task.keys))),  # in the order in which the mail shows them
            blocks=blocks,
            more=more,
            digest=digest_facts(digest, self.household, self.findings, now) if digest else None,
            late=_late(task.reminders, context, now),
            next_at=task.next_at,
            runs_it=runs_it,
            first=welcome(watched, self.household) if task.first else None,
            doubts=self.doubts if task.first and runs_it else (),
            problems=task.problems,
            unreached=task.unreached,
            unpushed=tuple(context.refused[push] for push in person.push if push in context.refused),
            owner=me.called if me else None,
        )

    def with_calendar(self, tasks: Sequence[Task], now: datetime) -> Composer:
        """Return a composer that holds the calendar's dates of these tasks, and their revisions from one query."""
        from renewd.calendar.builder import key_of  # noqa: PLC0415  # loaded late, like the template engine
        from renewd.formats.ics import uid_of  # noqa: PLC0415

        dates: dict[tuple[str, str], Entry] = {}
        calendar = self._calendar(now)
        for task in tasks:
            with suppress(Exception):  # the mail matters more; the calendar's own pass reports what is broken
                found = calendar.entries_of((reminder.subject for reminder in task.reminders), task.person)
                dates.update({(task.person.id, stem): entry for stem, entry in found.items()})
        keys = [key_of(uid_of(entry.name), person) for (person, _), entry in dates.items()]
        known = self.revisions(keys) if keys else {}
        return replace(self, dates=dates, revisions=lambda asked: {key: known[key] for key in asked if key in known})

    def _calendar(self, now: datetime) -> CalendarContext:
        from renewd.calendar.builder import CalendarContext  # noqa: PLC0415

        today = day_in(now, self.household.zone)
        return CalendarContext(household=self.household, settings=self.settings.calendar, today=today)

    def _event(self, task: Task, message: Message, now: datetime) -> Event | None:
        """Return the calendar event of the mail's most urgent item. Mail programs show it as a card or a file."""
        stems = {reminder.key: reminder.subject.stem for reminder in task.reminders}
        found = (self.dates.get((task.person.id, stems[block.facts.key])) for block in message.blocks)
        first = next((entry for entry in found if entry is not None), None)
        try:
            return self._calendar(now).event(first, task.person) if first is not None else None
        except Exception:  # noqa: BLE001  # as in `with_calendar`
            return None

    def _linked(self, task: Task, message: Message, event: Event | None, now: datetime) -> Message:
        """Return the message with its links, where other devices can reach this machine."""
        links = self.links()
        if links is None:
            return message
        from renewd.calendar.builder import google_link  # noqa: PLC0415

        person, today = task.person, day_in(now, self.household.zone)
        if links.answers is not None:
            message = self._answerable(task, message, links, links.answers, today)
        if not links.url:
            return message
        taps = {reminder.key: links.tap(reminder, today) for reminder in task.reminders}
        return message._replace(
            taps={key: link for key, link in taps.items() if link is not None},
            page=links.page(person.id),
            subscribe=(links.feed(person.id), links.webcal(person.id)) if task.reminders else None,
            add=google_link(event) if event is not None else None,
        )

    def _answerable(self, task: Task, message: Message, links: Links, address: str, today: date) -> Message:
        """Return the message with what an answer by mail takes."""
        from renewd.formats.answer import mailto, token  # noqa: PLC0415  # only [answers] needs it

        words = language(task.person.languages[0])
        signed = [(one, found) for one in task.reminders if (found := links.answer(one, today)) is not None]
        by_mail = {}
        for reminder, found in signed:
            name = self.household.label(reminder.subject.plan) if reminder.subject.plan else ""
            by_mail[reminder.key] = mailto(address, words.say("answers.subject-done", name=name), found)
        answer = token(signed[0][1]) if len(signed) == len(message.blocks) == 1 else None
        return message._replace(by_mail=by_mail, answer=answer)

    def _reply_to(self, person: Person) -> str | None:
        """Return where answers go, if not to the sender: the mailbox that is read, else `me`."""
        if self.settings.answers is not None:
            address = self.settings.answers.address
            return address if address != self.settings.mail.from_.email else None
        me = self.household.people.get("me")
        return me.email if me and me.id != person.id else None

    def _attachments(self, person: Person, event: Event | None, now: datetime) -> tuple[rfc5322.Attachment, ...]:
        if event is None:
            return ()
        from renewd.calendar.builder import calendar_of  # noqa: PLC0415

        data = calendar_of(event, person, self.revisions, now)
        params = {"charset": "utf-8"}
        return (rfc5322.Attachment(filename="renewal.ics", content_type="text/calendar", params=params, data=data),)

    def _bytes(self, text: _WordedTask, now: datetime) -> Composed:
        (task, message, event), rendered = text
        sender = self.settings.mail.from_
        domain = rfc5322.domain_of(sender.email)
        message_id = rfc5322.message_id(task.person.id, task.keys, domain)
        data = rfc5322.compose(
            rfc5322.MessageParts(
                from_name=sender.name,
                from_address=sender.email,
                to_name=task.person.name if task.person.name != task.person.email else "",
                to_address=task.person.email,
                reply_to=self._reply_to(task.person),
                subject=rendered.subject,
                text=rendered.text,
                html=rendered.html,
                message_id=message_id,
                references=_thread(task.person, message.keys, domain),
                date=now,
                keys=message.keys,
                languages=task.person.languages,
                attachments=self._attachments(task.person, event, now),
            )
        )
        return Composed(task=task, subject=rfc5322.one_line(rendered.subject), message_id=message_id, data=data)


def _each(step: Callable[[_T], _R], items: Sequence[_T | Exception]) -> list[_R | Exception]:
    """Return the result of a step for each item, or its error. An item that failed before stays as it is."""
    results: list[_R | Exception] = []
    for item in items:
        try:
            results.append(item if isinstance(item, Exception) else step(item))
        except Exception as error:  # noqa: BLE001  # a mail that cannot be composed keeps no other back
            results.append(error)
    return results


def _thread(person: Person, keys: Sequence[str], domain: str) -> tuple[str, ...]:
    """Return the reference that all mails about the most urgent plan, kind and date share."""
    if not keys:
        return ()
    root = "\x1f".join(["thread", person.id, keys[0].rpartition("/")[0]])
    return (f"<{sha256(root.encode()).hexdigest()[:32]}@{domain}>",)


def _late(reminders: Sequence[Reminder], context: PassContext, now: datetime) -> Lateness | None:
    """Return why a mail is late: renewd was off, or delivery failed. Return None for a mail that is not late."""
    missed = [reminder for reminder in reminders if now - reminder.moment > LATE]
    off = [reminder for reminder in missed if _while_off(reminder, context)]
    if off and context.last is not None:
        return Lateness(cause="off", due=min(r.moment for r in off), since=context.last, until=now)
    for reminder in missed:
        failing = context.failing.get(reminder.person) or context.everywhere
        if failing is not None and reminder.moment <= now - LATE:
            return Lateness(cause="delivery", due=min(r.moment for r in missed), since=failing, until=now)
    return None


def _while_off(reminder: Reminder, context: PassContext) -> bool:
    if context.last is None or reminder.moment <= context.last:
        return False
    plan = reminder.subject.plan
    return plan is None or ((since := context.since.get(plan.id)) is not None and since <= context.last)
