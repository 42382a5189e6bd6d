"""The meaning of a failed SMTP command: its reason, and how far it reaches."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from aiosmtplib.errors import SMTPResponseException, SMTPServerDisconnected

from renewd.channels.replies import SmtpStage, verdict
from renewd.disk import OUT_OF_FILES, is_out_of_files
from renewd.domain.outcome import Outcome, Reason, Scope, clean_reply

_OF_ONE_MAIL: tuple[SmtpStage, ...] = ("rcpt", "data", "dot")  # a failure there need not meet the next mail
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


def outcome_of(error: Exception, stage: SmtpStage, host: str = "", secrets: tuple[str, ...] = ()) -> Outcome:
    """Return the outcome of a try that failed with `error` at a stage; not of silence after the final dot."""
    if isinstance(error, SMTPResponseException) and 400 <= error.code < 600:
        return _answered(error, stage, host, secrets)
    scope: Scope = "recipient" if stage in _OF_ONE_MAIL else "account"
    return Outcome(result="failed", scope=scope, reason=_reason(error), reply=clean_reply(_detail(error), secrets))


def _answered(error: SMTPResponseException, stage: SmtpStage, host: str, secrets: tuple[str, ...]) -> Outcome:
    reply = clean_reply(f"{error.code} {error.message}", secrets)
    found = verdict(error.code, reply, stage, host)
    return Outcome(
        result="refused",
        scope=found.scope,
        reason=found.reason,
        code=error.code,
        reply=reply,
        permanent=error.code >= 500,
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
        case OSError(errno=number) if number in OUT_OF_FILES:
            return "too-many-files"
        case socket.gaierror():
            return "too-many-files" if is_out_of_files() else "dns"
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
