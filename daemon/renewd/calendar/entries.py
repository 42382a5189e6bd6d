"""The dates that a calendar shows: renewals, charges, losses, uses, bills, cards, offers and last days to cancel.

Dates are as `renewd.domain.cycles` counts them. A window begins and ends with a month, so that on most days nothing
changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Literal, NamedTuple

from renewd.domain import cycles
from renewd.domain.cancellation import has_left, lapses, left_by, nothing_after
from renewd.domain.dates import DAY, Duration, add_months, nth
from renewd.domain.findings import NOTHING_FOUND, item_id
from renewd.domain.plans import Bill, FinalBill, Household, Person, Plan, Receipt
from renewd.reminders import KINDS
from renewd.reminders.card import plans_on
from renewd.reminders.kind import DayRange, Subject
from renewd.reminders.leave import named_day

MONTHS_BACK = 2
_COUNTED_HERE = ("renewal", "charge", "lost", "keep-alive", "bill", "promo", "card")  # in this module
_FROM_SUBJECTS = tuple(
    (kind.name, kind.of_plan)
    for kind in KINDS.values()
    if kind.in_calendar and kind.of_plan is not None and kind.name not in _COUNTED_HERE
)

EntryState = Literal["open", "settled", "cancelled"]


class Window(NamedTuple):
    """The days that a calendar shows, both included."""

    first: date
    last: date


class Entry(NamedTuple):
    """A date to show to `told`. `cycle` identifies it within its kind and never changes; `about` is for the kind alone.

    `receipt`: the payment that settled it. `lead`: not the date itself, but a day on which it is reminded of, so many
    days ahead.
    """

    kind: str
    plan: Plan | None
    owner: str
    item: str
    cycle: str
    day: date
    told: tuple[str, ...]
    about: object = None
    state: EntryState = "open"
    lead: int = 0
    receipt: Receipt | None = None

    @property
    def name(self) -> str:
        """The name that the event's UID is made from: `tello/renewal//2026-12-05`."""
        stem = f"{self.owner}/{self.kind}/{self.item}/{self.cycle}"
        return f"{stem}/{self.lead}" if self.lead else stem


def window(today: date, months: int) -> Window:
    """Return the window around a day: two whole months back, and `months` ahead to the end of that month."""
    return Window(add_months(today, -MONTHS_BACK, 1), add_months(today, months + 1, 1) - DAY)


def depends_on_today(plan: Plan) -> bool:
    """Whether a plan's entries depend on the day on which they are computed, and not on its window alone."""
    return plan.cancel is not None or plan.keep_alive is not None


def of_plan(plan: Plan, household: Household, days: Window, today: date, *, reminders: bool = False) -> list[Entry]:
    """Return a plan's entries in the window; with `reminders` also the earlier days on which a reminder goes out."""
    found = [entry for entry in _of_plan(plan, household, today, days) if days.first <= entry.day <= days.last]
    if reminders and not has_left(plan):
        found += {entry.name: entry for entry in _reminded(plan, household, days)}.values()
    return found


def of_person(person: Person, household: Household, days: Window, *, reminders: bool = False) -> Iterator[Entry]:
    """Iterate a person's entries that belong to no plan: the cards that pay for their plans."""
    view = DayRange(household, NOTHING_FOUND, days.first, days.last, ahead=True)
    for card in household.cards.values():
        ends = card.expires
        if ends is None or not any(person.id in plan.told for plan in plans_on(card, household)):
            continue
        entry = Entry("card", None, f"@{card.id}", "", f"{ends:%Y-%m}", ends, (person.id,), card)
        if days.first <= ends <= days.last:
            yield entry
        if reminders:
            for subject in KINDS["card"].of_person(person, view) if KINDS["card"].of_person else ():
                if subject.about == card:
                    yield from _ahead(entry, subject, days)


def _of_plan(plan: Plan, household: Household, today: date, days: Window) -> Iterator[Entry]:
    if has_left(plan):
        yield from _stood(plan, today, days)
    else:
        last = nothing_after(plan, today) or days.last
        yield from (entry for entry in _of_standing(plan, household, today, days) if entry.day <= last)
    yield from _of_bills(plan)


def _of_standing(plan: Plan, household: Household, today: date, days: Window) -> Iterator[Entry]:
    """Iterate the dates of a plan that has not ended."""
    yield from _of_cycles(plan, today, days)
    yield from _of_loss(plan)
    yield from _of_keep_alive(plan, today, days)
    yield from _of_subjects(plan, household, today, days)
    if plan.promo is not None:
        yield _entry("promo", plan, "", plan.promo.ends)


def _of_cycles(plan: Plan, today: date, days: Window) -> Iterator[Entry]:
    """Iterate automatic charges and renewals to pay by hand, and those of the past that a receipt settles.

    Of a plan that is being left, the first renewal that is not to be paid is the last, unless one is overdue.
    """
    if plan.renews is None:
        return
    unpaid = cycles.unpaid_from(plan)
    by_itself = plan.autopay or cycles.pays_from(plan) is not None
    receipts = _receipts_by_cycle(plan)
    first = max(0, cycles.first_cycle(plan))
    least = cycles.EARLIEST if plan.every is not None else 0
    n = cycles.first_from(plan, days.first, least)
    while n is not None and cycles.charge(plan, n) <= days.last and not cycles.is_paid_off(plan, n):
        renews = cycles.renewal(plan, n)
        label = _label(plan.every, renews)
        if unpaid is not None and n >= unpaid:
            yield _entry("renewal", plan, label, renews, n)
            if lapses(plan) or (cycles.renewal(plan, unpaid) >= today and left_by(plan, n, today)):
                return
        elif n in receipts:
            kind, on = ("charge", cycles.charge(plan, n)) if by_itself else ("renewal", renews)
            yield _entry(kind, plan, label, on, n)._replace(state="settled", receipt=receipts[n])
        elif cycles.has_ended(plan, n):
            return
        elif by_itself and n >= first and _is_charged(plan, cycles.charge(plan, n)):
            yield _entry("charge", plan, label, cycles.charge(plan, n), n)
        n = n + 1 if cycles.goes_on(plan, n) else None


