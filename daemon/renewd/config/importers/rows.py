"""Rows of named values, of whichever program, as entries: each value is read, with a remark where it was not exact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

import tomli

from renewd.config.amounts import SIGNS, read_amount
from renewd.config.clean import clean
from renewd.config.importers.entry import ImportedEntry, ImportSettings, LeftOut, Remark
from renewd.config.lengths import LengthReading, read_length
from renewd.config.times import read_days
from renewd.config.value_types import WrongError
from renewd.domain.dates import Duration, add_months

_LONGEST_NAME, _LONGEST_NOTE = 100, 500
_YES: Final = frozenset(("yes", "true", "1", "automatic", "auto", "on", "y", "是", "自动", "已开启", "开"))
_NO: Final = frozenset(("no", "false", "0", "manual", "off", "n", "否", "手动", "未开启", "关"))
_STATES: Mapping[str, LeftOut | str] = {
    **dict.fromkeys(("cancelled", "canceled", "disabled", "inactive", "已取消", "取消", "停用", "已停用"), "cancelled"),
    **dict.fromkeys(("expired", "ended", "已过期", "已结束"), "over"),
    **dict.fromkeys(("paused", "on hold", "暂停", "已暂停"), "paused"),
    **dict.fromkeys(("trial", "trialing", "free trial", "试用", "试用中"), "trial"),
}
_FIRST_SERIAL, _SERIAL_OF_2000 = date(1899, 12, 30), 36_526
_ONCE = re.compile(r"one[ -]?time|once|lifetime|buyout|every \d+|一次性|买断|永久|终身", re.IGNORECASE)


def read_rows(
    rows: Iterable[Mapping[str, str]],
    settings: ImportSettings,
    cycle: Callable[[Mapping[str, str]], LengthReading] | None = None,
) -> list[ImportedEntry]:
    """Return the entries of rows, which hold text by field; `cycle` reads the cycle where it is not one text."""
    rows = list(rows)
    month_first = _month_first(row.get("renews", "") for row in rows)
    seen: dict[str, int] = {}
    entries = []
    for row in rows:
        identity = row.get("id") or row.get("name", "")
        seen[identity] = seen.get(identity, 0) + 1
        one = _Row(row, settings, month_first=month_first)
        reading = (cycle or _cycle)(row)
        entries.append(one.entry(f"{identity}#{seen[identity]}", reading))
    return entries


def _cycle(row: Mapping[str, str]) -> LengthReading:
    text, interval = row.get("every", ""), row.get("interval", "1")
    reading = read_length(text)
    if reading.meant and interval.isdecimal() and int(interval) > 1 and not re.search(r"\d", text):
        return reading._replace(meant=tuple(Duration(one.n * int(interval), one.unit) for one in reading.meant))
    return reading


def _month_first(texts: Iterable[str]) -> bool:
    """Whether the dates of a file have the month first: dots or a day above 12 decide, otherwise it is a guess."""
    found = [written for text in texts if (written := re.match(r"(\d{1,2})([-/.])\d{1,2}\2\d\d", text))]
    return all(int(written[1]) <= 12 and written[2] != "." for written in found)


def _as_read(text: str) -> str:
    """Return a date as spreadsheets show it in a form that is read.

    >>> _as_read("5-Jan-27"), _as_read("1/5/27")
    ('5 Jan 2027', '1/5/2027')
    """
    spaced = re.sub(r"(?<=\d)-(?=[A-Za-z])|(?<=[A-Za-z])-(?=\d)", " ", text.strip())
    short = re.fullmatch(r"(\d{1,2}(?: [A-Za-z]{3,9} |/\d{1,2}/|\.\d{1,2}\.))(\d\d)", spaced)
    return f"{short[1]}20{short[2]}" if short else spaced


def _of_serial(text: str) -> date | None:
    """Return the day that a spreadsheet keeps as a number of days since 1899-12-30; None where it is none."""
    found = re.fullmatch(r"(\d{5})(?:\.0*)?", text.strip())
    return _FIRST_SERIAL + timedelta(days=int(found[1])) if found and int(found[1]) >= _SERIAL_OF_2000 else None


class _Row:
    """One row being read."""

    def __init__(self, row: Mapping[str, str], settings: ImportSettings, *, month_first: bool) -> None:
        self._row, self._settings, self._month_first = row, settings, month_first
        self._values: dict[str, object] = {}
        self._remarks: list[Remark] = []
        self._written = self._of_toml()

    def entry(self, identity: str, cycle: LengthReading) -> ImportedEntry:
        row = self._row
        self._texts()
        renews = self._day("renews")
        every = self._every(cycle)
        state = _STATES.get(row.get("state", "").lower()) or (
            "cancelled" if row.get("active", "").lower() in _NO else ""
        )
        once = bool(_ONCE.fullmatch(row.get("every", "").strip()))
        if renews:
            self._values["renews"] = renews
        if every:
            self._values["every"] = str(every)
        elif renews and not once:
            self._remark("renews", "cycle-unknown" if row.get("every") else "no-cycle", written=row.get("every", ""))
        self._ends_and_day(renews, every)
        self._money(trial=state == "trial")
        self._autopay()
        self._lengths()
        self._leaving()
        self._without_column()
        return ImportedEntry(
            identity=identity,
            values=self._values,
            remarks=tuple(self._remarks),
            card=row.get("card"),
            person=row.get("person"),
            left_out=self._left_out(state, renews, every, once=once),
        )

    def _left_out(self, state: str, renews: date | None, every: Duration | None, *, once: bool) -> LeftOut | None:
        if state in ("cancelled", "paused", "over"):
            return state  # type: ignore[return-value]  # the words of `_STATES` that are no state of a plan
        if "name" not in self._values:
            return "no-name"
        if renews is None:
            return None if "keep_alive" in self._values else "no-date"
        if every is None and renews < self._settings.today:
            return "bought" if once else "over"
        return None

    def _remark(self, key: str, code: str, **args: object) -> None:
        self._remarks.append(Remark(key, f"import.{code}", args))

    def _texts(self) -> None:
        for key, longest in (("name", _LONGEST_NAME), ("note", _LONGEST_NOTE)):
            text = " ".join(self._row.get(key, "").split())
            if text and (cleaned := clean(text, longest)):
                self._values[key] = cleaned
                if len(text) > longest:
                    self._remark(key, "shortened", most=longest)
        site = self._row.get("site", "")
        if site and not site.startswith(("http://", "https://")) and re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", site):
            site = f"https://{site}"
        if site and _is_url(site):
            self._values["site"] = site
        elif site:
            self._remark("", "site", written=site)
        for key in ("number", "carrier", "kind"):
            if key in self._row:
                self._values[key] = self._row[key]
        if "account" in self._row:
            self._values["account"] = {"id": self._row["account"]}

    def _day(self, field: str) -> date | None:
        text = self._row.get(field)
        if not text:
            return None
        if serial := _of_serial(text):
            self._remark("renews", "date-serial", written=text)
            return serial
        try:
            days = read_days(_as_read(text))
        except WrongError as wrong:
            self._remark("renews", "date-with-clock" if wrong.code == "check.date-with-clock" else "date", written=text)
            fix = wrong.args_.get("fix")
            return date.fromisoformat(fix) if isinstance(fix, str) else None
        if len(days) > 1:
            day = days[0 if self._month_first else 1]
            self._remark("renews", "date-order", written=text)
            return day
        if not days:
            self._remark("", "date", written=text)
        return days[0] if days else None

    def _every(self, reading: LengthReading) -> Duration | None:
        if not reading.meant:
            return None
        if not reading.exact:
            self._remark("every", "cycle-guessed", written=self._row.get("every", ""))
        return reading.meant[0]

    def _ends_and_day(self, renews: date | None, every: Duration | None) -> None:
        if ends := self._day("ends"):
            self._values["ends"] = ends
        day = self._row.get("day", "")
        if day.isdecimal():
            self._values["day"] = int(day)
            return
        starts = self._day("starts") if self._row.get("starts") else None
        if not (renews and starts and every and every.unit in ("months", "years")) or starts.day <= renews.day:
            return
        if renews == add_months(renews, 0, starts.day):  # the last day of a month that is too short
            self._values["day"] = starts.day
            self._remark("day", "day-of-start", starts=starts.isoformat())

    def _money(self, *, trial: bool) -> None:
        text = self._row.get("price", "")
        reading = read_amount(text)
        currencies = _currency_codes(self._row.get("currency", "")) or reading.currencies
        home = self._settings.currency
        if currencies:
            currency = home if home in currencies else currencies[0]
            self._values["currency"] = currency
            if len(currencies) > 1:
                self._remark(
                    "currency",
                    "currency-guessed",
                    written=text,
                    others=[code for code in currencies if code != currency],
                )
        if not reading.amounts:
            if text:
                self._remark("", "price", written=text)
            return
        price = _plain(reading.amounts[0])
        if len(reading.amounts) > 1:
            self._remark("price", "price-guessed", written=text)
        self._values["price"] = price
        ends = self._day("trial") or self._values.get("renews")
        if trial and price and isinstance(ends, date):
            self._values["price"] = Decimal(0)
            self._values["promo"] = {"ends": ends, "price_after": price}
            self._remark("promo", "trial")

    def _autopay(self) -> None:
        text = self._row.get("autopay", "").lower()
        if text in _YES:
            self._values["autopay"] = True
        elif text and text not in _NO:
            self._remark("", "autopay", written=text)

    def _lengths(self) -> None:
        for key in ("notice", "grace"):
            reading = read_length(self._row.get(key, ""))
            if reading.exact:
                self._values[key] = str(reading.meant[0])
            elif key in self._row:
                self._remark("", "length", name=key, written=self._row[key])

    def _leaving(self) -> None:
        by = self._day("cancel_by")
        if by is not None and by >= self._settings.today:
            self._values["cancel"] = {"by": by}
        elif by is not None and "cancel" not in self._written:
            self._remark("", "cancel-by-over", day=by.isoformat())

    def _of_toml(self) -> Mapping[str, object]:
        """Return the keys that have no column, as `renewd export` writes them."""
        text = self._row.get("toml", "")
        try:
            written = tomli.loads(f"toml = {text}", parse_float=Decimal)["toml"] if text else {}
        except (ValueError, RecursionError):
            written = None
        if not isinstance(written, dict):
            self._remark("", "toml", written=text)
            return {}
        return written

    def _without_column(self) -> None:
        """Take the keys that have no column. Of two tables of one name, a column wins: people edit those."""
        for key, value in self._written.items():
            column = self._values.get(key)
            if isinstance(column, dict) and isinstance(value, dict):
                self._values[key] = {**value, **column}
            elif column is None:
                self._values[key] = value


def _is_url(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def _currency_codes(text: str) -> tuple[str, ...]:
    word = text.strip().upper()
    return (word,) if re.fullmatch("[A-Z]{3}", word) and word not in SIGNS else SIGNS.get(word, ())


def _plain(amount: Decimal) -> Decimal:
    """Return an amount of at most four decimals."""
    return amount if int(amount.as_tuple().exponent) >= -4 else round(amount, 4)
