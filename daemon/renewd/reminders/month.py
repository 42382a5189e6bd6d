"""What the monthly digest says: what comes in 30 and 90 days, what is open, what a year costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from renewd.domain import cycles
from renewd.domain.cancellation import has_left, is_postpaid, lapses, left_by, stage
from renewd.domain.checklist_leaving import CREDIT_DAYS
from renewd.domain.cycles import price_on
from renewd.domain.dates import Duration, add_months, day_in, nth
from renewd.domain.findings import Findings, last_made
from renewd.domain.money import Money, in_a_year, rounded, sums
from renewd.domain.plans import Bill, Cancel, FinalBill, Household, Plan
from renewd.reminders.facts import DigestFacts, Open, Payment, Yearly
from renewd.reminders.kind import Reminder

_SOON, _LATER = 30, 90  # days that the tables look ahead, the first day included
_NOT_URGENT = 84  # days after which nothing but the digest speaks of what is open


def digest_facts(reminder: Reminder, household: Household, findings: Findings, now: datetime) -> DigestFacts:
    """Return a person's month, of the plans that they are told of; `me`, who runs renewd, gets all plans."""
    person = household.people[reminder.person]
    today = day_in(now, person.zone)
    plans = list(household.plans.values()) if person.id == "me" else household.plans_of(person.id)
    soon, later = today + timedelta(days=_SOON - 1), today + timedelta(days=_LATER - 1)
    coming = sorted((p for plan in plans for p in payments_of(plan, today, later)), key=lambda p: (p.day, p.plan.id))
    payments = tuple(payment for payment in coming if payment.day <= soon)
    going_on = [plan for plan in plans if plan.every and not _is_over(plan, today)]
    yearly = tuple(sorted((_yearly(plan, today) for plan in going_on), key=_dearest_first))
    monthly = _monthly(household, yearly)
    budget = Money(household.budget, household.currency) if household.budget is not None else None
    over = None
    if budget and monthly and monthly.amount > budget.amount and person.id == "me":
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
        open=tuple(item for plan in plans for item in _open(plan, findings, today, reminder.subject.date)),
        yearly=yearly,
        yearly_total=sums(row.money for row in yearly),
        by_person=_by_person(household, yearly),
        monthly=monthly,
        budget=budget,
        over=over,
        look_at_security=reminder.subject.date.month == 1,
        next_month=add_months(reminder.subject.date, 1, 1),
    )


def payments_of(plan: Plan, today: date, last: date) -> Iterator[Payment]:
    """Iterate what has to be paid for a plan from today to `last`: unpaid bills, charges and renewals."""
    yield from bills_of(plan, today, last)
    if _is_over(plan, today):
        return
    unpaid = cycles.unpaid_from(plan)
    if unpaid is not None and left_by(plan, unpaid):
        unpaid = None  # it is not to be paid
        if not plan.autopay:
            return
    if unpaid is not None and (stopped := cycles.renewal(plan, unpaid)) < today:
        lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
        lost_on = lost.day if lost is not None and lost.day >= today else None
        if lost is None or lost_on is not None or (today - stopped).days <= _NOT_URGENT:
            day = lost_on or today
            yield Payment(day=day, plan=plan, money=_price(plan, today), note="stopped", lost_on=lost_on)
            if lost is None or lost_on is not None or lost.basis == "unpublished":
                yield from _once_paid(plan, today, day, last)
        return
    for cycle, on in cycles.charges(plan, today):
        if on > last or left_by(plan, cycle) == "asked":
            break
        yield Payment(day=on, plan=plan, money=_price(plan, on), autopay=True)
    if unpaid is None:
        return
    n = cycles.first_from(plan, today, unpaid)
    while (
        n is not None
        and (on := cycles.renewal(plan, n)) <= last
        and not left_by(plan, n)
        and not cycles.has_ended(plan, n)
    ):
        yield Payment(day=on, plan=plan, money=_price(plan, on))
        n = n + 1 if cycles.goes_on(plan, n) else None


def _once_paid(plan: Plan, today: date, on: date, last: date) -> Iterator[Payment]:
    """Iterate the payments that follow if a stopped plan is paid on a day before its number is lost."""
    paid = cycles.paid(plan, today=today, on=on)
    if paid is None or plan.every is None:
        return
    k = 0
    while (day := nth(paid.renews, plan.every, k, paid.day)) <= last and not (plan.ends and day >= plan.ends):
        yield Payment(day=day, plan=plan, money=_price(plan, day), autopay=plan.autopay)
        k += 1


def bills_of(plan: Plan, today: date, last: date) -> Iterator[Payment]:
    """Iterate a plan's unpaid bills that are due by `last`; an overdue one counts for today."""
    for bill in _unpaid_bills(plan):
        if bill.due is not None and bill.due <= last:
            money = plan.money(bill.amount)
            what = bill.what if isinstance(bill, Bill) else None
            note = "overdue" if bill.due < today else None
            yield Payment(day=max(bill.due, today), plan=plan, money=money, what=what or "", note=note)  # type: ignore[arg-type]


