"""TOML that does not parse: each slip is named, and the rest of the file is read.

One impossible date or one curly quote makes the whole text unreadable to a TOML parser. So the line is mended in a
copy in order to read on. It still counts as wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import tomli

from renewd.config.keys import FILE
from renewd.config.locate import KeyPath, Map
from renewd.config.plan_keys import PLAN
from renewd.config.plan_schema import ById, Each, Sub, Table
from renewd.config.table_reader import Mistakes, counts_days, tell
from renewd.config.times import Day, Length
from renewd.config.value_types import Amount, ValueType, WrongError

MOST_SLIPS = 20
_DEEP = 50  # brackets that are open at once
_ENDLESS = re.compile("0[xob][0-9A-Fa-f_]{1000}")
_TWICE = "written twice "  # begins the names of tables that are read over
_LISTS = tuple(name for name, key in PLAN.keys.items() if isinstance(key.type, Each))


class Slip(NamedTuple):
    """A line that is not valid TOML: what to say, its position (from 1), and the path that it makes unusable."""

    line: int
    column: int
    width: int
    code: str
    args: Mapping[str, object]
    path: KeyPath = ()
    below: KeyPath = ()  # what to add to the path once it is known


class Parsed(NamedTuple):
    """What was read: None if no mending helped; `text` is the mended copy, with the same lines."""

    raw: dict[str, object] | None
    text: str
    slips: tuple[Slip, ...]


class _Mend(NamedTuple):
    slip: Slip
    lines: Mapping[int, str]  # by number from 1; empty: nothing helps


def parse(text: str) -> Parsed:
    """Read a TOML text, each slip mended in a copy as far as that helps."""
    slips: list[Slip] = []
    written, tries = text.split("\n"), 0
    while True:
        try:
            raw = _read(text)
        except tomli.TOMLDecodeError as error:
            mend = _explain(text.split("\n"), error)
        except (ValueError, RecursionError) as error:
            mend = _too_much(text.split("\n"), error)
        else:
            return Parsed(_without_twice(raw), text, _placed(slips, text, raw))
        tries += 1
        known = [slip.column for slip in slips if slip.line == mend.slip.line]
        if not known or mend.slip.column > max(known):  # else what is left of a slip that was named
            slips.append(mend.slip)
        if not mend.lines or tries > MOST_SLIPS:
            return Parsed(None, text, tuple(slips))
        lines = text.split("\n")
        for number, line in mend.lines.items():
            endless = len(line) > 3 * len(written[number - 1]) + 40  # quoted again each time: the mistake is elsewhere
            lines[number - 1] = "" if endless else line
        text = "\n".join(lines)


def _read(text: str) -> dict[str, object]:
    raw = tomli.loads(text, parse_float=_decimal)
    if _ENDLESS.search(text):
        str(raw)  # hexadecimal is read at any length, but not written: ValueError here, and not in some sentence later
    return raw


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except (
        InvalidOperation
    ):  # an exponent that is too large: refused where an amount is read, like any other value that is none
        return Decimal("NaN")


def _without_twice(raw: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in raw.items() if not name.startswith(_TWICE)}


def _placed(slips: list[Slip], text: str, raw: Mapping[str, Any]) -> tuple[Slip, ...]:
    if not slips:
        return ()
    where = Map(text)
    return tuple(
        slip
        if slip.path
        else _advised(slip._replace(path=_costs((*where.around(slip.line, slip.column), *slip.below))), raw)
        for slip in slips
    )


def _advised(slip: Slip, raw: Mapping[str, Any]) -> Slip:
    """Return the slip without the advice to write `day` where the plan counts days."""
    table: object = raw
    for part in slip.path[:2]:
        table = table.get(part) if isinstance(table, dict) else None
    if slip.code == "check.no-such-day-renews" and counts_days(table):
        return slip._replace(code="check.no-such-day")
    return slip


def _costs(path: KeyPath) -> KeyPath:
    return () if path and str(path[0]).startswith(_TWICE) else path


_KEY = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_STATEMENT = rf"(?P<before>\s*(?P<key>{_KEY}(?:\s*\.\s*{_KEY})*)\s*=\s*)(?P<rest>.*?)\r?"
_WITH_COLON = rf"\s*(?P<key>{_KEY})\s*[:：]\s*(?P<value>[^\s{{].*?)\s*"
_TWO_STATEMENTS = rf"(?:\"[^\"]*\"|'[^']*')\s*[,;，；]?\s*{_KEY}\s*=.*"
_AFTER_STATEMENT = "Expected newline or end of document after a statement"
_HEADER = r"\s*(?P<open>\[\[?)(?P<name>[^\]#]*)(?P<close>\]?\]?)(?P<rest>.*?)\r?"
_FULL_WIDTH = str.maketrans("＝，、．。［］【】｛｝＃０１２３４５６７８９", "=,,..[][]{}#0123456789")
_WIDE_BRACKETS = str.maketrans("［］【】「」『』〔〕〖〗《》〈〉｢｣", "[]" * 9)  # around the name of a table
_WIDE_HEADER = r"\s*[［【「『〔〖《〈｢]+[^=\]］】」』〕〗》〉｣]+[\]］】」』〕〗》〉｣]+\s*(?:#.*)?"
_CURLY = "“”„‟＂「」‘’"
_BLANK = "[\x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]"  # none to TOML
_OPENING = {"[": "]", "{": "}"}
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!$)"


def _explain(lines: list[str], error: tomli.TOMLDecodeError) -> _Mend:
    number, column = error.lineno, error.colno
    if error.msg.startswith(("Unterminated string", "Expected \"'")):  # noticed at the end of the file only
        return _open_string(lines, number)
    line = lines[number - 1]
    if control := re.search(_CONTROL, line):
        slip = Slip(number, control.start() + 1, 1, "check.control-character", {"number": f"U+{ord(control[0]):04X}"})
        return _Mend(slip, {number: re.sub(_CONTROL, "", line)})
    wide = line[column - 1 : column]
    if re.fullmatch(_WIDE_HEADER, line):
        mended, written = line.translate(_WIDE_BRACKETS).translate(_FULL_WIDTH), line.strip()
        args = {"found": written, "fix": mended.strip()}
        return _Mend(Slip(number, column, len(written), "check.full-width", args), {number: mended})
    if re.fullmatch(_BLANK, wide):
        slip = Slip(number, column, 1, "check.other-blank", {"number": f"U+{ord(wide):04X}"})
        return _Mend(slip, {number: re.sub(_BLANK, " ", line)})
    if wide and wide in ",;，；" and error.msg.startswith(_AFTER_STATEMENT) and not _without_comment(line[column:]):
        return _Mend(Slip(number, column, 1, "check.comma-at-end", {"found": wide}), {number: line[: column - 1]})
    if wide and wide not in _CURLY and wide != (narrow := wide.translate(_FULL_WIDTH)):
        slip = Slip(number, column, 1, "check.full-width", {"found": wide, "fix": narrow})
        return _Mend(slip, {number: line[: column - 1] + narrow + line[column:]})
    statement = re.fullmatch(_STATEMENT, line)
    header = not statement and re.fullmatch(_HEADER, line)
    within = error.msg == "Invalid value" and (header or not line[: column - 1].strip())  # a new line as an item
    within = within or (error.msg.startswith("Invalid initial") and (header or not line[column - 1 :].strip()))
    if (within or error.msg.startswith("Unclosed")) and (mend := _unclosed(lines, number, column)):
        return mend
    if header:
        return _header(lines, number, error)
    if statement is None:
        return _no_statement(line, number)
    return _statement(lines, number, column, statement, error)


def _unclosed(lines: list[str], number: int, column: int) -> _Mend | None:
    """Find the bracket that was opened and not closed; it may stand lines above the place where the parser gave up."""
    before, after = lines[number - 1][: column - 1].strip(), lines[number - 1][column - 1 :].strip()
    if re.fullmatch(_STATEMENT, lines[number - 1]) and before and after:
        return None  # it goes on after the opening bracket: the mistake is here
    for above in range(number - 1 if after else number, 0, -1):
        statement = re.fullmatch(_STATEMENT, lines[above - 1])
        if statement and statement["rest"][:1] in _OPENING:
            before = statement["before"]
            slip = Slip(above, len(before) + 1, 1, "check.unclosed-bracket", {"fix": _OPENING[statement["rest"][0]]})
            blank = dict.fromkeys(range(above + 1, number), "")
            return _Mend(slip, {above: before + _quoted(statement["rest"]), **blank})
        if re.fullmatch(_HEADER, lines[above - 1]) and not lines[above - 1].startswith((" ", "\t")):
            break
    return None


def _open_string(lines: list[str], number: int) -> _Mend:
    for at, line in enumerate(lines, 1):
        statement = re.fullmatch(_STATEMENT, line)
        if statement and statement["rest"][:1] == "'" and statement["rest"].count("'") == 1:
            args = {"fix": _quoted(_bare(_without_comment(statement["rest"])))}
            before = statement["before"]
            slip = Slip(at, len(before) + 1, len(statement["rest"]), "check.unclosed-quote", args)
            return _Mend(slip, {at: before + args["fix"]})
    opened = [at for at, line in enumerate(lines[:number], 1) if line.count('"""') % 2 or line.count("'''") % 2]
    return _Mend(Slip(opened[-1] if opened else number, 0, 0, "check.unclosed-text", {}), {})


