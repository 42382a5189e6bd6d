"""What a change did to a file, as a unified diff."""

from __future__ import annotations

import re

from renewd.cli.screen import Screen

_AROUND = 2  # lines shown above and below a change
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_STYLES = {"-": "red", "+": "green", "@": "dim"}


def diff(screen: Screen, name: str, before: str, after: str) -> list[str]:
    """Return the changed lines with a few around them, below the file's name."""
    lines = list(_unified(_lines(before), _lines(after)))
    shown = [screen.style(_UNSEEN.sub("", line), _STYLES.get(line[:1], "")) for line in lines]
    return [screen.style(f"--- {name}", "bold"), screen.style(f"+++ {name}", "bold"), *shown]


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _unified(old: list[str], new: list[str]) -> list[str]:
    """Compare only what lies between the first and the last line that differ: files can be long."""
    from difflib import SequenceMatcher

    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    tail = 0
    while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    first, until = max(same - _AROUND, 0), tail - min(tail, _AROUND)
    left, right = old[first : len(old) - until], new[first : len(new) - until]
    lines = []
    for group in SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(_AROUND):
        start, end = group[0], group[-1]
        lines.append(f"@@ -{first + start[1] + 1},{end[2] - start[1]} +{first + start[3] + 1},{end[4] - start[3]} @@")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [f" {line}" for line in left[i1:i2]]
                continue
            lines += [f"-{line}" for line in left[i1:i2]]
            lines += [f"+{line}" for line in right[j1:j2]]
    return lines
