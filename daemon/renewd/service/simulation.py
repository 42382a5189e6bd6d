"""The real engine on a clock of its own: what would be sent, with no fact changing, into a Maildir."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from renewd.channels.maildir import Maildir
from renewd.channels.push.channel import PushChannel, PushSession
from renewd.config import Settings
from renewd.config.secrets import PushSecret
from renewd.delivery.composer import Composer
from renewd.delivery.events import DeliveryEvent
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext
from renewd.domain.outcome import Envelope, Outcome
from renewd.domain.plans import Household
from renewd.ledger import Ledger
from renewd.render.overrides import Overrides
from renewd.service.file_scan import FileScan, as_findings
from renewd.service.pushing import push_composer, push_outbox
from renewd.service.reports import Reporter


class SimulatedClock:
    """An instant (UTC) that moves only when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the instant."""
        return self.now


class _Taken(PushSession):
    """A push service that takes every push at once."""

    async def send(self, _envelope: Envelope) -> Outcome:
        """Take a push."""
        return Outcome(result="sent", reason="push-sent")


class _Phone(PushChannel):
    """A push of which nothing leaves this machine."""

    @asynccontextmanager
    async def session(self) -> AsyncIterator[PushSession]:
        """Open a service that takes every push."""
        yield _Taken(self, None)


async def simulate(
    household: Household,
    settings: Settings,
    ledger: Ledger,
    *,
    base: Path,
    into: Path,
    start: datetime,
    end: datetime,
    overrides: Overrides | None = None,
    tell: Callable[[DeliveryEvent], None],
) -> None:
    """Deliver into the Maildir `into` every mail and report from `start` until before `end` (UTC), as the daemon would.

    Pushes are only told of. `base` is the folder that backups' paths are relative to. The plans are taken to be first
    seen at `start`.
    """
    clock = SimulatedClock(start)
    since = dict.fromkeys(household.plans, start)
    findings = as_findings(await FileScan().scan(household, base), since)
    schedule = Schedule(household, findings, start)
    composer = Composer(household=household, findings=findings, settings=settings, overrides=overrides)
    outbox = Outbox(ledger, Maildir(path=into), sender=settings.mail.sender, clock=clock, tell=tell)
    ways = [
        (
            push_outbox(_Phone(settings=push, secret=PushSecret(), clock=clock), household, ledger, tell=tell),
            Schedule(household, findings, start),
        )
        for push in settings.pushes.values()
    ]
    pushes = push_composer(composer, findings)
    last: datetime | None = None
    reporter = Reporter()
    while clock.now < end:
        reports = reporter.due(household, findings, clock.now, overrides=overrides)
        context = PassContext(last=last, since=since, report_at=reporter.next_at)
        await deliver(outbox, schedule, composer, context, clock.now, extra=reports)
        for way, own in ways:
            await deliver(way, own, pushes, context, clock.now)
        last = clock.now
        clock.now = min(reporter.next_at or end, schedule.next_at, *(own.next_at for _, own in ways))
