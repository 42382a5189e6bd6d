"""PostgreSQL's own: several nodes, leases, connections that break, versions, and what a reader may do."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from ledgers import begun
from postgres import server
from renewd.domain.errors import ConfigError
from renewd.domain.outcome import Outcome
from renewd.ledger import Draft, LedgerError, Reminded, Settlement, Start
from renewd.ledger.places import open_ledger as open_place
from renewd.ledger.places import reader as reader_of

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SENT = Outcome(result="sent")
LOST = Outcome(result="unknown", reason="answer-lost")


def open_ledger(url):
    from renewd.ledger.postgres import open_ledger as open_

    return open_(url).ledger


@pytest.fixture
def url():
    return server().url()


@pytest.fixture
def nodes(url):
    opened = []

    def node():
        opened.append(open_ledger(url))
        return opened[-1]

    yield node
    for ledger in opened:
        ledger.close()


@pytest.fixture
def short_leases(monkeypatch):
    monkeypatch.setattr("renewd.ledger.postgres_database.LEASE", 0.6)
    monkeypatch.setattr("renewd.ledger.postgres_database._RENEW", 0.1)


def draft(*stems, person="me"):
    return Draft(
        person=person,
        address=f"{person}@example.com",
        account="a",
        message_id="<1@example.com>",
        subject="x",
        data=b"x",
        reminders=tuple(Reminded(stem, 7, "tello", "renewal") for stem in stems or ("tello/renewal/2026-12-05",)),
        composed_at=NOW,
    )


def die(ledger):
    """What kill -9 leaves: a connection that is gone, and nothing said."""
    database = ledger.database
    database._closing.set()
    database._connection.close()


def cut(url):
    """Cut every connection to a schema's ledger, at the server."""
    nodes = server().sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'renewd'", url)
    for (pid,) in nodes:
        server().sql(f"SELECT pg_terminate_backend({pid}, 10000)")  # once it has gone


def show_no_life(url):
    """Let the leases of all nodes that have mails run out."""
    server().sql("UPDATE node SET lease = '-infinity' WHERE id IN (SELECT node FROM mail)", url)


def test_nodes_that_start_together_make_the_tables_once(url):
    with ThreadPoolExecutor(4) as pool:
        ledgers = list(pool.map(open_ledger, [url] * 4))
    for ledger in ledgers:
        ledger.set_last_pass(NOW)
        ledger.close()
    assert server().sql("SELECT COUNT(*) FROM renewd", url) == [(1,)]


def test_it_says_whether_it_was_empty(url, tmp_path):
    first, second = (open_place(url, tmp_path, NOW) for _ in range(2))
    first.ledger.close()
    second.ledger.close()
    assert (first.new, second.new) == (True, False)


def test_nodes_that_claim_the_same_keys_in_any_order_get_each_once(nodes):
    stems = [f"p{n}/renewal/2026-12-05" for n in range(40)]
    drafts = [draft(stem, person=f"p{n % 10}") for n, stem in enumerate(stems)]
    orders = [drafts, drafts[::-1], drafts[20:] + drafts[:20], drafts[::2] + drafts[1::2]]
    ledgers = [nodes() for _ in orders]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(begun, ledgers, orders))
    taken = [id_ for ids in given for id_ in ids if id_ is not None]
    assert len(taken) == len(set(taken)) == 40


def test_what_is_due_again_is_taken_by_one_node(nodes):
    first, *others = (nodes() for _ in range(4))
    (mail,) = begun(first, [draft()])
    first.settle([Settlement(mail=mail, outcome=LOST, at=NOW)])
    with ThreadPoolExecutor(3) as pool:
        took = list(pool.map(lambda ledger: ledger.repeat(mail, NOW + 15 * MINUTE), others))
    assert sorted(took) == [False, False, True]


