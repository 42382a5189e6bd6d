"""`lost`: the day from which the number is somebody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from households import at, balance, carrier, day, household, keys, plan, receipts, said


def leads(one: Any, start: str, days: int = 200) -> list[str]:
    return [key.removeprefix("tello/lost/") for key in keys(household(one), start, days, "lost")]


def test_a_stopped_plan_says_it_ever_more_often_and_twice_afterwards() -> None:
    one = plan(renews="2026-11-12", every="1 year", grace="30 days")
    assert leads(one, "2026-11-13") == [f"2026-12-12/{lead}" for lead in (14, 7, 3, 2, 1, 0, -1, -30)]
    assert leads(one, "2026-11-12") == ["2026-12-12/30"]  # paid at the end of that day


def test_no_lead_is_as_long_as_the_cycle() -> None:
    one = plan(renews="2026-11-12", every="14 days", grace="30 days")
    assert leads(one, "2026-11-13") == [f"2026-12-12/{lead}" for lead in (7, 3, 2, 1, 0, -1, -30)]


@pytest.mark.parametrize("renews", ["2027-01-31", "2027-02-28", "2027-07-30"])
def test_the_leads_of_a_monthly_plan_do_not_depend_on_the_length_of_the_month(renews: str) -> None:
    one = plan(renews=renews, every="1 month", day=31, grace="60 days")
    found = [key.split("/")[1] for key in leads(one, f"{day(renews) + timedelta(days=1)}", 100)]
    assert found == ["14", "7", "3", "2", "1", "0", "-1", "-30"]


def test_earlier_than_three_days_before_service_stops_nothing_is_said() -> None:
    words = {"renews": "2026-11-12", "every": "1 year"}
    # Lost on the 15th: leads 7 and 30 would be said on the 8th and earlier, 3 and less from the 12th on.
    assert leads(plan(grace="3 days", **words), "2026-10-01", 43) == ["2026-11-15/3"]
    # Lost on the 16th: 7 is on the 9th, exactly three days before.
    assert leads(plan(grace="4 days", **words), "2026-10-01", 43) == ["2026-11-16/7"]
    assert leads(plan(grace="0 days", **words), "2026-10-01", 43) == [f"2026-11-12/{lead}" for lead in (3, 2, 1, 0)]


def test_a_carrier_that_publishes_nothing_may_take_it_the_day_after() -> None:
    one = plan(renews="2026-11-12", every="30 days", carrier=carrier())
    assert leads(one, "2026-11-01", 12) == [f"2026-11-13/{lead}" for lead in (3, 2, 1)]
    assert leads(one, "2026-11-13") == [f"2026-11-13/{lead}" for lead in (0, -1, -30)]


def test_nobody_knows_of_a_loss() -> None:
    assert leads(plan(renews="2026-11-12", every="30 days"), "2026-11-01") == []
    assert leads(plan(renews="2026-11-12", every="30 days", carrier=carrier(kind="postpaid")), "2026-11-13") == []


def test_autopay_keeps_the_number_until_a_charge_fails() -> None:
    words = {"renews": "2026-10-12", "every": "1 month", "autopay": True, "grace": "10 days"}
    assert leads(plan(**words), "2026-11-01") == []
    assert leads(plan(failed_on="2026-11-12", **words), "2026-11-13") == [
        f"2026-11-22/{lead}" for lead in (7, 3, 2, 1, 0, -1, -30)
    ]


def test_a_balance_that_covers_the_cycle_keeps_the_number() -> None:
    words = {"renews": "2026-11-12", "every": "30 days", "price": "5", "pay_with": "balance", "grace": "5 days"}
    assert leads(plan(balance=balance("5", "2026-11-01"), **words), "2026-11-01", 60) == ["2026-12-17/7"]
    assert leads(plan(balance=balance("0", "2026-11-01"), **words), "2026-11-13", 8) == [
        f"2026-11-17/{lead}" for lead in (3, 2, 1, 0, -1)
    ]


def test_it_counts_from_the_last_payment_where_the_carrier_does() -> None:
    cricket = carrier(grace="60 days", grace_origin="last-payment")
    one = plan(renews="2026-11-12", every="30 days", carrier=cricket, receipts=receipts("2026-10-20"))
    assert leads(one, "2026-12-13", 10) == [
        "2026-12-19/3",
        "2026-12-19/2",
        "2026-12-19/1",
        "2026-12-19/0",
        "2026-12-19/-1",
    ]
    unknown = plan(renews="2026-11-12", every="30 days", carrier=cricket)
    assert leads(unknown, "2026-12-13", 1) == ["2026-12-12/-1"]


def test_later_cycles_of_the_agenda_count_from_the_payment_before_each() -> None:
    cricket = carrier(grace="33 days", grace_origin="last-payment")
    one = plan(renews="2026-11-12", every="30 days", carrier=cricket, receipts=receipts("2026-10-10"))
    # Paid on 10 Oct, so lost on the day service stops; then paid on each renewal, and lost three days after the next.
    assert leads(one, "2026-11-01", 60) == [
        "2026-11-12/3", "2026-11-12/2", "2026-11-12/1", "2026-11-12/0", "2026-12-15/3",
    ]  # fmt: skip


def test_thirty_days_later_the_number_is_presumed_lost() -> None:
    home = household(plan(renews="2026-11-12", every="30 days", grace="10 days"))
    assert "tello/lost/2026-11-22/-1" in said(home, at("2026-12-21 12:00"))
    assert "tello/lost/2026-11-22/-30" in said(home, at("2026-12-22 12:00"))
    assert "tello/lost/2026-11-22/-30" in said(home, at("2027-11-01 12:00"))


@pytest.mark.parametrize("own", [(), (60, 45), (30,)])
def test_it_cannot_be_silenced(own: tuple[int, ...]) -> None:
    one = plan(renews="2026-11-12", every="30 days", grace="10 days", leads={"lost": own})
    assert leads(one, "2026-11-13") == [f"2026-11-22/{lead}" for lead in (7, 3, 2, 1, 0, -1, -30)]


def test_own_leads_replace_ours() -> None:
    one = plan(renews="2026-11-12", every="30 days", grace="10 days", leads={"lost": (5, 0)})
    assert leads(one, "2026-11-13") == ["2026-11-22/5", "2026-11-22/0"]
