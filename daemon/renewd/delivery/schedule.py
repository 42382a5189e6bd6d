"""Which reminders are due and not yet said: each plan is asked again only when its answer can have changed."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from renewd.domain.plans import Household
from renewd.reminders import Due, Findings, Reminder, due_of_person, due_of_plan, told_at_all

_AHEAD_OF_TIME = timedelta(days=1)  # a row sent further ahead than this came from a clock that ran ahead


class Schedule:
    """The plans and people of a household, by the instant at which to look at each again.

    Owners are plan ids and `@` with a person's id. What was due and could not be said stays `open`, and is
    asked afresh in every round, so that it is said only while it is still true.
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
        """Give the owners to ask at `now`; all of them where the clock has gone back."""
        if now < self._latest:
            self._start(now)
        self._latest = now
        owners = dict.fromkeys(self.open)
        while self._heap and self._heap[0][0] <= now:
            again, owner = heapq.heappop(self._heap)
            if self._again.get(owner) == again:  # else it was asked in the meantime, and has a later entry
                owners[owner] = None
        return list(owners)

    def ask(self, owners: Iterable[str], now: datetime) -> Iterator[Reminder]:
        """Give what is due of these owners at `now`, and note when to ask each again."""
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
        """Give what is due of one owner; None for one who is not in the household."""
        if owner.startswith("@"):
            person = self.household.people.get(owner[1:])
            return due_of_person(person, self.household, self.findings, now) if person else None
        plan = self.household.plans.get(owner)
        return due_of_plan(plan, self.household, self.findings, now) if plan else None

    @property
    def next_at(self) -> datetime:
        """Give the instant of the next look that may find something."""
        return self._heap[0][0] if self._heap else self._latest + _AHEAD_OF_TIME

    @property
    def first_coming(self) -> Reminder | None:
        """Give the next reminder of all, as things stand; None where nothing comes in the next weeks."""
        if self._first is None:
            every = (reminder for coming in self._coming.values() for reminder in coming.values())
            self._first = min(every, key=_moment, default=None)
        return self._first

    def next_for(self, person: str, now: datetime) -> datetime | None:
        """Give the instant of somebody's next reminder, as things stand; None where nothing comes in the next weeks."""
        owners = [*(plan.id for plan in self.household.plans_of(person)), f"@{person}"]
        coming = (self._coming_of(owner, person, now) for owner in owners)
        return min((reminder.moment for reminder in coming if reminder is not None), default=None)

    def _coming_of(self, owner: str, person: str, now: datetime) -> Reminder | None:
        known = self._coming.get(owner, {}).get(person)
        if known is not None and known.moment > now:
            return known
        found = self.due_of(owner, now)  # when it was last asked, nothing was in sight
        return found.coming.get(person) if found else None


def _moment(reminder: Reminder) -> datetime:
    return reminder.moment


def owner_of(reminder: Reminder) -> str:
    """Give the owner that a reminder is asked of: its plan, or its reader."""
    return reminder.subject.plan.id if reminder.subject.plan else f"@{reminder.person}"


def not_said(
    reminders: Iterable[Reminder], said: Mapping[tuple[str, str], Collection[tuple[int, datetime]]], now: datetime
) -> list[Reminder]:
    """Leave out what was said: a lead that is not smaller than one said of the same subject to the same person.

    A row of more than a day after `now` counts for its own key only: a clock that ran ahead wrote it.
    """
    return [reminder for reminder in reminders if not _was_said(reminder, said, now)]


def _was_said(
    reminder: Reminder, said: Mapping[tuple[str, str], Collection[tuple[int, datetime]]], now: datetime
) -> bool:
    for lead, at in said.get((reminder.person, reminder.subject.stem), ()):
        if lead == reminder.lead or (lead < reminder.lead and at <= now + _AHEAD_OF_TIME):
            return True
    return False
