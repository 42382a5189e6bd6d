"""Calendars as bytes: what the standard asks, what clients need, and names that mean harm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import rfc5545
from calendar_events import CHANGED, EVERY_SORT, NASTY, event
from mail_clients import READERS, Seen, by_ical_js, ical_js
from renewd.calendar.builder import lines
from renewd.cli import main
from renewd.formats import ics
from renewd.formats.ics import Event
from renewd.ledger.sqlite import open_ledger

DATA = Path(__file__).parent / "data"


def written(*events: Event, name: str = "renewd") -> bytes:
    return ics.vcalendar(name, [ics.vevent(one, 3, CHANGED) for one in events])


def test_an_event_is_written_as_every_client_reads_it():
    """The whole file, byte for byte: what the strict reader passes stays what was tried with real clients."""
    assert written(event()).decode() == (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//renewd//renewd//EN\r\nCALSCALE:GREGORIAN\r\nNAME:renewd\r\n"
        "X-WR-CALNAME:renewd\r\nCOLOR:steelblue\r\nREFRESH-INTERVAL;VALUE=DURATION:PT6H\r\nX-PUBLISHED-TTL:PT6H\r\n"
        "BEGIN:VEVENT\r\nUID:b58f6aa1-3692-540e-bd53-2c8bf8d185b8\r\nDTSTAMP:20261201T140000Z\r\n"
        "LAST-MODIFIED:20261201T140000Z\r\nSEQUENCE:3\r\nDTSTART;VALUE=DATE:20261205\r\nDTEND;VALUE=DATE:20261206\r\n"
        "SUMMARY:Tello: renew $5.00\r\nDESCRIPTION:Renew by Fri\\, Dec 4.\r\nCATEGORIES:Renewal\r\nSTATUS:CONFIRMED\r\n"
        "TRANSP:TRANSPARENT\r\nURL:https://carrier.example/pay?a=1&b=2\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Tello: renew $5.00\r\nTRIGGER:-PT15H\r\nEND:VALARM\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Tello: renew $5.00\r\nTRIGGER:-P2DT15H\r\nEND:VALARM\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Tello: renew $5.00\r\nTRIGGER:-P6DT15H\r\nEND:VALARM\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_costs_neither_the_file_nor_another_event(name):
    """Whatever somebody calls a plan, the file is valid, and the event beside it is as it was."""
    other = event(uid=ics.uid_of("other/renewal//2026-12-05"))
    calendar = rfc5545.read(written(event(name, description=name), other, name=name))
    assert len(calendar.events) == 2
    assert calendar.events[1].summary == "Tello: renew $5.00"
    assert "\\" not in calendar.events[0].summary


@given(st.text(st.characters(exclude_categories=())), st.text(), st.lists(st.integers(-5, 400), max_size=9))
@example("\r" * 80 + "号" * 30, "\\" * 200, [0, 1, 1, 29])
@settings(max_examples=150)
def test_no_text_whatever_breaks_the_standard(summary, description, alarms):
    """The strict reader finds nothing to say about any text, and finds the printable parts again."""
    drawn = event(f"x{summary}", description=f"y{description}", alarms=tuple(alarms))
    read = rfc5545.read(written(drawn)).events[0]
    plain = "".join(c for c in summary if c.isascii() and c.isalnum())
    assert plain == "".join(c for c in read.summary[1:] if c.isascii() and c.isalnum())
    assert read.alarms == tuple(-timedelta(days=days - 1, hours=15) for days in ics.rung(alarms))


@pytest.mark.parametrize("reader", READERS)
def test_independent_readers_see_the_same(reader):
    """Two readers from PyPI, and icalendar itself, agree with what was written, nasty names included."""
    events = [event(name, uid=ics.uid_of(str(n)), description=f"{name}\nend") for n, name in enumerate(NASTY)]
    assert READERS[reader](written(*events)) == [expected(one) for one in rfc5545.read(written(*events)).events]


def test_ical_js_sees_the_same():
    """The reader of Thunderbird and Nextcloud agrees, in its strict mode."""
    if ical_js() is None:
        pytest.skip("node or ical.js is not here")
    events = [event(name, uid=ics.uid_of(str(n)), description=f"{name}\nend") for n, name in enumerate(NASTY)]
    assert by_ical_js(written(*events)) == [expected(one) for one in rfc5545.read(written(*events)).events]


def expected(one: rfc5545.Event) -> Seen:
    end = one.day + timedelta(days=1)
    return Seen(one.uid, one.day, end, one.summary, one.description, one.sequence, one.alarms)


@pytest.mark.parametrize(
    "change",
    [
        {"day": date(2026, 12, 6)}, {"summary": "Tello"}, {"description": "."}, {"category": "Bill"}, {"url": None},
        {"alarms": (1,)}, {"canceled": True},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_the_fingerprint_changes_with_anything_that_can_be_seen(change):
    """An alarm alone too; the same event has the same one."""
    assert event().fingerprint == event().fingerprint
    assert event(**change).fingerprint != event().fingerprint


@pytest.mark.parametrize(
    "url", ["http://carrier.example", "https://x\r\nATTENDEE:y", "javascript:alert(1)", "https://号"]
)
def test_only_a_web_address_of_the_safe_kind_becomes_a_link(url):
    """Anything else is left out."""
    assert rfc5545.read(written(event(url=url))).events[0].url is None


def test_a_canceled_event_rings_no_more():
    """It stands there with its status, and without alarms."""
    read = rfc5545.read(written(event(canceled=True))).events[0]
    assert (read.status, read.alarms) == ("CANCELLED", ())


def test_a_calendar_differs_from_those_before_icalendar_in_its_folding_alone(tmp_path):
    """No client sees a change: a ledger of that time knows every event as it is."""
    shutil.copy(DATA / "old.sqlite3", tmp_path)
    ledger = open_ledger(tmp_path / "old.sqlite3", CHANGED).ledger
    data, changed = lines(EVERY_SORT, "me", ledger.revisions(), CHANGED + timedelta(days=9))
    ledger.close()
    assert changed == {}
    assert unfolded(ics.vcalendar("小李, 家;x\\", data)) == unfolded((DATA / "old.ics").read_bytes())


def unfolded(data: bytes) -> list[bytes]:
    return data.replace(b"\r\n ", b"").split(b"\r\n")


@pytest.mark.parametrize("text", NASTY)
def test_no_line_is_folded_inside_an_escape(text):
    """Some readers take the lines one by one."""
    data = written(*(event(f"{'x' * n}{text}", description=",;\n" * 99) for n in range(4)))
    assert not [line for line in data.split(b"\r\n") if line.endswith(b"\\")]


@pytest.mark.parametrize(
    ("commands", "builds"),
    [
        (["check"], False),
        (["status"], False),
        (["mark a renewed --on 2098-12-01"], False),
        (["calendar"], True),
        (["run --once"], True),
        (["run --once", "run --once"], False),
    ],
)
def test_icalendar_is_imported_when_the_first_event_is_built(tmp_path, commands, builds):
    """Its 60 ms are not spent by commands that build none, a second start included."""
    (tmp_path / "plans.toml").write_text(
        'timezone = "America/New_York"\n[mail]\nto = "me@example.com"\n[plan.a]\nrenews = 2098-12-05\nevery = "30 days"\n',
        "utf-8",
    )
    asked = "import sys; from renewd.cli import main; main(); print('imported:', 'icalendar' in sys.modules)"
    where = ["--config", str(tmp_path / "plans.toml"), "--state", str(tmp_path / "state")]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path)}
    *before, command = commands
    for each in before:
        assert main([*where, *each.split()]) == 0
    done = subprocess.run(
        [sys.executable, "-c", asked, *where, *command.split()],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == f"imported: {builds}", done.stderr
