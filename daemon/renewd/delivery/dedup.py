"""Dedup, the second stage: leave out what the ledger holds as sent or claimed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from renewd.delivery.already_sent import not_sent
from renewd.delivery.schedule import Schedule, owner_of
from renewd.delivery.task import Task, split_key
from renewd.ledger import Ledger, Unknown
from renewd.reminders import Reminder

_LEAVING = ("claimed", "sending")


async def unsent_reminders(
    ledger: Ledger, reminders: Sequence[Reminder], now: datetime
) -> tuple[list[Reminder], set[str]]:
    """Return the reminders that are not sent, and the owners of those that another machine is about to send.

    These owners have to be asked again: the other machine may fail.
    """
    pairs = {(reminder.person, reminder.subject.stem) for reminder in reminders}
    claims = await asyncio.to_thread(ledger.claims, pairs) if pairs else {}
    sent = {pair: [(claim.lead, claim.at) for claim in found] for pair, found in claims.items()}
    leaving = {pair for pair, found in claims.items() if any(claim.state in _LEAVING for claim in found)}
    elsewhere = {owner_of(one) for one in reminders if leaving and (one.person, one.subject.stem) in leaving}
    return not_sent(reminders, sent, now), elsewhere


async def unsent_extra(ledger: Ledger, extra: Sequence[Task]) -> list[Task]:
    """Return the mails beside reminders, without the reports and mistakes that were sent."""
    pairs = {(task.person.id, split_key(key)[0]) for task in extra for key in task.other_keys}
    sent = await asyncio.to_thread(ledger.claims, pairs) if pairs else {}

    def is_new(task: Task, key: str | None) -> bool:
        return key is not None and (task.person.id, split_key(key)[0]) not in sent

    unsent = [
        replace(task, reports=tuple(report for report in task.reports if is_new(task, report.key))) for task in extra
    ]
    return [task for task in unsent if task.reports or is_new(task, task.problem_key)]


async def unclaimed_tasks(ledger: Ledger, tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks of which nothing was claimed meanwhile, by this or another machine."""
    keys = [[(task.person.id, *split_key(key)) for key in task.keys] for task in tasks]
    claims = await asyncio.to_thread(ledger.claims, {key[:2] for found in keys for key in found})
    claimed = {(*pair, claim.lead) for pair, found in claims.items() for claim in found}
    return [task for task, found in zip(tasks, keys, strict=True) if claimed.isdisjoint(found)]


async def due_repeats(ledger: Ledger, schedule: Schedule, now: datetime) -> list[Unknown]:
    """Return the mails of unknown outcome that are to be sent again. Those that are no longer true are given up."""
    repeats = []
    for mail in await asyncio.to_thread(ledger.unknown, now):
        if _is_still_true(mail, schedule, now):
            repeats.append(mail)
        else:
            await asyncio.to_thread(ledger.give_up, mail.mail, "replaced", now)
    return repeats


def _is_still_true(mail: Unknown, schedule: Schedule, now: datetime) -> bool:
    """Whether at least one reminder in a mail is still due: neither settled nor replaced by a smaller lead."""
    keys = {reminded.key for reminded in mail.reminders}
    owners = {reminded.plan or f"@{mail.person}" for reminded in mail.reminders}
    due = [schedule.due_of(owner, now) for owner in owners]
    reminders = (reminder for found in due if found is not None for reminder in found.reminders)
    return any(reminder.person == mail.person and reminder.key in keys for reminder in reminders)
