"""The journal: entries with fields in its own protocol, nothing private in them, and no flood of the same."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from renewd.channels.maildir import Maildir
from renewd.cli.journal_log import JournalLog
from renewd.cli.status_line import StatusLine
from renewd.config import load
from renewd.config.fact_log import PersonRecorded
from renewd.delivery.events import Delivered, Failure, Held
from renewd.domain.errors import Problem, RenewdError
from renewd.domain.outcome import Outcome
from renewd.i18n import language
from renewd.redact import MASK, Mask, Private, masked
from renewd.service import journal
from renewd.service.daemon_events import ConfigRead, PassEnded, Started, StepFailed, Trouble
from renewd.service.journal import Journal
from service.journal_socket import ACCOUNT, ICCID, IMEI, NUMBER, PASSWORD, Listener

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)


@pytest.fixture
def listener(tmp_path) -> Iterator[Listener]:
    one = Listener(tmp_path)
    yield one
    one.close()


def fail(why: str) -> None:
    raise ValueError(why)


@pytest.fixture(autouse=True)
def clean_mask() -> Iterator[None]:
    yield
    MASK.learn(())
    MASK._secrets.clear()


# --- the protocol ---------------------------------------------------------------------------------------------------


def test_an_entry_has_its_level_and_its_fields_and_lines_stay_one_entry(listener):
    Journal(listener.path).send("one\ntwo", 3, RENEWD_EVENT="sent", RENEWD_PLAN=("tello", "main"))
    assert listener.entries() == [
        {
            "PRIORITY": ["3"],
            "SYSLOG_IDENTIFIER": ["renewd"],
            "RENEWD_EVENT": ["sent"],
            "RENEWD_PLAN": ["tello", "main"],
            "MESSAGE": ["one\ntwo"],
        }
    ]


@pytest.mark.parametrize("sign", ["x", "号"])
def test_a_message_larger_than_the_journal_takes_is_cut_and_arrives(listener, sign):
    Journal(listener.path).send(sign * 400_000, 6, RENEWD_EVENT="sent")
    (entry,) = listener.entries()
    assert 150_000 < len(entry["MESSAGE"][0].encode()) < 200_000
    assert entry["MESSAGE"][0].endswith(" […]")
    assert entry["RENEWD_EVENT"] == ["sent"]


def test_what_the_journal_does_not_take_becomes_a_line(tmp_path, capsys):
    Journal(str(tmp_path / "nobody")).send("a word", 4)
    assert capsys.readouterr().err == "<4>a word\n"


def test_it_is_the_journal_only_where_the_descriptor_says_so(tmp_path):
    with (tmp_path / "stream").open("w") as file:
        facts = os.fstat(file.fileno())
        mine = {"JOURNAL_STREAM": f"{facts.st_dev}:{facts.st_ino}"}
        assert journal.connected(mine, file.fileno())
        assert not journal.connected({"JOURNAL_STREAM": "1:2"}, file.fileno())
        assert not journal.connected({}, file.fileno())
    assert not journal.connected({"JOURNAL_STREAM": "1:2"}, 987)


def test_a_traceback_is_one_entry_with_its_message(listener):
    journal.listen(Journal(listener.path))
    try:
        try:
            fail(f"no such number {NUMBER}")
        except ValueError:
            logging.getLogger("renewd").exception("a pass ended early")
    finally:
        journal.listen(None)
    (entry,) = listener.entries()
    assert entry["PRIORITY"] == ["3"]
    assert entry["MESSAGE"][0].startswith("a pass ended early\nTraceback")
    assert NUMBER not in entry["MESSAGE"][0]


# --- the mask -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("call +12065550142 now", "call ***-***-0142 now"),
        ("(206) 555-0142", "***-***-0142"),
        ("206.555.0142,", "***-***-0142,"),
        ("12065550142", "***-***-0142"),
        (f"imei {IMEI}", "imei ***4567"),
        (f"sim={ICCID}", "sim=***4555"),
        (f"account {ACCOUNT}", "account ***7731"),
        ("+8613800138000", "***-***-8000"),  # taught by nobody
        ("2026-12-05 09:00, 10000 plans, pid 1234567", "2026-12-05 09:00, 10000 plans, pid 1234567"),
        ("2026-12-05 2026-12-06", "2026-12-05 2026-12-06"),
        ("127.0.0.1:8321", "127.0.0.1:8321"),
        (f"login {PASSWORD}!", "login ***!"),
        ("AG1lQGV4YW1wbGUuY29tAEthbmFyaWVudm9nZWw3", "***"),  # \0me@example.com\0Kanarienvogel7
    ],
)
def test_what_is_private_keeps_its_last_four_and_a_password_nothing(written, shown):
    mask = Mask()
    mask.learn((NUMBER, IMEI, ICCID, ACCOUNT))
    mask.keep_secret(PASSWORD, "me@example.com")
    assert mask(written) == shown


def test_a_plan_shows_nothing_private_in_its_repr(tmp_path):
    plan = loaded(tmp_path).household.plans["tello"]
    shown = repr(plan)
    assert [text for text in (NUMBER, IMEI, ICCID, ACCOUNT) if text in shown] == []
    assert masked(NUMBER) in shown
    assert (plan.number, plan.device.imei, plan.account.id) == (NUMBER, IMEI, ACCOUNT)
    assert f"{plan.number}" == NUMBER
    assert isinstance(plan.number, Private)


# --- what is written ------------------------------------------------------------------------------------------------


def loaded(tmp_path):
    (tmp_path / "plans.toml").write_text(
        f"""timezone = "America/New_York"
