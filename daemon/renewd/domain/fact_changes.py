"""What recording a fact changes in the file: `mark PLAN WHAT`, as changes by key and a sentence for each.

Nothing is written here, and only the plan is read. Dates follow docs/rules.md#dates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from renewd.domain import cycles
from renewd.domain.cancellation import cancel_of, is_postpaid
from renewd.domain.dates import DAY, add_months, nth
from renewd.domain.errors import UsageError
from renewd.domain.item_choice import choose
from renewd.domain.plans import CHECKED, Plan

FactPath = tuple[str | int, ...]


class Set(NamedTuple):
    """Write a value, in the place of the one that is there. Paths begin below the plan: `("bill", 0, "paid_on")`."""

    path: FactPath
    value: object


class Remove(NamedTuple):
    """Take a key out."""

    path: FactPath


class Append(NamedTuple):
    """Add a table to a list of tables."""

    path: FactPath
    table: Mapping[str, object]


Change = Set | Remove | Append


class ChangeNote(NamedTuple):
    """A sentence about what was recorded: `terminal.mark.KEY`."""

    key: str
    args: Mapping[str, object]


class Marked(NamedTuple):
    """What to write, and what it means."""

    changes: tuple[Change, ...]
    says: tuple[ChangeNote, ...]


class Fact(NamedTuple):
    """What was typed. `today` is the day in the plan's zone."""

    what: str
    today: date
    item: str | None = None
    on: date | None = None
    until: date | None = None
    amount: Decimal | None = None
    reference: str | None = None
    by: date | None = None
    how: str | None = None
    number: str | None = None

    @property
    def day(self) -> date:
        """The day on which it happened: today unless another was given."""
        return self.on or self.today


def mark(plan: Plan, fact: Fact) -> Marked:
    """Return what a fact changes. Raises UsageError if it cannot be recorded as typed, or if nothing would change."""
    kind = _KINDS[fact.what]
    if kind.leaving and plan.cancel is None:
        raise UsageError("terminal.mark.not-leaving", plan=plan.id, what=fact.what)
    for option in ("item", "on", "until", "amount", "reference", "by", "how", "number"):
        if getattr(fact, option) is not None and option not in kind.takes:
            name = "ITEM" if option == "item" else f"--{option}"
            raise UsageError("terminal.mark.not-with", option=name, what=fact.what)
    marked = kind.record(plan, fact)
    if fact.on is not None and fact.on > fact.today + DAY:  # recorded, but pointed out
        marked = Marked(marked.changes, (*marked.says, ChangeNote("ahead", {"day": fact.on})))
    if not any(_changes(plan, change) for change in marked.changes):
        raise UsageError("terminal.mark.nothing-changes", plan=plan.id, what=fact.what)
    return marked


def rolls_on(plan: Plan) -> bool:
    """Whether a plan's dates go on by themselves: it is charged, but not to its balance, and no charge failed."""
    return plan.autopay and plan.pay_with != "balance" and cycles.failed_cycle(plan) is None


def _renewed(plan: Plan, fact: Fact) -> Marked:
    settled: list[Change] = [Remove(("failed_on",))] if plan.failed_on is not None else []
    if rolls_on(plan):
        if fact.until is not None:
            raise UsageError("terminal.mark.autopay-until", plan=plan.id)
        return Marked((*settled, _receipt(fact, fact.day)), (ChangeNote("receipt-only", {"day": fact.day}),))
    if plan.renews is None and fact.until is None:
        raise UsageError("terminal.mark.no-renews", plan=plan.id)
    paid = cycles.paid(plan, today=fact.today, on=fact.on, amount=fact.amount)
    paid_on = paid.on if paid else fact.day
    if fact.until is not None:
        if plan.every is not None and fact.until < nth(fact.today, plan.every, -1):
            raise UsageError("terminal.mark.until-over", day=fact.until, plan=plan.id)
        renews, day = fact.until, plan.day if _fits(plan.day, fact.until) else None
    elif paid is not None:
        renews, day = paid.renews, paid.day
    else:
        raise UsageError("terminal.mark.needs-until", plan=plan.id)
    changes: list[Change] = [Set(("renews",), renews), *_day(plan, day), *settled]
    says = [_moved(plan, fact, paid_on, renews)]
    if paid is not None and paid.assumed and fact.until is None:
        says.append(ChangeNote("assumed", {"day": paid_on}))
    if cycles.is_far_ahead(plan, renews, fact.today):
        says.append(ChangeNote("far-ahead" if fact.until is None else "far-ahead-until", {"day": renews}))
    if renews < fact.today:
        says.append(ChangeNote("over", {"day": renews}))
    return Marked((*changes, _receipt(fact, paid_on)), tuple(says))


