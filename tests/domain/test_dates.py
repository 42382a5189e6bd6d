"""Cycles that never drift, and wall clocks in zones that skip and repeat hours; each against an oracle of its own."""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from households import LOS_ANGELES, NEW_YORK, SHANGHAI, day, length
from renewd.domain.dates import DAY, Duration, add_months, after, before, day_in, instant, lead_moment, nth

anchors = st.dates(date(2000, 1, 1), date(2199, 12, 31))
month_cycles = st.builds(Duration, st.integers(1, 36), st.just("months")) | st.builds(
    Duration, st.integers(1, 5), st.just("years")
)
day_cycles = st.builds(Duration, st.integers(1, 400), st.just("days"))
counts = st.integers(-200, 200)


# Cycles


def test_the_31st_comes_back_after_a_short_month() -> None:
    assert [f"{nth(day('2027-01-31'), length('1 month'), n):%m-%d}" for n in range(13)] == [
        "01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31", "01-31",
    ]  # fmt: skip


def test_29_february_comes_back_in_the_next_leap_year() -> None:
    years = [nth(day("2028-02-29"), length("1 year"), n) for n in range(5)]
    assert years == [day(f"{2028 + n}-02-{29 if n in (0, 4) else 28}") for n in range(5)]


def test_thirty_days_are_thirty_days() -> None:
    assert nth(day("2026-12-05"), length("30 days"), 12) == day("2027-11-30")


@given(anchors, month_cycles, counts, st.none() | st.integers(1, 31))
@example(date(2028, 2, 29), Duration(1, "years"), 1, None)
@example(date(2027, 1, 31), Duration(1, "months"), 1, 31)
@example(date(2027, 2, 28), Duration(1, "months"), 1, 31)
def test_months_and_years_agree_with_dateutil(anchor: date, cycle: Duration, n: int, to: int | None) -> None:
    step = relativedelta(years=n * cycle.n) if cycle.unit == "years" else relativedelta(months=n * cycle.n)
    expected = anchor if n == 0 else anchor.replace(day=1) + step + relativedelta(day=to or anchor.day)
    assert nth(anchor, cycle, n, to) == expected


@given(anchors, day_cycles, counts)
def test_days_agree_with_sqlite(anchor: date, cycle: Duration, n: int) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        (expected,) = db.execute("SELECT date(?, ?)", (anchor.isoformat(), f"{n * cycle.n} days")).fetchone()
    assert nth(anchor, cycle, n).isoformat() == expected


@given(anchors, month_cycles, counts)
def test_a_month_too_short_gives_its_last_day_and_every_other_the_day_itself(
    anchor: date, cycle: Duration, n: int
) -> None:
    found = nth(anchor, cycle, n)
    with closing(sqlite3.connect(":memory:")) as db:
        (last,) = db.execute("SELECT date(?, 'start of month', '1 month', '-1 day')", (found.isoformat(),)).fetchone()
    assert found.day == min(anchor.day, date.fromisoformat(last).day)


@given(anchors, month_cycles | day_cycles, st.none() | st.integers(1, 31))
def test_later_cycles_are_later(anchor: date, cycle: Duration, to: int | None) -> None:
    dates = [nth(anchor, cycle, n, to) for n in range(-30, 30)]
    assert all(earlier < later for earlier, later in pairwise(dates))


@given(anchors, st.integers(-2000, 2000), st.integers(1, 31))
def test_months_are_added_as_dateutil_adds_them(start: date, months: int, to: int) -> None:
    assert add_months(start, months, to) == start.replace(day=1) + relativedelta(months=months, day=to)


def test_a_year_that_no_date_can_hold_is_an_overflow() -> None:
    for months in (-24_324, 95_688):
        with pytest.raises(OverflowError):
            add_months(day("2026-12-05"), months, 5)


@pytest.mark.parametrize(
    ("text", "earlier", "later"),
    [
        ("0 hours", 0, 0), ("1 hour", 1, 0), ("24 hours", 1, 1), ("25 hours", 2, 1), ("48 hours", 2, 2),
        ("49 hours", 3, 2), ("0 days", 0, 0), ("5 days", 5, 5),
    ],
)  # fmt: skip
def test_hours_are_whole_days_on_the_earlier_side(text: str, earlier: int, later: int) -> None:
    on = day("2026-12-18")
    assert (on - before(on, length(text))).days == earlier
    assert (after(on, length(text)) - on).days == later


