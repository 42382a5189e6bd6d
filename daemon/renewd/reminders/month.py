"""What the monthly digest says: what comes in 30 and 90 days, what is open, what a year costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from renewd.domain import cycles
from renewd.domain.cancellation import (
    has_left,
    is_postpaid,
    lapses,
    last_day,
    left_by,
    number_is_gone,
    off_since,
    runs_out_unpaid,
    stage,
)
from renewd.domain.checklist_leaving import CREDIT_DAYS
from renewd.domain.cycles import Loss
from renewd.domain.dates import Duration, add_months, day_in, nth
from renewd.domain.findings import Findings, last_made
from renewd.domain.money import Money, rounded, sums, total
from renewd.domain.plans import Bill, Cancel, Household, Plan
from renewd.domain.readiness import readiness
from renewd.reminders.facts import DigestFacts, Open, Yearly
from renewd.reminders.kind import Reminder
from renewd.reminders.leave import is_asked
from renewd.reminders.payments import LATER, SOON, is_over, payments_of, unpaid_bills, yearly_of

_PRESUMED_LOST = 30  # days after a certain loss


def digest_facts(reminder: Reminder, household: Household, findings: Findings, now: datetime) -> DigestFacts:
    """Return a person's month, of the plans that they are told of; `me` gets all plans."""
    person = household.people[reminder.person]
    today = day_in(now, person.zone)
    plans = list(household.plans.values()) if person.id == "me" else household.plans_of(person.id)
    soon, later = today + SOON, today + LATER
    coming = sorted((p for plan in plans for p in payments_of(plan, today, later)), key=lambda p: (p.day, p.plan.id))
    payments = tuple(payment for payment in coming if payment.day <= soon)
    yearly = tuple(sorted(filter(None, (yearly_of(plan, today) for plan in plans)), key=_dearest_first))
    monthly = _monthly(household, yearly)
    budget = over = None
    if household.budget is not None and person.id == "me":  # it is of all plans, and others see theirs alone
        budget = Money(household.budget, household.currency)
        if monthly and monthly.amount > budget.amount:
            over = Money(monthly.amount - budget.amount, budget.currency)
    return DigestFacts(
        key=reminder.key,
        person=person.id,
        month=reminder.subject.date,
        today=today,
        payments=payments,
        total=sums(payment.money for payment in payments),
        until_90=later,
        total_90=sums(payment.money for payment in coming),
        unknown_90=sum(payment.money is None for payment in coming),
        open=tuple(item for plan in plans for item in _open(plan, household, findings, today, reminder.subject.date)),
        yearly=yearly,
        yearly_total=total(row.money for row in yearly),
        by_person=_by_person(household, yearly, person.id),
        monthly=monthly,
        budget=budget,
        over=over,
        lines=any(plan.is_line for plan in plans),
        look_at_security=reminder.subject.date.month == 1,
        next_month=add_months(reminder.subject.date, 1, 1),
    )


def _open(plan: Plan, household: Household, findings: Findings, today: date, month: date) -> Iterator[Open]:
    yield from _open_bills(plan)
    if plan.cancel is not None:
        yield from _open_after(plan, plan.cancel, today, month)
    if has_left(plan) or stage(plan, today) == "closed":
        return
    yield from _open_renewal(plan, today)
    if is_over(plan, today):
        return
    if plan.renews is not None and cycles.is_far_ahead(plan, plan.renews, today):
        yield Open(what="far-ahead", plan=plan, day=plan.renews)
    if plan.cancel is not None and not runs_out_unpaid(plan, today) and not is_asked(plan):
        report = readiness(plan, household, findings, today)
        step = report.next_step if report.next_step is not None and report.next_step.blocks else None
        day = None if off_since(plan, today) else last_day(plan, today)  # of a stopped line no day is the last to leave
        unmarked = report.stops_on is not None and report.stops_on < today
        yield Open(what="leaving", plan=plan, day=day, count=len(report.todo), step=step, unmarked=unmarked)
    if plan.cancel is not None and plan.cancel.number != "move":  # whose number stays, and what is tied to it
        yield from _open_bindings(plan)
    for backup in plan.backups:
        made = last_made(plan, backup, findings)
        if made is not None and nth(made, backup.fresh, 1) < today:
            yield Open(what="backup", plan=plan, days=(today - made).days, day=made, name=backup.what)


