"""Telegram: how it is asked, and what its answer means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import PushAccount, post
from renewd.channels.push.answers import SOON, busy, in_general, refused, seconds, sent, text_in
from renewd.channels.push.chats import updates
from renewd.channels.push.service import A_ROBOTS_LIMITS, Sending, Service
from renewd.channels.push.withdrawal import TakeBack, Withdrawal
from renewd.domain.outcome import Outcome

_DELETES = timedelta(hours=47)  # it deletes nothing that is older than 48 hours
_GONE = ("message to delete not found", "message to edit not found", "message is not modified")


def _ask(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body: dict[str, object] = {
        "chat_id": account.more["chat"],
        "text": push.lines(),
        "link_preview_options": {"is_disabled": True},
    }
    host = urlsplit(push.button_link or "").hostname or ""
    if sending.button and push.button and "." in host:  # it refuses the whole message for any other host
        body["reply_markup"] = {"inline_keyboard": [[{"text": push.button, "url": push.button_link}]]}
    return post(f"{account.url}/bot{account.key}/sendMessage", body)


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what Telegram means. The reply of a message that was sent is its id."""
    if (general := in_general(answer, now)) is not None:
        return general
    body, words = answer.json or {}, text_in(answer, "description")
    if body.get("ok") is True:
        result = body.get("result")
        return sent(reply=str(result.get("message_id", "")) if isinstance(result, dict) else "")
    if answer.status == 429:
        more = body.get("parameters")
        after = more.get("retry_after") if isinstance(more, dict) else None
        return busy(answer, words, seconds(after) if isinstance(after, int) else SOON)
    if answer.status >= 500:
        return busy(answer, words)
    if answer.status in (401, 404):
        return refused(answer, "push-key", words)
    if answer.status == 403 or "chat not found" in words or "upgraded to a supergroup" in words:
        return refused(answer, "push-settings", words)
    return refused(answer, "push-content" if answer.status == 400 else "push-refused", words)


def _withdraw(withdrawal: Withdrawal) -> HttpRequest | None:
    account, message = withdrawal.account, withdrawal.reply
    if not message.isdecimal():
        return None
    body: dict[str, object] = {"chat_id": account.more.get("chat"), "message_id": int(message)}
    if withdrawal.age < _DELETES:
        return post(f"{account.url}/bot{account.key}/deleteMessage", body)
    return post(f"{account.url}/bot{account.key}/editMessageText", body | {"text": withdrawal.words})


def _is_gone(answer: HttpAnswer) -> bool:
    body = answer.json or {}
    words = str(body.get("description"))
    return body.get("ok") is True or any(one in words for one in _GONE)


def _again(sending: Sending, answer: HttpAnswer) -> Sending | None:
    """Return the message without a button that was refused, or for the new id of a group that was moved."""
    if answer.status != 400:
        return None
    if "BUTTON_URL_INVALID" in answer.text or "button URL" in answer.text:
        return sending._replace(button=False)
    account = _moved(sending.account, answer)
    return None if account is None else sending._replace(account=account)


def _moved(account: PushAccount, answer: HttpAnswer) -> PushAccount | None:
    """Return the account with the new id of a group that was moved."""
    more = (answer.json or {}).get("parameters")
    chat = more.get("migrate_to_chat_id") if isinstance(more, dict) else None
    return None if chat is None else replace(account, more={**account.more, "chat": str(chat)})


SERVICE = Service(
    "https://api.telegram.org",
    _ask,
    _meaning,
    again=_again,
    who_wrote=updates,
    take_back=TakeBack(_withdraw, _is_gone, replaces=False, moved=_moved),
    limits=A_ROBOTS_LIMITS,
)
