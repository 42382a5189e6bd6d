"""How long to wait: the contract's steps, and no hammering after any number of restarts."""

from datetime import UTC, datetime, timedelta

import pytest

from renewd.domain.outcome import Outcome
from renewd.ledger.backoff import after, scopes, waits

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DOWN = Outcome(result="failed", scope="account", reason="connection-refused")
PASSWORD = Outcome(result="refused", scope="account", reason="auth-refused", code=535, reply="535 no", permanent=True)
GREYLIST = Outcome(result="refused", scope="recipient", reason="recipient-not-now", code=450)
NOBODY = Outcome(result="refused", scope="recipient", reason="recipient-refused", code=550, permanent=True)
SPAM = Outcome(result="refused", scope="message", reason="message-refused", code=554, permanent=True)


def tries(outcome, within=DAY, stamp=""):
    """The minutes of the tries in a time when each fails, looked at every minute."""
    backoff, found, at = None, [], NOW
    while at < NOW + within:
        if backoff is None or not waits(backoff, at, stamp):
            found.append((at - NOW) // timedelta(minutes=1))
            backoff = after(outcome, backoff, at, stamp)
        at += timedelta(minutes=1)
    return found


def test_a_server_that_is_down_is_asked_after_5_10_20_40_60_60_minutes():
    assert tries(DOWN)[:8] == [0, 5, 15, 35, 75, 135, 195, 255]
    assert len(tries(DOWN)) <= 30


def test_a_wrong_password_is_tried_after_an_hour_and_then_every_eight():
    assert tries(PASSWORD, 2 * DAY) == [0, 60, 540, 1020, 1500, 1980, 2460]
    assert len(tries(PASSWORD)) <= 4


def test_a_greylisted_recipient_waits_at_least_five_minutes():
    assert tries(GREYLIST)[:6] == [0, 5, 15, 35, 75, 135]


@pytest.mark.parametrize("outcome", [NOBODY, SPAM])
def test_a_refused_recipient_waits_a_day(outcome):
    assert tries(outcome, 3 * DAY) == [0, 1440, 2880]


def test_changed_settings_are_worth_a_try_at_once():
    backoff = after(PASSWORD, None, NOW, "old")
    assert waits(backoff, NOW, "old")
    assert not waits(backoff, NOW, "new")


def test_a_clock_set_back_waits_no_longer_than_the_longest_wait():
    backoff = after(NOBODY, None, NOW)
    assert waits(backoff, NOW + timedelta(minutes=1))
    assert not waits(backoff, NOW - timedelta(hours=1))
    assert not waits(backoff, NOW - 900 * DAY)


def test_another_trouble_begins_its_own_count_and_the_outage_keeps_its_beginning():
    down = after(DOWN, after(DOWN, None, NOW), NOW + timedelta(minutes=5))
    wrong = after(PASSWORD, down, NOW + timedelta(minutes=15))
    assert (down.failures, wrong.failures) == (2, 1)
    assert wrong.next_try == NOW + timedelta(minutes=75)
    assert wrong.since == NOW
    assert (wrong.reason, wrong.reply) == ("auth-refused", "535 no")


def test_a_failure_holds_back_those_whom_it_concerns():
    mail = ("me@mail.example.com:587", "li", ("a/renewal/2026-12-05/3", "b/bill/2026-12-05/x/3"))
    assert scopes(DOWN, *mail) == ("account:me@mail.example.com:587",)
    assert scopes(GREYLIST, *mail) == ("person:li",)
    assert scopes(SPAM, *mail) == ("reminder:li/a/renewal/2026-12-05/3", "reminder:li/b/bill/2026-12-05/x/3")
