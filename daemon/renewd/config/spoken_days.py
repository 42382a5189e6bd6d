"""Days as people say them, counted from today: "tomorrow", "in 3 days", "the 5th", "下周五"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from renewd.config.lengths import read_length
from renewd.domain.dates import DAY, add_months, nth

_FROM_TODAY: Mapping[str, int] = {
    **dict.fromkeys(("yesterday", "昨天"), -1),
    **dict.fromkeys(("today", "今天", "今日"), 0),
    **dict.fromkeys(("tomorrow", "明天", "明日"), 1),
    **dict.fromkeys(("day after tomorrow", "the day after tomorrow", "后天"), 2),
    "大后天": 3,
}
_LAST = 31  # of every month: its last day
_BESIDE_CHINESE = r"(?<=[一-龥]) | (?=[一-龥])"
_LATER = r"in (?P<before>.+)|(?P<after>.+?)\s?(?:from now|from today|later|以后|之后|后)"
_NUMBER = r"\d{1,2}|(?:[二三]?十)?[一二三四五六七八九]|[二三]?十"
_OF_MONTH = (
    r"(?:on )?(?:the )?(?P<nth>\d{1,2})(?:st|nd|rd|th)?(?: of (?P<en>this|next) month)?"
    rf"|(?:(?P<zh>本|这个?|下个?)月)?(?P<number>{_NUMBER})[号日]"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OF_WEEK = (
    rf"(?:on )?(?P<en>this |next )?(?P<name>{'|'.join(_WEEKDAYS)})"
    r"|(?P<zh>本|这个?|下个?)?(?:周|星期|礼拜)(?P<sign>[一二三四五六日天])"
)


_MONTH_END = (
    r"(?:at )?(?:the )?(?:end of|last day of)(?: the| (?P<en>this|next))? month|(?:at )?month[ -]?end"
    r"|(?P<zh>本|这个?|下个?)?月(?:底|末|最后一天)"
)


class SpokenDay(NamedTuple):
    """The day that a text means, or most likely means if it is not exact; `month_end`: the last of any month."""

    day: date
    exact: bool
    month_end: bool = False


def read_spoken_day(text: str, today: date) -> SpokenDay | None:
    """Return the day that a text means when it is said today, None if it is no such text.

    A day of a month or week that is not named is most likely the next one.

    >>> today = date(2026, 11, 30)
    >>> [str(read_spoken_day(text, today).day) for text in ("tomorrow", "in 2 weeks", "the 5th", "下个月5号")]
    ['2026-12-01', '2026-12-14', '2026-12-05', '2026-12-05']
    """
    words = re.sub(_BESIDE_CHINESE, "", " ".join(unicodedata.normalize("NFKC", text).lower().split()))
    if words in _FROM_TODAY:
        return SpokenDay(today + _FROM_TODAY[words] * DAY, exact=True)
    if later := re.fullmatch(_LATER, words):
        return _later(later["before"] or later["after"], today)
    if of_month := re.fullmatch(_OF_MONTH, words):
        number = of_month["nth"] or of_month["number"]
        return _of_month(read_length(f"{number}天").meant[0].n, of_month["en"] or of_month["zh"] or "", today)
    if month_end := re.fullmatch(_MONTH_END, words):
        ahead = (month_end["en"] or month_end["zh"] or "").startswith(("next", "下"))
        return SpokenDay(add_months(today, int(ahead), _LAST), exact=True, month_end=True)
    if of_week := re.fullmatch(_OF_WEEK, words):
        return _of_week(of_week, today)
    return None


def _later(length: str, today: date) -> SpokenDay | None:
    reading = read_length(length)
    if len(reading.meant) != 1 or reading.meant[0].unit == "hours":
        return None
    try:
        return SpokenDay(nth(today, reading.meant[0], 1), exact=reading.exact)
    except OverflowError:
        return None


def _of_month(number: int, month: str, today: date) -> SpokenDay | None:
    """Return a day of this or the next month, or else the next day with that number, which not every month has."""
    ahead = range(1, 2) if month.startswith(("next", "下")) else range(1) if month else range(3)
    days = (add_months(today, n, number) for n in ahead) if number else ()
    found = next((day for day in days if day.day == number and (month or day >= today)), None)
    return SpokenDay(found, exact=bool(month)) if found else None


def _of_week(said: re.Match[str], today: date) -> SpokenDay:
    """Return a day of this or the next week, which begins on Monday; "next Friday" is the one or the other."""
    weekday = _WEEKDAYS.index(said["name"]) if said["name"] else min("一二三四五六日天".index(said["sign"]), 6)
    monday = today - timedelta(days=today.weekday())
    if said["en"] == "next " or (said["zh"] or "").startswith("下"):
        return SpokenDay(monday + timedelta(days=7 + weekday), exact=bool(said["zh"]))
    if said["zh"]:
        return SpokenDay(monday + timedelta(days=weekday), exact=True)
    return SpokenDay(today + timedelta(days=(weekday - today.weekday()) % 7), exact=False)
