"""A mailbox over IMAP: a real Dovecot, and servers that lie, hang and drop."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest

from mailboxes import DOVECOT, PASSWORD, USER, MailServer, dovecot
from renewd.config.secrets import Secret
from renewd.config.settings import Answers
from renewd.service import mailbox
from renewd.service.mailbox import Line, MailboxCursor, MailboxError, open_mailbox

needs_dovecot = pytest.mark.skipif(DOVECOT is None, reason="Dovecot is not here")
MAIL = b"From: mom@example.com\r\nSubject: x\r\n\r\ndone\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with dovecot() as running:
        yield running


def answers(port: int, folder: str = "INBOX") -> Answers:
    return Answers(host="127.0.0.1", port=port, tls="none", username=USER, address=USER, folder=folder)


def newest(server: MailServer, folder: str = "INBOX") -> MailboxCursor:
    with open_mailbox(answers(server.port, folder), PASSWORD, Line()) as box:
        return box.newest


@needs_dovecot
def test_only_what_came_since_is_read_and_nothing_is_changed(server):
    server.put(MAIL)
    since = newest(server)
    with open_mailbox(answers(server.port), PASSWORD, Line()) as box:
        assert list(box.mails(None)) == []
        assert list(box.mails(since)) == []
    server.put(MAIL + b"a" * 100_000)
    with open_mailbox(answers(server.port), PASSWORD, Line()) as box:
        [(uid, data)] = box.mails(since)
        assert (uid, len(data), data.startswith(MAIL)) == (since.next, 65536, True)
        assert list(box.mails(MailboxCursor(since.validity + 1, 1))) == []
    assert list((server.mails / "cur").iterdir()) == []  # they still are new
    assert len(list((server.mails / "new").iterdir())) == 2


@needs_dovecot
def test_a_folder_of_any_name_is_read(server):
    server.put(MAIL, ".&i6KWBQ- &- &fu2NOQ-")
    assert newest(server, "订阅 & 续费").next == 2
    with pytest.raises(MailboxError) as raised:
        newest(server, "没有")
    assert raised.value.code == "service.answers.refused"
    assert not raised.value.refused


@needs_dovecot
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_over_tls_only_a_certificate_that_is_trusted_is_taken(server, tls):
    port = server.tls_port if tls == "implicit" else server.port
    secure = answers(port)._replace(tls=tls, mail_ca_file=server.ca)
    line = Line()
    with open_mailbox(secure, PASSWORD, line):
        assert line.client is not None
        assert isinstance(line.client.sock, ssl.SSLSocket)
    with pytest.raises(MailboxError) as raised, open_mailbox(secure._replace(mail_ca_file=None), PASSWORD, Line()):
        pass
    assert raised.value.code == "service.answers.unreachable"
    assert "certificate verify failed" in raised.value.args_["why"].lower()


@needs_dovecot
def test_the_diagnosis_says_whether_the_mailbox_can_be_read(server, tmp_path):
    """As a server that says when a mail comes; a wrong password, none, a folder that is not there, nobody at the port."""
    good, nobody = Secret(password=PASSWORD), answers(1)
    for asked, secret, how, weight in (
        (answers(server.port), good, "waits", "ok"), (answers(server.port), Secret(password="wrong"), "wrong", "bad"),
        (answers(server.port), Secret(), "no-password", "bad"), (answers(server.port, "nothing"), good, "wrong", "bad"),
        (nobody, good, "wrong", "bad"),
    ):  # fmt: skip
        [found] = mailbox.diagnose(asked, secret)
        assert (found.name, found.how, found.weight) == ("mailbox", how, weight)


@needs_dovecot
def test_a_wrong_password_is_told_apart(server):
    with pytest.raises(MailboxError) as raised, open_mailbox(answers(server.port), "wrong", Line()):
        pass
    assert (raised.value.code, raised.value.refused) == ("service.answers.login", True)
    assert "AUTHENTICATIONFAILED" in str(raised.value.args_["reply"])


@needs_dovecot
def test_a_server_that_knows_how_says_when_a_mail_has_come(server):
    with open_mailbox(answers(server.port), PASSWORD, Line()) as box:
        threading.Timer(0.2, server.put, [MAIL]).start()
        assert box.wait(timedelta(minutes=1))


@needs_dovecot
def test_a_session_is_cut_from_outside(server):
    line = Line()
    with pytest.raises(MailboxError), open_mailbox(answers(server.port), PASSWORD, line) as box:  # noqa: PT012
        threading.Timer(0.2, line.cut).start()
        box.wait(timedelta(minutes=5))
    with pytest.raises(MailboxError), open_mailbox(answers(server.port), PASSWORD, line):
        pass


@needs_dovecot
def test_what_is_more_than_a_session_reads_is_left_for_the_next(server, monkeypatch):
    monkeypatch.setattr(mailbox, "_MOST_MAILS", 2)
    since = newest(server)
    for _ in range(3):
        server.put(MAIL)
    with open_mailbox(answers(server.port), PASSWORD, Line()) as box:
        assert [uid for uid, _ in box.mails(since)] == [since.next, since.next + 1]
        assert box.has_more


@contextmanager
def speaking(*lines: bytes) -> Iterator[int]:
    """A server that says these lines whatever it is asked, each after a line of the other side; then it drops."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as heard, suppress(OSError):
            for line in lines:
                tag = b"" if line.startswith((b"* OK hello", b"HTTP")) else heard.readline().split(b" ")[0]
                connection.sendall(line.replace(b"TAG", tag))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


