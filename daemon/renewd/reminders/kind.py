"""What a kind of reminder is: a name, its leads, and the dates of a plan that it speaks about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from renewd.domain.findings import Findings
from renewd.domain.plans import Card, Household, Person, Plan

WEEKLY = tuple(range(-14, -85, -7))  # to 12 weeks; what stays open longer is in the monthly digest


class Subject(NamedTuple):
    """A date that a kind speaks about, with every lead (days before it; negative: after) at which it may.

    `until` is the last day on which it is worth saying, None: until it is settled. `about` is what the kind
    alone knows: a cycle's number, a bill, a card … `at_once`: its one lead is said now.
    """

    kind: str
    plan: Plan | None
    item: str
    date: dt.date
    leads: tuple[int, ...]
    until: dt.date | None
    told: tuple[str, ...]
    about: object = None
    at_once: bool = False

    @property
    def stem(self) -> str:
        """Give the key of its reminders without their lead: `main/renewal/2026-12-05`, `@visa/card/2027-03-31`."""
        if self.plan is not None:
            owner = self.plan.id
        elif isinstance(self.about, Card):
            owner = f"@{self.about.id}"
        else:
            owner = f"@{self.told[0]}"
        return f"{owner}/{self.kind}{':' if self.item else ''}{self.item}/{self.date}"


class Reminder(NamedTuple):
    """One thing to tell one person at one instant (UTC)."""

    subject: Subject
    lead: int
    person: str
    moment: datetime

    @property
    def key(self) -> str:
        """Give its key, the same for everybody who is told: `main/renewal/2026-12-05/7`."""
        return f"{self.subject.stem}/{self.lead}"


class DayRange(NamedTuple):
    """The days a kind is asked about.

    `first` to `last` are the days on which leads may fall. `ahead` False: as things stand. `ahead` True: as
    if everything open were dealt with at the end of its day, but what is overdue on `first` stays open.
    """

    household: Household
    findings: Findings
    first: date
    last: date
    ahead: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of reminder: its default leads, descending, and how to find the dates that it speaks about.

    `of_plan` is asked once a plan, `of_person` once a person, whose zone its dates are in.
    """

    name: str
    leads: tuple[int, ...]
    of_plan: Callable[[Plan, DayRange], Iterable[Subject]] | None = None
    of_person: Callable[[Person, DayRange], Iterable[Subject]] | None = None


def leads_of(plan: Plan, kind: str, default: tuple[int, ...], cycle: int | None = None) -> tuple[int, ...]:
    """Give the plan's own leads of a kind, else the default; none ahead by as much as the `cycle` is long."""
    return shorter_than(cycle, plan.leads.get(kind, default))


def shorter_than(cycle: int | None, leads: tuple[int, ...]) -> tuple[int, ...]:
    """Give the leads that are shorter than a cycle of so many days; all where there is no cycle."""
    if cycle is None or not leads or leads[0] < cycle:
        return leads
    return tuple(lead for lead in leads if lead < cycle)


def left(plan: Plan) -> bool:
    """Whether its carrier has confirmed that the plan is cancelled."""
    return plan.cancel is not None and plan.cancel.confirmed_on is not None


def ahead_only(leads: tuple[int, ...]) -> tuple[int, ...]:
    """Give the leads on or before the day: those of something that will be dealt with on its day."""
    return tuple(lead for lead in leads if lead >= 0)


def days(count: int) -> timedelta:
    """Give a length of days."""
    return timedelta(days=count)