def _is_charged(plan: Plan, on: date) -> bool:
    """Whether money is taken on a day on which a plan's cycle is charged: not during a pause, and not for 0."""
    return (plan.pause_until is None or on >= plan.pause_until) and cycles.price_on(plan, on) != 0


def _receipts_by_cycle(plan: Plan) -> dict[int, Receipt]:
    """Return the receipts by cycle.

    One paid by hand is that of the nearest renewal, a second one that of the next. On autopay it is that of the last
    charge.
    """
    found: dict[int, Receipt] = {}
    for receipt in sorted(plan.receipts, key=lambda receipt: receipt.on):
        n = 0
        if plan.every is not None:
            n = cycles.first_from(plan, receipt.on, cycles.EARLIEST) or 0
            if plan.autopay:
                n = next(n - back for back in count() if cycles.charge(plan, n - back) <= receipt.on)
            elif receipt.on - cycles.renewal(plan, n - 1) < cycles.renewal(plan, n) - receipt.on:
                n -= 1
            if n in found and not plan.autopay:
                n = max(found) + 1
        found[n] = receipt
    return found


def _stood(plan: Plan, today: date, days: Window) -> Iterator[Entry]:
    """Iterate the next date of a plan that was left, as a canceled event, so that people see that it is off."""
    gone = plan.cancel.confirmed_on if plan.cancel else None
    for entry in _of_cycles(plan, today, days):
        if gone is not None and entry.day >= gone:
            yield entry._replace(state="cancelled")
            return


def _of_loss(plan: Plan) -> Iterator[Entry]:
    """Iterate the loss of the number in the current cycle. That of a later cycle would only be a guess."""
    unpaid = cycles.unpaid_from(plan)
    if unpaid is None:
        return
    lost = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
    if lost is not None:
        yield _entry("lost", plan, _label(plan.every, cycles.renewal(plan, unpaid)), lost.day, unpaid)


def _of_keep_alive(plan: Plan, today: date, days: Window) -> Iterator[Entry]:
    """Iterate the days of the uses, counted from the last one; while one is overdue, the later are not known."""
    rule = plan.keep_alive
    n = 1
    while rule is not None and (due := nth(rule.last, rule.every, n)) <= days.last:
        yield _entry("keep-alive", plan, _label(rule.every, due), due, rule)
        if due < today or lapses(plan):
            return
        n += 1


def _of_bills(plan: Plan) -> Iterator[Entry]:
    seen: dict[str, int] = {}
    for bill in plan.bills:
        item = item_id(bill.what)
        seen[item] = seen.get(item, 0) + 1  # of two bills of one name each keeps its own UID
        if bill.due is not None and bill.is_open:
            yield _bill(plan, item, "" if seen[item] == 1 else str(seen[item]), bill.due, bill)
    final = plan.cancel.final_bill if plan.cancel else None
    if final is not None and final.due is not None and final.is_open:
        yield _bill(plan, "final", "", final.due, final)


def _bill(plan: Plan, item: str, place: str, due: date, about: Bill | FinalBill) -> Entry:
    return _entry("bill", plan, place, due, about)._replace(item=item)


def _of_subjects(plan: Plan, household: Household, today: date, days: Window) -> Iterator[Entry]:
    """Iterate the dates of all other kinds: those that they remind of."""
    view = DayRange(household, NOTHING_FOUND, today, days.last, ahead=True)
    for name, subjects in _FROM_SUBJECTS:
        for subject in subjects(plan, view):
            n = subject.about
            label = _label(plan.every, cycles.renewal(plan, n)) if isinstance(n, int) else str(subject.date)
            yield _entry(name, plan, label, named_day(subject, today), n)._replace(item=subject.item)


def _reminded(plan: Plan, household: Household, days: Window) -> Iterator[Entry]:
    """Iterate the days on which reminders of the plan's dates go out ahead of them."""
    view = DayRange(household, NOTHING_FOUND, days.first, days.last, ahead=True)
    for kind in KINDS.values():
        for subject in kind.of_plan(plan, view) if kind.in_calendar and kind.of_plan else ():
            if kind.name != "lost" or subject.about == cycles.unpaid_from(plan):
                entry = _entry(kind.name, plan, str(subject.date), subject.date, subject.about)
                yield from _ahead(entry._replace(item=subject.item), subject, days)


def _ahead(entry: Entry, subject: Subject, days: Window) -> Iterator[Entry]:
    for lead in subject.leads:
        if lead > 0 and days.first <= (on := entry.day - lead * DAY) <= days.last:
            yield entry._replace(day=on, lead=lead)


def _entry(kind: str, plan: Plan, cycle: str, day: date, about: object = None) -> Entry:
    return Entry(kind, plan, plan.id, "", cycle, day, plan.told, about)


def _label(every: Duration | None, day: date) -> str:
    """Return the name of a cycle, `2026-12` or `2026`, so that a corrected day moves its event; of days, the date."""
    if every is None or every.unit in ("days", "hours"):
        return str(day)
    return f"{day:%Y-%m}" if every.unit == "months" else f"{day:%Y}"
