"""What a push service is: one row, which its module in this folder holds. Limits and traps: docs/push.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import PushAccount
from renewd.channels.push.withdrawal import TakeBack
from renewd.domain.outcome import Outcome
from renewd.formats.push_content import Push


class Sending(NamedTuple):
    """One attempt. `id` is the same for every attempt to send the push."""

    push: Push
    account: PushAccount
    id: str
    now: datetime
    button: bool = True


class Limit(NamedTuple):
    """How many pushes a service takes within a time, before it blocks the sender."""

    most: int
    within: timedelta


A_ROBOTS_LIMITS = (Limit(20, timedelta(minutes=1)),)  # of a robot in a group
KEYWORD = "renewd"  # begins each text where a robot may ask for a keyword


class Service(NamedTuple):
    """How a service is asked, what its answer means, and what it can do.

    `url` is the public server; `ask` raises KeyError for a line that the secret lacks.
    """

    url: str
    ask: Callable[[Sending], HttpRequest]
    meaning: Callable[[HttpAnswer, datetime], Outcome]
    had_it: Callable[[HttpAnswer], bool] | None = None  # whether a repeat is refused because the first try arrived
    again: Callable[[Sending, HttpAnswer], Sending | None] | None = None  # what to send in place of what was refused
    who_wrote: Callable[[PushAccount], HttpRequest] | None = None  # asks for the chats that the secret may name
    key_names_server: bool = False  # whether a key that is a whole address says which server it belongs to
    take_back: TakeBack | None = None
    limits: tuple[Limit, ...] = ()
    a_day: int | None = None  # until midnight in China
    avoids_half_hours: bool = False  # whether it drops what comes on the full and half hour
