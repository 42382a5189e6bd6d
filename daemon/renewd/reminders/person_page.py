"""What a person's page shows: what is open, what comes in 90 days, what a year costs, and their plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from renewd.domain.cancellation import has_left
from renewd.domain.dates import DAY, add_months, day_in
from renewd.domain.findings import Findings
from renewd.domain.money import Money, sums
from renewd.domain.plans import Household, Person, Plan
from renewd.reminders.due import due_of_person, due_of_plan
from renewd.reminders.facts import Payment, facts
from renewd.reminders.grouping import Block, gather, is_open
from renewd.reminders.kind import Reminder
from renewd.reminders.kinds import KINDS
from renewd.reminders.leave import leave_by
from renewd.reminders.payments import LATER, SOON, payments_of
from renewd.reminders.plan_overview import PlanRow, rows_of

_NEAR = 7 * DAY


class ComingDay(NamedTuple):
    """A day in the next 90 on which something happens that is no payment."""

    day: date
    plan: Plan
    what: Literal["promo", "keep-alive", "cancel-by"]


class MonthSum(NamedTuple):
    """What is to be paid in a calendar month, or in the part of it that belongs to the year from today."""

    month: date
    payments: tuple[Payment, ...]
    total: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """A person's page as of an instant. `reminders` has those behind the open blocks, by key.

    `open` is what asks for an act, the most urgent first; `questions` asks whether charges went through. `year` is
    what is paid in twelve months from today, whose first 90 days end with `later`, and the first 30 with `soon`.
    """

    person: Person
    today: date
    open: tuple[Block, ...]
    questions: tuple[Block, ...]
    reminders: Mapping[str, Reminder]
    next: Reminder | None
    soon: date
    later: date
    until: date
    year: tuple[Payment, ...]
    days: tuple[ComingDay, ...]
    rows: tuple[PlanRow, ...]

    def paid_by(self, last: date) -> tuple[Payment, ...]:
        """Return the payments up to a day."""
        return tuple(payment for payment in self.year if payment.day <= last)

    def leaving_soon(self, plan_id: str | None = None, last: date = date.min) -> ComingDay | None:
        """Return the first day by which a plan, or the one named, is to be left within a week or up to `last`."""
        last = max(last, self.today + _NEAR)
        days = (day for day in self.days if day.what == "cancel-by" and plan_id in (None, day.plan.id))
        return next((day for day in days if day.day <= last), None)

    def months(self) -> list[MonthSum]:
        """Return the calendar months of the year: 13, unless today is the 1st."""
        first = self.today.replace(day=1)
        found = []
        while first <= self.until:
            ends = add_months(first, 1, 1)
            payments = tuple(payment for payment in self.year if first <= payment.day < ends)
            found.append(MonthSum(first, payments, sums(payment.money for payment in payments)))
            first = ends
        return found


def person_page(household: Household, findings: Findings, person: Person, now: datetime) -> PersonPage:
    """Return what a person's page shows at an instant, of the plans that they are told of."""
    today = day_in(now, person.zone)
    plans = household.plans_of(person.id)
    found, next_ = _due(plans, household, findings, person, now)
    said = [facts(one, household, findings, now) for one in found if one.subject.kind != "digest"]
    until = add_months(today, 12, today.day) - DAY
    payments = (payment for plan in plans for payment in payments_of(plan, today, until))
    later = today + LATER
    days = (day for plan in plans if not has_left(plan) for day in _days_of(plan, today, later))
    return PersonPage(
        person=person,
        today=today,
        open=_by_need(gather((one for one in said if one.kind != "charged" and is_open(one)), most=None)[0]),
        questions=gather((one for one in said if one.kind == "charged"), most=None)[0],
        reminders={one.key: one for one in found},
        next=next_,
        soon=today + SOON,
        later=later,
        until=until,
        year=tuple(sorted(payments, key=lambda payment: (payment.day, payment.plan.id))),
        days=tuple(sorted(days, key=lambda day: (day.day, day.plan.id))),
        rows=rows_of(plans, now),
    )


def _by_need(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks in the order in which they should be acted on: what cannot be undone, then by last good day."""

    def key(block: Block) -> tuple[bool, date, str]:
        facts = block.facts
        undoable = not any(KINDS[one.kind].vital and one.tone == "red" for one in (facts, *block.also))
        return (undoable, facts.good or date.max, facts.key)

    return tuple(sorted(blocks, key=key))


def _due(
    plans: Iterable[Plan], household: Household, findings: Findings, person: Person, now: datetime
) -> tuple[list[Reminder], Reminder | None]:
    """Return what is due to a person, and what comes next."""
    due = [due_of_plan(plan, household, findings, now) for plan in plans]
    due.append(due_of_person(person, household, findings, now))
    coming = [one.coming[person.id] for one in due if person.id in one.coming]
    found = [reminder for one in due for reminder in one.reminders if reminder.person == person.id]
    return found, min(coming, key=lambda reminder: reminder.moment, default=None)


def _days_of(plan: Plan, today: date, last: date) -> Iterator[ComingDay]:
    if plan.promo is not None and today <= plan.promo.ends <= last:
        yield ComingDay(plan.promo.ends, plan, "promo")
    if plan.keep_alive is not None:
        due = plan.keep_alive.due
        if today <= due <= last:
            yield ComingDay(due, plan, "keep-alive")
    if (leave := leave_by(plan, today)) is not None and leave <= last:
        yield ComingDay(leave, plan, "cancel-by")
