"""SMTP against a real server: what certainly failed is never taken for sent, and what may have gone is called unknown."""

import asyncio
import datetime as dt
import socket
import ssl
import threading
import time
import tracemalloc
from contextlib import closing, suppress

import pytest
import trustme

from renewd.channels import connect
from renewd.channels.smtp import Smtp
from renewd.domain.outcome import DeliveryError, Envelope
from smtp import DROP, HANG, LOSE, MUTE, Leaping, closed_port, peer

DATA = b"Subject: hello\r\n\r\n5L2g5aW9\r\n"
NOW = dt.datetime.now(dt.UTC)  # certificates are judged by the machine's clock


def to(address="li@example.com", data=DATA):
    return Envelope(sender="renewd@example.com", recipient=address, data=data, name="<a@example.com>")


def smtp(server, **fields):
    ours = {"host": "127.0.0.1", "port": server.port, "tls": "none", "hello": "example.com"}
    return Smtp(**(ours | fields))


async def attempt(channel, *envelopes):
    """The outcomes of one session, or the one of opening it."""
    try:
        async with channel.session() as session:
            return [await session.send(envelope) for envelope in envelopes or (to(),)]
    except DeliveryError as error:
        return [error.outcome]


def run(test, *, loop=Leaping, **server):
    """Run a test with a server: nobody waits for one that hangs, so that patience is what it is in real life."""

    async def main():
        async with asyncio.timeout(2000 if loop is Leaping else 20), peer(**server) as there:
            await test(there)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


def now():
    """The loop's clock, which leaps."""
    return asyncio.get_running_loop().time()


def short(outcome):
    return outcome.result, outcome.scope, outcome.reason, outcome.code, outcome.permanent


def test_a_mail_arrives_byte_for_byte():
    data = b"Subject: x\r\n\r\n.\r\n..\r\n.hidden\r\nline\r\n"

    async def test(server):
        (outcome,) = await attempt(smtp(server), to(data=data))
        assert short(outcome) == ("sent", "message", "accepted", 250, False)
        assert outcome.reply == "250 2.0.0 Ok: queued as 1"
        assert [(m.sender, m.recipient, m.data) for m in server.mails] == [
            ("renewd@example.com", "li@example.com", data)
        ]
        assert server.log == [
            "EHLO example.com",
            "MAIL FROM:<renewd@example.com>",
            "RCPT TO:<li@example.com>",
            "DATA",
            "QUIT",
        ]

    run(test)


def test_bare_line_ends_cannot_end_a_mail():
    async def test(server):
        await attempt(smtp(server), to(data=b"a: b\n\n.\nMAIL FROM:<x@example.com>\r.\r\nend"))
        assert [m.data for m in server.mails] == [b"a: b\r\n\r\n.\r\nMAIL FROM:<x@example.com>\r\n.\r\nend\r\n"]

    run(test)


def test_one_connection_carries_many_mails():
    async def test(server):
        outcomes = await attempt(smtp(server), *(to(f"p{n}@example.com") for n in range(5)))
        assert [o.result for o in outcomes] == ["sent"] * 5
        assert (server.connections, len(server.mails)) == (1, 5)

    run(test)


@pytest.mark.parametrize(
    ("step", "said", "outcome"),
    [
        ("GREETING", "421 4.3.2 Busy", ("refused", "account", "server-not-now", 421, False)),
        ("GREETING", "554 5.3.2 No", ("refused", "account", "server-refused", 554, True)),
        ("MAIL", "421 4.3.2 Busy", ("refused", "account", "server-not-now", 421, False)),
        ("MAIL", "451 4.3.0 Later", ("refused", "account", "server-not-now", 451, False)),
        ("MAIL", "550 5.7.1 No", ("refused", "account", "server-refused", 550, True)),
        ("RCPT", "450 4.2.0 Greylisted", ("refused", "recipient", "recipient-not-now", 450, False)),
        ("RCPT", "550 5.1.1 Unknown", ("refused", "recipient", "recipient-refused", 550, True)),
        ("RCPT", "421 4.3.2 Busy", ("refused", "account", "server-not-now", 421, False)),
        ("DATA", "451 4.3.0 Later", ("refused", "account", "message-not-now", 451, False)),
        ("DATA", "554 5.5.1 No", ("refused", "message", "message-refused", 554, True)),
        ("DOT", "421 4.3.2 Busy", ("refused", "account", "server-not-now", 421, False)),
        ("DOT", "452 4.3.1 Full", ("refused", "account", "message-not-now", 452, False)),
        ("DOT", "552 5.3.4 Too big", ("refused", "message", "message-refused", 552, True)),
        ("DOT", "554 5.7.1 Spam", ("refused", "message", "message-refused", 554, True)),
    ],
)
def test_every_no_says_whom_it_concerns(step, said, outcome):
    async def test(server):
        server.says[step] = said
        (got,) = await attempt(smtp(server))
        assert short(got) == outcome
        assert got.reply == said
        assert server.mails == []

    run(test)


