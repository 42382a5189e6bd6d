"""The meaning of a failed SMTP command: its reason, and how far it reaches."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Literal

from aiosmtplib.errors import SMTPResponseException, SMTPServerDisconnected

from renewd.domain.outcome import Outcome, Reason, Scope, clean_reply

SmtpStage = Literal["connect", "tls", "auth", "mail", "rcpt", "data", "dot"]

# what a 4xx and a 5xx say at each stage, and how far it reaches
_ANSWERS: dict[SmtpStage, tuple[Reason, Reason, Scope]] = {
    "connect": ("server-not-now", "server-refused", "account"),
    "tls": ("tls-refused", "tls-refused", "account"),
    "auth": ("auth-not-now", "auth-refused", "account"),
    "mail": ("server-not-now", "server-refused", "account"),
    "rcpt": ("recipient-not-now", "recipient-refused", "recipient"),
    "data": ("message-not-now", "message-refused", "message"),
    "dot": ("message-not-now", "message-refused", "message"),
}
# X509_V_ERR_… of OpenSSL
_CERTIFICATES: dict[int, Reason] = {
    9: "certificate-not-yet-valid",
    10: "certificate-expired",
    18: "certificate-self-signed",
    19: "certificate-unknown-ca",
    20: "certificate-unknown-ca",
    21: "certificate-unknown-ca",
    62: "certificate-wrong-host",
    64: "certificate-wrong-host",
}
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)


def outcome_of(error: Exception, stage: SmtpStage, secrets: tuple[str, ...] = ()) -> Outcome:
    """Return the outcome of a try that failed with `error` at a stage. Silence after the final dot is not handled here."""
    if isinstance(error, SMTPResponseException) and 400 <= error.code < 600:
        return _answered(error, stage, secrets)
    scope: Scope = "account" if _ANSWERS[stage][2] == "account" else "recipient"
    return Outcome(result="failed", scope=scope, reason=_reason(error), reply=clean_reply(_detail(error), secrets))


def _answered(error: SMTPResponseException, stage: SmtpStage, secrets: tuple[str, ...]) -> Outcome:
    later, never, scope = _ANSWERS[stage]
    permanent = error.code >= 500
    if error.code == 421:  # the server leaves, whatever was asked
        later, scope = "server-not-now", "account"
    elif not permanent and scope == "message":  # it is short of something, not unhappy with this mail
        scope = "account"
    return Outcome(
        result="refused",
        scope=scope,
        reason=never if permanent else later,
        code=error.code,
        reply=clean_reply(f"{error.code} {error.message}", secrets),
        permanent=permanent,
    )


def _reason(error: BaseException) -> Reason:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _CERTIFICATES.get(cause.verify_code, "certificate-bad")
    for cause in causes:
        if reason := _plain(cause):
            return reason
    return "dropped" if isinstance(error, OSError) else "garbled"


def _plain(error: BaseException) -> Reason | None:
    match error:
        case ssl.SSLError():
            return "tls-failed"
        case socket.gaierror():
            return "dns"
        case ConnectionRefusedError():
            return "connection-refused"
        case TimeoutError():
            return "timeout"
        case SMTPServerDisconnected() | ConnectionResetError() | ConnectionAbortedError() | BrokenPipeError():
            return "dropped"
        case OSError(errno=number) if number in _NO_WAY:
            return "unreachable"
    return None


def _detail(error: BaseException) -> str:
    """Return the message of the innermost cause, as the system or the library words it."""
    deepest = list(_causes(error))[-1]
    for name in ("verify_message", "strerror", "message"):
        if words := getattr(deepest, name, None):
            return str(words)
    return ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
