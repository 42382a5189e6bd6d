"""When to ask each plan and person for reminders: only when the answer can have changed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from renewd.domain.plans import Household
from renewd.reminders import Due, Findings, Reminder, due_of_person, due_of_plan, told_at_all

_IDLE = timedelta(days=1)  # the next pass of a household without plans


class Schedule:
    """The plans and people of a household, by the instant at which to ask each again.

    An owner is a plan id, or `@` and a person's id. Owners whose reminders could not be sent stay `open`. They are
    asked in every pass, so that a reminder is sent only while it is still true.
    """

    def __init__(self, household: Household, findings: Findings, now: datetime) -> None:
        self.household = household
        self.findings = findings
        self.open: set[str] = set()
        self._latest = now
        self._start(now)

    def _start(self, now: datetime) -> None:
        owners = [*self.household.plans, *(f"@{person.id}" for person in told_at_all(self.household))]
        self._again = dict.fromkeys(owners, now)
        self._coming: dict[str, Mapping[str, Reminder]] = {}
        self._first: Reminder | None = None
        self._heap = [(now, owner) for owner in sorted(owners)]

    def ready(self, now: datetime) -> list[str]:
        """Return the owners to ask at `now`; all of them where the clock was set back."""
        if now < self._latest:
            self._start(now)
        self._latest = now
        owners = dict.fromkeys(self.open)
        while self._heap and self._heap[0][0] <= now:
            again, owner = heapq.heappop(self._heap)
            if self._again.get(owner) == again:  # else it was asked meanwhile and has a later entry
                owners[owner] = None
        return list(owners)

    def ask(self, owners: Iterable[str], now: datetime) -> Iterator[Reminder]:
        """Iterate what is due of these owners at `now`, and note when to ask each again."""
        self._first = None
        for owner in owners:
            found = self.due_of(owner, now)
            if found is not None:
                self._coming[owner] = found.coming
                if self._again[owner] != found.again:
                    self._again[owner] = found.again
                    heapq.heappush(self._heap, (found.again, owner))
                yield from found.reminders

    def due_of(self, owner: str, now: datetime) -> Due | None:
        """Return what is due of one owner; None for one that is not in the household."""
        if owner.startswith("@"):
            person = self.household.people.get(owner[1:])
            return due_of_person(person, self.household, self.findings, now) if person else None
        plan = self.household.plans.get(owner)
        return due_of_plan(plan, self.household, self.findings, now) if plan else None

    @property
    def next_at(self) -> datetime:
        """The instant of the next pass that may find something."""
        return self._heap[0][0] if self._heap else self._latest + _IDLE

    @property
    def first_coming(self) -> Reminder | None:
        """The next reminder of all, as things stand; None where nothing comes in the next weeks."""
        if self._first is None:
            every = (reminder for coming in self._coming.values() for reminder in coming.values())
            self._first = min(every, key=_moment, default=None)
        return self._first

    def next_for(self, person: str, now: datetime) -> datetime | None:
        """Return the instant of a person's next reminder, as things stand; None where none comes in weeks."""
        plans = (*self.household.plans_of(person), *self.household.held_by(person))
        owners = [*(plan.id for plan in plans), f"@{person}"]
        coming = (self._coming_of(owner, person, now) for owner in owners if owner in self._again)
        return min((reminder.moment for reminder in coming if reminder is not None), default=None)

    def _coming_of(self, owner: str, person: str, now: datetime) -> Reminder | None:
        known = self._coming.get(owner, {}).get(person)
        if known is not None and known.moment > now:
            return known
        found = self.due_of(owner, now)  # nothing was in sight when it was last asked
        return found.coming.get(person) if found else None


def _moment(reminder: Reminder) -> datetime:
    return reminder.moment


def owner_of(reminder: Reminder) -> str:
    """Return the owner that a reminder is asked of: its plan, or else its person."""
    return reminder.subject.plan.id if reminder.subject.plan else f"@{reminder.person}"
