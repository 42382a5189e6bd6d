"""Dedup, the second stage: leave out what the ledger holds as sent or claimed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from renewd.delivery.already_sent import not_sent
from renewd.delivery.outbox import Outbox
from renewd.delivery.schedule import Schedule, owner_of
from renewd.delivery.task import Task, split_key
from renewd.ledger import Claim, Ledger, Pair, Reminded, Unknown
from renewd.ledger.executor import in_ledger_thread
from renewd.reminders import Reminder

_UNCERTAIN = ("claimed", "sending", "unknown")


async def unsent_reminders(
    outbox: Outbox, reminders: Sequence[Reminder], now: datetime
) -> tuple[list[Reminder], set[str]]:
    """Return the reminders that are not sent, and the owners of those that another machine sends or that may be lost.

    These owners have to be asked again: the other machine may fail, or give the mail up by an older file. A mail that
    was given up is sent again where its reminder is due after all, as when a plan was out of the file for a while.
    """
    if not reminders:
        return [], set()
    ledger = outbox.ledger
    claims = await in_ledger_thread(ledger.claims, {(one.person, one.subject.stem) for one in reminders})
    sent = {pair: [(claim.lead, claim.at) for claim in found] for pair, found in claims.items()}
    due = ((one.lead, claims.get((one.person, one.subject.stem), ())) for one in reminders)
    if outbox.resumes:
        await _resume(ledger, due, now)
    leaving = {pair for pair, found in claims.items() if any(claim.state in _UNCERTAIN for claim in found)}
    elsewhere = {owner_of(one) for one in reminders if leaving and (one.person, one.subject.stem) in leaving}
    return not_sent(reminders, sent, now), elsewhere


async def unsent_extra(ledger: Ledger, extra: Sequence[Task], now: datetime) -> list[Task]:
    """Return the mails beside reminders, without the reports and mistakes that were sent."""
    pairs = {(task.person.id, split_key(key)[0]) for task in extra for key in task.other_keys}
    if not pairs:
        return []
    sent = await in_ledger_thread(ledger.claims, pairs)
    await _resume(ledger, ((claims[0].lead, claims) for claims in sent.values()), now)

    def is_new(task: Task, key: str | None) -> bool:
        return key is not None and (task.person.id, split_key(key)[0]) not in sent

    unsent = [
        task._replace(reports=tuple(report for report in task.reports if is_new(task, report.key))) for task in extra
    ]
    return [task for task in unsent if task.reports or is_new(task, task.problem_key)]


async def unclaimed_tasks(ledger: Ledger, tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks of which nothing was claimed meanwhile, by this or another machine."""
    keys = [[(task.person.id, *split_key(key)) for key in task.keys] for task in tasks]
    claims = await in_ledger_thread(ledger.claims, {key[:2] for found in keys for key in found})
    claimed = {(*pair, claim.lead) for pair, found in claims.items() for claim in found}
    return [task for task, found in zip(tasks, keys, strict=True) if claimed.isdisjoint(found)]


async def _resume(ledger: Ledger, due: Iterable[tuple[int, Sequence[Claim]]], now: datetime) -> None:
    """Send mails again that were given up with a lead that is due, unless a smaller one was sent since."""
    given_up = {
        claims[0].mail
        for lead, claims in due
        if claims and claims[0].lead == lead and claims[0].state == "unknown-final"
    }
    if given_up:
        await in_ledger_thread(ledger.resume, given_up, now)


async def due_repeats(
    outbox: Outbox, schedule: Schedule, extra: Sequence[Task], waits: Callable[[str], bool], now: datetime
) -> list[Unknown]:
    """Return the mails of unknown outcome that are to be sent again.

    One that is no longer true is given up, and so is one to an address that has changed: its keys become free. `waits`
    tells whose mails wait; `extra` are the mails beside reminders.
    """
    ledger = outbox.ledger
    offered = {(task.person.id, key) for task in extra for key in task.other_keys}
    repeats = []
    for mail in await in_ledger_thread(ledger.unknown, now):
        person = schedule.household.people.get(mail.person)
        if person is not None and outbox.address_of(person) != mail.address:
            await in_ledger_thread(ledger.give_up, mail.mail, "address-changed", now)
            continue
        if not outbox.repeats(mail):
            await in_ledger_thread(ledger.give_up, mail.mail, "push-not-repeated", now)
            continue
        is_true = _is_still_true(mail, schedule, offered, now)
        if is_true is False:
            await in_ledger_thread(ledger.give_up, mail.mail, "replaced", now)
        elif is_true and not waits(mail.person):
            repeats.append(mail)
    return repeats


def _is_still_true(mail: Unknown, schedule: Schedule, offered: Collection[Pair], now: datetime) -> bool | None:
    """Whether anything in a mail is still due: neither settled nor replaced by a smaller lead; None if unknown."""
    keys = {reminded.key for reminded in mail.reminders}
    if any((mail.person, key) in offered for key in keys):
        return True
    due = due_about(mail.reminders, mail.person, schedule, now)
    return None if due is None else any(reminder.key in keys for reminder in due)


def due_about(
    reminders: Iterable[Reminded], person: str, schedule: Schedule, now: datetime
) -> tuple[Reminder, ...] | None:
    """Return what is due to a person of the plans that reminders were of; None if it cannot be computed."""
    owners = {reminded.plan or f"@{person}" for reminded in reminders}
    try:
        due = [schedule.due_of(owner, now) for owner in owners]
    except Exception:  # noqa: BLE001  # a plan may fail in any way, and is named where it is asked for reminders
        return None
    return tuple(one for found in due if found is not None for one in found.reminders if one.person == person)