def _header(lines: list[str], number: int, error: tomli.TOMLDecodeError) -> _Mend:
    line = lines[number - 1]
    header = re.fullmatch(_HEADER, line)
    assert header is not None  # the caller looked
    parts = _parts(header["name"])
    column, width = len(line) - len(line.lstrip()) + 1, len(line.strip())
    read_over = {number: f'["{_TWICE}{number}"]'}
    if error.msg.startswith("Cannot"):
        list_table = len(parts) == 3 and parts[0] == "plan" and parts[2] in _LISTS and header["open"] == "["
        plan = len(parts) == 2 and parts[0] == "plan"
        code = "check.write-two-brackets" if list_table else "check.table-twice" if plan else "check.key-twice"
        args = {"table": line.strip(), "fix": f"[{line.strip()}]", "first": _earlier(lines, number, parts)}
        return _Mend(Slip(number, column, width, code, args, parts), read_over)
    if len(header["close"]) < len(header["open"]):
        closed = f"[{header['name'].strip()}]" if header["open"] == "[" else f"[[{header['name'].strip()}]]"
        slip = Slip(number, column, width, "check.unclosed-header", {"fix": closed}, parts)
        return _Mend(slip, {number: closed})
    return _Mend(Slip(number, column, width, "check.bad-header", {}), read_over)


