"""State folders and ledgers of older versions go on working: read, continued, undone, nothing sent twice."""

import json
import re
import shutil
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from renewd.cli import main
from renewd.ledger import LedgerError
from renewd.ledger.sqlite import FILENAME, open_ledger, reader
from renewd.service.daemon import Daemon, Paths
from renewd.service.live_config import read_config
from renewd.state import read_good
from renewd.web.keyring import Keyring
from rfc5545 import read as read_calendar

OLD = Path(__file__).with_name("old_state")
EXPECTED = json.loads((OLD / "expected.json").read_text())
LEDGERS = {1: OLD / "ledger-1.sqlite3", 2: OLD / "ledger-2.sqlite3", 3: OLD / "state" / FILENAME}
NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # the day after the old program ran last
HOUR = timedelta(hours=1)


@pytest.fixture(params=LEDGERS)
def paths(request, tmp_path):
    """The old folder, as if the old program had run here."""
    paths = Paths(tmp_path / "plans.toml", tmp_path / "state")
    shutil.copytree(OLD / "state", paths.state)
    shutil.copy(LEDGERS[request.param], paths.state / FILENAME)
    shutil.copy(OLD / "plans.toml", paths.config)
    for path in (paths.config, *paths.state.rglob("*"), paths.state):
        path.chmod(0o700 if path.is_dir() else 0o600)
    undo = json.loads((paths.state / "undo.json").read_text())
    (paths.state / "undo.json").write_text(json.dumps(undo | {"file": str(paths.config)}))
    return paths


def run(paths, *words):
    return main(["--config", str(paths.config), "--state", str(paths.state), *words])


async def run_passes(paths, ledger, *instants):
    now = [NOW]
    daemon = Daemon(
        paths,
        read_config(paths, NOW, read_good(paths.state)),
        ledger=ledger,
        fresh=False,
        clock=lambda: now[0],
        tell=lambda _: None,
    )
    await daemon.begin()
    for now[0] in instants:
        await daemon.run_pass()


def history(ledger):
    return [
        [line.mail, line.state, line.subject, [reminder.key for reminder in line.reminders]]
        for line in ledger.history()
    ]


def test_the_history_is_readable_and_what_was_sent_has_its_bytes(paths):
    with closing(open_ledger(paths.state / FILENAME, NOW).ledger) as ledger:
        assert history(ledger) == EXPECTED["history"]
        assert b"X-Renewd-Key: " in ledger.mail(1).data
        assert ledger.mail(4).line.last.outcome.reason == "replaced"
        assert {key: one.sequence for key, one in ledger.revisions().items()} == EXPECTED["sequences"]
        assert sorted(ledger.plan_versions()) == EXPECTED["forms"]
        assert ledger.last_pass() == datetime.fromisoformat(EXPECTED["last_look"])
        assert ledger.backoffs()["account:old"].failures == 2


def test_a_reader_shows_a_present_ledger_and_says_that_an_older_one_waits_for_the_daemon(paths):
    file = paths.state / FILENAME
    with pytest.raises(LedgerError) as caught:
        reader(file)
    assert caught.value.code == "delivery.ledger-older"
    open_ledger(file, NOW).ledger.close()
    with closing(reader(file)) as ledger:
        assert history(ledger) == EXPECTED["history"]
    assert run(paths, "history") == 0


async def test_nothing_is_sent_twice_and_what_may_have_arrived_is_repeated_as_it_is(paths):
    assert run(paths, "undo") == 0  # the reminder that was sent is due again as far as the file goes
    with closing(open_ledger(paths.state / FILENAME, NOW).ledger) as ledger:
        mails = [mail for mail, state, *_ in EXPECTED["history"] if state in ("unknown", "sending")]
        unsure = [ledger.mail(mail).data.replace(b"\r\n", b"\n") for mail in mails]  # as a Maildir has them
        await run_passes(paths, ledger, *(NOW + n * HOUR for n in range(20)))
        arrived = [file.read_bytes() for file in (paths.state / "Maildir" / "new").iterdir()]
        assert sorted(arrived) == sorted(unsure)
        states = {line.mail: line.state for line in ledger.history()}
        assert states == {1: "sent", 2: "failed", 3: "sent", 4: "unknown-final", 5: "sent"}


async def test_events_keep_their_uid_and_sequence(paths):
    assert run(paths, "undo") == 0
    file = paths.state / "calendar" / "me.ics"
    before = {event.uid: event.sequence for event in read_calendar(file.read_bytes()).events}
    assert set(before.values()) == {0, 1}
    file.unlink()
    with closing(open_ledger(paths.state / FILENAME, NOW).ledger) as ledger:
        revisions = ledger.revisions()
        await run_passes(paths, ledger, NOW)
        now = ledger.revisions()
    assert now.keys() >= revisions.keys()
    after = {event.uid: event.sequence for event in read_calendar(file.read_bytes()).events}
    kept = after.keys() & before.keys()
    assert len(kept) > len(before) / 2  # what is past and was never recorded is no longer shown
    # Some titles say more now: those events are newer by one, and no other is.
    assert {after[uid] - before[uid] for uid in kept} <= {0, 1}


def test_links_of_the_calendar_and_of_mails_stay_good(paths):
    links = Keyring(paths.state).links("https://renewd.example.com")
    assert links.feed("me") == EXPECTED["feed"]
    with closing(open_ledger(paths.state / FILENAME, NOW).ledger) as ledger:
        mail = message_from_bytes(ledger.mail(1).data, policy=policy.default)
    [signed] = re.findall(r"/done/(\S+)", mail.get_body(("plain",)).get_content())
    tap = links.read(signed)
    assert (tap.person, tap.plan, tap.what, tap.until) == ("me", "tello", "renewed", date(2027, 1, 27))


def test_the_last_mark_can_be_undone(paths, capsys):
    assert run(paths, "undo") == 0
    assert paths.config.read_text() == EXPECTED["before_mark"]
    assert run(paths, "undo") == 2
    assert "-renews = 2027-01-04" in capsys.readouterr().out


def test_the_last_good_form_stands_in_for_a_plan_that_is_broken_now(paths):
    paths.config.write_text(EXPECTED["before_mark"].replace("2026-12-05", "soon"))
    loaded = read_config(paths, NOW, read_good(paths.state))
    assert loaded.household.plans["tello"].renews == date(2026, 12, 5)
