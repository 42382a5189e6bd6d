"""What a channel is given and what it returns: an envelope, and the outcome of its delivery."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, NamedTuple

from renewd.domain.errors import RenewdError

Result = Literal["sent", "refused", "failed", "unknown"]
Scope = Literal["message", "recipient", "account"]
Reason = Literal[
    "accepted", "stored", "held",
    "dns", "unreachable", "connection-refused", "timeout", "dropped", "garbled",
    "ca-file", "tls-not-offered", "tls-refused", "tls-failed",
    "certificate-expired", "certificate-not-yet-valid", "certificate-wrong-host", "certificate-self-signed",
    "certificate-unknown-ca", "certificate-bad",
    "password-missing", "password-in-the-clear", "auth-not-offered", "auth-not-now", "auth-refused",
    "auth-refused-app", "auth-refused-code", "auth-refused-outlook", "auth-refused-ses", "auth-refused-sendgrid",
    "login-wanted", "tls-wanted", "sender-refused", "relay-refused", "hello-refused", "blocked", "quota",
    "server-refused", "server-not-now", "recipient-refused", "recipient-not-now", "mailbox-full",
    "message-refused", "message-not-now",
    "address",
    "answer-late", "answer-lost", "answer-garbled", "interrupted", "stopped",
    "settled", "replaced", "address-changed", "not-tried",
    "too-many-files", "disk-full", "not-writable", "disk-error",
    "push-sent", "push-accepted", "push-handed-over", "push-busy", "push-unreachable", "push-proxy", "push-tls",
    "push-secret-missing", "push-key", "push-settings", "push-clock", "push-content", "push-refused", "push-lost",
    "push-extra", "push-moved", "push-given-up", "push-not-repeated", "push-taken-back", "push-replaced", "push-stays",
]  # fmt: skip

_UNPRINTABLE = r"[\x00-\x20\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+"
_SURROGATE = "[\udc80-\udcff]"
_LONGEST_REPLY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One finished mail to one recipient; `name` stays the same for the same mail (its Message-ID).

    `may_leave` is asked right before the mail is handed over.
    """

    sender: str
    recipient: str
    data: bytes
    name: str
    may_leave: Callable[[], bool] = field(default=lambda: True, compare=False)
    is_repeat: bool = field(default=False, compare=False)  # an earlier try may have arrived


class Outcome(NamedTuple):
    """How one try ended.

    `sent`: the server owns the mail. `refused`: it said no, with `code` and `reply` (the whole answer, code and words).
    `failed`: it certainly has not got the mail. `unknown`: it may have (RFC 1047). `scope` says what else would meet
    the same trouble: everything on the account, everything to the recipient, or this mail alone. `permanent` (a 5xx)
    means that only a change helps. `reason` names the sentence `delivery.reason.…`.
    """

    result: Result
    scope: Scope = "message"
    reason: Reason = "accepted"
    code: int | None = None
    reply: str = ""
    permanent: bool = False
    wait: timedelta | None = None  # how long to wait, where the other side says so


class DeliveryError(RenewdError):
    """A channel could not be opened; `outcome` says why."""

    exit_code = 75

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"delivery.reason.{outcome.reason}", reply=outcome.reply)
        self.outcome = outcome


def clean_reply(reply: str, secrets: tuple[str, ...] = ()) -> str:
    """Return a server's reply as one printable line of at most 500 characters, without the `secrets`.

    Bytes that were not UTF-8, and so became lone surrogates, are read as GB18030: Chinese providers answer in it.
    """
    reply = _readable(reply)
    for secret in secrets:
        reply = reply.replace(secret, "***")
    return re.sub(_UNPRINTABLE, " ", reply).strip()[:_LONGEST_REPLY]


def _readable(reply: str) -> str:
    if not re.search(_SURROGATE, reply):
        return reply
    data = reply.encode("utf-8", "surrogateescape")
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return data.decode("utf-8", "backslashreplace")
