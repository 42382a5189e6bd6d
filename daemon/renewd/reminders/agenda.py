"""What will be sent, as far ahead as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from renewd.domain.cancellation import runs_out_on
from renewd.domain.dates import DAY, day_in, instant
from renewd.domain.findings import Findings
from renewd.domain.plans import Household
from renewd.reminders.due import told_at_all
from renewd.reminders.kind import DayRange, Reminder, Subject
from renewd.reminders.kinds import KINDS
from renewd.reminders.moments import awake_on, moments, subjects_of_person, subjects_of_plan

_Window = tuple[datetime, datetime]


def agenda(household: Household, findings: Findings, start: datetime, end: datetime) -> Iterator[Reminder]:
    """Iterate every reminder whose moment is in [start, end), in no order, as seen from `start`.

    Everything open counts as done at the end of its day, so that later cycles show. What is overdue at `start`
    stays open, with its later leads.
    """
    people = told_at_all(household)
    zones = {plan.zone for plan in household.plans.values()} | {person.zone for person in people}
    views = {
        zone: DayRange(household, findings, day_in(start, zone), day_in(end, zone) + DAY, ahead=True) for zone in zones
    }
    for plan in household.plans.values():
        view = views[plan.zone]
        last = runs_out_on(plan, view.first)
        closes = instant(last + DAY, time(0), plan.zone) if last else None
        yield from _coming(
            subjects_of_plan(plan, view), household, (start, end), plan.zone, awake_on(plan, view), closes
        )
    for person in people:
        yield from _coming(subjects_of_person(person, views[person.zone]), household, (start, end), person.zone, None)


def start_of(day: date, household: Household) -> datetime:
    """Return 00:00 of a day in the household's zone, as UTC: what `--from D` and `--on D` mean."""
    return instant(day, time(0), household.zone)


def _coming(
    subjects: Iterator[Subject],
    household: Household,
    window: _Window,
    zone: str,
    awake: date | None,
    closes: datetime | None = None,
) -> Iterator[Reminder]:
    """Iterate every lead of the subjects whose moment is in the window; once the plan closes, only what remains."""
    people, (start, last) = household.people, window
    for subject in subjects:
        if not subject.leads:
            continue
        until = subject.until
        end = last if closes is None or KINDS[subject.kind].after_leaving else min(last, closes)
        for person_id in subject.told:
            for lead, day, moment in moments(subject, people[person_id], zone, start, awake):
                if moment >= end or (until is not None and day > until):
                    break
                if moment >= start:
                    yield Reminder(subject, lead, person_id, moment)