def _moved(plan: Plan, fact: Fact, paid_on: date, renews: date) -> ChangeNote:
    args = {"old": plan.renews, "new": renews, "paid": paid_on}
    if plan.renews is None or fact.until is not None:
        return ChangeNote("renews-until", args)
    unpaid = cycles.unpaid_from(plan)
    due = cycles.renewal(plan, unpaid or 0)
    if paid_on <= due:
        return ChangeNote("renews-in-time", args)
    return ChangeNote(f"renews-late-{plan.late}", args)


def _day(plan: Plan, day: int | None) -> list[Change]:
    if day == plan.day:
        return []
    return [Set(("day",), day) if day is not None else Remove(("day",))]


def _fits(day: int | None, written: date) -> bool:
    return day is not None and add_months(written, 0, day) == written


def _receipt(fact: Fact, on: date) -> Append:
    table: dict[str, object] = {"on": on}
    if fact.amount is not None:
        table["amount"] = fact.amount
    if fact.reference is not None:
        table["reference"] = fact.reference
    return Append(("receipt",), table)


def _failed(plan: Plan, fact: Fact) -> Marked:
    if not plan.autopay and plan.pay_with != "balance":
        raise UsageError("terminal.mark.not-autopay", plan=plan.id)
    if plan.renews is not None and fact.day < cycles.charge(plan, 0):
        raise UsageError("terminal.mark.paid-before", plan=plan.id, renews=plan.renews, day=fact.day)
    return Marked((Set(("failed_on",), fact.day),), (ChangeNote("failed", {"day": fact.day}),))


def _balance(plan: Plan, fact: Fact) -> Marked:
    if fact.amount is None:
        raise UsageError("terminal.mark.needs-amount", what=fact.what)
    changes: list[Change] = []
    says = [ChangeNote("balance", {"money": plan.money(fact.amount), "day": fact.day})]
    rolled = _rolled(plan, fact.day)
    if rolled is not None and plan.renews is not None:
        anchor = plan.day or plan.renews.day
        by_month = plan.every is not None and plan.every.unit in ("months", "years")
        changes += [Set(("renews",), rolled), *_day(plan, anchor if by_month and rolled.day != anchor else plan.day)]
        says.append(ChangeNote("rolled", {"old": plan.renews, "new": rolled}))
    changes += [Set(("balance", "amount"), fact.amount), Set(("balance", "on"), fact.day)]
    return Marked(tuple(changes), tuple(says))


def _rolled(plan: Plan, on: date) -> date | None:
    """Return `renews` after the charges up to `on` that the balance covered; None if it has not moved."""
    if plan.pay_with != "balance" or plan.balance is None or plan.renews is None or plan.every is None:
        return None
    unpaid = cycles.unpaid_from(plan)
    n = 0
    while (unpaid is None or n < unpaid) and cycles.charge(plan, n) <= on:
        n += 1
    return cycles.renewal(plan, n) if n > 0 else None


def _kept_alive(plan: Plan, fact: Fact) -> Marked:
    if plan.keep_alive is None:
        raise UsageError("terminal.mark.no-keep-alive", plan=plan.id)
    due = nth(fact.day, plan.keep_alive.every, 1)
    return Marked((Set(("keep_alive", "last"), fact.day),), (ChangeNote("kept-alive", {"day": fact.day, "next": due}),))


def _used(plan: Plan, fact: Fact) -> Marked:
    if plan.data is None:
        raise UsageError("terminal.mark.no-data", plan=plan.id)
    if fact.item is None:
        raise UsageError("terminal.mark.needs-size", plan=plan.id)
    changes = (Set(("data", "used"), fact.item), Set(("data", "on"), fact.day))
    return Marked(changes, (ChangeNote("used", {"used": fact.item, "limit": plan.data.limit_text, "day": fact.day}),))


