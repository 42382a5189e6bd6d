"""Which dates a calendar shows, and in which words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from calendars import TODAY, seen, shown
from households import (
    SHANGHAI,
    at,
    balance,
    bill,
    card,
    carrier,
    day,
    household,
    keep_alive,
    person,
    plan,
    promo,
)
from renewd.calendar.builder import CalendarContext
from renewd.calendar.entries import of_plan, window
from renewd.config import Calendar
from renewd.domain.plans import Cancel, FinalBill, Receipt
from renewd.formats import ics
from renewd.reminders import NOTHING_FOUND, agenda


def test_the_window_is_two_months_back_and_thirteen_ahead_in_whole_months():
    """So that on most days no calendar changes."""
    assert window(date(2026, 12, 1), 13) == (date(2026, 10, 1), date(2028, 1, 31))
    assert window(date(2026, 12, 31), 13) == (date(2026, 10, 1), date(2028, 1, 31))
    assert window(date(2027, 1, 31), 1) == (date(2026, 11, 1), date(2027, 2, 28))


def test_nothing_is_charged_once_the_plan_has_ended():
    """The calendar shows the charges before the end, and none on it."""
    plans = household(plan(renews="2027-01-31", every="1 month", autopay=True, ends="2027-03-01"))
    assert [on for on, _ in shown(plans, months=6) if on > "2027-01-01"] == ["2027-01-31", "2027-02-28"]


def test_renewals_come_from_the_anchor_and_behind_it_only_what_a_receipt_proves():
    """31 Jan, 28 Feb, 31 Mar; nobody knows whether there was a cycle before."""
    found = shown(household(plan(renews="2027-01-31", every="1 month", price="5")), months=4)
    assert found == [
        ("2027-01-31", "tello stops: renew before ($5.00)"),
        ("2027-02-28", "tello stops: renew before ($5.00)"),
        ("2027-03-31", "tello stops: renew before ($5.00)"),
        ("2027-04-30", "tello stops: renew before ($5.00)"),
    ]


def test_what_is_paid_has_the_amount_of_its_receipt():
    """A price that is edited later changes nothing of it; a payment without an amount has none."""
    paid = (
        Receipt(on=day("2026-10-01"), amount=Decimal(4)),
        Receipt(on=day("2026-11-04"), amount=Decimal(5)),
        Receipt(on=day("2026-11-06")),  # ahead, for the cycle after it
    )
    home = household(plan(renews="2027-01-04", every="30 days", price="9", receipts=paid))
    assert shown(home, months=1) == [
        ("2026-10-06", "tello: $4.00 paid"), ("2026-11-05", "tello: $5.00 paid"), ("2026-12-05", "tello: paid"),
        ("2027-01-04", "tello stops: renew before ($9.00)"),
    ]  # fmt: skip
    auto = plan(renews="2026-10-05", every="30 days", price="9", autopay=True, receipts=paid[1:2])
    assert shown(household(auto), months=0) == [
        ("2026-10-05", "tello: autopay $9.00"), ("2026-11-04", "tello: $5.00 paid"), ("2026-12-04", "tello: autopay $9.00"),
    ]  # fmt: skip


def test_a_trial_is_no_charge_and_what_is_billed_afterwards_is_due():
    """Nothing is taken for 0; a postpaid line does not stop on its day; a loss that is only possible says so."""
    trial = plan(renews="2026-12-05", every="1 month", price="0", autopay=True, promo=promo("2027-01-05", "15"))
    assert shown(household(trial), months=1) == [
        ("2027-01-05", "tello: autopay $15.00"), ("2027-01-05", "tello: offer ends, then $15.00"),
    ]  # fmt: skip
    after = plan(renews="2026-12-05", price="40", carrier=carrier(kind="postpaid"))
    assert shown(household(after)) == [("2026-12-05", "tello: $40.00 due")]
    maybe = plan(renews="2026-12-05", carrier=carrier())
    assert shown(household(maybe))[1] == ("2026-12-06", "tello: number may be lost")


def test_a_long_name_leaves_room_for_the_sum():
    """It is cut in the title, and so in every alarm."""
    [(_, title)] = shown(household(plan(name="x" * 120, renews="2026-12-05", price="5")))
    assert title == f"{'x' * 39}… stops: renew before ($5.00)"


def test_autopay_shows_the_day_of_the_charge_and_from_a_failed_one_on_renewals():
    """The money is taken 25 hours before; the cycle that failed has to be paid by hand."""
    words = {"renews": "2026-11-20", "every": "1 month", "price": "25", "autopay": True, "charge_before": "25 hours"}
    found = shown(household(plan(**words)), months=1)
    assert [one for one in found if one[0] > "2026-12"] == [
        ("2026-12-18", "tello: autopay $25.00"), ("2027-01-18", "tello: autopay $25.00"),
    ]  # fmt: skip
    failed = shown(household(plan(**words, failed_on="2026-12-18")), months=1)
    assert ("2026-12-20", "tello stops: renew before ($25.00)") in failed
    assert ("2027-01-18", "tello: autopay $25.00") not in failed


def test_the_loss_is_shown_for_the_current_cycle_only_with_its_source():
    """Later cycles' losses would be guesses (docs/rules.md#calendar)."""
    home = household(plan(renews="2026-12-05", every="30 days", grace="30 days"))
    lost = [one for one in seen(home).events if "lost" in one.summary]
    assert [(one.day, one.summary) for one in lost] == [(day("2027-01-04"), "tello: number lost")]
    assert lost[0].description.split("\n") == [
        "If nothing is paid once service has stopped on Sat, Dec 5, the number is lost. Act by Sun, Jan 3.",
        "Counted with a grace period of 30 days, as it was written down.",
    ]
    unpublished = seen(household(plan(renews="2026-12-05", every="30 days", carrier=carrier())))
    [one] = [one for one in unpublished.events if "lost" in one.summary]
    assert (one.day, "publishes no grace" in one.description) == (day("2026-12-06"), True)
    assert "Act by Fri, Dec 4" in one.description