def test_a_cycle_of_hours_never_stands_still() -> None:
    dates = [nth(day("2026-12-05"), length("12 hours"), n) for n in range(3)]
    assert dates == [day("2026-12-05"), day("2026-12-06"), day("2026-12-07")]


@given(anchors, month_cycles)
def test_months_before_and_after_a_day_agree_with_dateutil(on: date, span: Duration) -> None:
    step = relativedelta(**{span.unit: span.n})
    assert before(on, span) == on - step
    assert after(on, span) == on + step


def test_a_length_reads_as_it_is_written() -> None:
    assert [str(length(text)) for text in ("1 month", "30 days", "25 hours", "1 year")] == [
        "1 month", "30 days", "25 hours", "1 year",
    ]  # fmt: skip


# Wall clocks


MINUTE = timedelta(minutes=1)


def wall(utc: datetime, zone: str) -> datetime:
    return utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@cache
def transitions(zone: str, first: int, last: int) -> list[datetime]:
    """Return the first minute after each change of the clock, found by looking at every half hour."""
    found = []
    half_hours = [
        datetime(first, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range((last - first + 1) * 17_532)
    ]
    offsets = [one.astimezone(ZoneInfo(zone)).utcoffset() for one in half_hours]
    for n in range(1, len(half_hours)):
        if offsets[n] != offsets[n - 1]:
            minutes = (half_hours[n - 1] + MINUTE * m for m in range(1, 31))
            found.append(next(one for one in minutes if one.astimezone(ZoneInfo(zone)).utcoffset() == offsets[n]))
    return found


def check_around(change: datetime, zone: str, hours: int) -> None:
    """Compare with the first minute at which a clock on the wall shows the time, or a later one."""
    minutes = [change + MINUTE * m for m in range(-hours * 60, hours * 60)]
    first_at: dict[datetime, datetime] = {}
    high = datetime.min
    for utc in minutes:
        shown = wall(utc, zone)
        while high < shown and high != datetime.min:
            high += MINUTE
            first_at[high] = utc
        high = max(high, shown)
    for shown, utc in first_at.items():
        assert instant(shown.date(), shown.time(), zone) == utc, (shown, zone)


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        (NEW_YORK, 10), (LOS_ANGELES, 10), ("Europe/London", 10), ("Australia/Lord_Howe", 10),
        (SHANGHAI, 0), ("America/Sao_Paulo", 0),
    ],
)  # fmt: skip
def test_every_minute_around_every_change_of_the_clock_until_2030(zone: str, changes: int) -> None:
    found = transitions(zone, 2026, 2030)
    assert len(found) == changes
    for change in found or [datetime(2026, 11, 1, 6, tzinfo=UTC)]:
        check_around(change, zone, 4)


def test_a_day_that_a_zone_skipped_is_the_first_instant_of_the_next() -> None:
    zone = "Pacific/Apia"  # went from 29 to 31 December 2011
    (change,) = [one for one in transitions(zone, 2011, 2011) if one.month == 12]
    check_around(change, zone, 36)
    assert instant(date(2011, 12, 30), time(12), zone) == datetime(2011, 12, 30, 10, tzinfo=UTC) == change


def test_a_skipped_hour_is_told_at_its_end_and_a_repeated_one_the_first_time() -> None:
    assert instant(date(2027, 3, 14), time(2, 30), NEW_YORK) == datetime(2027, 3, 14, 7, tzinfo=UTC)
    assert instant(date(2026, 11, 1), time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert instant(date(2026, 11, 1), time(1, 30, fold=1), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_parts_of_a_second_are_dropped_also_in_a_skipped_hour() -> None:
    assert instant(date(2027, 3, 14), time(2, 0, 0, 500_000), NEW_YORK) == datetime(2027, 3, 14, 7, tzinfo=UTC)
    assert instant(date(2027, 3, 13), time(9, 0, 0, 500_000), NEW_YORK) == datetime(2027, 3, 13, 14, tzinfo=UTC)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)))
