"""The chats that a Telegram bot was written to: one of them is the line `chat:` of its secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import PushAccount
from renewd.domain.outcome import clean_reply

_MOST_NAME = 40


class Chat(NamedTuple):
    """A chat, with the name that its other side gave itself."""

    id: int
    name: str

    def __str__(self) -> str:
        """Return the line of the secret, and whose it is."""
        return f"chat: {self.id} ({self.name})" if self.name else f"chat: {self.id}"


def updates(account: PushAccount) -> HttpRequest:
    """Return the question for what was last written to a bot."""
    return HttpRequest(f"{account.url}/bot{account.key}/getUpdates", method="GET")


def chats_of(answer: HttpAnswer) -> tuple[Chat, ...]:
    """Return the chats of an answer, each once."""
    found = (answer.json or {}).get("result")
    return tuple(dict.fromkeys(_chats(found))) if isinstance(found, list) else ()


def _chats(found: list[object]) -> Iterator[Chat]:
    for update in found:
        for part in update.values() if isinstance(update, dict) else ():
            chat = part.get("chat") if isinstance(part, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                name = chat.get("title") or chat.get("first_name") or chat.get("username") or ""
                yield Chat(chat["id"], clean_reply(str(name))[:_MOST_NAME])
