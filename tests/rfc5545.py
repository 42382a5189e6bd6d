"""A strict reader of calendars, written from RFC 5545 and RFC 7986, and of what we have promised beyond them.

read(data) gives the calendar's properties and its events; whatever is not as it must be is an AssertionError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

_LINE = re.compile(r"([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:\"[^\"]*\"|[^\";:,]+))*):(.*)", re.DOTALL)
_TRIGGER = re.compile(r"-P(?:(\d+)D)?T(\d+)H")
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")

_CALENDAR = {
    "VERSION", "PRODID", "CALSCALE", "NAME", "X-WR-CALNAME", "COLOR", "REFRESH-INTERVAL", "X-PUBLISHED-TTL",
}  # fmt: skip
_EVENT = {
    "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "CATEGORIES", "STATUS",
    "TRANSP",
}  # fmt: skip
_PARAMETERS = {
    "DTSTART": ";VALUE=DATE", "DTEND": ";VALUE=DATE", "REFRESH-INTERVAL": ";VALUE=DURATION",
}  # fmt: skip
_TEXTS = {"NAME", "X-WR-CALNAME", "SUMMARY", "DESCRIPTION", "CATEGORIES"}


@dataclass
class Event:
    """An event as it was read; `alarms` are the instants on a clock at the reader's place."""

    uid: str
    day: date
    summary: str
    description: str
    category: str
    sequence: int
    modified: datetime
    status: str
    url: str | None
    alarms: tuple[timedelta, ...]


@dataclass
class Calendar:
    """A calendar as it was read."""

    name: str
    events: list[Event] = field(default_factory=list)

    def by_uid(self) -> dict[str, Event]:
        return {event.uid: event for event in self.events}

    def shown(self) -> list[tuple[str, str]]:
        return [(str(event.day), event.summary) for event in self.events]


def read(data: bytes) -> Calendar:
    lines = _unfolded(data)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VCALENDAR") == 1
    head, events, at = [], [], 1
    while at < len(lines) - 1:
        if lines[at] == "BEGIN:VEVENT":
            end = lines.index("END:VEVENT", at)
            events.append(_event(lines[at + 1 : end]))
            at = end + 1
        else:
            assert not events, "a property of the calendar stands below an event"
            head.append(lines[at])
            at += 1
    found = _properties(head)
    assert set(found) == _CALENDAR, "METHOD, a UID of the calendar or something else that must not be there"
    assert found["VERSION"] == "2.0"
    assert found["CALSCALE"] == "GREGORIAN"
    assert found["NAME"] == found["X-WR-CALNAME"]
    assert re.fullmatch("[a-z]+", found["COLOR"])
    assert found["REFRESH-INTERVAL"] == found["X-PUBLISHED-TTL"] == "PT6H"
    assert events, "an empty calendar"
    assert len({event.uid for event in events}) == len(events), "a UID twice"
    return Calendar(_text(found["NAME"]), events)


def _unfolded(data: bytes) -> list[str]:
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    physical = data[:-2].split(b"\r\n")
    lines: list[str] = []
    for octets in physical:
        assert len(octets) <= 75, "longer than 75 octets"
        text = octets.decode()  # each line by itself: folded inside a character it is no UTF-8
        assert text, "an empty line"
        assert not _CONTROL.search(text), "a control character, or half a line end"
        if text.startswith((" ", "\t")):
            lines[-1] += text[1:]
        else:
            lines.append(text)
    return lines


def _properties(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        parts = _LINE.fullmatch(line)
        assert parts, f"no content line: {line}"
        name, parameters, value = parts.groups()
        assert name not in found, f"{name} twice"
        assert parameters == _PARAMETERS.get(name, "")
        found[name] = value
    return found


def _event(lines: list[str]) -> Event:
    own = lines[: lines.index("BEGIN:VALARM")] if "BEGIN:VALARM" in lines else lines
    found = _properties(own)
    assert set(found) - {"URL"} == _EVENT
    assert re.fullmatch("[0-9a-f-]{36}", found["UID"])
    assert found["DTSTAMP"] == found["LAST-MODIFIED"]
    assert _STAMP.fullmatch(found["DTSTAMP"])
    assert re.fullmatch("0|[1-9][0-9]{0,9}", found["SEQUENCE"])
    assert int(found["SEQUENCE"]) < 2**31
    day, end = (datetime.strptime(found[name], "%Y%m%d").date() for name in ("DTSTART", "DTEND"))
    assert end == day + timedelta(days=1)
    assert found["STATUS"] in ("CONFIRMED", "CANCELLED")
    assert found["TRANSP"] == "TRANSPARENT"
    summary = _text(found["SUMMARY"])
    assert summary.strip()
    assert "\n" not in summary
    url = found.get("URL")
    assert url is None or re.fullmatch("https://[!-~]+", url)
    alarms = _alarms(lines[len(own) :], found["SUMMARY"])
    assert not alarms or found["STATUS"] == "CONFIRMED"
    return Event(
        uid=found["UID"],
        day=day,
        summary=summary,
        description=_text(found["DESCRIPTION"]),
        category=_text(found["CATEGORIES"]),
        sequence=int(found["SEQUENCE"]),
        modified=datetime.strptime(found["DTSTAMP"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
        status=found["STATUS"],
        url=url,
        alarms=alarms,
    )


def _alarms(lines: list[str], summary: str) -> tuple[timedelta, ...]:
    found = []
    for at in range(0, len(lines), 5):
        begin, *own, end = lines[at : at + 5]
        assert (begin, end) == ("BEGIN:VALARM", "END:VALARM")
        alarm = _properties(own)
        assert set(alarm) == {"ACTION", "DESCRIPTION", "TRIGGER"}
        assert alarm["ACTION"] == "DISPLAY"
        assert alarm["DESCRIPTION"] == summary
        trigger = _TRIGGER.fullmatch(alarm["TRIGGER"])
        assert trigger, "relative, negative, in days and hours"
        found.append(-timedelta(days=int(trigger[1] or 0), hours=int(trigger[2])))
    assert found == sorted(set(found), reverse=True), "the nearest first"
    assert len(found) <= 5
    assert all(timedelta(days=-28) <= alarm < timedelta(0) for alarm in found)
    return tuple(found)


def _text(value: str) -> str:
    assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,n])*", value), f"not escaped: {value}"
    assert "\\\\" not in value, "a backslash, which several readers damage"
    return value.replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",")
