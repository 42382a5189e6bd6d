"""A daemon on a clock of its own, and its folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

from renewd.disk import Paths
from renewd.ledger.places import open_ledger
from renewd.service import daemon, live_config
from renewd.state import read_good

NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)


MINUTE = timedelta(minutes=1)


GOOD = """timezone = "America/New_York"
language = "en"
[remind]
digest = []
[mail]
to = "me@example.com"
[plan.tello]
renews = 2026-12-05
every = "30 days"
price = 5
[plan.ultra]
renews = 2026-12-09
every = "30 days"
price = 3
"""


@cache
def read(file: Path) -> tuple[list[str], str]:
    """Return the keys and the text of a mail of a Maildir, whose files never change."""
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    return str(mail["X-Renewd-Key"]).split(), body.get_content() if body else ""


class Machine:
    """A daemon on a clock of its own, and its folder."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder / "plans.toml", folder / "state")
        self.now = NOW
        self.told: list[object] = []
        self.write(GOOD)

    async def start(self) -> Machine:
        self.paths.state.mkdir(exist_ok=True)
        self.ledger = open_ledger(None, self.paths.state, self.now).ledger
        loaded = live_config.read_config(self.paths, self.now, read_good(self.paths.state))
        self.daemon = daemon.Daemon(
            self.paths, loaded, ledger=self.ledger, fresh=True, clock=lambda: self.now, tell=self.told.append
        )
        await self.daemon.begin()
        return self

    def write(self, text: str) -> None:
        beside = self.paths.config.with_name("new")
        beside.write_text(text)
        beside.chmod(0o600)
        beside.replace(self.paths.config)  # as editors do

    async def run_pass(self, after: timedelta = MINUTE) -> bool:
        self.now += after
        return await self.daemon.run_pass()

    def mails(self) -> list[tuple[list[str], str]]:
        """Return the keys and the text of each mail, in the order in which they came."""
        return [
            read(file)
            for file in sorted(
                (self.paths.state / "Maildir" / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns
            )
        ]

    def keys(self) -> list[str]:
        return [key for keys, _ in self.mails() for key in keys if "/problem" not in key]

    def problems(self) -> int:
        return sum("/problem" in key for keys, _ in self.mails() for key in keys)

    @property
    def plans(self) -> set[str]:
        return set(self.daemon.config.in_force.loaded.household.plans)
