"""The tables of a plain text mail: columns in which a Chinese character takes two."""

from __future__ import annotations

from collections.abc import Sequence

from renewd.render.mail_parts import Cell, MailRow, MailTable
from renewd.render.markup import TEXT_COLUMNS, plain, wrap
from renewd.render.table import cells_of

RULE = "-" * TEXT_COLUMNS
_NARROWEST_SUMS = 57
_WIDEST_LABEL = 24


def strip(cells: Sequence[Cell]) -> str:
    """Return the timeline as lines of label, day and what stands below it."""
    table = [(plain(cell.label), plain(cell.value), plain(cell.sub)) for cell in cells]
    label, value = (max(cells_of(line[place]) for line in table) for place in (0, 1))
    return "\n".join(
        f"  {_left(first, label)}  {_left(second, value)}  {third}".rstrip() for first, second, third in table
    )


def facts(rows: Sequence[MailRow]) -> str:
    """Return label and value side by side; a value that is longer goes on below itself."""
    labels = [plain(row.label) for row in rows]
    most = min(_WIDEST_LABEL, max(map(cells_of, labels)))
    hang = " " * (most + 4)
    lines = []
    for label, row in zip(labels, rows, strict=True):
        if cells_of(label) > most:
            lines += [wrap(row.label, "  ", "  "), wrap(row.value, hang, hang)]
        else:
            lines.append(wrap(row.value, f"  {_left(label, most)}  ", hang))
    return "\n".join(lines)


def sums(table: MailTable) -> str:
    """Return a table of days, names and sums, the sums one under the other, with the total below a rule."""
    rows = [(plain(row.label), plain(row.amount), row) for row in (*table.rows, table.total)]
    day = max(cells_of(label) for label, _, _ in rows)
    amount = max(cells_of(each) for _, each, _ in rows)
    before = f"  {' ' * day}  " if table.days else "  "
    room = TEXT_COLUMNS - len(before) - amount - 2
    names = [plain(row.value) for _, _, row in rows]
    name = min(room, max(_NARROWEST_SUMS + 2 - len(before) - amount - 2, *map(cells_of, names)))
    lines: list[str] = []
    for place, (label, sum_of, row) in enumerate(rows):
        total = place == len(rows) - 1
        if total:
            lines.append("  " + "-" * (len(before) - 2 + name + 2 + amount))
        first = "  " if total or not table.days else f"  {_left(label, day)}  "
        wide = name + len(before) - cells_of(first)
        parts = wrap(row.value, most=wide).split("\n")
        lines.append(f"{first}{_left(parts[0], wide)}  {' ' * (amount - cells_of(sum_of))}{sum_of}")
        lines += [before + part for part in parts[1:]]
        if row.sub:
            hang = before if table.days else "    "
            lines.append(wrap(row.sub, hang, hang))
    return "\n".join(lines)


def _left(text: str, most: int) -> str:
    return text + " " * (most - cells_of(text))