def test_every_other_kind_of_date_is_there():
    """Uses of the line, bills that are open, the card for whom it pays, the end of an offer."""
    home = household(
        plan(
            renews="2026-12-20", every="1 month", price="40", autopay=True, pay_with="visa",
            keep_alive=keep_alive("90 days", "2026-10-01"), promo=promo("2027-02-28", "60"),
            bills=(bill("October overage", "2026-12-12"), bill("paid", "2026-12-13", paid_on="2026-12-01")),
        ),
        cards=(card(expires="2027-03-31"),),
    )  # fmt: skip
    found = shown(home)
    for one in (
        ("2026-12-30", "tello: keep alive"), ("2027-03-30", "tello: keep alive"), ("2026-12-12", "tello: October overage $12.50"),
        ("2027-03-31", "visa expires"), ("2027-02-28", "tello: offer ends, then $60.00"), ("2027-03-20", "tello: autopay $60.00"),
    ):  # fmt: skip
        assert one in found
    assert not [one for one in found if "paid" in one[1]]


def test_each_reader_has_their_own_plans_and_language():
    """Nothing of somebody else's, and no phone number, also where it was made the name."""
    home = household(
        plan("a", name="Tello 银行号", renews="2026-12-05", price="5", number="+12065550142"),
        plan("b", told=("mom",), name="206-555-0143", number="+12065550143", renews="2026-12-06", note="PIN 1234"),
        me=person("me", languages=("zh-CN", "en")), mom=person("mom", zone=SHANGHAI),
    )  # fmt: skip
    assert shown(home) == [("2026-12-05", "Tello 银行号：停机，之前续 $5.00")]
    calendar = seen(home, "mom")
    assert calendar.shown() == [("2026-12-06", "b stops: renew before")]
    assert "1234" not in calendar.events[0].description


def test_a_plan_that_was_left_shows_that_its_next_date_is_off_and_keeps_its_bill():
    """One event is crossed out, without alarms; the others are gone."""
    gone = Cancel(confirmed_on=day("2026-12-03"), final_bill=FinalBill(amount=Decimal("21.30"), due=day("2027-01-10")))
    home = household(plan(renews="2026-12-05", every="1 month", price="40", autopay=True, cancel=gone))
    events = seen(home).events
    assert [(str(one.day), one.summary, one.status) for one in events] == [
        ("2026-12-05", "Canceled: tello: autopay $40.00", "CANCELLED"),
        ("2027-01-10", "tello: final bill $21.30", "CONFIRMED"),
    ]
    assert not events[0].alarms


@pytest.mark.parametrize("kind", ["postpaid", "prepaid"])
@pytest.mark.parametrize("cancel", [Cancel(number="port"), Cancel(requested_on=day("2026-11-20"), number="port")])
def test_what_is_left_and_paid_by_hand_shows_no_day_after_the_one_that_is_not_to_be_paid(kind, cancel):
    """In the calendar and in the agenda; once it is overdue, what is due if somebody kept paying."""
    who = carrier(kind=kind, grace="3 days")
    left = plan("main", carrier=who, renews="2026-12-10", every="1 month", price="40", cancel=cancel)
    for one, days in (
        (left, {"2026-12-10"}),
        (left._replace(cancel=cancel._replace(requested_on=None, by=day("2027-01-20"))), {"2026-12-10", "2027-01-10"}),
    ):
        home = household(one)
        found = of_plan(one, home, window(TODAY, 13), TODAY)
        assert {str(entry.day) for entry in found if entry.kind == "renewal"} == days
        start = at(str(TODAY))
        ahead = list(agenda(home, NOTHING_FOUND, start, start + timedelta(days=300)))
        for kind_ in ("renewal", "lost"):
            last = max(days) if kind_ == "renewal" else str(day(max(days)) + timedelta(days=3))
            assert max((str(each.subject.date) for each in ahead if each.subject.kind == kind_), default=last) == last
    overdue = left._replace(renews=day("2026-11-10"))
    found = of_plan(overdue, household(overdue), window(TODAY, 13), TODAY)
    assert len([entry for entry in found if entry.kind == "renewal"]) > 2


