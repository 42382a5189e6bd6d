"""Take back: what was pushed leaves the phone once it is settled, or a later push of its subject has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from renewd.channels.push.channel import PushChannel
from renewd.channels.push.withdrawal import Withdrawal
from renewd.delivery.dedup import due_about
from renewd.delivery.outbox import Outbox
from renewd.delivery.schedule import Schedule
from renewd.delivery.waits import Waits
from renewd.domain.outcome import DeliveryError, Outcome
from renewd.formats.push_content import Push
from renewd.i18n import language
from renewd.ledger import Shown
from renewd.ledger.executor import in_ledger_thread
from renewd.render.push_words import over_words

_KEPT = timedelta(days=90)  # leads go on for 12 weeks; what was pushed before that stays where it is
_REPLACED = Outcome(result="sent", reason="push-replaced")


class _Over(NamedTuple):
    """A push that nobody needs on the phone anymore: settled, or replaced by a later one of its subject."""

    shown: Shown
    push: Push
    replaced: bool


async def take_back(outbox: Outbox, channel: PushChannel, schedule: Schedule, now: datetime) -> bool:
    """Take back what is settled or replaced. Return whether nothing is left to try. Raises LedgerError."""
    way = channel.takes_back
    if way is None:
        return True
    shown = await in_ledger_thread(outbox.ledger.shown, channel.account, now - _KEPT)
    found = list(_over(shown, schedule, now))
    if not found:
        return True
    backoffs = await in_ledger_thread(outbox.ledger.backoffs)
    if Waits(backoffs, outbox, schedule.household, now).holds(outbox.account_key):
        return False
    done = True
    try:
        async with channel.session() as session:
            for over in found:
                if over.replaced and way.replaces and not over.shown.reply:
                    outcome = _REPLACED
                else:
                    outcome = await session.take_back(_withdrawal(over, channel, schedule, now))
                if outcome.result in ("failed", "unknown"):
                    done = False
                else:
                    await in_ledger_thread(outbox.ledger.note, over.shown.mail, outcome, now)
    except DeliveryError:
        return False
    return done


def _over(shown: tuple[Shown, ...], schedule: Schedule, now: datetime) -> Iterator[_Over]:
    pushes = [Push.from_bytes(one.data) for one in shown]
    latest = {push.subject: one.mail for one, push in zip(shown, pushes, strict=True)}
    for one, push in zip(shown, pushes, strict=True):
        replaced = latest[push.subject] != one.mail
        if replaced or _is_settled(one, schedule, now):
            yield _Over(one, push, replaced)


def _is_settled(shown: Shown, schedule: Schedule, now: datetime) -> bool:
    """Whether nothing that a push told of is still open, by this lead or a later one."""
    due = due_about(shown.reminders, shown.person, schedule, now)
    return due is not None and {one.stem for one in shown.reminders}.isdisjoint(one.subject.stem for one in due)


def _withdrawal(over: _Over, channel: PushChannel, schedule: Schedule, now: datetime) -> Withdrawal:
    person = schedule.household.people.get(over.shown.person)
    words = over_words(over.push.title, language(person.languages[0] if person else "en"))
    return Withdrawal(over.push, channel.reached, over.shown.reply, now - over.shown.at, words)
