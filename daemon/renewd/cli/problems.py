"""Problems on the terminal: the one line that editors and grep can jump from, then the line of the file with carets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from renewd.cli.screen import Screen
from renewd.config import say_problem, show_source
from renewd.config.messages import harmless, said_in_parts
from renewd.domain.errors import Problem, ProblemError, RenewdError
from renewd.i18n import as_typed
from renewd.redact import MASK

_COLORS = {"error": "red", "warning": "yellow"}
_CLAUSE = re.compile(r"[;；]\s?")
_MEANT = re.compile(r"'[^']+'|\d{4}-\d\d-\d\d")


def show(screen: Screen, problems: Iterable[Problem]) -> None:
    """Print problems, each followed by an empty line; into a journal without the lines that they stand in."""
    logged = "JOURNAL_STREAM" in os.environ and _is_logged()
    for problem in problems:
        if logged:
            screen.print(MASK(say_problem(problem, screen.words.code)))
            continue
        screen.print(_line(screen, problem))
        source = show_source(problem)
        if source:
            screen.print(*_source(screen, source, _COLORS[problem.severity]))
        screen.print()


def _is_logged() -> bool:
    from renewd.service.journal import connected  # a terminal needs neither logging nor sockets

    return connected(os.environ, 1) or connected(os.environ, 2)


def sentence(screen: Screen, error: RenewdError) -> str:
    """Return the sentence on the error that ends a command."""
    if isinstance(error, ProblemError):
        return as_typed(say_problem(error.problem, screen.words.code))
    args = {name: _filled(screen, value) for name, value in error.args_.items()}
    return harmless(screen.words.say(error.code, **args))


def _filled(screen: Screen, value: object) -> object:
    if isinstance(value, Problem):
        return said_in_parts(value, screen.words.code)[2]
    return screen.list(str(one) for one in value) if isinstance(value, list) else value


def _line(screen: Screen, problem: Problem) -> str:
    where, path, sentence = said_in_parts(problem, screen.words.code)
    sentence = as_typed(sentence)
    if not screen.color:
        return where + path + sentence
    cut = _CLAUSE.search(sentence)
    wrong, meant = (sentence[: cut.end()], sentence[cut.end() :]) if cut else (sentence, "")
    meant = _MEANT.sub(lambda found: screen.style(found[0], "cyan"), meant)
    return screen.style(where, "bold") + path + screen.style(wrong, _COLORS[problem.severity]) + meant


def _source(screen: Screen, source: str, color: str) -> list[str]:
    first, *marks = source.split("\n")
    number, bar, text = first.partition(" | ")
    lines = [screen.style(number + bar, "dim") + text]
    for mark in marks:
        blank, bar, carets = mark.partition(" | ")
        spaces = carets[: len(carets) - len(carets.lstrip())]
        lines.append(screen.style(blank + bar, "dim") + spaces + screen.style(carets.lstrip(), color))
    return lines
