"""The user's own templates: read once, run in a sandbox, and told what is wrong with them by file and line."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from jinja2 import BaseLoader, Environment, Template, TemplateSyntaxError
from jinja2 import filters as jinja_filters
from jinja2.exceptions import SecurityError, TemplateNotFound
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from renewd.disk import read_regular
from renewd.domain.errors import Problem
from renewd.i18n import LANGUAGES, TEMPLATES
from renewd.render.environments import (
    ALWAYS,
    LAID_OUT,
    STRUCTURE,
    is_page,
    merged,
    never_none,
    of_layout,
    of_sentences,
    tight,
    with_tags,
)

MOST_SOURCE = 64_000  # bytes of one file of the user's
_MOST_RANGE = 1000
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH
_SANDBOX_FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "replace", "trim", "upper")

# Methods of a text whose result is no longer than the text; `format`, `ljust`, `replace` … can fill the memory.
_TEXT_METHODS = frozenset(
    {"capitalize", "casefold", "count", "endswith", "find", "index", "lower", "lstrip", "partition", "removeprefix"}
    | {"removesuffix", "rfind", "rpartition", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase"}
    | {"title", "upper"}
    | {name for name in dir(str) if name.startswith("is")}
)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of the user's templates: they choose words, reach nothing else and cannot fill the memory."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse the operators that make much out of little."""
        if all(isinstance(value, int) and abs(value) < 1_000_000 for value in (left, right)) and operator != "**":
            return super().call_binop(context, operator, left, right)
        raise SecurityError(operator)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may use it: no method of a text that makes much out of little."""
        return super().is_safe_attribute(obj, attr, value) and (not isinstance(obj, str) or attr in _TEXT_METHODS)

    def wrap_str_format(self, value: Any) -> None:  # noqa: ARG002
        """Leave `str.format` to `is_safe_attribute`, which refuses it."""
        return


class Overrides(NamedTuple):
    """The user's own templates by name (`zh-CN/renewal.j2`): those that can be used, and why the others cannot."""

    files: Mapping[str, Template] = {}
    refused: Mapping[str, Problem] = {}
    idle: tuple[Problem, ...] = ()  # blocks that nothing asks for

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return all that is wrong with the user's templates before any is used."""
        return (*self.refused.values(), *self.idle)

    @classmethod
    def load(cls, folder: Path) -> Overrides:
        """Read `folder` (`templates/` beside plans.toml); one that is not there holds nothing. Raises nothing."""
        files: dict[str, Template] = {}
        refused: dict[str, Problem] = {}
        idle: list[Problem] = []
        for file in sorted(folder.glob("**/*")) if folder.is_dir() else ():
            if file.is_dir() or file.name.startswith(".") or file.name.endswith("~"):
                continue
            name = file.relative_to(folder).as_posix()
            found = _read(file, folder, name)
            if isinstance(found, Problem):
                refused[name] = found
                continue
            files[name], source = found
            idle += _idle(name, str(file), source, files[name].blocks)
        return cls(files=files, refused=refused, idle=tuple(idle))


def _read(file: Path, folder: Path, name: str) -> tuple[Template, str] | Problem:
    problem = _refused(file, folder, name)
    if problem is not None:
        return problem
    try:
        source = read_regular(file, MOST_SOURCE).decode("utf-8-sig")
        return _compiled(name, source, str(file)), source
    except TemplateSyntaxError as error:
        return Problem(
            code="render.template-broken", file=str(file), line=error.lineno, args={"why": str(error.message)}
        )
    except (OSError, ValueError, RecursionError) as error:
        return Problem(code="render.template-unreadable", file=str(file), args={"why": str(error)})


def _idle(name: str, filename: str, source: str, blocks: Iterable[str]) -> Iterator[Problem]:
    """Find blocks that no shipped template has and that the file itself does not name: misspelt, most likely."""
    if name in STRUCTURE:
        return
    from difflib import get_close_matches  # noqa: PLC0415  # only the user's own templates need it

    code, _, file = name.partition("/")
    known = merged(code, file.removesuffix(".j2"))
    for block in sorted(set(blocks) - set(known)):
        if len(re.findall(rf"\b{block}\b", source)) > 1:
            continue
        guess = get_close_matches(block, known, 1)
        yield Problem(
            code="render.block-unknown" + ("-guess" if guess else ""),
            file=filename,
            line=source[: source.index(block)].count("\n") + 1,
            args={"name": block, "guess": guess[0] if guess else ""},
            severity="warning",
        )


def names() -> frozenset[str]:
    """Return the name of every template that a user may replace."""
    sentences = {
        file.relative_to(TEMPLATES).as_posix() for code in LANGUAGES for file in (TEMPLATES / code).rglob("*.j2")
    }
    return frozenset({*sentences, *STRUCTURE})


def _refused(file: Path, folder: Path, name: str) -> Problem | None:
    """Return why a file must not be used: unknown, outside the folder, writable by others, too large."""
    if name not in names():
        return Problem(code="render.template-unknown", file=str(file), args={"name": name}, severity="warning")
    try:
        if not file.resolve().is_relative_to(folder.resolve()):
            return Problem(code="render.template-outside", file=str(file))
        if any(path.stat().st_mode & _WRITABLE for path in (file, file.parent, folder)):
            return Problem(code="render.template-writable", file=str(file))
        if not file.is_file():  # a pipe would keep us waiting
            return Problem(code="render.template-unreadable", file=str(file), args={"why": "not a regular file"})
        if file.stat().st_size > MOST_SOURCE:
            return Problem(code="render.template-large", file=str(file), args={"most": MOST_SOURCE})
    except OSError as error:
        return Problem(code="render.template-unreadable", file=str(file), args={"why": str(error)})
    return None


def _compiled(name: str, source: str, filename: str) -> Template:
    html = is_page(name)
    spaces = LAID_OUT if name in STRUCTURE else ALWAYS
    sandbox = Sandbox(loader=_Nowhere(), finalize=with_tags if html else never_none, autoescape=html, **spaces)
    sandbox.filters = {each: jinja_filters.FILTERS[each] for each in _SANDBOX_FILTERS}
    sandbox.globals = {"range": _short_range}
    if name in STRUCTURE:
        of_layout(sandbox, name)
    else:
        of_sentences(sandbox, name.partition("/")[0])
    code = sandbox.compile(tight(source) if html else source, name, filename)
    return Template.from_code(sandbox, code, sandbox.globals)


def _short_range(*args: int) -> range:
    numbers = range(*args)
    if len(numbers) > _MOST_RANGE:
        raise SecurityError("range")
    return numbers


class _Nowhere(BaseLoader):
    """What the user's templates can include or import: nothing."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:  # noqa: ARG002
        raise TemplateNotFound(template)


def blamed(error: Exception) -> Problem | None:
    """Return the line of a user's template that an error came from; None where it came from a shipped one."""
    found: Problem | None = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template) and isinstance(template.environment, Sandbox):
            line = template.get_corresponding_lineno(trace.tb_lineno)
            args = {"why": str(error)}
            found = Problem(code="render.template-broken", file=template.filename or "", line=line, args=args)
        trace = trace.tb_next
    return found
