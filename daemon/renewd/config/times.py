"""The value types of time: days, months, clocks, lengths and zones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from renewd.config.value_types import Schema, WrongError
from renewd.domain.dates import DAY, Duration, Unit, add_months, rests_on_zones

FIRST, LAST = 2000, 2199  # years; anything outside is a typing mistake


_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_LOOSE_DATE = re.compile(r"(\d{4})\D{0,3}(\d{1,2})\D{1,3}(\d{1,2})\D?|(\d{4})(\d\d)(\d\d)")


class Day:
    """A date, bare or in quotes."""

    def read(self, value: object) -> date:
        if type(value) is not date:
            value = self._from_text(value)
        if FIRST <= value.year <= LAST:
            return value
        raise WrongError("check.impossible-date", first=FIRST, last=LAST)

    def _from_text(self, value: object) -> date:
        if isinstance(value, datetime):
            raise WrongError("check.date-with-clock", fix=value.date().isoformat())
        if isinstance(value, str) and (iso := _ISO.fullmatch(value.strip())):
            return _real_day(*map(int, iso.groups()))
        loose = _LOOSE_DATE.fullmatch(str(value).strip()) if isinstance(value, str | int) else None
        if not loose:
            raise WrongError("check.not-a-date")
        meant = _real_day(*(int(part) for part in loose.groups() if part))
        raise WrongError("check.not-a-date-write", fix=meant.isoformat())

    def schema(self) -> Schema:
        return {"type": "string", "format": "date", "pattern": f"^{_ISO.pattern}$"}


def _real_day(year: int, month: int, day: int) -> date:
    if not FIRST <= year <= LAST:
        raise WrongError("check.impossible-date", first=FIRST, last=LAST)
    if not 1 <= month <= 12:
        raise WrongError("check.no-such-month", month_number=month)
    try:
        return date(year, month, day)
    except ValueError:
        last = add_months(date(year, month, 1), 0, 31)
        raise WrongError("check.no-such-day", month=last, day=day, fix=last.isoformat()) from None


_MONTH = re.compile(r"(20\d\d|21\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_LOOSE_MONTH = re.compile(
    r"(?P<m>\d{1,2})\s*[/-]\s*(?:20)?(?P<y>\d\d)|20(?P<y2>\d\d)\D{1,3}(?P<m2>\d{1,2})(\D+\d{1,2})?\D?"
)


class MonthValue:
    """A month, "2027-03", read as its last day."""

    def read(self, value: object) -> date:
        if isinstance(value, str) and (month := _MONTH.fullmatch(value.strip())):
            return add_months(date(int(month[1]), int(month[2]), 1), 1, 1) - DAY
        loose = _LOOSE_MONTH.fullmatch(str(value).strip()) if isinstance(value, str | date) else None
        if loose and 1 <= int(loose["m"] or loose["m2"]) <= 12:
            fix = f"20{loose['y'] or loose['y2']}-{int(loose['m'] or loose['m2']):02}"
            raise WrongError("check.not-a-month-write", fix=fix)
        raise WrongError("check.not-a-month")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{_MONTH.pattern}$"}


_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


class ClockTime:
    """A wall clock, bare or in quotes."""

    def read(self, value: object) -> time:
        if isinstance(value, time):
            return value
        if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
            return time(int(clock[1]), int(clock[2]), int(clock[3] or 0))
        raise WrongError("check.not-a-clock")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{_CLOCK.pattern}$"}


_LENGTH = re.compile(r"(\d{1,6}) (hour|day|month|year)s?", re.ASCII)
_LOOSE_LENGTH = re.compile(
    r"(?P<n>\d{1,6})?\s*(?:(?P<hours>h|hrs?|hours?|小时|个小时)|(?P<days>d|days?|daily|天|日)"
    r"|(?P<weeks>w|weeks?|weekly|周|星期|个星期)|(?P<months>m|mos?|months?|monthly|个?月)|(?P<years>y|yrs?|years?|yearly|annual|年))",
    re.IGNORECASE,
)
_MOST_OF: Mapping[Unit, int] = {"hours": 87_660, "days": 3_660, "months": 120, "years": 10}
_UNITS: tuple[Unit, ...] = ("hours", "days", "months", "years")


class Length:
    """A length of time, "30 days", of ten years at most; `zero` allows 0, `hours` the unit."""

    def __init__(self, *, zero: bool = False, hours: bool = True) -> None:
        self.zero = zero
        self.hours = hours

    def read(self, value: object) -> Duration:
        if type(value) is str:
            return _length(value, self.zero, self.hours)
        if type(value) is int:
            raise WrongError("check.not-a-length-write", fix=f"{value} days")
        raise WrongError("check.not-a-length")

    def schema(self) -> Schema:
        units = "|".join(unit[:-1] for unit in _UNITS if self.hours or unit != "hours")
        number = r"\d{1,6}" if self.zero else r"0*[1-9]\d{0,5}"
        return {"type": "string", "pattern": f"^{number} ({units})s?$"}


@lru_cache(maxsize=4096)
def _length(text: str, zero: bool, hours: bool) -> Duration:  # noqa: FBT001
    exact = _LENGTH.fullmatch(text.strip())
    if not exact:
        raise _loosely(text)
    unit = next(unit for unit in _UNITS if unit.startswith(exact[2]))
    length = Duration(int(exact[1]), unit)
    if unit == "hours" and not hours:
        raise WrongError("check.no-hours-here")
    if length.n == 0 and not zero:
        raise WrongError("check.zero-length")
    if length.n > _MOST_OF[unit]:
        raise WrongError("check.too-long", most=_MOST_OF["years"])
    return length


def _loosely(text: str) -> WrongError:
    loose = _LOOSE_LENGTH.fullmatch(text.strip())
    if not loose:
        return WrongError("check.not-a-length")
    n = int(loose["n"] or 1)
    if loose["weeks"]:
        return WrongError("check.weeks", fix=str(Duration(n * 7, "days")))
    unit = next(unit for unit in _UNITS if loose[unit])
    return WrongError("check.not-a-length-write", fix=str(Duration(n, unit)))


_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
_NO_ZONES = ("localtime", "posixrules", "Factory", "leapseconds", "tzdata")


class Zone:
    """A time zone of the IANA database."""

    def read(self, value: object) -> str:
        if isinstance(value, str) and is_zone(value):
            return value
        raise WrongError("check.no-such-zone", value=value)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{_ZONE.pattern}$"}


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether the time zone database knows `name`."""
    if not _ZONE.fullmatch(name) or name in _NO_ZONES or name.startswith(("posix/", "right/")):
        return False
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a folder, a file that is no zone, nothing
        return False
    return True


rests_on_zones(is_zone.cache_clear)
