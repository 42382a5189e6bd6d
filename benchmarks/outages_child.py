"""One machine that sends what is due to its people, all at once: started by outages.py.

`drain PEOPLE` sends it from a ledger in SQLite, and prints the rate and what memory it took. `anew PEOPLE URL PORT` and
`before PEOPLE URL PORT` are one of several machines on a PostgreSQL, which composes its mails now or had done so: it says when it is
ready, begins when it hears a line, and prints the seconds of processor that it took.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.sink import sink
from households import at, household, person, plan
from renewd.channels.smtp import Smtp
from renewd.delivery.composer import Composed, Composer
from renewd.delivery.outbox import Outbox
from renewd.delivery.pipeline import deliver
from renewd.delivery.schedule import Schedule
from renewd.delivery.task import PassContext, Task, tasks_of
from renewd.ledger import Ledger
from renewd.reminders import Findings
from simulated_year import SETTINGS

_NOW = at("2026-12-02 09:00") + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Composer):
    """A composer that had composed everything before."""

    mails: Mapping[tuple[str, ...], Composed] = field(default_factory=dict)

    def compose_all(self, tasks: Sequence[Task], context: PassContext, now: datetime) -> list[Composed | Exception]:  # noqa: ARG002
        return [self.mails[task.keys] for task in tasks]

    def with_calendar(self, tasks: Sequence[Task], now: datetime) -> Composer:  # noqa: ARG002
        return self


class Machine:
    """Plans with a reminder due to each of its people, and an outbox; `clock` gives the time of what is written down."""

    def __init__(self, people: int, ledger: Ledger, port: int, clock: Callable[[], datetime]) -> None:
        names = [f"p{n}" for n in range(people)]
        plans = [
            plan(f"l{n}", renews="2026-12-05", every="30 days", price="5", told=(one,)) for n, one in enumerate(names)
        ]
        self.home = household(*plans, leads={"digest": ()}, **{one: person(one) for one in names})
        self.composer = Composer(
            household=self.home, findings=Findings(), settings=SETTINGS, revisions=ledger.revisions
        )
        channel = Smtp(host="127.0.0.1", port=port, tls="none")
        self.outbox = Outbox(ledger, channel, sender="renewd@example.com", clock=clock, tell=lambda _: None)

    def compose(self) -> None:
        """Compose everything now, so that nothing is composed later."""
        schedule = self.schedule()
        tasks = tasks_of(schedule.ask(schedule.ready(_NOW), _NOW), (), self.home)
        mails = {task.keys: self.composer.compose(task, PassContext(), _NOW) for task in tasks}
        self.composer = Done(household=self.home, findings=Findings(), settings=SETTINGS, mails=mails)

    def schedule(self) -> Schedule:
        """Return a schedule that asks everything."""
        return Schedule(self.home, Findings(), _NOW)

    def send(self) -> bool:
        """Send all that is due."""
        schedule = self.schedule()
        gc.freeze()
        return asyncio.run(deliver(self.outbox, schedule, self.composer, PassContext(), _NOW))


def _drain(people: int) -> None:
    from renewd.ledger.sqlite import open_ledger

    with tempfile.TemporaryDirectory() as folder, sink() as port:
        ledger = open_ledger(Path(folder) / "ledger", _NOW).ledger
        machine = Machine(people, ledger, port, lambda: _NOW)
        before, began = _memory(), time.monotonic()
        done = machine.send()
        took = time.monotonic() - began
        assert done
        ledger.close()
    print(people / took, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _node(composed: str, people: int, url: str, port: int) -> None:
    from renewd.ledger.postgres import open_ledger

    ledger = open_ledger(url).ledger
    machine = Machine(people, ledger, port, lambda: datetime.now(UTC))
    if composed == "before":
        machine.compose()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.process_time()
    machine.send()
    print(time.process_time() - began, flush=True)
    ledger.close()


def _memory() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    what, people, *place = sys.argv[1:]
    if what == "drain":
        _drain(int(people))
    else:
        _node(what, int(people), place[0], int(place[1]))