def _unpaid_bills(plan: Plan) -> list[Bill | FinalBill]:
    bills: list[Bill | FinalBill] = [bill for bill in plan.bills if bill.paid_on is None]
    final = plan.cancel.final_bill if plan.cancel else None
    if final is not None and final.paid_on is None and (final.amount or final.due):
        bills.append(final)
    return bills


def _price(plan: Plan, day: date) -> Money | None:
    return plan.money(price_on(plan, day))


def _is_over(plan: Plan, today: date) -> bool:
    """Whether the plan is over: its end has come, its carrier has confirmed it, or it was let run out."""
    ended = plan.ends is not None and plan.ends <= today
    return ended or has_left(plan) or stage(plan, today) == "closed"


def _open(plan: Plan, findings: Findings, today: date, month: date) -> Iterator[Open]:
    yield from _open_bills(plan)
    if plan.cancel is not None:
        yield from _open_after(plan, plan.cancel, today, month)
    if _is_over(plan, today):
        return
    unpaid = cycles.unpaid_from(plan)
    if unpaid is not None and (stopped := cycles.renewal(plan, unpaid)) < today and not lapses(plan):
        lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
        if lost is not None and lost.day <= today:
            sure = lost.basis != "unpublished"
            yield Open(what="lost", plan=plan, days=(today - lost.day).days, day=lost.day, sure=sure)
        else:
            yield Open(what="overdue", plan=plan, days=(today - stopped).days, day=lost.day if lost else None)
    if plan.keep_alive is not None and not lapses(plan):
        due = nth(plan.keep_alive.last, plan.keep_alive.every, 1)
        if due < today:
            yield Open(what="keep-alive", plan=plan, days=(today - due).days, day=due)
    if plan.cancel is not None:
        for binding in plan.bindings:
            if binding.moved_on is None:
                yield Open(what="binding", plan=plan, name=binding.service)
    for backup in plan.backups:
        made = last_made(plan, backup, findings)
        if made is not None and nth(made, backup.fresh, 1) < today:
            yield Open(what="backup", plan=plan, days=(today - made).days, day=made, name=backup.what)


def _open_bills(plan: Plan) -> Iterator[Open]:
    for bill in _unpaid_bills(plan):
        money = plan.money(bill.amount)
        name = bill.what if isinstance(bill, Bill) else None
        yield Open(what="bill", plan=plan, day=bill.due, name=name, money=money)


def _open_after(plan: Plan, cancel: Cancel, today: date, month: date) -> Iterator[Open]:
    """Iterate what is open once the carrier was asked; card and credit report are listed once, in their month."""
    confirmed, refund = cancel.confirmed_on, cancel.refund
    if cancel.requested_on is not None and confirmed is None and cancel.requested_on < today:
        yield Open(what="unconfirmed", plan=plan, days=(today - cancel.requested_on).days, day=cancel.requested_on)
    if refund is not None and refund.received_on is None and refund.expected is not None and refund.expected < today:
        money = plan.money(refund.amount)
        yield Open(what="refund", plan=plan, day=refund.expected, money=money)
    if confirmed is None:
        return
    cycle_later = nth(confirmed, plan.every or Duration(1, "months"), 1)
    if (plan.autopay or plan.pay_with) and _falls_due(cycle_later, month):
        yield Open(what="still-charged", plan=plan, day=confirmed)
    if is_postpaid(plan) and _falls_due(confirmed + timedelta(days=CREDIT_DAYS), month):
        yield Open(what="credit-report", plan=plan, day=confirmed)


def _falls_due(day: date, month: date) -> bool:
    """Whether a month's mail is the first on or after a day."""
    return add_months(month, -1, 1) < day <= month


def _yearly(plan: Plan, today: date) -> Yearly:
    money = plan.money(in_a_year(price_on(plan, today), plan.every))
    promo = plan.promo
    if promo is None or promo.ends <= today or promo.price_after is None:
        return Yearly(plan=plan, money=money)
    return Yearly(plan=plan, money=money, ends=promo.ends, after=plan.money(promo.price_after))


def _dearest_first(row: Yearly) -> tuple[str, Decimal, str]:
    return (row.plan.currency, -(row.money.amount if row.money else Decimal(0)), row.plan.id)


def _monthly(household: Household, yearly: Iterable[Yearly]) -> Money | None:
    known = [row.money.amount for row in yearly if row.money and row.money.currency == household.currency]
    return Money(rounded(sum(known, Decimal(0)) / 12), household.currency) if known else None


def _by_person(household: Household, yearly: Iterable[Yearly]) -> tuple[tuple[str, tuple[Money, ...]], ...]:
    by_person: dict[str, list[Money]] = {}
    for row in yearly:
        if row.money is not None:
            by_person.setdefault(row.plan.told[0], []).append(row.money)
    if len(by_person) < 2:
        return ()
    return tuple((household.people[person].name, sums(money)) for person, money in by_person.items())
