"""Spans of time and places in a reminder's words, kept, as the same ones come again and again."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from renewd.domain.dates import Duration, rests_on_zones
from renewd.i18n import Language


@lru_cache(maxsize=16384)
def ends_earlier(day: date, zone: str, reader: str) -> bool:
    """Whether a day of the plan's zone is over while it still lasts on the reader's clocks."""
    if zone == reader:
        return False
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    there, here = noon.utcoffset(), noon.astimezone(ZoneInfo(reader)).utcoffset()
    return there is not None and here is not None and here < there


rests_on_zones(ends_earlier.cache_clear)


@lru_cache(maxsize=1024)
def per(cycle: Duration, language: Language) -> str:
    """Return what follows a price: "a month", "every 90 days"."""
    if cycle.n == 1 and cycle.unit in ("months", "years"):
        return language.say(f"mail.per.{cycle.unit}")
    return language.say("mail.per.each", length=language.duration(cycle))


@lru_cache(maxsize=4096)
def soon(left: int, language: Language) -> str:
    """Return how far away a day is: "today", "tomorrow", "in 3 days"."""
    return language.say("mail.soon." + {0: "today", 1: "tomorrow"}.get(left, "days"), n=left)
