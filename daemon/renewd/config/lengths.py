"""Lengths of time as people and programs write them: "2 weeks", "quarterly", "每月", "P1M"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from renewd.config.patterns import in_any_case, up_to
from renewd.domain.dates import Duration, Unit

_NUMBERS: Mapping[str, int] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "other": 2, "second": 2, "third": 3,
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十二": 12,
}  # fmt: skip
_UNITS: Mapping[str, tuple[int, Unit]] = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "小时", "个小时"), (1, "hours")),
    **dict.fromkeys(("d", "day", "days", "daily", "天", "日"), (1, "days")),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "weekly", "周", "星期", "个星期", "礼拜", "个礼拜"), (7, "days")),
    **dict.fromkeys(("fortnight", "fortnights", "fortnightly"), (14, "days")),
    **dict.fromkeys(("mo", "mos", "month", "months", "monthly", "月", "个月", "月付"), (1, "months")),
    **dict.fromkeys(("quarter", "quarters", "quarterly", "季", "季度", "个季度", "季付"), (3, "months")),
    **dict.fromkeys(
        ("half year", "half yearly", "half a year", "semiannual", "semiannually", "semi annual", "semi annually", "半年", "半年付"),
        (6, "months"),
    ),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years", "yearly", "annual", "annually", "年", "年付"), (1, "years")),
    "隔月": (2, "months"),
    **dict.fromkeys(("biennial", "biennially"), (2, "years")),
    **dict.fromkeys(("triennial", "triennially"), (3, "years")),
}  # fmt: skip
_TWO_MEANINGS: Mapping[str, tuple[Duration, ...]] = {
    **dict.fromkeys(("biweekly", "bi weekly"), (Duration(14, "days"),)),
    **dict.fromkeys(("bimonthly", "bi monthly"), (Duration(2, "months"),)),
    **dict.fromkeys(("biannual", "bi annual", "biannually"), (Duration(6, "months"), Duration(2, "years"))),
    "m": (Duration(1, "months"),),
}

_NAMES = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_COUNTS = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_WORDS = (  # compiled when first used, in 1 ms: "30 days" is read without it
    rf"(?:(?:every|each|per|once|每)\s*)?(?:(?P<n>\d{{1,6}}|{_COUNTS})(?:\s*个?(?=\D)|\s+))?(?P<unit>{_NAMES})"
)
_ISO = r"p(?:(?P<years>\d{1,4})y)?(?:(?P<months>\d{1,4})m)?(?:(?P<weeks>\d{1,4})w)?(?:(?P<days>\d{1,5})d)?"
_LOOSE = r"(?P<n>\d{1,6})?\s*m"
_IN_CHINESE = r"[一二两三四五六七八九十百]{2,}"


class LengthReading(NamedTuple):
    """What a text may mean: one length if it is exact, several or a guess if it is not, none if it is no length."""

    meant: tuple[Duration, ...]
    exact: bool = False


@lru_cache(maxsize=1024)
def read_length(text: str) -> LengthReading:
    """Return what a length written by people or programs means.

    >>> [str(read_length(text).meant[0]) for text in ("every 4 weeks", "每季度", "P1Y6M")]
    ['28 days', '3 months', '18 months']
    """
    joined = re.sub(r"(?<=[a-z\d])-(?=[a-z])", " ", unicodedata.normalize("NFKC", text).lower())
    words = " ".join(joined.split())
    if words in _TWO_MEANINGS:
        return LengthReading(_TWO_MEANINGS[words])
    if found := re.fullmatch(_WORDS, words):
        n = _count(found["n"])
        size, unit = _UNITS[found["unit"]]
        return LengthReading((Duration(n * size, unit),), exact=True)
    if words != "p" and (iso := re.fullmatch(_ISO, words)):
        return _of_iso({name: int(number or 0) for name, number in iso.groupdict().items()})
    if loose := re.fullmatch(_LOOSE, words):
        return LengthReading((Duration(int(loose["n"] or 1), "months"),))
    if re.fullmatch(r"\d{1,4}", words):
        return LengthReading((Duration(int(words), "days"),))
    digits = re.sub(_IN_CHINESE, lambda found: str(_in_digits(found[0])), words)
    return LengthReading(read_length(digits).meant) if digits != words else LengthReading(())


def _in_digits(text: str) -> int:
    """Return a Chinese number below 1000.

    >>> _in_digits("一百八十"), _in_digits("十五")
    (180, 15)
    """
    total, last = 0, 0
    for sign in text:
        if tens := {"十": 10, "百": 100}.get(sign):
            total, last = total + (last or 1) * tens, 0
        else:
            last = _NUMBERS[sign]
    return total + last


def length_pattern(most: Mapping[Unit, int], *, zero: bool) -> str:
    """Return a regular expression for editors: what `read_length` reads exactly, of the units in `most`."""
    first = "|".join(in_any_case(word) for word in ("every", "each", "per", "once", "每"))
    numbers = sorted(_NUMBERS, key=len, reverse=True)
    named: dict[tuple[int, Unit], list[str]] = {}
    for name, length in _UNITS.items():
        named.setdefault(length, []).append(in_any_case(name))
    lengths = []
    for (size, unit), names in named.items():
        if unit in most:
            limit = most[unit] // size
            counts = [up_to(limit, zero=zero), *(in_any_case(word) for word in numbers if _NUMBERS[word] <= limit)]
            lengths.append(rf"(?:(?:{'|'.join(counts)})(?:\s*个?(?=\D)|\s+))?(?:{'|'.join(names)})")
    years, months, days = up_to(most["years"]), up_to(most["months"]), up_to(most["days"])
    weeks = up_to(most["days"] // 7)
    iso = rf"[Pp](?=\d){'' if zero else '(?=.*[1-9])'}(?:(?:{years}[Yy])?(?:{months}[Mm])?|(?:{weeks}[Ww])?(?:{days}[Dd])?)"
    return rf"^\s*(?:(?:(?:{first})\s*)?(?:{'|'.join(lengths)})|{iso})\s*$"


def _count(text: str | None) -> int:
    if text is None:
        return 1
    return int(text) if text.isdecimal() else _NUMBERS[text]


def _of_iso(parts: Mapping[str, int]) -> LengthReading:
    months, days = parts["years"] * 12 + parts["months"], parts["weeks"] * 7 + parts["days"]
    if months and days:  # no cycle of one unit is as long
        return LengthReading(())
    if days:
        return LengthReading((Duration(days, "days"),), exact=True)
    years = not months % 12
    return LengthReading((Duration(months // 12 if years else months, "years" if years else "months"),), exact=True)
