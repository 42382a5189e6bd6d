"""`digest`: once a month, everything at a glance."""

from __future__ import annotations

from datetime import timedelta

from households import NEW_YORK, SHANGHAI, at, carrier, household, person, plan
from renewd.plans import Household
from renewd.reminders import NOTHING_FOUND, agenda, due
from renewd.reminders.facts import DigestFacts
from renewd.reminders.month import digest_facts


def digests(home: Household, now: str) -> set[str]:
    return {one.key for one in due(home, NOTHING_FOUND, at(now, NEW_YORK)) if one.subject.kind == "digest"}


def test_on_the_first_of_the_month_in_the_zone_of_the_reader() -> None:
    home = household(plan(told=("me", "mom")), me=person(), mom=person("mom", zone=SHANGHAI))
    start = at("2026-11-15")
    found = [
        one for one in agenda(home, NOTHING_FOUND, start, start + timedelta(days=60)) if one.subject.kind == "digest"
    ]
    assert sorted((f"{one.moment:%m-%d %H:%M}", one.key, one.person) for one in found) == [
        ("01-01 01:00", "@mom/digest/2027-01-01/0", "mom"), ("01-01 14:00", "@me/digest/2027-01-01/0", "me"),
        ("12-01 01:00", "@mom/digest/2026-12-01/0", "mom"), ("12-01 14:00", "@me/digest/2026-12-01/0", "me"),
    ]  # fmt: skip


def test_for_three_days_it_is_worth_saying() -> None:
    home = household(plan())
    assert digests(home, "2026-12-01 08:59") == set()
    assert digests(home, "2026-12-01 09:00") == {"@me/digest/2026-12-01/0"}
    assert digests(home, "2026-12-04 23:59") == {"@me/digest/2026-12-01/0"}
    assert digests(home, "2026-12-05 00:00") == set()


def test_it_goes_to_me_and_to_whom_a_plan_names() -> None:
    home = household(plan(told=("mom",)), me=person(), mom=person("mom"), dad=person("dad"))
    assert digests(home, "2026-12-01 12:00") == {"@me/digest/2026-12-01/0", "@mom/digest/2026-12-01/0"}


def test_the_households_leads() -> None:
    assert digests(household(plan(), leads={"digest": ()}), "2026-12-01 12:00") == set()
    early = household(plan(), leads={"digest": (2,)})
    assert digests(early, "2026-11-29 09:00") == {"@me/digest/2026-12-01/2"}


def monthly(home: Household, now: str) -> DigestFacts:
    (one,) = (one for one in due(home, NOTHING_FOUND, at(now)) if one.subject.kind == "digest")
    return digest_facts(one, home, NOTHING_FOUND, at(now))


def test_ninety_days_of_a_plan_that_has_stopped_are_more_than_one_payment() -> None:
    """Off since Nov 20: paid on the day of its loss, Dec 20, it renews on Jan 19 and Feb 18."""
    found = monthly(
        household(plan(renews="2026-11-20", every="30 days", price="5", grace="30 days")), "2026-12-01 09:00"
    )
    assert [f"{payment.day:%m-%d}" for payment in found.payments] == ["12-20"]
    assert [str(money.amount) for money in found.total] == ["5"]
    assert [str(money.amount) for money in found.total_90] == ["15"]


def test_nothing_follows_where_the_number_is_lost_by_then() -> None:
    found = monthly(
        household(plan(renews="2026-10-20", every="30 days", price="5", grace="30 days")), "2026-12-01 09:00"
    )
    assert [str(money.amount) for money in found.total_90] == ["5"]


def test_what_nobody_publishes_is_no_certain_loss() -> None:
    lost = monthly(household(plan(renews="2026-11-20", every="30 days", carrier=carrier())), "2026-12-01 09:00").open
    sure = monthly(household(plan(renews="2026-10-20", every="30 days", grace="30 days")), "2026-12-01 09:00").open
    assert [(one.what, one.sure) for one in lost + sure] == [("lost", False), ("lost", True)]
