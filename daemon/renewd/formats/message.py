"""Mails as RFC 5322 bytes: the same parts always result in the same bytes, and no name becomes a header.

Headers are assembled here, as the standard library's `EmailMessage` alters mixed Chinese and English subjects and
splits addresses wrongly; `Header` encodes each text, and the finished bytes are read back before they leave.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from hashlib import sha256

from renewd.domain.errors import RenewdError

MOST_KEYS = 40
MOST_REFERENCES = 20
_LINE = 76
_LONGEST_LINE = 998  # RFC 5322, 2.1.1
_BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/^_`{|}~-]+)*")
_ATOM = r"[^\s<>@\"(),.:;\[\]\\\x00-\x20\x7f-\U0010ffff]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_TOKEN = re.compile(r"[!-~]{1,250}")
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_PARAMETER = re.compile(
    r"[A-Za-z0-9._-]{1,100}"
)  # within the limit of a line, as the headers of parts are not read back


class MailError(RenewdError):
    """A mail cannot be composed so that it says exactly what was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a mail. Its name and parameters consist of letters, digits, dots, dashes and underscores."""

    filename: str
    content_type: str
    params: Mapping[str, str] = field(default_factory=dict)
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParts:
    """Everything that a mail consists of. `message_id` and `references` have angle brackets; `date` is aware."""

    from_name: str = ""
    from_address: str
    to_name: str = ""
    to_address: str
    reply_to: str | None = None
    subject: str
    text: str
    html: str | None = None
    message_id: str
    references: tuple[str, ...] = ()
    date: datetime
    keys: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def message_id(person: str, keys: Iterable[str], domain: str) -> str:
    """Return the Message-ID of a mail to a person. It is the same for the same reminders in any order.

    >>> message_id("me", ["b/renewal/2026-12-05/1", "a/bill/2026-12-01/0"], "example.com")
    '<9bc4c9db3de3890baac75ddbc72b2331@example.com>'
    """
    digest = sha256("\x1f".join([person, *sorted(keys)]).encode()).hexdigest()
    return f"<{digest[:32]}@{domain}>"


def is_message_id(text: str, domain: str) -> bool:
    """Whether a text is a Message-ID as `message_id` makes them."""
    return re.fullmatch(rf"<[0-9a-f]{{32}}@{re.escape(domain)}>", text) is not None


def domain_of(address: str) -> str:
    """Return the part of an address after the @."""
    return address.rpartition("@")[2]


def one_line(text: str) -> str:
    r"""Return a text with control characters and line breaks replaced by single spaces.

    >>> one_line("a\x00\r\nb ")
    'a b'
    """
    return _BLANKS.sub(" ", text).strip(" ")


def is_address(text: str) -> bool:
    """Whether a text is a single ASCII address, safe in a header and in an SMTP command."""
    return bool(_ADDRESS.fullmatch(text)) and len(text) <= 254


def is_canonical(data: bytes) -> bool:
    """Whether every line ends in CRLF and there is no other CR or LF."""
    return b"\r\n".join([*data.splitlines(), b""]) == data


def compose(mail: MessageParts) -> bytes:
    """Return the bytes of a mail: CRLF, 7 bit, bodies in base64. Raises MailError for an invalid address."""
    headers = [*_headers(mail), *_body_headers(mail)]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    raw = f"{head}\r\n{_body(mail)}".encode()
    _check(raw, [name for name, _ in headers])
    return raw


def _headers(mail: MessageParts) -> list[tuple[str, str]]:
    headers = [
        ("Date", format_datetime(mail.date.astimezone(UTC))),
        ("From", _mailbox("From", mail.from_name, mail.from_address)),
        ("To", _mailbox("To", mail.to_name, mail.to_address)),
        ("Reply-To", _mailbox("Reply-To", "", mail.reply_to) if mail.reply_to else ""),
        ("Subject", _text("Subject", mail.subject)),
        ("Message-ID", _tokens([mail.message_id])),
        ("In-Reply-To", _tokens(mail.references[-1:])),
        ("References", _tokens(mail.references[-MOST_REFERENCES:])),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834: no vacation replies
        ("X-Renewd-Key", _tokens(mail.keys[:MOST_KEYS])),
        ("Content-Language", ", ".join(mail.languages)),
        ("MIME-Version", "1.0"),
    ]
    return [(name, value) for name, value in headers if value or name == "Subject"]


def _body_headers(mail: MessageParts) -> list[tuple[str, str]]:
    if mail.attachments:
        return [("Content-Type", f'multipart/mixed; boundary="{_boundary("mixed", mail)}"')]
    if mail.html is not None:
        return [("Content-Type", f'multipart/alternative; boundary="{_boundary("alternative", mail)}"')]
    return _text_headers("plain")


def _body(mail: MessageParts) -> str:
    if mail.html is None and not mail.attachments:
        return _base64(_canonical(mail.text))
    words = [_part(_text_headers("plain"), _canonical(mail.text))]
    if mail.html is not None:
        words.append(_part(_text_headers("html"), _canonical(mail.html)))
    both = _join("alternative", words, mail)
    if not mail.attachments:
        return both
    kind = f'Content-Type: multipart/alternative; boundary="{_boundary("alternative", mail)}"\r\n\r\n'
    files = [_part(_file_headers(attachment), attachment.data) for attachment in mail.attachments]
    return _join("mixed", [kind + both, *files], mail)


def _join(kind: str, parts: Iterable[str], mail: MessageParts) -> str:
    boundary = _boundary(kind, mail)
    return "".join(f"--{boundary}\r\n{part}" for part in parts) + f"--{boundary}--\r\n"


def _part(headers: list[tuple[str, str]], data: bytes) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers) + f"\r\n{_base64(data)}"


def _base64(data: bytes) -> str:
    words = base64.b64encode(data).decode("ascii")
    return "\r\n".join([*(words[start : start + _LINE] for start in range(0, len(words), _LINE)), ""])


def _text_headers(kind: str) -> list[tuple[str, str]]:
    return [("Content-Type", f"text/{kind}; charset=utf-8"), ("Content-Transfer-Encoding", "base64")]


def _file_headers(attachment: Attachment) -> list[tuple[str, str]]:
    words = [attachment.filename, *attachment.params, *attachment.params.values()]
    if not _TYPE.fullmatch(attachment.content_type) or not all(map(_PARAMETER.fullmatch, words)):
        raise MailError("delivery.bad-attachment", name=attachment.filename)
    params = "".join(f';\r\n {name}="{value}"' for name, value in attachment.params.items())
    return [
        ("Content-Type", f'{attachment.content_type};\r\n name="{attachment.filename}"{params}'),
        ("Content-Disposition", f'attachment; filename="{attachment.filename}"'),
        ("Content-Transfer-Encoding", "base64"),
    ]


def _boundary(kind: str, mail: MessageParts) -> str:
    # base64 has no "_", so no line of a body looks like a boundary; no boundary is the beginning of another
    return f"{kind[:3]}_{sha256(mail.message_id.encode()).hexdigest()[:24]}"


def _canonical(text: str) -> bytes:
    lines = text.replace("\n", "\r\n") if "\r" not in text else _NEWLINE.sub("\r\n", text)
    return lines.encode("utf-8", "replace")


def _mailbox(header: str, name: str, address: str) -> str:
    if not is_address(address):
        raise MailError("delivery.bad-address", address=address)
    name = one_line(name)
    if not name:
        return address
    words = name if _fits(_ATOMS, header, name) else _encoded(header, name)
    last = words.rpartition("\r\n")[2]
    indent = 0 if "\r\n" in words else len(header) + 2
    gap = " " if indent + len(last) + len(address) + 3 <= _LINE else "\r\n "
    return f"{words}{gap}<{address}>"


def _text(header: str, text: str) -> str:
    text = one_line(text)
    return text if _fits(_PLAIN, header, text) else _encoded(header, text)


def _fits(pattern: re.Pattern[str], header: str, text: str) -> bool:
    """Whether a text needs no encoding: it is short and cannot be taken for an encoded word."""
    return bool(pattern.fullmatch(text)) and "=?" not in text and len(header) + 2 + len(text) <= _LINE


def _encoded(header: str, text: str) -> str:
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _tokens(words: Iterable[str]) -> str:
    words = tuple(words)
    for word in words:
        if not _TOKEN.fullmatch(word):
            raise MailError("delivery.bad-token", token=word)
    return "\r\n ".join(words)


def _check(raw: bytes, names: list[str]) -> None:
    """Read the mail back strictly. Raises MailError if its head says anything but what was meant."""
    head = raw[: raw.index(b"\r\n\r\n")].decode("ascii", "replace").split("\r\n")
    found = [line.partition(": ")[0] if ": " in line else "" for line in head if not line.startswith(" ")]
    if (
        found != names
        or not all(line.isprintable() and line.strip() for line in head)
        or not is_canonical(raw)
        or not raw.isascii()
        or max(map(len, head)) > _LONGEST_LINE
    ):
        raise MailError("delivery.bad-mail", headers=", ".join(found))
