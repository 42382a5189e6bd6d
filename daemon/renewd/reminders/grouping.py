"""What one person is told at one moment: reminders gathered into one mail, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from renewd.domain.errors import Problem
from renewd.domain.money import Money, sums
from renewd.domain.plans import Household, Person, Plan
from renewd.reminders.facts import DigestFacts, Facts
from renewd.reminders.kinds import KINDS

MOST_ITEMS = 30  # in one mail; the rest is counted, and `renewd agenda` shows it


class Lateness(NamedTuple):
    """Why a mail is late: renewd was "off" from `since` to `until`, or "delivery" failed in that time (UTC)."""

    cause: Literal["off", "delivery"]
    due: datetime  # when the earliest of its reminders ought to have come
    since: datetime
    until: datetime


class Block(NamedTuple):
    """One item of a mail: its most urgent reminder, and the others of the same plan and day or payment.

    `group` holds the plans of one account that are charged on one day, and `total` their sum, None if a price is
    not known. It is empty if there is only one plan.
    """

    facts: Facts
    also: tuple[Facts, ...] = ()
    group: tuple[Plan, ...] = ()
    total: Money | None = None

    def is_about(self, plan: Plan) -> bool:
        """Whether one of its reminders is about a plan."""
        return any(facts.plan and facts.plan.id == plan.id for facts in (self.facts, *self.also))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """Somebody whom mails do not reach, which the others are told."""

    person: Person
    since: datetime
    reply: str
    count: int


class Welcome(NamedTuple):
    """What the first mail says of the reader's plans: how many there are, and in which zone their days are meant."""

    plans: int
    zone: str
    other_zones: bool = False  # some of them have zones of their own


class Message(NamedTuple):
    """One mail before it is put into words. `blocks` are at most `MOST_ITEMS`, `more` counts those left out.

    `keys` names all its reminders. With `runs_it` False, the reader does not run renewd, and answers the mail instead
    of typing a command. `first` is set in the very first mail.
    """

    person: Person
    written: datetime
    keys: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    more: int = 0
    digest: DigestFacts | None = None
    late: Lateness | None = None
    next_at: datetime | None = None
    runs_it: bool = True
    first: Welcome | None = None
    problems: tuple[Problem, ...] = ()  # of the file, for the owner
    doubts: tuple[Problem, ...] = ()  # dates that may be slips of the hand: in the owner's first mail
    unreached: tuple[Unreached, ...] = ()
    unpushed: tuple[Problem, ...] = ()  # why pushes of the reader's are tried no more
    owner: str | None = None  # the owner's name, for everybody else
    taps: Mapping[str, str] = {}  # by key: the link that records what a reminder asks for
    by_mail: Mapping[str, str] = {}  # by key: the address of a mail that records the same
    answer: str | None = None  # the mark with which an answer to this mail records its one fact
    page: str | None = None  # the reader's page
    subscribe: tuple[str, str] | None = None  # the reader's calendar, as https and as webcal
    add: str | None = None  # the first item's event, for a calendar on the web


def welcome(plans: Collection[Plan], household: Household) -> Welcome:
    """Return what the first mail says of a reader's plans: their zone if they share one, else the household's."""
    zones = {plan.zone for plan in plans}
    zone = zones.pop() if len(zones) == 1 else household.zone
    return Welcome(len(plans), zone, other_zones=bool(zones - {zone}))


_TO_KNOW, _NOTHING_TO_DO = 3, 4


def urgency(facts: Facts) -> tuple[int, bool, int, int, str]:
    """Return a sort key that puts first what cannot be undone, then what stops or is owed, then what is to know.

    Among what asks for an act, what is decided next comes first, and what is over longest comes last.
    """
    kind = KINDS[facts.kind]
    left = (facts.good - facts.today).days if facts.good else facts.days
    if kind.vital and facts.tone == "red" and left <= 7:
        band = 0
    elif (kind.acts and facts.tone != "grey") or facts.fails:
        band = 1 if left <= 3 else 2
    else:
        band = _TO_KNOW if facts.tone == "amber" else _NOTHING_TO_DO
    over = left < 0 and band < _TO_KNOW
    return (band, over, abs(left) if over else left, kind.urgency, facts.key)


def is_open(facts: Facts) -> bool:
    """Whether a reminder asks for an act or warns, and is not only good to know."""
    return urgency(facts)[0] < _NOTHING_TO_DO


def gather(found: Iterable[Facts], most: int | None = MOST_ITEMS) -> tuple[tuple[Block, ...], int]:
    """Return reminders as blocks, the most urgent first and at most `most`, and how many are left out."""
    ordered = sorted(found, key=urgency)
    blocks: list[list[Facts]] = []
    place: dict[object, int] = {}
    for facts in ordered:
        same = _same_block(facts)
        at = next((place[one] for one in same if one in place), len(blocks))
        if at == len(blocks):
            blocks.append([])
        blocks[at].append(facts)
        for one in same:
            place.setdefault(one, at)
    shown = tuple(_block(members) for members in blocks[:most])
    return shown, len(blocks) - len(shown)


def _same_block(facts: Facts) -> tuple[object, ...]:
    """Return what reminders of a block share: an account's charge, a plan's day, its payment, or its end before one."""
    plan = facts.plan
    if plan is None:
        return (facts.key,)
    if KINDS[facts.kind].by_account and plan.account.id and not (facts.fails or facts.leaves or facts.changes):
        return (("account", plan.account.id, plan.carrier.id if plan.carrier else None, facts.kind, facts.day),)
    day = (plan.id, facts.day)
    if facts.kind == "cancel-by" or facts.leaves == "cancel" or facts.changes:  # leaving before one and the same charge
        return (day, (plan.id, "leaving", facts.renews))
    by_payment = KINDS[facts.kind].settled_by_payment and facts.renews
    return (day, (plan.id, "cycle", facts.renews)) if by_payment else (day,)


def _block(members: list[Facts]) -> Block:
    first, *others = members
    plans = tuple(facts.plan for facts in members if facts.plan is not None and facts.kind == first.kind)
    if len({plan.id for plan in plans}) < 2:
        return Block(facts=first, also=tuple(others))
    amounts = [facts.amount for facts in members if facts.kind == first.kind]
    total = sums(amounts) if all(amounts) else ()
    return Block(facts=first, also=tuple(others), group=plans, total=total[0] if len(total) == 1 else None)
