"""Replies belong to the commands that asked for them, however they arrive."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager, suppress

import pytest
from aiosmtplib.errors import SMTPReadTimeoutError, SMTPResponseException, SMTPServerDisconnected

from renewd.channels.dialogue import Dialogue
from renewd.channels.smtp import Smtp
from renewd.domain.outcome import Envelope

MAIL = Envelope(sender="a@example.com", recipient="b@example.com", data=b"x: y\r\n\r\nz\r\n", name="<n>")


@asynccontextmanager
async def serving(serve):
    """Run a server, and see its connections closed at the end."""
    talks = set()

    async def whole(reader, writer):
        talks.add(asyncio.current_task())
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await serve(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(whole, "127.0.0.1", 0)
    async with asyncio.timeout(10):
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*talks)
    server.close()
    await server.wait_closed()


def talk(test, *scripts):
    """Run a test with a dialogue to a server, which waits for a line and then sends the next script piece by piece."""

    async def serve(reader, writer):
        for script in scripts:
            await reader.readline()
            for piece in script:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
        await reader.read()

    async def main():
        async with serving(serve) as port:
            transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, "127.0.0.1", port)
            dialogue = Dialogue(transport)
            try:
                await test(dialogue)
            finally:
                dialogue.close()

    asyncio.run(main())


def bytes_of(text):
    return [bytes([byte]) for byte in text]


@pytest.mark.parametrize("cut", [lambda text: [text], bytes_of, lambda text: [text[:13], text[13:]]])
def test_replies_that_arrive_in_any_pieces_are_told_apart(cut):
    async def test(dialogue):
        dialogue.ask(b"A\r\n", b"B\r\n", b"C\r\n")
        assert [tuple(await dialogue.reply(5)) for _ in range(3)] == [
            (250, "one"),
            (250, "two\nmore"),
            (354, "go on"),
        ]
        assert dialogue.unanswered == 0

    talk(test, cut(b"250 one\r\n250-two\r\n250 more\r\n354 go on\r\n"))


def test_what_is_said_unasked_is_no_answer():
    async def test(dialogue):
        dialogue.ask(b"A\r\n")
        assert (await dialogue.reply(5)).message == "one"
        dialogue.ask(b"B\r\n")
        assert (await dialogue.reply(5)).message == "two"

    talk(test, [b"250 one\r\n250 forged\r\n250-for"], [b"250 two\r\n"])


@pytest.mark.parametrize("said", [b"hello\r\n", b"25\r\n", b"250-" + b"x" * 40_000 + b"\r\n", b"250-x\r\n" * 10_000])
def test_what_is_no_reply_ends_the_talk(said):
    async def test(dialogue):
        dialogue.ask(b"A\r\n", b"B\r\n")
        assert (await dialogue.reply(5)).code == 250
        with pytest.raises(SMTPResponseException) as found:
            await dialogue.reply(5)
        assert found.value.code == -1

    talk(test, [b"250 one\r\n", said])


def test_a_silence_and_an_end_are_told_apart():
    async def silent(dialogue):
        dialogue.ask(b"A\r\n")
        with pytest.raises(SMTPReadTimeoutError):
            await dialogue.reply(0.05)
        dialogue.close()
        assert not dialogue.is_open
        with pytest.raises(SMTPServerDisconnected):
            dialogue.ask(b"B\r\n")
        with pytest.raises(SMTPServerDisconnected):
            await dialogue.reply(5)

    talk(silent)


def test_an_answer_that_came_while_the_process_stood_still_is_no_silence():
    async def main(ours, theirs):
        transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
        dialogue = Dialogue(transport)
        dialogue.ask(b"A\r\n")
        waiting = asyncio.create_task(dialogue.reply(0.1))
        await asyncio.sleep(0)
        theirs.send(b"250 one\r\n")
        time.sleep(0.2)  # noqa: ASYNC251  # the whole process stands
        assert (await waiting).message == "one"
        dialogue.close()

    ours, theirs = socket.socketpair()
    with theirs:
        asyncio.run(main(ours, theirs))


def sessions(*answers, mails=2, patience=0.3):
    """Send mails over a server that gives an answer each time it is asked; give what became of them, and what each connection heard."""
    heard = []

    async def serve(reader, writer):
        place = len(heard)
        heard.append(b"")
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.write(b"250-here\r\n250 PIPELINING\r\n")
        for answer in answers:
            heard[place] += await reader.readuntil(b"DATA\r\n")
            writer.write(answer)
        heard[place] += await reader.read()

    async def main():
        async with serving(serve) as port:
            channel = Smtp(host="127.0.0.1", port=port, tls="none", patience=patience, quit_patience=0.1)
            async with channel.session() as session:
                return [await session.send(MAIL) for _ in range(mails)]

    got = asyncio.run(main())
    return [(one.scope, one.reason, one.code) for one in got], heard


def test_the_answers_to_a_refused_mail_are_not_taken_for_the_next_ones():
    no = b"550 not you\r\n503 first MAIL\r\n503 first RCPT\r\n"
    got, heard = sessions(no, no)
    assert got == [("account", "server-refused", 550)] * 2
    assert len(heard) == 1


def test_after_a_silence_or_a_421_the_next_mail_has_a_connection_of_its_own():
    got, heard = sessions(b"550 not you\r\n")
    assert got == [("account", "server-refused", 550)] * 2
    assert len(heard) == 2
    got, heard = sessions(b"250 ok\r\n421 I leave\r\n", patience=30)
    assert got == [("account", "server-not-now", 421)] * 2
    assert len(heard) == 2


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (b"550 not you\r\n503 who\r\n503 what\r\n", ("account", "server-refused")),
        (b"250 ok\r\n550 unknown\r\n554 nobody\r\n", ("recipient", "recipient-refused")),
        (b"250 ok\r\n550 unknown\r\n354 go on\r\n", ("recipient", "recipient-refused")),
    ],
)
def test_a_mail_that_was_refused_is_not_begun_even_where_the_server_would_take_it(answers, outcome):
    got, heard = sessions(answers, mails=1, patience=30)
    assert got == [(*outcome, 550)]
    goodbye = b"" if b"354" in answers else b"QUIT\r\n"
    assert heard == [b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n" + goodbye]