def test_a_node_that_lost_the_race_does_not_repeat_before_the_gap_is_over(nodes):
    first, second = nodes(), nodes()
    (mail,) = begun(first, [draft()])
    first.settle([Settlement(mail=mail, outcome=LOST, at=NOW)])
    assert [one.mail for one in second.unknown(NOW + 15 * MINUTE)] == [mail]
    assert first.repeat(mail, NOW + 15 * MINUTE)
    first.settle([Settlement(mail=mail, outcome=LOST, at=NOW + 15 * MINUTE)])
    assert not second.repeat(mail, NOW + 15 * MINUTE)


@pytest.mark.usefixtures("short_leases")
def test_the_mails_of_a_node_that_lives_are_its_own_however_long_they_take(nodes):
    first, second = nodes(), nodes()
    begun(first, [draft()])
    time.sleep(1.2)
    assert second.take_over(NOW) == 0


@pytest.mark.usefixtures("short_leases")
def test_the_mails_of_a_node_that_died_are_taken_over_once_and_repeated_as_they_are(nodes):
    first, *others = (nodes() for _ in range(4))
    (mail,) = begun(first, [draft()])
    die(first)
    assert [ledger.take_over(NOW) for ledger in others] == [0, 0, 0]
    time.sleep(0.7)
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda ledger: ledger.take_over(NOW), others)) == 1
    (unknown,) = others[0].unknown(NOW + 15 * MINUTE)
    assert (unknown.mail, unknown.data) == (mail, b"x")
    assert others[0].mail(mail).line.last.outcome.reason == "interrupted"


def test_the_mails_of_a_node_that_ended_well_are_anybodys_at_once(nodes):
    first, second = nodes(), nodes()
    begun(first, [draft()])
    first.close()
    assert second.take_over(NOW) == 1


def test_what_a_dead_node_had_only_claimed_is_free_again_and_it_may_not_begin_it(nodes):
    first, second = nodes(), nodes()
    (begun_one,) = begun(first, [draft("tello/bill/2026-12-05")])
    (waiting,) = first.claim([draft()])
    second.release()
    assert second.take_over(NOW) == 0
    assert second.claim([draft()]) == [None]  # it lives
    server().sql("UPDATE node SET lease = '-infinity'", first.database._url)
    assert second.take_over(NOW) == 1
    assert [(line.mail, line.state) for line in second.history()] == [(begun_one, "unknown")]
    (again,) = second.claim([draft()])
    assert not first.exchange(starts=[Start(waiting, NOW), Start(again, NOW)])
    assert set(second.exchange(starts=[Start(again, NOW)])) == {again}


def test_machines_that_live_have_a_place_each(nodes):
    first, *others = (nodes() for _ in range(4))
    assert sorted(ledger.machines() for ledger in (first, *others)) == [(place, 4) for place in range(4)]
    first.close()
    assert sorted(ledger.machines() for ledger in others) == [(place, 3) for place in range(3)]
    server().sql("UPDATE node SET lease = '-infinity'", others[0].database._url)
    assert others[0].machines() == (0, 1)  # whoever asks does live


def test_a_node_that_was_thought_dead_may_still_say_what_became_of_its_mail(nodes):
    first, second = nodes(), nodes()
    (mail,) = begun(first, [draft()])
    server().sql("UPDATE node SET lease = '-infinity'", first.database._url)
    assert second.take_over(NOW) == 1
    first.settle([Settlement(mail=mail, outcome=SENT, at=NOW)])
    assert second.unknown(NOW + 999 * MINUTE) == ()
    assert second.history()[0].state == "sent"


def test_a_lease_is_taken_over_in_less_than_two_minutes():
    from renewd.ledger.postgres_database import LEASE
    from renewd.service.scheduler import BEAT

    assert LEASE + BEAT <= 120


def test_a_connection_cut_while_nobody_used_it_is_opened_anew_unseen(nodes, url):
    ledger = nodes()
    ledger.set_last_pass(NOW)
    cut(url)
    ledger.set_last_pass(NOW + MINUTE)
    assert ledger.last_pass() == NOW + MINUTE


