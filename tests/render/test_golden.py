"""Mails kept as files: read the diff of a change as a reader of the mail would."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from golden_files import check_golden
from household_mails import CASES
from renewd.render.mail import render
from renewd.render.markup import TEXT_COLUMNS
from renewd.render.table import cells_of

GOLDEN = Path(__file__).parents[1] / "golden" / "mails"
AS_HTML = (
    "renewal", "overdue", "lost", "charge", "charged", "keep-alive", "bill", "balance", "data", "card", "promo", "pause",
    "backup", "digest", "several", "problem", "test", "renewal-late", "renewal-both-languages", "charge-group",
)  # fmt: skip


@pytest.mark.parametrize("code", ["zh-CN", "en"])
@pytest.mark.parametrize("case", CASES)
def test_a_mail_is_as_it_was_approved(case: str, code: str) -> None:
    mail = render(*CASES[case](code))
    files = {f"{case}.{code}.txt": f"Subject: {mail.subject}\n\n{mail.text}"}
    if case in AS_HTML:
        files[f"{case}.{code}.html"] = mail.html
    for name, words in files.items():
        check_golden(GOLDEN / name, words)


def test_no_approved_mail_is_left_over() -> None:
    texts = {f"{case}.{code}.txt" for case in CASES for code in ("zh-CN", "en")}
    pages = {f"{case}.{code}.html" for case in AS_HTML for code in ("zh-CN", "en")}
    assert {file.name for file in GOLDEN.iterdir()} == texts | pages


@pytest.mark.parametrize("code", ["zh-CN", "en"])
@pytest.mark.parametrize("case", CASES)
def test_no_line_of_text_is_wider_than_72_columns_but_addresses_and_commands(case: str, code: str) -> None:
    for line in render(*CASES[case](code)).text.splitlines():
        if not re.search(r"https://|^    renewd ", line):
            assert cells_of(line) <= TEXT_COLUMNS, line
        assert line == line.rstrip() or line == "-- "


class _Words(HTMLParser):
    """The words of a page, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1] not in ("style", "title", "a"):  # of a link, text gives the address
            self.words.append(data)


def _run_together(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("code", ["zh-CN", "en"])
@pytest.mark.parametrize("case", CASES)
def test_text_and_html_say_the_same(case: str, code: str) -> None:
    mail = render(*CASES[case](code))
    page = _Words(mail.html)
    assert page.open == []
    text = _run_together(mail.text)
    for words in page.words:
        assert _run_together(words) in text
    digits = re.sub(r"[ -]", "", mail.text)
    for _, attrs in page.tags:
        address = attrs.get("href") or ""
        assert address in mail.text or address.removeprefix("tel:") in digits


@pytest.mark.parametrize("case", ["renewal", "lost", "charge", "several", "digest"])
def test_a_page_is_small_and_reads_without_its_style(case: str) -> None:
    mail = render(*CASES[case]("zh-CN"))
    tags = _Words(mail.html).tags
    assert len(mail.html.encode()) < 16_000
    assert [tag for tag, _ in tags].count("h1") == 1
    assert all("scope" in attrs for tag, attrs in tags if tag == "th")
    assert all(attrs["lang"] == "zh-CN" for tag, attrs in tags if "lang" in attrs)


def test_every_color_that_stands_inline_changes_in_the_dark() -> None:
    for case in AS_HTML:
        for tag, attrs in _Words(render(*CASES[case]("en")).html).tags:
            if re.search(r"(?<![-\w])color:#", attrs.get("style") or ""):
                assert attrs.get("class"), (case, tag, attrs)
