"""A real SMTP server in the test's own loop, that can be told to misbehave at any step.

    async with peer() as server:
        server.says["RCPT bad@example.com"] = "550 5.1.1 No such user"
        server.says["DOT"] = ["451 4.3.0 Later", "250 Ok"]      # one after the other, the last one stays
        server.says["MAIL"] = DROP                              # or HANG, LOSE (take the mail, then drop), MUTE

Steps: GREETING, EHLO, HELO, STARTTLS, HANDSHAKE, AUTH, MAIL, RCPT, DATA, PAYLOAD (its first line), DOT, RSET, QUIT;
those with an argument can be told apart by it: "RCPT address", "MAIL address". `pauses` are the seconds before an answer,
by step, "" for every other; its bytes then come one by one.

In a `Leaping` loop nobody waits for a server that hangs or pauses: its clock leaps to whatever comes next.
"""

from __future__ import annotations

import asyncio
import base64
import selectors
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field

from renewd.channels import Channel, Session
from renewd.domain.outcome import Envelope, Outcome

HANG, DROP, LOSE, MUTE = "<hang>", "<drop>", "<lose>", "<mute>"
MANNERS = ["PIPELINING"]  # what every server offers beside what a test asks of it
NOBODY_SPEAKS = 0.05  # real seconds without a byte, after which a leaping loop takes it that none is on its way
NO_LONGER = 60.0  # real seconds after which it leaps whatever happens: a test that waits for nothing ends by its limits


@contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port at which nothing answers; it stays taken, so that the server of no other test gets it."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


class Leaping(asyncio.SelectorEventLoop):
    """A loop whose time passes only while nobody has anything to do, and once `leaps`, passes in no time.

    Patience may then be as long as it really is, and a machine that stands still for a while does not use it up.
    """

    def __init__(self, *, leaps: bool = False) -> None:
        self.leaps = leaps
        self.passed = 0.0
        self.begun = time.monotonic()
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.passed


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: Leaping) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None):
        if not timeout:
            return super().select(timeout)
        leaps = self.loop.leaps or time.monotonic() - self.loop.begun > NO_LONGER
        found = super().select(min(timeout, NOBODY_SPEAKS) if leaps else timeout)
        if not found:
            self.loop.passed += timeout
        return found


@dataclass(frozen=True)
class Mail:
    """One mail that the server owns."""

    sender: str
    recipient: str
    data: bytes
    encrypted: bool
    user: str | None


class GoneError(Exception):
    """The server drops the connection."""


@dataclass
class Peer:
    """What the server was told to say, and what it saw."""

    offers: tuple[str, ...] = ("AUTH PLAIN LOGIN",)
    tls: ssl.SSLContext | None = None  # for STARTTLS
    port: int = 0
    says: dict[str, str | list[str]] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    connections: int = 0
    password: str = "secret"
    talks: set[asyncio.Task[None]] = field(default_factory=set)
    pauses: dict[str, float] = field(default_factory=dict)
    silent: asyncio.Event = field(default_factory=asyncio.Event)  # somebody waits for what will not come
    go_on: asyncio.Event = field(default_factory=asyncio.Event)  # ends a HANG at PAYLOAD

    def fall_silent(self) -> None:
        """From now on somebody waits for this server in vain, or for long."""
        self.silent.set()
        loop = asyncio.get_running_loop()
        if isinstance(loop, Leaping):
            loop.leaps = True

    async def quiet(self) -> None:
        """Wait until every connection has ended."""
        await asyncio.gather(*self.talks, return_exceptions=True)

    def count(self, verb: str) -> int:
        """How often a command was heard."""
        return sum(line.split(" ")[0] == verb for line in self.log)

    def to(self, address: str) -> list[Mail]:
        """The mails that somebody got."""
        return [mail for mail in self.mails if mail.recipient == address]

    def answer(self, step: str, default: str) -> str:
        """What is said at a step; a list is used up to its last."""
        for name in (step, step.split(" ", maxsplit=1)[0]):
            if name in self.says:
                said = self.says[name]
                if isinstance(said, list):
                    return said.pop(0) if len(said) > 1 else said[0]
                return said
        return default


def _within(words: str) -> str:
    return words.partition("<")[2].partition(">")[0]