def test_that_a_mail_was_sent_is_written_down_at_once_on_a_new_connection(nodes, url):
    ledger = nodes()
    (mail,) = begun(ledger, [draft()])
    for _ in range(2):  # not to be written a beat later: a crash until then would double it
        cut(url)
        ledger.settle([Settlement(mail=mail, outcome=SENT, at=NOW)])
        cut(url)
        assert ledger.claims([("me", "tello/renewal/2026-12-05")])
    assert ledger.history()[0].state == "sent"


def test_an_end_that_is_told_twice_in_one_write_is_an_end(nodes):
    ledger = nodes()
    (mail,) = begun(ledger, [draft()])
    ledger.settle([Settlement(mail=mail, outcome=SENT, at=NOW)] * 2)
    assert ledger.history()[0].state == "sent"


def test_a_server_that_is_away_is_an_error_until_it_is_back(nodes):
    ledger = nodes()
    (mail,) = begun(ledger, [draft()])
    server().stop()
    try:
        for _ in range(3):
            with pytest.raises(LedgerError) as caught:
                ledger.settle([Settlement(mail=mail, outcome=SENT, at=NOW)])
            assert caught.value.code == "delivery.ledger-away"
    finally:
        server().start()
    ledger.settle([Settlement(mail=mail, outcome=SENT, at=NOW)])
    assert ledger.history()[0].state == "sent"


def test_a_claim_whose_commit_was_kept_but_not_answered_is_taken_over(nodes, url, monkeypatch):
    first = nodes()
    connection = first.database._connection
    plain = connection.execute

    def commit_and_lose(sql, *words, **more):
        done = plain(sql, *words, **more)
        if sql == "COMMIT":
            cut(url)
            plain("SELECT 1")
        return done

    monkeypatch.setattr(connection, "execute", commit_and_lose)
    with pytest.raises(LedgerError):
        begun(first, [draft()])
    monkeypatch.undo()
    assert begun(first, [draft()]) == [None]
    assert first.take_over(NOW) == 0
    show_no_life(url)
    assert first.take_over(NOW) == 0
    assert first.claim([draft()]) != [None]
    assert first.history() == ()


def test_a_beginning_that_was_kept_but_not_answered_is_taken_over(nodes, url, monkeypatch):
    from renewd.ledger import postgres_database

    first, second = nodes(), nodes()
    (mail,) = first.claim([draft()])
    plain = postgres_database._Cursor.execute

    def execute_and_lose(cursor, *words):
        plain(cursor, *words)
        cut(url)
        plain(cursor, "SELECT 1")

    with monkeypatch.context() as patch:
        patch.setattr(postgres_database._Cursor, "execute", execute_and_lose)
        with pytest.raises(LedgerError):
            first.exchange(starts=[Start(mail, NOW)])
    assert first.take_over(NOW) == 0
    assert not first.exchange(starts=[Start(mail, NOW)])
    show_no_life(url)
    assert first.take_over(NOW) == 1
    assert [one.mail for one in second.unknown(NOW + 15 * MINUTE)] == [mail]


def test_tables_of_a_newer_renewd_are_refused_at_a_start_and_waited_out_while_running(nodes, url, tmp_path):
    running = nodes()
    server().sql("INSERT INTO renewd VALUES (99)", url)
    for attempt in (partial(open_place, url, tmp_path, NOW), partial(reader_of, url, tmp_path)):
        with pytest.raises(ConfigError) as caught:
            attempt()
        assert (caught.value.code, caught.value.exit_code) == ("delivery.ledger-newer", 78)
    running.set_last_pass(
        NOW
    )  # a rolling upgrade: newer tables hold what older programs write, until they connect again
    cut(url)
    with pytest.raises(LedgerError) as caught:
        running.set_last_pass(NOW)
    assert caught.value.code == "delivery.ledger-newer"


