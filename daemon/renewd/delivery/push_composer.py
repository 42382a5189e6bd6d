"""The composer of pushes: the most urgent reminder of a moment in two lines, and where a tap leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from renewd.delivery.composer import Composed, Composer
from renewd.delivery.task import PassContext, Task
from renewd.domain.dates import day_in
from renewd.formats.push_content import Push, subject_id
from renewd.i18n import language
from renewd.reminders.urgent import breaks_through
from renewd.render.push_words import push_words


class PushComposer(Composer):
    """What all pushes are composed with. The ledger keeps a push as JSON in place of a mail's bytes."""

    __slots__ = ()

    def compose_all(self, tasks: Sequence[Task], context: PassContext, now: datetime) -> list[Composed | Exception]:
        """Return the push of each task, or the error that kept it from being composed."""
        found: list[Composed | Exception] = []
        for task in tasks:
            try:
                found.append(self._push(task._replace(first=False), context, now))
            except Exception as error:  # noqa: BLE001  # one that cannot be composed keeps no other back
                found.append(error)
        return found

    def with_calendar(self, _tasks: Sequence[Task], _now: datetime) -> Composer:
        """Return this composer: a push carries no calendar event."""
        return self

    def _push(self, task: Task, context: PassContext, now: datetime) -> Composed:
        message = self.message(task, context, now)
        first = message.blocks[0].facts
        reminder = next(one for one in task.reminders if one.key == first.key)
        person = task.person
        more = len(message.blocks) + message.more - 1
        late = message.late is not None
        words = push_words(first, language(person.languages[0]), more=more, late=late, runs_it=message.runs_it)
        links = self.links()
        push = Push(
            key=reminder.key,
            person=person.id,
            kind=first.kind,
            plan=first.plan.id if first.plan else None,
            date=first.day.isoformat(),
            lead=reminder.lead,
            title=words.title,
            text=words.text,
            link=links.page(person.id) if links and links.url else None,
            button=words.button,
            button_link=links.button(reminder, day_in(now, self.household.zone)) if links else None,
            subject=subject_id(person.id, reminder.subject.stem),
            breaks_through=any(breaks_through(one, self.household) for one in task.reminders),
        )
        name = subject_id(person.id, "\x1f".join(sorted(task.keys)))
        return Composed(task=task, subject=words.title, message_id=name, data=push.to_bytes())
