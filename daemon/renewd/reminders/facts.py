"""Everything that a mail says about a reminder, so that templates compute nothing. See docs/rules.md#facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, NamedTuple

from renewd.domain import cycles
from renewd.domain.cancellation import Missed, falls_due, is_taken, last_day, left_by, pin_until
from renewd.domain.carriers import Carrier
from renewd.domain.charging import card_of
from renewd.domain.checklist_items import ChecklistItem
from renewd.domain.cycles import Loss
from renewd.domain.dates import instant, later_day
from renewd.domain.findings import Findings
from renewd.domain.money import Money
from renewd.domain.plans import Backup, Bill, Binding, Card, FinalBill, Household, Plan
from renewd.reminders.kind import FactsContext, Reminder
from renewd.reminders.kinds import KINDS

Tone = Literal["red", "amber", "green", "grey"]


class Facts(NamedTuple):
    """What one reminder says to one person on `today`, which is the later of the reader's day and the plan's.

    `days` counts from today to the date of the subject, negative after it. `good` is the last day on which acting
    still helps; None if there is nothing to do. An amount that is not known is None.
    """

    kind: str
    key: str
    plan: Plan | None
    carrier: Carrier | None
    person: str
    today: date
    day: date  # the subject date
    lead: int
    days: int
    tone: Tone
    good: date | None = None
    amount: Money | None = None
    renews: date | None = None  # the renewal date of the cycle that it is about, or of the next one
    stops_at: datetime | None = None  # the instant on `renews` at which the carrier ends service, where known
    stops_zone: str | None = None
    is_last: bool = False  # whether plans.toml says that the plan ends on `renews`
    taken: bool = False  # the cycle is charged by itself
    unmarked: date | None = None  # an earlier renewal date that was not marked as paid
    after_unpaid: bool = False  # an earlier cycle has to be paid first
    loss: Loss | None = None
    charge: date | None = None
    cancel_by: date | None = None
    previous: Money | None = None  # the last charge, if it was another amount
    fails: Literal["card", "balance"] | None = None  # why a charge may fail
    failed: bool = False  # the charge of this cycle did not go through
    card: Card | None = None
    bill: Bill | FinalBill | None = None
    backup: Backup | None = None
    made: date | None = None  # the day of the last backup
    used: int | None = None  # percent of the data
    next: Money | None = None  # the price after an offer
    balance: Money | None = None
    balance_on: date | None = None
    balance_left: Money | None = None  # of `balance`, after the charges before the one that it does not cover
    last: date | None = None  # the last use, of keep-alive
    bindings: tuple[Binding, ...] = ()  # services that still know the number
    plans: tuple[Plan, ...] = ()  # the plans that a card pays for
    leaves: Literal["", "cancel", "asked", "lapse"] = ""  # this cycle is not to be paid: the line is being left
    changes: bool = False  # the line stays, on a cheaper plan whose price may not be written yet, of charge
    asked: date | None = None  # when the carrier was asked to end it
    pin_until: date | None = None  # the last day of the transfer PIN
    todo: tuple[ChecklistItem, ...] = ()  # what stands in the way of leaving, of what is said before it
    beside: tuple[str, ...] = ()  # the names of the account's other lines, of cancel-by
    missed: tuple[Missed, ...] = ()  # payments that leaving can no longer avoid, of cancel-by
    why: str = "lead"  # the key of the sentence that says why it comes now

    @property
    def name(self) -> str:
        """The name by which the reader knows it: the plan's or the card's."""
        if self.plan is not None:
            return self.plan.name
        return self.card.name if self.card else ""


def facts(reminder: Reminder, household: Household, findings: Findings, now: datetime) -> Facts:
    """Return what a reminder says at the instant `now`. For a digest, see `renewd.reminders.month.digest_facts`."""
    subject = reminder.subject
    plan = subject.plan
    reader = household.people[reminder.person].zone
    today = later_day(now, reader, plan.zone if plan else reader)
    common: dict[str, object] = {
        "kind": subject.kind,
        "key": reminder.key,
        "plan": plan,
        "carrier": plan.carrier if plan else None,
        "person": reminder.person,
        "today": today,
        "day": subject.date,
        "lead": reminder.lead,
        "days": (subject.date - today).days,
        "tone": "amber",
        "why": _why(reminder),
    }
    if plan is not None:
        common |= _of_plan(plan, household)
        if isinstance(subject.about, int) and plan.renews is not None:
            common |= _of_cycle(plan, subject.about, today)
    common |= KINDS[subject.kind].facts(reminder, FactsContext(household, findings, today))
    return Facts(**common)  # type: ignore[arg-type]


def _why(reminder: Reminder) -> str:
    """Return why it comes now and not earlier: the lead, or that four fifths are used."""
    if reminder.subject.at_once:
        return "used"
    return "day" if reminder.lead == 0 else "before" if reminder.lead > 0 else "after"


def _of_plan(plan: Plan, household: Household) -> dict[str, object]:
    uncovered = cycles.first_uncovered(plan)
    return {
        "amount": plan.money(plan.price),
        "card": card_of(plan, household),
        "bindings": tuple(binding for binding in plan.bindings if binding.is_open),
        "balance": plan.money(plan.balance.amount) if plan.balance else None,
        "balance_on": plan.balance.on if plan.balance else None,
        "asked": plan.cancel.requested_on or plan.cancel.confirmed_on if plan.cancel else None,
        "pin_until": pin_until(plan),
        "balance_left": plan.money(uncovered.left) if uncovered else None,
    }


def _of_cycle(plan: Plan, n: int, today: date) -> dict[str, object]:
    renews = cycles.renewal(plan, n)
    unpaid = cycles.unpaid_from(plan)
    charged = cycles.charge(plan, n)
    found: dict[str, object] = {
        "renews": renews,
        "charge": charged,
        "cancel_by": cycles.cancel_by(plan, n),
        "amount": plan.money(cycles.price_on(plan, charged)),
        "failed": plan.failed_on is not None and n == unpaid,
        "taken": is_taken(plan, n),
        "leaves": left_by(plan, n, today),
    }
    if found["leaves"] == "cancel" and (last := last_day(plan, today)) is not None:
        found["cancel_by"] = min(cycles.cancel_by(plan, n), last)
    if unpaid is not None:
        lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
        if (unmarked := unmarked_before(plan, n, today)) is not None:
            found["unmarked"] = unmarked
        found["after_unpaid"] = n > unpaid
        found["loss"] = lost
    if (stop := stop_of(plan, renews)) is not None:
        found["stops_at"], found["stops_zone"] = stop
    return found


def unmarked_before(plan: Plan, n: int, today: date) -> date | None:
    """Return an earlier renewal that is over and not marked as paid, so that cycle n counts only if it was paid."""
    unpaid = cycles.unpaid_from(plan)
    renews = cycles.renewal(plan, unpaid) if unpaid is not None and n > unpaid else None
    return renews if renews is not None and renews < today else None


def stop_of(plan: Plan, renews: date) -> tuple[datetime, str] | None:
    """Return the instant on a renewal day at which the carrier ends service, and the carrier's zone, where known."""
    carrier = plan.carrier
    if carrier is None or not carrier.renews_at or not carrier.renews_zone:
        return None
    first = time.fromisoformat(carrier.renews_at.split("-", maxsplit=1)[0])
    return instant(renews, first, carrier.renews_zone), carrier.renews_zone


