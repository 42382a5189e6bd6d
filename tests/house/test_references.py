"""References to docs/: each names a page, and a heading, that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
_IN_CODE = re.compile(r"(?<![\w/])docs/[\w./-]+\.md(?:#[\w-]+)?")
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")

pytestmark = pytest.mark.checkout


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(references: dict[str, Path]) -> list[str]:
    """Return the references whose page or heading is not there; each is given with the folder it starts from."""
    found = []
    for reference, folder in references.items():
        name, _, anchor = reference.partition("#")
        page = (folder / name).resolve()
        if not page.exists() or (anchor and anchor not in anchors(page)):
            found.append(reference)
    return found


@pytest.mark.parametrize("folder", ["daemon", "templates", "config", "systemd", "benchmarks", "tests"])
def test_what_code_refers_to_in_docs_exists(folder: str) -> None:
    files = (file for file in (ROOT / folder).rglob("*") if file.suffix in {".py", ".toml", ".j2", ".service"})
    for file in files:
        text = file.read_text("utf-8", "replace")
        assert not (wrong := broken(dict.fromkeys(_IN_CODE.findall(text), ROOT))), (file, wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = {link if not link.startswith("#") else page.name + link for link in _LINK.findall(page.read_text("utf-8"))}
    assert not broken(dict.fromkeys(links, page.parent))


@pytest.mark.parametrize("begin", ["README.md", "README.zh-CN.md"])
def test_every_page_is_found_from_the_readme(begin: str) -> None:
    """By pages of one language: that each leads to its twin in the other is no way to find it."""
    wanted = {page for page in PAGES if ("zh-CN" in str(page)) == ("zh-CN" in begin)}
    found, ahead = set(), [ROOT / begin]
    while ahead:
        page = ahead.pop()
        found.add(page)
        links = {(page.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(page.read_text("utf-8"))}
        ahead += (links & wanted) - found
    assert {page.name for page in wanted - found} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_test_modules_that_a_page_names_exist(page: Path) -> None:
    names = set(re.findall(r"`(?:python -m pytest )?(tests/[\w/]+\.py)", page.read_text("utf-8")))
    assert not {name for name in names if not (ROOT / name).exists()}
