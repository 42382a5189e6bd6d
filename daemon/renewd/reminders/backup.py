"""`backup`: a backup is no longer fresh. One that nobody could look at is unknown, and says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from renewd.dates import nth
from renewd.plans import Backup, Plan
from renewd.reminders.kind import Findings, Kind, Subject, View, ahead_only, days, item_id, leads_of

_LEADS = (0, -7, -14)


def last_made(plan: Plan, backup: Backup, findings: Findings) -> date | None:
    """Give the day of the last backup: the newest file's or the user's word, whichever is later."""
    known = [day for day in (backup.done_on, findings.newest.get((plan.id, backup.what))) if day is not None]
    return max(known, default=None)


def _subjects(plan: Plan, view: View) -> Iterator[Subject]:
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


KIND = Kind("backup", _LEADS, of_plan=_subjects)