def test_tables_of_an_older_renewd_are_brought_forward_with_all_that_is_in_them(nodes, url, tmp_path):
    first = nodes()
    (mail,) = begun(first, [draft()])
    first.close()
    for step in (
        "ALTER TABLE mail ADD COLUMN data BYTEA",
        "UPDATE mail SET data = (SELECT data FROM content WHERE mail = id)",
        "DROP TABLE content",
        "DROP INDEX reminder_held",
        "ALTER TABLE mail DROP COLUMN channel",
        "ALTER TABLE reminder DROP COLUMN channel",
        "CREATE UNIQUE INDEX reminder_held ON reminder (person, stem, lead) WHERE held = 1",
        "UPDATE renewd SET version = 1",
    ):
        server().sql(step, url)
    with pytest.raises(LedgerError) as caught:
        reader_of(url, tmp_path)
    assert caught.value.code == "delivery.ledger-older"
    assert nodes().mail(mail).data == b"x"
    assert begun(nodes(), [draft("tello/bill/2026-12-05")]) == [mail + 1]
    assert server().sql("SELECT MAX(version) FROM renewd", url) == [(4,)]


def test_a_reader_sees_what_was_written_and_writes_nothing(nodes, url, tmp_path):
    with closing(reader_of(url, tmp_path)) as before:
        assert before.history() == ()
    begun(nodes(), [draft()])
    with closing(reader_of(url, tmp_path)) as beside:
        assert len(beside.history()) == 1
        with pytest.raises(LedgerError) as caught:
            beside.set_last_pass(NOW)
        assert caught.value.code == "delivery.ledger-not-writable"


def test_no_error_shows_the_password(tmp_path):
    server()
    for url in ("postgresql://me:hunter2@127.0.0.1:1/renewd", "postgresql://me:hunter2@127.0.0.1:1/x?nonsense=1"):
        with pytest.raises((LedgerError, ConfigError)) as caught:
            open_place(url, tmp_path, NOW)
        assert "hunter2" not in str(caught.value.args_)
        assert caught.value.args_["path"].startswith("127.0.0.1:1/")


def test_a_commit_is_on_the_servers_disk_whatever_the_server_is_set_to(nodes, url):
    server().sql("ALTER ROLE renewd SET synchronous_commit = off")
    try:
        with nodes().database.reading() as cursor:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
    finally:
        server().sql("ALTER ROLE renewd RESET synchronous_commit")


def test_a_node_that_holds_a_row_for_ever_holds_nobody_up_for_ever(nodes, monkeypatch):
    import psycopg

    monkeypatch.setattr("renewd.ledger.postgres_database._SESSION", {"lock_timeout": "200ms"})
    ledger = nodes()
    (mail,) = begun(ledger, [draft()])
    with psycopg.connect(ledger.database._url) as other:
        other.execute("SELECT * FROM mail FOR UPDATE")
        with pytest.raises(LedgerError) as caught:
            ledger.settle([Settlement(mail=mail, outcome=SENT, at=NOW)])
        assert caught.value.code == "delivery.ledger-busy"
    ledger.settle([Settlement(mail=mail, outcome=SENT, at=NOW)])


def test_a_server_that_hangs_holds_nobody_up_for_ever(nodes, monkeypatch):
    """Its system goes on to answer for it, so that no timeout of TCP ends the wait."""
    ledger = nodes()
    with ledger.database.statements() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    monkeypatch.setattr("renewd.ledger.postgres_database._SILENT", 0.3)
    os.kill(backend, signal.SIGSTOP)
    try:
        with pytest.raises(LedgerError) as caught, ledger.database.statements() as cursor:
            cursor.execute("SELECT 1")
        assert caught.value.code == "delivery.ledger-away"
    finally:
        os.kill(backend, signal.SIGCONT)
    assert ledger.last_pass() is None


def test_nothing_is_left_running_when_it_is_closed(url):
    before = set(threading.enumerate())  # one of an earlier test may end meanwhile
    ledger = open_ledger(url)
    ledger.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
    with pytest.raises(LedgerError):
        ledger.set_last_pass(NOW)
