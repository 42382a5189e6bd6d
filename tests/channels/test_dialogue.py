"""Replies belong to the commands that asked for them, however they arrive."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from aiosmtplib.errors import SMTPReadTimeoutError, SMTPResponseException, SMTPServerDisconnected

from renewd.channels.dialogue import Dialogue
from renewd.channels.smtp import Smtp
from renewd.delivery import Envelope


@asynccontextmanager
async def serving(serve):
    """Run a server, and see its one connection closed at the end."""
    over = asyncio.Event()

    async def whole(reader, writer):
        try:
            with suppress(ConnectionError):
                await serve(reader, writer)
        finally:
            writer.transport.abort()
            over.set()

    server = await asyncio.start_server(whole, "127.0.0.1", 0)
    async with asyncio.timeout(10):
        yield server.sockets[0].getsockname()[1]
        await over.wait()
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


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (b"550 not you\r\n503 who\r\n503 what\r\n", ("account", "server-refused")),
        (b"250 ok\r\n550 unknown\r\n554 nobody\r\n", ("recipient", "recipient-refused")),
        (b"250 ok\r\n550 unknown\r\n354 go on\r\n", ("recipient", "recipient-refused")),
    ],
)
def test_a_mail_that_was_refused_is_not_begun_even_where_the_server_would_take_it(answers, outcome):
    heard = []

    async def serve(reader, writer):
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.write(b"250-here\r\n250 PIPELINING\r\n")
        heard.append(await reader.readuntil(b"DATA\r\n"))
        writer.write(answers)
        heard.append(await reader.read())

    async def main():
        async with serving(serve) as port:
            channel = Smtp(host="127.0.0.1", port=port, tls="none", quit_patience=0.1)
            async with channel.session() as session:
                envelope = Envelope(
                    sender="a@example.com", recipient="b@example.com", data=b"x: y\r\n\r\nz\r\n", name="<n>"
                )
                got = await session.send(envelope)
                assert (got.scope, got.reason, got.code) == (*outcome, 550)

    asyncio.run(main())
    assert heard[0] == b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
    assert heard[1] == (b"" if b"354" in answers else b"QUIT\r\n")
