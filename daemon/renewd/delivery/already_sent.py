"""What counts as sent already, for the daemon and for the commands that show what is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from renewd.reminders import Reminder

_CLOCK_TOLERANCE = timedelta(days=1)  # a row further in the future was written by a clock that ran ahead


def not_sent(
    reminders: Iterable[Reminder], sent: Mapping[tuple[str, str], Collection[tuple[int, datetime]]], now: datetime
) -> list[Reminder]:
    """Return the reminders without those whose person was sent the same subject with the same or a smaller lead.

    `sent` holds leads and instants by person and subject. A row that is more than a day ahead of `now` counts for its
    own lead only: it was written by a clock that ran ahead.
    """
    return [reminder for reminder in reminders if not _was_sent(reminder, sent, now)]


def _was_sent(
    reminder: Reminder, sent: Mapping[tuple[str, str], Collection[tuple[int, datetime]]], now: datetime
) -> bool:
    for lead, at in sent.get((reminder.person, reminder.subject.stem), ()):
        if lead == reminder.lead or (lead < reminder.lead and at <= now + _CLOCK_TOLERANCE):
            return True
    return False
