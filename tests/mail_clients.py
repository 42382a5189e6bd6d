"""Other people's calendar readers: what each of them makes of a file, as (uid, day, end, summary, alarms).

icalendar also writes the files, so that only the others are independent of what was written.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import icalendar
import vobject

HERE = Path(__file__).parent


class Seen(NamedTuple):
    """An event as a reader shows it."""

    uid: str
    day: date
    end: date
    summary: str
    description: str
    sequence: int
    alarms: tuple[timedelta, ...]


def by_icalendar(data: bytes) -> list[Seen]:
    calendar = icalendar.Calendar.from_ical(data)
    assert not calendar.errors
    calendar.validate()
    return [
        Seen(
            str(event["UID"]),
            event["DTSTART"].dt,
            event["DTEND"].dt,
            str(event["SUMMARY"]),
            str(event["DESCRIPTION"]),
            int(event["SEQUENCE"]),
            tuple(alarm["TRIGGER"].dt for alarm in event.walk("VALARM")),
        )
        for event in calendar.walk("VEVENT")
        if not event.errors
    ]


def by_vobject(data: bytes) -> list[Seen]:
    calendar = vobject.readOne(data.decode(), validate=True)
    return [
        Seen(
            event.uid.value,
            event.dtstart.value,
            event.dtend.value,
            event.summary.value,
            event.description.value,
            int(event.sequence.value),
            tuple(alarm.trigger.value for alarm in event.contents.get("valarm", ())),
        )
        for event in calendar.vevent_list
    ]


def by_home_assistant(data: bytes) -> list[Seen]:
    from ical.calendar_stream import IcsCalendarStream  # takes a third of a second: every worker reads this file

    calendar = IcsCalendarStream.calendar_from_ics(data.decode())
    return [
        Seen(
            str(event.uid),
            event.dtstart,
            event.dtend,
            str(event.summary),
            str(event.description),
            int(event.sequence),
            tuple(alarm.trigger for alarm in event.alarm),
        )
        for event in calendar.events
    ]


_ICAL_JS = """
const ICAL = require(process.argv[1]); ICAL.design.strict = true;
const root = new ICAL.Component(ICAL.parse(require("fs").readFileSync(0, "utf8")));
console.log(JSON.stringify(root.getAllSubcomponents("vevent").map(one => { const event = new ICAL.Event(one); return [
    event.uid, event.startDate.toString(), event.endDate.toString(), event.summary, event.description, event.sequence,
    one.getAllSubcomponents("valarm").map(alarm => alarm.getFirstPropertyValue("trigger").toSeconds())]; })));
"""


@cache
def ical_js() -> str | None:
    """Return where ical.js is, if node and it are here: below tests/, or in NODE_PATH."""
    if shutil.which("node") is None:
        return None
    ask = 'console.log(require.resolve("ical.js"))'
    found = subprocess.run(["node", "-e", ask], cwd=HERE, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def by_ical_js(data: bytes) -> list[Seen]:
    command = ["node", "-e", _ICAL_JS, str(ical_js())]
    said = subprocess.run(command, input=data, capture_output=True, check=True).stdout
    return [
        Seen(uid, date.fromisoformat(day), date.fromisoformat(end), summary, description, sequence,
             tuple(timedelta(seconds=alarm) for alarm in alarms))
        for uid, day, end, summary, description, sequence, alarms in json.loads(said)
    ]  # fmt: skip


READERS: dict[str, Callable[[bytes], list[Seen]]] = {
    "icalendar": by_icalendar,
    "vobject": by_vobject,
    "home-assistant": by_home_assistant,
}
