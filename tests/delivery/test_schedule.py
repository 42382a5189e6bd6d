"""When somebody hears of renewd next."""

from __future__ import annotations

from households import at, carrier, day, household, person, plan
from renewd.delivery.schedule import Schedule
from renewd.domain.plans import Account, Cancel
from renewd.reminders import NOTHING_FOUND


def test_an_account_holder_hears_next_of_the_cancellation() -> None:
    """The holder is told of no plan and gets no digest, only of the cancellation."""
    held = plan(
        "main", carrier=carrier(kind="postpaid"), renews="2026-12-29", every="1 month", price="40", autopay=True,
        account=Account(holder="mom"), cancel=Cancel(number="port", by=day("2026-12-28")),
    )  # fmt: skip
    home = household(held, me=person(), mom=person("mom"))
    now = at("2026-12-15 12:00")
    schedule = Schedule(home, NOTHING_FOUND, now)
    assert schedule.next_for("mom", now) == at("2026-12-21 09:00")
    settled = household(held._replace(cancel=None), me=person(), mom=person("mom"))
    assert Schedule(settled, NOTHING_FOUND, now).next_for("mom", now) is None


def test_a_line_that_runs_out_is_not_asked_about_after_its_number_is_lost() -> None:
    """The number is lost on Feb 8, before the next question of Feb 10 whether the request was confirmed."""
    asked = Cancel(how="lapse", number="drop", requested_on=day("2027-01-20"))
    one = plan(renews="2027-02-06", every="30 days", price="25", grace="2 days", cancel=asked)
    now = at("2027-02-07 12:00")
    assert Schedule(household(one), NOTHING_FOUND, now).next_for("me", now) == at("2027-03-01 09:00")  # the digest


def test_a_line_whose_autopay_failed_is_not_asked_about_after_its_number_is_lost() -> None:
    """The number is lost on Jan 28. From then on no mail names the last day of the cycle after it, Feb 27."""
    one = plan(
        renews="2026-11-29", every="1 month", price="25", autopay=True, failed_on=day("2026-11-29"), grace="60 days",
        cancel=Cancel(how="lapse", number="drop"),
    )  # fmt: skip
    home = household(one)
    schedule = Schedule(home, NOTHING_FOUND, at("2027-01-28 12:00"))
    list(schedule.ask(schedule.ready(at("2027-01-28 12:00")), at("2027-01-28 12:00")))
    assert schedule.next_for("me", at("2027-02-01 12:00")) == at("2027-03-01 09:00")  # the digest