class Payment(NamedTuple):
    """A sum that will be due: a renewal, a charge or a bill."""

    day: date
    plan: Plan
    money: Money | None
    what: str | None = None  # a bill's name
    autopay: bool = False
    # stopped: service is off. overdue: a bill's day is over. if-renewed: true if an unmarked renewal was paid.
    note: Literal["stopped", "overdue", "if-renewed"] | None = None
    lost_on: date | None = None
    sure: bool = True  # False: it is a day on which the number may be lost

    @property
    def postpaid(self) -> bool:
        """Whether it is due on its day, and does not end on it."""
        return falls_due(self.plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Something that is not settled: overdue, lost, bill, keep-alive, binding, backup, far-ahead, leaving.

    Of "leaving", `day` is the last day for it, `count` how many items stand in the way, and `step` the next of them;
    `unmarked`: that day counts on a payment that was not marked.
    After leaving: "unconfirmed", "refund", "still-charged", "credit-report".
    """

    what: str
    plan: Plan
    days: int = 0
    day: date | None = None
    name: str | None = None
    money: Money | None = None
    sure: bool = True  # False: the day is one from which the number may be lost
    final: bool = False  # the number was lost for certain, and long ago
    left: bool = False  # of "lost": the plan is not to be renewed, as it is being left
    count: int = 0
    step: ChecklistItem | None = None
    unmarked: bool = False

    @property
    def postpaid(self) -> bool:
        """Whether it is due on its day, and does not end on it."""
        return falls_due(self.plan)


class Yearly(NamedTuple):
    """What a plan's charges of the next twelve months come to, at the price of each day.

    `after` is the price after an offer that ends in that time, on `ends`. `unknown`: a charge has no known price, and
    is not in the sum.
    """

    plan: Plan
    money: Money | None
    unknown: bool = False
    ends: date | None = None
    after: Money | None = None


class DigestFacts(NamedTuple):
    """A person's month at a glance. Sums are a list, one Money a currency; what has no known price is not in them."""

    key: str
    person: str
    month: date
    today: date
    payments: tuple[Payment, ...]  # in 30 days, by day
    total: tuple[Money, ...]
    until_90: date
    total_90: tuple[Money, ...]
    unknown_90: int
    open: tuple[Open, ...]
    yearly: tuple[Yearly, ...]
    yearly_total: tuple[Money, ...]
    by_person: tuple[
        tuple[str | None, tuple[Money, ...]], ...
    ]  # a person's name, None for the reader, empty for `me` without one; their plans' year
    next_month: date
    monthly: Money | None = None  # a twelfth of a year in the household's currency
    budget: Money | None = None
    over: Money | None = None  # how much more than the budget
    look_at_security: bool = False  # once a year: PIN and port lock
    lines: bool = True  # whether any of the plans is a line
