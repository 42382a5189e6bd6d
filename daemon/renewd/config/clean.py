"""Words from the file made safe for headers, calendars and terminals, once, before anybody else sees them."""

from __future__ import annotations

import re
from unicodedata import category, normalize

_ZWJ = "\u200d"
# As text, compiled when first used: that takes 2 ms, and most words have none of these.
_CONTROL = "[\x00-\x1f\x7f-\x9f\u2028\u2029]"
_HIDDEN = (  # zero-width, bidi controls, byte order mark, private use
    "[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
_SPACES = str.maketrans("\u00a0\u3000", "  ")


def clean(text: str, limit: int) -> str:
    r"""Return `text` on one line, composed (NFC), without hidden characters, at most `limit` characters long.

    Controls become spaces; a zero-width joiner stays inside an emoji; `=?` is broken by U+2060, as some mail
    libraries take it for an encoded header. Cleaning twice changes nothing more.

    >>> clean("Tello\r\nBcc: x@example.com", 100)
    'Tello Bcc: x@example.com'
    """
    if not text.isprintable():
        text = re.sub(_HIDDEN, _kept_joiner, re.sub(_CONTROL, " ", text))
    text = normalize("NFC", text)
    text = " ".join(text.split()).replace("=?", "=\u2060?")
    return text[:limit].rstrip(f" {_ZWJ}")


def tidy(text: str) -> str:
    """Return `text` with only the changes of `clean` that need no warning."""
    return " ".join(filter(None, normalize("NFC", text).translate(_SPACES).split(" ")))


def _kept_joiner(hidden: re.Match[str]) -> str:
    text, at = hidden.string, hidden.start()
    if hidden.group() != _ZWJ:
        return ""
    before = text[:at].rstrip("\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")[-1:]
    return _ZWJ if _emoji(before) and _emoji(text[at + 1 : at + 2]) else ""


def _emoji(character: str) -> bool:
    return bool(character) and category(character) == "So"
