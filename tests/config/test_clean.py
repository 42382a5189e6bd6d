"""What people and attackers put into names, and what is left of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renewd.config.clean import clean, tidy

FAMILY = "👨\u200d👩\u200d👧"
RAINBOW = "🏳\ufe0f\u200d🌈"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Tello 银行号", "Tello 银行号"),
        ("a\r\nBcc: x@example.com", "a Bcc: x@example.com"),
        ("a\x00b\x1b[31mc\x7fd\x85e\u2028f\u2029g", "a b [31mc d e f g"),
        ("a\u202eb\u2066c\u2069d\u200be\u200ff\ufeffg\u061ch", "abcdefgh"),
        ("\ue000a\uf8ff\U000f0000", "a"),
        ("  a \u3000 b\u00a0 ", "a b"),
        ("e\u0301", "é"),
        ("=?utf-8?q?=0d=0aBcc:_x@y?=", "=\u2060?utf-8?q?=0d=0aBcc:_x@y?="),
        ("=\u200b?", "=\u2060?"),
        (FAMILY, FAMILY),
        (RAINBOW, RAINBOW),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        ("a\u200db", "ab"),
        ("👨\u200d", "👨"),
        ("x" * 200, "x" * 100),
        ("\u200b", ""),
    ],
)
def test_what_is_left_of_a_name(text: str, cleaned: str) -> None:
    assert clean(text, 100) == cleaned


@given(st.text(max_size=150))
def test_what_is_left_is_one_short_line_and_cleaning_it_again_changes_nothing(text: str) -> None:
    cleaned = clean(text, 100)
    assert len(cleaned) <= 100
    assert clean(cleaned, 100) == cleaned
    assert "=?" not in cleaned
    assert not {unicodedata.category(one) for one in cleaned} & {"Cc", "Co", "Zl", "Zp"}
    assert not any(one in cleaned for one in "\u200b\u200c\u200e\u200f\u202a\u202e\u2066\u2069\ufeff")


@pytest.mark.parametrize(("text", "noted"), [("a  b", False), ("a\u3000b ", False), ("e\u0301", False), ("a\tb", True)])
def test_only_what_matters_is_worth_a_note(text: str, noted: bool) -> None:
    assert (clean(text, 100) != tidy(text)) == noted
