"""`refund`: money that the carrier owes has not come."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import cancel_of
from renewd.domain.plans import Plan, Refund
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, ahead_only, leads_of
from renewd.reminders.leave import told

_LEADS = (0, -7, -30)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    refund = cancel_of(plan).refund
    if refund is None or refund.expected is None or not refund.is_open:
        return
    leads = leads_of(plan, "refund", _LEADS)
    if view.ahead and refund.expected >= view.first:
        leads = ahead_only(leads)
    yield Subject("refund", plan, "", refund.expected, leads, None, told(plan, view), refund)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    refund = reminder.subject.about
    assert isinstance(refund, Refund)
    return {"good": max(reminder.subject.date, context.today), "amount": reminder.plan.money(refund.amount)}


KIND = Kind(
    name="refund",
    leads=_LEADS,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "A refund that has not come", "zh-CN": "退款还没到"},
    after_leaving=True,
    dials=True,
)
