"""The value types of time: days, months, clocks, lengths and zones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from renewd.config.lengths import length_pattern, read_length
from renewd.config.patterns import in_any_case, up_to
from renewd.config.value_types import Schema, WrongError
from renewd.domain.dates import DAY, Duration, Unit, add_months, rests_on_zones

FIRST, LAST = 2000, 2199  # years; anything outside is a typing mistake


_ISO = r"(\d{4})-(\d\d)-(\d\d)"
_YEAR_FIRST = r"(\d{4})\D{0,3}(\d{1,2})\D{1,3}(\d{1,2})\D?|(\d{4})(\d\d)(\d\d)"
_YEAR_LAST = r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})"
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = rf"(?:(\d{{1,2}})\s)?({'|'.join(_MONTH_NAMES)})[a-z]*\.?\s(?:(\d{{1,2}}),?\s)?(\d{{4}})"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_FIRST = rf"({'|'.join(_WEEKDAYS)})[a-z]*\.?,?\s(?P<day>.+)"
_WEEKDAY_LAST = r"(?P<day>.+?)\s?(?:周|星期|礼拜)([一二三四五六日天])"
_ORDINAL = r"(?<=\d)(?:st|nd|rd|th)\b"
_CLOCK_AFTER = r"(?P<day>.*?\d)[T ](?P<clock>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s?(?:Z|UTC|[+-]\d\d:?\d\d)?"


class Day:
    """A date, bare or in quotes; also in other forms, as long as nothing else can be meant."""

    def read(self, value: object) -> date:
        if type(value) is not date:
            value = self._from_text(value)
        if FIRST <= value.year <= LAST:
            return value
        raise WrongError("check.impossible-date", first=FIRST, last=LAST)

    def _from_text(self, value: object) -> date:
        if isinstance(value, datetime):
            return _at_midnight(value.date(), value.time() == time())
        if isinstance(value, str) and (iso := re.fullmatch(_ISO, value.strip(), re.ASCII)):
            return _real_day(*map(int, iso.groups()))
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise WrongError("check.not-a-date")
        days = read_days(str(value))
        if len(days) > 1:
            raise WrongError("check.not-a-date-either", one=days[0].isoformat(), other=days[1].isoformat())
        if not days:
            raise WrongError("check.not-a-date")
        if isinstance(value, int):
            raise WrongError("check.not-a-date-write", fix=days[0].isoformat())
        return days[0]

    def schema(self) -> Schema:
        return {"type": "string", "pattern": _day_pattern()}


def read_days(text: str) -> tuple[date, ...]:
    """Return the days that a text may mean: one where it is exact, two where month and day may be either way round.

    Raises WrongError if it is a day that does not exist, or a time of day that is not midnight stands with it.
    """
    words = " ".join(unicodedata.normalize("NFKC", text).split())
    if clock := re.fullmatch(_CLOCK_AFTER, words):
        days = read_days(clock["day"])
        return (_at_midnight(days[0], not clock["clock"].strip("0:.")),) if len(days) == 1 else days
    if first_said := re.fullmatch(_WEEKDAY_FIRST, words, re.IGNORECASE):
        return _on(_WEEKDAYS.index(first_said[1].lower()), first_said["day"])
    if last_said := re.fullmatch(_WEEKDAY_LAST, words):
        return _on(min("一二三四五六日天".index(last_said[2]), 6), last_said["day"])
    words = re.sub(_ORDINAL, "", words, flags=re.IGNORECASE)
    if loose := re.fullmatch(_YEAR_FIRST, words):
        return (_real_day(*(int(part) for part in loose.groups() if part)),)
    if named := re.fullmatch(_NAMED, words, re.IGNORECASE):
        before, month, after, year = named.groups()
        known = bool(before) != bool(after)
        return (_real_day(int(year), _MONTH_NAMES.index(month.lower()) + 1, int(before or after)),) if known else ()
    if (last := re.fullmatch(_YEAR_LAST, words)) is None:
        return ()
    first, second, year = int(last[1]), int(last[3]), int(last[4])
    orders = dict.fromkeys((month, day) for month, day in ((first, second), (second, first)) if month <= 12)
    real = [(month, day) for month, day in orders if month >= 1 and 1 <= day <= _last_of(year, month)]
    return tuple(_real_day(year, month, day) for month, day in real or list(orders)[:1])


def _on(weekday: int, text: str) -> tuple[date, ...]:
    """Return the days that a text may mean, of those that are this day of the week."""
    return tuple(day for day in read_days(text) if day.weekday() == weekday)


def _day_pattern() -> str:
    """Return a regular expression for editors: the texts that mean one day, whatever its month or the week has."""
    year, month, no_month = r"2[01]\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:1[3-9]|2\d|3[01])"
    day_of_month = r"(?:0?[1-9]|[12]\d|3[01])"
    names = f"(?:{'|'.join(map(in_any_case, _MONTH_NAMES))})" + r"[A-Za-z]*\.?"
    both = {sign: "|".join(f"0?{n}{sign}0?{n}" for n in range(1, 13)) for sign in ("-", "/", r"\.")}
    last = "|".join(rf"(?:{no_month}{sign}{month}|{month}{sign}{no_month}|{both[sign]}){sign}" for sign in both)
    first = rf"{year}(?:\D{{0,3}}{month}\D{{1,3}}{day_of_month}\D?|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
    nth = rf"{day_of_month}(?:st|nd|rd|th)?"
    day = rf"{first}|(?:{nth}\s+{names}|{names}\s+{nth},?)\s+{year}|(?:{last}){year}"
    week = f"(?:(?:{'|'.join(map(in_any_case, _WEEKDAYS))})" + r"[A-Za-z]*\.?,?\s+)?"
    return rf"^\s*{week}(?:{day})(?:\s*(?:周|星期|礼拜)[一二三四五六日天])?(?:[T ]00:00(?::00(?:\.0+)?)?\s?(?:Z|UTC|[+-]\d\d:?\d\d)?)?\s*$"


def _last_of(year: int, month: int) -> int:
    return add_months(date(year, month, 1), 0, 31).day if FIRST <= year <= LAST else 31


def _at_midnight(day: date, midnight: bool) -> date:  # noqa: FBT001
    if midnight:
        return day
    raise WrongError("check.date-with-clock", fix=day.isoformat())


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


_MONTH = r"(20\d\d|21\d\d)-(0[1-9]|1[0-2])"
_LOOSE_MONTH = r"(?P<m>\d{1,2})\s*[/-]\s*(?:20)?(?P<y>\d\d)|20(?P<y2>\d\d)\D{1,3}(?P<m2>\d{1,2})(\D+\d{1,2})?\D?"


class MonthValue:
    """A month, "2027-03", read as its last day."""

    def read(self, value: object) -> date:
        if isinstance(value, str) and (month := re.fullmatch(_MONTH, value.strip(), re.ASCII)):
            return add_months(date(int(month[1]), int(month[2]), 1), 1, 1) - DAY
        loose = re.fullmatch(_LOOSE_MONTH, str(value).strip()) if isinstance(value, str | date) else None
        if loose and 1 <= int(loose["m"] or loose["m2"]) <= 12:
            fix = f"20{loose['y'] or loose['y2']}-{int(loose['m'] or loose['m2']):02}"
            raise WrongError("check.not-a-month-write", fix=fix)
        raise WrongError("check.not-a-month")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^\s*{_MONTH}\s*$"}


_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?"


class ClockTime:
    """A wall clock, bare or in quotes."""

    def read(self, value: object) -> time:
        if isinstance(value, time):
            return value
        if isinstance(value, str) and (clock := re.fullmatch(_CLOCK, value.strip(), re.ASCII)):
            return time(int(clock[1]), int(clock[2]), int(clock[3] or 0))
        raise WrongError("check.not-a-clock")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^\s*{_CLOCK}\s*$"}


_LENGTH = re.compile(r"(\d{1,6}) (hour|day|month|year)s?", re.ASCII)
_MOST_OF: Mapping[Unit, int] = {"hours": 87_660, "days": 3_660, "months": 120, "years": 10}
_UNITS: tuple[Unit, ...] = ("hours", "days", "months", "years")


class Length:
    """A length of time, "30 days" or "quarterly", of ten years at most; `zero` allows 0, `hours` the unit."""

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
        most = {unit: n for unit, n in _MOST_OF.items() if self.hours or unit != "hours"}
        return {"type": "string", "pattern": length_pattern(most, zero=self.zero)}


@lru_cache(maxsize=4096)
def _length(text: str, zero: bool, hours: bool) -> Duration:  # noqa: FBT001
    length = _meant(text)
    if length.unit == "hours" and not hours:
        raise WrongError("check.no-hours-here")
    if length.n == 0 and not zero:
        raise WrongError("check.zero-length")
    if length.n > _MOST_OF[length.unit]:
        raise WrongError("check.too-long", most=_MOST_OF["years"])
    return length


def _meant(text: str) -> Duration:
    if exact := _LENGTH.fullmatch(text.strip()):
        return Duration(int(exact[1]), next(unit for unit in _UNITS if unit.startswith(exact[2])))
    reading = read_length(text)
    if reading.exact:
        return reading.meant[0]
    if len(reading.meant) > 1:
        raise WrongError("check.not-a-length-either", one=str(reading.meant[0]), other=str(reading.meant[1]))
    if reading.meant:
        raise WrongError("check.not-a-length-write", fix=str(reading.meant[0]))
    raise WrongError("check.not-a-length")


_INTERVAL = r"([1-9]\d{0,3}) (minute|hour)s?"
_MOST_INTERVAL = timedelta(days=1)


class Interval:
    """How often something is done, "5 minutes" or "1 hour"; a day at most."""

    def read(self, value: object) -> timedelta:
        found = re.fullmatch(_INTERVAL, value.strip(), re.ASCII) if isinstance(value, str) else None
        every = timedelta(**{f"{found[2]}s": int(found[1])}) if found else None
        if every is None or every > _MOST_INTERVAL:
            raise WrongError("check.not-an-interval")
        return every

    def schema(self) -> Schema:
        most = _MOST_INTERVAL // timedelta(minutes=1)
        number = {"minute": up_to(most, zero=False), "hour": up_to(most // 60, zero=False)}
        return {
            "type": "string",
            "pattern": rf"^\s*(?!0)(?:{'|'.join(f'{n} {unit}s?' for unit, n in number.items())})\s*$",
        }


_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
_FIXED = re.compile(r"(Etc/)?GMT[+-][1-9]\d?|EST|MST|HST")
_NO_ZONES = ("localtime", "posixrules", "Factory", "leapseconds", "tzdata")


class Zone:
    """A time zone of the IANA database."""

    def read(self, value: object) -> str:
        if isinstance(value, str) and is_zone(value.strip()):
            return value.strip()
        raise WrongError("check.no-such-zone", value=value)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^\s*(?!posix/|right/|(?:{'|'.join(_NO_ZONES)})\s*$){_ZONE.pattern}\s*$"}


def fixed_offset(zone: str) -> str | None:
    """Return the offset of a zone that stands for one and not for a place, such as `-8` for Etc/GMT+8; else None."""
    if not _FIXED.fullmatch(zone):
        return None
    offset = ZoneInfo(zone).utcoffset(datetime(2026, 1, 1))  # noqa: DTZ001  # on the wall there
    return f"{int((offset or timedelta()).total_seconds()) // 3600:+d}"


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
