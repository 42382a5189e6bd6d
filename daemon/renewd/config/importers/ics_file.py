"""iCalendar files, of Google and others: an event is a plan, its RRULE or RDATE the cycle, counted from today on."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from renewd.config.importers.columns import fields_of
from renewd.config.importers.entry import ImportedEntry, ImportSettings, Remark
from renewd.config.importers.rows import read_rows
from renewd.domain.dates import DAY, Duration, nth
from renewd.domain.errors import UsageError

if TYPE_CHECKING:
    from icalendar import Component

PLAN_PROPERTY = "X-RENEWD-PLAN"  # the plan as `renewd export` wrote it, beside what every calendar reads
_UNITS = {"DAILY": (1, "days"), "WEEKLY": (7, "days"), "MONTHLY": (1, "months"), "YEARLY": (1, "years")}
_PRICE = re.compile(r"^\s*(?:price|cost|amount|价格|费用|金额)\s*[:：]\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_CYCLE = re.compile(r"^\s*(?:cycle|提醒周期|周期)\s*[:：]\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_MOST = 5000  # cycles between the first date and today


def recognizes(data: bytes) -> bool:
    """Whether it is an iCalendar file."""
    return b"BEGIN:VCALENDAR" in data[:1000].upper()


def read(data: bytes, settings: ImportSettings) -> list[ImportedEntry]:
    """Return its entries, one a UID. Raises UsageError."""
    from icalendar import Calendar  # noqa: PLC0415  # 60 ms, which only an import of a calendar should spend

    if b"END:VCALENDAR" not in data[-200:].upper():
        raise UsageError("import.truncated", line=data.count(b"\n") + 1)
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except (ValueError, KeyError, IndexError) as error:
        raise UsageError("import.not-ics", reason=str(error)) from error
    events: dict[str, Component] = {}
    changed: set[str] = set()
    for event in (one for calendar in calendars for one in calendar.walk("VEVENT")):
        uid = str(event.get("UID") or event.get("SUMMARY") or len(events))
        if "RECURRENCE-ID" in event:
            changed.add(uid)
        else:
            events.setdefault(uid, event)
    return [_Event(event, settings).entry(uid, is_changed=uid in changed) for uid, event in events.items()]


class _Event:
    """One event being read."""

    def __init__(self, event: Component, settings: ImportSettings) -> None:
        self._event, self._settings = event, settings
        self._remarks: list[Remark] = []

    def entry(self, uid: str, *, is_changed: bool) -> ImportedEntry:
        row = self._own() or self._row(is_changed=is_changed)
        entry = read_rows([row | {"id": uid}], self._settings)[0]
        return ImportedEntry(
            identity=uid,
            values=entry.values,
            remarks=(
                *(one for one in entry.remarks if one.code != "import.no-cycle" or not self._remarks),
                *self._remarks,
            ),
            card=entry.card,
            person=entry.person,
            left_out=entry.left_out,
        )

    def _own(self) -> dict[str, str] | None:
        """Return the plan that `renewd export` put into the event."""
        try:
            plan = json.loads(b64decode(str(self._event.get(PLAN_PROPERTY, "")), validate=True))
        except (ValueError, RecursionError):
            return None
        return fields_of(plan) if isinstance(plan, dict) else None

    def _row(self, *, is_changed: bool) -> dict[str, str]:
        event = self._event
        row = {"name": _text(event, "SUMMARY"), "note": _text(event, "DESCRIPTION"), "site": _text(event, "URL")}
        if price := _PRICE.search(row["note"].replace("\\n", "\n")):
            row["price"] = price[1].strip()
        has_rule = "RRULE" in event or "RDATE" in event
        if not has_rule and (cycle := _CYCLE.search(row["note"].replace("\\n", "\n"))):
            row["every"] = cycle[1].strip()
        if _text(event, "STATUS").upper() == "CANCELLED":
            row["state"] = "cancelled"
        start = event.get("DTSTART")
        if start is None:
            return {key: value for key, value in row.items() if value}
        first = self._day(start.dt)
        every, day = self._cycle(first)
        if day:
            row["day"] = str(day)
        if "EXDATE" in event:
            self._remark("every", "skipped-dates")
        if is_changed:
            self._remark("every", "changed-dates")
        last = self._last(first, every, day)
        row["renews"] = self._next(first, every, day, last).isoformat()
        if every:
            row["every"] = str(every)
        if last is not None and every:
            row["ends"] = (last + DAY).isoformat()
            if last < self._settings.today:
                row["state"] = "ended"
        return {key: value for key, value in row.items() if value}

    def _remark(self, key: str, code: str, **args: object) -> None:
        self._remarks.append(Remark(key, f"import.{code}", args))

    def _day(self, at: date | datetime) -> date:
        """Return the day of a date, a floating time, a time in its own zone, or a UTC time in the household's."""
        if not isinstance(at, datetime):
            return at
        if at.tzinfo is not None and at.utcoffset() == timedelta(0) and at.tzname() in ("UTC", "Z"):
            local = at.astimezone(ZoneInfo(self._settings.zone)).date()
            if local != at.astimezone(UTC).date():
                self._remark("renews", "utc", zone=self._settings.zone)
            return local
        return at.date()

    def _cycle(self, first: date) -> tuple[Duration | None, int | None]:
        """Return the cycle and the day of the month to come back to; none where no cycle is like the rule."""
        rules = self._event.get("RRULE")
        if rules is None:
            return self._of_dates(first), None
        rule: Mapping[str, list[Any]] = rules[0] if isinstance(rules, list) else rules
        text = rule.to_ical().decode() if hasattr(rule, "to_ical") else str(rule)
        size = _UNITS.get(str(rule.get("FREQ", [""])[0]))
        if isinstance(rules, list) or size is None or not _is_plain(rule, first):
            self._remark("renews", "rule", rule=text)
            return None, None
        n, unit = int(rule.get("INTERVAL", [1])[0]) * size[0], size[1]
        month_days = [int(day) for day in rule.get("BYMONTHDAY", [])]
        day = 31 if month_days == [-1] else next(iter(month_days), first.day)
        if unit == "days" or day <= 28:
            return Duration(n, unit), None  # type: ignore[arg-type]  # as in `_UNITS`
        if month_days != [-1]:
            self._remark("day", "short-months", day=day)
        return Duration(n, unit), day  # type: ignore[arg-type]

    def _of_dates(self, first: date) -> Duration | None:
        """Return the cycle of a list of dates that are equally far apart."""
        listed = self._event.get("RDATE")
        if listed is None:
            return None
        lists = listed if isinstance(listed, list) else [listed]
        days = sorted(
            {first, *(self._day(one.dt) for dates in lists for one in dates.dts if not isinstance(one.dt, tuple))}
        )
        gaps = {(later - earlier).days for earlier, later in pairwise(days)}
        months = {(later.year - earlier.year) * 12 + later.month - earlier.month for earlier, later in pairwise(days)}
        if len(gaps) == 1:
            return Duration(gaps.pop(), "days")
        if len(months) == 1 and all(
            day == nth(first, Duration(1, "months"), n * min(months)) for n, day in enumerate(days)
        ):
            return Duration(months.pop(), "months")
        if len(days) > 1:
            self._remark("renews", "dates", n=len(days))
        return None

    def _last(self, first: date, every: Duration | None, day: int | None) -> date | None:
        """Return the last date of the series, or a day no later than it."""
        rules = self._event.get("RRULE")
        rule = rules[0] if isinstance(rules, list) else rules or {}
        if until := rule.get("UNTIL"):
            return self._day(until[0])
        if every is None:
            return None
        if count := rule.get("COUNT"):
            return nth(first, every, int(count[0]) - 1, day)
        listed = self._event.get("RDATE")
        if listed is None:
            return None
        lists = listed if isinstance(listed, list) else [listed]
        return max(self._day(one.dt) for dates in lists for one in dates.dts)

    def _next(self, first: date, every: Duration | None, day: int | None, last: date | None) -> date:
        """Return the first date of the series from today on, or the last before it."""
        today = self._settings.today
        if every is None:
            return first
        found = first
        for n in range(_MOST):
            on = nth(first, every, n, day)
            if last is not None and on > last:
                break
            found = on
            if on >= today:
                break
        return found


def _is_plain(rule: Mapping[str, list[Any]], first: date) -> bool:
    """Whether a rule only counts days, weeks, months or years from the first date."""
    parts = {name.upper() for name in rule} - {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
    frequency = str(rule["FREQ"][0])
    days = [str(day) for day in rule.get("BYDAY", [])]
    if (
        "BYDAY" in parts
        and frequency == "WEEKLY"
        and days == [("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]]
    ):
        parts.discard("BYDAY")
    if [int(month) for month in rule.get("BYMONTH", [])] == [first.month] and frequency == "YEARLY":
        parts.discard("BYMONTH")
    month_days = [int(day) for day in rule.get("BYMONTHDAY", [])]
    if frequency in ("MONTHLY", "YEARLY") and month_days in ([-1], [first.day]):
        parts.discard("BYMONTHDAY")
    return not parts


def _text(event: Component, name: str) -> str:
    value = event.get(name)
    return str(value[0] if isinstance(value, list) else value).strip() if value is not None else ""
