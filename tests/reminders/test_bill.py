"""`bill`: something owed beside the cycle's price."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from households import at, bill, day, household, keys, plan, said
from renewd.domain.plans import Cancel, FinalBill

ITEM = "bill:" + hashlib.sha256(b"overage").hexdigest()[:8]


def leads(one: Any, start: str, days: int = 200) -> list[str]:
    return [key.removeprefix(f"tello/{ITEM}/") for key in keys(household(one), start, days, "bill")]


def test_its_key_is_the_beginning_of_the_hash_of_its_name() -> None:
    home = household(plan("main", bills=(bill("October overage"),)))
    assert said(home, at("2026-12-04 09:00")) == {"main/bill:7ed783d5/2026-12-01/-3"}
    assert hashlib.sha256(b"October overage").hexdigest().startswith("7ed783d5")


def test_the_same_name_typed_in_another_form_of_unicode_is_the_same_bill() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    found = [said(household(plan(bills=(bill(what),))), at("2026-12-04 09:00")) for what in (composed, decomposed)]
    assert found[0] == found[1] != set()


def test_ahead_of_its_day_and_on_it() -> None:
    assert leads(plan(bills=(bill(),)), "2026-11-01") == [f"2026-12-01/{lead}" for lead in (7, 3, 1, 0)]


def test_on_its_day_it_will_be_paid_today() -> None:
    assert leads(plan(bills=(bill(),)), "2026-12-01", 20) == ["2026-12-01/0"]


def test_after_its_day_until_it_is_paid_and_then_every_thirty_days() -> None:
    unpaid = plan(bills=(bill(),))
    assert leads(unpaid, "2026-12-02", 160) == [
        f"2026-12-01/{lead}" for lead in (-1, -3, -7, -14, -30, -60, -90, -120, -150)
    ]
    assert said(household(unpaid), at("2026-12-02 08:59")) == {f"tello/{ITEM}/2026-12-01/0"}
    assert said(household(unpaid), at("2027-12-02 12:00")) == {f"tello/{ITEM}/2026-12-01/-360"}
    paid = plan(bills=(bill(paid_on="2026-12-02"),))
    assert said(household(paid), at("2026-12-03 12:00")) == set()


def test_a_bill_without_a_day_says_nothing() -> None:
    assert said(household(plan(bills=(bill(due_on=None),))), at("2026-12-03 12:00")) == set()


def test_own_leads_are_followed_by_ours_every_thirty_days() -> None:
    assert leads(plan(bills=(bill(),), leads={"bill": (5, -5)}), "2026-11-01") == ["2026-12-01/5"]
    assert leads(plan(bills=(bill(),), leads={"bill": (5, -5)}), "2026-12-02") == [
        f"2026-12-01/{n}" for n in (-5, -35, -65, -95, -125, -155, -185)
    ]
    assert leads(plan(bills=(bill(),), leads={"bill": (5,)}), "2026-12-02", 50) == ["2026-12-01/-30"]
    assert leads(plan(bills=(bill(),), leads={"bill": ()}), "2026-12-02") == []


def test_a_bill_is_not_bound_by_the_cycle() -> None:
    one = plan(renews="2026-11-30", every="3 days", leads={"renewal": ()}, bills=(bill(),))
    assert leads(one, "2026-11-20", 5) == ["2026-12-01/7"]


def test_two_bills_of_one_plan_are_two() -> None:
    one = plan(bills=(bill("a"), bill("b"), bill("a", "2026-12-02")))
    assert len(said(household(one), at("2026-12-02 12:00"))) == 3


def test_the_final_bill_is_the_item_final_and_is_said_after_leaving() -> None:
    final = FinalBill(amount=Decimal("21.30"), due=day("2026-12-10"))
    one = plan(
        renews="2026-12-05", every="30 days", bills=(bill(),),
        cancel=Cancel(confirmed_on=day("2026-12-01"), final_bill=final),
    )  # fmt: skip
    found = {key for key in said(household(one), at("2026-12-09 12:00")) if "/bill" in key}
    assert found == {"tello/bill:final/2026-12-10/1", f"tello/{ITEM}/2026-12-01/-7"}
    paid = plan(cancel=Cancel(final_bill=FinalBill(due=day("2026-12-10"), paid_on=day("2026-12-08"))))
    assert said(household(paid), at("2026-12-09 12:00")) == set()
