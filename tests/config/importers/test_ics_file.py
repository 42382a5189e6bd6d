"""Calendars: one plan a UID, its RRULE or RDATE as the cycle, the next date from today on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from imported_files import Imported, imported
from renewd.domain.errors import UsageError

HEAD = "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\nX-WR-TIMEZONE:America/New_York\r\n"


def event(*lines: str, uid: str = "a@google.com") -> str:
    all_lines = ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T120000Z", *lines, "END:VEVENT")
    return "".join(f"{line}\r\n" for line in all_lines)


def read(folder: Path, *events: str) -> Imported:
    return imported(f"{HEAD}{''.join(events)}END:VCALENDAR\r\n".encode(), folder, "ics")


def test_an_event_of_google(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        event(
            "DTSTART;VALUE=DATE:20260131", "DTEND;VALUE=DATE:20260201", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1",
            "SUMMARY:Rent\\, flat", "DESCRIPTION:Price: 900\\,50 EUR\\nto the landlord", "URL:https://bank.example",
            "STATUS:CONFIRMED", "TRANSP:TRANSPARENT", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D", "END:VALARM",
        ),
    )  # fmt: skip
    assert found.tables == {
        "rent-flat": {
            "name": "Rent, flat", "kind": "other", "site": "https://bank.example", "renews": date(2026, 12, 31),
            "every": "1 month", "day": 31, "price": 900.5, "currency": "EUR", "note": "Price: 900,50 EUR to the landlord",
        }
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "renews", "every", "ends"),
    [
        ("FREQ=DAILY;INTERVAL=45", date(2026, 12, 17), "45 days", None),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", date(2026, 12, 11), "14 days", None),
        ("FREQ=WEEKLY;WKST=MO", date(2026, 12, 4), "7 days", None),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=18", date(2026, 12, 18), "3 months", None),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=18", date(2027, 9, 18), "1 year", None),
        ("FREQ=MONTHLY;COUNT=6", date(2026, 12, 18), "1 month", date(2027, 2, 19)),
        ("FREQ=MONTHLY;UNTIL=20270301", date(2026, 12, 18), "1 month", date(2027, 3, 2)),
        ("FREQ=MONTHLY;UNTIL=20270301T045959Z", date(2026, 12, 18), "1 month", date(2027, 3, 1)),
    ],
)
def test_every_rule_that_is_a_cycle(rule: str, renews: date, every: str, ends: date | None, tmp_path: Path) -> None:
    found = read(tmp_path, event("DTSTART;VALUE=DATE:20260918", f"RRULE:{rule}", "SUMMARY:x"))
    table = found.tables["x"]
    assert (table["renews"], table["every"], table.get("ends")) == (renews, every, ends)


@pytest.mark.parametrize(
    "rule", ["FREQ=MONTHLY;BYDAY=3FR", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=HOURLY", "FREQ=MONTHLY;BYMONTHDAY=1,15"]
)
def test_a_rule_that_is_no_cycle_is_named_at_the_line(rule: str, tmp_path: Path) -> None:
    found = read(tmp_path, event("DTSTART;VALUE=DATE:20261218", f"RRULE:{rule}", "SUMMARY:x"))
    assert "every" not in found.tables["x"]
    assert f"renews = 2026-12-18  # the rule {rule} is no cycle" in found.toml


@pytest.mark.parametrize(
    ("start", "renews", "said"),
    [
        ("DTSTART:20261218T233000", date(2026, 12, 18), None),
        ("DTSTART;TZID=Asia/Shanghai:20261218T003000", date(2026, 12, 18), None),
        ("DTSTART:20261218T150000Z", date(2026, 12, 18), None),
        ("DTSTART:20261218T033000Z", date(2026, 12, 17), "its day in America/New_York"),
    ],
)
def test_a_time_has_the_day_of_its_own_zone(start: str, renews: date, said: str | None, tmp_path: Path) -> None:
    found = read(tmp_path, event(start, "SUMMARY:x", "RRULE:FREQ=YEARLY"))
    assert found.tables["x"]["renews"] == renews
    assert said is None or said in found.toml


def test_single_dates_left_out_or_moved_are_said(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        event("DTSTART;VALUE=DATE:20261218", "RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20261225", "SUMMARY:x"),
        event("DTSTART;VALUE=DATE:20270102", "RECURRENCE-ID;VALUE=DATE:20270101", "SUMMARY:x"),
    )
    assert list(found.tables) == ["x"]
    assert "leaves out single dates" in found.toml
    assert "moves single dates" in found.toml


@pytest.mark.parametrize(
    ("dates", "every", "ends"),
    [
        ("20270118,20270218,20270318", "1 month", date(2027, 3, 19)),
        ("20270117,20270216", "30 days", date(2027, 2, 17)),
        ("20270101,20270601", None, None),
    ],
)
def test_a_list_of_dates_is_a_cycle_where_they_are_equally_far_apart(
    dates: str, every: str | None, ends: date | None, tmp_path: Path
) -> None:
    found = read(tmp_path, event("DTSTART;VALUE=DATE:20261218", f"RDATE;VALUE=DATE:{dates}", "SUMMARY:x"))
    assert (found.tables["x"].get("every"), found.tables["x"].get("ends")) == (every, ends)
    assert every or "3 single dates" in found.toml


def test_what_is_over_or_canceled_is_left_out(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        event("DTSTART;VALUE=DATE:20250101", "SUMMARY:past"),
        event("DTSTART;VALUE=DATE:20250101", "RRULE:FREQ=MONTHLY;COUNT=3", "SUMMARY:paid off", uid="b"),
        event("DTSTART;VALUE=DATE:20270101", "SUMMARY:gone", "STATUS:CANCELLED", uid="c"),
        event("SUMMARY:undated", uid="d"),
    )
    assert found.made.left_out == {"over": ("past", "paid off"), "cancelled": ("gone",), "no-date": ("undated",)}


def test_a_day_that_short_months_lack_is_their_last(tmp_path: Path) -> None:
    found = read(tmp_path, event("DTSTART;VALUE=DATE:20261031", "RRULE:FREQ=MONTHLY", "SUMMARY:x"))
    assert (found.tables["x"]["renews"], found.tables["x"]["day"]) == (date(2026, 12, 31), 31)
    assert "day = 31  # in a month without day 31" in found.toml


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (f"{HEAD}{event('SUMMARY:x')}", "import.truncated"),
        (f"{HEAD}no property\r\nEND:VCALENDAR\r\n", "import.not-ics"),
    ],
)
def test_a_damaged_file_is_named(data: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as wrong:
        imported(data.encode(), tmp_path, "ics")
    assert wrong.value.code == code
