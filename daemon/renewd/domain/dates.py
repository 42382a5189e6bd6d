"""Cycles that never drift, and the one way from a wall clock to a UTC instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Unit = Literal["hours", "days", "months", "years"]

DAY = timedelta(days=1)
RELEASED = date(2026, 1, 1)  # nothing is sent by a clock that is before this: the program did not exist
_SECOND = timedelta(seconds=1)
_MONTHS = {"months": 1, "years": 12}
_BY_ZONE: list[Callable[[], None]] = []  # empty what was computed from the rules of zones


class Duration(NamedTuple):
    """A length of time as people write it: `30 days`, `25 hours`, `1 month`, `2 years`; `n` is at least 0."""

    n: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.n} {self.unit if self.n != 1 else self.unit[:-1]}"


def nth(anchor: date, cycle: Duration, n: int, day: int | None = None) -> date:
    """Return the date `n` cycles after `anchor` (before it, if negative), counted from the anchor itself.

    Months and years keep the day of the month, or `day` if given. In a month without that day, it is the last day:
    31 Jan, 28 Feb, 31 Mar. Cycle 0 is the anchor as written. Hours count as whole days, at least one. Raises
    OverflowError outside the years 1 to 9999.

    >>> [str(nth(date(2027, 1, 31), Duration(1, "months"), n)) for n in range(3)]
    ['2027-01-31', '2027-02-28', '2027-03-31']
    >>> str(nth(date(2028, 2, 29), Duration(1, "years"), 4))
    '2032-02-29'
    """
    if n == 0:
        return anchor
    if cycle.unit in _MONTHS:
        return add_months(anchor, n * cycle.n * _MONTHS[cycle.unit], day or anchor.day)
    days = cycle.n if cycle.unit == "days" else whole_days_after(cycle)
    return anchor + timedelta(days=n * (days or 1))


def add_months(start: date, months: int, day: int) -> date:
    """Return that `day` of the month `months` after `start`, or that month's last day if it is shorter."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        msg = f"year {year} is out of range"
        raise OverflowError(msg)
    month = month0 + 1
    if day > 28:  # only then can a month be too short
        day = min(day, _LAST[month] if month != 2 else (date(year, 3, 1) - DAY).day)
    return date(year, month, day)


_LAST = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # the module calendar takes 2 ms to import


def whole_days_before(length: Duration) -> int:
    """Count `hours` as whole days, up, so that a moment this long before a day falls on the earlier side."""
    return -(-length.n // 24) if length.unit == "hours" else length.n


def whole_days_after(length: Duration) -> int:
    """Count `hours` as whole days, down, so that a moment this long after a day falls on the earlier side."""
    return length.n // 24 if length.unit == "hours" else length.n


def before(day: date, length: Duration) -> date:
    """Return the day this long before `day`; hours are rounded to the earlier day."""
    if length.unit not in _MONTHS:
        return day - timedelta(days=whole_days_before(length))
    return add_months(day, -length.n * _MONTHS[length.unit], day.day)


def after(day: date, length: Duration) -> date:
    """Return the day this long after `day`; hours are rounded to the earlier day."""
    if length.unit not in _MONTHS:
        return day + timedelta(days=whole_days_after(length))
    return add_months(day, length.n * _MONTHS[length.unit], day.day)


@lru_cache(maxsize=65536)
def instant(day: date, clock: time, zone: str) -> datetime:
    """Return a wall clock in an IANA zone as a UTC instant, in whole seconds.

    In an hour that the zone skips, it is the first instant after it; in one that the zone repeats, the first of the
    two.
    """
    zone_info = _zone(zone)
    wall = datetime.combine(day, clock.replace(microsecond=0, fold=0), zone_info)
    utc = wall.astimezone(UTC)
    if utc.astimezone(zone_info).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return utc
    early, late = wall.replace(fold=1).astimezone(UTC), utc  # PEP 495: the two guesses on either side of the gap
    old = early.astimezone(zone_info).utcoffset()
    while late - early > _SECOND:
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone_info).utcoffset() == old:
            early = middle
        else:
            late = middle
    return late


@cache
def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # `--help` starts without it

    return ZoneInfo(name)


def rests_on_zones(forget: Callable[[], None]) -> None:
    """Call `forget` whenever the rules of zones are read again: it empties a cache that depends on them."""
    _BY_ZONE.append(forget)


def forget_zones() -> None:
    """Take the rules of zones as they stand on the machine now: they change with an upgrade, while a daemon runs."""
    _zone("UTC").clear_cache()
    _zone.cache_clear()
    for forget in _BY_ZONE:
        forget()


def utc_text(at: datetime) -> str:
    """Return an aware instant as programs read it, in UTC to the second.

    >>> utc_text(datetime(2026, 12, 1, 14, 30, tzinfo=UTC))
    '2026-12-01T14:30:00Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def day_in(now: datetime, zone: str) -> date:
    """Return the calendar day at the instant `now` in an IANA zone."""
    return now.astimezone(_zone(zone)).date()


@lru_cache(maxsize=65536)
def later_day(now: datetime, zone: str, other: str) -> date:
    """Return the later of the days in two zones, so that the days to a date are never too many."""
    return max(day_in(now, zone), day_in(now, other))


@lru_cache(maxsize=262144)
def lead_moment(day: date, clock: time, reader: str, zone: str, after_day_begins: bool) -> datetime:  # noqa: FBT001
    """Return the UTC instant at which a reader is told about a lead's `day` of a plan in `zone`.

    For a lead before or on the date, it is the reader's `clock` on that day, or the last such clock before the day
    ends in the plan's zone. For a lead after it (`after_day_begins`), it is the reader's first `clock` after the day
    has begun in the plan's zone.
    """
    if after_day_begins:
        begins = instant(day, time(0), zone)
        told = day - DAY * 2
        while instant(told, clock, reader) < begins:
            told += DAY
        return instant(told, clock, reader)
    ends = instant(day + DAY, time(0), zone)
    told = day
    while instant(told, clock, reader) >= ends:
        told -= DAY
    return instant(told, clock, reader)


for _cached in (instant, later_day, lead_moment):
    rests_on_zones(_cached.cache_clear)
