"""A push on a clock of its own, for tests of what becomes of it."""

from __future__ import annotations

from datetime import timedelta

from delivery.desk import NO_DIGEST, START
from households import household, person, plan
from renewd.channels.push.channel import PushChannel
from renewd.config.secrets import PushSecret
from renewd.config.settings import PushSettings
from renewd.delivery.composer import Composer
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.take_back import take_back
from renewd.delivery.task import PassContext
from renewd.ledger.sqlite import in_memory
from renewd.reminders import Findings
from renewd.service.pushing import push_composer, push_outbox
from renewd.service.simulation import SimulatedClock
from simulated_year import SETTINGS

WELL = {"code": 200, "message": "success"}


def home(renews="2026-12-05", **words):
    return household(
        plan("tello", renews=renews, every="30 days", price="5"),
        leads=NO_DIGEST,
        me=person("me", **{"push": ("phone",), "languages": ("zh-CN",), **words}),
    )


class Doorbell:
    """The outbox of one push on a clock of its own."""

    def __init__(self, fake, people=None, *, only="all", key="Kanarienvogel", ledger=None, service="bark", **more):
        self.fake = fake
        self.service, self.more = service, more
        self.clock = SimulatedClock(START)
        self.ledger = ledger or in_memory()
        self.home = people or home()
        self.change(key, only)

    def change(self, key, only="all"):
        settings = PushSettings(id="phone", service=self.service, url=self.fake.url, only=only)
        base = Composer(household=self.home, findings=Findings(), settings=SETTINGS)
        self.composer = push_composer(base, Findings())
        self.schedule = Schedule(self.home, Findings(), self.clock.now)
        self.channel = PushChannel(settings=settings, secret=PushSecret(key=key, more=self.more), clock=self.clock)
        self.outbox = push_outbox(self.channel, self.home, self.ledger, tell=lambda _: None)

    async def ring(self, after=timedelta(0)):
        self.clock.now += after
        return await deliver(self.outbox, self.schedule, self.composer, PassContext(), self.clock.now)

    async def settle(self, people, after=timedelta(0)):
        """Put another form of the household into force, and take back what is settled by it."""
        self.clock.now += after
        self.home = people
        self.change("Kanarienvogel")
        return await self.take_back()

    async def take_back(self):
        return await take_back(self.outbox, self.channel, self.schedule, self.clock.now)
