"""What a reminder carries beside its key: everything a mail says, computed here so that templates compute nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from renewd.domain import cycles
from renewd.domain.cancellation import left_by, pin_until
from renewd.domain.carriers import Carrier
from renewd.domain.checklist import ChecklistItem
from renewd.domain.cycles import Loss, price_on
from renewd.domain.dates import DAY, instant, later_day
from renewd.domain.findings import Findings, last_made
from renewd.domain.plans import Backup, Bill, Binding, Card, FinalBill, Household, Money, Plan, Refund
from renewd.domain.readiness import readiness
from renewd.reminders.card import plans_on
from renewd.reminders.charge import card_of, differs, may_fail
from renewd.reminders.data import percent_used
from renewd.reminders.kind import Reminder

Tone = Literal["red", "amber", "green", "grey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one reminder has to say to one person, seen on `today`: the later of the reader's day and the plan's.

    `days` counts from today to the subject date, negative once it is over. `good` is the last day on which
    acting still helps, None where there is nothing to do. Amounts are None where they are not known.
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
    renews: date | None = None  # R(n) that it is about, or that comes next
    stops_at: datetime | None = None  # the instant on `renews` at which the carrier ends service, where known
    stops_zone: str | None = None
    unmarked: date | None = None  # an earlier renewal date that nobody has marked
    loss: Loss | None = None
    loss_known: bool = True  # False: no day can be told, and the carrier is not in the catalogue
    charge: date | None = None
    cancel_by: date | None = None
    previous: Money | None = None  # the sum of last time, where it was another one
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
    asked: date | None = None  # when the carrier was asked to end it
    pin_until: date | None = None  # the last day of the transfer PIN
    todo: tuple[ChecklistItem, ...] = ()  # what stands in the way of leaving, of cancel-by
    why: str = "lead"  # the reason that it comes now: a sentence's key
    why_args: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Give what the reader calls it: the plan's name, or the card's."""
        if self.plan is not None:
            return self.plan.name
        return self.card.name if self.card else ""


def facts(reminder: Reminder, household: Household, findings: Findings, now: datetime) -> Facts:
    """Compute what a reminder says at the instant `now`. Digests have a form of their own (`digest_facts`)."""
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
        **_why(reminder),
    }
    if plan is not None:
        common |= _of_plan(plan, household)
        if isinstance(subject.about, int) and plan.renews is not None:
            common |= _of_cycle(plan, subject.about, today)
    common |= _OF_KIND[subject.kind](reminder, household, findings, today)
    return Facts(**common)  # type: ignore[arg-type]


def _why(reminder: Reminder) -> dict[str, object]:
    """Say why it comes now and not earlier: the lead, or that four fifths are used."""
    if reminder.subject.at_once:
        return {"why": "used"}
    lead = reminder.lead
    if lead == 0:
        return {"why": "day"}
    return {"why": "before" if lead > 0 else "after", "why_args": {"n": abs(lead), "day": reminder.subject.date}}


def _of_plan(plan: Plan, household: Household) -> dict[str, object]:
    uncovered = cycles.first_uncovered(plan)
    return {
        "amount": plan.money(plan.price) if plan.price is not None else None,
        "card": card_of(plan, household),
        "bindings": tuple(binding for binding in plan.bindings if binding.moved_on is None),
        "balance": plan.money(plan.balance.amount) if plan.balance else None,
        "balance_on": plan.balance.on if plan.balance else None,
        "asked": plan.cancel.requested_on if plan.cancel else None,
        "pin_until": pin_until(plan),
        "balance_left": plan.money(uncovered.left) if uncovered else None,
    }


def _of_cycle(plan: Plan, n: int, today: date) -> dict[str, object]:
    renews = cycles.renewal(plan, n)
    unpaid = cycles.unpaid_from(plan)
    charged = cycles.charge(plan, n)
    price = price_on(plan, charged)
    found: dict[str, object] = {
        "renews": renews,
        "charge": charged,
        "cancel_by": cycles.cancel_by(plan, n),
        "amount": plan.money(price) if price is not None else None,
        "failed": plan.failed_on is not None and n == unpaid,
        "leaves": left_by(plan, n),
    }
    if unpaid is not None:
        lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
        if n > unpaid and (unmarked := cycles.renewal(plan, unpaid)) < today:
            found["unmarked"] = unmarked
        found["loss"] = lost
        found["loss_known"] = lost is not None or plan.carrier is not None
    if plan.carrier is not None and plan.carrier.renews_at and plan.carrier.renews_zone:
        found["stops_at"] = instant(renews, _first_clock(plan.carrier.renews_at), plan.carrier.renews_zone)
        found["stops_zone"] = plan.carrier.renews_zone
    return found


