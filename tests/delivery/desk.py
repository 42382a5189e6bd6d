"""An outbox on a clock of its own, and households with a reminder due."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes

from households import at, household, person, plan
from renewd.channels.smtp import Smtp
from renewd.delivery.composer import Composer
from renewd.delivery.events import Delivered, Failure
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext
from renewd.ledger.sqlite import in_memory
from renewd.reminders import Findings
from renewd.service.simulation import SimulatedClock
from simulated_year import SETTINGS

NO_DIGEST = {"digest": ()}


START = at("2026-12-02 09:00")


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Desk:
    """An outbox on a clock of its own, and what it said."""

    def __init__(self, home, server, **settings) -> None:
        self.clock = SimulatedClock(START)
        self.ledger = in_memory()
        self.heard: list[Delivered | Failure] = []
        self.channel = Smtp(host="127.0.0.1", port=server.port, tls="none", hello="localhost", **settings)
        self.change(home)

    def change(self, home) -> None:
        """Put another form of the household into force."""
        findings = Findings()
        self.schedule = Schedule(home, findings, self.clock.now)
        self.composer = Composer(household=home, findings=findings, settings=SETTINGS)
        self.outbox = Outbox(
            self.ledger, self.channel, sender="renewd@example.com", clock=self.clock, tell=self.heard.append
        )

    async def deliver(self, *, after: timedelta = timedelta(0), context: PassContext | None = None) -> bool:
        self.clock.now += after
        return await deliver(self.outbox, self.schedule, self.composer, context or PassContext(), self.clock.now)


def lines(*people: str):
    """A plan of each person's, due for its lead of 3 days."""
    plans = [plan(f"line-{one}", renews="2026-12-05", every="30 days", price="5", told=(one,)) for one in people]
    return household(*plans, leads=NO_DIGEST, **{one: person(one) for one in people})


def keys(server, address: str) -> list[str]:

    return [str(message_from_bytes(mail.data)["X-Renewd-Key"]) for mail in server.to(address)]
