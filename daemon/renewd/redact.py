"""What belongs in no log: numbers and accounts are shown by their last four digits, passwords not at all."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable

# A number as people write it; whether it is one of the household's is looked up by its digits.
_WRITTEN = re.compile(r"(?<![\w.])\+?\(?\d(?:[ ().-]{0,2}\d){6,21}(?!\w)")
# What nobody need have told us is private: a number with its country, an IMEI, ICCID or EID.
_ANYBODYS = re.compile(r"\+\d(?:[ ().-]{0,2}\d){7,14}|\d{14,22}|\d{32}")
_LOCAL = 10  # digits of a number without its country
_SHORTEST = 4  # a shorter word would be found everywhere


class Private(str):
    """Text that is written in full where it is meant to be read, and masked in a repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(masked(self))


def last_four(text: str) -> str:
    """Give the last four letters and digits of a number, an account or a card: all that is shown of it by default.

    >>> last_four("982-555")
    '2555'
    """
    return "".join(character for character in text if character.isalnum())[-4:]


def masked(text: str) -> str:
    """Give `***-***-0142` for a phone number, `***4242` for what else has a number.

    >>> masked("982-555")
    '***2555'
    """
    return f"***-***-{last_four(text)}" if text.startswith("+") else f"***{last_four(text)}"


class Mask:
    """Takes what is private out of a line; it knows what it was taught, and what any such number looks like."""

    def __init__(self) -> None:
        self._digits: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._secrets: dict[str, str] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Know these numbers and accounts, in place of those before; they may be written with dashes or without."""
        self._digits, self._words = {}, {}
        for text in texts:
            digits = re.sub(r"\D", "", text)
            if text.startswith("+") or (digits == text and len(digits) >= _LOCAL):
                self._digits[digits] = self._digits[digits[-_LOCAL:]] = masked(text)
            elif len(text) >= _SHORTEST:
                self._words[text] = masked(text)

    def keep_secret(self, password: str | None, username: str | None = None) -> None:
        """Never let a password through, nor the forms in which it goes to a server."""
        if password:
            coded = (password, f"\0{username or ''}\0{password}")
            self._secrets.update(dict.fromkeys((b64encode(text.encode()).decode() for text in coded), "***"))
            self._secrets[password] = "***"

    def __call__(self, text: str) -> str:
        """Give the text without it."""
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
