"""Answers by mail: the address that begins one, and what an answer that came says. Nothing in it is believed here."""

from __future__ import annotations

import re
import unicodedata
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import quote

MOST_BYTES = 65536  # of an answer; what follows them is not read
_MOST_TOKENS = 5
_TOKEN = re.compile(r"renewd:([A-Za-z0-9_-]{40,600})(?![A-Za-z0-9_-])")
_BROKEN = re.compile(r"[ \t]*\r?\n[> \t]*")  # where a mail program broke a line, and quoted it
_MARKED = re.compile(r">|On .*(wrote:|@)|在.*写道")  # how a quotation begins whose lines are marked
_QUOTED = re.compile(rf"{_MARKED.pattern}|-{{2,}}|_{{5,}}|From:|发件人")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")
_NO_TEXT = ("style", "title", "script")
_UNSEEN = ("Cf", "Co", "Mn", "Sk", "So")  # byte order marks, emoji and what belongs to them
_NUMEROUS = frozenset({"bulk", "junk", "list", "auto_reply"})
_DONE = re.compile(
    r"(i( have|'ve)? )?(already |just )?(paid|renewed|topped up|recharged|backed up)( it| this)?( already)?"
    r"|(it is |it's )?done|kept"
    r"|(我|已经|已|都|刚)*[续付充交办用](费|款|值|好|清|过)*了|我?已经?[续付充交办用](费|款|值|好|过)*"
    r"|(我|已经?|都|刚)*备份(好|过)*了|我?已经?备份好?|都?(办好|好|完成|搞定)了|完成|搞定"
)
_FAILED = re.compile(r"(it )?failed|declined|没成功|(扣款)?失败了?|没扣成")
_END = re.compile(r"[;!，。！；~～]|[,.](?!\d)")  # of what a first line says
_AMOUNT = re.compile(r"([$¥￥]?) ?(\d{1,9}(?:[.,]\d{1,2})?)(?![\d.,]) ?([元块刀]?)")
_SIGNS = {"USD": "$刀", "CNY": "¥￥元块", "JPY": "¥￥"}
_WITH_AMOUNT = ("renewed", "paid")


class Answer(NamedTuple):
    """An answer. `asked` is the signed fact of its subject, `quoted` those of the mail that it answers.

    Where it is `sealed` its text cannot be read: it is encrypted, or wrapped by its signature (S/MIME).
    """

    asked: str | None
    quoted: tuple[str, ...]
    first_line: str
    automatic: bool  # sent by a program: never to be answered
    senders: tuple[str, ...]
    message_id: str
    sealed: bool
    replies_to: str  # the Message-ID of the mail that it answers, which anybody can write

    def typed(self, what: str, currency: str) -> dict[str, str] | None:
        """Return what its first line says beside that a fact happened (`paid 59`); None if it does not say so."""
        line = "".join(one for one in self.first_line if unicodedata.category(one) not in _UNSEEN)
        clause = _END.split(line.casefold().replace("’", "'"), maxsplit=1)[0]
        amounts = list(_AMOUNT.finditer(clause)) if what in _WITH_AMOUNT else []
        for found in amounts:
            if (found[1] + found[3]).strip(_SIGNS.get(currency, "")):  # of another currency
                return None
        words = " ".join(_AMOUNT.sub(" ", clause).split() if amounts else clause.split())
        words = re.sub(r"(?<=[^ -~]) (?=[^ -~])", "", words)
        says = (_FAILED if what == "failed" else _DONE).fullmatch(words)
        if not says or len(amounts) > 1 or "?" in line or "？" in line:
            return None
        return {"amount": amounts[0][2]} if amounts else {}


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
        sealed=mail.get_content_type() in _SEALED,
        replies_to=_header(mail, "In-Reply-To").strip(),
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
    """Return the first line that is the sender's own: above what is quoted, or below it after an empty line.

    What stands below counts only where each quoted line has its mark: never a word of the quoted mail itself.
    """
    lines = [line.strip() for line in text.splitlines()]
    line = next(filter(None, lines), "")
    if not _QUOTED.match(line):
        return line[:100]
    last = max((n for n, one in enumerate(lines) if one.startswith(">")), default=len(lines))
    below = lines[last + 1 :] if _MARKED.match(line) else []
    return next(filter(None, below), "")[:100] if below and not below[0] else ""


class _WithoutTags(HTMLParser):
    """The text of a page: a line for each block, with a mark for each quotation that it is in."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._quotations = 0
        self._unseen = 0  # of the elements whose text nobody sees

    @classmethod
    def text_of(cls, page: str) -> str:
        """Return the text of a page."""
        parser = cls()
        parser.feed(page)
        return "".join(parser._parts)  # its own

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  # the parser's signature
        self._unseen += tag in _NO_TEXT
        self._quotations += tag == "blockquote"
        if tag in ("br", "div", "p", "blockquote", "tr", "hr"):
            self._break()

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _NO_TEXT and self._unseen > 0
        if tag == "blockquote" and self._quotations:
            self._quotations -= 1
            self._parts.append("\n")
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._parts.append(data)

    def _break(self) -> None:
        self._parts.append("\n" + "> " * self._quotations)