def test_the_balance_pays_until_it_does_not():
    """What it covers is taken by itself, the first cycle that it does not is a renewal."""
    home = household(
        plan(renews="2026-12-05", every="30 days", price="5", pay_with="balance", balance=balance("12", "2026-11-20"))
    )
    found = [one for one in shown(home, months=2) if one[0] > "2026-12"]
    assert found[:3] == [
        ("2026-12-05", "tello: autopay $5.00"), ("2027-01-04", "tello: autopay $5.00"), ("2027-02-03", "tello stops: renew before ($5.00)"),
    ]  # fmt: skip


def test_reminder_days_are_events_too_where_that_is_asked_for():
    """For calendars that drop alarms: the days before, in words, without alarms of their own."""
    home = household(plan(renews="2026-12-05", price="5", leads={"renewal": (3, 1)}))
    assert shown(home) == [("2026-12-05", "tello stops: renew before ($5.00)")]
    events = sorted(seen(home, show_reminders=True).events, key=lambda one: one.day)
    assert [(str(one.day), one.summary) for one in events] == [
        ("2026-12-02", "tello: renew, stops in 3 days"), ("2026-12-04", "tello: renew, stops tomorrow"),
        ("2026-12-05", "tello stops: renew before ($5.00)"),
    ]  # fmt: skip
    assert [len(one.alarms) for one in events] == [0, 0, 3]


def test_a_uid_is_the_same_for_ever_and_a_corrected_day_moves_its_event():
    """By the month for months, by the year for years, by the date where days are counted, by the item for bills."""

    def uid(**words: object) -> str:
        one, *_ = seen(household(plan(**words)), months=1).events
        return one.uid

    assert uid(renews="2026-12-05", every="1 month") == ics.uid_of("tello/renewal//2026-12")
    assert uid(renews="2026-12-05", every="1 month") == uid(renews="2026-12-09", every="1 month")
    assert uid(renews="2026-12-05", every="1 year") == ics.uid_of("tello/renewal//2026")
    assert uid(renews="2026-12-05", every="30 days") != uid(renews="2026-12-06", every="30 days")
    one, other = (plan(renews="2030-01-01", bills=(bill(due_on=on),)) for on in ("2026-12-12", "2026-12-20"))
    assert seen(household(one)).events[0].uid == seen(household(other)).events[0].uid


def test_two_bills_of_one_name_stay_apart_when_the_first_is_paid():
    """Neither takes the other's place."""
    one, other = bill(due_on="2026-12-12"), bill(due_on="2026-12-20")
    both = seen(household(plan(renews="2030-01-01", bills=(one, other))))
    left = seen(household(plan(renews="2030-01-01", bills=(one._replace(paid_on=TODAY), other))))
    assert [event.uid for event in left.events] == [both.events[1].uid]


def test_a_person_without_any_date_still_has_a_calendar():
    """An emptied one would leave the old dates standing in some clients."""
    home = household(plan(renews="2030-01-01"))
    assert shown(home) == [("2026-12-01", "renewd: nothing to pay or renew")]


def test_entries_lie_in_the_window_and_have_names_of_their_own():
    """Also where cycles are short and the anchor far away."""
    days = window(TODAY, 13)
    for words in ({"every": "1 day"}, {"every": "24 hours"}, {"every": "1 month", "day": 31}, {"every": "1 year"}):
        one = plan(renews="2019-01-31", **words)
        found = of_plan(one, household(one), days, TODAY, reminders=True)
        assert found
        assert all(days.first <= entry.day <= days.last for entry in found)
        assert len({entry.name for entry in found}) == len(found)


@pytest.mark.parametrize(
    ("cancel", "on"),
    [
        (Cancel(number="port"), "2027-01-09"),
        (Cancel(number="port", by=day("2027-01-03")), "2027-01-03"),
        (Cancel(number="port", pin_on=day("2026-12-20")), "2026-12-26"),
    ],
)
def test_the_last_day_to_leave_is_the_earliest_and_a_mail_carries_its_event(cancel: Cancel, on: str) -> None:
    one = plan(
        renews="2027-01-10", every="1 month", price="5", autopay=True, carrier=carrier(pin_days=7), cancel=cancel
    )
    home = household(one)
    assert (on, "tello: last day to port out") in shown(home, months=1)
    ahead = agenda(home, NOTHING_FOUND, at("2026-12-01"), at("2027-02-01"))
    subject = next(one.subject for one in ahead if one.subject.kind == "cancel-by")
    context = CalendarContext(household=home, settings=Calendar(), today=TODAY)
    entry = context.entries_of([subject], home.people["me"])[subject.stem]
    assert (str(subject.date), str(entry.day)) == ("2027-01-09", on)
