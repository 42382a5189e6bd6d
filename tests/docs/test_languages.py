"""The pages for readers in both languages: each has a twin with the same headings, lists, tables, code, commands and links."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CHANGELOG.md", *sorted(f"docs/{page.name}" for page in ROOT.glob("docs/*.md")))

_FENCE = re.compile(r"^```(.*?)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")

_UNNATURAL = r"[\u4e00-\u9fff] [\u4e00-\u9fff]|(?<!\|) [，。：；？）]|[，。：；？（] (?!\|)|！|～|您|(?<!申)请(?!求)"
_BROKEN = r"[\u4e00-\u9fff，。：；、]\n *[\u4e00-\u9fff“]"  # a browser shows the line break as a space
_BY_NAME = re.compile(r"(?:pipx|uv tool) install (?:--\w+ )*'?renewd")

pytestmark = pytest.mark.checkout


def twin(page: str) -> str:
    """Return the name of a page in Chinese."""
    return page.replace("docs/", "docs/zh-CN/") if "/" in page else page.replace(".md", ".zh-CN.md")


class Outline(NamedTuple):
    """What a page has in common with its twin."""

    levels: list[int]
    items: list[int]
    tables: list[tuple[int, int]]
    blocks: list[tuple[str, list[str]]]
    spans: set[str]
    links: set[str]


def outline(name: str) -> Outline:
    """Return the outline of a page; links are told by the page they lead to, whatever its language."""
    text = (ROOT / name).read_text("utf-8")
    prose = _FENCE.sub("", text)
    links = _LINK.findall(prose)
    return Outline(
        levels=[len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)],
        items=[
            len(re.findall(r"^ *[-*] ", section, re.MULTILINE))
            for section in re.split(r"^#+ ", prose, flags=re.MULTILINE)
        ],
        tables=tables(prose),
        blocks=[(language, code(language, body)) for language, body in _FENCE.findall(text)],
        spans=set(re.findall(r"`([^`\n]+)`", re.sub(r"`` .*? ``", "", prose))),
        links={target(name, link) for link in links} - {page_of(name)},
    )


def tables(prose: str) -> list[tuple[int, int]]:
    """Return the rows and columns of each table."""
    found = []
    for is_table, lines in groupby(prose.splitlines(), key=lambda line: line.lstrip().startswith("|")):
        if is_table:
            widths = [len(re.findall(r"(?<!\\)\|", line)) - 1 for line in lines]
            assert len(set(widths)) == 1, widths
            found.append((len(widths), widths[0]))
    return found


def code(language: str, body: str) -> list[str]:
    """Return the lines of a block without comments; in a console, a line that begins with # is typed by root."""
    kept = []
    for line in body.splitlines():
        typed = language == "console" and re.match(r"[#$] ", line)
        bare = re.sub(r"\s{2,}#\s.*$|\s+·.*$", "", line) if typed else re.sub(r"(^|\s)\s*#\s.*$", "", line)
        if bare.strip():
            kept.append(bare.rstrip())
    return kept


def page_of(name: str) -> str:
    """Return the English name of a page or picture, by which the twins are the same."""
    return re.sub(r"-(en|zh)\.png$", ".png", name.replace("/zh-CN/", "/").replace(".zh-CN.md", ".md"))


def target(name: str, link: str) -> str:
    """Return where a link leads."""
    if re.match(r"https?:|mailto:", link):
        return link
    path = link.partition("#")[0]
    if not path:
        return page_of(name)
    return page_of(str(((ROOT / name).parent / path).resolve().relative_to(ROOT)))


def test_every_page_has_a_twin_and_no_twin_is_without_its_page() -> None:
    assert [page for page in PAGES if not (ROOT / twin(page)).exists()] == []
    assert {twin(page) for page in PAGES} >= {f"docs/zh-CN/{page.name}" for page in ROOT.glob("docs/zh-CN/*.md")}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_and_its_twin_have_the_same_outline(page: str) -> None:
    english, chinese = outline(page), outline(twin(page))
    for part in Outline._fields:
        assert getattr(english, part) == getattr(chinese, part), part


@pytest.mark.parametrize("page", PAGES)
def test_a_page_leads_to_its_twin_at_its_top(page: str) -> None:
    for here, there, word in ((page, twin(page), "中文"), (twin(page), page, "English")):
        second = (ROOT / here).read_text("utf-8").split("\n\n")[1]
        [link] = re.findall(rf"\[{word}\]\(([^)]+)\)", second)
        assert ((ROOT / here).parent / link).resolve() == ROOT / there


@pytest.mark.parametrize("page", PAGES)
def test_the_chinese_page_is_chinese(page: str) -> None:
    """Every paragraph that is more than names has Chinese in it."""
    prose = re.sub(r"`[^`]*`|\]\([^)]*\)", "x", _FENCE.sub("", (ROOT / twin(page)).read_text("utf-8")))
    english = [part for part in re.split(r"\n\s*\n|\n", prose) if len(re.findall(r"[a-z]{3,}", part)) > 12]
    assert [part for part in english if not re.search(r"[\u4e00-\u9fff]", part)] == []
    assert re.findall(rf".*(?:{_UNNATURAL}|{_BROKEN}).*", prose) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_installs_renewd_by_its_name(page: str) -> None:
    """It is in no registry: another program of that name would be installed."""
    for name in (page, twin(page)):
        assert _BY_NAME.findall((ROOT / name).read_text("utf-8")) == []
