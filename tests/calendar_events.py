"""Events for tests of calendars: an ordinary one, texts that mean harm, and one event of each sort.

`tests/formats/data` holds what renewd's own writer, before icalendar took its place, made of `EVERY_SORT`: the bytes in
old.ics, the revisions in old.sqlite3.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from renewd.formats import ics
from renewd.formats.ics import Event

CHANGED = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
NASTY = [
    "two\r\nlines\nBEGIN:VALARM",
    'comma, semicolon; colon: "quote"',
    "C:\\New\\name \\n \\N \\; \\,",
    "nul\x00 bell\x07 escape\x1b[31m \x0b\x0c \x85 \u2028 \u2029",
    "bidi \u202e evil \u2066 x \u2069 \ufeff",
    "号" * 200,
    "家" * 24 + "a" + "📱" * 60 + "👨‍👩‍👧‍👦" * 20,
    "half \ud83d a pair",
    "\nATTENDEE:mailto:x@example.com\r\n X",
    "tab\tand \xa0 space",
]


def event(summary: str = "Tello: renew $5.00", **words: object) -> Event:
    """Return an event with three alarms and a link; `words` replace any of its fields."""
    given_ = {
        "uid": ics.uid_of("tello/renewal//2026-12-05"), "day": date(2026, 12, 5), "description": "Renew by Fri, Dec 4.",
        "category": "Renewal", "alarms": (7, 3, 1), "url": "https://carrier.example/pay?a=1&b=2", **words,
    }  # fmt: skip
    return Event(summary=summary, **given_)  # type: ignore[arg-type]


EVERY_SORT = [
    event(),
    *(event(text, uid=ics.uid_of(f"{n}"), description=f"{text}\nend", category=text) for n, text in enumerate(NASTY)),
    event("Tello 银行号：续费 $5.00", uid=ics.uid_of("zh"), description="12月4日 周五 之前续。\nhttps://carrier.example", category="续费"),
    event(uid=ics.uid_of("off"), canceled=True),
    event(uid=ics.uid_of("silent"), alarms=(), url=None),
    event(uid=ics.uid_of("far"), alarms=(0, 28, 29, -1, 1, 1, 2, 3, 4, 5), day=date(2028, 2, 29)),
    event(uid=ics.uid_of("link"), url="http://carrier.example"),
    event("\x07", uid=ics.uid_of("empty"), description=""),
]  # fmt: skip
