"""`lost`: the day on which the number is lost, which cannot be undone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import inf

from renewd.domain.cancellation import lapses, left_by
from renewd.domain.cycles import first_from, goes_on, last_receipt, length, loss, renewal, unpaid_from
from renewd.domain.dates import DAY
from renewd.domain.plans import Plan
from renewd.reminders.kind import EVERY, DayRange, FactsContext, Kind, Reminder, Subject, days, leads_of, shorter_than
from renewd.reminders.leave import lets_go, needs_nothing

_LEADS = (30, 14, 7, 3, 2, 1, 0, -1, -30)
_LAPSE = (7, 1)  # of a line that is let run out, however early before its stop
_EARLIEST_BEFORE_STOP = 3
_MONTH = 30  # days


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    current = unpaid_from(plan)
    if current is None:
        return
    if view.ahead and renewal(plan, current) >= view.first and not lapses(plan):
        yield from _dealt_with_in_time(plan, current, view)
    elif (subject := subject_of(plan, current)) is not None:
        yield subject


def _dealt_with_in_time(plan: Plan, current: int, view: DayRange) -> Iterator[Subject]:
    n = first_from(plan, view.first, current)
    while n is not None and renewal(plan, n) <= view.last + days(_EARLIEST_BEFORE_STOP):
        subject = subject_of(plan, n, in_time=True)
        if subject is None:
            return
        yield subject
        n = n + 1 if goes_on(plan, n) and not left_by(plan, n, view.first) else None


def subject_of(plan: Plan, n: int, *, in_time: bool = False) -> Subject | None:
    """Return the loss of the number if cycle n stays unpaid; None if none is known.

    Where it will be paid `in_time`, no lead comes after the day on which service would stop.
    """
    found = loss(plan, n, paid_on=last_receipt(plan) if n == unpaid_from(plan) else None)
    if found is None:
        return None
    cycle = _length(plan, n)
    before_stop = (found.day - renewal(plan, n)).days
    least = before_stop if in_time else -inf
    if lapses(plan):
        leads = _between(least, inf, shorter_than(cycle, _LAPSE))
        return Subject("lost", plan, "", found.day, leads, found.day, plan.told, n)
    leads = leads_of(plan, "lost", _LEADS, cycle) or shorter_than(cycle, _LEADS)  # it cannot be switched off
    leads = _between(least, before_stop + _EARLIEST_BEFORE_STOP, leads)
    return Subject("lost", plan, "", found.day, leads, None, plan.told, n)


@lru_cache(maxsize=1024)
def _between(least: float, most: float, leads: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(lead for lead in leads if least <= lead <= most)


def _length(plan: Plan, n: int) -> int | None:
    """Return the days of a cycle; a month counts as 30, so that the leads are the same in every month."""
    if plan.every is not None and plan.every.unit == "months":
        return plan.every.n * _MONTH
    return length(plan, n)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    day, plan, n = reminder.subject.date, reminder.plan, reminder.cycle
    last = day - DAY
    lost = loss(plan, n, paid_on=last_receipt(plan))
    if lost is not None and lost.basis == "unpublished":  # as good as lost on the day on which service stops
        last -= DAY
    leaves = left_by(plan, n, context.today)
    good = max(last, context.today) if day >= context.today else None
    over = leaves == "lapse" or (leaves == "cancel" and renewal(plan, n) < context.today)
    tone = "red" if not (leaves and lets_go(plan)) else "grey" if over and needs_nothing(plan) else "amber"
    return {"good": good, "tone": tone, "leaves": leaves}


KIND = Kind(
    name="lost",
    leads=_LEADS,
    urgent=EVERY,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "The day the number is lost", "zh-CN": "失去号码那天"},
    urgency=0,
    vital=True,
    always=True,
    settled_by_payment=True,
    asks_for_money=True,
    pays=True,
    priced=True,
    dials=True,
    tap="renewed",
    says=("balance", "overdue", "renewal"),
    shown_as=("lost",),
)
