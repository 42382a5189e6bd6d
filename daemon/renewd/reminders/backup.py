"""`backup`: a backup is no longer fresh. One whose files cannot be read is unknown, and brings no reminder."""

from __future__ import annotations

from collections.abc import Iterator

from renewd.domain.dates import nth
from renewd.domain.findings import item_id, last_made
from renewd.domain.plans import Backup, Plan
from renewd.reminders.kind import DayRange, FactsContext, Kind, Reminder, Subject, ahead_only, days, leads_of

_LEADS = (0, -7, -14)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    for backup in plan.backups:
        made = last_made(plan, backup, view.findings)
        if made is None:
            continue
        leads = leads_of(plan, "backup", _LEADS)
        stale = nth(made, backup.fresh, 1)
        if not view.ahead or stale < view.first:
            yield Subject("backup", plan, item_id(backup.what), stale, leads, None, plan.told, backup)
            continue
        n, leads = 1, ahead_only(leads)
        while leads and stale <= view.last + days(leads[0]):
            yield Subject("backup", plan, item_id(backup.what), stale, leads, None, plan.told, backup)
            n += 1
            stale = nth(made, backup.fresh, n)


def _facts(reminder: Reminder, context: FactsContext) -> dict[str, object]:
    backup = reminder.subject.about
    assert isinstance(backup, Backup)
    return {"tone": "grey", "backup": backup, "made": last_made(reminder.plan, backup, context.findings)}


KIND = Kind(
    name="backup",
    leads=_LEADS,
    of_plan=_subjects,
    facts=_facts,
    label={"en": "A backup that goes out of date", "zh-CN": "备份快过期"},
    tap="backed-up",
    counted=False,
)