def test_the_day_in_a_zone_is_the_day_on_its_wall(now: datetime) -> None:
    for zone in (NEW_YORK, SHANGHAI, "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert day_in(now, zone) == wall(now, zone).date()


# The moment of a lead


ZONES = (
    NEW_YORK,
    LOS_ANGELES,
    SHANGHAI,
    "Europe/London",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
)
zones = st.sampled_from(ZONES)
days = st.dates(date(2026, 1, 1), date(2030, 12, 31))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@given(days, clocks, zones, zones)
@example(date(2026, 12, 5), time(9), "Pacific/Kiritimati", "Pacific/Pago_Pago")
@example(date(2026, 12, 5), time(9), "Pacific/Pago_Pago", "Pacific/Kiritimati")
@example(date(2026, 12, 5), time(0), SHANGHAI, NEW_YORK)
def test_a_lead_is_told_on_its_date_or_the_last_time_before_it_has_ended(
    on: date, clock: time, reader: str, zone: str
) -> None:
    moment = lead_moment(on, clock, reader, zone, after_day_begins=False)
    ends = instant(on + DAY, time(0), zone)
    in_time = [told for n in range(4) if (told := instant(on - n * DAY, clock, reader)) < ends]
    assert moment == in_time[0]
    assert moment < ends
    assert day_in(moment, zone) <= on


@given(days, clocks, zones, zones)
@example(date(2026, 12, 5), time(23, 30), "Pacific/Pago_Pago", "Pacific/Kiritimati")
@example(date(2026, 12, 5), time(0), "Pacific/Kiritimati", "Pacific/Pago_Pago")
def test_after_a_date_it_is_the_first_time_once_the_day_has_begun(
    on: date, clock: time, reader: str, zone: str
) -> None:
    moment = lead_moment(on, clock, reader, zone, after_day_begins=True)
    begins = instant(on, time(0), zone)
    assert moment == min(told for n in range(-3, 4) if (told := instant(on + n * DAY, clock, reader)) >= begins)
    assert timedelta(0) <= moment - begins <= timedelta(hours=25)


@given(days, clocks, zones, zones)
def test_a_smaller_lead_is_never_told_before_a_larger_one(on: date, clock: time, reader: str, zone: str) -> None:
    moments = [lead_moment(on - timedelta(days=lead), clock, reader, zone, lead < 0) for lead in range(5, -6, -1)]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("clock", "reader", "zone", "ahead", "behind"),
    [
        # A line in New York read in Shanghai: its date in Shanghai begins 13 hours earlier.
        ("09:00", SHANGHAI, NEW_YORK, "2026-12-05 01:00", "2026-12-06 01:00"),
        # A line in Shanghai read in Los Angeles: at nine there, the date is over.
        ("09:00", LOS_ANGELES, SHANGHAI, "2026-12-04 17:00", "2026-12-04 17:00"),
        ("08:00", LOS_ANGELES, SHANGHAI, "2026-12-04 16:00", "2026-12-04 16:00"),  # at eight it ends
        # At half past seven it is not over.
        ("07:30", LOS_ANGELES, SHANGHAI, "2026-12-05 15:30", "2026-12-05 15:30"),
        ("09:00", NEW_YORK, NEW_YORK, "2026-12-05 14:00", "2026-12-05 14:00"),
        # The ends of the earth: 25 hours apart.
        ("09:00", "Pacific/Pago_Pago", "Pacific/Kiritimati", "2026-12-04 20:00", "2026-12-04 20:00"),
        ("09:00", "Pacific/Kiritimati", "Pacific/Pago_Pago", "2026-12-04 19:00", "2026-12-05 19:00"),
    ],
)
def test_readers_on_the_other_side_of_the_world(clock: str, reader: str, zone: str, ahead: str, behind: str) -> None:
    on, at = day("2026-12-05"), time.fromisoformat(clock)
    told = [lead_moment(on, at, reader, zone, after_day_begins=behind) for behind in (False, True)]
    assert [f"{one:%Y-%m-%d %H:%M}" for one in told] == [ahead, behind]


def test_every_month_of_the_calendar_is_known() -> None:
    for year in (2027, 2028, 2100, 2000):
        lasts = [add_months(date(year, 1, 1), n, 31).day for n in range(12)]
        assert lasts == [monthrange(year, n)[1] for n in range(1, 13)]
