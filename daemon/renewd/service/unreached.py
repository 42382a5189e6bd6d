"""How renewd stands: the one answer that `status`, /healthz, /metrics, the status line and the heartbeat give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from renewd.delivery.ways import channel_of
from renewd.domain.plans import Household, Person
from renewd.ledger import Failing, Ledger

_PATIENCE = timedelta(minutes=5)  # how long after its moment a mail may leave without being late


def unreached(
    household: Household, ledger: Ledger, waiting: Mapping[str, datetime], by: datetime
) -> tuple[Failing, ...]:
    """Return everybody whose mails have not arrived: after a failed try, or still without one. Raises LedgerError.

    `waiting` is since when each person's mails are due; one that is due for some minutes at `by` counts.
    """
    failing = {one.person: one for one in ledger.failing()}
    backoffs = {key: one for key, one in ledger.backoffs().items() if key.startswith("account:")}
    key = max(backoffs, default="", key=lambda one: backoffs[one].next_try)
    account = backoffs.get(key)
    for person, since in waiting.items():
        if person in failing or person not in household.people or (account is None and by - since < _PATIENCE):
            continue
        failing[person] = Failing(
            person=person,
            address=household.people[person].email,
            account=key.removeprefix("account:"),
            since=account.since if account else since,
            reason=account.reason if account else "not-tried",
            reply=account.reply if account else "",
        )
    people = household.people.values()
    pushed = (_unpushed(person, ledger) for person in people if not person.email and person.push)
    return (*failing.values(), *(one for one in pushed if one is not None))


def _unpushed(person: Person, ledger: Ledger) -> Failing | None:
    """Return why no push reaches somebody without a mail address; None where one of theirs does."""
    found = None
    for push in person.push:
        channel = channel_of(push)
        ways = ledger.of_channel(channel)
        found = next((one for one in ways.failing() if one.person == person.id), None)
        if found is None:
            accounts = ((key, one) for key, one in ways.backoffs().items() if key.startswith("account:"))
            found = next(
                (Failing(person.id, channel, key[8:], one.since, one.reason, one.reply) for key, one in accounts), None
            )
        if found is None:
            return None
    return found
