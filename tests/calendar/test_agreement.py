"""The calendar and the agenda name the same days: 500 random households."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from calendars import TODAY
from households import at
from random_households import random_household
from renewd.calendar.builder import CalendarContext
from renewd.config import Calendar
from renewd.domain.plans import Household
from renewd.reminders import NOTHING_FOUND, agenda

KINDS = ("renewal", "charge", "keep-alive", "promo", "bill")  # tests/test_every_form.py has the last day to leave
FIRST, LAST = TODAY + timedelta(days=31), TODAY + timedelta(days=200)  # all leads of these days are ahead

Days = set[tuple[str, str, str]]


def by_agenda(home: Household) -> Days:
    start = at(str(TODAY), home.zone)
    found = agenda(home, NOTHING_FOUND, start, start + timedelta(days=260))
    return {
        (one.subject.plan.id, one.subject.kind, str(one.subject.date))
        for one in found
        if one.subject.plan
        and one.subject.kind in KINDS
        and FIRST <= one.subject.date <= LAST
        and not one.subject.plan.leads
    }


def by_calendar(home: Household) -> Days:
    context = CalendarContext(household=home, settings=Calendar(), today=TODAY)
    return {
        (plan.id, entry.kind, str(entry.day))
        for plan in home.plans.values()
        for entry in context.entries(plan)
        if entry.kind in KINDS and FIRST <= entry.day <= LAST and entry.state == "open" and not plan.leads
        if plan.autopay or entry.kind != "charge"  # what a balance pays by itself needs no reminder
    }


@pytest.mark.parametrize("block", range(5))
def test_each_names_the_days_of_the_other(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        home = random_household(random.Random(seed))
        assert (seed, by_calendar(home)) == (seed, by_agenda(home))
