"""What a mail says, read without the headers that email's newer policies take long for."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from functools import lru_cache


def text_of(data: bytes, subtype: str = "plain") -> str:
    """Return the first text of a subtype in a mail; empty where it has none."""
    for part in _read(data).walk():
        if part.get_content_type() == f"text/{subtype}":
            text = part.get_payload(decode=True)
            assert isinstance(text, bytes)
            return text.decode(part.get_content_charset("utf-8")).replace("\r\n", "\n")
    return ""


@lru_cache(maxsize=1)  # of one mail, both texts are asked for in turn
def _read(data: bytes) -> Message:
    return message_from_bytes(data)
