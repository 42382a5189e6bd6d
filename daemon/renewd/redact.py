"""Masking of private data in logs: numbers and accounts keep their last four digits, passwords are removed."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable

# A number as people write it; whether it is one of the household's is looked up by its digits.
_WRITTEN = re.compile(r"(?<![\w.])\+?\(?\d(?:[ ().-]{0,2}\d){6,21}(?!\w)")
# Private without being learned: a number with its country code, an IMEI, ICCID or EID.
_ANYBODYS = re.compile(r"\+\d(?:[ ().-]{0,2}\d){7,14}|\d{14,22}|\d{32}")
_LOCAL = 10  # digits of a number without its country
_SHORTEST = 4  # a shorter word would be found everywhere


class Private(str):
    """Text that is written in full where it is meant to be read, and masked in a repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(masked(self))


def last_four(text: str) -> str:
    """Return the last four letters and digits of a number, an account or a card; no more is shown by default.

    >>> last_four("982-555")
    '2555'
    """
    end = text[-4:]
    return end if end.isalnum() else "".join(character for character in text if character.isalnum())[-4:]


def masked(text: str) -> str:
    """Return `***-***-0142` for a phone number, `***4242` for any other number.

    >>> masked("982-555")
    '***2555'
    """
    return f"***-***-{last_four(text)}" if text.startswith("+") else f"***{last_four(text)}"


class Mask:
    """Masks private data in a line: what it has learned, and numbers that look private."""

    def __init__(self) -> None:
        self._digits: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._secrets: dict[str, str] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Learn these numbers and accounts in place of the earlier ones. They are found with or without dashes."""
        self._digits, self._words = {}, {}
        for text in texts:
            digits = re.sub(r"\D", "", text)
            if text.startswith("+") or (digits == text and len(digits) >= _LOCAL):
                self._digits[digits] = self._digits[digits[-_LOCAL:]] = masked(text)
            elif len(text) >= _SHORTEST:
                self._words[text] = masked(text)

    def keep_secret(self, password: str | None, username: str | None = None) -> None:
        """Mask a password, and the encoded forms in which it is sent to a server."""
        if password:
            coded = (password, f"\0{username or ''}\0{password}")
            self._secrets.update(dict.fromkeys((b64encode(text.encode()).decode() for text in coded), "***"))
            self._secrets[password] = "***"

    def __call__(self, text: str) -> str:
        """Return the text with everything private masked."""
        for words in (self._secrets, self._words):
            for word, shown in words.items():
                if word in text:
                    text = text.replace(word, shown)
        return _WRITTEN.sub(self._shown, text)

    def _shown(self, found: re.Match[str]) -> str:
        written = found[0]
        digits = re.sub(r"\D", "", written)
        known = self._digits.get(digits) or self._digits.get(digits[-_LOCAL:])
        if known:
            return known
        return masked(written) if _ANYBODYS.fullmatch(written) else written


MASK = Mask()  # of this process: the filter of its log
