"""SQLite's own troubles: damage, full disks, forbidden folders, other processes, newer versions."""

import gc
import os
import resource
import signal
import sqlite3
import stat
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest

from ledgers import begun
from limits import no_more_files
from renewd.domain.errors import ConfigError, InUseError, RenewdError
from renewd.domain.outcome import Outcome
from renewd.ledger import Draft, LedgerError, Reminded, Settlement
from renewd.ledger.sqlite import open_ledger, reader

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
STEM = "tello/renewal/2026-12-05"
SENT = Outcome(result="sent")


def draft(lead=7, size=10):
    return Draft(
        person="me",
        address="me@example.com",
        account="a",
        message_id="<1@example.com>",
        subject="x",
        data=b"x" * size,
        reminders=(Reminded(STEM, lead, "tello", "renewal"),),
        composed_at=NOW,
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "ledger"


@contextmanager
def ledger_at(path):
    with closing(open_ledger(path, NOW).ledger) as ledger:
        yield ledger


def filled(path, mails=50):
    with ledger_at(path) as ledger:
        begun(ledger, [draft(lead, 4000) for lead in range(mails)])


def test_only_its_owner_can_read_it(path):
    with ledger_at(path) as ledger:
        begun(ledger, [draft()])
        for name in os.listdir(path.parent):  # noqa: PTH208
            assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    with ledger_at(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_commit_is_on_the_disk_before_anything_is_sent(path):
    with ledger_at(path) as ledger:
        connection = ledger.database._connection
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (5000,)


def test_it_says_whether_it_was_empty(path):
    first = open_ledger(path, NOW)
    first.ledger.close()
    second = open_ledger(path, NOW)
    second.ledger.close()
    assert (first.new, first.damaged, second.new, second.damaged) == (True, None, False, None)


def cut_off(path):
    """To SQLite an empty file is a new database: what was sent would be forgotten without a word."""
    path.write_bytes(b"")


def wreck_header(path):
    path.write_bytes(b"not a database at all" * 100)


def wreck_pages(path):
    with path.open("r+b") as file:
        for page in range(4, 30, 3):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)


def cut_in_half(path):
    os.truncate(path, path.stat().st_size // 2 + 100)


@pytest.mark.parametrize("wreck", [wreck_header, wreck_pages, cut_in_half, cut_off])
def test_a_damaged_ledger_is_kept_beside_and_a_new_one_begun(path, wreck):
    filled(path)
    wreck(path)
    before = path.read_bytes()
    opened = open_ledger(path, NOW.astimezone(timezone(timedelta(hours=8))))
    with closing(opened.ledger) as ledger:
        assert opened.new
        assert opened.damaged == path.with_name("ledger.corrupt-20261201T140000Z")
        assert opened.damaged.read_bytes() == before
        assert begun(ledger, [draft()]) == [1]
    assert open_ledger_damage(path) is None


def open_ledger_damage(path):
    opened = open_ledger(path, NOW)
    opened.ledger.close()
    return opened.damaged


def test_damage_that_shows_while_running_is_an_error_that_names_the_file(path):
    filled(path)
    with closing(reader(path)) as ledger:
        cut_in_half(path)
        with pytest.raises(LedgerError) as caught:
            [ledger.mail(mail) for mail in range(1, 51)]
        assert caught.value.code == "delivery.ledger-damaged"
        assert caught.value.args_["path"] == str(path)


def test_a_ledger_of_a_newer_renewd_is_refused_and_left_alone(path):
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    for attempt in (lambda: open_ledger(path, NOW), lambda: reader(path)):
        with pytest.raises(ConfigError) as caught:
            attempt()
        assert (caught.value.code, caught.value.exit_code) == ("delivery.ledger-newer", 78)
    assert path.read_bytes() == before


@contextmanager
def as_nobody():
    """Root may write everywhere; nobody may not."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("existing", [False, True])
def test_a_folder_that_cannot_be_written_ends_the_start_with_one_clear_line(existing):
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name) / "state"
        folder.mkdir()
        if existing:
            filled(folder / "ledger")
            if not os.geteuid():
                os.chown(folder / "ledger", 65534, 65534)
        Path(name).chmod(0o755)
        folder.chmod(0o555)
        with as_nobody(), pytest.raises(ConfigError) as caught:
            open_ledger(folder / "ledger", NOW)
        folder.chmod(0o755)
    assert (caught.value.code, caught.value.exit_code) == ("delivery.state-not-writable", 78)
    assert caught.value.args_["path"] == str(folder)


@contextmanager
def state_of_nobody():
    """A ledger that root has written in the folder of another user."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "state"
        filled(folder / "ledger")
        os.chown(folder, 65534, 65534)
        yield folder / "ledger"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can spoil another user's folder")
def test_a_ledger_that_root_has_made_is_waited_for_and_the_command_named():
    """Not 78, after which systemd would never start it again."""
    with state_of_nobody() as path:
        with as_nobody(), pytest.raises(LedgerError) as caught:
            open_ledger(path, NOW)
        assert caught.value.code == "delivery.state-not-ours"
        assert caught.value.args_["command"] == f"sudo chown -R nobody: {path.parent}"
        for file in path.parent.iterdir():
            os.chown(file, 65534, 65534)
        with as_nobody(), ledger_at(path) as ledger:
            assert len(ledger.history()) == 50


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can spoil another user's folder")
def test_a_ledger_of_root_that_can_be_read_is_taken_over():
    with state_of_nobody() as path:
        path.chmod(0o644)
        with as_nobody(), ledger_at(path) as ledger:
            assert len(ledger.history()) == 50
        assert path.stat().st_uid == 65534
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("existing", [False, True])
def test_a_ledger_that_cannot_be_opened_among_too_many_files_is_tried_again(path, existing):
    """SQLite says that it is "unable to open database file", which is no matter of rights."""
    if existing:
        filled(path)
    path.parent.mkdir(exist_ok=True)
    with no_more_files(), pytest.raises(LedgerError) as caught:
        open_ledger(path, NOW)
    assert caught.value.code == "delivery.ledger-too-many-files"
    with ledger_at(path) as ledger:
        assert len(ledger.history()) == (50 if existing else 0)


def test_a_file_where_the_folder_should_be_is_no_crash(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(ConfigError):
        open_ledger(tmp_path / "state" / "ledger", NOW)


def test_a_folder_where_the_file_should_be_is_no_crash(tmp_path):
    (tmp_path / "ledger").mkdir()
    with pytest.raises(ConfigError):
        open_ledger(tmp_path / "ledger", NOW)


def test_another_process_that_holds_the_file_is_said_to(path, monkeypatch):
    monkeypatch.setattr("renewd.ledger.sqlite._BUSY", 50)
    filled(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ledger_at(path) as ledger:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError) as caught:
            ledger.set_last_pass(NOW)
        assert caught.value.code == "delivery.ledger-locked"
        other.execute("COMMIT")
        ledger.set_last_pass(NOW)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InUseError):
            open_ledger(path, NOW)


@contextmanager
def files_no_larger_than(size):
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_keeps_nothing_of_the_call_and_heals_by_itself(path):
    with ledger_at(path) as ledger:
        (first,) = begun(ledger, [draft(1)])
        with files_no_larger_than(100_000), pytest.raises(LedgerError):
            begun(ledger, [draft(2), draft(3, 200_000)])
        assert [line.mail for line in ledger.history()] == [first]
        assert None not in begun(ledger, [draft(2), draft(3, 200_000)])
        ledger.settle([Settlement(mail=first, outcome=SENT, at=NOW)])
        assert [line.state for line in ledger.history()] == ["sending", "sending", "sent"]
    assert open_ledger_damage(path) is None


def test_a_disk_that_is_full_says_full(path):
    with ledger_at(path) as ledger:
        connection = ledger.database._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(LedgerError) as caught:
            begun(ledger, [draft(1, 100_000)])
        assert caught.value.code == "delivery.ledger-full"
        assert not connection.in_transaction
        assert begun(ledger, [draft(1, 10)]) == [1]


def test_a_closed_ledger_raises_what_callers_catch(path):
    with ledger_at(path) as ledger:
        pass
    for call in (lambda: ledger.set_last_pass(NOW), ledger.history, ledger.backoffs):
        with pytest.raises(LedgerError):
            call()


def test_a_reader_sees_what_the_daemon_wrote_and_writes_nothing(path):
    with ledger_at(path) as ledger, closing(reader(path)) as beside:
        begun(ledger, [draft()])
        assert len(beside.history()) == 1
        with pytest.raises(LedgerError) as caught:
            beside.set_last_pass(NOW)
        assert caught.value.code == "delivery.ledger-not-writable"
    with closing(reader(path)) as alone:
        assert len(alone.history()) == 1


def test_a_reader_never_holds_up_the_daemon(path):
    filled(path)
    with ledger_at(path) as ledger, closing(reader(path)) as beside, beside.database.reading() as cursor:
        cursor.execute("SELECT COUNT(*) FROM mail")
        assert begun(ledger, [draft(99)]) != [None]


def test_where_there_is_no_ledger_yet_a_reader_sees_an_empty_one(path):
    with closing(reader(path)) as ledger:
        assert ledger.history() == ()
        assert ledger.last_pass() is None
    assert not path.parent.exists()


def test_a_reader_of_a_damaged_ledger_says_so_and_leaves_it(path):
    filled(path)
    wreck_header(path)
    with pytest.raises(RenewdError) as caught:
        reader(path)
    assert caught.value.code == "delivery.ledger-damaged"
    assert path.exists()


def test_that_a_mail_was_sent_is_known_before_all_that_follows_from_it(path, monkeypatch):
    def torn(*_):
        raise LedgerError("delivery.ledger-full", path="", why="")

    with ledger_at(path) as ledger:
        first, second = begun(ledger, [draft(7), draft(3)])
        with monkeypatch.context() as patch:
            patch.setattr(ledger, "_exchange", torn)
            with pytest.raises(LedgerError):
                ledger.settle([Settlement(mail=first, outcome=SENT, at=NOW)])
        ledger.settle([Settlement(mail=second, outcome=SENT, at=NOW)])
        assert [one.mail for one in ledger.ended()] == [first]
        (third,) = begun(ledger, [draft(1)])
        with monkeypatch.context() as patch:
            patch.setattr(ledger, "_exchange", torn)
            with pytest.raises(LedgerError):
                ledger.settle([Settlement(mail=third, outcome=SENT, at=NOW)])
        ledger.settle([Settlement(mail=third, outcome=SENT, at=NOW)])  # as the writer does
        assert [one.mail for one in ledger.ended()] == [first]
    with ledger_at(path) as ledger:
        assert ledger.recover(NOW) == 0
        assert [(line.state, line.last.at, line.at) for line in ledger.history()] == [("sent", NOW, NOW)] * 3
        assert ledger.ended() == []


def test_to_write_down_that_a_mail_was_sent_takes_one_page(path):
    with ledger_at(path) as ledger:
        mails = begun(ledger, [draft(lead, 14_000) for lead in range(40)])
        log = path.with_name(f"{path.name}-wal")
        ledger._exchange = lambda *_: []
        before = log.stat().st_size
        ledger.settle([Settlement(mail=mails[20], outcome=SENT, at=NOW)])
        assert log.stat().st_size - before <= 2 * (4096 + 24)  # the fact, and the deletion of nothing


_FIRST_TABLES = """
ALTER TABLE mail ADD COLUMN data BLOB;
UPDATE mail SET data = (SELECT data FROM content WHERE mail = id);
DROP TABLE content;
DROP TABLE ended;
DROP INDEX reminder_held;
ALTER TABLE mail DROP COLUMN channel;
ALTER TABLE reminder DROP COLUMN channel;
CREATE UNIQUE INDEX reminder_held ON reminder (person, stem, lead) WHERE held = 1;
PRAGMA user_version = 1;
"""


def test_a_ledger_of_an_older_renewd_is_brought_forward_with_all_that_is_in_it(path):
    def shape():
        with closing(sqlite3.connect(path)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: sorted(connection.execute(f"PRAGMA table_info({name})").fetchall()) for name in tables}

    filled(path, 3)
    before = shape()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_FIRST_TABLES)
    with pytest.raises(LedgerError) as caught:
        reader(path)
    assert caught.value.code == "delivery.ledger-older"
    with ledger_at(path) as ledger:
        assert ledger.recover(NOW) == 3
        assert [ledger.mail(line.mail).data for line in ledger.history()] == [b"x" * 4000] * 3
    assert {name: len(columns) for name, columns in shape().items()} == {n: len(c) for n, c in before.items()}


def test_a_ledger_that_nobody_closes_is_closed_with_its_last_reference(path, monkeypatch):
    """From Python 3.13 on, a connection that is collected open is a warning, and each command that reads would give it."""
    closed = []

    class Connection(sqlite3.Connection):
        def close(self):
            closed.append(self)
            super().close()

    connect = partial(sqlite3.connect, factory=Connection)
    with ledger_at(path):
        pass
    monkeypatch.setattr("renewd.ledger.sqlite.sqlite3.connect", connect)
    ledger = reader(path)
    assert closed == []
    del ledger
    gc.collect()
    assert len(closed) == 1
