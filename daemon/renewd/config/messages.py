"""A problem in words, and its line with the place marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from renewd.config.clean import clean
from renewd.domain.errors import Problem
from renewd.i18n import Language, language

_UNSEEN = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
_ACTS = f"[\t\n]|{_UNSEEN}"  # on a line that is shown by itself
_WIDEST = 160
_MOST_NAMED = 20  # of the names that would have been right


def say_problem(problem: Problem, code: str) -> str:
    """Return `plans.toml:12: plan.tello.evry: unknown key; did you mean 'every'?` in a language."""
    return "".join(said_in_parts(problem, code))


def said_in_parts(problem: Problem, code: str) -> tuple[str, str, str]:
    """Return the same in three parts, the place, ` key: ` and the sentence, to be shown in colors of their own."""
    words = language(code)
    sentence = words.say(problem.code, **_filled(words, problem.args))
    if problem.severity == "warning":
        sentence = words.say("check.as-warning", sentence=sentence)
    file = re.sub(_ACTS, "?", problem.file)
    where = f"{file}:{problem.line}:" if problem.line else f"{file}:"
    return where, f" {clean(problem.path, 200)}: " if problem.path else " ", sentence


def _filled(words: Language, args: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments as text: months in words, lists joined, and the user's words without control characters."""
    filled: dict[str, object] = {}
    for name, value in args.items():
        if name == "month" and isinstance(value, date):
            filled[name] = words.month_year(value)
        elif isinstance(value, tuple) and type(value) is tuple:
            listed = [clean(str(one), 60) for one in value[:_MOST_NAMED]] + ["…"] * (len(value) > _MOST_NAMED)
            filled[name] = str(words.words("formats.list-comma")).join(listed)
        elif isinstance(value, Path):  # whole, as it may be what is to be typed
            filled[name] = re.sub(_ACTS, "?", str(value))
        elif isinstance(value, Mapping):  # a name in each language
            filled[name] = clean(str(value[words.code]), 60)
        else:
            filled[name] = clean(value, 60) if isinstance(value, str) else value
    return filled


def harmless(text: str) -> str:
    """Return a text of several lines, perhaps, in which nothing acts on the terminal."""
    return re.sub(_UNSEEN, "?", text)


def show_source(problem: Problem) -> str | None:
    """Return the line of the file with the place underlined, or None if no line is to be shown."""
    if not problem.line or not problem.source:
        return None
    from wcwidth import wcswidth  # noqa: PLC0415  # only after a mistake

    source = harmless(problem.source)
    shown = f"{problem.line:>6} | {source[:_WIDEST]}"
    if not problem.column or problem.column > _WIDEST:
        return shown
    start = problem.column - 1
    before = "".join(" " * max(0, wcswidth(one)) if one != "\t" else "\t" for one in source[:start])
    width = max(1, wcswidth(source[start : min(start + problem.width, _WIDEST)]))
    return f"{shown}\n{' ' * 6} | {before}{'^' * width}"
