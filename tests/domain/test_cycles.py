"""A plan's own dates: renewals, charges, losses, last days to cancel, and what a payment makes of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from calls import calls_of
from households import balance, carrier, day, length, plan, promo, receipts
from renewd.domain.cycles import (
    Loss,
    Paid,
    Uncovered,
    bought,
    cancel_by,
    charge,
    charges,
    failed_cycle,
    first_cycle,
    first_from,
    first_uncovered,
    goes_on,
    is_long,
    last_receipt,
    loss,
    paid,
    price_on,
    renewal,
    unpaid_from,
)
from renewd.domain.cycles import length as cycle_length
from renewd.domain.dates import DAY, Duration, nth
from renewd.domain.plans import Plan

anchors = st.dates(date(2020, 1, 1), date(2040, 12, 31))
cycles = st.builds(Duration, st.integers(1, 400), st.just("days")) | st.builds(
    Duration, st.integers(1, 24), st.just("months")
) | st.builds(Duration, st.integers(1, 3), st.just("years"))  # fmt: skip


# Renewals


@given(anchors, cycles, st.none() | st.integers(1, 31), st.integers(-2000, 2000), st.integers(-40, 40))
@example(date(2027, 2, 28), Duration(1, "months"), 31, 31, 0)
@example(date(2028, 2, 29), Duration(1, "years"), None, 365, 0)
def test_the_first_cycle_from_a_day_agrees_with_counting(
    anchor: date, every: Duration, to: int | None, days: int, least: int
) -> None:
    assume(to is None or every.unit != "days")
    on = anchor + timedelta(days=days)
    one = plan(renews=anchor, every=every, day=to)
    n = first_from(one, on, least)
    assert n == next(k for k in range(least, 3000) if renewal(one, k) >= on)


def test_a_plan_without_a_cycle_has_its_one_date() -> None:
    one = plan(renews="2026-12-05")
    assert [first_from(one, day(on), 0) for on in ("2026-12-04", "2026-12-05", "2026-12-06")] == [0, 0, None]
    assert first_from(one, day("2026-12-04"), 1) is None
    assert renewal(one, 0) == day("2026-12-05")
    assert cycle_length(one, 0) is None
    assert first_from(plan(), day("2026-12-04"), 0) is None


def test_no_cycle_begins_on_or_after_the_end() -> None:
    one = plan(renews="2026-12-05", every="1 month", ends="2027-02-05", autopay=True)
    assert [goes_on(one, n) for n in (0, 1, 2)] == [True, True, False]
    assert first_from(one, day("2027-02-05"), 0) == 2
    assert first_from(one, day("2027-02-06"), 0) is None
    assert [str(on) for _, on in charges(one, day("2026-12-01"))] == ["2026-12-05", "2027-01-05"]
    between = plan(renews="2026-12-05", every="1 month", ends="2027-01-20")
    assert [goes_on(between, n) for n in (0, 1, 2)] == [True, True, False]


def test_an_end_that_is_over_leaves_the_date_that_is_written() -> None:
    one = plan(renews="2026-12-05", every="1 month", ends="2026-12-01")
    assert (first_from(one, day("2026-12-01"), 0), first_from(one, day("2026-12-06"), 0)) == (0, None)
    assert paid(one, today=day("2026-12-04")) is None
    assert not goes_on(one, 0)


def test_a_balance_need_not_cover_what_comes_after_the_end() -> None:
    words = {"renews": "2026-12-05", "every": "1 month", "price": "5", "pay_with": "balance"}
    held = balance("10", "2026-12-01")
    assert first_uncovered(plan(**words, balance=held)) == Uncovered(2, Decimal(0))
    assert first_uncovered(plan(**words, balance=held, ends="2027-02-05")) is None


def test_how_long_a_cycle_is() -> None:
    monthly = plan(renews="2027-02-28", every="1 month", day=31)
    assert [cycle_length(monthly, n) for n in (0, 1, 2)] == [28, 31, 30]
    assert cycle_length(plan(renews="2026-12-05", every="30 days"), 7) == 30
    assert [is_long(plan(renews="2026-12-05", every=one)) for one in ("31 days", "32 days", "1 month", "2 months", "1 year")] == [
        False, True, False, True, True,
    ]  # fmt: skip
    assert not is_long(plan(renews="2026-12-05"))


# Charges and the last day to cancel


@pytest.mark.parametrize(
    ("words", "charged", "last"),
    [
        ({}, "2026-12-18", "2026-12-17"),
        ({"charge_before": "25 hours"}, "2026-12-16", "2026-12-15"),
        ({"charge_before": "2 days"}, "2026-12-16", "2026-12-15"),
        ({"notice": "5 days"}, "2026-12-18", "2026-12-13"),
        ({"notice": "0 days"}, "2026-12-18", "2026-12-17"),
        ({"notice": "12 hours"}, "2026-12-18", "2026-12-17"),
        ({"notice": "1 month"}, "2026-12-18", "2026-11-18"),
        ({"cut_off": "24 hours"}, "2026-12-18", "2026-12-17"),
        ({"cut_off": "25 hours"}, "2026-12-18", "2026-12-16"),
        ({"cut_off": "3 days", "charge_before": "25 hours"}, "2026-12-16", "2026-12-15"),
        ({"cut_off": "7 days", "charge_before": "25 hours", "notice": "2 days"}, "2026-12-16", "2026-12-11"),
        ({"cut_off": "3 days", "charge_before": "25 hours", "notice": "5 days"}, "2026-12-16", "2026-12-11"),
    ],
)
def test_canceling_counts_from_the_charge_and_not_from_the_renewal(
    words: dict[str, str], charged: str, last: str
) -> None:
    one = plan(renews="2026-12-18", every="1 month", **words)
    assert charge(one, 0) == day(charged)
    assert cancel_by(one, 0) == day(last)


def test_charges_come_only_by_themselves_and_after_a_pause() -> None:
    words = {"renews": "2026-11-30", "every": "1 month", "day": 31}
    taken = [on for _, on in islice(charges(plan(autopay=True, **words), day("2026-12-01")), 3)]
    assert taken == [day("2026-12-31"), day("2027-01-31"), day("2027-02-28")]
    paused = plan(autopay=True, pause_until="2027-01-31", **words)
    assert next(charges(paused, day("2026-12-01"))) == (2, day("2027-01-31"))
    assert list(charges(plan(**words), day("2026-12-01"))) == []
    assert list(charges(plan(renews="2026-12-05", autopay=True), day("2026-12-01"))) == [(0, day("2026-12-05"))]
    assert list(charges(plan(renews="2026-11-05", autopay=True), day("2026-12-01"))) == []


def test_an_early_charge_belongs_to_the_cycle_that_it_pays() -> None:
    one = plan(renews="2026-12-18", every="1 month", autopay=True, charge_before="25 hours")
    assert next(charges(one, day("2026-12-16"))) == (0, day("2026-12-16"))
    assert next(charges(one, day("2026-12-17"))) == (1, day("2027-01-16"))


# Paying


def pay(one: Plan, on: str | None, today: str, amount: str | None = None) -> tuple[str, int | None]:
    found = paid(one, today=day(today), on=day(on) if on else None, amount=Decimal(amount) if amount else None)
    assert found is not None
    return found.renews.isoformat(), found.day


RULES = ("fixed", "reset", "reset-minus-1")


@pytest.mark.parametrize("late", RULES)
def test_paid_on_time_or_early_is_one_cycle_whatever_the_rule(late: str) -> None:
    one = plan(renews="2026-12-05", every="30 days", late=late)
    for on in ("2026-12-05", "2026-12-04", "2026-11-01"):
        assert pay(one, on, today="2026-12-05") == ("2027-01-04", None)


@pytest.mark.parametrize("late", RULES)
def test_early_payments_stack(late: str) -> None:
    one = plan(renews="2026-12-31", every="1 month", late=late)
    first, to = pay(one, "2026-12-01", today="2026-12-01")
    second = pay(plan(renews=first, every="1 month", late=late, day=to), "2026-12-01", today="2026-12-01")
    assert (first, to) == ("2027-01-31", None)
    assert second == ("2027-02-28", 31)


@pytest.mark.parametrize(
    ("late", "on", "renews"),
    [
        ("fixed", "2026-12-08", "2027-01-04"),
        ("reset", "2026-12-08", "2027-01-07"),
        ("reset-minus-1", "2026-12-08", "2027-01-06"),
        ("fixed", "2027-01-20", "2027-02-03"),
        ("fixed", "2027-01-04", "2027-02-03"),  # on a later date of the series: the first after it
        ("reset", "2027-01-20", "2027-02-19"),
        ("reset-minus-1", "2027-01-20", "2027-02-18"),
    ],
)
def test_paid_late_by_each_rule(late: str, on: str, renews: str) -> None:
    one = plan(renews="2026-12-05", every="30 days", late=late)
    assert pay(one, on, today="2027-03-01") == (renews, None)


@pytest.mark.parametrize(
    ("today", "on", "assumed"),
    [
        ("2026-12-01", "2026-12-01", False),
        ("2026-12-05", "2026-12-05", False),
        ("2026-12-20", "2026-12-05", True),
        ("2027-01-04", "2027-01-04", True),
        ("2027-01-20", "2027-01-04", True),
    ],
)
@pytest.mark.parametrize("late", RULES)
def test_without_its_day_a_payment_was_made_on_the_last_computed_date(
    late: str, today: str, on: str, assumed: bool
) -> None:
    found = paid(plan(renews="2026-12-05", every="30 days", late=late), today=day(today))
    assert found is not None
    assert (found.on, found.assumed) == (day(on), assumed)


@pytest.mark.parametrize(
    ("late", "on", "renews", "to"),
    [
        ("fixed", "2027-02-03", "2027-02-28", 31),
        ("fixed", "2027-02-28", "2027-03-31", None),
        ("reset", "2027-02-03", "2027-03-03", None),
        ("reset", "2027-08-31", "2027-09-30", 31),
        ("reset-minus-1", "2027-02-03", "2027-03-02", None),
        ("reset-minus-1", "2027-08-31", "2027-09-29", 30),
        ("reset-minus-1", "2027-03-01", "2027-03-31", None),
    ],
)
def test_a_date_that_was_clamped_is_written_with_its_day(late: str, on: str, renews: str, to: int | None) -> None:
    assert pay(plan(renews="2027-01-31", every="1 month", late=late), on, today="2027-12-01") == (renews, to)


def test_a_reset_removes_an_older_day_and_what_keeps_the_anchor_keeps_it() -> None:
    words = {"renews": "2027-02-28", "every": "1 month", "day": 31}
    assert pay(plan(late="reset", **words), "2027-03-10", today="2027-03-10") == ("2027-04-10", None)
    assert pay(plan(late="reset", **words), "2027-02-20", today="2027-03-10") == ("2027-03-31", 31)
    assert pay(plan(late="fixed", **words), "2027-03-10", today="2027-03-10") == ("2027-03-31", 31)


def test_a_leap_day_survives_being_paid_in_common_years() -> None:
    one = plan(renews="2028-02-29", every="1 year")
    assert pay(one, "2028-02-29", today="2028-02-29") == ("2029-02-28", 29)
    later = plan(renews="2031-02-28", every="1 year", day=29)
    assert pay(later, "2031-02-28", today="2031-02-28") == ("2032-02-29", 29)


@given(anchors, cycles, st.integers(1, 30))
def test_paying_every_cycle_on_its_day_never_drifts(anchor: date, every: Duration, times: int) -> None:
    one = plan(renews=anchor, every=every)
    for n in range(1, times + 1):
        assert one.renews is not None
        found = paid(one, today=one.renews)
        assert found is not None
        assert found.renews == nth(anchor, every, n)
        one = plan(renews=found.renews, every=every, day=found.day)


@given(anchors, cycles, st.integers(1, 2000), st.sampled_from(RULES))
@example(date(2020, 12, 31), Duration(1, "months"), 819, "reset")
def test_a_late_payment_gives_a_date_after_it_and_none_later_than_a_cycle(
    anchor: date, every: Duration, days: int, late: str
) -> None:
    on = anchor + timedelta(days=days)
    one = plan(renews=anchor, every=every, late=late)
    found = paid(one, today=on + DAY, on=on)
    assert found is not None
    assert found.on == on
    assert found.renews >= on if late == "reset-minus-1" else found.renews > on
    if late == "fixed":
        dates = [nth(anchor, every, n) for n in range(2500)]
        assert found.renews == next(one for one in dates if one > on)
    else:
        assert found.renews == nth(on, every, 1) - (DAY if late == "reset-minus-1" else timedelta(0))
    assumed = paid(one, today=on)
    assert assumed is not None
    assert assumed.renews <= nth(on, every, 1)
    # Feb 28 for a 31st is the earliest day it can have been paid on, and a month from it ends before Mar 31.
    clamped = timedelta(3) if late != "fixed" else timedelta(0)
    assert assumed.renews > on - clamped - (DAY if late == "reset-minus-1" else timedelta(0))


STEPS = ((Decimal(10), 30), (Decimal(25), 90), (Decimal(100), 365))


@pytest.mark.parametrize(
    ("amount", "price", "every", "days"),
    [
        ("10", None, "30 days", 30), ("25", None, "30 days", 90), ("99.99", None, "30 days", 90), ("100", None, "30 days", 365),
        ("5", None, "90 days", 30),  # too little for anything: the shortest
        (None, None, "90 days", 30),  # not known: the shortest
        (None, "25", "90 days", 90), (None, "100", "90 days", 90), (None, "10", "90 days", 30),
        ("25", "10", None, 90),
        ("100", "10", "90 days", 365), ("10", "25", "90 days", 30),
        (None, "35", "30 days", 30), ("35", "35", "30 days", 30),  # another kind of plan: 35 would buy 90 days
    ],
)  # fmt: skip
def test_days_that_are_bought_by_the_amount(
    amount: str | None, price: str | None, every: str | None, days: int
) -> None:
    one = plan(renews="2026-12-05", every=every, price=price, carrier=carrier(steps=STEPS))
    assert bought(one, Decimal(amount) if amount else None) == Duration(days, "days")
    found = pay(one, "2026-12-01", today="2026-12-01", amount=amount)
    assert found == ((day("2026-12-05") + timedelta(days=days)).isoformat(), None)


def test_an_amount_says_nothing_where_the_carrier_does_not_sell_days() -> None:
    assert bought(plan(every="1 month", carrier=carrier(steps=STEPS)), Decimal(100)) == Duration(1, "months")
    assert bought(plan(every="30 days", carrier=carrier()), Decimal(100)) == Duration(30, "days")


def test_where_early_payments_do_not_stack_the_days_count_from_the_payment() -> None:
    order = carrier(stacks=False)
    for late in RULES:
        one = plan(renews="2026-12-05", every="90 days", carrier=order, late=late)
        assert pay(one, "2026-11-15", today="2026-11-15") == ("2027-02-13", None)
        assert pay(one, "2026-12-05", today="2026-12-05") == ("2027-03-05", None)
    monthly = plan(renews="2027-02-05", every="1 month", carrier=order)
    assert pay(monthly, "2027-01-31", today="2027-01-31") == ("2027-02-28", 31)


def test_a_plan_that_simply_ends_cannot_say_what_a_payment_buys() -> None:
    assert paid(plan(renews="2026-12-05"), today=day("2026-12-01")) is None
    assert paid(plan(every="30 days"), today=day("2026-12-01")) is None


def test_a_failed_charge_is_paid_as_on_any_plan() -> None:
    one = plan(renews="2026-10-31", every="1 month", autopay=True, failed_on="2027-01-02")
    assert pay(one, "2026-12-31", today="2027-01-02") == ("2027-01-31", None)
    assert pay(one, "2027-01-02", today="2027-01-02") == ("2027-01-31", None)
    assert paid(one, today=day("2027-01-02")) == Paid(day("2026-12-31"), day("2027-01-31"), None, assumed=True)


def test_a_balance_that_ran_out_is_paid_from_the_first_cycle_that_it_does_not_cover() -> None:
    one = plan(renews="2026-12-05", every="30 days", price="5", pay_with="balance", balance=balance("10", "2026-12-01"))
    assert unpaid_from(one) == 2
    assert pay(one, "2027-02-03", today="2027-02-03") == ("2027-03-05", None)


# A charge that failed


@pytest.mark.parametrize(
    ("failed_on", "unpaid"),
    [
        ("2026-12-16", "2026-12-18"), ("2026-12-20", "2026-12-18"), ("2027-01-15", "2026-12-18"),
        ("2027-01-16", "2027-01-18"),
    ],
)  # fmt: skip
def test_a_failed_charge_leaves_its_cycle_unpaid(failed_on: str, unpaid: str) -> None:
    one = plan(renews="2026-12-18", every="1 month", autopay=True, charge_before="25 hours", failed_on=failed_on)
    n = unpaid_from(one)
    assert n is not None
    assert renewal(one, n) == day(unpaid)
    assert all(on < charge(one, n) for _, on in islice(charges(one, day("2026-01-01")), 5))


def test_a_failure_of_a_cycle_before_renews_is_settled() -> None:
    """The mail about a failed charge says to write the new date into `renews`; doing so settles it."""
    one = plan(renews="2027-01-06", every="30 days", autopay=True, failed_on="2026-12-06")
    assert failed_cycle(one) is None
    assert unpaid_from(one) is None
    assert failed_cycle(one._replace(renews=day("2026-12-05"))) == 0
    assert failed_cycle(one._replace(failed_on=day("2027-01-06"))) == 0


def test_who_must_pay() -> None:
    words = {"renews": "2026-12-05", "every": "30 days"}
    assert unpaid_from(plan(**words)) == 0
    assert unpaid_from(plan(autopay=True, **words)) is None
    assert unpaid_from(plan(renews="2026-12-05", autopay=True, failed_on="2026-12-06")) == 0
    assert unpaid_from(plan()) is None


# A balance


def uncovered(amount: str, on: str = "2026-12-01", **words: object) -> str | None:
    settings = {"renews": "2026-12-05", "every": "30 days", "price": "5", **words}
    one = plan(pay_with="balance", balance=balance(amount, on), **settings)
    found = first_uncovered(one)
    assert unpaid_from(one) == (found.n if found else None)
    return renewal(one, found.n).isoformat() if found else None


@pytest.mark.parametrize("autopay", [True, False])
@pytest.mark.parametrize(
    ("amount", "first"),
    [
        ("0", "2026-12-05"), ("4.99", "2026-12-05"), ("5", "2027-01-04"), ("9.99", "2027-01-04"),
        ("10", "2027-02-03"), ("12.50", "2027-02-03"), ("-3", "2026-12-05"),
    ],
)  # fmt: skip
def test_a_balance_covers_what_it_can_pay(amount: str, first: str, autopay: bool) -> None:
    assert uncovered(amount, autopay=autopay) == first


@pytest.mark.parametrize("autopay", [True, False])
def test_nobody_needs_to_pay_what_costs_nothing(autopay: bool) -> None:
    assert uncovered("0", price="0", autopay=autopay) is None


def test_a_price_that_is_not_known_is_not_covered() -> None:
    assert uncovered("1000", price=None) == "2026-12-05"
    assert uncovered("1000", price=None, autopay=True) == "2026-12-05"


def test_charges_before_renews_are_counted_back_from_it() -> None:
    # Of 5 Nov, 5 Dec and 4 Jan; 6 Oct was before the balance was looked at.
    assert uncovered("10", on="2026-10-07", renews="2027-01-04") == "2027-01-04"
    assert uncovered("15", on="2026-10-07", renews="2027-01-04") == "2027-02-03"
    assert uncovered("5", on="2026-11-05", renews="2027-01-04") == "2027-01-04"
    assert uncovered("10", on="2026-11-05", renews="2027-01-04") == "2027-02-03"


def test_what_lies_before_renews_is_paid_whatever_the_balance_says() -> None:
    assert uncovered("0", on="2026-10-07", renews="2027-01-04") == "2027-01-04"
    assert uncovered("7", on="2026-10-07", renews="2027-01-04") == "2027-01-04"
    assert uncovered("7", price=None, on="2026-10-07", renews="2027-01-04") == "2027-01-04"


def test_marked_renewed_a_balance_plan_is_quiet_until_the_next() -> None:
    words = {
        "every": "30 days",
        "price": "5",
        "pay_with": "balance",
        "balance": balance("5", "2026-12-01"),
        "autopay": True,
    }
    ran_out = plan(renews="2026-12-05", **words)
    assert unpaid_from(ran_out) == 1
    renews, _ = pay(ran_out, "2027-01-04", today="2027-01-04")
    renewed = plan(renews=renews, **words)
    assert renewal(renewed, unpaid_from(renewed) or 0) == day("2027-02-03")
    assert list(charges(renewed, day("2026-01-01"))) == []


def test_a_charge_of_the_balances_day_was_taken_before_it_was_looked_at() -> None:
    words = {"charge_before": "25 hours", "every": "1 month", "renews": "2026-12-18"}
    assert uncovered("0", on="2026-12-16", **words) == "2027-01-18"
    assert uncovered("0", on="2026-12-15", **words) == "2026-12-18"


def test_a_renewal_that_is_over_when_the_balance_is_looked_at_is_to_pay() -> None:
    assert uncovered("100", on="2026-12-05") == "2026-12-05"
    assert uncovered("100", on="2026-12-20") == "2026-12-05"


def test_a_balance_pays_the_higher_price_after_an_offer() -> None:
    assert uncovered("20") == "2027-04-04"
    assert uncovered("20", promo=promo("2027-01-04", "10")) == "2027-02-03"  # 5, then 10; 5 are left
    assert uncovered("20", promo=promo("2027-01-05", "10")) == "2027-03-05"  # 5, 5, then 10
    assert uncovered("20", promo=promo("2027-01-04", None)) == "2027-01-04"
    assert uncovered("4", promo=promo("2027-01-04", "1")) == "2026-12-05"
    assert uncovered("5", promo=promo("2027-01-04", "0")) is None


def test_a_balance_that_lasts_for_ever_is_not_counted_to_its_end() -> None:
    assert uncovered("1000000", every="10 years") is None
    assert uncovered("1000000", price="0.01", every="30 days") is None


def test_a_plan_without_a_cycle_takes_its_balance_once() -> None:
    assert uncovered("5", every=None) is None
    assert uncovered("4", every=None) == "2026-12-05"
    assert uncovered("4", every=None, price=None) == "2026-12-05"


def test_what_the_balance_covers_rolls_by_itself_and_then_nothing_is_charged() -> None:
    one = plan(
        renews="2026-12-05",
        every="30 days",
        price="5",
        autopay=True,
        pay_with="balance",
        balance=balance("10", "2026-12-01"),
    )
    assert [on for _, on in charges(one, day("2026-01-01"))] == [day("2026-12-05"), day("2027-01-04")]
    failed = plan(
        renews="2026-12-05", every="30 days", price="5", autopay=True, pay_with="balance",
        balance=balance("10", "2026-12-01"), failed_on="2026-12-05",
    )  # fmt: skip
    assert unpaid_from(failed) == 0
    assert first_uncovered(failed) == Uncovered(2, Decimal(0))


_PRICES = st.none() | st.just(0) | st.integers(5, 20)


@given(
    anchors, cycles, st.integers(0, 60), _PRICES, st.integers(-400, 400),
    st.none() | st.tuples(st.integers(-400, 900), _PRICES), st.integers(0, 40),
)  # fmt: skip
def test_a_balance_agrees_with_taking_each_charge_off_it(
    anchor: date,
    every: Duration,
    amount: int,
    price: int | None,
    days: int,
    offer: tuple[int, int | None] | None,
    ahead: int,
) -> None:
    on = anchor - timedelta(days=days)
    one = plan(
        renews=anchor,
        every=every,
        price=None if price is None else Decimal(price),
        promo=promo((anchor + timedelta(days=offer[0])).isoformat(), None if offer[1] is None else str(offer[1]))
        if offer
        else None,
        pay_with="balance",
        balance=balance(str(amount), on.isoformat()),
        charge_before=Duration(ahead, "days"),
    )
    if on >= anchor:
        assert first_uncovered(one) == Uncovered(0, Decimal(amount))
        return
    left, found = Decimal(amount), None
    for n in range(-450, 1000):
        if charge(one, n) > on:
            asked = price_on(one, charge(one, n))
            if asked is not None and left >= asked:
                left -= asked
            elif n >= 0:
                found = Uncovered(n, left)
                break
    assert first_uncovered(one) == found
    assert first_cycle(one) == next(n for n in range(-450, 500) if charge(one, n) > on)


def test_a_balance_a_century_before_its_renewal_is_not_counted_charge_by_charge() -> None:
    """A year that is a slip of the hand, with a cycle of a day: the daemon counts it again and again."""
    one = plan(
        renews="2199-11-21", every="1 day", price="0.01", pay_with="balance", balance=balance("1000", "2000-01-01"),
        promo=promo("2190-01-01", "0.02"), failed_on="2199-11-21",
    )  # fmt: skip
    assert first_uncovered(one) == Uncovered(11_691, Decimal(0))
    assert unpaid_from(one) == 0
    assert calls_of(lambda: (first_uncovered(one), unpaid_from(one))) < 500


def test_the_price_after_an_offer_is_that_of_the_charge_on_its_day() -> None:
    one = plan(price="45", promo=promo("2027-02-28", "60"))
    assert [price_on(one, day(f"2027-02-{n}")) for n in (27, 28)] == [Decimal(45), Decimal(60)]
    assert price_on(plan(price="45", promo=promo("2027-02-28", None)), day("2027-03-01")) is None


# Losing the number


def lost(one: Plan, n: int = 0) -> Loss | None:
    return loss(one, n, paid_on=last_receipt(one))


def lost_on(one: Plan, n: int = 0) -> str | None:
    found = lost(one, n)
    return found.day.isoformat() if found else None


WORDS = {"renews": "2026-12-05", "every": "30 days"}


@pytest.mark.parametrize(
    ("known", "grace", "expected", "basis"),
    [
        ({"grace": "60 days"}, None, "2027-02-03", "catalogue"),
        ({"grace": "60 days"}, "10 days", "2026-12-15", "yours"),
        ({"grace": "60 days"}, "0 days", "2026-12-05", "yours"),
        ({"grace": "30 days", "grace_origin": "suspension", "suspended_after": 3}, None, "2027-01-07", "catalogue"),
        ({"grace": "30 days", "grace_origin": "suspension", "suspended_after": 3}, "10 days", "2026-12-18", "yours"),
        ({"grace": "60 days", "grace_origin": "last-payment"}, None, "2027-01-04", "catalogue"),
        ({"grace": "60 days", "grace_origin": "last-payment"}, "10 days", "2026-11-15", "yours"),
        ({}, None, "2026-12-06", "unpublished"),
        ({"grace_origin": "suspension", "suspended_after": 5}, None, "2026-12-06", "unpublished"),
        ({}, "25 hours", "2026-12-06", "yours"),
        ({"kind": "postpaid"}, "30 days", "2027-01-04", "yours"),
        ({"grace": "60 days", "grace_confidence": "low"}, None, "2027-01-04", "catalogue"),
        ({"grace": "60 days", "grace_confidence": "low"}, "90 days", "2027-03-05", "yours"),
        ({"grace": "60 days", "grace_confidence": "medium"}, None, "2027-02-03", "catalogue"),
        ({"grace": "20 days", "grace_confidence": "low"}, None, "2026-12-25", "catalogue"),
    ],
)
def test_when_the_number_is_lost(known: dict[str, object], grace: str | None, expected: str, basis: str) -> None:
    one = plan(carrier=carrier(**known), grace=grace, **WORDS)
    found = lost(one)
    assert found is not None
    assert (found.day.isoformat(), found.basis) == (expected, basis)


def test_a_doubtful_figure_is_cut_to_thirty_days_from_its_origin_and_says_so() -> None:
    doubtful = carrier(grace="60 days", grace_confidence="low", grace_origin="suspension", suspended_after=10)
    found = lost(plan(carrier=doubtful, **WORDS))
    assert found is not None
    assert (found.day, found.capped, found.grace) == (day("2027-01-14"), True, Duration(30, "days"))
    later = carrier(grace="25 days", grace_confidence="low", grace_origin="suspension", suspended_after=10)
    assert lost_on(plan(carrier=later, **WORDS)) == "2027-01-09"
    sure = lost(plan(carrier=carrier(grace="30 days", grace_confidence="low"), **WORDS))
    assert sure is not None
    assert not sure.capped


def test_nobody_knows_of_a_loss() -> None:
    assert lost(plan(**WORDS)) is None
    assert lost(plan(carrier=carrier(kind="postpaid"), **WORDS)) is None
    assert lost_on(plan(grace="30 days", **WORDS)) == "2027-01-04"


@pytest.mark.parametrize(
    ("paid_on", "expected"),
    [
        ((), "2027-01-04"),  # nothing is known: a cycle before 5 December, and 60 days
        (("2026-11-20",), "2027-01-19"),
        (("2026-10-06",), "2026-12-05"),  # exactly two cycles: still believed
        (("2026-10-05",), "2027-01-04"),  # too old to be the last one
        (("2026-11-20", "2026-06-01"), "2027-01-19"),
    ],
)
def test_a_loss_that_counts_from_the_last_payment(paid_on: tuple[str, ...], expected: str) -> None:
    cricket = carrier(grace="60 days", grace_origin="last-payment")
    assert lost_on(plan(carrier=cricket, receipts=receipts(*paid_on), **WORDS)) == expected


def test_without_a_cycle_the_last_payment_is_any_receipt_or_the_renewal() -> None:
    cricket = carrier(grace="60 days", grace_origin="last-payment")
    assert lost_on(plan(carrier=cricket, renews="2026-12-05")) == "2027-02-03"
    assert lost_on(plan(carrier=cricket, renews="2026-12-05", receipts=receipts("2026-09-06"))) == "2026-11-05"


@given(anchors, cycles, st.integers(0, 30), st.sampled_from(["renewal", "suspension"]))
def test_a_later_cycle_is_lost_later(anchor: date, every: Duration, n: int, origin: str) -> None:
    one = plan(renews=anchor, every=every, carrier=carrier(grace="60 days", grace_origin=origin, suspended_after=3))
    now, later = loss(one, n), loss(one, n + 1)
    assert now is not None
    assert later is not None
    assert later.day - now.day == renewal(one, n + 1) - renewal(one, n)
    assert now.day == renewal(one, n) + timedelta(days=63 if origin == "suspension" else 60)


def test_a_length_in_a_plan_is_the_length_of_the_file() -> None:
    assert plan(grace="25 hours").grace == length("25 hours") == Duration(25, "hours")
