"""The content of one push, and the JSON in which the ledger keeps it and a webhook gets it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from hashlib import sha256

_ID_LENGTH = 26  # fits every service, and Apple's 64 bytes
_PUBLIC = ("key", "person", "kind", "plan", "date", "lead", "title", "text", "link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What a phone shows of the most urgent of a person's reminders, and what it needs to do so.

    `subject` is the same for all leads of one subject, so that a later one takes the place of an earlier one.
    """

    key: str
    person: str
    kind: str
    plan: str | None
    date: str
    lead: int
    title: str
    text: str
    link: str | None = None
    button: str | None = None
    button_link: str | None = None
    subject: str = ""
    breaks_through: bool = False  # whether it is shown while the phone is set to quiet

    def to_bytes(self) -> bytes:
        """Return everything, as the ledger keeps it."""
        return _json({one.name: getattr(self, one.name) for one in fields(self)})

    def public(self) -> bytes:
        """Return what a webhook gets."""
        return _json({name: getattr(self, name) for name in _PUBLIC})

    @classmethod
    def from_bytes(cls, data: bytes) -> Push:
        """Return the push that these bytes hold."""
        return cls(**json.loads(data))

    def lines(self, *, link: bool = True) -> str:
        """Return title, text and link as lines, for a service that shows plain text."""
        return "\n".join(line for line in (self.title, self.text, self.link if link else None) if line)


def subject_id(person: str, stem: str) -> str:
    """Return the id of a subject for the services, which take neither `/` nor `:`."""
    from base64 import b32encode  # noqa: PLC0415  # only a push needs it

    digest = sha256(f"{person}\x1f{stem}".encode()).digest()
    return b32encode(digest).decode().lower()[:_ID_LENGTH]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
