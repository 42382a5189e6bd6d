"""The plans at a glance: what comes next of each, when, and what it costs a year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from renewd.domain import cycles
from renewd.domain.cancellation import falls_due, has_left, lost_on, stage, way_out
from renewd.domain.cycles import price_on
from renewd.domain.dates import day_in
from renewd.domain.money import Money, total
from renewd.domain.plans import Bill, FinalBill, Household, Plan
from renewd.reminders.kind import Reminder
from renewd.reminders.kinds import KINDS
from renewd.reminders.payments import yearly_of

NextEvent = Literal["lost", "stopped", "stops", "keep-alive", "charge", "left"]
_ORDER: tuple[NextEvent, ...] = ("lost", "stopped", "stops", "keep-alive", "charge", "left")
_SOON = timedelta(days=7)


class PlanRow(NamedTuple):
    """A plan, what comes next of it and on which day; None for a plan of which nothing more comes.

    `urgent`: "now" what is going wrong, "soon" what asks for an act within a week.
    """

    plan: Plan
    next: NextEvent | None
    day: date | None
    each: Money | None
    year: Money | None
    unpriced: bool  # a charge of that year has no known price, and is not in the sum
    urgent: Literal["now", "soon", ""]
    sure: bool = True  # False: `day` is one on which the number may be lost, or may have been

    @property
    def words(self) -> str | None:
        """The name of the words for what comes next: `stops`, `due-stops`, `lost-maybe`, `other-lost`."""
        if self.next is None or self.next in ("charge", "left"):
            return self.next
        if self.next in ("stops", "stopped") and falls_due(self.plan):
            return f"due-{self.next}"
        return f"{self.next}{'' if self.sure else '-maybe'}" if self.plan.is_line else f"other-{self.next}"


def overview(household: Household, now: datetime) -> tuple[PlanRow, ...]:
    """Return a row for each plan of the household as of an instant, the most urgent first."""
    return rows_of(household.plans.values(), now)


def rows_of(plans: Iterable[Plan], now: datetime) -> tuple[PlanRow, ...]:
    """Return a row for each plan as of an instant, the most urgent first; days are in the plan's zone."""
    rows = [_row(plan, day_in(now, plan.zone)) for plan in plans]
    return tuple(sorted(rows, key=_urgency))


def overdue(household: Household, now: datetime) -> int:
    """Return how many plans have stopped or expired, or were not used in time, as of an instant."""
    late = 0
    for plan in household.plans.values():
        today = day_in(now, plan.zone)
        next_, day = _first(plan, today)
        late += _urgent(plan, next_, day, today) == "now"
    return late


def totals(rows: Iterable[PlanRow]) -> tuple[Money, ...]:
    """Return the sum of the years in each currency that is paid in; one of 0 where nothing is known to cost anything.

    Charges without a known price are left out.
    """
    return total(row.year for row in rows)


def amount_of(reminder: Reminder) -> Money | None:
    """Return the amount that a reminder is about; None if there is none or it is not known."""
    subject = reminder.subject
    plan, about = subject.plan, subject.about
    if plan is None:
        return None
    amount = None
    if isinstance(about, Bill | FinalBill):
        amount = about.amount
    elif isinstance(about, int) and plan.renews is not None and KINDS[subject.kind].priced:
        amount = price_on(plan, cycles.charge(plan, about))
    return plan.money(amount)


def _row(plan: Plan, today: date) -> PlanRow:
    next_, day = _first(plan, today)
    yearly = yearly_of(plan, today)
    return PlanRow(
        plan=plan,
        next=next_,
        day=day,
        each=plan.money(price_on(plan, today)),
        year=yearly.money if yearly else None,
        unpriced=yearly is not None and yearly.unknown,
        urgent=_urgent(plan, next_, day, today),
        sure=next_ not in ("lost", "left") or has_left(plan) or _is_certain(plan),
    )


def _first(plan: Plan, today: date) -> tuple[NextEvent, date] | tuple[None, None]:
    return min(_coming(plan, today), key=lambda one: (one[1], _ORDER.index(one[0])), default=(None, None))


def _is_certain(plan: Plan) -> bool:
    """Whether the number is lost for certain if the unpaid cycle is not paid."""
    unpaid = cycles.unpaid_from(plan)
    lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan)) if unpaid is not None else None
    return lost is not None and lost.is_certain


def _coming(plan: Plan, today: date) -> Iterator[tuple[NextEvent, date]]:
    if has_left(plan) or stage(plan, today) == "closed":
        day = plan.cancel.confirmed_on if plan.cancel else None
        if (on := day or lost_on(plan, today)) is not None:
            yield "left", on
        return
    unpaid = cycles.unpaid_from(plan)
    if unpaid is not None and (stopped := cycles.renewal(plan, unpaid)) < today:
        lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
        yield ("stopped", stopped) if lost is None else ("lost", lost.day)
        return
    if unpaid is not None:
        yield "stops", cycles.renewal(plan, unpaid)
    if plan.keep_alive is not None:
        yield "keep-alive", plan.keep_alive.due
    for _, day in cycles.charges(plan, today):
        yield "charge", day
        break


def _urgent(plan: Plan, next_: NextEvent | None, day: date | None, today: date) -> Literal["now", "soon", ""]:
    if next_ in ("lost", "stopped") or (next_ == "keep-alive" and day is not None and day < today):
        return "now" if way_out(plan) != "lapse" else ""  # which is meant to run out
    return "soon" if next_ in ("stops", "keep-alive") and day is not None and day <= today + _SOON else ""


def _urgency(row: PlanRow) -> tuple[bool, bool, date, int, Decimal, str]:
    order = _ORDER.index(row.next) if row.next else len(_ORDER)
    dear = -(row.each.amount if row.each else Decimal(0))
    return (row.next in (None, "left"), row.urgent != "now", row.day or date.max, order, dear, row.plan.id)
