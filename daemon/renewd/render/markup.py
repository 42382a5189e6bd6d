"""Sentences with marks in them: what must not break, bold, code, names and links.

A mail's sentences are rendered once, as text with control characters that no user's text can have; from that come
the plain text and the HTML. So nothing but `rich` writes a tag around a user's words, and it escapes them first.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from renewd.render.table import cells_of

KEEP, KEPT = "\x01", "\x02"  # does not break over a line
BOLD, BOLDED = "\x03", "\x04"
CODE, CODED = "\x05", "\x06"
NAME, NAMED = "\x0e", "\x0f"  # words of the user's, whose direction is their own
LINK, WORDS, LINKED = "\x10", "\x11", "\x12"  # LINK url WORDS words LINKED

_CODE_STYLE = (
    "font-family:ui-monospace,Menlo,Consolas,'Noto Sans Mono CJK SC',monospace;"
    "font-size:14px;background:#f2f4f5;padding:1px 3px;border-radius:3px"
)
_TAGS = tuple({
    KEEP: '<span style="white-space:nowrap">',
    KEPT: "</span>",
    BOLD: "<b>",
    BOLDED: "</b>",
    CODE: f'<code class="c" style="{_CODE_STYLE}">',
    CODED: "</code>",
    NAME: "<bdi>",
    NAMED: "</bdi>",
    LINK: '<a class="l" style="color:#0b587a;text-decoration:underline" href="',
    WORDS: '">',
    LINKED: "</a>",
}.items())  # fmt: skip
_MARKS = re.compile("[\x00-\x08\x0b-\x1f]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_A_LINK = re.compile(f"{LINK}([^{WORDS}]*){WORDS}([^{LINKED}]*){LINKED}")


def own(text: str) -> str:
    """Return a user's words marked as theirs, without marks or column separators of their own making."""
    return f"{NAME}{bare(text)}{NAMED}"


def bare(text: str) -> str:
    """Return a user's words without control characters, and without the ` | ` that separates columns in templates."""
    return (text if text.isprintable() else _CONTROLS.sub(" ", text)).replace(" | ", " ¦ ").strip()


def brief(text: str) -> str:
    """Return a user's words, on one line where they are short enough for the narrowest phone's heading."""
    return KEEP + own(text) + KEPT if cells_of(bare(text)) <= KEPT_WHOLE else own(text)


def one(*parts: object) -> str:
    """Return the parts as one group that does not break over a line."""
    return KEEP + "".join(map(str, parts)).replace(KEEP, "").replace(KEPT, "") + KEPT


@lru_cache(maxsize=2048)
def rich(text: str) -> Markup:
    """Return marked text as HTML: everything escaped, then each mark its tag."""
    tagged = str(escape(text))
    for mark, tag in _TAGS:
        tagged = tagged.replace(mark, tag)
    return Markup(tagged)  # noqa: S704  # escaped two lines above


def plain(text: str) -> str:
    """Return marked text without its marks; a link to the web as its address."""
    if text.isprintable():
        return text
    if LINK in text:
        text = _A_LINK.sub(_address, text)
    return _MARKS.sub("", text)


def _address(link: re.Match[str]) -> str:
    return link[1] if link[1].startswith("https:") else link[2]


