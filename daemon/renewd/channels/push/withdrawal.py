"""How a push is taken off the phone again, at the services that can: once it is settled, or replaced by a later one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import PushAccount, post
from renewd.formats.push_content import Push

_BARK_CAN = (2, 2, 5)  # the first version that deletes; an older one shows an empty notification
_TELEGRAM_DELETES = timedelta(hours=47)  # it deletes nothing that is older than 48 hours
_TELEGRAM_IS_GONE = ("message to delete not found", "message to edit not found", "message is not modified")


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


def _bark(withdrawal: Withdrawal) -> HttpRequest:
    push, account = withdrawal.push, withdrawal.account
    body = {"device_key": account.first_part, "id": push.subject, "delete": "1"}
    return post(f"{account.url}/push", body, account.login())


def _bark_is_gone(answer: HttpAnswer) -> bool:
    return answer.status == 200 and (answer.json or {}).get("code") == 200


def _bark_info(account: PushAccount) -> HttpRequest:
    return HttpRequest(f"{account.url}/info", headers=account.login(), method="GET")


def _bark_is_able(answer: HttpAnswer) -> bool:
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", str((answer.json or {}).get("version")))
    return version is not None and tuple(map(int, version.groups())) >= _BARK_CAN


def _ntfy(withdrawal: Withdrawal) -> HttpRequest | None:
    if withdrawal.reply:  # the server did not repeat the sequence: it is older than 2.16, and knows none
        return None
    account = withdrawal.account
    url = f"{account.url}/{quote(account.last_part)}/{withdrawal.push.subject}"
    return HttpRequest(url, headers=account.login(), method="DELETE")


def _telegram(withdrawal: Withdrawal) -> HttpRequest | None:
    account, message = withdrawal.account, withdrawal.reply
    if not message.isdecimal():
        return None
    body: dict[str, object] = {"chat_id": account.more.get("chat"), "message_id": int(message)}
    if withdrawal.age < _TELEGRAM_DELETES:
        return post(f"{account.url}/bot{account.key}/deleteMessage", body)
    return post(f"{account.url}/bot{account.key}/editMessageText", body | {"text": withdrawal.words})


def _telegram_is_gone(answer: HttpAnswer) -> bool:
    body = answer.json or {}
    words = str(body.get("description"))
    return body.get("ok") is True or any(one in words for one in _TELEGRAM_IS_GONE)


TAKE_BACK_BARK = TakeBack(_bark, _bark_is_gone, replaces=True, before=_bark_info, is_able=_bark_is_able)
TAKE_BACK_NTFY = TakeBack(_ntfy, lambda answer: answer.status == 200, replaces=True)
TAKE_BACK_TELEGRAM = TakeBack(_telegram, _telegram_is_gone, replaces=False)