class _Talk:
    def __init__(self, peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peer, self.reader, self.writer = peer, reader, writer
        self.encrypted = writer.get_extra_info("sslcontext") is not None
        self.user: str | None = None
        self.sender = ""
        self.recipient: str | None = None

    async def run(self) -> None:
        await self.say("GREETING", "220 mail.example.com ESMTP")
        while line := await self.line():
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            self.peer.log.append(f"{verb} {rest.split(' ')[0]}".strip())
            step = getattr(self, verb.lower(), None)
            if step is None:
                await self.write("500 5.5.2 What?")
            else:
                await step(rest)
            if verb == "QUIT":
                return

    async def line(self) -> str:
        return (await self.reader.readline()).decode("utf-8", "surrogateescape").rstrip("\r\n")

    async def say(self, step: str, default: str) -> bool:
        """Say what is to be said at a step; whether that was yes."""
        words = self.peer.answer(step, default)
        if words in (HANG, MUTE):
            self.peer.fall_silent()
        if words == HANG:
            await asyncio.Event().wait()
        if words in (DROP, LOSE):
            raise GoneError
        if words != MUTE:
            await self.write(words, self.peer.pauses.get(step.split(" ", maxsplit=1)[0], self.peer.pauses.get("", 0)))
        return words[0] in "23"

    async def write(self, words: str, pause: float = 0) -> None:
        data = words.encode("utf-8", "surrogateescape") + b"\r\n"
        if pause:
            self.peer.fall_silent()
            await asyncio.sleep(pause)
            for place in range(len(data) - 1):
                self.writer.write(data[place : place + 1])
                await self.writer.drain()
                await asyncio.sleep(0)
            data = data[-1:]
        self.writer.write(data)
        await self.writer.drain()

    async def ehlo(self, _: str) -> None:
        tls = ("STARTTLS",) if self.peer.tls is not None and not self.encrypted else ()
        offers = ["mail.example.com", *tls, *self.peer.offers]
        await self.say("EHLO", "\r\n".join([*(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}"]))

    async def helo(self, _: str) -> None:
        await self.say("HELO", "250 mail.example.com")

    async def starttls(self, _: str) -> None:
        if await self.say("STARTTLS", "220 2.0.0 Go ahead"):
            if self.peer.answer("HANDSHAKE", "") == HANG:
                self.peer.fall_silent()
                await asyncio.Event().wait()
            assert self.peer.tls is not None
            await self.writer.start_tls(self.peer.tls)
            self.encrypted = True

    async def auth(self, rest: str) -> None:
        how, _, first = rest.partition(" ")
        words = base64.b64decode(first).decode()
        if how == "PLAIN":
            _, user, password = words.split("\0")
        else:
            await self.write("334 UGFzc3dvcmQ6")
            user, password = words, base64.b64decode(await self.line()).decode()
        good = password == self.peer.password
        if await self.say("AUTH", "235 2.7.0 Welcome" if good else "535 5.7.8 Wrong password"):
            self.user = user

    async def mail(self, rest: str) -> None:
        if self.recipient is not None:
            await self.write("503 5.5.1 Nested MAIL")
            return
        self.sender = _within(rest)
        if await self.say(f"MAIL {self.sender}", "250 2.1.0 Ok"):
            self.recipient = ""

    async def rcpt(self, rest: str) -> None:
        recipient = _within(rest)
        if await self.say(f"RCPT {recipient}", "250 2.1.5 Ok"):
            self.recipient = recipient

    async def data(self, _: str) -> None:
        if not self.recipient:
            await self.write("503 5.5.1 No recipient")
            return
        if not await self.say("DATA", "354 End with a dot"):
            return
        said = self.peer.answer("PAYLOAD", "")
        if said == HANG:
            self.peer.fall_silent()
            await self.peer.go_on.wait()
        if said == DROP:
            await self.reader.readline()
            raise GoneError
        lines = []
        while (line := await self.reader.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line[1:] if line.startswith(b".") else line)
        # what is said decides whether the mail is taken; a mute, hanging or lost answer takes it all the same
        said = self.peer.says.get("DOT", "250")
        said = said[0] if isinstance(said, list) else said
        if said[0] == "2" or said in (LOSE, HANG, MUTE):
            self.peer.mails.append(Mail(self.sender, self.recipient, b"".join(lines), self.encrypted, self.user))
        self.recipient = None
        await self.say("DOT", f"250 2.0.0 Ok: queued as {len(self.peer.mails)}")

    async def rset(self, _: str) -> None:
        self.recipient = None
        await self.say("RSET", "250 2.0.0 Ok")

    async def quit(self, _: str) -> None:
        await self.say("QUIT", "221 2.0.0 Bye")


@asynccontextmanager
async def peer(
    *,
    tls: ssl.SSLContext | None = None,
    implicit: ssl.SSLContext | None = None,
    offers: tuple[str, ...] = ("AUTH PLAIN LOGIN",),
) -> AsyncIterator[Peer]:
    """Run a server on a free port of 127.0.0.1, with STARTTLS by `tls` or encrypted from the start by `implicit`."""
    server = Peer(tls=tls, offers=(*offers, *MANNERS))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        server.talks.add(task)
        server.connections += 1
        try:
            with suppress(GoneError, OSError, asyncio.IncompleteReadError):
                await _Talk(server, reader, writer).run()
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()
            server.talks.discard(task)

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=implicit)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(server.talks):
            task.cancel()
        await server.quiet()
        await listening.wait_closed()


class AfterSend:
    """A channel that calls `act` after each mail, before the outcome can be written down."""

    def __init__(self, channel: Channel, act: Callable[[], None]) -> None:
        self.channel, self.act = channel, act
        self.account, self.stamp = channel.account, channel.stamp

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        async with self.channel.session() as session:
            yield _ActingSession(session, self.act)


class _ActingSession:
    def __init__(self, session: Session, act: Callable[[], None]) -> None:
        self.session, self.act = session, act

    @property
    def in_doubt(self) -> bool:
        return self.session.in_doubt

    async def send(self, envelope: Envelope) -> Outcome:
        outcome = await self.session.send(envelope)
        self.act()
        return outcome


class Elsewhere:
    """A server in a thread of its own, for a test that has no loop: `with Elsewhere() as server`."""

    def __enter__(self) -> Peer:
        self.ready, self.over = threading.Event(), asyncio.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.thread.start()
        self.ready.wait(10)
        return self.peer

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        async with peer() as self.peer:
            self.ready.set()
            await self.over.wait()

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(10)
