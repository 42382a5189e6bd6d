"""Text for the terminal: tables without boxes, wrapped sentences and colors, wide characters counted as two cells."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple, TextIO
from unicodedata import category, east_asian_width

StyledText = str | tuple[str, str]  # text, or text and the name of its style

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_GAP = "  "
_USUAL_WIDTH = 80
_FILLER = "\u3164"  # of Hangul, not shown
_NARROW = (("\0", "\u02ff"), ("\u2010", "\u2027"), ("\u2190", "\u25ff"))  # Latin, punctuation, arrows and boxes


def table(
    rows: Iterable[Sequence[StyledText]],
    headings: Sequence[str],
    align: str,
    width: int,
    *,
    drop: Sequence[int] = (),
    color: bool = False,
) -> list[str]:
    """Return a line a row, below a line of headings where there are any, without blanks at the end.

    `align` is a letter a column, "l" or "r". Columns that do not fit into `width` cells go whole, in the order
    of `drop`; a row is never cut or wrapped. A cell's style shows only with `color`.
    """
    top: Sequence[StyledText] = [(heading, "dim") for heading in headings] if color else headings
    head = [top] if any(headings) else []
    cells = zip(*head, *rows, strict=True)
    columns = [_measured(list(column)) for column in cells] or [_Column([], [], 0, None)] * len(headings)
    kept = list(range(len(columns)))
    for column in drop:
        if sum(columns[i].width for i in kept) + len(_GAP) * (len(kept) - 1) <= width:
            break
        kept.remove(column)
    padded = [_padded(columns[i], right=align[i] == "r", color=color) for i in kept]
    return list(map(str.rstrip, map(_GAP.join, zip(*padded, strict=True))))


class _Column(NamedTuple):
    texts: list[str]
    styles: list[str] | None  # None where no cell has one
    width: int
    widths: list[int] | None  # None where every character is one cell wide


def _measured(column: list[StyledText]) -> _Column:
    texts: list[str]
    styles = None
    if set(map(type, column)) == {str}:
        texts = column  # type: ignore[assignment]
    else:
        texts = [cell if isinstance(cell, str) else cell[0] for cell in column]
        styles = ["" if isinstance(cell, str) else cell[1] for cell in column]
    if all(map(str.isascii, texts)):
        return _Column(texts, styles, max(map(len, texts)), None)
    widths = list(map(cells_of, texts))
    return _Column(texts, styles, max(widths), widths)


def _padded(column: _Column, *, right: bool, color: bool) -> list[str]:
    texts, styles, width, widths = column
    if widths is None and (styles is None or not color):
        return list(map(str.rjust if right else str.ljust, texts, repeat(width)))
    blanks = [" " * (width - own) for own in (widths or map(len, texts))]
    if styles is not None and color:
        texts = [style(text, name, on=True) for text, name in zip(texts, styles, strict=True)]
    if right:
        return [blank + text for blank, text in zip(blanks, texts, strict=True)]
    return [text + blank for text, blank in zip(texts, blanks, strict=True)]


def cells_of(text: str) -> int:
    """Count the cells that a text takes on a terminal: two for a wide character, none for a combining one."""
    return len(text) if text.isascii() else _wide(text)


def fitting(text: str, most: int) -> str:
    """Return the beginning of a text that fits into so many cells."""
    while cells_of(text) > most:
        text = text[:-1]
    return text


def shortened(text: str, most: int) -> str:
    """Return a text in at most so many cells, its end as `…` where it is longer."""
    return text if cells_of(text) <= most else f"{fitting(text, most - 1).rstrip()}…"


@lru_cache(maxsize=65536)
def _wide(text: str) -> int:
    cells = [_plain(character) for character in text]
    if all(cells):
        return sum(cells)
    from wcwidth import wcswidth  # noqa: PLC0415  # 20 ms that most tables do not need

    width = wcswidth(text)
    return width if width >= 0 else len(text)


@lru_cache(maxsize=4096)
def _plain(character: str) -> int:
    """Return the cells of a character that is not changed by its neighbors; 0 for any other."""
    kind = category(character)[0]
    if east_asian_width(character) in ("W", "F"):
        return 2 if kind in "LNPZ" and character != _FILLER else 0
    known = any(first <= character <= last for first, last in _NARROW)
    return 1 if known and kind not in "MC" else 0


def style(text: str, name: str, *, on: bool) -> str:
    """Return the text in a style such as "bold", "red" or "bold red", or as it is where `on` is false."""
    if not on or not name or not text:
        return text
    return f"\x1b[{';'.join(_CODES[part] for part in name.split())}m{text}\x1b[0m"


_OPENING, _CLOSING = "（「『《", "，。；：？！、）」』》"
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60"
_CHUNK = (  # what a line may not end in the middle of: a word, a date, a number and what it counts
    rf"[{_OPENING}]*(?:[^\s{_WIDE}]+(?:[年月日]\d*)*(?: ?(?:天|年|个月|个工作日|小时|分钟|条|点|位|张|次|[KMG]B))?|[{_WIDE}])"
    rf"[{_CLOSING}]*\s*"
)


def wrap(text: str, width: int) -> list[str]:
    """Break a sentence into lines of at most `width` cells; only a single word that is longer stands over."""
    if "\n" not in text and cells_of(text.strip()) <= width:
        return [text.strip()]  # the pattern takes 4 ms to compile
    lines, used = [""], 0
    for chunk in re.findall(_CHUNK, text):
        if used and used + cells_of(chunk.rstrip()) > width:
            lines.append("")
            used = 0
        lines[-1] += chunk
        used += cells_of(chunk)
    return [line.rstrip() for line in lines]


def wants_color(stream: TextIO, environment: Mapping[str, str] | None = None) -> bool:
    """Whether colors are wanted: on a terminal, unless NO_COLOR or TERM=dumb says otherwise."""
    environment = os.environ if environment is None else environment
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def terminal_width() -> int:
    """Return the terminal's columns; 80 where there is none."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(1).columns or _USUAL_WIDTH
    except OSError:
        return _USUAL_WIDTH
