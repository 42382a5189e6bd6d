"""Mails older than 13 months: gone within a day while the daemon runs on, on each ledger, and from the disk."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from ledgers import begun
from postgres import server
from renewd.cli import main
from renewd.domain.outcome import Outcome
from renewd.ledger import Draft, LedgerError, Reminded, Settlement
from renewd.ledger.places import open_ledger
from renewd.ledger.sqlite import FILENAME
from renewd.service.daemon import Daemon, Paths
from renewd.service.daemon_events import Trouble
from renewd.service.live_config import read_config

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BODY = b"Subject: Tello\r\n\r\n" + b"the words of an old mail " * 800
PLANS = """timezone = "America/New_York"
[mail]
to = "me@example.com"
from = "renewd <renewd@example.com>"
[plan.tello]
renews = 2099-12-05
every = "30 days"
"""


def keep_sent_mails(ledger, count=10, at=NOW, body=BODY):
    drafts = [
        Draft(
            person="me",
            address="me@example.com",
            account="maildir",
            message_id=f"<{n}@example.com>",
            subject="Tello",
            data=body,
            reminders=(Reminded(f"old-{n}/renewal/{at.date()}", 7, f"old-{n}", "renewal"),),
            composed_at=at,
        )
        for n in range(count)
    ]
    mails = begun(ledger, drafts)
    ledger.settle([Settlement(mail=mail, outcome=Outcome(result="sent"), at=at) for mail in mails])
    return mails


@pytest.fixture(params=["sqlite", "postgres"])
def url(request):
    return server().url() if request.param == "postgres" else None


@pytest.fixture
def paths(tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "plans.toml").write_text(PLANS)
    (tmp_path / "plans.toml").chmod(0o600)
    return Paths(tmp_path / "plans.toml", tmp_path / "state")


class RunningDaemon:
    """A daemon on a clock that the test sets."""

    def __init__(self, paths, ledger):
        self.now = NOW
        self.heard = []
        self._daemon = Daemon(
            paths,
            read_config(paths, NOW, None),
            ledger=ledger,
            fresh=False,
            clock=lambda: self.now,
            tell=self.heard.append,
        )

    async def begin(self):
        await self._daemon.begin()

    async def run_until(self, end, step=HOUR):
        """Run a pass each `step`, the last one at `end`."""
        while self.now < end:
            self.now = min(self.now + step, end)
            await self._daemon.run_pass()


async def test_mails_of_13_months_ago_are_gone_within_a_day_while_the_daemon_runs_on(url, paths):
    with closing(open_ledger(url, paths.state, NOW).ledger) as ledger:
        mails = keep_sent_mails(ledger)
        daemon = RunningDaemon(paths, ledger)
        await daemon.begin()
        await daemon.run_until(NOW + 396 * DAY, step=9 * DAY)
        assert all(ledger.mail(mail).data == BODY for mail in mails)
        await daemon.run_until(NOW + 397 * DAY)
        assert [ledger.mail(mail).data for mail in mails] == [None] * len(mails)
        assert {ledger.mail(mail).line.state for mail in mails} == {"sent"}


async def test_a_ledger_that_cannot_be_pruned_is_pruned_within_a_day_once_it_can(url, paths, monkeypatch):
    with closing(open_ledger(url, paths.state, NOW).ledger) as ledger:
        (mail,) = keep_sent_mails(ledger, 1, NOW - 400 * DAY)
        daemon = RunningDaemon(paths, ledger)
        await daemon.begin()

        def locked(_):
            raise LedgerError("delivery.ledger-locked", path="", why="")

        with monkeypatch.context() as patch:
            patch.setattr(ledger, "prune", locked)
            await daemon.run_until(NOW + 6 * HOUR)
        troubles = [event for event in daemon.heard if isinstance(event, Trouble)]
        assert [event.error.code for event in troubles] == ["delivery.ledger-locked"]
        assert ledger.mail(mail).data == BODY
        await daemon.run_until(NOW + DAY)
        assert ledger.mail(mail).data is None


def test_run_once_deletes_old_mails_and_the_file_shrinks(paths):
    with closing(open_ledger(None, paths.state, NOW).ledger) as ledger:
        keep_sent_mails(ledger, at=datetime(2024, 1, 1, tzinfo=UTC))
    file = paths.state / FILENAME
    before = file.stat().st_size
    assert before > 10 * len(BODY)
    assert main(["--config", str(paths.config), "--state", str(paths.state), "run", "--once"]) == 0
    assert file.stat().st_size < before - 9 * len(BODY)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM content").fetchone() == (0,)


@pytest.mark.parametrize("auto_vacuum", [0, 2], ids=["made-by-an-older-version", "made-now"])
def test_the_file_shrinks_and_keeps_no_word_of_an_old_mail(tmp_path, auto_vacuum):
    file = tmp_path / FILENAME
    open_ledger(None, tmp_path, NOW).ledger.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA auto_vacuum = {auto_vacuum}")
        connection.execute("VACUUM")
    with closing(open_ledger(None, tmp_path, NOW).ledger) as ledger:
        keep_sent_mails(ledger, 20, NOW - 400 * DAY, b"private " * 2000)
        (young,) = keep_sent_mails(ledger, 1)
        ledger.prune(NOW)
        assert ledger.mail(young).data == BODY
        assert file.stat().st_size < 10 * len(BODY)
        assert file.with_name(f"{FILENAME}-wal").stat().st_size == 0
        assert b"private" not in file.read_bytes()


def test_two_machines_that_prune_at_once_do_not_hold_each_other_up(tmp_path):
    address = server().url()
    with (
        closing(open_ledger(address, tmp_path, NOW).ledger) as first,
        closing(open_ledger(address, tmp_path, NOW).ledger) as second,
    ):
        mails = keep_sent_mails(first, 3, NOW - 400 * DAY)
        with first.database.writing() as cursor:
            cursor.execute("SELECT id FROM mail WHERE id = ? FOR UPDATE", (mails[0],))
            second.prune(NOW)
        assert [second.mail(mail).data for mail in mails] == [BODY, None, None]
        first.prune(NOW)
        assert second.mail(mails[0]).data is None