language = "en"
[mail]
to = "me@example.com"
[plan.tello]
renews = 2026-12-05
every = "30 days"
price = 5
number = "{NUMBER}"
account = {{ id = "{ACCOUNT}" }}
sim = {{ iccid = "{ICCID}" }}
device = {{ imei = "{IMEI}" }}
"""
    )
    (tmp_path / "plans.toml").chmod(0o600)
    return load(
        tmp_path / "plans.toml", catalogue={}, today=NOW.date(), machine_zone="UTC", hostname="h", language="en"
    )


@pytest.mark.parametrize(
    ("undone", "en", "zh"),
    [
        (False, "recorded for mom (page): tello renewed and rp paid", "替 mom 记下（页面）：tello renewed 和 rp paid"),
        (True, "taken back for mom (page): tello renewed and rp paid", "替 mom 撤回（页面）：tello renewed 和 rp paid"),
    ],
)
def test_what_a_person_records_is_an_entry_with_their_plans_and_no_amount(listener, undone, en, zh):
    event = PersonRecorded("mom", "page", (("tello", "renewed"), ("rp", "paid")), undone=undone)
    for code, text in (("en", en), ("zh-CN", zh)):
        JournalLog(language(code), Journal(listener.path)).tell(event)
        (entry,) = listener.entries()
        assert entry["MESSAGE"] == [text]
        assert (entry["RENEWD_EVENT"], entry["RENEWD_PLAN"]) == (["recorded"], ["tello", "rp"])


def failed(subject: str, reason: str = "connection-refused", **more: object) -> Delivered:
    outcome = Outcome(result="failed", scope="account", reason=reason, **more)
    return Delivered(NOW, "me", "me@example.com", subject, ("tello/renewal/2026-12-05/3",), outcome, 7)


@pytest.fixture
def book(listener, tmp_path):
    time = [0.0]
    one = JournalLog(language("en"), Journal(listener.path), clock=lambda: time[0])
    one.time = time
    config = loaded(tmp_path)
    one.tell(
        Started(config, tmp_path / "plans.toml", tmp_path / "state", True, Maildir(path=tmp_path / "Maildir"), None)
    )
    assert [entry["RENEWD_EVENT"] for entry in listener.entries()] == [["started"]]
    return one


def test_each_decision_is_one_entry_with_its_reason_and_its_keys(book, listener):
    book.tell(replace_outcome(failed("Tello stops in 3 days"), Outcome(result="sent")))
    book.tell(failed("Tello stops in 3 days"))
    sent, refused = listener.entries()
    assert sent["MESSAGE"] == ["stored: Tello stops in 3 days  -> me"]
    assert (sent["PRIORITY"], sent["RENEWD_EVENT"]) == (["6"], ["sent"])
    assert (sent["RENEWD_PLAN"], sent["RENEWD_KEY"]) == (["tello"], ["tello/renewal/2026-12-05/3"])
    assert "Nothing answers at the mail server’s port" in refused["MESSAGE"][0]
    assert (refused["PRIORITY"], refused["RENEWD_MAIL"]) == (["3"], ["7"])


def replace_outcome(event: Delivered, outcome: Outcome) -> Delivered:
    return event._replace(outcome=outcome)


def test_the_same_failure_is_said_once_an_hour_with_how_often_it_was_met(book, listener):
    for minute in range(121):
        book.time[0] = minute * 60.0
        book.tell(failed("Tello"))
        book.tell(Trouble(RenewdError("delivery.ledger-full", path="x")))  # two in turn are two, and no more
    entries = listener.entries()
    assert len(entries) == 6
    assert "(met 59 times in the last hour)" in entries[2]["MESSAGE"][0]


def test_a_failure_after_a_success_is_news(book, listener):
    book.tell(failed("Tello"))
    book.tell(replace_outcome(failed("Tello"), Outcome(result="sent")))
    book.time[0] = 60.0
    book.tell(failed("Tello"))
    assert [entry["RENEWD_EVENT"][0] for entry in listener.entries()] == ["failed", "sent", "failed"]


def test_a_storm_of_events_is_one_line_a_minute_for_each_cause(book, listener):
    """An hour of ten a second in words that differ each time, with mails that go out in between."""
    entries = []
    for second in range(3600):
        book.time[0] = float(second)
        for n in range(10):
            reply = f"{second}.{n}"
            book.tell(failed(f"Tello {reply}", "server-refused", reply=reply))
            book.tell(Failure(f"line-{reply}/renewal/2026-12-05/3", ValueError(reply)))
            book.tell(Trouble(RenewdError("delivery.ledger-error", path="x", why=reply)))
            book.tell(StepFailed("web", OSError(reply)))
            book.tell(Held(NOW, "timeout", reply))
        book.tell(ConfigRead(None, (Problem("check.no-permission", "plans.toml", args={"path": "plans.toml"}),)))
        book.tell(replace_outcome(failed("Tello"), Outcome(result="sent")))
        entries += listener.entries()
    counts = Counter(entry["RENEWD_EVENT"][0] for entry in entries)
    assert counts.pop("sent") == 3600
    assert counts == dict.fromkeys(("failed", "broken", "trouble", "step-failed", "held", "problem", "kept"), 60)


def test_nothing_private_gets_into_an_entry_whatever_goes_wrong(book, listener):
    """Canaries in a server's reply, a traceback, a subject, an error of the ledger, at every level."""
    MASK.learn((NUMBER, IMEI, ICCID, ACCOUNT))
    MASK.keep_secret(PASSWORD, "me@example.com")
    everything = f"{NUMBER} (206) 555-0142 {IMEI} {ICCID} {ACCOUNT} {PASSWORD}"
    book.tell(failed(everything, "server-refused", reply=everything))
    book.tell(Failure("tello/renewal/2026-12-05/3", ValueError(everything)))
    book.tell(Trouble(RenewdError("delivery.ledger-error", path=everything, why=everything)))
    logging.getLogger("asyncio").setLevel(logging.DEBUG)
    journal.listen(Journal(listener.path))
    try:
        logging.getLogger("asyncio").debug("%s", everything)
        logging.getLogger("renewd").error("%r", {"secret": everything})
    finally:
        journal.listen(None)
        logging.getLogger("asyncio").setLevel(logging.NOTSET)
    entries = listener.entries()
    assert len(entries) >= 4
    shown = repr(entries)
    for canary in (NUMBER, NUMBER[1:], "555-0142", IMEI, ICCID, ACCOUNT, PASSWORD):
        assert canary not in shown, canary
    assert "***-***-0142" in shown


