"""What has to be paid for a plan: its unpaid bills, charges and renewals, each on its day at the price of that day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from renewd.domain import cycles
from renewd.domain.cancellation import cancel_of, has_left, is_postpaid, last_safe, left_by, stage
from renewd.domain.dates import DAY, add_months
from renewd.domain.money import Money
from renewd.domain.plans import Bill, FinalBill, Plan
from renewd.reminders.facts import Payment, Yearly

SOON, LATER = 29 * DAY, 89 * DAY  # to the last of the 30 and 90 days that tables look ahead, the first included


def payments_of(plan: Plan, today: date, last: date) -> Iterator[Payment]:
    """Iterate what has to be paid for a plan from today to `last`: unpaid bills, charges and renewals, none of 0."""
    yield from bills_of(plan, today, last)
    yield from (payment for payment in _cycles_of(plan, today, last) if payment.money is None or payment.money.amount)


def yearly_of(plan: Plan, today: date) -> Yearly | None:
    """Return what the charges and renewals of the next twelve months come to; None if there can be none."""
    if plan.renews is None or is_over(plan, today):
        return None
    last = add_months(today, 12, today.day) - DAY
    coming = list(_cycles_of(plan, today, last))
    known = [payment.money.amount for payment in coming if payment.money is not None]
    money = plan.money(sum(known, Decimal(0))) if known or not coming else None
    unknown = any(payment.money is None for payment in coming)
    promo = plan.promo
    if promo is None or not today < promo.ends <= last:
        return Yearly(plan=plan, money=money, unknown=unknown)
    return Yearly(plan=plan, money=money, unknown=unknown, ends=promo.ends, after=plan.money(promo.price_after))


def bills_of(plan: Plan, today: date, last: date) -> Iterator[Payment]:
    """Iterate a plan's unpaid bills that are due by `last`; an overdue one counts for today."""
    for bill in unpaid_bills(plan):
        if bill.due is not None and bill.due <= last:
            what = bill.what if isinstance(bill, Bill) else None
            note = "overdue" if bill.due < today else None
            money = plan.money(bill.amount)
            yield Payment(day=max(bill.due, today), plan=plan, money=money, what=what or "", note=note)  # type: ignore[arg-type]


def unpaid_bills(plan: Plan) -> list[Bill | FinalBill]:
    """Return a plan's unpaid bills, the final one last."""
    bills: list[Bill | FinalBill] = [bill for bill in plan.bills if bill.is_open]
    final = plan.cancel.final_bill if plan.cancel else None
    if final is not None and final.is_open and (final.amount or final.due):
        bills.append(final)
    return bills


def is_over(plan: Plan, today: date) -> bool:
    """Whether the plan is over: it has ended and is paid, its carrier has confirmed it, or it was let run out."""
    unpaid = cycles.unpaid_from(plan)
    owed = unpaid is not None and not cycles.has_ended(plan, unpaid)
    ended = plan.ends is not None and plan.ends <= today and not owed
    return ended or has_left(plan) or stage(plan, today) == "closed"


def _cycles_of(plan: Plan, today: date, last: date) -> Iterator[Payment]:
    if is_over(plan, today):
        return
    unpaid = cycles.unpaid_from(plan)
    if unpaid is not None and (leaves := left_by(plan, unpaid, today)):
        asked = cancel_of(plan).requested_on or today
        if leaves != "lapse" and is_postpaid(plan) and cycles.cancel_by(plan, unpaid) < asked:
            on = cycles.renewal(plan, unpaid)  # it is owed all the same
            note: Literal["stopped"] | None = "stopped" if on < today else None
            yield Payment(day=max(on, today), plan=plan, money=_price(plan, cycles.charge(plan, unpaid)), note=note)
        unpaid = None  # it is not to be paid
        if not plan.autopay:
            return
    if unpaid is not None and cycles.renewal(plan, unpaid) < today:
        yield from _of_stopped(plan, unpaid, today, last)
        return
    out = _first_avoided(plan, today)
    for cycle, on in cycles.charges(plan, today):
        if on > last or left_by(plan, cycle) == "asked" or (out is not None and cycle >= out):
            break
        yield Payment(day=on, plan=plan, money=_price(plan, on), autopay=True)
    if unpaid is not None:
        yield from _renewals(plan, unpaid, today, last)


def counts_until_left(plan: Plan, today: date) -> bool:
    """Whether a plan counts in sums only until it is left: not while autopay goes on without a day or a request."""
    if plan.cancel is None or plan.cancel.number == "move" or has_left(plan):
        return False
    return not plan.autopay or left_by(plan, 0) == "asked" or _first_avoided(plan, today) is not None


def _first_avoided(plan: Plan, today: date) -> int | None:
    """Return the first cycle whose charge is avoided by leaving on the last safe day before `cancel.by`."""
    cancel = cancel_of(plan)
    if cancel.by is None or cancel.by < today or cancel.number == "move":
        return None
    safe = last_safe(plan, today)
    return safe.n if safe is not None else None


def _renewals(
    plan: Plan, least: int, today: date, last: date, note: Literal["if-renewed"] | None = None
) -> Iterator[Payment]:
    n = cycles.first_from(plan, today, least)
    while (
        n is not None
        and (on := cycles.renewal(plan, n)) <= last
        and not left_by(plan, n)
        and not cycles.has_ended(plan, n)
    ):
        yield Payment(day=on, plan=plan, money=_price(plan, cycles.charge(plan, n)), note=note)
        n = n + 1 if cycles.goes_on(plan, n) else None


def _of_stopped(plan: Plan, unpaid: int, today: date, last: date) -> Iterator[Payment]:
    """Iterate what a stopped plan costs if it is renewed now, or, if that is too late, was renewed unmarked."""
    lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
    lost_on = lost.day if lost is not None and lost.day >= today else None
    if lost is not None and lost_on is None and lost.basis != "unpublished":
        if plan.every is not None:
            yield from _renewals(plan, unpaid + 1, today, last, "if-renewed")
        return
    if not plan.is_line and plan.every is None and plan.price is None:
        return  # a paper that has expired: open, but no payment that comes
    day = lost_on or today
    yield Payment(
        day=day,
        plan=plan,
        money=_price(plan, today),
        note="stopped",
        lost_on=lost_on,
        sure=lost is None or lost.is_certain,
    )
    paid = cycles.paid(plan, today=today, on=day)
    if paid is not None and plan.every is not None:
        renewed = plan._replace(renews=paid.renews, day=paid.day, failed_on=None)
        yield from (payment._replace(plan=plan) for payment in _cycles_of(renewed, today, last))


def _price(plan: Plan, day: date) -> Money | None:
    return plan.money(cycles.price_on(plan, day))
