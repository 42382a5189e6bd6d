"""The meaning of replies: a table of what servers say, at which stage, and how far and how long it reaches."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from aiosmtplib.errors import SMTPResponseException

from limits import no_more_files
from renewd.channels.connect import connect
from renewd.channels.faults import outcome_of
from renewd.i18n import LANGUAGES, language
from renewd.ledger.backoff import after

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
TABLE = Path(__file__).parent / "data" / "replies.txt"


class Row(NamedTuple):
    stage: str
    scope: str
    reason: str
    minutes: str
    reply: str
    host: str = "mail.example.com"


ROWS = [
    Row(*(cell.strip() for cell in line.split(" | ")))
    for line in TABLE.read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.stage} {row.reply}")
def test_a_reply_says_whose_fault_it_is_and_how_long_to_wait(row):
    code, words = int(row.reply[:3]), row.reply[4:]
    outcome = outcome_of(SMTPResponseException(code, words), row.stage, row.host)
    wait = after(outcome, None, NOW).next_try - NOW
    assert (outcome.scope, outcome.reason, wait) == (row.scope, row.reason, timedelta(minutes=int(row.minutes)))
    assert outcome.permanent == (code >= 500)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_no_reply_at_any_stage_of_a_mail_is_taken_for_sent_or_is_silent(stage):
    """Whatever the table says of one stage: at each, it is tried again within a day, and told in the server's words."""
    replies = {row.reply for row in ROWS}
    assert len(replies) >= 200
    for reply in replies:
        outcome = outcome_of(SMTPResponseException(int(reply[:3]), reply[4:]), stage)
        wait = after(outcome, None, NOW).next_try - NOW
        assert (outcome.result, timedelta(minutes=5) <= wait <= timedelta(days=1)) == ("refused", True), reply
        for words in map(language, LANGUAGES):
            assert outcome.reply in words.say(f"delivery.reason.{outcome.reason}", reply=outcome.reply), reply


def test_the_table_holds_two_hundred_replies_and_no_reply_twice():
    assert len(ROWS) >= 200
    assert len({(row.stage, row.reply, row.host) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", [row for row in ROWS if row.scope == "account" and row.stage != "auth"], ids=str)
def test_an_account_waits_five_to_sixty_minutes_however_often_it_is_refused(row):
    outcome = outcome_of(SMTPResponseException(int(row.reply[:3]), row.reply[4:]), row.stage, row.host)
    backoff, at = None, NOW
    for _ in range(10):
        backoff = after(outcome, backoff, at)
        assert timedelta(minutes=5) <= backoff.next_try - at <= timedelta(minutes=60)
        at = backoff.next_try


@pytest.mark.parametrize("host", ["127.0.0.1", "mail.invalid"])
async def test_too_many_open_files_are_no_fault_of_the_server(host: str) -> None:
    """Nor is a name unknown that could not be looked up for want of them."""
    with no_more_files():
        with pytest.raises(OSError) as caught:
            await connect(host, 9, each=5, within=5)
        assert outcome_of(caught.value, "connect").reason == "too-many-files"
