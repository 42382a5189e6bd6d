"""Calendars as RFC 5545 bytes: all-day events that every client reads alike, and the same bytes each time.

The library icalendar escapes, folds and serializes. What an event consists of, the cleaning of its texts, its UID and
its alarms are decided here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from icalendar import Component

FORM = 1  # of an event as written here; a new number is a change of every event
MOST_ALARMS, FARTHEST_ALARM = 5, 28  # Google takes five, up to 40,320 minutes ahead
_NAMESPACE = UUID("6b1f0f5e-0a8e-5b6c-9d43-2f7a51c7e1d0")  # never changes: a new one would double everybody's events
_FOLDED = 75  # bytes: a shorter line stays as it is
_REFRESH = timedelta(hours=6)
_UNSAFE = re.compile(  # controls, bidi controls, zero-width characters but the joiners, surrogates, noncharacters
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_NEWLINE = re.compile("\r\n?|\u2028|\u2029|\x85")
_REPLACED = str.maketrans({"\\": "/", "\t": " "})  # several readers damage a backslash
_URL = re.compile(r"https://[!#-;=?-~]+")
_EVENT = re.compile(
    rb"BEGIN:VEVENT\r\nUID:(.*?)\r\nDTSTAMP:(.*?)\r\nLAST-MODIFIED:.*?\r\nSEQUENCE:(\d+)\r\n.*?\r\nEND:VEVENT\r\n",
    re.DOTALL,
)

RevisionKey = tuple[bytes, ...]
"""An event and its revision: UID, DTSTAMP and SEQUENCE as they are written."""


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
    canceled: bool = False

    @property
    def fingerprint(self) -> str:
        """The hash of everything visible in the event, alarms included."""
        seen = (FORM, self.day.toordinal(), self.summary, self.description, self.category, self.url, self.alarms)
        return hashlib.blake2b(repr((*seen, self.canceled)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def uid_of(name: str) -> str:
    """Return the UID of the event with this name, `plan/kind/item/cycle`. It never changes and reveals nothing personal."""
    return str(uuid5(_NAMESPACE, name))


def vevent(event: Event, sequence: int, changed: datetime) -> bytes:
    """Return the bytes of an event. `changed` is the instant at which anything visible in it last changed."""
    summary = _one_line(event.summary)
    alarms = () if event.canceled else rung(event.alarms)
    lines = [
        f"BEGIN:VEVENT\r\nUID:{event.uid}\r\n".encode("ascii"),
        _at("DTSTAMP", changed),
        _at("LAST-MODIFIED", changed),
        f"SEQUENCE:{sequence}\r\n".encode("ascii"),
        _on("DTSTART", event.day),
        _on("DTEND", event.day + timedelta(days=1)),
        _text("SUMMARY", summary),
        _text("DESCRIPTION", _clean(event.description)),
        _text("CATEGORIES", _one_line(event.category)),
        _text("STATUS", "CANCELLED" if event.canceled else "CONFIRMED"),
        _text("TRANSP", "TRANSPARENT"),
    ]
    if event.url and _URL.fullmatch(event.url):
        lines.append(_uri("URL", event.url))
    return b"".join((*lines, *(_valarm(summary, days) for days in alarms), b"END:VEVENT\r\n"))


def vcalendar(name: str, events: Iterable[bytes]) -> bytes:
    """Return the bytes of a calendar of events as `vevent` returns them. There must be one (RFC 5545, 3.4)."""
    name, body = _one_line(name), b"".join(events)
    assert body  # an empty calendar leaves old events standing in some clients
    lines = [
        b"BEGIN:VCALENDAR\r\n",
        _text("VERSION", "2.0"),
        _text("PRODID", "-//renewd//renewd//EN"),
        _text("CALSCALE", "GREGORIAN"),
        _text("NAME", name),
        _text("X-WR-CALNAME", name),
        _text("COLOR", "steelblue"),
        _span("REFRESH-INTERVAL", _REFRESH, VALUE="DURATION"),  # RFC 7986 demands the VALUE
        _span("X-PUBLISHED-TTL", _REFRESH),
    ]
    return b"".join((*lines, body, b"END:VCALENDAR\r\n"))


def events_in(calendar: bytes) -> dict[RevisionKey, bytes]:
    """Return the bytes of the events in a calendar that `vcalendar` made, by their revisions."""
    return {found.groups(): found[0] for found in _EVENT.finditer(calendar)}


def revision_key(uid: str, sequence: int, changed: datetime) -> RevisionKey:
    """Return the key under which `events_in` has an event of this revision."""
    return uid.encode(), f"{changed.astimezone(UTC):%Y%m%dT%H%M%SZ}".encode(), b"%d" % sequence


def rung(alarms: Iterable[int]) -> tuple[int, ...]:
    """Return the alarms that clients keep, the nearest first, as Outlook keeps only one; none on the day itself."""
    return tuple(sorted({days for days in alarms if 1 <= days <= FARTHEST_ALARM})[:MOST_ALARMS])


@lru_cache(maxsize=64)  # the events of a plan have the same alarms
def _valarm(text: str, days: int) -> bytes:
    """Return the bytes of an alarm at 09:00 so many days before an event, 15 hours before the next day begins."""
    lines = (
        b"BEGIN:VALARM\r\n",
        _text("ACTION", "DISPLAY"),
        _text("DESCRIPTION", text),
        _span("TRIGGER", -timedelta(days=days - 1, hours=15)),
        b"END:VALARM\r\n",
    )
    return b"".join(lines)


# One line each. Most lines of an event are those of other events too, so that what was serialized lately is kept.


@lru_cache(maxsize=4096)
def _text(name: str, text: str) -> bytes:
    from icalendar import vText  # noqa: PLC0415  # 60 ms, which only a process that builds an event should spend

    return _line(name, vText(text))


@lru_cache(maxsize=1024)
def _on(name: str, day: date) -> bytes:
    from icalendar import vDate  # noqa: PLC0415  # as in `_text`

    return _line(name, vDate(day, params={"VALUE": "DATE"}))


@lru_cache(maxsize=64)
def _at(name: str, instant: datetime) -> bytes:
    from icalendar import vDatetime  # noqa: PLC0415  # as in `_text`

    return _line(name, vDatetime(instant.astimezone(UTC)))


@lru_cache(maxsize=64)
def _span(name: str, span: timedelta, **params: str) -> bytes:
    from icalendar import vDuration  # noqa: PLC0415  # as in `_text`

    return _line(name, vDuration(span, params=params))


@lru_cache(maxsize=64)
def _uri(name: str, address: str) -> bytes:
    from icalendar import vUri  # noqa: PLC0415  # as in `_text`

    return _line(name, vUri(address))


def _line(name: str, value: object) -> bytes:
    """Return a property as it stands in a file, folded if it is long."""
    line = _component().content_line(name, value)
    data = line.encode()
    return b"%b\r\n" % (data if len(data) < _FOLDED else line.to_ical())


@cache
def _component() -> Component:
    from icalendar import Component  # noqa: PLC0415  # as in `_text`

    return Component()


def _clean(text: str) -> str:
    return _UNSAFE.sub("", _NEWLINE.sub("\n", text)).translate(_REPLACED)


def _one_line(text: str) -> str:
    return _clean(_NEWLINE.sub(" ", text).replace("\n", " "))