@pytest.mark.parametrize("step", ["AUTH", "RCPT", "DOT"])
def test_a_reply_in_gbk_is_readable(step):
    async def test(server):
        server.says[step] = "535 Error: 请使用授权码登录。".encode("gb18030").decode("utf-8", "surrogateescape")
        (outcome,) = await attempt(smtp(server, username="xiaoli@qq.example", password="secret"))
        assert outcome.reply == "535 Error: 请使用授权码登录。"

    run(test)


@pytest.mark.parametrize(
    ("step", "scope"),
    [("GREETING", "account"), ("EHLO", "account"), ("MAIL", "account"), ("RCPT", "recipient"), ("DATA", "recipient")],
)
@pytest.mark.parametrize(("said", "reason"), [(DROP, "dropped"), (HANG, "timeout"), ("hello?", "garbled")])
def test_before_the_dot_every_trouble_is_a_certain_failure(step, scope, said, reason):
    async def test(server):
        server.says[step] = said
        start = now()
        (outcome,) = await attempt(smtp(server))
        assert now() - start == pytest.approx(30 if said == HANG else 0)
        assert short(outcome) == ("failed", scope, reason, None, False)
        assert (server.connections, server.mails) == (1, [])

    run(test)


@pytest.mark.parametrize(
    ("said", "reason", "owned"),
    [
        (LOSE, "answer-lost", 1),
        (DROP, "answer-lost", 0),
        (HANG, "answer-late", 1),
        (MUTE, "answer-late", 1),
        ("hello?", "answer-garbled", 0),
        ("354 More?", "answer-garbled", 0),
    ],
)
def test_after_the_dot_every_silence_is_unknown(said, reason, owned):
    """Whether the server owns the mail or not, the client cannot tell, and says so."""

    async def test(server):
        server.says["DOT"] = said
        (outcome,) = await attempt(smtp(server))
        assert short(outcome) == ("unknown", "message", reason, None, False)
        assert len(server.mails) == owned

    run(test)


def test_a_connection_lost_within_the_data_is_unknown_as_the_dot_may_have_left():
    async def test(server):
        server.says["PAYLOAD"] = DROP
        (outcome,) = await attempt(smtp(server))
        assert (outcome.result, server.mails) == ("unknown", [])

    run(test)


def test_a_server_that_stops_reading_certainly_has_no_mail_and_never_gets_its_dot():
    async def test(server):
        server.says["PAYLOAD"] = HANG
        (outcome,) = await attempt(smtp(server), to(data=b"x" * 70 + b"\r\n" + (b"y" * 76 + b"\r\n") * 200_000))
        assert short(outcome) == ("failed", "recipient", "timeout", None, False)
        server.go_on.set()
        await server.quiet()
        assert server.mails == []

    run(test)


def test_a_server_of_the_old_kind_gets_its_helo():
    async def test(server):
        server.says["EHLO"] = "502 5.5.1 What?"
        (outcome,) = await attempt(smtp(server))
        assert outcome.result == "sent"

    run(test)


def test_a_slow_answer_to_the_dot_is_waited_for():
    """For ten minutes, as RFC 5321 wants it: who gives up before makes a second mail of one that was taken."""

    async def test(server):
        server.says["DOT"] = HANG
        start = now()
        (outcome,) = await attempt(smtp(server))
        assert outcome.result == "unknown"
        assert now() - start == pytest.approx(600)

    run(test)


def test_a_slow_line_works_while_each_answer_comes_in_time():
    """25 s before each answer, almost ten minutes before the last, and every byte alone."""

    async def test(server):
        server.pauses = {"": 25, "DOT": 590}
        start = now()
        (outcome,) = await attempt(smtp(server, username="me", password="secret"))
        assert short(outcome) == ("sent", "message", "accepted", 250, False)
        assert len(server.mails) == 1
        assert now() - start > 6 * 25 + 590

    run(test)


