"""Who and what waits: the back-offs of a pass, each with the stamp whose change ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from renewd.delivery.outbox import Outbox
from renewd.delivery.task import Task
from renewd.domain.plans import Household
from renewd.ledger import Backoff
from renewd.ledger.backoff import of_reminders, waits
from renewd.reminders import Reminder

_FORGOTTEN = timedelta(days=7)  # after the end of a reminder's wait: what it held was settled


def stamp_of(scope: str, outbox: Outbox, household: Household) -> str:
    """Return what ends a wait by its change: the settings of the channel, and the address of a person."""
    kind, _, rest = scope.partition(":")
    if kind == "account":
        return outbox.channel.stamp
    person = household.people.get(rest.partition("/")[0])
    return f"{outbox.channel.stamp} {outbox.address_of(person) if person else ''}"


@dataclass(frozen=True, slots=True)
class Waits:
    """The back-offs as of an instant."""

    backoffs: dict[str, Backoff]
    outbox: Outbox
    household: Household
    now: datetime

    def holds(self, scope: str) -> bool:
        """Whether a scope has to wait."""
        backoff = self.backoffs.get(scope)
        return backoff is not None and waits(backoff, self.now, stamp_of(scope, self.outbox, self.household))

    def holds_person(self, person: str) -> bool:
        """Whether a person has to wait."""
        return self.holds(f"person:{person}")

    def free(self, reminders: Sequence[Reminder]) -> list[Reminder]:
        """Return the reminders that were not refused for their content a short while ago."""
        return [one for one in reminders if not self._refused(one.person, one.key)]

    def free_extra(self, extra: Sequence[Task]) -> list[Task]:
        """Return the mails beside reminders, without what was refused for its content."""
        left = [
            task._replace(
                reports=tuple(one for one in task.reports if not self._refused(task.person.id, one.key)),
                problem_key=task.problem_key
                if task.problem_key and not self._refused(task.person.id, task.problem_key)
                else None,
            )
            for task in extra
        ]
        return [task for task in left if task.reports or task.problem_key]

    def held(self, reminders: Sequence[Reminder]) -> list[tuple[str, Backoff]]:
        """Return each person with a reminder that waits, and the back-off that makes it wait."""
        found: dict[str, Backoff] = {}
        for one in reminders:
            for scope in (f"person:{one.person}", *of_reminders(one.person, (one.key,))):
                if self.holds(scope):
                    found.setdefault(one.person, self.backoffs[scope])
        return list(found.items())

    def next_try(self) -> datetime | None:
        """Return the earliest end of a back-off; None where there is none."""
        ends = (backoff.next_try for scope, backoff in self.backoffs.items() if self.holds(scope))
        return min((end for end in ends if end > self.now), default=None)

    def forgotten(self) -> list[str]:
        """Return the scopes of reminders that wait no longer and were not tried again."""
        return [
            scope
            for scope, backoff in self.backoffs.items()
            if scope.startswith("reminder:") and backoff.next_try < self.now - _FORGOTTEN
        ]

    def _refused(self, person: str, key: str) -> bool:
        return any(self.holds(scope) for scope in of_reminders(person, (key,)))