def _snoozed(_plan: Plan, fact: Fact) -> Marked:
    if fact.until is None:
        raise UsageError("terminal.mark.needs-date", what=fact.what)
    if fact.until <= fact.today:
        raise UsageError("terminal.mark.snooze-over", day=fact.until)
    return Marked((Set(("snooze",), fact.until),), (ChangeNote("snoozed", {"day": fact.until}),))


def _paid(plan: Plan, fact: Fact) -> Marked:
    final = plan.cancel.final_bill if plan.cancel else None
    names = [bill.what for bill in plan.bills]
    settled = [bill.paid_on for bill in plan.bills]
    if final is not None:
        names.append("final")
        settled.append(final.paid_on)
    place = choose(fact.item, names, settled, plan=plan.id, what=fact.what)
    path: FactPath = ("bill", place) if place < len(plan.bills) else ("cancel", "final_bill")
    changes: list[Change] = [Set((*path, "paid_on"), fact.day)]
    if fact.amount is not None:
        changes.append(Set((*path, "amount"), fact.amount))
    if path[0] == "cancel":
        return Marked(tuple(changes), (ChangeNote("final-paid", {"day": fact.day}),))
    return Marked(tuple(changes), (ChangeNote("paid", {"item": names[place], "day": fact.day}),))


def _item(table: str, name: str, key: str, *, again: bool = False) -> Callable[[Plan, Fact], Marked]:
    """Return how the day of one item of a list is recorded: a binding moved, a backup done, a document kept.

    With `again`, it may be done repeatedly: a single item is meant even if it has a day already.
    """

    def record(plan: Plan, fact: Fact) -> Marked:
        items = getattr(plan, f"{table}s")
        names, settled = [getattr(item, name) for item in items], [getattr(item, key) for item in items]
        only = again and fact.item is None and len(names) == 1
        place = 0 if only else choose(fact.item, names, settled, plan=plan.id, what=fact.what)
        said = ChangeNote(fact.what, {"item": names[place], "day": fact.day})
        return Marked((Set((table, place, key), fact.day),), (said,))

    return record


def _unlocked(_plan: Plan, fact: Fact) -> Marked:
    return Marked((Set(("device", "unlocked_on"), fact.day),), (ChangeNote("unlocked", {"day": fact.day}),))


def _wants_to_leave(plan: Plan, fact: Fact) -> Marked:
    if fact.how == "lapse" and is_postpaid(plan):
        raise UsageError("terminal.mark.lapse-postpaid", plan=plan.id)
    if fact.number == "port" and not plan.is_line:
        raise UsageError("terminal.mark.no-number", plan=plan.id)
    wanted = {"by": fact.by, "how": fact.how or (None if plan.cancel else "cancel"), "number": fact.number}
    changes: list[Change] = [Set(("cancel", key), value) for key, value in wanted.items() if value is not None]
    if fact.number == "move" and fact.how is None and cancel_of(plan).how == "lapse":
        changes.append(Set(("cancel", "how"), "cancel"))  # what stays is not let run out
    number = fact.number or cancel_of(plan).number or "undecided"
    if not plan.is_line:
        number = f"other-{number}"
    return Marked(tuple(changes), (ChangeNote(f"leaving-{number}", {"plan": plan.id}),))


def _stays(_plan: Plan, _fact: Fact) -> Marked:
    return Marked((Remove(("cancel",)),), (ChangeNote("staying", {}),))


def _checked(plan: Plan, fact: Fact) -> Marked:
    if fact.item not in CHECKED:
        raise UsageError("terminal.mark.checked-what", plan=plan.id, known=list(CHECKED))
    checked = tuple(one for one in CHECKED if one == fact.item or one in cancel_of(plan).checked)
    return Marked((Set(("cancel", "checked"), checked),), (ChangeNote(f"checked-{fact.item}", {}),))


