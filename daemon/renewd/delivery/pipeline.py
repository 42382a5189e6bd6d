"""The row of stages, run once: due → dedup → compose → claim → send → settle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from renewd.delivery.batch import batch_of
from renewd.delivery.composer import Composer
from renewd.delivery.dedup import due_repeats, unsent_extra, unsent_reminders
from renewd.delivery.due import due_reminders
from renewd.delivery.events import Held, PersonHeld
from renewd.delivery.outbox import Outbox
from renewd.delivery.schedule import Schedule, owner_of
from renewd.delivery.send import send
from renewd.delivery.task import PassContext, Task, tasks_of
from renewd.delivery.waits import Waits
from renewd.ledger.executor import in_ledger_thread
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
    found_out: Callable[[], None] = lambda: None,
) -> bool:
    """Send everything that is due and not sent at `now`. Return whether nothing is left to send.

    `held` tells which reminders wait until an edited file is left alone. `extra` are mails beside reminders.
    `found_out` is called once it is known what is due, before anything is sent. Raises LedgerError where the ledger
    cannot be read or written: then no mail was sent that the ledger does not hold.
    """
    await outbox.writer.settle_what_is_left()
    await in_ledger_thread(outbox.ledger.take_over, now)
    found, unasked = await due_reminders(schedule, now, outbox.report)
    people = schedule.household.people
    found = [one for one in found if outbox.address_of(people[one.person]) and outbox.takes(one)]
    extra = [task for task in extra if outbox.address_of(task.person)]
    wait = await _waits(outbox, schedule, now)
    repeats = await due_repeats(outbox, schedule, extra, wait.holds_person, now)
    unsent, uncertain = await unsent_reminders(outbox, found, now)
    schedule.open = {owner_of(reminder) for reminder in unsent} | uncertain | unasked
    waiting = [reminder for reminder in unsent if not held(reminder)]
    outbox.waiting = _waiting_since(waiting)
    found_out()
    beside = await unsent_extra(outbox.ledger, extra, now)
    tasks = tasks_of(wait.free(waiting), wait.free_extra(beside), schedule.household)
    free = [task for task in tasks if not wait.holds_person(task.person.id)]
    arrived: set[tuple[str, str]] = set()
    for person, backoff in wait.held(waiting):
        outbox.report(PersonHeld(person, backoff.next_try, backoff.reason, backoff.reply))
    if (free or repeats) and not _account_waits(outbox, wait):
        batch = await batch_of(
            outbox, free, repeats, waiting, wait, schedule=schedule, composer=composer, context=context
        )
        await send(batch)  # which composes, claims and settles as it goes
        arrived = batch.sent
        wait = await _waits(outbox, schedule, now)
    left = [reminder for reminder in unsent if (reminder.person, reminder.key) not in arrived]
    outbox.waiting = _waiting_since(one for one in waiting if (one.person, one.key) not in arrived)
    schedule.open = {owner_of(reminder) for reminder in left} | uncertain | unasked
    outbox.repeat_at = await in_ledger_thread(outbox.ledger.next_repeat)
    outbox.retry_at = await _next_try(outbox, wait)
    untold = any((task.person.id, key) not in arrived for task in beside for key in task.other_keys)
    return not (left or unasked or untold or outbox.repeat_at)


def _waiting_since(reminders: Iterable[Reminder]) -> dict[str, datetime]:
    """Return since when each person waits for one of the reminders."""
    since: dict[str, datetime] = {}
    for reminder in reminders:
        since[reminder.person] = min(reminder.moment, since.get(reminder.person, reminder.moment))
    return since


def _account_waits(outbox: Outbox, wait: Waits) -> bool:
    """Whether the mail account has to wait. If so, the outbox knows until when."""
    if not wait.holds(outbox.account_key):
        return False
    account = wait.backoffs[outbox.account_key]
    outbox.retry_at = account.next_try if account.next_try > wait.now else None  # else only a change ends it
    outbox.report(Held(account.next_try, account.reason, account.reply))
    return True


async def _next_try(outbox: Outbox, wait: Waits) -> datetime | None:
    """Return the earliest end of a wait, of a back-off or of a mail of unknown outcome; None where there is none.

    The waits of settled reminders are deleted.
    """
    if forgotten := wait.forgotten():
        await outbox.writer.exchange((), (), dict.fromkeys(forgotten))
    repeat = outbox.repeat_at if outbox.repeat_at is not None and outbox.repeat_at > wait.now else None
    return min((end for end in (wait.next_try(), repeat) if end is not None), default=None)


async def _waits(outbox: Outbox, schedule: Schedule, now: datetime) -> Waits:
    return Waits(await in_ledger_thread(outbox.ledger.backoffs), outbox, schedule.household, now)
