"""What renewd says, in each language: sentences by key, and days, times, zones and money in the reader's form.

Every language is one folder of templates/: its *.toml files hold sentences (`check.toml` with the key
`unknown-key` is `check.unknown-key`), its *.j2 files the mails.
"""

from __future__ import annotations

import os
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import cache, lru_cache
from pathlib import Path

from renewd.assets import ASSETS
from renewd.domain.dates import Duration
from renewd.domain.money import Money, rounded

TEMPLATES = ASSETS / "templates"
LANGUAGES = ("zh-CN", "en")
FALLBACK = "en"

_NEXT_YEAR = 60  # days ahead: in December, "Jan 4" is the next one
_ANOTHER_YEAR = 300  # days
_REASONS = frozenset(("why", "reason", "reply"))  # the arguments that may be words of the system
_BETWEEN = r"[ /]"

Words = str | Mapping[str, str]


_completed_by: list[Callable[[str], str]] = []


@contextmanager
def commands_completed(by: Callable[[str], str]) -> Iterator[None]:
    """Complete the commands in all sentences of the block, in any thread, as files other than the usual were named."""
    _completed_by.append(by)
    try:
        yield
    finally:
        _completed_by.pop()


def as_typed(text: str) -> str:
    """Return a text in which the commands are as they can be typed to go on."""
    return _completed_by[-1](text) if _completed_by else text


