"""What is gathered into one block of a mail: what one payment settles, and what is about one day."""

from __future__ import annotations

from datetime import datetime

import pytest

from households import at, balance, carrier, household, plan
from renewd.domain.plans import Household
from renewd.reminders import NOTHING_FOUND, due
from renewd.reminders.facts import facts
from renewd.reminders.grouping import Block, gather


def blocks(home: Household, now: datetime) -> list[list[str]]:
    """Return the kinds in each block of what is due."""
    found = [
        facts(one, home, NOTHING_FOUND, now) for one in due(home, NOTHING_FOUND, now) if one.subject.kind != "digest"
    ]
    gathered, more = gather(found)
    assert more == 0
    assert sorted(key_of(gathered)) == sorted(fact.key for fact in found)
    return [[block.facts.kind, *(fact.kind for fact in block.also)] for block in gathered]


def key_of(gathered: tuple[Block, ...]) -> list[str]:
    return [fact.key for block in gathered for fact in (block.facts, *block.also)]


def test_the_loss_and_the_stop_of_one_payment_are_one_block() -> None:
    home = household(plan(renews="2026-12-05", every="30 days", price="5", grace="20 days"))
    assert blocks(home, at("2026-12-12 09:00")) == [["lost", "overdue"]]


def test_a_number_that_may_go_when_service_stops_is_one_block_with_the_renewal() -> None:
    home = household(plan(renews="2026-12-05", every="30 days", price="5", carrier=carrier()))
    assert blocks(home, at("2026-12-04 09:00")) == [["lost", "renewal"]]


@pytest.mark.parametrize(("grace", "expected"), [("40 days", [["renewal"], ["lost", "overdue"]]),
                                                 ("30 days", [["lost", "overdue", "renewal"]])])  # fmt: skip
def test_the_next_cycle_is_a_block_of_its_own_but_on_the_day_of_the_loss(grace: str, expected: list[list[str]]) -> None:
    """With 30 days of grace, the unpaid cycle's number is lost on the day on which the next one would stop."""
    home = household(plan(renews="2026-12-05", every="30 days", price="5", grace=grace))
    assert blocks(home, at("2027-01-03 09:00")) == expected


def test_a_balance_and_the_renewal_that_it_does_not_cover_are_one_block_also_on_two_days() -> None:
    home = household(
        plan(renews="2026-12-05", every="30 days", price="5", pay_with="balance", balance=balance("3.20", "2026-11-20"),
             charge_before="25 hours")
    )  # fmt: skip
    assert blocks(home, at("2026-12-02 09:00")) == [["balance", "renewal"]]


def test_two_plans_are_two_blocks() -> None:
    home = household(*(plan(id_, renews="2026-12-05", every="30 days", price="5") for id_ in ("a", "b")))
    assert blocks(home, at("2026-12-04 09:00")) == [["renewal"], ["renewal"]]


def test_what_is_decided_today_comes_before_a_number_that_was_lost_long_ago() -> None:
    gone = plan("gone", renews="2026-10-05", every="30 days", price="5", grace="25 days")
    last_chance = plan("chance", renews="2026-11-20", every="30 days", price="5", grace="10 days")
    home, now = household(gone, last_chance), at("2026-11-29 09:00")
    found = [facts(one, home, NOTHING_FOUND, now) for one in due(home, NOTHING_FOUND, now)]
    plans = [block.facts.plan.id for block in gather(one for one in found if one.plan)[0] if block.facts.plan]
    assert plans[0] == "chance"
    assert "gone" in plans
