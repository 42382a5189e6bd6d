"""Passes of renewd, at so many minutes each, at three mails that are due, in a process without threads: started by kill_grid."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from households import at, household, person, plan
from renewd.channels.smtp import Smtp
from renewd.delivery.composer import Composer
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.reminders import Findings
from simulated_year import SETTINGS


async def inline(function, *words):
    return function(*words)


async def main(folder: Path, port: int, minutes: int) -> None:
    asyncio.to_thread = inline  # strace counts the calls of each thread apart
    now = at("2026-12-02 09:00") + timedelta(minutes=minutes)
    plans = [plan(f"line-{one}", renews="2026-12-05", every="30 days", price="5", told=(one,)) for one in "abc"]
    # one lead: what is said a day later would be another mail
    home = household(
        *plans, leads={"digest": (), "renewal": (3,), "overdue": (), "lost": ()}, **{one: person(one) for one in "abc"}
    )
    ledger = open_ledger(folder / FILENAME, now).ledger
    ledger.recover(now)
    channel = Smtp(host="127.0.0.1", port=port, tls="none", patience=5)
    outbox = Outbox(ledger, channel, sender="renewd@example.com", clock=lambda: now, tell=lambda _: None)
    composer = Composer(household=home, findings=Findings(), settings=SETTINGS)
    await deliver(outbox, Schedule(home, Findings(), now), composer, PassContext(), now)
    ledger.close()


if __name__ == "__main__":
    for one in sys.argv[3:]:  # each as a start of its own would find things
        asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(one)))
