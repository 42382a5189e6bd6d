"""`renewal`: service stops unless somebody pays; also the next cycle's, while this one is overdue."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import falls_due, lapses, left_by, pay_by
from renewd.domain.cycles import first_from, goes_on, has_ended, is_long, is_paid_off, renewal, unpaid_from
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, days, leads_of, shorter_than
from renewd.reminders.leave import lets_go, todo

_LEADS = (7, 3, 1, 0)
_LONG = (14, *_LEADS)  # where a cycle is longer than 31 days
_IF_RENEWED = (3, 1)  # of a later cycle, while an earlier one is not marked as paid
_LAPSE = (7, 1)  # of a line that is let run out: the last chance to port it while it works


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    least = unpaid_from(plan)
    if least is None:
        return
    runs_out = lapses(plan)
    leads = leads_of(plan, "renewal", _LONG if is_long(plan) else _LEADS)
    if runs_out and leads:
        leads = _LAPSE
    n = first_from(plan, view.first, least)
    if not leads or n is None or (runs_out and n > least):
        return
    horizon = view.last + days(leads[0])
    before = renewal(plan, n - 1) if plan.every else None
    unmarked = not view.ahead or renewal(plan, least) < view.first  # ahead, what is open then counts as paid in time
    while (on := renewal(plan, n)) <= horizon and not is_paid_off(plan, n):
        said = leads_of(plan, "renewal", _IF_RENEWED) if n > least and unmarked else leads
        fit = shorter_than((on - before).days if before else None, said)
        yield Subject("renewal", plan, "", on, fit, on, plan.told, n)
        if runs_out or not goes_on(plan, n) or (not unmarked and left_by(plan, n, view.first)):
            return
        n, before = n + 1, on


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    leaves = left_by(reminder.plan, reminder.cycle, context.today)
    needs_nothing = leaves in ("asked", "lapse") and lets_go(reminder.plan) and not falls_due(reminder.plan)
    return {
        "todo": todo(reminder.plan, context) if leaves == "cancel" else (),
        "good": max(pay_by(reminder.plan, reminder.subject.date), context.today),
        "tone": "grey" if needs_nothing else "amber",
        "is_last": has_ended(reminder.plan, reminder.cycle),
    }


KIND = Kind(
    name="renewal",
    leads=_LEADS,
    urgent=(0, 1),
    of_plan=_subjects,
    facts=_facts,
    label={
        "en": "The day a plan has to be renewed; 14 days ahead too where the cycle is longer than 31 days",
        "zh-CN": "续费日；周期超过 31 天，提前 14 天也来",
    },
    urgency=5,
    settled_by_payment=True,
    asks_for_money=True,
    pays=True,
    priced=True,
    tap="renewed",
    says=("balance",),
    shown_as=("renewal",),
)
