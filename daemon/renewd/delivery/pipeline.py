"""The row of stages, run once: due → dedup → compose → claim → send → settle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from renewd.delivery.batch import batch_of
from renewd.delivery.composer import Composer
from renewd.delivery.dedup import due_repeats, unsent_extra, unsent_reminders
from renewd.delivery.due import due_reminders
from renewd.delivery.events import Held
from renewd.delivery.outbox import Outbox
from renewd.delivery.schedule import Schedule, owner_of
from renewd.delivery.send import send
from renewd.delivery.task import PassContext, Task, tasks_of
from renewd.ledger import Backoff
from renewd.ledger.backoff import waits
from renewd.reminders import Reminder


async def deliver(
    outbox: Outbox,
    schedule: Schedule,
    composer: Composer,
    context: PassContext,
    now: datetime,
    *,
    held: Callable[[Reminder], bool] = lambda _: False,
    extra: Sequence[Task] = (),
) -> bool:
    """Send everything that is due and not sent at `now`. Return whether nothing is left to send.

    `held` tells which reminders wait until an edited file is left alone. `extra` are mails beside reminders. Raises
    LedgerError where the ledger cannot be read or written: then no mail was sent that the ledger does not hold.
    """
    await outbox.writer.settle_what_is_left()
    await asyncio.to_thread(outbox.ledger.take_over, now)
    found, unasked = await due_reminders(schedule, now, outbox.report)
    unsent, elsewhere = await unsent_reminders(outbox.ledger, found, now)
    ask_again = elsewhere | unasked
    schedule.open = {owner_of(reminder) for reminder in unsent} | ask_again
    waiting = [reminder for reminder in unsent if not held(reminder)]
    repeats = await due_repeats(outbox.ledger, schedule, now)
    tasks = tasks_of(waiting, await unsent_extra(outbox.ledger, extra), schedule.household)
    outbox.retry_at = None
    if not tasks and not repeats:
        return not unsent and not unasked
    backoffs = await asyncio.to_thread(outbox.ledger.backoffs)
    if _account_waits(outbox, backoffs, now):
        return False
    batch = await batch_of(
        outbox, tasks, repeats, waiting, backoffs, schedule=schedule, composer=composer, context=context, now=now
    )
    free = len(batch.tasks)
    await send(batch)  # which composes, claims and settles as it goes
    left = {owner_of(reminder) for reminder in unsent if (reminder.person, reminder.key) not in batch.sent}
    schedule.open = left | ask_again
    outbox.retry_at = await _next_try(outbox, now, composer.stamp)
    return not left and not unasked and not batch.stopped and free == len(tasks)


def _account_waits(outbox: Outbox, backoffs: dict[str, Backoff], now: datetime) -> bool:
    """Whether the mail account has a back-off. If so, the outbox knows until when."""
    account = backoffs.get(outbox.account_key)
    if account is None or not waits(account, now, outbox.channel.stamp):
        return False
    outbox.retry_at = account.next_try
    outbox.report(Held(account.next_try, account.reason, account.reply))
    return True


async def _next_try(outbox: Outbox, now: datetime, stamp: str) -> datetime | None:
    """Return the earliest end of a back-off; None where there is none."""
    backoffs = await asyncio.to_thread(outbox.ledger.backoffs)
    waiting = [
        backoff.next_try
        for key, backoff in backoffs.items()
        if waits(backoff, now, outbox.channel.stamp if key == outbox.account_key else stamp)
    ]
    return min(waiting, default=None)
