"""A push service as a channel: one attempt, its answer, and what `doctor` finds of it without asking."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from renewd.assets import install_command
from renewd.channels import Description
from renewd.channels.http import HttpAnswer, HttpRequest, ask, open_client
from renewd.channels.push.account import PushAccount
from renewd.channels.push.chats import Chat, chats_of
from renewd.channels.push.service import Sending, Service
from renewd.channels.push.services import APPRISE, service_named
from renewd.channels.push.withdrawal import TakeBack, Withdrawal
from renewd.channels.stamp import slow_hash
from renewd.config.secrets import PushSecret, Secret
from renewd.config.settings import PushSettings
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.outcome import DeliveryError, Envelope, Outcome, clean_reply
from renewd.formats.push_content import Push

if TYPE_CHECKING:
    from httpx2 import AsyncClient

_MOST_REPLY = 200  # characters of a service's words that are kept
_APPRISE_PATIENCE = 10  # seconds
_STAYS = Outcome(result="refused", reason="push-stays")


@dataclass(frozen=True, kw_only=True)
class PushChannel:
    """One `[push.ID]`. `clock` returns aware UTC: some services want the time in the request."""

    settings: PushSettings
    secret: PushSecret = field(repr=False)
    clock: Callable[[], datetime]
    moved: set[tuple[str, str]] = field(
        default_factory=set, repr=False, compare=False
    )  # lines that the secret should have

    @property
    def account(self) -> str:
        """The account that a back-off belongs to: the service and the id."""
        return f"{self.settings.service}:{self.settings.id}"

    @cached_property
    def stamp(self) -> str:
        """A hash of the settings and the secret."""
        return slow_hash(json.dumps([self.secret.key, dict(self.secret.more)]), repr(self.settings))

    def describe(self) -> Description:
        """Return `push`, its id and its service."""
        return Description("push", {"id": self.settings.id, "service": self.settings.service})

    async def diagnose(self, _secret: Secret, _now: datetime) -> AsyncIterator[Diagnosis]:
        """Iterate what is found of the secret. A service is not asked, as it knows no question but a push.

        A Telegram bot without a chat is asked who has written to it.
        """
        facts: dict[str, object] = {"id": self.settings.id, "service": self.settings.service}
        for problem in self.secret.problems:
            yield Diagnosis("push", "wrong", "bad" if problem.severity == "error" else "note", {"why": problem} | facts)
        if self.needs_chat:
            try:
                chats = await self.chats()
            except DeliveryError as error:
                yield Diagnosis("push", "no-chat", "bad", outcome=error.outcome)
                return
            how = "which-chat" if chats else "not-started"
            yield Diagnosis("push", how, "bad", facts | {"chats": "; ".join(map(str, chats))})
        elif self.secret.key:
            yield Diagnosis("push", "ok", "ok", facts)

    @property
    def needs_chat(self) -> bool:
        """Whether it is a bot of which nobody said whom it writes to."""
        if self.settings.service == APPRISE or self.service.who_wrote is None:
            return False
        return bool(self.secret.key) and not self.secret.more.get("chat")

    async def chats(self) -> tuple[Chat, ...]:
        """Return the chats that the bot was written to. Raises DeliveryError where that cannot be known."""
        assert self.service.who_wrote is not None  # the caller has seen `needs_chat`
        async with open_client(self.settings.proxy) as client:
            answer = await ask(client, self.service.who_wrote(self.reached))
        if answer.status != 200:
            outcome = self.service.meaning(answer, self.clock())
            raise DeliveryError(outcome._replace(reply=clean_reply(outcome.reply, self.secret.words)))
        return chats_of(answer)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[PushSession]:
        """Open a client. Raises DeliveryError where there is no key, or a proxy cannot be used."""
        if not self.secret.key:
            reason = Outcome(result="refused", scope="account", reason="push-secret-missing", reply=self.settings.id)
            raise DeliveryError(reason)
        if self.settings.service == APPRISE:
            yield PushSession(self, None)
            return
        async with open_client(self.settings.proxy) as client:
            yield PushSession(self, client)

    @property
    def service(self) -> Service:
        """Its service."""
        return service_named(self.settings.service)

    @property
    def takes_back(self) -> TakeBack | None:
        """How its service takes a push back; None for one that cannot."""
        return None if self.settings.service == APPRISE else self.service.take_back

    @property
    def reached(self) -> PushAccount:
        """The server and the key."""
        url = (self.settings.url or self.service.url).rstrip("/")
        if self.service.key_names_server and self.settings.url is None and "://" in self.secret.key:
            scheme, _, rest = self.secret.key.partition("://")
            url = f"{scheme}://{rest.partition('/')[0]}"
        return PushAccount(url=url, key=self.secret.key, more=self.secret.more)


class PushSession:
    """An open push service. An error of it holds up no other."""

    def __init__(self, channel: PushChannel, client: AsyncClient | None) -> None:
        self._channel = channel
        self._client = client
        self._able: bool | None = None
        self.in_doubt = False

    async def send(self, envelope: Envelope) -> Outcome:
        """Send one push, and return what the service's answer means."""
        if not envelope.may_leave():
            return Outcome(result="failed", reason="stopped")
        push = Push.from_bytes(envelope.data)
        self.in_doubt = True
        try:
            outcome = await (self._handed_over(push) if self._client is None else self._asked(push, envelope))
        except DeliveryError as error:
            outcome = error.outcome
        self.in_doubt = False
        return outcome._replace(reply=clean_reply(outcome.reply, self._channel.secret.words)[:_MOST_REPLY])

    async def take_back(self, withdrawal: Withdrawal) -> Outcome:
        """Take a push off the phone, and return whether that worked: `failed` and `unknown` are worth another try."""
        way = self._channel.takes_back
        assert way is not None  # the caller has seen `takes_back`
        assert self._client is not None
        request = way.ask(withdrawal)
        try:
            if request is None or not await self._is_able(way, withdrawal.account):
                return _STAYS
            answer = await ask(self._client, request)
            if (account := way.moved(withdrawal.account, answer)) is not None:
                moved = way.ask(withdrawal._replace(account=account))
                answer = await ask(self._client, moved) if moved is not None else answer
        except DeliveryError as error:
            return error.outcome
        if way.is_gone(answer):
            return Outcome(result="sent", reason="push-taken-back")
        outcome = self._channel.service.meaning(answer, self._channel.clock())
        return outcome if outcome.result == "failed" else _STAYS._replace(code=answer.status)

    async def _is_able(self, way: TakeBack, account: PushAccount) -> bool:
        """Whether the server can take pushes back. It is asked once a session."""
        if self._able is None:
            assert self._client is not None
            self._able = way.before is None or way.is_able(await ask(self._client, way.before(account)))
        return self._able

    async def _asked(self, push: Push, envelope: Envelope) -> Outcome:
        channel = self._channel
        account = channel.reached
        sending = Sending(push, account, envelope.name, channel.clock())
        answer = await self._answer(sending)
        service = channel.service
        if service.again is not None and (other := service.again(sending, answer)) is not None:
            channel.moved.update(other.account.more.items() - account.more.items())
            answer = await self._answer(other)
        if envelope.is_repeat and service.had_it is not None and service.had_it(answer):
            return Outcome(result="sent", reason="push-accepted")
        outcome = service.meaning(answer, channel.clock())
        return outcome._replace(reason="push-moved") if channel.moved and outcome.result == "sent" else outcome

    async def _answer(self, sending: Sending) -> HttpAnswer:
        assert self._client is not None
        try:
            request: HttpRequest = self._channel.service.ask(sending)
        except KeyError as missing:
            raise DeliveryError(_wrong_settings(f"{missing.args[0]}:")) from None
        except ImportError:
            raise DeliveryError(_missing("encrypt")) from None
        return await ask(self._client, request)

    async def _handed_over(self, push: Push) -> Outcome:
        """Hand a push to Apprise, which says only whether it could pass it on."""
        try:
            taken = await asyncio.wait_for(
                asyncio.to_thread(_apprise, self._channel.secret.key, push), _APPRISE_PATIENCE
            )
        except ImportError:
            return _missing("apprise")
        except TimeoutError:
            return Outcome(result="unknown", scope="account", reason="push-lost")
        if taken:
            return Outcome(result="sent", reason="push-handed-over")
        return Outcome(result="failed", scope="account", reason="push-busy", reply="apprise")


def _wrong_settings(words: str) -> Outcome:
    return Outcome(result="refused", scope="account", reason="push-settings", reply=words, permanent=True)


def _missing(extra: str) -> Outcome:
    return Outcome(result="failed", scope="account", reason="push-extra", reply=install_command(extra))


def _apprise(address: str, push: Push) -> bool:
    import logging  # noqa: PLC0415

    for name in ("apprise", "urllib3"):  # they log addresses, and they are secrets
        logging.getLogger(name).setLevel(logging.CRITICAL)
    import apprise  # noqa: PLC0415  # 150 ms, which only its users wait

    way = apprise.Apprise()
    if not way.add(address):
        raise DeliveryError(_wrong_settings("Apprise knows no such address"))
    return bool(way.notify(title=push.title, body=push.lines().partition("\n")[2] or push.title))
