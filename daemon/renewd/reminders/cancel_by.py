"""`cancel-by`: the last day on which canceling still avoids a charge, of a plan that somebody wants to leave."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cancellation import cancel_of, is_taken, lines_beside, missed, way_out
from renewd.domain.charging import may_fail
from renewd.domain.cycles import charge, length
from renewd.domain.plans import Plan
from renewd.reminders.kind import EVERY, DayRange, FactsContext, Kind, Reminder, Subject, leads_of
from renewd.reminders.leave import is_asked, named_day, safe_days, todo, told, turns_off

_LEADS = (30, 14, 7, 3, 1, 0)
_AFTER_BY = (7, 1, 0)  # of charges after the day by which one wanted to be out


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    if plan.cancel is None or is_asked(plan) or not turns_off(plan):
        return
    by, runs_out = cancel_of(plan).by, way_out(plan) == "lapse"
    for n, day in safe_days(plan, view, _LEADS[0]):
        if runs_out and not is_taken(plan, n):
            return  # the balance does not cover it: nothing is charged, and it runs out by itself
        default = _AFTER_BY if by is not None and day > by else _LEADS
        leads = leads_of(plan, "cancel-by", default, length(plan, n))
        yield Subject("cancel-by", plan, "", day, leads, day, told(plan, view), n)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    plan = reminder.plan
    good = max(named_day(reminder.subject, context.today), context.today)
    beside = tuple(context.household.label(other) for other in lines_beside(plan, context.household))
    return {
        "good": good,
        "days": (good - context.today).days,
        "todo": todo(plan, context),
        "beside": beside,
        "missed": tuple(missed(plan, context.today)),
        "fails": may_fail(plan, context.household, charge(plan, reminder.cycle)),
    }


KIND = Kind(
    name="cancel-by",
    leads=_LEADS,
    urgent=EVERY,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "The last day to cancel before the next charge", "zh-CN": "下次扣款前最晚取消的那天"},
    urgency=3,
    priced=True,
    dials=True,
    says=("charge", "renewal"),
    shown_as=("cancel-by",),
    good_on_the_day=True,
)
