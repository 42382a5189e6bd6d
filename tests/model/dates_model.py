"""A second model of a plan's dates (docs/rules.md#dates): slow, written from the rules alone, and for reading."""

from __future__ import annotations

import calendar
import math
from datetime import date, timedelta
from decimal import Decimal

from renewd.domain.dates import Duration
from renewd.domain.plans import Household, Plan

FAR = 100 * 366  # days that a balance is followed


def months_later(start: date, months: int, day: int) -> date:
    """Return that day of the month so many months later, or the month's last day."""
    year, month = start.year, start.month
    step = 1 if months > 0 else -1
    for _ in range(abs(months)):
        month += step
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def whole_days(length: Duration, rounded: str) -> int:
    """Return a length that is not in months as days; hours are rounded "up" or "down"."""
    if length.unit == "hours":
        return math.ceil(length.n / 24) if rounded == "up" else math.floor(length.n / 24)
    return length.n


def later(start: date, length: Duration) -> date:
    """Return the day that much later."""
    if length.unit in ("months", "years"):
        return months_later(start, length.n * (12 if length.unit == "years" else 1), start.day)
    return start + timedelta(days=whole_days(length, "down"))


def earlier(start: date, length: Duration) -> date:
    """Return the day that much earlier."""
    if length.unit in ("months", "years"):
        return months_later(start, -length.n * (12 if length.unit == "years" else 1), start.day)
    return start - timedelta(days=whole_days(length, "up"))


def model_of(plan: Plan) -> PlanModel:
    """Return a plan's model, the same one as long as the plan is the same."""
    found = _MODELS.get(plan.id)
    if found is None or found.plan is not plan:
        found = _MODELS[plan.id] = PlanModel(plan)
    return found