def test_a_refused_recipient_costs_the_next_one_nothing():
    async def test(server):
        server.says["RCPT bad@example.com"] = "550 5.1.1 No such user"
        envelopes = [to("bad@example.com"), to("good@example.com"), to("bad@example.com"), to("fine@example.com")]
        outcomes = await attempt(smtp(server), *envelopes)
        assert [o.result for o in outcomes] == ["refused", "sent", "refused", "sent"]
        assert [m.recipient for m in server.mails] == ["good@example.com", "fine@example.com"]
        assert server.connections == 1

    run(test)


def test_an_address_that_is_none_costs_its_own_mail_alone():
    async def test(server):
        wrong = ["a@b> SIZE=1", "李@example.com", "a b@example.com"]
        outcomes = await attempt(smtp(server), *(to(a) for a in wrong), to("good@example.com"))
        assert [short(o) for o in outcomes[:3]] == [("refused", "recipient", "address", None, True)] * 3
        assert outcomes[3].result == "sent"

    run(test)


@pytest.mark.parametrize("said", [DROP, "421 4.4.2 Idle too long"])
def test_a_used_connection_that_was_dropped_is_opened_anew_without_a_failure(said):
    async def test(server):
        server.says["MAIL"] = ["250 Ok", said, "250 Ok"]
        outcomes = await attempt(smtp(server), to("a@example.com"), to("b@example.com"))
        assert [o.result for o in outcomes] == ["sent", "sent"]
        assert (server.connections, len(server.mails)) == (2, 2)

    run(test)


def test_a_server_that_drops_every_mail_is_not_asked_twice_for_one():
    async def test(server):
        server.says["MAIL"] = DROP
        outcomes = await attempt(smtp(server), to("a@example.com"))
        assert [o.reason for o in outcomes] == ["dropped"]
        assert server.connections == 1

    run(test)


def test_when_every_other_answer_is_lost_the_others_arrive():
    async def test(server):
        server.says["DOT"] = ["250 Ok", LOSE, "250 Ok", LOSE, "250 Ok"]
        outcomes = await attempt(smtp(server), *(to(f"p{n}@example.com") for n in range(5)))
        assert [o.result for o in outcomes] == ["sent", "unknown", "sent", "unknown", "sent"]
        assert len(server.mails) == 5

    run(test)


def test_a_server_that_went_away_between_two_mails_is_an_outcome_and_no_crash():
    async def test(server):
        server.says["MAIL"] = ["250 Ok", DROP]
        server.says["GREETING"] = ["220 Hello", "421 4.3.2 Busy"]
        outcomes = await attempt(smtp(server), to("a@example.com"), to("b@example.com"))
        assert [short(o) for o in outcomes][1] == ("refused", "account", "server-not-now", 421, False)

    run(test)


@pytest.mark.parametrize("said", [HANG, DROP, MUTE, "500 5.5.2 What?", "hello?"])
def test_trouble_at_quit_is_nobodys_trouble(said):
    async def test(server):
        server.says["QUIT"] = said
        start = now()
        (outcome,) = await attempt(smtp(server))
        assert outcome.result == "sent"
        assert now() - start <= 5.1

    run(test)


def test_the_outcome_is_known_before_quit():
    async def test(server):
        async with smtp(server).session() as session:
            assert (await session.send(to())).result == "sent"
            assert server.count("QUIT") == 0
        assert server.count("QUIT") == 1

    run(test)


def test_a_megabyte_of_greeting_fills_no_memory():
    async def test(server):
        server.says["GREETING"] = "220-" + "x" * 1_000_000
        (outcome,) = await attempt(smtp(server))
        assert short(outcome) == ("failed", "account", "garbled", None, False)

    run(test)


@pytest.mark.parametrize("piece", [b"x" * 65536, b"220-" + b"x" * 500 + b"\r\n"])
def test_an_answer_without_an_end_is_ended_by_the_client(piece):
    """Half a megabyte is read of it at most, and then the line is cut, whatever the server goes on to write."""
    written = 0

    async def talk(_reader, writer):
        nonlocal written
        with suppress(OSError):
            while written < 500_000_000:
                writer.write(piece)
                written += len(piece)
                await writer.drain()
        writer.close()

    async def main():
        async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
            tracemalloc.start()
            try:
                port = server.sockets[0].getsockname()[1]
                (outcome,) = await attempt(Smtp(host="127.0.0.1", port=port, tls="none"))
                return outcome, tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    outcome, memory = asyncio.run(main())
    assert (outcome.result, outcome.scope) == ("failed", "account")
    assert written < 30_000_000  # what the sockets hold, and no more
    assert memory < 5_000_000


