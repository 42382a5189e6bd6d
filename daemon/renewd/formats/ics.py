"""Calendars as RFC 5545 bytes: explicit all-day events that every client reads alike, and the same bytes each time.

Written here rather than by a library, which takes 15 times as long an event and writes, on its own account, a random
UID on the calendar. Only the properties below are ever written, and no text becomes one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

FORM = 1  # of an event as written here; a new one is a change of every event
MOST_ALARMS, FARTHEST_ALARM = 5, 28  # Google takes five, up to 40,320 minutes ahead
_NAMESPACE = UUID("6b1f0f5e-0a8e-5b6c-9d43-2f7a51c7e1d0")  # for ever: a new one would double everybody's events
_DAY = timedelta(days=1)
_CONFIRMED = b"STATUS:CONFIRMED\r\nTRANSP:TRANSPARENT\r\n"
_CANCELLED = b"STATUS:CANCELLED\r\nTRANSP:TRANSPARENT\r\n"
_LINE = 75  # octets, RFC 5545, 3.1
_BACKSLASH = ord("\\")
_UNSAFE = re.compile(  # controls, bidi controls, zero-width but the joiners, surrogates, what is no character
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_NEWLINE = re.compile("\r\n?|\u2028|\u2029|\x85")
_ESCAPES = str.maketrans(
    {"\\": "/", ";": "\\;", ",": "\\,", "\n": "\\n", "\t": " "}
)  # a backslash is damaged by several readers
_URL = re.compile(r"https://[!#-;=?-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An all-day event. `alarms` ring at 09:00 that many days before it; `category` is one ASCII word."""

    uid: str
    day: date
    summary: str
    description: str
    category: str
    url: str | None = None
    alarms: tuple[int, ...] = ()
    cancelled: bool = False

    @property
    def fingerprint(self) -> str:
        """Give what changes when anything visible does, an alarm too."""
        seen = (FORM, self.day.toordinal(), self.summary, self.description, self.category, self.url, self.alarms)
        return hashlib.blake2b(repr((*seen, self.cancelled)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def uid_of(name: str) -> str:
    """Give the UID of an event by its name, `plan/kind/item/cycle`: the same for ever, with nothing personal in it."""
    return str(uuid5(_NAMESPACE, name))


def vevent(event: Event, sequence: int, changed: datetime) -> bytes:
    """Give an event's lines; `changed` is the instant at which anything visible in it last changed."""
    stamp = f"{changed.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    summary = _one_line(event.summary)
    url = event.url if event.url and _URL.fullmatch(event.url) else None
    rings = () if event.cancelled else rung(event.alarms)
    said = _folded(f"DESCRIPTION:{summary}") if rings else b""
    parts = [
        f"BEGIN:VEVENT\r\nUID:{event.uid}\r\nDTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\nSEQUENCE:{sequence}\r\n"
        f"DTSTART;VALUE=DATE:{_day(event.day)}\r\nDTEND;VALUE=DATE:{_day(event.day + _DAY)}\r\n".encode(),
        _folded(f"SUMMARY:{summary}"),
        _folded(f"DESCRIPTION:{_text(event.description)}"),
        _folded(f"CATEGORIES:{_one_line(event.category)}"),
        _CANCELLED if event.cancelled else _CONFIRMED,
        _folded(f"URL:{url}") if url else b"",
        *(b"BEGIN:VALARM\r\nACTION:DISPLAY\r\n%bTRIGGER:%b\r\nEND:VALARM\r\n" % (said, _trigger(one)) for one in rings),
        b"END:VEVENT\r\n",
    ]
    return b"".join(parts)


def vcalendar(name: str, events: Iterable[bytes]) -> bytes:
    """Give a whole calendar of events as `vevent` gives them. There must be one (RFC 5545, 3.4)."""
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//renewd//renewd//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{_one_line(name)}",
        f"X-WR-CALNAME:{_one_line(name)}",
        "COLOR:steelblue",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    )
    body = b"".join(events)
    assert body  # an empty calendar leaves old events standing in some clients
    return b"".join([_folded(line) for line in head]) + body + b"END:VCALENDAR\r\n"


def rung(alarms: Iterable[int]) -> tuple[int, ...]:
    """Give the alarms that clients keep, the nearest first, as Outlook keeps one only; none on the day itself."""
    return tuple(sorted({days for days in alarms if 1 <= days <= FARTHEST_ALARM})[:MOST_ALARMS])


def _trigger(days: int) -> bytes:
    """09:00 on the day that is so many days before 00:00 of the event, wherever its reader is."""
    return b"-P%dDT15H" % (days - 1) if days > 1 else b"-PT15H"


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def _text(text: str) -> str:
    return _UNSAFE.sub("", _NEWLINE.sub("\n", text)).translate(_ESCAPES)


def _one_line(text: str) -> str:
    return _text(_NEWLINE.sub(" ", text).replace("\n", " "))


def _folded(line: str) -> bytes:
    data = line.encode()
    if len(data) <= _LINE:
        return data + b"\r\n"
    parts = []
    room = _LINE
    while len(data) > room:
        cut = room
        while data[cut] & 0xC0 == 0x80 or data[cut - 1] == _BACKSLASH:  # never inside a character or an escape
            cut -= 1
        parts.append(data[:cut])
        data, room = data[cut:], _LINE - 1
    parts.append(data)
    return b"\r\n ".join(parts) + b"\r\n"
