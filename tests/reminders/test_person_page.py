"""What a person's page is computed from: what is open and in which order, and sums that add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from home_with_page import HOME
from renewd.config.config_files import open_config
from renewd.domain.carriers import Carrier
from renewd.domain.findings import Findings
from renewd.domain.money import sums
from renewd.domain.plans import Cancel, Household, Plan
from renewd.reminders.person_page import PersonPage, person_page

NOW = datetime(2026, 12, 2, 15, tzinfo=UTC)


@pytest.fixture
def household(tmp_path: Path) -> Household:
    file = tmp_path / "plans.toml"
    file.write_text(HOME.format(port=1))
    file.chmod(0o600)
    return open_config(file, NOW, language="en").loaded.household


def page(household: Household, person: str = "me", now: datetime = NOW) -> PersonPage:
    return person_page(household, Findings(), household.people[person], now)


def test_what_cannot_be_undone_comes_first_then_the_last_good_day(household: Household) -> None:
    assert [(block.facts.kind, block.facts.good) for block in page(household).open] == [
        ("lost", date(2026, 12, 11)), ("renewal", date(2026, 12, 4)),
    ]  # fmt: skip


def test_a_charge_that_is_fine_is_not_open_and_one_that_was_made_is_a_question(household: Household) -> None:
    before = page(household, now=datetime(2026, 12, 15, 15, tzinfo=UTC))
    assert "visible" not in {block.facts.plan.id for block in before.open if block.facts.plan}
    after = page(household, now=datetime(2026, 12, 18, 15, tzinfo=UTC))
    assert [block.facts.kind for block in after.questions] == ["charged"]


def test_the_months_add_up_to_the_year_to_the_cent(household: Household) -> None:
    mine = page(household)
    months = mine.months()
    assert (len(months), months[0].month, months[-1].month) == (13, date(2026, 12, 1), date(2027, 12, 1))
    total = sums(payment.money for payment in mine.year)
    assert sum((month.total[0].amount for month in months if month.total), Decimal(0)) == total[0].amount
    assert len(page(household, now=datetime(2026, 12, 1, 15, tzinfo=UTC)).months()) == 12
    assert mine.paid_by(mine.soon) == mine.year[: len(mine.paid_by(mine.soon))]


def test_only_the_plans_that_a_person_is_told_of_count(household: Household) -> None:
    assert {row.plan.id for row in page(household).rows} == {"ultra", "tello", "visible"}
    assert {row.plan.id for row in page(household, "mom").rows} == {"tello", "secret"}
    assert {payment.plan.id for payment in page(household, "mom").year} == {"tello", "secret"}


def test_days_that_are_no_payments_are_named(household: Household) -> None:
    assert [(day.day, day.what) for day in page(household).days] == [(date(2027, 2, 28), "promo")]


def test_the_last_day_to_cancel_a_plan_that_is_to_be_left_is_named_until_it_is_asked_for(tmp_path: Path) -> None:
    def days(cancel: str) -> list[tuple[date, str]]:
        file = tmp_path / "plans.toml"
        file.write_text(
            f'[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = 2026-12-20\nevery = "1 month"\n[plan.tello.cancel]\n{cancel}\n'
        )
        file.chmod(0o600)
        return [(one.day, one.what) for one in page(open_config(file, NOW, language="en").loaded.household).days]

    assert days("by = 2027-01-31") == [(date(2027, 1, 19), "cancel-by")]
    assert days("by = 2027-01-31\nrequested_on = 2026-12-01") == []


def test_what_runs_out_as_planned_is_not_open_unless_something_is_tied_to_it(household: Household) -> None:
    """Nor is a stopped line whose number is given up. Of a postpaid line, what is due is still to be paid."""
    asks = household.plans["ultra"]._replace(bindings=())  # off since Nov 12, lost on Dec 12
    bound = household.plans["ultra"].bindings
    due = Carrier(id="x", name={}, kind="postpaid", checked=date(2026, 6, 1))

    def opened(plan: Plan) -> set[str]:
        shown = page(replace(household, plans={"ultra": plan}), now=datetime(2026, 12, 6, 15, tzinfo=UTC)).open
        return {block.facts.kind for block in shown}

    assert opened(asks) == {"lost"}
    for cancel in (Cancel(how="lapse", number="drop"), Cancel(number="drop")):
        assert not opened(asks._replace(cancel=cancel)) & {"lost", "overdue"}
        assert opened(asks._replace(cancel=cancel, bindings=bound)) >= {"lost"}
    assert opened(asks._replace(cancel=Cancel(number="drop"), carrier=due, grace=None)) >= {"overdue"}
