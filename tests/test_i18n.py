"""Days, hours and money in the reader's form."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from renewd.i18n import LANGUAGES, language


def test_one_instant_is_two_days_in_two_zones() -> None:
    """Equal instants are one key to a cache; the day that is said must still be the zone's own."""
    instant = datetime(2026, 12, 5, 2, tzinfo=UTC)
    beijing, new_york = instant.astimezone(ZoneInfo("Asia/Shanghai")), instant.astimezone(ZoneInfo("America/New_York"))
    assert beijing == new_york
    said = [language("en").day(at) for at in (beijing, new_york)]
    assert ["Sat, Dec 5", "Fri, Dec 4"] == said


def test_every_language_has_the_same_sentences() -> None:
    """What is said in one language is said in the others."""
    first, *others = (language(code) for code in LANGUAGES)
    for other in others:
        assert first.keys() == other.keys()
