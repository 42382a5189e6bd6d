"""What ought to have been sent by now. The rules are in docs/rules.md#reminder-kinds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from renewd.domain.dates import DAY, day_in
from renewd.domain.findings import Findings
from renewd.domain.plans import Household, Person, Plan
from renewd.reminders.kind import DayRange, Reminder, Subject
from renewd.reminders.moments import awake_on, moments, subjects_of_person, subjects_of_plan

_LOOK_AHEAD = timedelta(days=40)  # how far `due` looks for what comes next


class Due:
    """What is due of one plan or person, when to ask again, and each person's next reminder in the coming 40 days."""

    __slots__ = ("again", "coming", "reminders")

    def __init__(self, reminders: list[Reminder], again: datetime, coming: dict[str, Reminder]) -> None:
        self.reminders = reminders
        self.again = again
        self.coming = coming


def due(household: Household, findings: Findings, now: datetime) -> list[Reminder]:
    """Return all that ought to have been sent by `now` (UTC) and is still true, whether it was sent or not.

    Of each (plan, kind, item, date) and person, this is the latest lead that has passed. What is settled, over or
    snoozed is left out.
    """
    found: list[Reminder] = []
    for plan in household.plans.values():
        found += due_of_plan(plan, household, findings, now).reminders
    for person in told_at_all(household):
        found += due_of_person(person, household, findings, now).reminders
    return found


def due_of_plan(plan: Plan, household: Household, findings: Findings, now: datetime) -> Due:
    """Return what is due of one plan, and the instant after which this changes."""
    view = DayRange(household, findings, day_in(now, plan.zone), (now + _LOOK_AHEAD).date(), ahead=False)
    return _passed(subjects_of_plan(plan, view), view, now, plan.zone, awake_on(plan, view))


def due_of_person(person: Person, household: Household, findings: Findings, now: datetime) -> Due:
    """Return what is due to one person and belongs to no plan, and the instant after which this changes."""
    view = DayRange(household, findings, day_in(now, person.zone), (now + _LOOK_AHEAD).date(), ahead=False)
    return _passed(subjects_of_person(person, view), view, now, person.zone, None)


def told_at_all(household: Household) -> list[Person]:
    """Return everybody whom a plan names, and `me`."""
    named = {person for plan in household.plans.values() for person in plan.told} | {"me"}
    return [person for person in household.people.values() if person.id in named]


def _passed(subjects: Iterator[Subject], view: DayRange, now: datetime, zone: str, awake: date | None) -> Due:
    """Return the latest passed lead of each subject and person."""
    people, today = view.household.people, view.first
    again = in_sight = now + _LOOK_AHEAD - DAY
    found: list[Reminder] = []
    coming: dict[str, Reminder] = {}
    for subject in subjects:
        until = subject.until
        if until is not None and until < today:
            continue
        for person_id in subject.told:
            passed: tuple[int, datetime] | None = None
            for lead, day, moment in moments(subject, people[person_id], zone, now, awake):
                if until is not None and day > until:
                    break
                if moment > now:
                    if moment > in_sight:  # another kind may have something before it that was not looked for
                        break
                    again = min(again, moment)
                    if person_id not in coming or moment < coming[person_id].moment:
                        coming[person_id] = Reminder(subject, lead, person_id, moment)
                    break
                passed = lead, moment
            if passed is not None:
                lead, moment = passed
                found.append(Reminder(subject, lead, person_id, moment))
    return Due(found, again, coming)
