"""`digest`: once a month, everything at a glance."""

from __future__ import annotations

from datetime import timedelta

from households import NEW_YORK, SHANGHAI, at, household, person, plan
from renewd.plans import Household
from renewd.reminders import NOTHING_FOUND, agenda, due


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