# passwords


def test_a_good_password_is_sent_once():
    async def test(server):
        (outcome,) = await attempt(smtp(server, username="me", password="secret"), to())
        assert outcome.result == "sent"
        assert [m.user for m in server.mails] == ["me"]
        assert server.count("AUTH") == 1

    run(test)


@pytest.mark.parametrize(("offer", "how"), [("AUTH LOGIN", "LOGIN"), ("AUTH LOGIN PLAIN CRAM-MD5", "PLAIN")])
def test_one_mechanism_is_tried(offer, how):
    async def test(server):
        (outcome,) = await attempt(smtp(server, username="me", password="wrong"))
        assert short(outcome) == ("refused", "account", "auth-refused", 535, True)
        assert [line for line in server.log if line.startswith("AUTH")] == [f"AUTH {how}"]
        assert server.count("MAIL") == 0

    run(test, offers=(offer,))


def test_a_login_that_is_not_possible_now_is_no_wrong_password():
    async def test(server):
        server.says["AUTH"] = "454 4.7.0 Temporary failure"
        (outcome,) = await attempt(smtp(server, username="me", password="secret"))
        assert short(outcome) == ("refused", "account", "auth-not-now", 454, False)

    run(test)


def test_a_server_without_logins_gets_no_mail():
    async def test(server):
        (outcome,) = await attempt(smtp(server, username="me", password="secret"))
        assert short(outcome) == ("failed", "account", "auth-not-offered", None, False)
        assert server.count("MAIL") == 0

    run(test, offers=("8BITMIME",))


def test_without_a_password_nothing_is_tried():
    async def test(server):
        (outcome,) = await attempt(smtp(server, username="me"))
        assert short(outcome) == ("failed", "account", "password-missing", None, False)
        assert server.connections == 0

    run(test)


def test_the_password_is_in_no_reply_and_no_repr():
    async def test(server):
        server.says["AUTH"] = "535 no: hunter2-is-long aHVudGVyMi1pcy1sb25n AG1lAGh1bnRlcjItaXMtbG9uZw=="
        channel = smtp(server, username="me", password="hunter2-is-long")
        (outcome,) = await attempt(channel)
        assert outcome.reply == "535 no: *** *** ***"
        assert "hunter2" not in repr(channel) + channel.account + channel.stamp

    run(test)


def test_a_reply_is_one_clean_line():
    async def test(server):
        server.says["RCPT"] = "550-5.1.1 \x1b]0;evil\x07 no\r\n550 \u202euser " + "x" * 5000
        (outcome,) = await attempt(smtp(server))
        assert outcome.reply.startswith("550 5.1.1 ]0;evil no user xxx")
        assert len(outcome.reply) == 500

    run(test)


def test_no_password_goes_to_another_machine_in_the_clear(monkeypatch):
    async def test(server):
        monkeypatch.setattr("renewd.channels.smtp_session.connect", lambda *a, **k: _far(server.port))
        (outcome,) = await attempt(smtp(server, username="me", password="secret"))
        assert short(outcome) == ("failed", "account", "password-in-the-clear", None, False)
        assert server.log == []

    run(test)


class _Far(socket.socket):
    def getpeername(self):
        return ("198.51.100.7", 25)


async def _far(port):
    sock = _Far()
    sock.connect(("127.0.0.1", port))
    return sock


# encryption


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    authority.path = path
    return authority