def _open_renewal(plan: Plan, today: date) -> Iterator[Open]:
    """Iterate what is overdue of a plan: its renewal, and its use."""
    unpaid = cycles.unpaid_from(plan)
    if unpaid is not None and (stopped := cycles.renewal(plan, unpaid)) < today and not lapses(plan):
        lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
        if lost is not None and lost.day < today:  # on the day itself it may still be renewed
            yield Open(
                what="lost",
                plan=plan,
                days=(today - lost.day).days,
                day=lost.day,
                sure=lost.is_certain,
                final=_is_final(lost, today),
                left=bool(left_by(plan, unpaid, today)),
            )
        else:
            day, sure = (lost.day, lost.is_certain) if lost else (None, False)
            yield Open(what="overdue", plan=plan, days=(today - stopped).days, day=day, sure=sure)
    if plan.keep_alive is not None and not lapses(plan):
        due = plan.keep_alive.due
        if due < today:
            yield Open(what="keep-alive", plan=plan, days=(today - due).days, day=due)


def _is_final(lost: Loss, today: date) -> bool:
    """Whether the loss is certain and so long ago that the plan may be taken out of the file."""
    return lost.is_certain and today >= lost.day + timedelta(days=_PRESUMED_LOST)


def _open_bills(plan: Plan) -> Iterator[Open]:
    for bill in unpaid_bills(plan):
        money = plan.money(bill.amount)
        name = bill.what if isinstance(bill, Bill) else None
        yield Open(what="bill", plan=plan, day=bill.due, name=name, money=money)


def _open_bindings(plan: Plan) -> Iterator[Open]:
    for binding in plan.bindings:
        if binding.is_open:
            yield Open(what="binding", plan=plan, name=binding.service)


def _open_after(plan: Plan, cancel: Cancel, today: date, month: date) -> Iterator[Open]:
    """Iterate what is open once the carrier was asked; card and credit report are listed once, in their month."""
    confirmed, refund = cancel.confirmed_on, cancel.refund
    if number_is_gone(plan, today):
        yield from _open_bindings(plan)
    if cancel.requested_on is not None and confirmed is None and cancel.requested_on < today:
        yield Open(what="unconfirmed", plan=plan, days=(today - cancel.requested_on).days, day=cancel.requested_on)
    if refund is not None and refund.is_open and refund.expected is not None and refund.expected < today:
        money = plan.money(refund.amount)
        yield Open(what="refund", plan=plan, day=refund.expected, money=money)
    if confirmed is None or not has_left(plan):
        return
    cycle_later = nth(confirmed, plan.every or Duration(1, "months"), 1)
    if (plan.autopay or plan.pay_with) and _falls_due(cycle_later, month):
        yield Open(what="still-charged", plan=plan, day=confirmed)
    if is_postpaid(plan) and _falls_due(confirmed + timedelta(days=CREDIT_DAYS), month):
        yield Open(what="credit-report", plan=plan, day=confirmed)


def _falls_due(day: date, month: date) -> bool:
    """Whether a month's mail is the first on or after a day."""
    return add_months(month, -1, 1) < day <= month


def _dearest_first(row: Yearly) -> tuple[str, Decimal, str]:
    return (row.plan.currency, -(row.money.amount if row.money else Decimal(0)), row.plan.id)


def _monthly(household: Household, yearly: Iterable[Yearly]) -> Money | None:
    known = [row.money.amount for row in yearly if row.money and row.money.currency == household.currency]
    return rounded(Money(sum(known, Decimal(0)) / 12, household.currency)) if known else None


def _by_person(
    household: Household, yearly: Iterable[Yearly], reader: str
) -> tuple[tuple[str | None, tuple[Money, ...]], ...]:
    by_person: dict[str, list[Money]] = {}
    for row in yearly:
        if row.money is not None:
            by_person.setdefault(row.plan.told[0], []).append(row.money)
    if len(by_person) < 2:
        return ()
    names = {person: household.people[person].called or "" for person in by_person if person != reader}
    return tuple((names.get(person), total(money)) for person, money in by_person.items())
