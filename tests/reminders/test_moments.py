"""Whom a subject's leads go to: a person's own leads win over the plan's, for that person alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from households import at, household, person, plan
from renewd.reminders import NOTHING_FOUND, agenda, due

START, END = at("2026-11-01 00:00"), at("2027-01-20 00:00")


def leads(me: dict[str, tuple[int, ...]], kind: str, **words: object) -> dict[str, list[int]]:
    told = plan(told=("me", "mom"), renews="2026-12-12", every="1 month", **words)
    home = household(told, me=person()._replace(leads=me), mom=person("mom"))
    found: dict[str, list[int]] = {}
    for reminder in agenda(home, NOTHING_FOUND, START, END):
        if reminder.subject.kind == kind and str(reminder.subject.date) == "2026-12-12":
            assert reminder.subject.plan is told
            found.setdefault(reminder.person, []).append(reminder.lead)
    return {id_: sorted(these, reverse=True) for id_, these in found.items()}


def test_ones_own_leads_win_over_the_plans_and_are_no_one_elses() -> None:
    assert leads({"renewal": (5, 2)}, "renewal") == {"me": [5, 2], "mom": [7, 3, 1, 0]}
    assert leads({"renewal": (5, 2)}, "renewal", leads={"renewal": (9,)}) == {"me": [5, 2], "mom": [9]}


def test_none_of_a_kind_is_for_that_person_alone() -> None:
    assert leads({"charge": ()}, "charge", autopay=True) == {"mom": [1]}


@pytest.mark.parametrize("kind", ["overdue", "lost"])
def test_somebody_is_always_told_of_what_cannot_be_switched_off(kind: str) -> None:
    none = {kind: ()}
    now = at("2026-12-20 12:00")
    line = plan(told=("me", "mom"), renews="2026-12-12", every="1 month", grace="20 days")
    home = household(line, me=person()._replace(leads=none), mom=person("mom"))
    alone = household(line._replace(told=("me",)), me=person()._replace(leads=none), mom=person("mom"))
    assert {one.person for one in due(home, NOTHING_FOUND, now) if one.subject.kind == kind} == {"mom"}
    assert {one.person for one in due(alone, NOTHING_FOUND, now) if one.subject.kind == kind} == {"me"}


def test_ones_own_leads_hold_for_what_belongs_to_no_plan() -> None:
    home = household(plan(), me=person()._replace(leads={"digest": ()}))
    assert [one for one in agenda(home, NOTHING_FOUND, START, END) if one.subject.kind == "digest"] == []


def test_a_plan_costs_the_same_however_many_people_there_are() -> None:
    class People(dict):
        walks = 0

        def values(self):
            self.walks += 1
            return super().values()

    people = People({"me": person()})
    home = replace(household(*(plan(f"p{n}", renews="2026-12-12") for n in range(20))), people=people)
    people.walks = 0
    assert due(home, NOTHING_FOUND, at("2026-12-12 12:00"))
    assert people.walks <= 1