def context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_an_encrypted_mail_arrives(authority, tls):
    good = context(authority.issue_cert("127.0.0.1"))

    async def test(server):
        channel = smtp(server, tls=tls, ca_file=authority.path, username="me", password="secret")
        outcomes = await attempt(channel, to("a@example.com"), to("b@example.com"))
        assert [o.result for o in outcomes] == ["sent", "sent"]
        assert {m.encrypted for m in server.mails} == {True}
        outcomes = await attempt(channel)
        assert channel.context is channel.context
        assert [o.result for o in outcomes] == ["sent"]

    run(test, **({"tls": good} if tls == "starttls" else {"implicit": good}))


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("expired", "certificate-expired"),
        ("early", "certificate-not-yet-valid"),
        ("host", "certificate-wrong-host"),
        ("authority", "certificate-unknown-ca"),
        ("itself", "certificate-self-signed"),
    ],
)
def test_a_certificate_that_is_not_good_stops_everything(authority, tmp_path, tls, wrong, reason):
    day = dt.timedelta(days=1)
    certificate = {
        "expired": lambda: authority.issue_cert("127.0.0.1", not_before=NOW - 9 * day, not_after=NOW - day),
        "early": lambda: authority.issue_cert("127.0.0.1", not_before=NOW + day, not_after=NOW + 9 * day),
        "host": lambda: authority.issue_cert("other.example.com"),
        "authority": lambda: trustme.CA().issue_cert("127.0.0.1"),
        "itself": lambda: signed_by_itself(tmp_path),
    }[wrong]()
    bad = certificate if wrong == "itself" else context(certificate)

    async def test(server):
        channel = smtp(server, tls=tls, ca_file=authority.path, username="me", password="secret")
        (outcome,) = await attempt(channel)
        assert short(outcome) == ("failed", "account", reason, None, False)
        assert outcome.reply
        assert [line for line in server.log if not line.startswith(("EHLO", "STARTTLS"))] == []

    run(test, **({"tls": bad} if tls == "starttls" else {"implicit": bad}))


def signed_by_itself(folder):
    """A server's context with a certificate that nobody else signed: an authority's own."""
    ca = trustme.CA()
    ca.private_key_pem.write_to_path(str(folder / "key"))
    ca.cert_pem.write_to_path(str(folder / "certificate"))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "certificate", folder / "key")
    return made


def test_a_server_that_offers_no_encryption_gets_no_password_and_no_mail():
    async def test(server):
        (outcome,) = await attempt(smtp(server, tls="starttls", username="me", password="secret"))
        assert short(outcome) == ("failed", "account", "tls-not-offered", None, False)
        assert [line.split()[0] for line in server.log] == ["EHLO"]

    run(test)


@pytest.mark.parametrize("said", ["454 4.7.0 TLS not available", "502 5.5.1 No", "250 2.0.0 Ok"])
def test_a_refused_encryption_is_no_reason_to_go_on_without(authority, said):
    async def test(server):
        server.says["STARTTLS"] = said
        (outcome,) = await attempt(smtp(server, tls="starttls", ca_file=authority.path))
        assert (outcome.result, outcome.scope) in (("refused", "account"), ("failed", "account"))
        assert "MAIL" not in " ".join(server.log)

    run(test, tls=context(authority.issue_cert("127.0.0.1")))


@pytest.mark.parametrize(("tls", "step"), [("implicit", "GREETING"), ("starttls", "HANDSHAKE")])
def test_a_handshake_that_does_not_come_ends_in_time(authority, tls, step):
    async def test(server):
        server.says[step] = HANG
        start = now()
        (outcome,) = await attempt(smtp(server, tls=tls, ca_file=authority.path))
        assert short(outcome) == ("failed", "account", "timeout", None, False)
        assert now() - start == pytest.approx(30)

    run(test, tls=context(authority.issue_cert("127.0.0.1")))


def test_a_server_that_speaks_plainly_where_encryption_was_agreed_on_gets_nothing(authority):
    async def test(server):
        (outcome,) = await attempt(smtp(server, tls="implicit", ca_file=authority.path))
        assert short(outcome) == ("failed", "account", "tls-failed", None, False)
        assert "MAIL" not in " ".join(server.log)

    run(test)


def test_a_missing_file_of_authorities_is_named(tmp_path):
    async def test(server):
        (outcome,) = await attempt(smtp(server, tls="starttls", ca_file=tmp_path / "none.pem"))
        assert short(outcome) == ("failed", "account", "ca-file", None, False)
        assert "none.pem" in outcome.reply

    run(test)


# names, addresses, stopping


def test_a_closed_port_is_a_certain_failure():
    with closed_port() as port:
        (outcome,) = asyncio.run(attempt(Smtp(host="127.0.0.1", port=port, tls="none")))
    assert short(outcome) == ("failed", "account", "connection-refused", None, False)


def test_an_unknown_name_is_a_certain_failure(monkeypatch):
    def nobody(*_args, **_named):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    (outcome,) = asyncio.run(attempt(Smtp(host="mail.example.com", port=25, tls="none")))
    assert short(outcome) == ("failed", "account", "dns", None, False)
    (outcome,) = asyncio.run(attempt(Smtp(host="x" * 70 + ".example.com", port=25, tls="none")))
    assert outcome.reason == "dns"


