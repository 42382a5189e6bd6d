"""Histories drawn at random: outages, kills, lost answers, edits, clocks; and ten years of twenty plans.

RENEWD_LIVES says how many histories are lived (default 2,000). They are the same in each run, so that what is red here is
red everywhere; RENEWD_SEED=fresh lives others, RENEWD_SEED=7 others that can be lived again. What fails is shown with its
seed; RENEWD_SHRINK=1 makes it as small as can be.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings

import invariants
from faults.histories import History, histories, live
from faults.history_invariants import INVARIANTS
from households import household, person, plan
from loop_without_threads import run_without_threads
from renewd.domain.dates import instant
from renewd.domain.plans import Household
from simulated_year import Life, renewed
from simulated_year import live as live_one

LIVES = int(os.environ.get("RENEWD_LIVES", "2000"))
SEED = os.environ.get("RENEWD_SEED", "0")
ONE_TEST = 125  # histories that one test lives: some seconds, so that the cores share them

pytestmark = pytest.mark.long


@pytest.mark.parametrize("part", range(-(-LIVES // ONE_TEST)))
def test_whatever_happens_nobody_is_left_uninformed_or_told_twice(part: int) -> None:
    drawn = secrets.randbits(64) if SEED == "fresh" else int(SEED) * 1_000_000 + part

    @seed(drawn)
    @settings(
        max_examples=min(ONE_TEST, LIVES - part * ONE_TEST),
        deadline=None,
        database=None,  # what failed here before is no part of what CI lives
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        phases=[Phase.generate, *([Phase.shrink] if os.environ.get("RENEWD_SHRINK") else [])],  # it takes long
    )
    @given(histories())
    def lived_well(history: History) -> None:
        note(f"seed {drawn}")
        lived = live(history)
        for invariant in INVARIANTS:
            invariant(lived)

    lived_well()


def test_ten_years_of_twenty_plans_miss_nothing_and_repeat_nothing() -> None:
    """Half are paid in time, a quarter late, a quarter by themselves; every fifth week the machine is off for days."""
    life = run_without_threads(decade())
    assert not life.broken
    told = Counter((mail.person, key) for mail in life.mails for key in mail.keys)
    assert max(told.values()) == 1
    invariants.leads_descend(life)
    invariants.one_mail_for_a_person_and_moment(life)
    invariants.everything_told_was_true(life)
    renewals = {key.split("/")[0] for _, key in told if "/renewal/" in key}
    charges = {key.split("/")[0] for _, key in told if "/charge/" in key}
    assert (len(renewals), len(charges)) == (15, 5)
    digests = [key for person, key in told if person == "me" and "/digest/" in key]
    assert len(digests) >= 115  # of 120 months; one that the machine slept through by more than three days is over
    stems = {(person, key.rpartition("/")[0]) for person, key in told}
    asked = set(_renewals(life))
    assert len(asked) > 400
    assert not asked - stems


def _renewals(life: Life) -> Iterator[tuple[str, str]]:
    """Iterate every date of the plans that are paid after it: longer than the machine was ever off, they were to be paid."""
    for form in life.forms:
        for n in range(10, 15):
            renews = form.household.plans[f"p{n}"].renews
            assert renews is not None
            if instant(renews, time(0), "America/New_York") < life.passes[-1]:
                for one in form.household.plans[f"p{n}"].told:
                    yield one, f"p{n}/renewal/{renews}"


async def decade() -> Life:
    plans = []
    for n in range(20):
        told = ("me", "mom") if n % 5 == 0 else ("me",)
        every = ("30 days", "1 month", "1 month", "90 days")[n % 4]
        words = {"renews": str(date(2027, 1, 31) + timedelta(days=n)), "every": every, "price": "5", "told": told}
        plans.append(plan(f"p{n}", autopay=n >= 15, **words))

    def pays(id_: str, days: int):
        def habit(home: Household, today: date):
            on = home.plans[id_].renews
            return renewed(id_) if on is not None and on + timedelta(days=days) <= today else None

        return habit

    home = household(*plans, me=person(zone="Asia/Shanghai"), mom=person("mom"))
    habits = [pays(f"p{n}", 3 if n >= 10 else -5) for n in range(15)]
    off = [
        (f"{begin:%Y-%m-%d} 01:00", f"{begin + timedelta(days=1 + week % 3):%Y-%m-%d} 22:00")
        for week in range(0, 520, 5)
        if (begin := date(2027, 1, 4) + timedelta(weeks=week))
    ]
    return await live_one(home, "2027-01-01 08:00", days=3650, habits=habits, off=off, words=())
