"""The reader of answers as `[answers]` configures it: started, moved and stopped when the file changes.

imap-tools is imported only if it is needed. A session has a thread of its own, which no stop and no mail waits for.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from renewd.assets import install_command
from renewd.channels import Channel
from renewd.config.fact_log import PersonRecorded
from renewd.config.secrets import imap_password
from renewd.config.settings import Answers, Settings
from renewd.disk import Paths
from renewd.domain.errors import RenewdError
from renewd.domain.outcome import DeliveryError, Envelope
from renewd.redact import MASK
from renewd.service.daemon_events import StepFailed, Tell, Trouble

if TYPE_CHECKING:
    from renewd.service.answer_desk import AnswerDesk, AnswerMemory
    from renewd.service.mailbox import Line

_BREATH = 5.0  # seconds between two sessions, however often the server says that something has come
_AFTER_REFUSAL = (timedelta(hours=1), timedelta(hours=8))
_AFTER_FAILURE = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


class AnswersState(NamedTuple):
    """How reading answers goes: of which mailbox, when it was last read, and what keeps it from being read."""

    mailbox: str
    looked: datetime | None = None
    trouble: RenewdError | None = None


class AnswerReader:
    """Reads answers for a daemon. `channel` returns the way out of the mails that say what became of them.

    `recorded` is called with what an answer recorded, from a thread of the session's.
    """

    def __init__(
        self,
        paths: Paths,
        clock: Callable[[], datetime],
        channel: Callable[[], Channel],
        tell: Tell,
        recorded: Callable[[PersonRecorded], None],
    ) -> None:
        self._paths = paths
        self._clock = clock
        self._channel = channel
        self._tell = tell
        self._recorded = recorded
        self._reads: tuple[Answers, str | None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._line: Line | None = None
        self.state: AnswersState | None = None  # None where no answers are read

    async def follow(self, settings: Settings) -> None:
        """Read as the file now says. A new password or mailbox ends every wait."""
        answers = settings.answers
        reads = None if answers is None else (answers, imap_password(settings, os.environ).password)
        if reads == self._reads:
            return
        await self.close()
        self._reads = reads
        if reads is None:
            return
        mailbox = f"{reads[0].username}@{reads[0].host}:{reads[0].port}/{reads[0].folder}"
        self.state = AnswersState(f"{reads[0].username}, {reads[0].host}")
        MASK.keep_secret(reads[1], reads[0].username)
        try:
            from renewd.service.answer_desk import AnswerDesk, AnswerMemory  # noqa: PLC0415
        except ImportError:
            self._fails(RenewdError("service.answers.missing", command=install_command("answers")))
            return
        from renewd.web.keyring import Keyring  # noqa: PLC0415

        keyring = Keyring(self._paths.state)
        desk = AnswerDesk(self._paths, lambda: keyring.links(""), self._clock, self._recorded)
        self._task = asyncio.create_task(self._read(*reads, desk, AnswerMemory.load(self._paths.state, mailbox)))

    async def close(self) -> None:
        """Read no more; a session that is under way is cut."""
        if self._line is not None:
            self._line.cut()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,), timeout=1)
        self._reads = self._task = self._line = self.state = None

    def _fails(self, error: RenewdError) -> None:
        if self.state is not None:
            self.state = self.state._replace(trouble=error)
        self._tell(Trouble(error))

    def _has_read(self) -> None:
        if self.state is not None:
            self.state = self.state._replace(looked=self._clock(), trouble=None)

    async def _read(self, answers: Answers, password: str | None, desk: AnswerDesk, memory: AnswerMemory) -> None:
        failed = 0
        while True:
            try:
                waited = await self._session(answers, password, desk, memory)
            except RenewdError as error:
                self._fails(error)
                waits = _AFTER_REFUSAL if getattr(error, "refused", False) else _AFTER_FAILURE
                pause = waits[min(failed, len(waits) - 1)].total_seconds()
                failed += 1
            except Exception as error:  # noqa: BLE001  # it must not end what reads the next answer
                self._tell(StepFailed("answers", error))
                pause = _AFTER_FAILURE[-1].total_seconds()
            else:
                failed, pause = 0, _BREATH if waited else answers.every.total_seconds()
            await asyncio.sleep(pause)

    async def _session(self, answers: Answers, password: str | None, desk: AnswerDesk, memory: AnswerMemory) -> bool:
        """Read what is new, answer it, and wait for more. Return whether the next session may begin at once."""
        from renewd.service.mailbox import Line  # noqa: PLC0415

        loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        line = self._line = Line()
        replies: asyncio.Queue[Envelope | None] = asyncio.Queue()

        def say(what: Callable[..., object], *args: object) -> None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(what, *args)

        def work() -> None:
            try:
                result = read_new(
                    answers, password, desk, memory, line,
                    send=lambda envelope: say(replies.put_nowait, envelope),
                    tell=lambda error: say(self._tell, StepFailed("answers", error)),
                    read=lambda: say(self._has_read),
                )  # fmt: skip
            except BaseException as error:  # noqa: BLE001  # whoever waits for it raises it
                say(_fail, done, error)
            else:
                say(_succeed, done, result)
            say(replies.put_nowait, None)

        threading.Thread(target=work, name="answers", daemon=True).start()
        while (envelope := await replies.get()) is not None:
            await self._send(envelope)
        return bool(await done)

    async def _send(self, envelope: Envelope) -> None:
        """Send what became of an answer, once: the page and the next mail show it as well."""
        try:
            async with self._channel().session() as session:
                await session.send(envelope)
        except DeliveryError as error:
            self._tell(Trouble(error))


def read_new(
    answers: Answers,
    password: str | None,
    desk: AnswerDesk,
    memory: AnswerMemory,
    line: Line,
    *,
    send: Callable[[Envelope], None],
    tell: Callable[[Exception], None],
    read: Callable[[], None],
) -> bool:
    """Handle the mails that came since the last session, then wait for more if the server says when there are some.

    Return whether more may be there. Raises MailboxError, OSError. `send` is called with each answer, `tell` with an
    error of renewd's own, which does not affect the other mails, and `read` once all that came is handled.
    """
    from renewd.service.mailbox import SESSION, MailboxCursor, open_mailbox  # noqa: PLC0415

    line.cut_after(SESSION)
    try:
        with open_mailbox(answers, password, line) as mailbox:
            newest = mailbox.newest
            for uid, data in mailbox.mails(memory.cursor):
                try:
                    envelope = desk.handle(data, memory)
                except Exception as error:  # noqa: BLE001
                    envelope = None
                    tell(error)
                memory.cursor = MailboxCursor(newest.validity, uid + 1)
                memory.save()
                if envelope is not None:
                    send(envelope)
            if mailbox.has_more:
                return True
            if memory.cursor is None or memory.cursor < newest or memory.cursor.validity != newest.validity:
                memory.cursor = newest
                memory.save()
            read()
            line.cut_after(answers.every.total_seconds() + SESSION)
            return mailbox.wait(answers.every)
    finally:
        line.cut_after(None)


def _succeed(done: asyncio.Future[bool], result: bool) -> None:  # noqa: FBT001
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[bool], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)
        done.exception()  # perhaps nobody is waiting anymore
