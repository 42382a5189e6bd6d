"""What each person is to be told in one mail, before it is composed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from renewd.domain.errors import Problem
from renewd.domain.plans import Household, Person
from renewd.domain.readiness import Readiness
from renewd.reminders import Reminder
from renewd.reminders.grouping import Unreached


class PassContext(NamedTuple):
    """What was known before a pass, in UTC: when the last pass was, and since when each plan has been as it is.

    `failing` is since when deliveries have failed, by person. `everywhere` is the same for the whole account.
    `report_at` is when the next report comes to the household's owner, as things stand.
    """

    last: datetime | None = None
    since: Mapping[str, datetime] = {}
    failing: Mapping[str, datetime] = {}
    everywhere: datetime | None = None
    refused: Mapping[str, Problem] = {}  # why a push is tried no more, by its id
    report_at: datetime | None = None


class ReportToMail(NamedTuple):
    """A readiness report to be mailed, with the key under which the ledger remembers it."""

    key: str
    readiness: Readiness

    @property
    def plan(self) -> str:
        """The id of its plan."""
        return self.readiness.plan.id


class Task(NamedTuple):
    """The content of one mail to one person: reminders, mistakes in the file, and the people whom mails do not reach.

    `reports` are part of the mail that goes to the person anyway, or else a mail of their own. `first` marks a
    person's first mail, which welcomes them.
    """

    person: Person
    reminders: tuple[Reminder, ...] = ()
    problems: tuple[Problem, ...] = ()
    problem_key: str | None = None
    unreached: tuple[Unreached, ...] = ()
    reports: tuple[ReportToMail, ...] = ()
    first: bool = False
    next_at: datetime | None = None  # when the person's next mail comes, as things stand (UTC)

    @property
    def only_reports(self) -> bool:
        """Whether it is a mail of reports alone."""
        return bool(self.reports) and not (self.reminders or self.problems)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of everything in the mail."""
        return (*(reminder.key for reminder in self.reminders), *self.other_keys)

    @property
    def other_keys(self) -> tuple[str, ...]:
        """The keys of reports and mistakes, which are not reminders."""
        keys = tuple(report.key for report in self.reports)
        return (*keys, self.problem_key) if self.problem_key else keys


def tasks_of(reminders: Iterable[Reminder], extra: Sequence[Task], household: Household) -> list[Task]:
    """Return one task a person, with mistakes in the file and reports beside the person's reminders.

    Tasks with reports come last: these take the longest to compose.
    """
    by_person: dict[str, list[Reminder]] = {}
    for reminder in reminders:
        by_person.setdefault(reminder.person, []).append(reminder)
    tasks = {
        person: Task(person=household.people[person], reminders=tuple(found)) for person, found in by_person.items()
    }
    for more in extra:
        task = tasks.get(more.person.id, Task(person=more.person))
        tasks[more.person.id] = task._replace(
            problems=task.problems + more.problems,
            problem_key=task.problem_key or more.problem_key,
            reports=task.reports + more.reports,
        )
    return sorted(tasks.values(), key=lambda task: bool(task.reports))


def split_key(key: str) -> tuple[str, int]:
    """Return the stem and the lead of a key."""
    stem, _, lead = key.rpartition("/")
    return stem, int(lead)
