"""A plan's own dates: renewals, charges, the day its number is lost, the last day to cancel, and paying.

Cycle n renews on R(n), which is computed from the anchor `renews` = R(0) and never from the cycle before it; n may be
negative. A plan without `every` has R(0) only, and one that `ends` has no cycle that begins on or after that day. All
dates are in the plan's zone. See docs/rules.md#dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from renewd.domain.carriers import Confidence, Origin
from renewd.domain.dates import DAY, Duration, after, before, nth
from renewd.domain.latest import kept
from renewd.domain.plans import Balance, Plan

LOW_CONFIDENCE_DAYS = timedelta(days=30)  # a doubtful grace is not trusted further than this
EARLIEST = -100_000  # cycles; a day each, more than lie between any two days of a file
_FOREVER = 36525  # days; a balance that lasts longer is not counted to its end


def renewal(plan: Plan, n: int) -> date:
    """Return R(n). The plan must have `renews`, and `every` unless n is 0."""
    assert plan.renews is not None  # the callers looked
    if plan.every is None:
        return plan.renews
    return nth(plan.renews, plan.every, n, plan.day)


def has_ended(plan: Plan, n: int) -> bool:
    """Whether the plan ends on R(n) or earlier, because no cycle may begin on it."""
    return plan.ends is not None and renewal(plan, n) >= plan.ends


def is_paid_off(plan: Plan, n: int) -> bool:
    """Whether nothing is left to pay on R(n) of what is no line, as after the last installment."""
    return not plan.is_line and plan.every is not None and has_ended(plan, n)


def goes_on(plan: Plan, n: int) -> bool:
    """Whether a cycle begins on R(n), so that there is an R(n+1)."""
    return plan.every is not None and not has_ended(plan, n)


def charge(plan: Plan, n: int) -> date:
    """Return the day on which cycle n is charged: R(n) less the plan's `charge_before`."""
    return before(renewal(plan, n), plan.charge_before)


def price_on(plan: Plan, day: date) -> Decimal | None:
    """Return the price of a charge on `day`, once an offer has ended the price after it; None if it is not known."""
    if plan.promo is not None and day >= plan.promo.ends:
        return plan.promo.price_after
    return plan.price


def first_from(plan: Plan, day: date, least: int) -> int | None:
    """Return the smallest n ≥ `least` with R(n) on or after `day`; None if the plan has ended before."""
    if plan.renews is None:
        return None
    if plan.every is None:
        return 0 if least <= 0 and plan.renews >= day else None
    n = _first_from(plan, plan.every, day, least)
    return n if n <= max(least, 0) or goes_on(plan, n - 1) else None


def _first_from(plan: Plan, every: Duration, day: date, least: int) -> int:
    """Return the same as `first_from`, as if the plan did not end."""
    n = max(least, _about(renewal(plan, 0), every, day) - 1)  # the cycle before is over for certain
    while renewal(plan, n) < day:
        n += 1
    return n


def _about(anchor: date, every: Duration, day: date) -> int:
    if every.unit in ("months", "years"):
        months = (day.year - anchor.year) * 12 + day.month - anchor.month
        return months // (every.n * (12 if every.unit == "years" else 1))
    return (day - anchor).days // (nth(anchor, every, 1) - anchor).days


def length(plan: Plan, n: int) -> int | None:
    """Return the days from R(n-1) to R(n); None without `every`."""
    if plan.every is None:
        return None
    if plan.every.unit == "days":
        return plan.every.n
    return (renewal(plan, n) - renewal(plan, n - 1)).days


def is_far_ahead(plan: Plan, renews: date, today: date) -> bool:
    """Whether a renewal date is more than two cycles ahead, as one with a mistyped year is."""
    return plan.every is not None and renews > nth(today, plan.every, 2)


