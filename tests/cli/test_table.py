"""Tables, wrapped sentences and colors for the terminal."""

from __future__ import annotations

import io
import re

import pytest
from wcwidth import wcswidth

from renewd.render.table import StyledText, cells_of, style, table, wants_color, wrap

ROWS = [("12月2日周三", "Tello 银行号", "$5.00", "me"), ("", "Mom’s Red Pocket", "$30.00", "mom, me")]
HEADINGS = ("日期", "套餐", "金额", "收信人")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_columns_stand_below_each_other_with_wide_characters_counted_as_two() -> None:
    assert table(ROWS, HEADINGS, "llrl", 80) == [
        "日期         套餐                金额  收信人",
        "12月2日周三  Tello 银行号       $5.00  me",
        "             Mom’s Red Pocket  $30.00  mom, me",
    ]


def test_columns_that_do_not_fit_go_whole_and_in_their_order() -> None:
    def width_of(width: int) -> list[str]:
        return table(ROWS, HEADINGS, "llrl", width, drop=(3, 0))

    assert "mom, me" in width_of(46)[2]
    assert "mom, me" not in width_of(45)[2]
    assert "12月2日周三" in width_of(37)[1]
    assert width_of(36) == ["套餐                金额", "Tello 银行号       $5.00", "Mom’s Red Pocket  $30.00"]
    assert width_of(1) == width_of(36)  # what may not go stays, uncut


def test_no_row_and_no_heading_leave_nothing_behind() -> None:
    assert table([], ("ID", "Name"), "ll", 80) == ["ID  Name"]
    assert table([("a", "b")], ("", ""), "ll", 80) == ["a  b"]
    assert table([], ("", ""), "ll", 80) == []


def test_colors_change_no_character_and_no_blank() -> None:
    rows: list[tuple[StyledText, ...]] = [
        (("tello", "cyan"), "停机", ("$5.00", "bold red")),
        ("mint", ("失号", "red"), "$15.00"),
    ]
    plain = table(rows, ("代号", "下一件", "每次"), "llr", 80)
    colored = table(rows, ("代号", "下一件", "每次"), "llr", 80, color=True)
    assert [ANSI.sub("", line) for line in colored] == plain
    assert "\x1b" not in "".join(plain)
    assert "\x1b[1;31m$5.00\x1b[0m" in colored[1]
    assert colored[0].startswith("\x1b[2m代号\x1b[0m")


def test_a_style_is_only_there_where_colors_are_on() -> None:
    assert style("停机", "bold yellow", on=True) == "\x1b[1;33m停机\x1b[0m"
    assert style("停机", "bold yellow", on=False) == "停机"
    assert style("", "red", on=True) == ""


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm"}, True),
    ],
)
def test_colors_are_for_terminals_that_want_them(environment: dict[str, str], *, wanted: bool) -> None:
    assert wants_color(_Terminal(), environment) is wanted
    assert wants_color(io.StringIO(), environment) is False


SENTENCE = "先转出，别先取消：2026年12月5日周六之前有 365 天（Port Out Protection），最后一张账单 $21.30 晚 60 天才到。"


@pytest.mark.parametrize("width", range(20, 80))
def test_a_sentence_is_broken_where_a_reader_would(width: int) -> None:
    lines = wrap(SENTENCE, width)
    assert all(cells_of(line) <= width for line in lines)
    assert not any(line[0] in "，。：；）、" or line[-1] in "（「" for line in lines)
    whole = "\n".join(lines)
    for together in ("2026年12月5日", "365 天", "60 天", "$21.30", "Protection"):
        assert together in whole
    assert re.sub(r"\s", "", whole) == re.sub(r"\s", "", SENTENCE)


def test_cells_are_those_of_wcwidth() -> None:
    singles = [chr(code) for code in range(0x20, 0x30000) if not 0xD800 <= code < 0xE000]
    wrong = [f"U+{ord(one):04X}" for one in singles if cells_of(one) != max(wcswidth(one), 0) and wcswidth(one) >= 0]
    assert wrong == []
    for text in ("家人👨\u200d👩\u200d👧", "☎\ufe0f 电话", "e\u0301té", "🇺🇸 卡", "ｶﾞ"):
        assert cells_of(text) == wcswidth(text)


def test_a_word_longer_than_the_line_stands_over_and_is_not_lost() -> None:
    assert wrap("see https://example.com/a/very/long/address now", 20) == [
        "see",
        "https://example.com/a/very/long/address",
        "now",
    ]
    assert wrap("", 20) == [""]
