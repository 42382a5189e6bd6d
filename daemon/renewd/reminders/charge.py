"""`charge`: an automatic charge is coming; a week ahead only if it may fail or differs from the last one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from renewd.domain.cancellation import left_by
from renewd.domain.charging import may_fail
from renewd.domain.cycles import charge as charge_day
from renewd.domain.cycles import charges, length, price_on
from renewd.domain.dates import DAY
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, days, leads_of
from renewd.reminders.leave import todo

_LEADS = (7, 1)


def differs(plan: Plan, n: int, on: date) -> bool:
    """Whether cycle n's charge is another sum than the one before it."""
    if plan.promo is None or plan.every is None:
        return False
    return price_on(plan, on) != price_on(plan, charge_day(plan, n - 1))


def _last_taken(plan: Plan, n: int) -> Decimal | None:
    """Return what a receipt says of the charge before cycle n's; None without such a receipt."""
    if plan.every is None:
        return None
    since, until = charge_day(plan, n - 1), charge_day(plan, n)
    found = [one for one in plan.receipts if one.amount is not None and since <= one.on < until]
    return max(found, key=lambda one: one.on).amount if found else None


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    own = plan.leads.get("charge")
    for n, on in charges(plan, view.first):
        if on > view.last + days(own[0] if own else _LEADS[0]):
            return
        if price_on(plan, on) == 0:
            continue
        default = _LEADS if may_fail(plan, view.household, on) or differs(plan, n, on) else _LEADS[1:]
        leads = leads_of(plan, "charge", default, length(plan, n))
        yield Subject("charge", plan, "", on, leads, on, plan.told, n)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    plan, n, on = reminder.plan, reminder.cycle, reminder.subject.date
    leaves = left_by(plan, n, context.today)
    changes = plan.cancel is not None and plan.cancel.number == "move"
    found: dict[str, object] = {"tone": "amber" if leaves or changes else "green", "changes": changes}
    if leaves == "cancel":
        found["todo"] = todo(plan, context)
    if fails := may_fail(plan, context.household, on):
        found |= {"tone": "amber", "fails": fails, "good": on - DAY}
    taken, price = _last_taken(plan, n), price_on(plan, on)
    if taken is not None and price is not None and taken != price:
        found |= {"tone": "amber", "previous": plan.money(taken)}
    elif taken is None and differs(plan, n, on):
        found |= {"tone": "amber", "previous": plan.money(price_on(plan, charge_day(plan, n - 1)))}
    return found


KIND = Kind(
    name="charge",
    leads=_LEADS,
    urgent=(0, 1),
    of_plan=_subjects,
    facts=_facts,
    label={"en": "An automatic charge that is coming", "zh-CN": "快要自动扣款"},
    asks_for_money=True,
    priced=True,
    by_account=True,
    shown_as=("charge",),
)