def _step(key: str) -> Callable[[Plan, Fact], Marked]:
    """Return how a step of leaving is recorded: its day in `[plan.ID.cancel]`."""

    def record(plan: Plan, fact: Fact) -> Marked:
        changes: list[Change] = [Set(("cancel", key), fact.day)]
        if fact.reference is not None:
            changes.append(Set(("cancel", "reference"), fact.reference))
        asks = key in ("requested_on", "confirmed_on")
        said = f"{fact.what}-{cancel_of(plan).number or 'undecided'}" if asks else fact.what
        return Marked(tuple(changes), (ChangeNote(said, {"day": fact.day, "plan": plan.id}),))

    return record


def _final_bill(plan: Plan, fact: Fact) -> Marked:
    if fact.amount is None:
        raise UsageError("terminal.mark.needs-amount", what=fact.what)
    changes: list[Change] = [Set(("cancel", "final_bill", "amount"), fact.amount)]
    if fact.until is None:
        return Marked(tuple(changes), (ChangeNote("final-bill", {"money": plan.money(fact.amount)}),))
    changes.append(Set(("cancel", "final_bill", "due"), fact.until))
    return Marked(
        tuple(changes), (ChangeNote("final-bill-due", {"money": plan.money(fact.amount), "day": fact.until}),)
    )


def _refunded(_plan: Plan, fact: Fact) -> Marked:
    changes: list[Change] = []
    if fact.amount is not None:
        changes.append(Set(("cancel", "refund", "amount"), fact.amount))
    if fact.until is not None:  # it has not come yet, but a day was named
        changes.append(Set(("cancel", "refund", "expected"), fact.until))
        return Marked(tuple(changes), (ChangeNote("refund-expected", {"day": fact.until}),))
    changes.append(Set(("cancel", "refund", "received_on"), fact.day))
    return Marked(tuple(changes), (ChangeNote("refunded", {"day": fact.day}),))


def _changes(plan: Plan, change: Change) -> bool:
    """Whether a change makes a difference to the plan as it was read."""
    if isinstance(change, Append):
        return True
    found: object = plan
    for part in change.path:
        if isinstance(found, tuple) and isinstance(part, int):
            found = found[part]
        else:
            found = getattr(found, _ATTRIBUTES.get(str(part), str(part)), None)
    return isinstance(change, Remove) or found != change.value


_ATTRIBUTES = {"bill": "bills", "backup": "backups", "binding": "bindings", "document": "documents"}


class _Kind(NamedTuple):
    record: Callable[[Plan, Fact], Marked]
    takes: frozenset[str]
    leaving: bool = False  # only of a plan that somebody wants to leave


_ON = frozenset({"on"})
_ITEM = frozenset({"on", "item"})
_KINDS: Mapping[str, _Kind] = {
    "renewed": _Kind(_renewed, frozenset({"on", "until", "amount", "reference"})),
    "failed": _Kind(_failed, _ON),
    "paid": _Kind(_paid, frozenset({"on", "item", "amount"})),
    "balance": _Kind(_balance, frozenset({"on", "amount"})),
    "kept-alive": _Kind(_kept_alive, _ON),
    "used": _Kind(_used, _ITEM),
    "snoozed": _Kind(_snoozed, frozenset({"until"})),
    "leaving": _Kind(_wants_to_leave, frozenset({"by", "how", "number"})),
    "staying": _Kind(_stays, frozenset(), leaving=True),
    "checked": _Kind(_checked, frozenset({"item"}), leaving=True),
    "moved": _Kind(_item("binding", "service", "moved_on"), _ITEM),
    "backed-up": _Kind(_item("backup", "what", "done_on", again=True), _ITEM),
    "kept": _Kind(_item("document", "what", "kept_on", again=True), _ITEM),
    "unlocked": _Kind(_unlocked, _ON),
    "lock-off": _Kind(_step("lock_off_on"), _ON, leaving=True),
    "pin": _Kind(_step("pin_on"), _ON, leaving=True),
    "requested": _Kind(_step("requested_on"), frozenset({"on", "reference"}), leaving=True),
    "confirmed": _Kind(_step("confirmed_on"), frozenset({"on", "reference"}), leaving=True),
    "final-bill": _Kind(_final_bill, frozenset({"amount", "until"}), leaving=True),
    "refunded": _Kind(_refunded, frozenset({"on", "until", "amount"}), leaving=True),
}
FACTS = tuple(_KINDS)  # what can be recorded, in the order of the help