class PlanModel:
    """A plan's dates. Cycle 0 renews on `renews`; a plan without a cycle has cycle 0 alone."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.known: dict[int, date] = {}
        self.counted: list[int | None] = []  # the first uncovered cycle, once it was looked for: perhaps over a century

    def renewal(self, n: int) -> date:
        """Return the day on which cycle n renews."""
        if n not in self.known:
            plan = self.plan
            assert plan.renews is not None
            if n == 0:
                self.known[n] = plan.renews
            else:
                assert plan.every is not None
                if plan.every.unit in ("months", "years"):
                    months = n * plan.every.n * (12 if plan.every.unit == "years" else 1)
                    self.known[n] = months_later(plan.renews, months, plan.day or plan.renews.day)
                else:
                    self.known[n] = plan.renews + timedelta(days=n * max(1, whole_days(plan.every, "down")))
        return self.known[n]

    def charge(self, n: int) -> date:
        """Return the day on which cycle n is charged."""
        return earlier(self.renewal(n), self.plan.charge_before)

    def price(self, n: int) -> Decimal | None:
        """Return the price of cycle n."""
        promo = self.plan.promo
        return promo.price_after if promo is not None and self.charge(n) >= promo.ends else self.plan.price

    def length(self, n: int) -> int | None:
        """Return the days of the cycle that ends with renewal n."""
        if self.plan.every is None:
            return None
        return (self.renewal(n) - self.renewal(n - 1)).days

    def numbers(self, last: date) -> range:
        """Return the numbers of the cycles from 0 whose charge or renewal is not after a day."""
        if self.plan.renews is None:
            return range(0)
        if self.plan.every is None:
            return range(1)
        n = 0
        while self.charge(n) <= last:
            n += 1
        return range(n)

    # Who pays

    def first_by_balance(self) -> int:
        """Return the first cycle that is charged after the balance's day."""
        assert self.plan.balance is not None
        n = 0
        if self.plan.every is None:
            return 0
        while self.charge(n - 1) > self.plan.balance.on:
            n -= 1
        while self.charge(n) <= self.plan.balance.on:
            n += 1
        return n

    def uncovered(self) -> int | None:
        """Return the first cycle from 0 on that the balance does not cover; None if there is none."""
        if not self.counted:
            self.counted = [self._uncovered()]
        return self.counted[0]

    def _uncovered(self) -> int | None:
        plan = self.plan
        if plan.pay_with != "balance" or plan.balance is None or plan.renews is None:
            return None
        if plan.renews <= plan.balance.on:
            return 0
        left, n = plan.balance.amount, self.first_by_balance()
        while (self.renewal(n) - plan.renews).days <= FAR:
            price = self.price(n)
            if price is not None and price <= left:
                left -= price
            elif n >= 0:
                return n
            if plan.every is None:
                return None
            n += 1
        return None

    def failed(self) -> int | None:
        """Return the cycle whose charge failed; one before `renews` is paid."""
        plan = self.plan
        if plan.failed_on is None or plan.renews is None or plan.failed_on < self.charge(0):
            return None
        return max((n for n in self.numbers(plan.failed_on) if self.charge(n) <= plan.failed_on), default=None)

    def unpaid(self) -> int | None:
        """Return the first cycle that a person must pay."""
        plan = self.plan
        if plan.renews is None:
            return None
        by_balance = plan.pay_with == "balance" and plan.balance is not None
        if not plan.autopay and not by_balance:
            return 0
        return min((n for n in (self.uncovered(), self.failed()) if n is not None), default=None)

    def charged(self, last: date) -> list[int]:
        """Return the cycles that are charged by themselves, and cost something, up to a day."""
        plan = self.plan
        if not plan.autopay or plan.renews is None:
            return []
        first = 0
        if plan.pay_with == "balance" and plan.balance is not None and plan.renews > plan.balance.on:
            first = max(0, self.first_by_balance())
        unpaid = self.unpaid()
        return [
            n
            for n in self.numbers(last)
            if n >= first
            and (unpaid is None or n < unpaid)
            and (plan.pause_until is None or self.charge(n) >= plan.pause_until)
        ]

    def differs(self, n: int) -> bool:
        """Whether a charge is of another price than the last."""
        return self.plan.promo is not None and self.plan.every is not None and self.price(n) != self.price(n - 1)

    def may_fail(self, n: int, household: Household) -> bool:
        """Whether the card has expired by then, or the balance is not known."""
        card = household.cards.get(self.plan.pay_with or "")
        if card is not None and card.expires is not None and card.expires < self.charge(n):
            return True
        return self.plan.pay_with == "balance" and self.plan.balance is None

    # What is lost

    def loss(self, n: int) -> tuple[date, bool] | None:
        """Return the day on which the number is lost if cycle n is not paid, and whether a figure is known for it."""
        plan, brand = self.plan, self.plan.carrier
        origin = self.renewal(n)
        if brand is not None and brand.grace_origin == "suspension":
            origin += timedelta(days=brand.suspended_after)
        if brand is not None and brand.grace_origin == "last-payment":
            paid = max((receipt.on for receipt in plan.receipts), default=None)
            if plan.every is None:
                origin = paid or self.renewal(n)
            elif paid is not None and paid >= self.renewal(n - 2):
                origin = paid
            else:
                origin = self.renewal(n - 1)
        if plan.grace is not None:
            return later(origin, plan.grace), True
        if brand is None:
            return None
        if brand.grace is not None:
            day = later(origin, brand.grace)
            return (min(day, origin + timedelta(days=30)) if brand.grace_confidence == "low" else day), True
        return (self.renewal(n) + timedelta(days=1), False) if brand.kind == "prepaid" else None

    def last_day_to_cancel(self, n: int) -> date:
        """Return the last day on which canceling avoids cycle n's charge."""
        days = [self.charge(n) - timedelta(days=1)]
        if self.plan.notice is not None:
            days.append(earlier(self.charge(n), self.plan.notice))
        if self.plan.cut_off is not None:
            days.append(earlier(self.renewal(n), self.plan.cut_off))
        return min(days)


_MODELS: dict[str, PlanModel] = {}
