"""How a push is taken off the phone again, by a service that can: once it is settled, or replaced by a later one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import PushAccount
from renewd.formats.push_content import Push


class Withdrawal(NamedTuple):
    """A push that is to be taken back. `reply` is what the service said when it took it; `words` stay in its place."""

    push: Push
    account: PushAccount
    reply: str
    age: timedelta
    words: str


class TakeBack(NamedTuple):
    """How a service takes a push back. `ask` returns None for a push that it cannot take back."""

    ask: Callable[[Withdrawal], HttpRequest | None]
    is_gone: Callable[[HttpAnswer], bool]
    replaces: bool  # whether a later push of a subject takes the place of the earlier one by itself
    before: Callable[[PushAccount], HttpRequest] | None = None  # a question to the server before the first
    is_able: Callable[[HttpAnswer], bool] = lambda _: True  # whether its answer says that it can
    moved: Callable[[PushAccount, HttpAnswer], PushAccount | None] = lambda _, __: None  # what to ask in its place
