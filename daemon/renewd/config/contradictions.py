"""Facts of a plan that cannot all be true: probably one has a wrong year or day. They are warnings only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from renewd.config.locate import KeyPath
from renewd.config.plan_schema import Each, Key, Sub, Table
from renewd.config.table_reader import Mistakes
from renewd.config.value_types import Amount
from renewd.domain.cancellation import pin_until
from renewd.domain.cycles import failed_cycle
from renewd.domain.dates import DAY
from renewd.domain.money import Money, rounded
from renewd.domain.plans import Bill, FinalBill, Plan

_LONG_BEFORE = timedelta(days=365)  # nobody pays a bill so much ahead of its day


def warn_of_contradictions(path: KeyPath, plan: Plan, today: date, report: Mistakes) -> None:
    """Add a warning for each, at the later of the two facts."""
    for n, backup in enumerate(plan.backups):
        if backup.done_on is not None and backup.done_on > today + DAY:  # somewhere it is tomorrow
            report.warn((*path, "backup", n, "done_on"), "check.not-happened", day=backup.done_on)
    for n, bill in enumerate(plan.bills):
        _warn_of_payment((*path, "bill", n), bill, report)
    if plan.failed_on is not None and plan.renews is not None and failed_cycle(plan) is None:
        report.warn((*path, "failed_on"), "check.failed-settled", renews=plan.renews)
    cancel = plan.cancel
    if cancel is None:
        return
    if cancel.how == "lapse" and cancel.number == "move":
        report.warn((*path, "cancel", "number"), "check.lapse-move")
    if cancel.final_bill is not None:
        _warn_of_payment((*path, "cancel", "final_bill"), cancel.final_bill, report)
    if cancel.requested_on and cancel.confirmed_on and cancel.confirmed_on < cancel.requested_on:
        report.warn((*path, "cancel", "confirmed_on"), "check.confirmed-before", day=cancel.requested_on)
    until = pin_until(plan)
    if until is not None and until < today and cancel.requested_on is None and cancel.confirmed_on is None:
        report.warn((*path, "cancel", "pin_on"), "check.pin-over", day=until, plan=plan.id)


def _warn_of_payment(path: KeyPath, bill: Bill | FinalBill, report: Mistakes) -> None:
    if bill.due is not None and bill.paid_on is not None and bill.due - bill.paid_on > _LONG_BEFORE:
        report.warn((*path, "paid_on"), "check.paid-long-before", days=(bill.due - bill.paid_on).days, day=bill.due)


@cache
def _with_amounts(table: Table) -> Mapping[str, Key]:
    """Return the keys of a table that hold an amount, or a table with one."""
    return {
        name: key
        for name, key in table.keys.items()
        if isinstance(key.type, Amount) or (isinstance(key.type, Sub | Each) and _with_amounts(key.type.table))
    }


def warn_of_fine_amounts(table: Table, raw: object, path: KeyPath, currency: str, report: Mistakes) -> None:
    """Add a warning for each amount that is finer than its currency: what is shown would not add up to its sums."""
    if not isinstance(raw, dict):
        return
    for name, key in _with_amounts(table).items():
        value = raw.get(name)
        if value is None or type(value) is int:
            continue
        if isinstance(key.type, Amount):
            amount = key.type.read(value)
            if (shown := rounded(Money(amount, currency)).amount) != amount:
                report.warn((*path, name), "check.too-fine", currency=currency, amount=amount, shown=shown)
        elif isinstance(key.type, Sub):
            warn_of_fine_amounts(key.type.table, value, (*path, name), currency, report)
        elif isinstance(key.type, Each) and isinstance(value, list):
            for n, one in enumerate(value):
                warn_of_fine_amounts(key.type.table, one, (*path, name, n), currency, report)
