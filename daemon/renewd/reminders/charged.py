"""`charged`: the day after an automatic charge, the question whether it went through."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.cycles import charge as charge_day
from renewd.domain.cycles import charges, goes_on, price_on
from renewd.domain.dates import DAY
from renewd.domain.plans import Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, days, leads_of

_LEADS = (-1,)
_WORTH_DAYS = 14


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    leads = leads_of(plan, "charged", _LEADS)
    for n, on in charges(plan, view.first - days(_WORTH_DAYS)):
        if on > view.last:
            return
        until = on + days(_WORTH_DAYS)
        if goes_on(plan, n):
            until = min(until, charge_day(plan, n + 1) - DAY)
        if price_on(plan, on) == 0 or any(on <= receipt.on <= until for receipt in plan.receipts):
            continue  # nothing is taken, or somebody has looked already
        yield Subject("charged", plan, "", on, leads, until, plan.told, n)


def _facts(_reminder: Reminder, _context: FactsContext) -> dict[str, object]:
    return {"tone": "grey"}


KIND = Kind(
    name="charged",
    leads=_LEADS,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "Whether the charge went through", "zh-CN": "扣款成功了没有"},
    priced=True,
    by_account=True,
    tap="failed",
)