class Language:
    """One language's words. Use `language(code)`, which keeps one of each."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._words = _Sentences(TEMPLATES / code)

    def keys(self) -> frozenset[str]:
        """Return the key of every sentence, and read them all."""
        for file in (TEMPLATES / self.code).glob("*.toml"):
            self._words.read(file.stem)
        return frozenset(self._words)

    def __contains__(self, key: str) -> bool:
        """Whether there is a sentence `key`."""
        self._words.read(key.partition(".")[0])
        return key in self._words

    def words(self, key: str) -> Words:
        """Return a sentence as it stands in the file. Raises KeyError."""
        return self._words[key]

    def say(self, key: str, /, **args: object) -> str:
        """Return the sentence `key` with its `{names}` filled; a counted sentence is chosen by the argument `n`."""
        words = self._words[key]
        if not isinstance(words, str):
            words = words["one" if args.get("n") == 1 and "one" in words else "other"]
        for name in _REASONS & args.keys():
            args[name] = self._reason(args[name])
        said = "".join(
            [text if name is None else text + self._filled(args[name], form) for text, name, form in _pieces(words)]
        )
        return as_typed(said)

    def _filled(self, value: object, form: str) -> str:
        """Return what fills a `{name:form}`: days, money, durations in the language's form, a path as it is `typed`."""
        if form == "typed":
            return _typed(str(value))
        if type(value) is str:
            return format(value, form)
        if isinstance(value, datetime):
            return f"{self.day(value)} {self.clock(value.time())}"
        if isinstance(value, date):
            return {"year": self.day_year, "plain": self.day_plain}.get(form, self.day)(value)
        if isinstance(value, time):
            return self.clock(value)
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, Duration):
            return self.duration(value)
        return format(value, form)

    def _reason(self, reason: object) -> object:
        """Return the reason of an OSError, which the system words in English, in this language where it is known."""
        before, colon, words = str(reason).rpartition(": ")  # a path may stand in front
        key = f"system.{re.sub(_BETWEEN, '-', words.lower())}"
        return f"{before}{colon}{self._words[key]}" if key in self else reason

    def day(self, day: date) -> str:
        """Return `12月5日周六`, `Sat, Dec 5`: a day in a sentence."""
        return _date(self.code, "day", day)

    def day_seen(self, day: date, today: date) -> str:
        """Return `12月5日周六`; with its year where it might be taken for another day, seen from `today`.

        A day to come keeps its weekday: `2027年3月27日 周六`, and a past one does not: `2025年12月5日`.
        """
        ahead = (day - today).days
        if (day.year == today.year or 0 < ahead <= _NEXT_YEAR) and abs(ahead) <= _ANOTHER_YEAR:
            return self.day(day)
        return self.day_year(day) if ahead > 0 else self.day_plain(day)

    def day_year(self, day: date) -> str:
        """Return `2026年12月5日 周六`, `Sat, Dec 5, 2026`: a day as a value."""
        return _date(self.code, "day-year", day)

    def day_plain(self, day: date) -> str:
        """Return `2026年12月5日`, `Dec 5, 2026`: a day long past, whose weekday says nothing."""
        return _date(self.code, "day-plain", day)

    def month(self, day: date) -> str:
        """Return `12月`, `December`."""
        return _date(self.code, "month", day)

    def month_short(self, day: date) -> str:
        """Return `12月`, `Dec`."""
        return _date(self.code, "month-short", day)

    def month_year(self, day: date) -> str:
        """Return `2027年3月`, `March 2027`."""
        return _date(self.code, "month-year", day)

    def clock(self, clock: time) -> str:
        """Return `09:00`, `9 AM`, `9:30 AM`."""
        return self._pattern("clock" if clock.minute else "clock-full-hour").format(
            hour=clock.hour,
            hour12=clock.hour % 12 or 12,
            minute=clock.minute,
            half=self._names("day-halves")[clock.hour >= 12],
        )

    def clock_in(self, at: datetime, zone: str) -> str:
        """Return `09:00（纽约）`, `9 AM New York`: the hour of an instant on the clocks of a zone."""
        from zoneinfo import ZoneInfo  # noqa: PLC0415

        clock = self.clock(at.astimezone(ZoneInfo(zone)).time())
        return self._pattern("clock-zone").format(clock=clock, city=self.city(zone))

    def city(self, zone: str) -> str:
        """Return `纽约`, `New York`: the city that a zone is known by; China's is Beijing's time."""
        if zone in ("Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "PRC"):
            return self._pattern("beijing")
        key = f"cities.{zone}"
        return str(self._words[key]) if key in self else zone.rpartition("/")[2].replace("_", " ")

    def money(self, money: Money, *, many: bool = False) -> str:
        """Return `$5.00`; `US$5.00` and `CN¥35.00` where the household has several currencies (`many`)."""
        return _money(money, many)

    def duration(self, length: Duration) -> str:
        """Return `30 天`, `30 days`, `1 个月`, `1 month`."""
        return self.say(f"words.{length.unit}", n=length.n)

    @property
    def between(self) -> str:
        """What stands between two sentences: nothing in Chinese, else a space."""
        return self._pattern("between-sentences")

    def clauses(self, parts: Iterable[str]) -> str:
        """Return `甲，乙`, `A, B`: parts of a sentence with commas between them."""
        return self._pattern("clause-comma").join(parts)

    def several(self, items: list[str]) -> str:
        """Return `甲、乙、丙` or `A, B and C`; between 和 and a number is a space."""
        if len(items) < 2:
            return "".join(items)
        comma, last = self._pattern("list-comma"), self._pattern("list-and")
        if not last.isascii() and items[-1][:1].isascii() and items[-1][:1].isalnum():
            last += " "
        return comma.join(items[:-1]) + last + items[-1]

    def _pattern(self, key: str) -> str:
        pattern = self._words[f"formats.{key}"]
        assert isinstance(pattern, str)  # formats.toml has no counted sentences
        return pattern

    def _names(self, key: str) -> list[str]:
        return self._pattern(key).split()

    def _written(self, key: str, day: date) -> str:
        """Return a day in one of the forms of formats.toml."""
        return self._pattern(key).format(
            y=day.year,
            m=day.month,
            d=day.day,
            month=self._names("months")[day.month - 1],
            mon=self._names("months-short")[day.month - 1],
            weekday=self._names("weekdays")[day.weekday()],
        )


class _Sentences(dict[str, Words]):
    """The sentences of a language by key; a file of them is read when one of its keys is first asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._read: set[str] = set()

    def __missing__(self, key: str) -> Words:
        if not self.read(key.partition(".")[0]):
            raise KeyError(key)
        return self[key]

    def read(self, name: str) -> bool:
        """Read a file of sentences, and return whether that added any."""
        if name in self._read or not (file := self._folder / f"{name}.toml").is_file():
            return False
        import tomli  # noqa: PLC0415  # as late as the other imports of this module

        self.update(_flat(f"{name}.", tomli.loads(file.read_text("utf-8"))))
        self._read.add(name)
        return True


@lru_cache(maxsize=4096)
def _pieces(words: str) -> tuple[tuple[str, str | None, str], ...]:
    """Return a sentence in pieces: a text, then the name and the form of what is filled in after it."""
    return tuple((text, name, form or "") for text, name, form, _ in string.Formatter().parse(words))


@cache
def language(code: str) -> Language:
    """Return the words of one of `LANGUAGES`."""
    return Language(code)


def from_environment(environment: Mapping[str, str] | None = None) -> str:
    """Return the language of LC_ALL, LC_MESSAGES or LANG, else English."""
    environment = os.environ if environment is None else environment
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            import locale  # noqa: PLC0415

            tag = (locale.normalize(value).split(".")[0]).replace("_", "-").lower()
            return next((code for code in LANGUAGES if tag.startswith(code.lower().partition("-")[0])), FALLBACK)
    return FALLBACK


def _flat(prefix: str, table: Mapping[str, object]) -> dict[str, Words]:
    """Turn `{"a": {"b": "…"}}` into `{"a.b": "…"}`; a table of `one` and `other` is one counted sentence."""
    flat: dict[str, Words] = {}
    for key, value in table.items():
        if isinstance(value, str):
            flat[prefix + key] = value
        elif isinstance(value, Mapping) and "other" in value:
            flat[prefix + key] = {name: str(words) for name, words in value.items()}
        elif isinstance(value, Mapping):
            flat.update(_flat(f"{prefix}{key}.", value))
    return flat


def _typed(path: str) -> str:
    """Return a path as it can be typed into a shell.

    >>> _typed("/srv/my plans.toml"), _typed("~/my plans.toml")
    ("'/srv/my plans.toml'", "~/'my plans.toml'")
    """
    from shlex import quote  # noqa: PLC0415

    return f"~/{quote(path[2:])}" if path.startswith("~/") else quote(path)


def _date(code: str, form: str, day: date) -> str:
    # Instants that are equal in two zones are one key to a cache, and two days.
    return _formatted(code, form, day.date() if isinstance(day, datetime) else day)


@lru_cache(maxsize=65536)
def _formatted(code: str, form: str, day: date) -> str:
    return language(code)._written(form, day)  # noqa: SLF001


_SIGNS = {"USD": ("$", "US$"), "CNY": ("¥", "CN¥"), "EUR": ("€", "€"), "GBP": ("£", "£"), "JPY": ("¥", "JP¥"),
          "HKD": ("HK$", "HK$"), "TWD": ("NT$", "NT$"), "CAD": ("CA$", "CA$"), "SGD": ("S$", "S$"),
          "AUD": ("A$", "A$"), "KRW": ("₩", "₩")}  # fmt: skip


def sign_of(currency: str, *, many: bool = False) -> str:
    """Return `$`, `¥`, `CHF `; `US$` and `CN¥` where the household has several currencies (`many`)."""
    return _SIGNS.get(currency, (f"{currency} ",) * 2)[many]


@lru_cache(maxsize=16384)
def _money(money: Money, many: bool) -> str:  # noqa: FBT001
    amount = f"{abs(rounded(money).amount):,}"
    sign = sign_of(money.currency, many=many)
    return f"{'-' if money.amount < 0 else ''}{sign}{amount}"
