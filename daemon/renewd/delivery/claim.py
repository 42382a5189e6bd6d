"""Claim, the fourth stage: the bytes and keys of a mail in the ledger, so that one machine alone sends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from renewd.delivery.composer import Composed
from renewd.delivery.outbox import Outbox
from renewd.delivery.task import split_key
from renewd.domain.outcome import Envelope, Outcome
from renewd.ledger import Draft, Reminded, Settlement, Unknown
from renewd.ledger.executor import in_ledger_thread

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
    tries: int = 1  # this attempt included
    is_repeat: bool = False
    may_leave: Callable[[], bool] = lambda: True

    def envelope(self, sender: str) -> Envelope:
        """Return what a channel sends."""
        return Envelope(
            sender=sender,
            recipient=self.address,
            data=self.data,
            name=self.message_id,
            may_leave=self.may_leave,
            is_repeat=self.is_repeat,
        )

    def settlement(self, outcome: Outcome, at: datetime) -> Settlement:
        """Return what the ledger is told of an attempt."""
        return Settlement(mail=self.mail, outcome=outcome, at=at, tries=self.tries)


async def claim(outbox: Outbox, composed: Sequence[Composed], at: datetime) -> list[OutgoingMail | None]:
    """Claim mails in one transaction; None stands for a mail that another machine has claimed. Raises LedgerError."""
    addresses = [outbox.address_of(mail.task.person) for mail in composed]
    drafts = [
        _draft(mail, address, outbox.channel.account, at) for mail, address in zip(composed, addresses, strict=True)
    ]
    numbers = await in_ledger_thread(outbox.ledger.claim, drafts)
    return [
        None if number is None else _claimed(number, mail, address)
        for number, mail, address in zip(numbers, composed, addresses, strict=True)
    ]


def repeat_of(unknown: Unknown) -> OutgoingMail:
    """Return a mail of unknown outcome as it is sent again: the same bytes."""
    return OutgoingMail(
        mail=unknown.mail,
        person=unknown.person,
        address=unknown.address,
        subject=unknown.subject,
        keys=tuple(reminded.key for reminded in unknown.reminders),
        message_id=unknown.message_id,
        data=unknown.data,
        tries=unknown.tries + 1,
        is_repeat=True,
    )


def _claimed(number: int, composed: Composed, address: str) -> OutgoingMail:
    task = composed.task
    return OutgoingMail(
        mail=number,
        person=task.person.id,
        address=address,
        subject=composed.subject,
        keys=task.keys,
        message_id=composed.message_id,
        data=composed.data,
    )


def _draft(composed: Composed, address: str, account: str, at: datetime) -> Draft:
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
        address=address,
        account=account,
        message_id=composed.message_id,
        subject=composed.subject,
        data=composed.data,
        reminders=tuple(reminded),
        composed_at=at,
    )
