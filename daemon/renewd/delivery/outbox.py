"""What a delivery works with, from pass to pass: the ledger, the channel, and who is told of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from renewd.channels import Channel
from renewd.delivery.events import DeliveryEvent
from renewd.delivery.ledger_writer import LedgerWriter
from renewd.domain.plans import Person
from renewd.ledger import Ledger, Unknown
from renewd.reminders import Reminder


@dataclass(slots=True)
class Outbox:
    """One way out: a ledger and the channel that its mails take.

    `takes` tells which reminders it carries, `address_of` where it reaches a person, `gives_up` whose messages it does
    not try forever, and `repeats` which messages of unknown outcome are sent again. `clock` returns aware UTC. `tell`
    is called with each event. Once `stopping` is set, no further mail is started.
    """

    ledger: Ledger
    channel: Channel
    sender: str = field(kw_only=True)
    clock: Callable[[], datetime] = field(kw_only=True)
    tell: Callable[[DeliveryEvent], None] = field(kw_only=True)
    takes: Callable[[Reminder], bool] = field(default=lambda _: True, kw_only=True)
    address_of: Callable[[Person], str] = field(default=lambda person: person.email, kw_only=True)  # empty: none
    gives_up: Callable[[str], bool] = field(default=lambda _: False, kw_only=True)  # on what is put off again and again
    repeats: Callable[[Unknown], bool] = field(default=lambda _: True, kw_only=True)
    resumes: bool = field(default=True, kw_only=True)  # what was given up, once it is due again
    stopping: bool = field(default=False, init=False)
    retry_at: datetime | None = field(default=None, init=False)  # when a mail is tried again, as of the last pass
    repeat_at: datetime | None = field(default=None, init=False)  # when one of unknown outcome is
    waiting: dict[str, datetime] = field(default_factory=dict, init=False)  # by person: since when they wait
    writer: LedgerWriter = field(init=False)

    def __post_init__(self) -> None:
        self.writer = LedgerWriter(self.ledger)

    @property
    def account_key(self) -> str:
        """The key of the mail account's back-off."""
        return f"account:{self.channel.account}"

    def report(self, event: DeliveryEvent) -> None:
        """Tell of an event. A log that cannot be written does not keep a mail back."""
        try:
            self.tell(event)
        except Exception:
            logging.getLogger("renewd").exception("what happened could not be told")

    async def finish(self) -> None:
        """Write the outcomes that could not be written yet. Raises LedgerError if they still cannot be written."""
        await self.writer.settle_what_is_left()
