"""What the kinds of a cancellation share: who is told of it, and the days by which one must have left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from renewd.domain import cycles
from renewd.domain.cancellation import cancel_of, lapses, last_safe
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, days


def told(plan: Plan, view: DayRange) -> tuple[str, ...]:
    """Give who is told of a cancellation: who is told of the plan, and the account's holder if that is a person."""
    holder = plan.account.holder
    if holder is None or holder in plan.told or holder not in view.household.people:
        return plan.told
    return (*plan.told, holder)


def safe_days(plan: Plan, view: DayRange, ahead: int) -> Iterator[tuple[int, date]]:
    """Iterate (n, last day on which leaving avoids cycle n's charge), from the one that is meant to the view's end.

    `ahead` is how many days before such a day the first word of it falls. In a look ahead there is one: by then
    the line is left.
    """
    safe = last_safe(plan, view.first)
    if safe is None or safe.n is None:
        return
    n, day = safe.n, safe.day
    while day <= view.last + days(ahead):
        yield n, day
        if view.ahead or plan.every is None:
            return
        n += 1
        day = cycles.cancel_by(plan, n)


def is_asked(plan: Plan) -> bool:
    """Whether the carrier has been asked to end the plan."""
    return cancel_of(plan).requested_on is not None


def turns_off(plan: Plan) -> bool:
    """Whether there is anything to cancel: of a line that is let run out, only its autopay."""
    return plan.autopay or not lapses(plan)
