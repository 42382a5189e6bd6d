"""How fast pushes go out, where a service has a limit: who has a turn in a pass, and when the next pass is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from renewd.channels.push.answers import china_midnight
from renewd.channels.push.channel import PushChannel
from renewd.ledger import Ledger
from renewd.reminders import Reminder

_KEPT_FOR = ("lost", "cancel-by")  # the last push of a day is kept for what cannot be undone
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


class Turns(NamedTuple):
    """How many people have a turn now, how many if it is vital, and when there are more."""

    left: int
    vital: int
    again_at: datetime

    def holds(self) -> Callable[[Reminder], bool]:
        """Return what tells which reminders wait: those of people who have no turn in this pass."""
        people: set[str] = set()

        def is_held(reminder: Reminder) -> bool:
            if reminder.person not in people:
                room = self.vital if reminder.subject.kind in _KEPT_FOR else self.left
                if len(people) >= room:
                    return True
                people.add(reminder.person)
            return False

        return is_held


def turns(channel: PushChannel, ledger: Ledger, now: datetime, *, once: bool = False) -> Turns | None:
    """Return the turns of a push at an instant; None where everybody has one. Raises LedgerError.

    `once`: a pass that is the only one does not wait for a few seconds.
    """
    if channel.settings.service == "apprise":
        return None
    service, found = channel.service, []
    for limit in service.limits:
        left = limit.most - sum(ledger.counts(now - limit.within + _TICK).values())
        found.append(Turns(left, left, now + limit.within))
    if service.a_day is not None:
        midnight = now + china_midnight(now)
        counts = ledger.counts(midnight - _DAY)
        left = service.a_day - sum(count for state, count in counts.items() if state != "failed")
        found.append(Turns(left - 1, left, midnight))
    if service.avoids_half_hours and not once and (wait := _after_half_hour(channel.secret.key, now)):
        found.append(Turns(0, 0, now + wait))
    if not found:
        return None
    used_up = [one.again_at for one in found if one.left <= 0]
    again_at = max(used_up, default=min(one.again_at for one in found))
    return Turns(min(one.left for one in found), min(one.vital for one in found), again_at)


def _after_half_hour(key: str, now: datetime) -> timedelta:
    """Return how long to wait after a full or half hour: 20 to 100 seconds, always the same for a key."""
    offset = timedelta(seconds=20 + sha256(key.encode()).digest()[0] % 81)
    since = timedelta(minutes=now.minute % 30, seconds=now.second, microseconds=now.microsecond)
    return max(offset - since, timedelta(0))