def _earlier(lines: list[str], number: int, parts: tuple[str, ...]) -> int:
    """Return the line above that began a table or key: as a header, as dotted keys, or within an inline table."""
    table: tuple[str, ...] = ()
    for at, line in enumerate(lines[: number - 1], 1):
        if statement := re.fullmatch(_STATEMENT, line):
            path = (*table, *_parts(statement["key"]))
            if path == parts[: len(path)]:
                return at
        elif header := re.fullmatch(_HEADER, line):
            path = table = _parts(header["name"])
        else:
            continue
        if path[: len(parts)] == parts:
            return at
    return 0


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in name.split("."))


def _no_statement(line: str, number: int) -> _Mend:
    shown = Slip(number, len(line) - len(line.lstrip()) + 1, len(line.strip()), "check.no-statement", {})
    if colon := re.fullmatch(_WITH_COLON, line):
        value = colon["value"] if _is_value(colon["value"]) else _quoted(_bare(colon["value"]))
        fix = f"{colon['key']} = {value}"
        return _Mend(shown._replace(code="check.colon", args={"fix": fix}), {number: fix})
    key, equals, rest = line.partition("=")
    if equals and key.strip() and not key.isascii():
        mended = f"{_quoted(key.strip())} ={rest}"
        return _Mend(shown._replace(width=len(key.strip()), code="check.key-not-plain"), {number: mended})
    return _Mend(shown, {number: f"# {line}"})


def _is_value(text: str) -> bool:
    try:
        tomli.loads(f"x = {text}", parse_float=_decimal)
    except (tomli.TOMLDecodeError, ValueError, RecursionError):
        return False
    return True


def _statement(lines: list[str], number: int, column: int, found: re.Match[str], error: tomli.TOMLDecodeError) -> _Mend:
    before, rest, msg = found["before"], found["rest"], error.msg
    key = re.split(r"\s*\.\s*", found["key"])[-1].strip("\"'")
    value = _without_comment(rest)
    at, width = len(before) + 1, max(1, len(value))
    if "overwrite" in msg or "twice" in msg:
        above = (header for line in reversed(lines[: number - 1]) if (header := re.fullmatch(_HEADER, line)))
        table = next((_parts(header["name"]) for header in above), ())
        first = _first_of(lines, number, found["key"]) or _earlier(lines, number, (*table, *_parts(found["key"])))
        args: Mapping[str, object] = {"first": first}
        start = 1 + len(before) - len(before.lstrip())
        slip = Slip(number, start, len(found["key"]), "check.key-twice", args, below=(key,))
        return _Mend(slip, {number: f"# {lines[number - 1]}"})
    if not value:
        slip = Slip(number, max(1, len(before.rstrip())), 1, "check.no-value", {})
        return _Mend(slip, {number: f'{before}""'})
    if column > at and msg in ("Invalid date or datetime", "Invalid value"):  # inside brackets: that word alone
        word = re.match(r"[^\s,\]}#]+", lines[number - 1][column - 1 :])
        if word:
            line = lines[number - 1]
            inner = re.search(rf"({_KEY})\s*=\s*$", line[: column - 1])
            within_it = f"{found['key']}.{inner[1]}" if inner and column > at + 1 else found["key"]
            code, args = _value(key, word[0], msg, _type_at(lines, number, within_it))
            mended = line[: column - 1] + _quoted(_bare(word[0])) + line[column - 1 + len(word[0]) :]
            return _Mend(Slip(number, column, len(word[0]), code, args), {number: mended})
    code, args = _value(key, value, msg, _type_at(lines, number, found["key"]))
    return _Mend(Slip(number, at, width, code, args), {number: before + _quoted(_bare(value))})


