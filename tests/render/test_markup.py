"""Marked text: what becomes of it as plain lines and as HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renewd.render import markup
from renewd.render.markup import (
    BOLD,
    BOLDED,
    KEEP,
    KEPT,
    LINK,
    LINKED,
    NAME,
    NAMED,
    WORDS,
    one,
    own,
    plain,
    rich,
    wrap,
)
from renewd.render.table import cells_of
from renewd.render.views import command, phone


def test_users_words_cannot_hold_marks_or_columns() -> None:
    assert plain(own("a\x01b\x05c | d\n")) == "a b c ¦ d"
    assert rich(own("<b>&\x02")) == "<bdi>&lt;b&gt;&amp;</bdi>"


def test_links_become_tags_in_html_and_addresses_in_text() -> None:
    link = f"{LINK}https://a.example/x?y=1&z=2{WORDS}a.example{LINKED}"
    assert plain(link) == "https://a.example/x?y=1&z=2"
    assert 'href="https://a.example/x?y=1&amp;z=2">a.example</a>' in rich(link)
    assert plain(f"{LINK}tel:+18005550199{WORDS}+1 800-555-0199{LINKED}") == "+1 800-555-0199"


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://tello.example/account?a=1", True),
        ("tel:+18005550199", True),
        ("http://tello.example", False),
        ("javascript:alert(1)", False),
        ("https://me@tello.example/", False),
        ("https://", False),
        ("https://[::1", False),
        ('https://a.example/"onclick="x', False),
        ("https://a.example/ b", False),
        ("tel:*#06#", False),
        ("mailto:a@example.com", False),
        ("data:text/html,x", False),
    ],
)
def test_only_https_and_telephone_numbers_are_linked(address: str, good: bool) -> None:
    assert (markup.safe_url(address) == address) is good


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        (f"{KEEP}Tello 银行号{KEPT}{KEEP}3 天后停机{KEPT}", "Tello 银行号 3 天后停机"),
        (f"{KEEP}Visible{KEPT}{KEEP}今天停机{KEPT}", "Visible 今天停机"),
        (f"{KEEP}Red Pocket{KEPT}{KEEP}3 天后停机{KEPT}", "Red Pocket 3 天后停机"),
        (f"最晚{BOLD}{KEEP}12月4日周五{KEPT}{BOLDED}续费{KEEP}$5.00{KEPT}。", "最晚 12月4日周五续费 $5.00。"),
        (f"{NAME}ギガプラン{NAMED}{KEEP}7 天后停机{KEPT}", "ギガプラン 7 天后停机"),
        (f"{NAME}IIJmio ギガ{NAMED}停机", "IIJmio ギガ停机"),
        (f"已用{KEEP}80%{KEPT}，", "已用 80%，"),
        (f"（{KEEP}2026年11月20日{KEPT}核对过）", "（2026年11月20日核对过）"),
        (f"打{LINK}tel:+1{WORDS}{KEEP}+1 800{KEPT}{LINKED}，", "打 +1 800，"),
    ],
)
def test_chinese_and_latin_words_are_kept_apart_where_values_are_filled_in(marked: str, said: str) -> None:
    assert plain(markup.spaced(marked)) == said
    assert markup.spaced(markup.spaced(marked)) == markup.spaced(marked)


def test_a_line_never_breaks_in_a_group_nor_before_chinese_punctuation() -> None:
    text = f"{'字' * 31}最晚{one('12月4日周五')}，续费。{'字' * 40}。"
    lines = wrap(text, "  ", "    ").split("\n")
    assert all(cells_of(line) <= 72 for line in lines)
    assert any("12月4日周五，" in line for line in lines)
    assert not any(line.strip()[0] in "，。；：）" for line in lines)
    assert lines[1].startswith("    ")


_TEXTS = st.text(st.sampled_from("ab c字日，。（）:.$5\u2019…é😀"), max_size=200)


@given(_TEXTS, st.integers(20, 72))
def test_wrapping_loses_nothing_and_keeps_to_the_width(text: str, most: int) -> None:
    lines = wrap(text, "- ", "  ", most).split("\n")
    assert "".join("".join(lines)[2:].split()) == "".join(text.split())
    assert all(cells_of(line) <= most or " " not in line[2:].strip() for line in lines)


@given(st.text(max_size=60))
def test_nothing_of_a_users_words_becomes_a_tag(text: str) -> None:
    inside = str(rich(own(text))).removeprefix("<bdi>").removesuffix("</bdi>")
    assert "<" not in inside
    assert '"' not in inside


def test_numbers_are_written_as_people_dial_them() -> None:
    assert phone("+12065550142") == "+1 206-555-0142"
    assert phone("+8613800000000") == "+8613800000000"


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("mark", "main", "paid", "October overage"), 'renewd mark main paid "October overage"'),
        (("mark", "main", "paid", "10月超额费"), 'renewd mark main paid "10月超额费"'),
        (("mark", "main", "moved", "Chase"), "renewd mark main moved Chase"),
        (("mark", "main", "paid", '$(reboot) "x"'), "renewd mark main paid '$(reboot) \"x\"'"),
        (("mark", "main", "paid", "it's `id`"), "renewd mark main paid 'it'\"'\"'s `id`'"),
    ],
)
def test_a_command_can_be_copied_into_a_shell_whatever_a_bill_is_called(words: tuple[str, ...], typed: str) -> None:
    assert command(*words) == typed


def test_what_ends_a_users_words_is_not_said_twice() -> None:
    for code in ("zh-CN", "en"):
        assert plain(markup.apart(f"{markup.brief('妈妈的')}的暂停", code)) == "妈妈的暂停"
        assert plain(markup.joined(f"{own('Acme Inc.')}. It ends.", code)) == "Acme Inc. It ends."
    assert plain(markup.spaced(f"还绑着{KEEP}{own('备用号。')}{KEPT}。")) == "还绑着备用号。"
    assert plain(markup.spaced(f"{own('妈妈')}的的暂停")) == "妈妈的的暂停"  # ours alone is left as it is
