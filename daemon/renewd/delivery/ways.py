"""By which ways a reminder goes to its person: by mail, and by each push that carries it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from renewd.config.settings import PushSettings
from renewd.domain.plans import Household, Person
from renewd.ledger import MAIL, PUSH
from renewd.reminders import KINDS, Reminder
from renewd.reminders.urgent import is_urgent


def channel_of(push: str) -> str:
    """Return what the ledger calls a push."""
    return f"{PUSH}{push}"


def push_of(channel: str) -> str | None:
    """Return the id of the push that the ledger calls so; None for mails and their addresses."""
    return channel.removeprefix(PUSH) if channel.startswith(PUSH) else None


def is_carried(reminder: Reminder, push: PushSettings, household: Household) -> bool:
    """Whether a push carries a reminder. Digests and reports go by mail alone; a report is no kind."""
    kind = reminder.subject.kind
    if kind not in KINDS or kind == "digest":
        return False
    return push.only == "all" or is_urgent(reminder, household)


def ways_to(person: Person) -> Iterator[str]:
    """Iterate the channels that reach a person, mail first."""
    if person.email:
        yield MAIL
    yield from map(channel_of, person.push)


def ways_of(reminder: Reminder, household: Household, pushes: Mapping[str, PushSettings]) -> Iterator[str]:
    """Iterate the channels by which a reminder goes to its person."""
    for channel in ways_to(household.people[reminder.person]):
        push = push_of(channel)
        if push is None or (push in pushes and is_carried(reminder, pushes[push], household)):
            yield channel
