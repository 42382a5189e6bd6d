"""ntfy: how it is asked, and what its answer means."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import post
from renewd.channels.push.answers import SOON, busy, in_general, number_in, refused, retry_after, sent, text_in
from renewd.channels.push.service import Sending, Service
from renewd.channels.push.withdrawal import TakeBack, Withdrawal
from renewd.domain.outcome import Outcome

_WAITS = {
    42901: timedelta(seconds=60),
    42909: timedelta(minutes=30),
    42904: timedelta(hours=24),
}


def _ask(sending: Sending) -> HttpRequest:
    push, account = sending.push, sending.account
    body: dict[str, object] = {
        "topic": account.last_part,
        "title": push.title,
        "message": push.text,
        "priority": 4 if push.breaks_through else 3,
        "sequence_id": push.subject,
    }
    if push.link:
        body["click"] = push.link
    if push.button and push.button_link:
        body["actions"] = [{"action": "view", "label": push.button, "url": push.button_link, "clear": True}]
    return post(f"{account.url}/", body, account.login())


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what ntfy means: success has the id of a message, and its sequence where the server can replace."""
    if (general := in_general(answer, now)) is not None:
        return general
    words, code = text_in(answer, "error"), number_in(answer, "code")
    if answer.status == 200 and (answer.json or {}).get("id"):
        return sent(reply="" if (answer.json or {}).get("sequence_id") else "no sequence_id")
    if code == 42908:
        midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
        return busy(answer, words, midnight - now)
    if answer.status == 429:
        return busy(answer, words, retry_after(answer, now) or _WAITS.get(code or 0, SOON))
    if answer.status >= 500:
        return busy(answer, words)
    if answer.status in (401, 403):
        return refused(answer, "push-key", words)
    if answer.status == 404 or code in (40009, 40010):
        return refused(answer, "push-settings", words)
    return refused(answer, "push-content" if answer.status in (400, 413) else "push-refused", words)


def _withdraw(withdrawal: Withdrawal) -> HttpRequest | None:
    if withdrawal.reply:  # the server did not repeat the sequence: it is older than 2.16, and knows none
        return None
    account = withdrawal.account
    url = f"{account.url}/{quote(account.last_part)}/{withdrawal.push.subject}"
    return HttpRequest(url, headers=account.login(), method="DELETE")


SERVICE = Service(
    "https://ntfy.sh",
    _ask,
    _meaning,
    key_names_server=True,
    take_back=TakeBack(_withdraw, lambda answer: answer.status == 200, replaces=True),
)