def test_a_silent_name_server_neither_holds_up_the_round_nor_the_exit(monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: never.wait(60) or [])
    (outcome,) = asyncio.run(attempt(Smtp(host="mail.example.com", port=25, tls="none", patience=0.3)))
    assert short(outcome) == ("failed", "account", "dns", None, False)
    assert [thread for thread in threading.enumerate() if thread.name == "resolve"]  # it still waits; nobody else does
    never.set()


def test_every_address_of_a_name_gets_its_chance(monkeypatch):
    """The first swallows every connection, the second refuses it, the third is the server."""

    async def test(server):
        def addresses(*_args, **_named):
            stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            return [(*stream, hole.getsockname()), (*stream, refusing), (*stream, ("127.0.0.1", server.port))]

        monkeypatch.setattr(socket, "getaddrinfo", addresses)
        (outcome,) = await attempt(smtp(server, address_patience=1.0))
        assert outcome.result == "sent"

    with closed_port() as gone, closing(socket.socket()) as hole:
        refusing = ("127.0.0.1", gone)
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(hole.getsockname())
        try:
            run(test)
        finally:
            for filler in fillers:
                filler.close()


def test_ipv6_that_leads_nowhere_does_not_use_up_the_time():
    six = [(socket.AF_INET6, 1, 6, "", n) for n in range(3)]
    four = [(socket.AF_INET, 1, 6, "", n) for n in range(2)]
    assert [a[0] for a in connect._mixed([*six, *four])][:2] == [socket.AF_INET6, socket.AF_INET]


@pytest.mark.parametrize(
    "step", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "PAYLOAD", "DOT", "QUIT", "STARTTLS", "HANDSHAKE"]
)
def test_a_stop_ends_every_wait_at_once(authority, step):
    """Within 5 s is the promise; what is unsent stays unsent."""
    encrypted = step in ("STARTTLS", "HANDSHAKE")

    async def test(server):
        server.says[step] = HANG
        tls = "starttls" if encrypted else "none"
        channel = smtp(
            server, tls=tls, ca_file=authority.path, username="me", password="secret", patience=60, quit_patience=60
        )
        task = asyncio.create_task(attempt(channel, to(data=b"x\r\n" * 2_000_000 if step == "PAYLOAD" else DATA)))
        await server.silent.wait()
        for _ in range(50):  # turns of the loop, until the client has nothing to do but to wait
            await asyncio.sleep(0)
        assert not task.done()
        stopped.append(time.monotonic())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - stopped[0] < 50  # all patience is 60; a machine may stand still for some seconds

    stopped = []
    certificate = context(authority.issue_cert("127.0.0.1")) if encrypted else None
    run(test, loop=asyncio.SelectorEventLoop, tls=certificate)
    assert time.monotonic() - stopped[0] < 50  # the loop's own end too


def test_a_canceled_mail_never_hands_its_answer_to_the_next():
    async def test(server):
        server.says["RCPT slow@example.com"] = HANG
        async with smtp(server).session() as session:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(session.send(to("slow@example.com")), 0.2)
            outcome = await session.send(to("good@example.com"))
        assert outcome.result == "sent"
        assert [m.recipient for m in server.mails] == ["good@example.com"]
        assert server.connections == 2

    run(test, loop=asyncio.SelectorEventLoop)


async def fail_after_a_mail(channel):
    async with channel.session() as session:
        await session.send(to())
        raise RuntimeError("bug")


def test_an_exception_between_two_mails_closes_the_session_without_waiting():
    async def test(server):
        server.says["QUIT"] = HANG
        with pytest.raises(RuntimeError, match="bug"):
            await fail_after_a_mail(smtp(server, quit_patience=9))
        assert server.count("QUIT") == 0

    run(test)


def test_the_account_and_its_stamp_follow_the_settings():
    one = Smtp(host="mail.example.com", port=587, username="me", password="secret")
    assert one.account == "me@mail.example.com:587"
    assert one.stamp == Smtp(host="mail.example.com", port=587, username="me", password="secret").stamp
    assert one.stamp != Smtp(host="mail.example.com", port=587, username="me", password="other").stamp
    assert one.stamp != Smtp(host="mail.example.com", port=587, username="me", password="secret", tls="implicit").stamp