HELLO = (b"* OK hello\r\n", b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n", b"TAG OK done\r\n", b"TAG BAD what\r\n")
LATER = (
    b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",
    b'* STATUS "INBOX" (UIDVALIDITY 1 UIDNEXT 5)\r\nTAG OK done\r\n',
    b"* 4 EXISTS\r\nTAG OK done\r\n",
)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (b"* OK hello no more",),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n",),
        HELLO[:2],
        HELLO,
        (*HELLO, LATER[0], b'* STATUS "INBOX" (MESSAGES 1)\r\nTAG OK done\r\n'),
        (*HELLO, LATER[0], b"TAG NO Unsafe Login\r\n"),
        (*HELLO, *LATER, b"* SEARCH 5 5 x 7\r\nTAG OK done\r\n", b"* 1 FETCH (BODY[] {999999999}\r\n"),
        (*HELLO, *LATER, b"* SEARCH 5\r\nTAG OK done\r\n", b"* 1 FETCH (BODY[] {10}\r\nabc"),
    ],
)  # fmt: skip
def test_a_server_that_lies_or_drops_ends_in_words(lines):
    with (
        speaking(*lines) as port,
        pytest.raises(MailboxError) as raised,
        open_mailbox(answers(port), PASSWORD, Line()) as box,
    ):
        list(box.mails(MailboxCursor(1, 5)))
    assert raised.value.code in ("service.answers.refused", "service.answers.unreachable", "service.answers.login")


@pytest.mark.parametrize("said", [HELLO[:1], (*HELLO, *LATER)])
def test_a_server_that_never_ends_its_list_is_left(said):
    """Before the login as well as after it: all that a server sends is kept until its answer is complete."""
    endless = (b"* OK " + b"x" * 1000 + b"\r\n") * 5000
    with (
        speaking(*said, endless) as port,
        pytest.raises(MailboxError) as raised,
        open_mailbox(answers(port), PASSWORD, Line()) as box,
    ):
        list(box.mails(MailboxCursor(1, 5)))
    assert "4000000 bytes" in str(raised.value.args_)


def test_a_server_that_never_comes_to_its_greeting_is_cut(monkeypatch):
    """A byte now and then is no silence: the time of the whole session ends it."""
    monkeypatch.setattr(mailbox, "_PATIENCE", 600.0)
    line, beginning = Line(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"* CAPA")
                beginning.set()
                connection.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        threading.Thread(target=lambda: (beginning.wait(), line.cut()), daemon=True).start()
        with pytest.raises(MailboxError), open_mailbox(answers(listener.getsockname()[1]), PASSWORD, line):
            pass


def test_a_server_without_idle_is_asked_again_later():
    said = (*HELLO, *LATER, b"* SEARCH 1 4\r\nTAG OK done\r\n", b"TAG OK done\r\n")
    with speaking(*said) as port, open_mailbox(answers(port), PASSWORD, Line()) as box:
        assert list(box.mails(MailboxCursor(1, 5))) == []
        assert not box.wait(timedelta(minutes=5))


def test_nobody_listens():
    with pytest.raises(MailboxError) as raised, open_mailbox(answers(1), PASSWORD, Line()):
        pass
    assert raised.value.code == "service.answers.unreachable"
