"""`final-bill`: a carrier that bills afterwards has not sent its last bill; unpaid, it goes to a collector."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import cancel_of, has_left, is_postpaid
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, leads_of
from renewd.reminders.leave import told

_LEADS = (-30, -60, -90)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    cancel = cancel_of(plan)
    final = cancel.final_bill
    known = final is not None and (final.amount is not None or final.paid_on is not None)
    if cancel.confirmed_on is not None and has_left(plan) and is_postpaid(plan) and not known:
        leads = leads_of(plan, "final-bill", _LEADS)
        yield Subject("final-bill", plan, "", cancel.confirmed_on, leads, None, told(plan, view))


def _facts(_reminder: Reminder, context: FactsContext) -> dict[str, object]:
    return {"good": context.today, "amount": None}


KIND = Kind(
    name="final-bill",
    leads=_LEADS,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "A last bill that has not come", "zh-CN": "最后一张账单还没来"},
    after_leaving=True,
    dials=True,
)
