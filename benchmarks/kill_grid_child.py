"""Passes of renewd, at so many minutes each, at three mails that are due, in processes without threads: started by kill_grid.

Reads orders `[folder, minutes, options of strace]` from its standard input. For each one, a forked process makes the passes:
what renewd imports is imported once. Answers with `killed` or `ended`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from datetime import timedelta
from pathlib import Path

import icalendar  # noqa: F401  # what a pass imports late is imported here, once

from households import at, household, person, plan
from renewd.channels.http import open_client
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


async def one_pass(folder: Path, what: str, port: int, minutes: int) -> None:
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


def make_passes(folder: Path, what: str, port: int, minutes: Sequence[int]) -> None:
    for one in minutes:  # each as a start of its own would find things
        asyncio.run(one_pass(folder, what, port, one))


def traced(process: int, options: Sequence[str]) -> subprocess.Popen[str]:
    """Put strace to a process that has stopped itself, and let it go on."""
    os.waitpid(process, os.WUNTRACED)
    words = ["strace", *options, "-p", str(process)]
    strace = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert strace.stderr
    strace.stderr.readline()  # says that it is attached: from here on it misses no call
    os.kill(process, signal.SIGCONT)
    return strace


def main() -> None:
    what, port = sys.argv[1], int(sys.argv[2])
    if what == "pushes":
        open_client()  # imports what makes requests
    for order in sys.stdin:
        folder, minutes, options = json.loads(order)
        if not (process := os.fork()):
            if options:
                os.kill(os.getpid(), signal.SIGSTOP)
            make_passes(Path(folder), what, port, minutes)
            return
        strace = traced(process, options) if options else None
        _, status = os.waitpid(process, 0)
        if strace:
            strace.communicate()  # what it saw is written
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if killed else "ended", flush=True)


if __name__ == "__main__":
    main()
