"""Lengths as people and programs write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renewd.config.lengths import read_length
from renewd.config.times import Length
from renewd.domain.dates import Duration


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2 weeks", "14 days"),
        ("weekly", "7 days"),
        ("every 4 weeks", "28 days"),
        ("Every other week", "14 days"),
        ("fortnightly", "14 days"),
        ("每周", "7 days"),
        ("每两周", "14 days"),
        ("30days", "30 days"),
        ("30 天", "30 days"),
        ("３０天", "30 days"),
        ("每 30 天", "30 days"),
        ("28-day", "28 days"),
        ("月付", "1 month"),
        ("季付", "3 months"),
        ("半年付", "6 months"),
        ("年付", "1 year"),
        ("两年付", "2 years"),
        ("隔月", "2 months"),
        ("monthly", "1 month"),
        ("Every 3 Months", "3 months"),
        ("每月", "1 month"),
        ("一个月", "1 month"),
        ("十二个月", "12 months"),
        ("quarterly", "3 months"),
        ("每季度", "3 months"),
        ("每半年", "6 months"),
        ("semi-annual", "6 months"),
        ("half-yearly", "6 months"),
        ("annually", "1 year"),
        ("一年", "1 year"),
        ("两年", "2 years"),
        ("P1M", "1 month"),
        ("P2W", "14 days"),
        ("P1Y", "1 year"),
        ("P1Y6M", "18 months"),
    ],
)
def test_what_is_exact_is_read(text: str, meant: str) -> None:
    assert str(Length(hours=False).read(text)) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("bi-weekly", ["14 days"]),
        ("1m", ["1 month"]),
        ("biannual", ["6 months", "2 years"]),
        ("30", ["30 days"]),
        ("三十天", ["30 days"]),
        ("每一百八十天", ["180 days"]),
    ],
)
def test_what_may_be_something_else_is_only_suggested(text: str, meant: list[str]) -> None:
    reading = read_length(text)
    assert (reading.exact, [str(one) for one in reading.meant]) == (False, meant)


@pytest.mark.parametrize(
    "text", ["", "P", "-1 days", "1-2 days", "P1M15D", "每隔三天", "半个月", "Every 2 ", "one-time", "twice a week"]
)
def test_what_is_no_length_is_not_guessed(text: str) -> None:
    assert read_length(text).meant == ()


@given(
    st.builds(Duration, st.integers(1, 3660), st.just("days"))
    | st.builds(Duration, st.integers(1, 120), st.just("months"))
)
def test_what_the_program_writes_is_read_as_it_is(length: Duration) -> None:
    assert read_length(str(length)).meant == (length,)
