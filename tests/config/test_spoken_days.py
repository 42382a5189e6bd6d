"""Days counted from today, which have one meaning, and those that most likely mean the next one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renewd.config.spoken_days import read_spoken_day

TODAY = date(2026, 11, 30)  # a Monday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Tomorrow", "2026-12-01"), ("today", "2026-11-30"), ("yesterday", "2026-11-29"), ("the day after  tomorrow", "2026-12-02"),
        ("明天", "2026-12-01"), ("后天", "2026-12-02"), ("大后天", "2026-12-03"), ("昨天", "2026-11-29"),
        ("in 3 days", "2026-12-03"), ("two weeks from today", "2026-12-14"), ("in a month", "2026-12-30"),
        ("3天后", "2026-12-03"), ("3 天后", "2026-12-03"), ("两周以后", "2026-12-14"), ("一个月后", "2026-12-30"),
        ("the 5th of next month", "2026-12-05"), ("30th of this month", "2026-11-30"),
        ("下个月5号", "2026-12-05"), ("下个月 5 号", "2026-12-05"), ("下月十五日", "2026-12-15"), ("本月5号", "2026-11-05"),
        ("end of month", "2026-11-30"), ("the end of next month", "2026-12-31"), ("last day of the month", "2026-11-30"),
        ("月底", "2026-11-30"), ("下个月底", "2026-12-31"), ("本月末", "2026-11-30"), ("下月最后一天", "2026-12-31"),
        ("下周五", "2026-12-11"), ("本周日", "2026-12-06"), ("这个星期三", "2026-12-02"), ("下个礼拜天", "2026-12-13"),
    ],
)  # fmt: skip
def test_a_day_of_one_meaning(text: str, day: str) -> None:
    found = read_spoken_day(text, TODAY)
    assert found is not None
    assert (found.day.isoformat(), found.exact) == (day, True)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("the 5th", "2026-12-05"), ("on the 30th", "2026-11-30"), ("31st", "2026-12-31"), ("5", "2026-12-05"),
        ("5号", "2026-12-05"), ("5 号", "2026-12-05"), ("五号", "2026-12-05"), ("二十五日", "2026-12-25"),
        ("Friday", "2026-12-04"), ("this monday", "2026-11-30"), ("next Friday", "2026-12-11"), ("周五", "2026-12-04"),
        ("三十天后", "2026-12-30"),
    ],
)  # fmt: skip
def test_a_day_that_most_likely_is_the_next(text: str, day: str) -> None:
    found = read_spoken_day(text, TODAY)
    assert found is not None
    assert (found.day.isoformat(), found.exact) == (day, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "the 32nd",
        "0号",
        "十十十号",
        "31st of this month",
        "in 5 hours",
        "in 999999 years",
        "后",
        "in",
        "2026-12-05",
    ],
)
def test_what_is_no_such_day(text: str) -> None:
    assert read_spoken_day(text, TODAY) is None


@given(
    st.text("0123456789 thenxfridayomw本这下个月周五号日天后二十", max_size=14),
    st.dates(date(2000, 1, 1), date(2199, 12, 1)),
)
def test_no_text_is_a_crash(text: str, today: date) -> None:
    read_spoken_day(text, today)
