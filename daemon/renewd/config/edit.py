"""Changes of one fact in a TOML text that leave every other line as it is, byte for byte.

Each change is checked: both texts are parsed, and the new one is returned only if they differ in that fact alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomli

from renewd.config.locate import KeyPath, Located, scan
from renewd.config.text_file import read
from renewd.domain.errors import UsageError

_SECTIONS = ("cancel", "device")  # tables of a plan that get a header of their own; others stand in one line
_BARE = re.compile("[A-Za-z0-9_-]+")
_REMARK = re.compile(r"[ \t]*#[^\n]*(?:\n|$)")
_HEADER = re.compile(r"[ \t]*\[")


def set_value(text: str, path: KeyPath, value: object) -> str:
    """Return the text with the value at `path` set. A dict is written key by key where its table exists already.

    A new key goes below the last one of its table. Raises UsageError where the text is written in a way that cannot
    be changed so, naming what to write by hand.
    """
    return _changed(text, path, value, lambda written: written.set(path, value))


def remove(text: str, path: KeyPath) -> str:
    """Return the text without the key at `path`, or as it is if there is none. Raises UsageError."""
    return _changed(text, path, None, lambda written: written.remove(path))


def append_table(text: str, path: KeyPath, values: Mapping[str, object]) -> str:
    """Return the text with one more table in the list at `path`, such as `[[plan.main.receipt]]`. Raises UsageError."""
    listed = _at(_parsed(text), path, [])
    n = len(listed) if isinstance(listed, list) else 0
    return _changed(text, (*path, n), values, lambda written: written.append(path, values))


def append_plan(text: str, plan: str, values: Mapping[str, object]) -> str:
    """Return the text with the table `[plan.ID]` of a new plan at its end. Raises UsageError."""
    path = ("plan", plan)
    return _changed(text, path, values, lambda written: written.append_section(path, values))


def append_tables(text: str, tables: str) -> str:
    """Return the text with the tables of another TOML text at its end. Raises UsageError."""
    before, added = _parsed(text), _parsed(tables)
    newline = "\r\n" if "\r\n" in text else "\n"
    between = newline if not text or text.endswith("\n") else newline * 2
    after = text + between + tables.replace("\n", newline)
    wanted = {**before}
    for group, by_id in added.items():
        there = before.get(group, {})
        assert isinstance(by_id, dict)  # plans and cards
        if not isinstance(there, dict) or there.keys() & by_id.keys():
            raise UsageError("check.cannot-append", table=f"[{group}]")
        wanted[group] = {**there, **by_id}
    try:
        proven = _told_apart(_parsed(after)) == _told_apart(wanted)
    except UsageError:
        proven = False
    if not proven:
        raise UsageError("check.cannot-append", table=", ".join(f"[{group}]" for group in added))
    return after


def plan_table(text: str, plan: str) -> object:
    """Return the table of a plan as it is written, None if there is none. Raises UsageError if the text is not TOML."""
    return _at(_parsed(text), ("plan", plan), None)


def find_plan_file(files: Iterable[Path], plan: str) -> Path | None:
    """Return the file that holds a plan. Files that cannot be read are skipped."""
    for file in files:
        try:
            if plan_table(read(file), plan) is not None:
                return file
        except UsageError:
            continue
    return None


def _changed(text: str, path: KeyPath, value: object, change: Callable[[_Text], str]) -> str:
    """Return the changed text, after checking that it differs from the old one in that value alone."""
    before = _parsed(text)
    try:
        wanted = _wanted(before, path, value)
        new = change(_Text(text))
        proven = _told_apart(tomli.loads(new.removeprefix("\ufeff"), parse_float=Decimal)) == _told_apart(wanted)
    except (_Refused, tomli.TOMLDecodeError):
        proven = False
    if not proven:
        raise UsageError("check.cannot-edit", **_by_hand(path, value))
    return new


def _by_hand(path: KeyPath, value: object) -> dict[str, object]:
    """Return the line to write by hand, and the table it goes below."""
    if isinstance(path[-1], int):
        line = f"[[{_dotted_name(path)}]] " + as_toml(value)
        return {"table": f"[{_dotted_name(path[:-2])}]", "toml": line}
    line = f"# {_key(path[-1])}" if value is None else f"{_key(path[-1])} = {as_toml(value)}"
    return {"table": f"[{_dotted_name(path[:-1])}]", "toml": line}


def _wanted(table: dict[str, Any], path: KeyPath, value: object) -> dict[str, Any]:
    at: Any = table
    for n, part in enumerate(path[:-1]):
        empty: Any = [] if isinstance(path[n + 1], int) else {}
        at = at.setdefault(part, empty) if isinstance(at, dict) else at[part]
        if not isinstance(at, dict | list):
            raise _Refused
    if value is None:
        at.pop(path[-1], None)
    elif isinstance(at, list) and path[-1] == len(at):
        at.append(_written(value))
    else:
        at[path[-1]] = _written(value)
    return table


def _written(value: object) -> object:
    return tomli.loads(f"x = {as_toml(value)}", parse_float=Decimal)["x"]


def _told_apart(value: object) -> object:
    """Return a value in a form in which 1, 1.0 and true differ."""
    if isinstance(value, dict):
        return {name: _told_apart(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_told_apart(one) for one in value]
    return type(value), str(value)


class _Text:
    """A text and the position of everything in it. Each change returns a new text."""

    def __init__(self, text: str) -> None:
        _parsed(text)
        self._text = text
        self._entries = scan(text)
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def set(self, path: KeyPath, value: object) -> str:
        entry = self._find(path)
        if isinstance(value, Mapping):
            if entry is None and not self._dotted(path):
                return self._insert(path, value)
            return self._set_table(path, value)
        if entry is None:
            return self._insert(path, value)
        if entry.sort in ("table", "element"):
            raise _Refused
        return self._spliced(entry.value, entry.end, as_toml(value))

    def _set_table(self, path: KeyPath, values: Mapping[str, object]) -> str:
        text = self._text
        for name in _at(_parsed(text), path, {}):
            if name not in values:
                text = _Text(text).remove((*path, name))
        for name, value in values.items():
            if _told_apart(_at(_parsed(text), (*path, name), None)) != _told_apart(_written(value)):
                text = _Text(text).set((*path, name), value)
        return text

    def remove(self, path: KeyPath) -> str:
        entry = self._find(path)
        if entry is None and not self._dotted(path):
            return self._text
        if entry is None:
            raise _Refused
        if entry.sort == "key":
            start = self._text.rfind("\n", 0, entry.start) + 1
            return self._spliced(start, self._after_line(entry.end), "")
        if entry.sort == "table":
            return self._remove_section(path)
        if entry.sort != "member":
            raise _Refused
        members = [one for one in self._entries if one.sort == "member" and one.path[:-1] == path[:-1]]
        n = members.index(entry)
        if n:
            return self._spliced(members[n - 1].end, entry.end, "")
        return self._spliced(entry.start, members[1].start if len(members) > 1 else entry.end, "")

    def _remove_section(self, path: KeyPath) -> str:
        """Take out a table that has a header of its own, with the blank line above it and the tables inside it."""
        within = [n for n, one in enumerate(self._entries) if one.path[: len(path)] == path]
        if within != list(range(within[0], within[-1] + 1)):
            raise _Refused
        start = self._text.rfind("\n", 0, self._entries[within[0]].start) + 1
        above = self._text.rfind("\n", 0, max(0, start - 1)) + 1
        if not self._text[above:start].strip():
            start = above
        return self._spliced(start, self._after_line(max(self._entries[n].end for n in within)), "")

    def append(self, path: KeyPath, values: Mapping[str, object]) -> str:
        last = [one for one in self._entries if one.sort == "element" and one.path[:-1] == path]
        listed = self._find(path)
        if listed and listed.sort in ("key", "member"):
            items = [one for one in self._entries if one.sort == "item" and one.path[:-1] == path]
            if items:
                return self._spliced(items[-1].end, items[-1].end, f", {as_toml(values)}")
            return self._spliced(listed.value, listed.end, f"[{as_toml(values)}]")
        parent = self._find(path[:-1])
        if parent and parent.sort in ("key", "member"):
            return self._insert(path, [values])
        group = last[-1].path if last else path[:-1]
        return self._new_section(group, f"[[{_dotted_name(path)}]]", values)

    def append_section(self, path: KeyPath, values: Mapping[str, object]) -> str:
        lines = ["", f"[{_dotted_name(path)}]", *(f"{_key(name)} = {as_toml(one)}" for name, one in values.items())]
        return self._lines_at(len(self._text), lines)

    def _insert(self, path: KeyPath, value: object) -> str:
        """Write a key that is not there yet."""
        above, name = path[:-1], path[-1]
        if not isinstance(name, str):
            raise _Refused
        if not above:
            return self._at_the_top(f"{_key(name)} = {as_toml(value)}", value)
        parent = self._find(above)
        if parent is None and not self._dotted(above):
            return self._insert(above, {name: value})
        inline = parent is not None and parent.sort in ("key", "member", "item")
        if isinstance(value, Mapping) and name in _SECTIONS and not inline:
            return self._new_section(above, f"[{_dotted_name(path)}]", value)
        statement = f"{_key(name)} = {as_toml(value)}"
        if parent is None:
            return self._below_dotted(above, statement)
        if inline:
            return self._into_braces(parent, statement)
        own = [one for one in self._entries if one.sort == "key" and one.section == parent.section]
        return self._new_line(own[-1] if own else parent, statement)

    def _at_the_top(self, statement: str, value: object) -> str:
        own = [one for one in self._entries if one.sort == "key" and one.section < 0]
        if not own or isinstance(value, Mapping):
            raise _Refused
        return self._new_line(own[-1], statement)

    def _into_braces(self, parent: Located, statement: str) -> str:
        if self._text[parent.value] != "{":
            raise _Refused
        members = [one for one in self._entries if one.sort == "member" and one.path[:-1] == parent.path]
        if members:
            return self._spliced(members[-1].end, members[-1].end, f", {statement}")
        return self._spliced(parent.value, parent.end, f"{{ {statement} }}")

    def _below_dotted(self, above: KeyPath, statement: str) -> str:
        last = self._dotted(above)[-1]
        section = self._entries[last.section].path if last.section >= 0 else ()
        return self._new_line(last, f"{_dotted_name(above[len(section) :])}.{statement}")

    def _new_line(self, after: Located, statement: str) -> str:
        start = self._text.rfind("\n", 0, after.start) + 1
        indent = self._text[start : after.start] if not self._text[start : after.start].strip() else ""
        return self._lines_at(self._after_line(after.end), [indent + statement])

    def _new_section(self, group: KeyPath, header: str, values: Mapping[str, object]) -> str:
        """Write a table with a header of its own below everything that belongs to `group`."""
        within = [one for one in self._entries if one.path[: len(group)] == group]
        if not within:
            raise _Refused
        last = [one for one in self._entries if one.section == within[-1].section]
        at = self._after_remarks(self._after_line(max(one.end for one in last)))
        lines = ["", header, *(f"{_key(name)} = {as_toml(value)}" for name, value in values.items())]
        return self._lines_at(at, lines)

    def _after_remarks(self, at: int) -> int:
        """Step over the comment right below a table, unless it stands right above the next header."""
        end = at
        while remark := _REMARK.match(self._text, end):
            end = remark.end()
        return at if _HEADER.match(self._text, end) else end

    def _lines_at(self, at: int, lines: list[str]) -> str:
        written = self._newline.join(lines)
        if at and self._text[at - 1] != "\n":  # the file ends without one
            return self._spliced(at, at, self._newline + written)
        return self._spliced(at, at, written + self._newline)

    def _after_line(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1

    def _find(self, path: KeyPath) -> Located | None:
        return next((one for one in self._entries if one.path == path), None)

    def _dotted(self, above: KeyPath) -> list[Located]:
        """Return the statements that define a table by dotted keys only."""
        below = len(above)
        return [
            one
            for one in self._entries
            if one.sort == "key" and len(one.path) > below and one.path[:below] == above and self._depth(one) < below
        ]

    def _depth(self, entry: Located) -> int:
        return len(self._entries[entry.section].path) if entry.section >= 0 else 0

    def _spliced(self, start: int, end: int, new: str) -> str:
        return self._text[:start] + new + self._text[end:]


class _Refused(Exception):  # noqa: N818  # never leaves this module
    """The text is written in a way that is not changed here."""


def as_toml(value: object) -> str:
    """Return a value as TOML 1.0 writes it, whole amounts without a decimal point."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() else f"{value:f}"
    if isinstance(value, int | date | time):
        return str(value) if isinstance(value, int) else value.isoformat()
    if isinstance(value, Mapping):
        members = ", ".join(f"{_key(name)} = {as_toml(one)}" for name, one in value.items())
        return f"{{ {members} }}" if members else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(as_toml(one) for one in value)}]"
    raise TypeError(type(value).__name__)


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub("[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04X}", escaped) + '"'


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _dotted_name(path: KeyPath) -> str:
    return ".".join(_key(part) for part in path if isinstance(part, str))


def _parsed(text: str) -> dict[str, object]:
    try:
        return tomli.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
    except tomli.TOMLDecodeError as error:
        raise UsageError("check.cannot-edit-broken", line=error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise UsageError("check.cannot-edit-broken", line=1) from error


def _at(table: Any, path: KeyPath, default: object) -> Any:
    for part in path:
        held = isinstance(table, dict) and part in table
        listed = isinstance(table, list) and isinstance(part, int) and part < len(table)
        if not held and not listed:
            return default
        table = table[part]
    return table
