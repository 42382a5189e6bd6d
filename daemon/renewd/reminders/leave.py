"""What the kinds of a cancellation share: who is told of it, and by which days a plan must have been left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from renewd.domain import cycles
from renewd.domain.cancellation import (
    cancel_of,
    falls_due,
    lapses,
    last_day,
    last_safe,
    off_since,
    runs_out_unpaid,
    stage,
    way_out,
)
from renewd.domain.checklist_items import ChecklistItem
from renewd.domain.plans import Plan
from renewd.domain.readiness import readiness
from renewd.reminders.kind import DayRange, FactsContext, Subject, days


def told(plan: Plan, view: DayRange) -> tuple[str, ...]:
    """Return who is told of a cancellation: those who are told of the plan, and the account's holder if a person."""
    holder = plan.account.holder
    if holder is None or holder in plan.told or holder not in view.household.people:
        return plan.told
    return (*plan.told, holder)


def safe_days(plan: Plan, view: DayRange, ahead: int) -> Iterator[tuple[int, date]]:
    """Iterate (n, the last day on which leaving avoids cycle n's charge), from the intended one to the view's end.

    `ahead` is the first lead. With `view.ahead` there is only one such day: after it the plan has been left.
    """
    safe = last_safe(plan, view.first)
    if safe is None or safe.n is None:
        return
    n, day = safe.n, safe.day
    while day <= view.last + days(ahead):
        yield n, day
        if view.ahead or not cycles.goes_on(plan, n):
            return
        n += 1
        day = cycles.cancel_by(plan, n)


def leave_by(plan: Plan, today: date) -> date | None:
    """Return the day by which a plan is to be left; None where it is not, or where it is too late or done."""
    if plan.cancel is None or is_asked(plan) or not turns_off(plan) or runs_out_unpaid(plan, today):
        return None
    if stage(plan, today) == "closed":
        return None
    return None if off_since(plan, today) else last_day(plan, today)


def named_day(subject: Subject, today: date) -> date:
    """Return the day that words count to: what is done before leaving has until the last day to leave."""
    plan = subject.plan
    if plan is None or subject.kind not in ("cancel-by", "binding") or subject.date < today:
        return subject.date
    return min(subject.date, last_day(plan, today) or subject.date)


def is_asked(plan: Plan) -> bool:
    """Whether the carrier has been asked to end or change the plan."""
    cancel = cancel_of(plan)
    return cancel.requested_on is not None or cancel.confirmed_on is not None


def turns_off(plan: Plan) -> bool:
    """Whether there is anything to cancel: of a line that is let run out, only its autopay."""
    return plan.autopay or not lapses(plan)


def lets_go(plan: Plan) -> bool:
    """Whether the number is given up with the line. Otherwise a stopped line must be paid before it can be ported."""
    return cancel_of(plan).number == "drop" or way_out(plan) == "lapse" or (is_asked(plan) and not plan.is_line)


def needs_nothing(plan: Plan) -> bool:
    """Whether a plan that is given up ends as planned without an act: nobody charges it, and nothing is tied to it."""
    return (
        lets_go(plan)
        and not plan.autopay
        and not falls_due(plan)
        and not any(binding.is_open for binding in plan.bindings)
    )


def todo(plan: Plan, context: FactsContext) -> tuple[ChecklistItem, ...]:
    """Return what is to be done before the plan is left, as its report counts it."""
    return readiness(plan, context.household, context.findings, context.today).todo