def is_long(plan: Plan) -> bool:
    """Whether a cycle is longer than 31 days."""
    every = plan.every
    if every is None:
        return False
    return every.n > {"days": 31, "hours": 31 * 24, "months": 1, "years": 0}[every.unit]


@kept
def first_cycle(plan: Plan) -> int:
    """Return the first cycle that is still charged: 0, or with a balance that of the first charge after its day."""
    if (balance := pays_from(plan)) is None or plan.renews is None or plan.renews <= balance.on:
        return 0
    n = first_from(plan, balance.on, EARLIEST) or 0  # no charge is after its renewal
    if plan.every is not None:
        while charge(plan, n - 1) > balance.on:
            n -= 1
    while charge(plan, n) <= balance.on and plan.every is not None:
        n += 1
    return n


def pays_from(plan: Plan) -> Balance | None:
    """Return the balance that charges are taken from; None if there is none or it is not known."""
    return plan.balance if plan.pay_with == "balance" else None


@kept
def unpaid_from(plan: Plan) -> int | None:
    """Return the first cycle that a person must pay; None if all are charged automatically.

    Without autopay, it is cycle 0; after a failed charge, that charge's cycle (see `failed_cycle`). With a balance, it
    is the first cycle that the balance does not cover, or 0 if `renews` is not after the balance's day; if the price
    is not known, the first one. After the last installment there is none.
    """
    if plan.renews is None:
        return None
    unpaid = [] if plan.autopay or pays_from(plan) is not None else [0]
    if (uncovered := first_uncovered(plan)) is not None:
        unpaid.append(uncovered.n)
    if (failed := failed_cycle(plan)) is not None:
        unpaid.append(failed)
    return min([n for n in unpaid if not is_paid_off(plan, n)], default=None)


class Uncovered(NamedTuple):
    """The first cycle that a balance does not cover, and what is left of it by then."""

    n: int
    left: Decimal


def first_uncovered(plan: Plan) -> Uncovered | None:
    """Return the first cycle from `renews` on that the balance does not cover; None if it covers all or is not known.

    Charges between the balance's day and `renews` are paid by definition, and reduce the balance as far as it goes. A
    price that is not known, also one after the end of an offer, counts as not covered.
    """
    uncovered = _first_uncovered(plan)
    return None if uncovered is None or has_ended(plan, uncovered.n) else uncovered


