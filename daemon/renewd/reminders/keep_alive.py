"""`keep-alive`: the carrier wants to see the line used, or the number is taken."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import lapses
from renewd.domain.dates import DAY, nth
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, ahead_only, days, leads_of, weekly

_LEADS = (30, 14, 7, 3, 1, 0, -1, -3, -7)
_LAPSE = (7, 1)  # of a line that is let run out


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    rule = plan.keep_alive
    if rule is None:
        return
    due = rule.due
    leads = weekly(leads_of(plan, "keep-alive", _LEADS, (due - rule.last).days))
    if lapses(plan):
        yield Subject("keep-alive", plan, "", due, _LAPSE if leads else (), due, plan.told, rule)
        return
    if not view.ahead or due < view.first:
        yield Subject("keep-alive", plan, "", due, leads, None, plan.told, rule)
        return
    n, leads = 1, ahead_only(leads)
    while leads and due <= view.last + days(leads[0]):
        yield Subject("keep-alive", plan, "", due, leads, None, plan.told, rule)
        n += 1
        due = nth(rule.last, rule.every, n)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    day, rule = reminder.subject.date, reminder.plan.keep_alive
    left = (day - context.today).days
    return {
        "good": max(day - DAY, context.today) if left >= 0 else None,
        "tone": "red" if left <= 7 else "amber",
        "last": rule.last if rule else None,
    }


KIND = Kind(
    name="keep-alive",
    leads=_LEADS,
    urgent=(-1000, 1),
    of_plan=_subjects,
    facts=_facts,
    label={"en": "The use that keeps a number", "zh-CN": "该用一次来保号"},
    urgency=4,
    vital=True,
    tap="kept-alive",
    shown_as=("keep-alive",),
)
