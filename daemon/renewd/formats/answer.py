"""Answers by mail: the address that begins one, and what an answer that came says. Nothing in it is believed here."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import quote

MOST_BYTES = 65536  # of an answer that are read
_MOST_TOKENS = 5
_TOKEN = re.compile(r"renewd:([A-Za-z0-9_-]{40,600})(?![A-Za-z0-9_-])")
_BROKEN = re.compile(r"[ \t]*\r?\n[> \t]*")  # where a mail program broke a line, and quoted it
_QUOTED = re.compile(r"\s*(>|On .*wrote:|在.*写道|-{2,}|_{5,}|From:|发件人)")
_NUMEROUS = frozenset({"bulk", "junk", "list", "auto_reply"})
_DONE = frozenset(
    {"done", "paid", "renewed", "topped up", "recharged", "i paid", "i renewed", "it is done", "backed up", "kept"}
    | {
        "续了",
        "已续",
        "续费了",
        "已续费",
        "续好了",
        "付了",
        "已付",
        "已付款",
        "付款了",
        "付好了",
        "充了",
        "已充",
        "充值了",
    }
    | {"已充值", "交了", "已交", "办了", "办好了", "好了", "完成", "搞定", "备份了", "已备份", "用了", "已用"}
)
_FAILED = frozenset({"failed", "declined", "it failed", "没成功", "失败", "失败了", "扣款失败", "没扣成"})


class Answer(NamedTuple):
    """An answer. `asked` is the signed fact of its subject, `quoted` those of the mail that it answers."""

    asked: str | None
    quoted: tuple[str, ...]
    first_line: str
    automatic: bool  # sent by a program: never to be answered
    senders: tuple[str, ...]
    message_id: str

    def confirms(self, what: str) -> bool:
        """Whether its first line says that a fact has happened."""
        line = re.split(r"[,.!;，。！；~～]", self.first_line, maxsplit=1)[0]
        if "?" in self.first_line or "？" in self.first_line:
            return False
        return " ".join(line.split()).casefold() in (_FAILED if what == "failed" else _DONE)


def mailto(address: str, subject: str, signed: str) -> str:
    """Return the address that begins an answer with a signed fact in its subject."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(f'{subject} {token(signed)}')}"


def token(signed: str) -> str:
    """Return a signed fact as it stands in a subject, or in the footer of a mail."""
    return f"renewd:{signed}"


def read_answer(data: bytes) -> Answer:
    """Return what a mail says, whatever its bytes are."""
    mail = message_from_bytes(data[:MOST_BYTES], policy=default)
    assert isinstance(mail, EmailMessage)
    subject, text = _header(mail, "Subject"), _text(mail)
    asked = _tokens(subject)
    return Answer(
        asked=asked[0] if asked else None,
        quoted=tuple(dict.fromkeys([*_tokens(text), *_tokens(_BROKEN.sub("", text))]))[:_MOST_TOKENS],
        first_line=_first_line(text),
        automatic=_is_automatic(mail),
        senders=tuple(address.lower() for _, address in getaddresses([_header(mail, "From")]) if address)[:1],
        message_id=_header(mail, "Message-ID").strip(),
    )


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except Exception:  # noqa: BLE001  # the parser fails in many ways on a header that is none
        return ""


def _is_automatic(mail: EmailMessage) -> bool:
    """Whether a program sent it (RFC 3834), renewd's own mails and undeliverable ones included."""
    submitted = _header(mail, "Auto-Submitted").split(";")[0].strip().lower() or "no"
    return (
        submitted != "no"
        or _header(mail, "Precedence").strip().lower() in _NUMEROUS
        or _header(mail, "Return-Path").strip() == "<>"
        or any(mail.get_all(name) for name in ("List-Id", "X-Autoreply", "X-Autorespond", "X-Renewd-Key"))
        or mail.get_content_type() == "multipart/report"
    )


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _text(mail: EmailMessage) -> str:
    try:
        body = mail.get_body(("plain", "html"))
        if body is None:
            return ""
        words = body.get_content()
        text = words if isinstance(words, str) else bytes(words).decode("utf-8", "replace")
        return _WithoutTags.text_of(text) if body.get_content_subtype() == "html" else text
    except Exception:  # noqa: BLE001  # an unknown charset, a part that is none
        return ""


def _first_line(text: str) -> str:
    """Return the first line that is the sender's own; empty where the quoted mail comes first."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return "" if _QUOTED.match(line) else line[:100]


class _WithoutTags(HTMLParser):
    """The text of a page, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []

    @classmethod
    def text_of(cls, page: str) -> str:
        """Return the text of a page."""
        parser = cls()
        parser.feed(page)
        return "".join(parser._parts)  # its own

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  # the parser's signature
        if tag in ("br", "div", "p", "blockquote", "tr"):
            self._parts.append("\n> " if tag == "blockquote" else "\n")

    def handle_data(self, data: str) -> None:
        self._parts.append(data)
