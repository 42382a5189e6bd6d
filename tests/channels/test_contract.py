"""The contract of every channel: one suite over `CHANNELS`."""

import asyncio
import mailbox
from contextlib import asynccontextmanager
from email import message_from_bytes

import pytest

from renewd.channels import CHANNELS
from renewd.channels.maildir import Maildir
from renewd.channels.smtp import Smtp
from renewd.domain.outcome import DeliveryError, Envelope
from smtp import peer

DATA = b"Subject: hello\r\nMessage-ID: <%d@example.com>\r\n\r\n5L2g5aW9\r\n"


def envelope(n=1):
    return Envelope(sender="renewd@example.com", recipient="li@example.com", data=DATA % n, name=f"<{n}@example.com>")


@asynccontextmanager
async def an_smtp(_folder):
    async with peer() as server:
        yield (
            Smtp(host="127.0.0.1", port=server.port, tls="none"),
            Smtp(host="127.0.0.1", port=1, tls="none"),
            lambda: [message_from_bytes(mail.data) for mail in server.mails],
        )


@asynccontextmanager
async def a_maildir(folder):
    (folder / "file").write_text("")
    yield (
        Maildir(path=folder / "mail"),
        Maildir(path=folder / "file" / "mail"),
        lambda: list(mailbox.Maildir(folder / "mail", create=False)),
    )


MAKERS = {"smtp": an_smtp, "maildir": a_maildir}


def test_every_channel_is_tested_here():
    assert MAKERS.keys() == CHANNELS.keys() - {"held"}  # it delivers nothing


@pytest.fixture(params=MAKERS)
def on(request, tmp_path):
    """Run a test with (a good channel, one that cannot work, what arrived)."""

    def run(test):
        async def main():
            async with asyncio.timeout(20), MAKERS[request.param](tmp_path) as parts:
                await test(*parts)

        asyncio.run(main())

    return run


def test_what_was_sent_has_arrived_as_it_was(on):
    async def test(good, _bad, arrived):
        async with good.session() as session:
            outcomes = [await session.send(envelope(n)) for n in range(3)]
            assert [o.result for o in outcomes] == ["sent"] * 3
            assert sorted(m["Message-ID"] for m in arrived()) == [f"<{n}@example.com>" for n in range(3)]
        for message in arrived():
            assert message["Subject"] == "hello"
            assert message.get_payload().strip() == "5L2g5aW9"

    on(test)


def test_a_channel_that_cannot_be_opened_says_why_and_whom_it_concerns(on):
    async def test(_good, bad, arrived):
        with pytest.raises(DeliveryError) as caught:
            await open_and_send(bad)
        outcome = caught.value.outcome
        assert (outcome.result, outcome.scope) == ("failed", "account")
        assert outcome.reason != "accepted"
        assert arrived is not None

    on(test)


async def open_and_send(channel):
    async with channel.session() as session:
        await session.send(envelope())


def test_a_session_without_mails_is_no_harm(on):
    async def test(good, _bad, arrived):
        async with good.session():
            pass
        assert arrived() == []

    on(test)


def test_a_channel_can_be_opened_again_and_again(on):
    async def test(good, _bad, arrived):
        for n in range(3):
            async with good.session() as session:
                await session.send(envelope(n))
        assert len(arrived()) == 3

    on(test)


def test_a_channel_has_a_name_and_a_stamp_that_stay(on):
    async def test(good, bad, _arrived):
        assert good.account == good.account != bad.account
        assert good.stamp == good.stamp != bad.stamp

    on(test)
