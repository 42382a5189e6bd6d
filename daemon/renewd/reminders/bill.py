"""`bill`: something owed beside the cycle's price, until it is marked as paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from renewd.domain.findings import item_id
from renewd.domain.plans import Bill, FinalBill, Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, ahead_only, leads_of
from renewd.reminders.leave import told

_LEADS = (7, 3, 1, 0, -1, -3, -7, -14, -30)
_THEN_EVERY = 30


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    for bill in plan.bills:
        if bill.due is not None and bill.is_open:
            yield _subject(plan, view, item_id(bill.what), bill.due, bill)
    final = plan.cancel.final_bill if plan.cancel else None
    if final is not None and final.due is not None and final.is_open:
        yield _subject(plan, view, "final", final.due, final)._replace(told=told(plan, view))


def _subject(plan: Plan, view: DayRange, item: str, due: date, about: Bill | FinalBill) -> Subject:
    leads = leads_of(plan, "bill", _LEADS)
    if view.ahead and due >= view.first:
        leads = ahead_only(leads)
    elif leads:
        late = (view.last - due).days
        leads += tuple(range(min(leads[-1], 0) - _THEN_EVERY, -late - 1, -_THEN_EVERY))
    return Subject("bill", plan, item, due, leads, None, plan.told, about)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    bill, day = reminder.subject.about, reminder.subject.date
    assert isinstance(bill, Bill | FinalBill)
    return {
        "good": max(day, context.today),
        "bill": bill,
        "amount": reminder.plan.money(bill.amount),
        "tone": "red" if day < context.today else "amber",
    }


KIND = Kind(
    name="bill",
    leads=_LEADS,
    urgent=(-1000, 1),
    of_plan=_subjects,
    facts=_facts,
    pays=True,
    label={"en": "A bill’s due day", "zh-CN": "账单到期日"},
    urgency=8,
    after_leaving=True,
    tap="paid",
    shown_as=("bill",),
    good_on_the_day=True,
)