def _first_clock(span: str) -> time:
    return time.fromisoformat(span.split("-", maxsplit=1)[0])


def _renewal(reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    day, plan = reminder.subject.date, reminder.subject.plan
    assert plan is not None
    tone: Tone = "grey" if left_by(plan, _n(reminder)) in ("asked", "lapse") else "amber"
    return {"good": max(day - DAY, today), "tone": tone}


def _overdue(reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    plan = reminder.subject.plan
    assert plan is not None
    leaves = _gives_up(plan, _n(reminder))
    lost = cycles.loss(plan, _n(reminder), paid_on=cycles.last_receipt(plan))
    if lost is None:
        return {"good": today, "tone": "amber", "leaves": leaves}
    near = (lost.day - today).days <= 7 and not leaves
    good = max(lost.day - DAY, today) if lost.day > today else None
    return {"good": good, "tone": "red" if near else "amber", "leaves": leaves}


def _gives_up(plan: Plan, n: int) -> str:
    """Whether the number of a stopped line may go: one that is to be ported has to be paid for first."""
    leaves = left_by(plan, n)
    keeps = plan.cancel is None or plan.cancel.number != "drop"
    return "" if leaves == "cancel" and keeps else leaves


def _lost(reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    day, plan = reminder.subject.date, reminder.subject.plan
    assert plan is not None
    last = day - DAY
    lost = cycles.loss(plan, _n(reminder), paid_on=cycles.last_receipt(plan))
    if lost is not None and lost.basis == "unpublished":  # as good as lost on the day on which service stops
        last -= DAY
    leaves = _gives_up(plan, _n(reminder))
    good = max(last, today) if day >= today else None
    return {"good": good, "tone": "amber" if leaves else "red", "leaves": leaves}


def _charge(reminder: Reminder, household: Household, _findings: Findings, _today: date) -> dict[str, object]:
    plan = reminder.subject.plan
    assert plan is not None
    n, on = _n(reminder), reminder.subject.date
    found: dict[str, object] = {"tone": "amber" if left_by(plan, n) else "green"}
    if may_fail(plan, household, on):
        found |= {"tone": "amber", "fails": "balance" if plan.pay_with == "balance" else "card", "good": on - DAY}
    if differs(plan, n, on):
        before = price_on(plan, cycles.charge(plan, n - 1))
        found |= {"tone": "amber", "previous": plan.money(before) if before is not None else None}
    return found


def _charged(_reminder: Reminder, _household: Household, _findings: Findings, _today: date) -> dict[str, object]:
    return {"tone": "grey"}


def _keep_alive(reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    subject = reminder.subject
    rule = subject.plan.keep_alive if subject.plan else None
    left = (subject.date - today).days
    return {
        "good": max(subject.date - DAY, today) if left >= 0 else None,
        "tone": "red" if left <= 7 else "amber",
        "last": rule.last if rule else None,
    }


def _bill(reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    subject = reminder.subject
    bill, plan = subject.about, subject.plan
    assert isinstance(bill, Bill | FinalBill)
    assert plan is not None
    return {
        "good": max(subject.date, today),
        "bill": bill,
        "amount": plan.money(bill.amount) if bill.amount is not None else None,
        "tone": "red" if subject.date < today else "amber",
    }


def _balance(reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    return {"good": max(reminder.subject.date - DAY, today)}


def _data(reminder: Reminder, _household: Household, _findings: Findings, _today: date) -> dict[str, object]:
    plan = reminder.subject.plan
    return {
        "tone": "amber" if reminder.subject.at_once else "grey",
        "used": percent_used(plan) if plan else None,
    }


def _card(reminder: Reminder, household: Household, _findings: Findings, today: date) -> dict[str, object]:
    card = reminder.subject.about
    assert isinstance(card, Card)
    on_it = tuple(plan for plan in plans_on(card, household) if reminder.person in plan.told)
    return {"card": card, "plans": on_it, "good": max(reminder.subject.date, today)}


def _promo(reminder: Reminder, _household: Household, _findings: Findings, _today: date) -> dict[str, object]:
    plan = reminder.subject.plan
    promo = plan.promo if plan else None
    after = promo.price_after if promo else None
    return {"tone": "grey", "next": plan.money(after) if plan and after is not None else None}


def _pause(reminder: Reminder, _household: Household, _findings: Findings, _today: date) -> dict[str, object]:
    plan, until = reminder.subject.plan, reminder.subject.date
    assert plan is not None
    charge = next((on for _, on in cycles.charges(plan, until)), None)
    price = price_on(plan, charge or until)
    return {"tone": "amber", "charge": charge, "amount": plan.money(price) if price is not None else None}


def _backup(reminder: Reminder, _household: Household, findings: Findings, _today: date) -> dict[str, object]:
    plan, backup = reminder.subject.plan, reminder.subject.about
    assert plan is not None
    assert isinstance(backup, Backup)
    return {"tone": "grey", "backup": backup, "made": last_made(plan, backup, findings)}


def _cancel_by(reminder: Reminder, household: Household, findings: Findings, today: date) -> dict[str, object]:
    plan = reminder.subject.plan
    assert plan is not None
    items = readiness(plan, household, findings, today).items
    todo = tuple(item for item in items if item.blocks and not item.later)
    return {"good": max(reminder.subject.date, today), "todo": todo}


def _binding(reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    assert isinstance(reminder.subject.about, tuple)
    return {"good": max(reminder.subject.date, today), "tone": "red", "bindings": reminder.subject.about}


def _pin(reminder: Reminder, _household: Household, _findings: Findings, _today: date) -> dict[str, object]:
    return {"good": reminder.subject.date}


def _unconfirmed(_reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    return {"good": today}


def _final_bill(_reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    return {"good": today, "amount": None}


def _refund(reminder: Reminder, _household: Household, _findings: Findings, today: date) -> dict[str, object]:
    refund, plan = reminder.subject.about, reminder.subject.plan
    assert isinstance(refund, Refund)
    assert plan is not None
    amount = plan.money(refund.amount) if refund.amount is not None else None
    return {"good": max(reminder.subject.date, today), "amount": amount}


def _undo(reminder: Reminder, _household: Household, _findings: Findings, _today: date) -> dict[str, object]:
    return {"good": reminder.subject.date, "tone": "grey"}


def _n(reminder: Reminder) -> int:
    assert isinstance(reminder.subject.about, int)
    return reminder.subject.about


_OF_KIND = {
    "renewal": _renewal,
    "overdue": _overdue,
    "lost": _lost,
    "charge": _charge,
    "charged": _charged,
    "keep-alive": _keep_alive,
    "bill": _bill,
    "balance": _balance,
    "data": _data,
    "card": _card,
    "promo": _promo,
    "pause": _pause,
    "backup": _backup,
    "cancel-by": _cancel_by,
    "binding": _binding,
    "pin": _pin,
    "unconfirmed": _unconfirmed,
    "final-bill": _final_bill,
    "refund": _refund,
    "undo": _undo,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A sum that will be due: a renewal, a charge or a bill."""

    day: date
    plan: Plan
    money: Money | None
    what: str | None = None  # a bill's name
    autopay: bool = False
    note: Literal["stopped", "overdue"] | None = None  # service has stopped; a bill's day is over
    lost_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Something that is not settled: "overdue", "lost", "bill", "keep-alive", "binding", "backup", "failed".

    After leaving: "unconfirmed", "refund", "still-charged", "credit-report".
    """

    what: str
    plan: Plan
    days: int = 0
    day: date | None = None
    name: str | None = None
    money: Money | None = None
    sure: bool = True  # False: the day is one from which the number may be lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Yearly:
    """What a plan costs in 365 days at today's price; `after` is the price after an offer that ends on `ends`."""

    plan: Plan
    money: Money | None
    ends: date | None = None
    after: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """A person's month at a glance. Sums are a list, one Money a currency; what has no known price is not in them."""

    key: str
    person: str
    month: date
    today: date
    payments: tuple[Payment, ...]  # in 30 days, by day
    total: tuple[Money, ...]
    until_90: date
    total_90: tuple[Money, ...]
    open: tuple[Open, ...]
    yearly: tuple[Yearly, ...]
    yearly_total: tuple[Money, ...]
    by_person: tuple[tuple[str, tuple[Money, ...]], ...]  # a person's name, their plans' year
    monthly: Money | None = None  # a twelfth of a year in the household's currency
    budget: Money | None = None
    over: Money | None = None  # how much more than the budget
    look_at_security: bool = False  # once a year: PIN and port lock
    next_month: date


def year_cost(plan: Plan, price: Decimal | None) -> Decimal | None:
    """Give what a plan costs in 365 days at a price a cycle, in its currency; None where that is not known."""
    if price is None or plan.every is None:
        return None
    days = {"hours": Decimal(plan.every.n) / 24, "days": Decimal(plan.every.n)}.get(plan.every.unit)
    if days is not None:
        return (price * 365 / days).quantize(Decimal("0.01"))
    months = plan.every.n * (12 if plan.every.unit == "years" else 1)
    return (price * 12 / months).quantize(Decimal("0.01"))
