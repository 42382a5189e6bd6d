"""Days, hours and money in the reader's form."""

from __future__ import annotations

import errno
import os
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


def test_reasons_of_the_system_are_said_in_the_readers_language() -> None:
    """The system words them in English, whatever the locale of the shell is; a reason that is not known stays."""
    why = os.strerror(errno.ENOENT)
    for code, words in (("en", "No such file or directory"), ("zh-CN", "没有这个文件或文件夹")):
        assert words in language(code).say("check.cannot-read", path="/x", reason=why)
    assert "ENOTHING" in language("zh-CN").say("check.cannot-read", path="/x", reason="ENOTHING")
