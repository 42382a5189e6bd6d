"""Days, hours and money in the reader's form."""

from __future__ import annotations

import errno
import os
import re
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_time, get_timezone_location

from golden_files import check_golden
from renewd.i18n import LANGUAGES, TEMPLATES, Language, language
from renewd.render.views import clock_here

_CLDR = {  # what formats.toml says, as the patterns of CLDR
    "en": ("EEE, MMM d", "EEE, MMM d, y", "MMM d, y", "MMMM", "MMM", "MMMM y", "h:mm a"),
    "zh-CN": ("M月d日EEE", "y年M月d日 EEE", "y年M月d日", "M月", "MMM", "y年M月", "HH:mm"),
}
_CITIES_HEAD = "# Made from CLDR 49 by tests/test_i18n.py: cities not named as their zone. © Unicode, Inc., https://www.unicode.org/license.txt\n"


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


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_path_in_a_command_can_be_typed_whatever_it_is_called(code: str) -> None:
    words = language(code)
    for key in words.keys():
        said = str(words.words(key))
        assert not re.search(r"\b(chmod|chown|mv|cp|rm) [^.;。；]*\{(path|file|folder|config|state)\}", said), key
    said = words.say("check.writable-by-others", mode="640", path="/srv/my plans.toml")
    assert "chmod 640 '/srv/my plans.toml'" in said
    assert "chmod 700 ~/'my mails'" in words.say("doctor.folder.open", path="~/my mails")


def test_reasons_of_the_system_are_said_in_the_readers_language() -> None:
    """The system words them in English, whatever the locale of the shell is; a reason that is not known stays."""
    why = os.strerror(errno.ENOENT)
    assert (
        language("zh-CN")
        .say("delivery.reason.not-writable", reply=f"/srv/a: b: {why}")
        .endswith("/srv/a: b: 没有这个文件或文件夹")
    )
    for code, words in (("en", "No such file or directory"), ("zh-CN", "没有这个文件或文件夹")):
        assert words in language(code).say("check.cannot-read", path="/x", reason=why)
    assert "连接超时" in language("zh-CN").say("check.cannot-read", path="/x", reason=str(TimeoutError("timed out")))
    assert "ENOTHING" in language("zh-CN").say("check.cannot-read", path="/x", reason="ENOTHING")


@pytest.mark.parametrize("code", LANGUAGES)
def test_days_and_hours_are_written_as_cldr_has_them(code: str) -> None:
    """Every weekday, month and hour."""
    words, locale = language(code), code.replace("-", "_")
    forms = (words.day, words.day_year, words.day_plain, words.month, words.month_short, words.month_year)
    *patterns, clock = _CLDR[code]
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(0, 400, 3)):
        assert [form(day) for form in forms] == [format_date(day, pattern, locale) for pattern in patterns]
    for at in (time(hour, 5) for hour in range(24)):
        assert words.clock(at) == format_time(at, clock, locale=locale)


def test_every_city_is_named_as_cldr_names_it() -> None:
    """A file holds the cities that some language names otherwise than their zone does."""
    zones = sorted(set(files("tzdata").joinpath("zones").read_text().split()) - {"Factory"})
    cities = {
        code: {zone: get_timezone_location(zone, code.replace("-", "_"), return_city=True) for zone in zones}
        for code in LANGUAGES
    }
    plain = {zone: zone.rpartition("/")[2].replace("_", " ") for zone in zones}
    named = [zone for zone in zones if any(found[zone] != plain[zone] for found in cities.values())]
    for code, found in cities.items():
        lines = "".join(f'"{zone}" = "{found[zone]}"\n' for zone in named)
        check_golden(TEMPLATES / code / "cities.toml", _CITIES_HEAD + lines)
    assert [
        language("en").city(zone) for zone in ("America/New_York", "Asia/Calcutta", "Asia/Shanghai", "Etc/UTC")
    ] == [
        "New York",
        "Kolkata",
        "Beijing",
        "UTC",
    ]


def test_a_list_of_hours_keeps_chinese_and_numbers_apart() -> None:
    assert language("zh-CN").several(["09:00（东京）", "09:00（纽约）"]) == "09:00（东京）和 09:00（纽约）"
    assert language("zh-CN").several(["甲", "乙"]) == "甲和乙"
    assert language("en").several(["9 AM (Tokyo)", "9 AM (New York)"]) == "9 AM (Tokyo) and 9 AM (New York)"


def test_a_file_of_sentences_is_looked_for_on_the_disk_once(tmp_path, monkeypatch) -> None:
    """Every mail asks whether there are words for a city."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "cities.toml").write_text('"Asia/Tokyo" = "Tokyo"\n')
    monkeypatch.setattr("renewd.i18n.TEMPLATES", tmp_path)
    words = Language("en")
    assert words.city("Asia/Tokyo") == "Tokyo"
    monkeypatch.setattr("pathlib.Path.is_file", lambda path: pytest.fail(f"{path} was looked for again"))
    assert words.city("Asia/Tokyo") == "Tokyo"
    assert words.city("America/New_York") == "New York"


def test_a_zone_is_named_by_its_city_and_before_a_clock_by_the_time_of_that_city() -> None:
    chinese, now = language("zh-CN"), datetime(2026, 12, 5, 10, tzinfo=UTC)
    assert [chinese.city(zone) for zone in ("Asia/Shanghai", "Asia/Tokyo")] == ["北京", "东京"]
    for here, said in (("Asia/Shanghai", "北京时间 18:00"), ("Asia/Tokyo", "东京时间 19:00")):
        words = clock_here(now, "America/New_York", here, now.date(), chinese)
        assert words is not None
        assert said in words
