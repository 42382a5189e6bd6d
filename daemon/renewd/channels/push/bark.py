"""Bark: how it is asked, and what its answer means."""

from __future__ import annotations

import re
from datetime import datetime

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import PushAccount, post
from renewd.channels.push.answers import SOON, busy, in_general, number_in, refused, retry_after, sent, text_in
from renewd.channels.push.encryption import encrypted
from renewd.channels.push.service import Sending, Service
from renewd.channels.push.withdrawal import TakeBack, Withdrawal
from renewd.domain.outcome import Outcome

_CAN_WITHDRAW = (2, 2, 5)  # the first version that deletes; an older one shows an empty notification


def _ask(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    outside = {"device_key": account.first_part, "id": push.subject}  # the server needs both
    body = {
        "title": push.title,
        "body": push.text,
        "group": "renewd",
        "level": "timeSensitive" if push.breaks_through else "active",
        "id": push.subject,
    }
    body |= {"url": push.link} if push.link else {}
    if key := account.more.get("encrypt"):
        body = encrypted(body, key)
    return post(f"{account.url}/push", outside | body, account.login())


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what Bark means: 500 may stand for a refusal as well as for trouble that passes."""
    words, code = text_in(answer, "message"), number_in(answer, "code")
    if answer.status == 418:
        return refused(answer, "push-settings", "HTTP 418")
    if (general := in_general(answer, now)) is not None:
        return general
    if code == 200 and answer.status == 200:
        return sent()
    if any(word in words for word in ("failed to get device token", "BadDeviceToken", "Unregistered")):
        return refused(answer, "push-key", words)
    if any(word in words for word in ("PayloadTooLarge", "BadCollapseId", "device key is empty")):
        return refused(answer, "push-content", words)
    if answer.status == 429 or answer.status >= 500:
        return busy(answer, words, retry_after(answer, now) or SOON)
    return refused(answer, "push-settings" if answer.status in (404, 405) else "push-refused", words)


def _withdraw(withdrawal: Withdrawal) -> HttpRequest:
    push, account = withdrawal.push, withdrawal.account
    body = {"device_key": account.first_part, "id": push.subject, "delete": "1"}
    return post(f"{account.url}/push", body, account.login())


def _is_gone(answer: HttpAnswer) -> bool:
    return answer.status == 200 and (answer.json or {}).get("code") == 200


def _info(account: PushAccount) -> HttpRequest:
    return HttpRequest(f"{account.url}/info", headers=account.login(), method="GET")


def _is_able(answer: HttpAnswer) -> bool:
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", str((answer.json or {}).get("version")))
    return version is not None and tuple(map(int, version.groups())) >= _CAN_WITHDRAW


SERVICE = Service(
    "https://api.day.app",
    _ask,
    _meaning,
    key_names_server=True,
    take_back=TakeBack(_withdraw, _is_gone, replaces=True, before=_info, is_able=_is_able),
)
