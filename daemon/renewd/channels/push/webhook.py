"""A webhook: how it is asked, and what its answer means."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from hashlib import sha256

from renewd.channels.http import HttpAnswer, HttpRequest
from renewd.channels.push.account import JSON
from renewd.channels.push.answers import SOON, busy, refused, retry_after, sent
from renewd.channels.push.service import Sending, Service
from renewd.domain.outcome import Outcome


def _ask(sending: Sending) -> HttpRequest:
    account, body = sending.account, sending.push.public()
    at = str(int(sending.now.timestamp()))
    url, secret = (account.key, account.more.get("sign")) if not account.url else (account.url, account.key)
    headers = {**JSON, "webhook-id": sending.id, "webhook-timestamp": at}
    if secret:
        signed = hmac.digest(secret.encode(), f"{sending.id}.{at}.".encode() + body, sha256)
        headers["X-Renewd-Signature"] = f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"
        headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
    return HttpRequest(url, body, headers)


def _meaning(answer: HttpAnswer, now: datetime) -> Outcome:
    """Return what a webhook means: any 2xx is well, whatever its body is."""
    words = f"HTTP {answer.status}"
    if 200 <= answer.status < 300:
        return sent()
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return busy(answer, words, retry_after(answer, now) or SOON)
    if answer.status in (401, 403):
        return refused(answer, "push-key", words)
    if answer.status in (400, 413, 422):
        return refused(answer, "push-content", words)
    return refused(answer, "push-settings", words)


SERVICE = Service("", _ask, _meaning)
