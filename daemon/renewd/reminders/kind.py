"""What a kind of reminder is: its dates and leads, what it says, and how mails, agenda and calendar treat it.

The rules are in docs/rules.md#reminder-kinds.
"""

# Annotations are values here: as text, each field of a named tuple would be compiled at every start.

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from renewd.domain.findings import Findings
from renewd.domain.plans import Card, Household, Person, Plan

TO_KNOW = 9  # the urgency of a kind that asks for no act
EVERY = (-1000, 1000)  # all leads
_WEEKS = 12  # for which weekly leads go on; the monthly digest lists what stays open longer


class Subject(NamedTuple):
    """A date that a kind reminds of, with all its leads (days before the date; negative: after it).

    `until` is the last day on which a reminder is worth sending; None means until the subject is settled. `about`
    is what only the kind knows: a cycle's number, a bill, a card … With `at_once`, the one lead is due now.
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
        """The key of its reminders without their lead: `main/renewal/2026-12-05`, `@visa/card/2027-03-31`."""
        if self.plan is not None:
            owner = self.plan.id
        elif isinstance(self.about, Card):
            owner = f"@{self.about.id}"
        else:
            owner = f"@{self.told[0]}"
        return f"{owner}/{self.kind}{':' if self.item else ''}{self.item}/{self.date.isoformat()}"


class Reminder(NamedTuple):
    """One thing to tell one person at one instant (UTC)."""

    subject: Subject
    lead: int
    person: str
    moment: datetime

    @property
    def key(self) -> str:
        """Its key, the same for every person: `main/renewal/2026-12-05/7`."""
        return f"{self.subject.stem}/{self.lead}"

    @property
    def plan(self) -> Plan:
        """The plan that it is about; only a kind with `of_plan` may ask."""
        assert self.subject.plan is not None
        return self.subject.plan

    @property
    def cycle(self) -> int:
        """The number of the cycle that it is about; only a kind that counts cycles may ask."""
        assert isinstance(self.subject.about, int)
        return self.subject.about


class DayRange(NamedTuple):
    """The days that a kind is asked about.

    Leads may fall on the days from `first` to `last`. With `ahead` False, plans are taken as they stand. With
    `ahead` True, everything open counts as done at the end of its day, but what is overdue on `first` stays open.
    """

    household: Household
    findings: Findings
    first: date
    last: date
    ahead: bool


class FactsContext(NamedTuple):
    """What a reminder's facts are computed from; `today` is the later of the reader's day and the plan's."""

    household: Household
    findings: Findings
    today: date


def _no_facts(_reminder: Reminder, _context: FactsContext) -> dict[str, object]:
    return {}


class Kind(NamedTuple):
    """A kind of reminder.

    `of_plan` is called once per plan and `of_person` once per person; dates are in the zone of the plan or person.
    `facts` returns the fields of `Facts` that are not the same for every kind.
    """

    name: str
    leads: tuple[int, ...]  # its default, descending, as [remind] documents it
    label: Mapping[str, str]  # what [remind] says that it is about, by language
    of_plan: Callable[[Plan, DayRange], Iterable[Subject]] | None = None
    of_person: Callable[[Person, DayRange], Iterable[Subject]] | None = None
    facts: Callable[[Reminder, FactsContext], dict[str, object]] = _no_facts
    always: bool = False  # it cannot be switched off
    after_leaving: bool = False  # it also comes once the plan has ended
    urgent: tuple[int, int] | None = None  # the least and the largest lead that is urgent; None: none is
    # In a mail
    urgency: int = TO_KNOW  # its place among reminders that leave equal time, 0 first
    vital: bool = False  # the number is at stake
    settled_by_payment: bool = False  # one payment of the cycle settles all of these
    asks_for_money: bool = False  # if the plan is being left, the mail is worded by `leaving.j2`
    pays: bool = False  # its mail says where and how the money is paid
    by_account: bool = False  # plans of one account and day make one item
    says: tuple[str, ...] = ()  # kinds whose sentence would repeat what its mail says
    dials: bool = False  # its mail always offers the carrier's telephone number
    tap: str | None = None  # the fact that its link records, as `renewd mark` names it
    counted: bool = True  # its title counts the days that are left
    # In the agenda and the calendar
    priced: bool = False  # the agenda shows the cycle's price
    shown_as: tuple[str, ...] = ()  # whose calendar entries show its dates, the best first; with its own name, its own
    shown_within: int = 0  # how many days after its date such an entry may be
    good_on_the_day: bool = False  # acting on the date itself still helps, not only on the day before

    @property
    def acts(self) -> bool:
        """Whether it asks for an act."""
        return self.urgency < TO_KNOW

    @property
    def in_calendar(self) -> bool:
        """Whether the calendar has entries of this kind."""
        return self.name in self.shown_as


def leads_of(plan: Plan, kind: str, default: tuple[int, ...], cycle: int | None = None) -> tuple[int, ...]:
    """Return the plan's own leads of a kind, else the default, without those of a cycle's length or more."""
    return shorter_than(cycle, plan.leads.get(kind, default))


@lru_cache(maxsize=1024)
def shorter_than(cycle: int | None, leads: tuple[int, ...]) -> tuple[int, ...]:
    """Return the leads that are shorter than a cycle of so many days; all of them if there is no cycle."""
    if cycle is None or not leads or leads[0] < cycle:
        return leads
    return tuple(lead for lead in leads if lead < cycle)


def weekly(leads: tuple[int, ...]) -> tuple[int, ...]:
    """Return leads that go on every 7 days after their last or after the day, for 12 weeks in all; none stay none."""
    return (*leads, *range(min(leads[-1], 0) - 7, -7 * _WEEKS - 1, -7)) if leads else ()


def ahead_only(leads: tuple[int, ...]) -> tuple[int, ...]:
    """Return the leads on or before the day: those of something that will be done on its day."""
    return tuple(lead for lead in leads if lead >= 0)


def days(count: int) -> timedelta:
    """Return a length of so many days."""
    return timedelta(days=count)
