"""Passes of renewd, at so many minutes each, at three mails that are due, in a process without threads: started by kill_grid."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import Executor, Future
from datetime import timedelta
from pathlib import Path

from households import at, household, person, plan
from renewd.channels.push.channel import PushChannel
from renewd.channels.smtp import Smtp
from renewd.config.secrets import PushSecret
from renewd.config.settings import PushSettings
from renewd.delivery.composer import Composer
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext
from renewd.ledger.executor import thread
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.reminders import Findings
from renewd.service.pushing import push_composer, push_outbox
from simulated_year import SETTINGS


class Inline(Executor):
    """Does at once what it is given: strace counts the calls of each thread apart."""

    def submit(self, function, /, *words, **named):
        done = Future()
        try:
            done.set_result(function(*words, **named))
        except Exception as error:  # noqa: BLE001
            done.set_exception(error)
        return done


async def main(folder: Path, what: str, port: int, minutes: int) -> None:
    thread.executor = Inline()
    now = at("2026-12-02 09:00") + timedelta(minutes=minutes)
    plans = [plan(f"line-{one}", renews="2026-12-05", every="30 days", price="5", told=(one,)) for one in "abc"]
    # one lead: what is said a day later would be another mail
    people = {one: person(one, **({"push": ("phone",), "email": ""} if what == "pushes" else {})) for one in "abc"}
    home = household(*plans, leads={"digest": (), "renewal": (3,), "overdue": (), "lost": ()}, **people)
    ledger = open_ledger(folder / FILENAME, now).ledger
    ledger.recover(now)
    composer = Composer(household=home, findings=Findings(), settings=SETTINGS)
    if what == "pushes":
        settings = PushSettings(id="phone", service="webhook", url=f"http://127.0.0.1:{port}")
        phone = PushChannel(settings=settings, secret=PushSecret(key="Kanarienvogel"), clock=lambda: now)
        outbox = push_outbox(phone, home, ledger, tell=lambda _: None)
        composer = push_composer(composer, Findings())
    else:
        channel = Smtp(host="127.0.0.1", port=port, tls="none", patience=5)
        outbox = Outbox(ledger, channel, sender="renewd@example.com", clock=lambda: now, tell=lambda _: None)
    await deliver(outbox, Schedule(home, Findings(), now), composer, PassContext(), now)
    ledger.close()


if __name__ == "__main__":
    for one in sys.argv[4:]:  # each as a start of its own would find things
        asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(one)))