@lru_cache(maxsize=1024)
def safe_url(url: str) -> str | None:
    """Return an address that a mail may link to: https with a host, or tel with a number; None for any other."""
    if re.fullmatch(r"tel:\+?[0-9]{3,15}", url):
        return url
    if not re.fullmatch(r"https://[!#-;=?-~]+", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.hostname and "@" not in parts.netloc else None


# Spaces between Chinese and Latin words, only where a value was filled in: authors set their own.

# As text, compiled when first used: with so many characters that takes milliseconds, and most commands need none.
_compiled = cache(re.compile)
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # and kana
_NO_SPACE = f"([\u3041-\u30ff\u4e00-\u9fff][{KEPT}{NAMED}]+) (?=[\u3041-\u30ff\u4e00-\u9fff])"
_LATIN = "A-Za-z0-9\u00c0-\u024f+#"
_OPENING = f"{KEEP}{BOLD}{CODE}{NAME}{LINK}"
_CLOSING = f"{KEPT}{BOLDED}{CODED}{NAMED}{LINKED}"
_SEAM = f"(?<=[{_HAN}{_LATIN}.)…])([{_CLOSING}]*)([{_OPENING}]*)(?<=[{_OPENING}{_CLOSING}])(?=[{_HAN}{_LATIN}$¥€£₩])"
_REPEATED = f"([的。.])([{_CLOSING}]*{NAMED}[{_CLOSING}]*)\\1"
_IS_HAN = f"[{_HAN}]"


def spaced(text: str) -> str:
    """Return Chinese text with one space wherever a value that was filled in meets words of the other script."""
    return _compiled(_SEAM).sub(_seam, unrepeated(text))


def unrepeated(text: str) -> str:
    """Return text without a 的 or a full stop of ours after a user's words that end in one, as `Acme Inc.` does."""
    return _compiled(_REPEATED).sub(r"\1\2", text) if NAMED in text else text


def apart(text: str, code: str) -> str:
    """Return a sentence of a language; in Chinese, `spaced`."""
    return spaced(text) if code == "zh-CN" else unrepeated(text)


def joined(text: str, code: str) -> str:
    """Return a sentence of a language; in Chinese, no space stands between a value and words that are both Chinese."""
    return spaced(_compiled(_NO_SPACE).sub(r"\1", text)) if code == "zh-CN" else unrepeated(text)


def _seam(marks: re.Match[str]) -> str:
    closing, opening = marks.groups()
    before, after = marks.string[marks.start() - 1], marks.string[marks.end()]
    han = _compiled(_IS_HAN)
    scripts = (han.match(before) is None) + (han.match(after) is None)
    apart = scripts == 1 or (scripts == 2 and closing and opening)
    return f"{closing} {opening}" if apart else marks[0]


# Plain text in columns: a Chinese character takes two.

TEXT_COLUMNS = 72
KEPT_WHOLE = 18  # columns that fit a heading on the narrowest phone
_NOT_FIRST = "，。；：？！、）」』》〉】％%,.;:?!)…’”"
_NOT_LAST = "（「『《〈【("
_WIDE = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
_GROUP = f"{KEEP}[^{KEPT}]*{KEPT}|{CODE}[^{CODED}]*{CODED}"
_WORD = f"[{re.escape(_NOT_LAST)}]*(?:(?:{_GROUP}|[^\\s{KEEP}{CODE}{_WIDE}])+|[{_WIDE}])[{re.escape(_NOT_FIRST)}]*|[ ]+"
_BUT_GROUPS = re.compile(f"[{BOLD}{BOLDED}{NAME}{NAMED}]")


@lru_cache(maxsize=2048)
def _measured(word: str) -> tuple[str, int]:
    """Return a word without its marks, and the columns that it takes."""
    word = _MARKS.sub("", word)
    return word, cells_of(word)


@lru_cache(maxsize=1024)  # most lines of a mail stand in other mails too
def wrap(text: str, first: str = "", hang: str = "", most: int = TEXT_COLUMNS) -> str:
    """Return marked text as plain lines of at most `most` columns, `first` before the first and `hang` before the rest.

    Groups stay whole; a Chinese line never begins with punctuation; what is longer than a line stands alone on it.
    """
    words = plain(text)
    if cells_of(first) + cells_of(words) <= most:
        return first + words
    if LINK in text:
        text = _A_LINK.sub(_address, text)
    lines, start, line, used = [], first, first, cells_of(first)
    gap = 0
    for marked in _compiled(_WORD).findall(_BUT_GROUPS.sub("", text)):
        if marked[0] == " ":
            gap = len(marked)
            continue
        word, width = _measured(marked)
        if used + gap + width > most and line != start:
            lines.append(line)
            start, line, used, gap = hang, hang, cells_of(hang), 0
        line += " " * gap + word if gap else word
        used += gap + width
        gap = 0
    lines.append(line)
    return "\n".join(lines)


@lru_cache(maxsize=4096)
def host(url: str) -> str:
    """Return the name by which readers know a site: its host without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
