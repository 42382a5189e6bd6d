"""The timeline of a report as numbers to draw: true to scale across, one row a date upright.

Words come in already in their language; nothing here knows of plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import Literal

from renewd.render.markup import plain
from renewd.render.table import cells_of

TimelineTone = Literal["grey", "link", "amber", "red"]

WIDE = 680  # units of the drawing across; upright it is 335
_FIRST, _LAST = 10.0, 670.0
_COLUMN, _GAP = 8.0, 12.0  # a column of type, and what labels keep apart
_ROW = 54


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """A date, what it is, how far away it is; `strong` has a larger dot, `hollow` one without filling.

    `extra`: it is about nothing but the stretch of days, which says it where it is drawn with its words.
    """

    day: date
    tone: TimelineTone
    label: str
    value: str
    away: str = ""
    strong: bool = False
    hollow: bool = False
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """A stretch of days, both included, such as a transfer PIN's; `firm` once it has begun for certain."""

    first: date
    last: date
    label: str
    value: str
    firm: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A point on the line: where it is, and where its label and its day begin (across) or stand (upright)."""

    point: TimelinePoint
    at: str
    label_at: str
    value_at: str
    anchor: Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the line or a bar from one place to another."""

    tone: TimelineTone
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Across:
    """The drawing for wide pages; lengths in units of `WIDE`."""

    dots: tuple[Dot, ...]
    line: tuple[Stretch, ...]
    life: Life | None
    bar: Stretch | None
    bar_width: str
    bar_label_at: str
    bar_anchor: Literal["start", "end"]
    height: int


@dataclass(frozen=True, slots=True)
class Upright:
    """The drawing for narrow pages, one row a date; the life beside the rows that it covers."""

    dots: tuple[Dot, ...]
    line: tuple[Stretch, ...]
    bar: Stretch | None
    bar_length: str
    firm: bool
    height: int


def across(points: Sequence[TimelinePoint], life: Life | None) -> Across:
    """Lay points out by their days. `points` are in order, of different days, at least two."""
    points = _fitting(points)
    first, last = points[0].day, points[-1].day

    def at(day: date) -> float:
        share = (day - first).days / (last - first).days
        return _FIRST + (_LAST - _FIRST) * min(1.0, max(0.0, share))

    labels = _labels(points)
    final = len(points) - 1
    dots = tuple(
        Dot(point, _said(at(point.day)), begins, begins, "end" if n == final else "start")
        for n, point in enumerate(points)
        for begins in [_said(_LAST if n == final else labels[n])]
    )
    bar = Stretch("link", _said(at(life.first)), _said(at(life.last))) if life else None
    begins, width = (at(life.first), max(6.0, at(life.last) - at(life.first))) if life else (0.0, 0.0)
    left = begins < WIDE * 0.66
    return Across(
        dots=dots,
        line=_line(points, at),
        life=life,
        bar=bar,
        bar_width=_said(width),
        bar_label_at=_said(begins if left else begins + width),
        bar_anchor="start" if left else "end",
        height=158 if life else 100,
    )


def upright(points: Sequence[TimelinePoint], life: Life | None) -> Upright:
    """Lay points out one below the other."""
    rows = {point.day: 24.0 + _ROW * n for n, point in enumerate(points)}

    def at(day: date) -> float:
        """Return a day's row; between two rows, the place in proportion."""
        days = list(rows)
        if day <= days[0]:
            return rows[days[0]]
        for one, other in pairwise(days):
            if day <= other:
                return rows[one] + _ROW * (day - one).days / (other - one).days
        return rows[days[-1]]

    dots = tuple(
        Dot(point, _said(row), _said(row - 3), _said(row + 18), "start")
        for point, row in zip(points, rows.values(), strict=True)
    )
    bar = Stretch("link", _said(at(life.first) - 8), _said(at(life.last))) if life else None
    length = _said(at(life.last) - at(life.first) + 16) if life else ""
    height = 24 + _ROW * (len(points) - 1) + 34
    return Upright(dots, _line(points, at), bar, length, life.firm if life else False, height)


def _width(point: TimelinePoint) -> float:
    return max(cells_of(plain(point.label)), cells_of(plain(point.value))) * _COLUMN + _GAP


def _fitting(points: Sequence[TimelinePoint]) -> list[TimelinePoint]:
    """Return the points whose labels fit beside each other: plain dates between the first and the last are dropped."""
    kept = list(points)
    while sum(map(_width, kept)) > _LAST - _FIRST:
        least = [n for n, point in enumerate(kept) if point.tone == "grey" and 0 < n < len(kept) - 1]
        if not least:
            break
        del kept[least[-1]]
    return kept


def _labels(points: Sequence[TimelinePoint]) -> list[float]:
    """Return where labels begin: equal columns, or as wide as their words where those would collide."""
    step = (_LAST - _FIRST) / len(points)
    wide = [_width(point) for point in points]
    if all(each <= step for each in wide[:-2]) and sum(wide[-2:]) <= 2 * step:
        return [_FIRST + step * n for n in range(len(points))]
    spread = (_LAST - _FIRST) / sum(wide)
    return [_FIRST + each * spread for each in accumulate([0.0, *wide[:-1]])]


def _line(points: Sequence[TimelinePoint], at: object) -> tuple[Stretch, ...]:
    """Return the pieces of the line, each in the color of the state from its first day on."""
    assert callable(at)
    pieces: list[Stretch] = []
    tone: TimelineTone = "grey"
    for one, other in pairwise(points):
        if one.tone in ("amber", "red"):
            tone = one.tone
        pieces.append(Stretch(tone, _said(at(one.day)), _said(at(other.day))))
    return tuple(pieces)


def _said(length: float) -> str:
    return f"{length:.1f}".removesuffix(".0")
