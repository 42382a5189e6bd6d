"""A second model of what a reminder says (docs/rules.md#facts): its last good day, whether a loss is certain, stop or due day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from model.dates_model import PlanModel, model_of
from model.reminders_model import safe_days
from renewd.domain.plans import Plan

DAY = timedelta(days=1)


class Said(NamedTuple):
    """What is said beside the key; `good` is the last day on which acting helps, None where there is none or no act."""

    good: date | None
    is_certain: bool | None  # of a loss, whether a figure is known that can be trusted; None where no loss is known
    is_due: bool  # whether it is due on its day, and does not stop
    leaves: str


def what_is_said(plan: Plan, kind: str, day: date, today: date) -> Said:
    """Return what a reminder of a kind and date says on a day; `kind` is one of those that the model knows."""
    model, cancel = model_of(plan), plan.cancel
    unpaid = model.unpaid()
    lost = model.loss(unpaid) if unpaid is not None else None
    good: date | None = None
    if kind == "renewal":
        good = max(day if _is_due(plan) else day - DAY, today)
    elif kind == "overdue":
        good = today if lost is None else max(lost[0] - DAY, today) if lost[0] > today else None
    elif kind == "lost" and day >= today:
        assert lost is not None
        good = max(day - DAY if lost[1] else day - 2 * DAY, today)
    elif kind == "pin":
        good = day
    elif kind in ("cancel-by", "binding") and cancel is not None:
        open_ = day >= today and not (kind == "binding" and _stops(model, today))
        good = max(min([day, *_ends(model, today)]), today) if open_ else today
    return Said(
        good,
        _is_certain(model, unpaid),
        _is_due(plan),
        _leaves(model, kind, day, today),
    )


def _is_due(plan: Plan) -> bool:
    return plan.carrier is not None and plan.carrier.kind == "postpaid"


def _ends(model: PlanModel, today: date) -> list[date]:
    """Return the days on which a chance to leave ends: the last safe day, the transfer PIN's last day, `by`."""
    plan = model.plan
    assert plan.cancel is not None
    days = [one for _, one in safe_days(model, today)[:1]]
    life = plan.carrier.pin_days if plan.carrier else None
    if plan.cancel.pin_on is not None and life is not None and plan.cancel.number in (None, "port"):
        days.append(plan.cancel.pin_on + (max(life, 1) - 1) * DAY)
    if plan.cancel.by is not None:
        days.append(plan.cancel.by)
    return [one for one in days if one >= today]


def _is_certain(model: PlanModel, unpaid: int | None) -> bool | None:
    plan = model.plan
    if unpaid is None or model.loss(unpaid) is None:
        return None
    if plan.grace is not None:
        return True
    return plan.carrier is not None and plan.carrier.grace is not None and plan.carrier.grace_confidence != "low"


def _stops(model: PlanModel, today: date) -> bool:
    """Whether a line that is being left stops today. One that has stopped may have been renewed, and keeps its next day."""
    n = model.unpaid()
    if n is None or _is_due(model.plan) or not model.plan.is_line or model.renewal(n) != today:
        return False
    return _leaves(model, "overdue", model.renewal(n), today) == "cancel"


def _leaves(model: PlanModel, kind: str, day: date, today: date) -> str:
    """Return why a cycle is not to be paid: the line is left before it, it was asked to end, or it runs out."""
    plan = model.plan
    cancel = plan.cancel
    if cancel is None or cancel.number == "move" or kind not in ("renewal", "overdue"):
        return ""
    if cancel.requested_on is not None or cancel.confirmed_on is not None:
        return "asked"
    if cancel.how == "lapse":
        return "cancel" if cancel.number == "port" else "lapse"
    if plan.every is None or cancel.by is None:
        return "cancel"
    n = next(n for n in model.numbers(day + 400 * DAY) if model.renewal(n) == day)
    chances = [model.last_day_to_cancel(later) for later in model.numbers(cancel.by + 400 * DAY) if later > n]
    return "" if any(today <= chance <= cancel.by for chance in chances) else "cancel"
