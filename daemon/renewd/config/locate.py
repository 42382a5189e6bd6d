"""Where in a TOML text each table, key and value stands: for pointing at a mistake, and for changing one value.

The text is one that tomli can read, so nothing is checked here; lines, comments and spacing stay as they are.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal, NamedTuple

import tomli

KeyPath = tuple[str | int, ...]
Sort = Literal["table", "element", "key", "member", "item"]

_SKIP = re.compile(r"(?:[ \t\r\n\ufeff]+|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_STRING = re.compile(
    r"""
    \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5}  # over several lines
    | "(?:\\.|[^"\\\n])*" | '[^'\n]*'
    """,
    re.DOTALL | re.VERBOSE,
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ATOM = re.compile(r"[^,\[\]{}#\r\n]*[^,\[\]{}#\s]")


class Located(NamedTuple):
    """A header `[table]` or `[[element]]`, a statement `key = value`, a member of `{ … }` or an item of `[ … ]`.

    `start` is where it begins, `key` where the last part of its name does, `value` where its value does; for
    headers and items these coincide. `section` is the place in the list of the header it stands under, or -1.
    """

    path: KeyPath
    sort: Sort
    start: int
    key: int
    key_end: int
    value: int
    end: int
    section: int


def scan(text: str) -> list[Located]:
    """Return every entry of a valid TOML text, in order."""
    return _Scanner(text).entries


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.entries: list[Located] = []
        self._elements: dict[KeyPath, int] = {}
        self._section: KeyPath = ()
        self._section_at = -1
        at = _end(_SKIP, text, 0)
        while at < len(text):
            at = self._header(at) if text[at] == "[" else self._statement(at, self._section, "key")
            at = _end(_SKIP, text, at)

    def _header(self, start: int) -> int:
        brackets = 2 if self.text.startswith("[[", start) else 1
        parts, _, end = self._name(start + brackets)
        end = self.text.index("]" * brackets, end) + brackets
        path: KeyPath = ()
        for n, part in enumerate(parts):
            path = (*path, part)
            if path in self._elements and (brackets == 1 or n < len(parts) - 1):
                path = (*path, self._elements[path])
        if brackets == 2:
            self._elements[path] = self._elements.get(path, -1) + 1
            path = (*path, self._elements[path])
        self._section, self._section_at = path, len(self.entries)
        sort: Sort = "element" if brackets == 2 else "table"
        self.entries.append(Located(path, sort, start, start, end, start, end, self._section_at))
        return end

    def _statement(self, start: int, above: KeyPath, sort: Sort) -> int:
        parts, last, key_end = self._name(start)
        value = _end(_BLANK, self.text, self.text.index("=", key_end) + 1)
        path = (*above, *parts)
        slot = len(self.entries)
        entry = Located(path, sort, start, last, key_end, value, value, self._section_at)
        self.entries.append(entry)
        end = self._value(value, path)
        self.entries[slot] = entry._replace(end=end)
        return end

    def _name(self, at: int) -> tuple[list[str], int, int]:
        """Read `a."b c".d`: its parts, where the last one starts, where it ends."""
        text, parts = self.text, []
        while True:
            last = at = _end(_BLANK, text, at)
            found = _STRING.match(text, at) if text[at] in "\"'" else _BARE.match(text, at)
            if found is None:
                msg = f"no key at {at}"
                raise ValueError(msg)
            parts.append(found[0] if text[at] not in "\"'" else tomli.loads(f"x={found[0]}")["x"])
            end = found.end()
            at = _end(_BLANK, text, end)
            if not text.startswith(".", at):
                return parts, last, end
            at += 1

    def _value(self, at: int, path: KeyPath) -> int:
        text = self.text
        if text[at] == "[":
            return self._members(at, "]", path)
        if text[at] == "{":
            return self._members(at, "}", path)
        found = _STRING.match(text, at) if text[at] in "\"'" else _ATOM.match(text, at)
        return found.end() if found else at

    def _members(self, at: int, close: str, path: KeyPath) -> int:
        text, n = self.text, 0
        at = _end(_SKIP, text, at + 1)
        while text[at] != close:
            if close == "}":
                at = self._statement(at, path, "member")
            else:
                slot, start = len(self.entries), at
                item = Located((*path, n), "item", start, start, start, start, start, self._section_at)
                self.entries.append(item)
                at = self._value(start, item.path)
                self.entries[slot] = item._replace(key_end=at, end=at)
                n += 1
            at = _end(_SKIP, text, at)
            if text[at] == ",":
                at = _end(_SKIP, text, at + 1)
        return at + 1


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


class SourcePlace(NamedTuple):
    """A line (from 1), and in it a column (from 1) and a width in characters; 0 where unknown."""

    line: int
    column: int
    width: int


class Map:
    """The positions of everything in one text; made only when a problem has to be shown."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(end.end() for end in re.finditer("\n", text))]
        self._entries = scan(text)
        self._by_path = {entry.path: entry for entry in self._entries}

    def place(self, path: KeyPath, mark: str) -> SourcePlace:
        """Return the position of the key, value or table at a path, or of the nearest table around it."""
        entry = None
        while path and (entry := self._by_path.get(path) or self._first_in(path)) is None:
            path, mark = path[:-1], "table"
        if entry is None:
            return SourcePlace(0, 0, 0)
        if entry.path != path:
            return self._placed(entry.start, entry.key_end)
        if mark == "value" and entry.sort not in ("table", "element"):
            return self._placed(entry.value, entry.end)
        return self._placed(entry.key, entry.key_end)

    def _first_in(self, path: KeyPath) -> Located | None:
        """Return the first entry of a table that has no header of its own."""
        return next((entry for entry in self._entries if entry.path[: len(path)] == path), None)

    def around(self, line: int, column: int) -> KeyPath:
        """Return the path of the innermost statement, or else of the section, at a position in the text."""
        first, after = self._lines[line - 1], (*self._lines, len(self._text))[line]
        at = first + max(column, 1) - 1
        path: KeyPath = ()
        section: KeyPath = ()
        for entry in self._entries:
            if entry.start >= max(after, first + 1):
                break
            if entry.sort in ("table", "element"):
                path = section = entry.path
            elif entry.sort == "key":
                path = entry.path if entry.end >= first else section
            elif entry.sort == "member" and entry.start <= at <= entry.end:
                path = entry.path
        return path

    def _placed(self, start: int, end: int) -> SourcePlace:
        line = bisect_right(self._lines, start)
        first = self._lines[line - 1]
        shown = self._text[start:end].partition("\n")[0].rstrip("\r")
        return SourcePlace(line, start - first + 1, max(1, len(shown)))
