"""Claim, the fourth stage: the bytes and keys of a mail in the ledger, so that one machine alone sends it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from renewd.delivery.composer import Composed
from renewd.delivery.task import split_key
from renewd.domain.outcome import Envelope
from renewd.ledger import Draft, Ledger, Reminded, Unknown

WELCOME = "welcome/2000-01-01"  # claimed with a person's first mail, so that only one mail is the first


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A mail whose bytes the ledger holds: claimed just now, or of unknown outcome and to be sent again."""

    mail: int
    person: str
    address: str
    subject: str
    keys: tuple[str, ...]
    message_id: str
    data: bytes
    is_repeat: bool = False

    def envelope(self, sender: str) -> Envelope:
        """Return what a channel sends."""
        return Envelope(sender=sender, recipient=self.address, data=self.data, name=self.message_id)


async def claim(ledger: Ledger, composed: Sequence[Composed], account: str, at: datetime) -> list[OutgoingMail | None]:
    """Claim mails in one transaction; None stands for a mail that another machine has claimed. Raises LedgerError."""
    drafts = [_draft(mail, account, at) for mail in composed]
    numbers = await asyncio.to_thread(ledger.claim, drafts)
    return [None if number is None else _claimed(number, mail) for number, mail in zip(numbers, composed, strict=True)]


def repeat_of(unknown: Unknown) -> OutgoingMail:
    """Return a mail of unknown outcome as it is sent again: the same bytes."""
    return OutgoingMail(
        mail=unknown.mail,
        person=unknown.person,
        address=unknown.address,
        subject=unknown.message_id,  # the ledger does not return the subject
        keys=tuple(reminded.key for reminded in unknown.reminders),
        message_id=unknown.message_id,
        data=unknown.data,
        is_repeat=True,
    )


def _claimed(number: int, composed: Composed) -> OutgoingMail:
    task = composed.task
    return OutgoingMail(
        mail=number,
        person=task.person.id,
        address=task.person.email,
        subject=composed.subject,
        keys=task.keys,
        message_id=composed.message_id,
        data=composed.data,
    )


def _draft(composed: Composed, account: str, at: datetime) -> Draft:
    task = composed.task
    reminded = [
        Reminded(r.subject.stem, r.lead, r.subject.plan.id if r.subject.plan else None, r.subject.kind)
        for r in task.reminders
    ]
    reminded += [Reminded(*split_key(report.key), report.plan, "report") for report in task.reports]
    if task.problem_key:
        reminded.append(Reminded(*split_key(task.problem_key), None, "problem"))
    if task.first:
        reminded.append(Reminded(f"@{task.person.id}/{WELCOME}", 0, None, "welcome"))
    return Draft(
        person=task.person.id,
        address=task.person.email,
        account=account,
        message_id=composed.message_id,
        subject=composed.subject,
        data=composed.data,
        reminders=tuple(reminded),
        composed_at=at,
    )