def _first_uncovered(plan: Plan) -> Uncovered | None:
    if (balance := pays_from(plan)) is None or plan.renews is None:
        return None
    if plan.renews <= balance.on:
        return Uncovered(0, balance.amount)
    n, left = first_cycle(plan), balance.amount
    price = price_on(plan, charge(plan, n))
    for change in _changes(plan, n):  # many cycles at a time: a slip of the hand may put a century between two days
        if price is None and n >= 0:
            break
        paid = min(change - n, int(left // price)) if price else change - n
        left -= paid * (price or 0)
        if n + paid < change and n >= 0:
            return Uncovered(n + paid, left)
        n = change
        price = price_on(plan, charge(plan, n))
    if price is None or price > left:
        return Uncovered(n, left)
    if price == 0 or plan.every is None:
        return None
    covered = int(left // price)
    endless = covered * (renewal(plan, 1) - plan.renews).days > _FOREVER
    return None if endless else Uncovered(n + covered, left % price)


def _changes(plan: Plan, n: int) -> list[int]:
    """Return the cycles after `n` at which the computation changes: 0, and the first one after the offer."""
    if plan.every is None:
        return []
    after_offer = n
    if plan.promo is not None:
        after_offer = first_from(plan, plan.promo.ends, n) or 0
        while charge(plan, after_offer) < plan.promo.ends:
            after_offer += 1
    return sorted(one for one in {0, after_offer} if one > n)


def failed_cycle(plan: Plan) -> int | None:
    """Return the cycle whose charge failed; None if none did.

    A cycle before `renews` is paid by definition, so a failure of one is settled.
    """
    if plan.failed_on is None or plan.renews is None or plan.failed_on < charge(plan, 0):
        return None
    if plan.every is None:
        return 0
    n = _first_from(plan, plan.every, plan.failed_on, 0)
    while charge(plan, n) <= plan.failed_on:
        n += 1
    while charge(plan, n) > plan.failed_on:
        n -= 1
    return n


def current(plan: Plan, today: date) -> int | None:
    """Return the cycle at whose renewal service stops if no more is paid: the unpaid one, else the next one charged."""
    n = unpaid_from(plan)
    return n if n is not None else first_from(plan, today, max(0, first_cycle(plan)))


def charges(plan: Plan, day: date) -> Iterator[tuple[int, date]]:
    """Iterate (n, day of the charge) of the cycles that are charged automatically, from `day` on, without end.

    There are none without autopay, from the first cycle that a person must pay, or during a pause.
    """
    if not plan.autopay or plan.renews is None:
        return
    end = unpaid_from(plan)
    n = first_from(plan, day, max(0, first_cycle(plan)))
    if n is None:
        return
    while end is None or n < end:
        on = charge(plan, n)
        if has_ended(plan, n):
            return
        if on >= day and (plan.pause_until is None or on >= plan.pause_until):
            yield n, on
        if plan.every is None:
            return
        n += 1


class Loss(NamedTuple):
    """The day from which a number is lost, and how it was computed.

    `basis` is "yours" (the file's grace), "catalogue" or "unpublished" (a prepaid carrier without a published figure:
    possibly lost as soon as service stops). With `capped`, a doubtful figure was cut to 30 days.
    """

    day: date
    basis: Literal["yours", "catalogue", "unpublished"]
    grace: Duration | None = None
    origin: Origin = "renewal"
    counted_from: date | None = None
    confidence: Confidence | None = None
    capped: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether the number is lost on that day, and not only may be: the figure is the file's, or well founded."""
        return self.basis == "yours" or (self.basis == "catalogue" and not self.capped and self.confidence != "low")


def loss(plan: Plan, n: int, *, paid_on: date | None = None) -> Loss | None:
    """Return when the number is lost if cycle n stays unpaid; None if no loss is known.

    `paid_on` is the day of the last payment; if it is not known, one cycle before R(n) is assumed.
    """
    carrier = plan.carrier
    origin: Origin = carrier.grace_origin if carrier else "renewal"
    stops = renewal(plan, n)
    start = stops
    if origin == "suspension" and carrier:
        start = stops + carrier.suspended_after * DAY
    elif origin == "last-payment":
        start = _last_payment(plan, n, paid_on)
    if plan.grace is not None:
        return Loss(day=after(start, plan.grace), basis="yours", grace=plan.grace, origin=origin, counted_from=start)
    if carrier is None or not plan.is_line:
        return None
    if carrier.grace is not None:
        day = after(start, carrier.grace)
        capped = carrier.grace_confidence == "low" and day > start + LOW_CONFIDENCE_DAYS
        return Loss(
            day=start + LOW_CONFIDENCE_DAYS if capped else day,
            basis="catalogue",
            grace=Duration(LOW_CONFIDENCE_DAYS.days, "days") if capped else carrier.grace,
            origin=origin,
            counted_from=start,
            confidence=carrier.grace_confidence,
            capped=capped,
        )
    if carrier.kind == "prepaid":
        return Loss(day=stops + DAY, basis="unpublished", origin="renewal", counted_from=stops)
    return None


def _last_payment(plan: Plan, n: int, paid_on: date | None) -> date:
    if plan.every is None:
        return paid_on or renewal(plan, n)
    if paid_on is not None and paid_on >= renewal(plan, n - 2):
        return paid_on
    return renewal(plan, n - 1)


def last_receipt(plan: Plan) -> date | None:
    """Return the day of the latest receipt."""
    return max((receipt.on for receipt in plan.receipts), default=None)


def cancel_by(plan: Plan, n: int) -> date:
    """Return the last day on which canceling still avoids cycle n's charge.

    It is the earlier of two days: the charge less the notice (at least one day), and R(n) less the cut-off.
    """
    charged = charge(plan, n)
    day = charged - DAY
    if plan.notice is not None:
        day = min(day, before(charged, plan.notice))
    if plan.cut_off is not None:
        day = min(day, before(renewal(plan, n), plan.cut_off))
    return day


class Paid(NamedTuple):
    """The result of a payment: its day, the new `renews`, and `day` as it must be written."""

    on: date
    renews: date
    day: int | None
    assumed: bool  # the payment's day was not given, and was taken to be the last computed date


def paid(plan: Plan, *, today: date, on: date | None = None, amount: Decimal | None = None) -> Paid | None:
    """Return the dates after the plan's next unpaid cycle is paid; None if its length is not known.

    A payment on or before R(n) leads to R(n+1), so early payments stack; if the carrier does not stack them, `reset`
    applies. A late payment follows the plan's rule: `fixed` is the first date of the series after it, `reset` the
    payment plus one cycle, `reset-minus-1` a day less. Without `on`, the payment was made today; once R(n) is over,
    on the last computed date that is not after today, which gives the earliest next date.
    """
    n = unpaid_from(plan)
    if n is None:
        n = first_from(plan, today, first_cycle(plan)) or 0
    cycle = bought(plan, amount)
    if plan.renews is None or cycle is None or has_ended(plan, n):
        return None
    due = renewal(plan, n)
    assumed = on is None and today > due
    if on is None:
        on = today
        if assumed:
            on = _last_not_after(due, cycle, today, plan.day or plan.renews.day)
    anchor_day = plan.day or plan.renews.day
    if on <= due and (plan.carrier is None or plan.carrier.stacks):
        new = renewal(plan, n + 1) if cycle == plan.every else nth(due, cycle, 1, anchor_day)
        return Paid(on, new, _written_day(plan, cycle, new, anchor_day), assumed)
    if plan.late == "fixed" and on > due:
        k = 1
        while (new := nth(due, cycle, k, anchor_day)) <= on:
            k += 1
        return Paid(on, new, _written_day(plan, cycle, new, anchor_day), assumed)
    new = nth(on, cycle, 1)
    clamped = cycle.unit in ("months", "years") and new.day != on.day
    less = 1 if plan.late == "reset-minus-1" and on > due else 0
    return Paid(on, new - less * DAY, on.day - less if clamped else None, assumed)


def _last_not_after(due: date, cycle: Duration, today: date, day: int) -> date:
    k = max(0, _about(due, cycle, today) - 1)
    while nth(due, cycle, k + 1, day) <= today:
        k += 1
    return nth(due, cycle, k, day)


def _written_day(plan: Plan, cycle: Duration, new: date, anchor_day: int) -> int | None:
    if cycle.unit in ("months", "years") and new.day != anchor_day:
        return anchor_day
    return plan.day


def bought(plan: Plan, amount: Decimal | None) -> Duration | None:
    """Return the length that a payment buys.

    If the carrier sells days by the amount and the plan counts days, it is the catalogue's step for the amount: for
    the plan's own price at most `every`, and without a known amount the shortest. Otherwise it is the plan's `every`.
    """
    steps = plan.carrier.steps if plan.carrier else ()
    every = plan.every
    if not steps or (every is not None and every.unit != "days"):
        return every
    if every is not None and plan.price is not None and _step(steps, plan.price) > every.n:
        return every
    days = _step(steps, amount if amount is not None else plan.price)
    return Duration(days if every is None or amount is not None else min(days, every.n), "days")


def _step(steps: tuple[tuple[Decimal, int], ...], amount: Decimal | None) -> int:
    shortest = min(days for _, days in steps)
    return shortest if amount is None else max((days for least, days in steps if amount >= least), default=shortest)