def _value(key: str, value: str, msg: str, kind: ValueType | None) -> tuple[str, Mapping[str, object]]:
    """Return the sentence, and its arguments, for a value that TOML does not know."""
    if any(quote in value for quote in _CURLY):
        return "check.curly-quotes", {"fix": _quoted(_bare(value))}
    if value[0] in "\"'":
        if msg.startswith(_AFTER_STATEMENT) and re.fullmatch(_TWO_STATEMENTS, value):
            return "check.one-a-line", {}
        if "character" in msg or msg.startswith(("Expected", "Unterminated")):
            return "check.unclosed-quote", {"fix": _quoted(_bare(value))}
        if "hex" in msg or "Unescaped" in msg:
            return "check.backslash", {"fix": f"'{_bare(value)}'"}
        return "check.no-toml", {"reason": msg}
    if value[0] in _OPENING:
        return "check.no-toml", {"reason": msg}
    if meant := {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false",
                 "是": "true", "否": "false"}.get(value.lower()):  # fmt: skip
        return "check.write-flag", {"fix": meant}
    if re.search(r"[A-Za-z0-9_]\s*=\s*\S", value):
        return "check.one-a-line", {}
    if re.match(r"\d{4}[-/.年]\d{1,2}[-/.月]", value):
        kind = Day()
    return _of_type(kind, key, value) if kind else ("check.text-needs-quotes", {"fix": _quoted(value)})


def _of_type(kind: ValueType, key: str, value: str) -> tuple[str, Mapping[str, object]]:
    """Return the sentence for a value without quotes that its key takes in another form, or not at all."""
    report = Mistakes()
    try:
        read = kind.read(value)
    except WrongError as wrong:
        tell((key,), wrong, report)
        return report.findings[0].code, report.findings[0].args
    if isinstance(kind, Day):
        return "check.not-a-date-write", {"fix": str(read)}
    if isinstance(kind, Amount):
        return "check.not-money-write", {"fix": str(read)}
    return "check.text-needs-quotes", {"fix": _quoted(str(read) if isinstance(kind, Length) else value)}


def _type_at(lines: list[str], number: int, key: str) -> ValueType | None:
    """Return the type of the key in a line, by the header above it; None where it is unknown or holds a table."""
    headers = (header for line in reversed(lines[: number - 1]) if (header := re.fullmatch(_HEADER, line)))
    parts = (*next((_parts(header["name"]) for header in headers), ()), *_parts(key))
    place: Table | ById = FILE
    for n, part in enumerate(parts, 1):
        if isinstance(place, ById):
            place = place.table
            continue
        known = place.keys.get(part)
        if known is None:
            return None
        if not isinstance(known.type, Sub | Each | ById):
            return known.type if n == len(parts) else None
        place = known.type if isinstance(known.type, ById) else known.type.table
    return None


def _first_of(lines: list[str], number: int, key: str) -> int:
    for above in range(number - 1, 0, -1):
        statement = re.fullmatch(_STATEMENT, lines[above - 1])
        if statement and statement["key"] == key:
            return above
    return 0


def _too_much(lines: list[str], error: ValueError | RecursionError) -> _Mend:
    """Mend what is valid but too much for the parser: endless numbers, endless nesting."""
    deep = isinstance(error, RecursionError)
    sign = r"([\[{][^\[\]{}]*){50}|(\.\s*[^.=\s]+\s*){50}" if deep else r"[0-9A-Fa-f_]{1000}"
    code = "check.nested-too-deep" if deep else "check.number-too-long"
    for number, line in enumerate(lines, 1):
        statement = re.fullmatch(_STATEMENT, line)
        if statement and re.search(sign, line):
            return _Mend(Slip(number, len(statement["before"]) + 1, 1, code, {}), {number: f'{statement["before"]}"-"'})
    depth = 0
    for number, line in enumerate(lines, 1):
        if deep and re.search(sign, line):
            return _Mend(Slip(number, 1, 1, code, {}), {})
        depth += sum(line.count(sign) for sign in "[{") - sum(line.count(sign) for sign in "]}")
        if deep and depth >= _DEEP:
            return _Mend(Slip(number, 1, 1, code, {}), {})
    return _Mend(Slip(0, 0, 0, code, {}), {})


def _without_comment(rest: str) -> str:
    last_quote = max(rest.rfind(quote) for quote in "\"'”’")
    comment = re.search(r"(^|\s)#", rest[max(0, last_quote) :])
    return (rest[: max(0, last_quote) + comment.start()] if comment else rest).strip()


def _bare(value: str) -> str:
    return value.strip("\"'" + _CURLY)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{re.sub(_CONTROL, " ", escaped)}"'