# --- the status line ------------------------------------------------------------------------------------------------


def test_the_status_line_says_what_comes_what_went_and_what_is_wrong_and_only_when_it_changes(tmp_path, monkeypatch):
    sent: list[str] = []
    monkeypatch.setattr("renewd.service.systemd.notify", sent.append)
    standing = StatusLine(language("en"))
    config = loaded(tmp_path)
    standing.tell(Started(config, tmp_path, tmp_path, True, Maildir(path=tmp_path), None))
    for _ in range(3):
        standing.tell(PassEnded(None, True))
    assert sent == ["STATUS=Nothing comes in the next weeks."]
    standing.tell(replace_outcome(failed("Tello"), Outcome(result="sent")))
    standing.tell(PassEnded(None, True))
    assert "Last mail: Tue, Dec 1, 9 AM (New York)." in sent[-1]
    standing.tell(failed("Tello", "auth-refused", reply=f"535 {NUMBER}"))
    standing.tell(PassEnded(None, False))
    assert sent[-1].startswith("STATUS=The server refused the user name or password: 535 ***-***-0142.")
    standing.tell(PassEnded(None, True))
    assert "refused" not in sent[-1]
    for _ in range(2):  # a door that stays shut while mails go out: no flapping
        standing.tell(Trouble(RenewdError("delivery.ledger-full", path="x")))
        standing.tell(PassEnded(None, True))
    assert sent[-1].startswith("STATUS=The disk is full")
    assert len(sent) == 5
    standing.tell(PassEnded(None, True))
    standing.tell(ConfigRead(None, ()))
    standing.tell(PassEnded(None, True))
    assert "There is one mistake to fix." in sent[-1]
    assert len(sent) == 7
    assert all("\n" not in line for line in sent)


def test_without_a_journal_what_is_logged_is_lines_with_nothing_private_in_them(capsys):
    MASK.learn((ACCOUNT,))
    MASK.keep_secret(PASSWORD)
    journal.listen(None)
    try:
        fail(f"{NUMBER} {ACCOUNT} {PASSWORD}")
    except ValueError:
        logging.getLogger("renewd").exception("a pass ended early")
    said = capsys.readouterr().err
    journal.listen(None)
    assert "ValueError: ***-***-0142 ***7731 ***" in said
    assert "Traceback" in said


def test_a_storm_of_one_cause_is_one_line_a_minute():
    """Such as the loop's own 2,048 lines a turn where no more files may be opened; another cause is told at once."""
    once = journal.OnceAMinute()

    def let_through(message, at, error=None):
        record = logging.LogRecord("asyncio", logging.ERROR, "x.py", 1, message, (), error and (error, error(), None))
        record.created = at
        return once.filter(record)

    accept = "socket.accept() out of system resource\nsocket: <{}>"
    assert [let_through(accept.format(n), 1000 + n / 100) for n in range(5000)] == [True, *[False] * 4999]
    assert let_through(accept.format(0), 1061)
    assert let_through(accept.format(0), 1061, OSError)
    assert let_through("another", 1061)
    assert let_through(accept.format(0), 900)  # the clock was set back
