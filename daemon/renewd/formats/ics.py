"""Calendars as RFC 5545 bytes: all-day events that every client reads alike, and the same bytes each time.

The library icalendar escapes, folds and serializes. What an event consists of, the cleaning of its texts, its UID and
its alarms are decided here. Values are set as typed objects, as the `add` and `new` methods take up to 150 µs longer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from icalendar import Component, vDate

FORM = 1  # of an event as written here; a new number is a change of every event
MOST_ALARMS, FARTHEST_ALARM = 5, 28  # Google takes five, up to 40,320 minutes ahead
_NAMESPACE = UUID("6b1f0f5e-0a8e-5b6c-9d43-2f7a51c7e1d0")  # never changes: a new one would double everybody's events
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
    """Return the UID of the event of this name, `plan/kind/item/cycle`. It never changes and reveals nothing."""
    return str(uuid5(_NAMESPACE, name))


def vevent(event: Event, sequence: int, changed: datetime) -> bytes:
    """Return the bytes of an event. `changed` is the instant at which anything visible in it last changed."""
    import icalendar  # noqa: PLC0415  # 60 ms, which only a process that builds an event should spend
    from icalendar import vDatetime, vInt, vText, vUri  # noqa: PLC0415

    summary = _one_line(event.summary)
    component = icalendar.Event()
    component["UID"] = vText(event.uid)
    component["DTSTAMP"] = component["LAST-MODIFIED"] = vDatetime(changed.astimezone(UTC))
    component["SEQUENCE"] = vInt(sequence)
    component["DTSTART"] = _day(event.day)
    component["DTEND"] = _day(event.day + timedelta(days=1))
    component["SUMMARY"] = vText(summary)
    component["DESCRIPTION"] = vText(_clean(event.description))
    component["CATEGORIES"] = vText(_one_line(event.category))
    component["STATUS"] = vText("CANCELLED" if event.canceled else "CONFIRMED")
    component["TRANSP"] = vText("TRANSPARENT")
    if event.url and _URL.fullmatch(event.url):
        component["URL"] = vUri(event.url)
    alarms = () if event.canceled else rung(event.alarms)
    return _around(component, [_valarm(summary, days) for days in alarms])


def vcalendar(name: str, events: Iterable[bytes]) -> bytes:
    """Return the bytes of a calendar of events as `vevent` returns them. There must be one (RFC 5545, 3.4)."""
    from icalendar import Calendar, vDuration, vText  # noqa: PLC0415  # as in `vevent`

    component = Calendar()  # `Calendar.new` would add a random UID
    component["VERSION"] = vText("2.0")
    component["PRODID"] = vText("-//renewd//renewd//EN")
    component["CALSCALE"] = vText("GREGORIAN")
    component["NAME"] = component["X-WR-CALNAME"] = vText(_one_line(name))
    component["COLOR"] = vText("steelblue")
    component["REFRESH-INTERVAL"] = vDuration(_REFRESH, params={"VALUE": "DURATION"})  # RFC 7986 demands the VALUE
    component["X-PUBLISHED-TTL"] = vDuration(_REFRESH)
    body = b"".join(events)
    assert body  # an empty calendar leaves old events standing in some clients
    return _around(component, [body])


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
    from icalendar import Alarm, vDuration, vText  # noqa: PLC0415  # as in `vevent`

    component = Alarm()
    component["ACTION"] = vText("DISPLAY")
    component["DESCRIPTION"] = vText(text)
    component["TRIGGER"] = vDuration(-timedelta(days=days - 1, hours=15))
    return _around(component, [])


def _around(component: Component, inside: Iterable[bytes]) -> bytes:
    """Return the bytes of a component around those of the components inside it."""
    end = f"END:{component.name}\r\n".encode()
    return b"".join((component.to_ical(sorted=False).removesuffix(end), *inside, end))


def _day(day: date) -> vDate:
    from icalendar import vDate  # noqa: PLC0415  # as in `vevent`

    return vDate(day, params={"VALUE": "DATE"})


def _clean(text: str) -> str:
    return _UNSAFE.sub("", _NEWLINE.sub("\n", text)).translate(_REPLACED)


def _one_line(text: str) -> str:
    return _clean(_NEWLINE.sub(" ", text).replace("\n", " "))
