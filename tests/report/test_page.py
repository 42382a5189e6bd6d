"""The page as a browser shows and prints it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from browser import dark, driven, needed, seen, sheets
from renewd.domain.checklist import SECTIONS
from renewd.domain.plans import Device
from renewd.i18n import LANGUAGES
from renewd.report import ReportStyle, as_html
from reports import CASES, HOSTILE, Leaver, report

LOOK = """(window, document) => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => { const l = [r, g, b].map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    return .2126 * l[0] + .7152 * l[1] + .0722 * l[2]; };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(window.getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  let least = 99, where = "", smallest = 99;
  const walk = document.createTreeWalker(document.body, 4);
  for (let node; node = walk.nextNode();) {
    const e = node.parentElement, style = window.getComputedStyle(e);
    if (!node.data.trim() || ["SCRIPT", "STYLE"].includes(e.tagName) || parseFloat(style.fontSize) === 0) continue;
    if (!e.getClientRects().length) continue;
    const ink = light(rgb(e.namespaceURI.endsWith("svg") ? style.fill : style.color)), paper = light(behind(e));
    const ratio = (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05);
    if (ratio < least) { least = ratio; where = node.data.trim().slice(0, 40); }
    if (!e.namespaceURI.endsWith("svg")) smallest = Math.min(smallest, parseFloat(style.fontSize));
  }
  const shown = [...document.querySelectorAll("svg")].filter(e => e.getClientRects().length);
  const apart = [...document.querySelectorAll("svg text")].filter(e => e.getClientRects().length).map(e => e.getBoundingClientRect());
  let over = 0;
  for (const a of apart) for (const b of apart) if (a !== b && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4) over++;
  return { wide: document.documentElement.scrollWidth, least, where, smallest, drawings: shown.length, over,
    loaded: window.performance.getEntriesByType("resource").length };
}"""


@pytest.fixture(scope="module")
def chrome():
    with driven() as driver:
        yield driver


@pytest.fixture(scope="module")
def looked(chrome, tmp_path_factory):
    """Every case in both languages, wide and narrow, light and dark."""
    pages = {}
    for case, make in CASES.items():
        chinese, english = (as_html([make(code)], code) for code in ("zh-CN", "en"))
        pages |= {f"{case} zh-CN 375": (chinese, 375), f"{case} zh-CN 1200 dark": (dark(chinese), 1200)}
        pages |= {f"{case} en 1200": (english, 1200), f"{case} en 320 dark": (dark(english), 320)}
    several = [CASES["not-ready"]("en"), CASES["ready"]("en"), CASES["lapse"]("en"), CASES["somebody-else"]("en")]
    pages["several en 375"] = (as_html(several, "en", style=ReportStyle(many=True)), 375)
    pages["several en 320 dark"] = (dark(as_html(several, "en", style=ReportStyle(many=True))), 320)
    return seen(chrome, pages, LOOK, tmp_path_factory.mktemp("pages"))


@needed
def test_no_page_is_wider_than_the_screen(looked):
    for name, page in looked.items():
        assert page["wide"] <= int(name.split()[2]), name


@needed
def test_every_word_stands_out_from_what_is_behind_it(looked):
    for name, page in looked.items():
        assert page["least"] >= 4.5, (name, page["where"])
        assert page["smallest"] >= 11.9, name  # 12 px: the question mark in a box


@needed
def test_a_page_loads_nothing(looked):
    assert {page["loaded"] for page in looked.values()} == {0}


@needed
def test_the_timeline_is_drawn_once_and_its_words_do_not_collide(looked):
    for name, page in looked.items():
        if not name.startswith(("several", "closed")):
            assert page["drawings"] == 1, name
        assert page["over"] == 0, name


@needed
@pytest.mark.parametrize(
    ("case", "code", "paper"),
    [
        ("not-ready", "zh-CN", "A4"),
        ("not-ready", "zh-CN", "Letter"),
        ("not-ready", "en", "Letter"),
        ("ready", "en", "A4"),
    ],
)
def test_the_typical_report_is_printed_on_two_sheets(chrome, case, code, paper, tmp_path):
    assert sheets(chrome, as_html([CASES[case](code)], code), paper, tmp_path) == 2


class _Page(HTMLParser):
    """The tags of a page and its words, each by the tags around it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "circle", "path", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words += data


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_a_page_is_well_formed_and_leads_nowhere_but_to_the_telephone(case, code):
    text = as_html([CASES[case](code)], code)
    page = _Page(text)
    assert page.open == []
    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "title", "style", "body", "main", "article", "section", "h1", "h2", "h3", "p", "ol", "ul",
        "li", "div", "span", "i", "b", "bdi", "code", "a", "figure", "figcaption", "footer", "svg", "path", "rect", "circle", "text",
    }  # fmt: skip
    for tag, attributes in page.tags:
        assert not {"src", "srcset", "action", "xlink:href"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")], tag
        assert attributes.get("href", "tel:").startswith("tel:"), attributes
    style = text[text.index("<style>") : text.index("</style>")]
    assert not re.search(r"url\(|@import|https?:", style)
    assert [tag for tag, _ in page.tags].count("h1") == 1


def test_what_the_user_wrote_is_words_and_nothing_else():
    page = _Page(as_html([CASES["hostile"]("en")], "en"))
    assert HOSTILE.replace(" | ", " ¦ ") in page.words
    assert "script" not in {tag for tag, _ in page.tags}


@pytest.mark.parametrize("code", LANGUAGES)
def test_sections_stand_in_the_order_of_the_steps(code):
    titles = re.findall(r"<h3>(.*?)</h3>", as_html([CASES["not-ready"](code)], code))
    assert len(titles) == len(SECTIONS)
    chinese = ["号码去向", "绑定", "账单", "余额", "备份", "凭证", "手机", "账户登录", "转号", "取消", "之后"]
    if code == "zh-CN":
        assert titles == chinese


def test_a_page_without_styles_still_says_what_is_done_and_what_is_not():
    words = re.sub(r"\s+", " ", _Page(as_html([CASES["not-ready"]("en")], "en")).words)
    assert "☐ Chase codes" in words
    assert "✓ China Merchants Bank codes" in words
    assert "○ Uber login" in words


def test_several_plans_have_a_list_first_with_a_way_to_each():
    world = Leaver("en")
    reports = [
        CASES["not-ready"]("en"),
        report(world.ready()._replace(id="spare", name="Spare"), CASES["ready"]("en").on),
    ]
    page = as_html(reports, "en")
    assert '<a href="#main">' in page
    assert 'id="spare"' in page
    assert page.count("<svg") == 5  # two timelines, each across and upright, and the costs
    assert "Ready to leave? 2 plans" in page


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_mailed_shows_no_whole_number_or_account(code):
    owing = Leaver(code).typical(device=Device(imei="350000000000000"))
    whole, masked = (as_html([report(owing)], code, style=ReportStyle(masked=each)) for each in (False, True))
    for secret in ("982-555", "206-555-0100", "350000000000000", "me@example.com"):
        assert secret in whole
        assert secret not in masked
    assert "…2555" in masked
    assert "0100" in masked
