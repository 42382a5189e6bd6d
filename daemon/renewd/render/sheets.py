"""The templates: the shipped ones, and the user's, which run in a sandbox and fall back to the shipped ones.

A kind's sentences are the blocks of `templates/<language>/<kind>.j2`, what several kinds say those of `common.j2`.
Blocks are called one by one: nothing outside a block is rendered.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError
from jinja2 import filters as jinja_filters
from jinja2.exceptions import SecurityError, TemplateNotFound, UndefinedError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context
from markupsafe import Markup

from renewd.dates import Duration
from renewd.errors import Problem
from renewd.plans import Money
from renewd.render import layout, marks
from renewd.render.marks import BOLD, BOLDED, KEEP, KEPT, rich
from renewd.render.views import Named, Speaking
from renewd.wording import LANGUAGES, TEMPLATES, Language, language

MOST_SOURCE = 64_000  # bytes of one file of the user's
MOST_OUTPUT = 200_000  # characters of what one of them may say
_MOST_RANGE = 1000
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH
_STRUCTURE = ("mail.html", "mail.txt")

_BLANK_LINES = re.compile(r"\n{3,}")

Blocks = Mapping[str, Callable[[Context], Iterator[str]]]


class Sandbox(ImmutableSandboxedEnvironment):
    """Where the user's templates run: they can choose words, and neither look around nor fill the memory."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse the operators that make much out of little."""
        if all(isinstance(value, int) and abs(value) < 1_000_000 for value in (left, right)) and operator != "**":
            return super().call_binop(context, operator, left, right)
        raise SecurityError(operator)


_SANDBOX_FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "replace", "trim", "upper")


def _filters(words: Language) -> dict[str, Callable[..., Any]]:
    """Give the filters of sentences: a day, a sum, a length … in the form of a language, marked as one piece."""

    def kept(form: Callable[[Any], str]) -> Callable[[Any], str]:
        return lambda value: KEEP + form(value) + KEPT

    @pass_context
    def money(context: Speaking, value: Money) -> str:
        return KEEP + words.money(value, many=context.view.many) + KEPT

    @cache
    def span(value: Duration) -> str:
        return KEEP + words.duration(value) + KEPT

    @cache
    def count(value: int, what: str = "days") -> str:
        return KEEP + words.say(f"mail.count.{what}", n=value) + KEPT

    def clock(value: datetime | time) -> str:
        return KEEP + words.clock(value.time() if isinstance(value, datetime) else value) + KEPT

    def day(value: date) -> str:
        return KEEP + words.day(value) + KEPT

    return {
        "date": day,
        "year": kept(words.day_year),
        "plain": kept(words.day_plain),
        "month": kept(words.month),
        "month_year": kept(words.month_year),
        "clock": clock,
        "money": money,
        "span": span,
        "count": count,
        "own": marks.own,
        "b": lambda text: f"{BOLD}{text}{BOLDED}",
        "code": lambda text: f"{marks.CODE}{marks.bare(text)}{marks.CODED}",
    }


def _never_none(value: object) -> object:
    if value is None:
        raise UndefinedError("None cannot be said")
    return value


def _escaped(value: object) -> object:
    return value if isinstance(value, Markup) else rich(str(_never_none(value)))


_ALWAYS: dict[str, Any] = {"undefined": StrictUndefined, "lstrip_blocks": True, "auto_reload": False}
_LAID_OUT: dict[str, Any] = {**_ALWAYS, "trim_blocks": True}


def _of_sentences(environment: Environment, code: str) -> Environment:
    words = language(code)
    environment.filters.update(_filters(words))
    environment.globals["one"] = marks.one
    environment.context_class = Speaking
    return environment


@cache
def _sentences(code: str) -> Environment:
    loader = FileSystemLoader(TEMPLATES / code)
    return _of_sentences(Environment(loader=loader, finalize=_never_none, autoescape=False, **_ALWAYS), code)  # noqa: S701


def _layout(environment: Environment, name: str) -> Environment:
    environment.globals |= {"columns": marks.columns, "plain": marks.plain}
    if name == "mail.txt":
        environment.globals |= {"strip": layout.strip, "facts": layout.facts, "sums": layout.sums, "rule": layout.RULE}
        environment.filters |= {"wrap": marks.wrap, "plain": marks.plain}
    return environment


class _Tight(FileSystemLoader):
    """Leaves the indentation of `mail.html` out of the mails."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, name, fresh = super().get_source(environment, template)
        return _tight(source), name, fresh


def _tight(source: str) -> str:
    return "\n".join(line.strip() for line in source.splitlines())


@cache
def structure(name: str) -> Template:
    """Give the shipped `mail.html` or `mail.txt`."""
    if name == "mail.html":
        environment = Environment(loader=_Tight(TEMPLATES), finalize=_escaped, autoescape=True, **_LAID_OUT)
    else:
        environment = Environment(loader=FileSystemLoader(TEMPLATES), finalize=_never_none, autoescape=False, **_LAID_OUT)  # noqa: S701
    return _layout(environment, name).get_template(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The user's own templates: those that can be used, and what is wrong with the others."""

    files: Mapping[str, Template] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @classmethod
    def load(cls, folder: Path) -> Overrides:
        """Read `folder` (`templates/` beside plans.toml); one that is not there holds nothing. Raises nothing."""
        sources: dict[str, str] = {}
        problems: list[Problem] = []
        for file in sorted(folder.glob("**/*")) if folder.is_dir() else ():
            name = file.relative_to(folder).as_posix()
            if file.is_dir() or file.name.startswith(".") or file.name.endswith("~"):
                continue
            problem = _refused(file, folder, name)
            if problem is None:
                try:
                    sources[name] = file.read_text("utf-8-sig")
                except (OSError, ValueError) as error:
                    problem = Problem(code="render.template-unreadable", file=str(file), args={"why": str(error)})
            if problem is not None:
                problems.append(problem)
        files: dict[str, Template] = {}
        for name, source in sources.items():
            try:
                files[name] = _compiled(name, source, str(folder / name))
            except TemplateSyntaxError as error:
                why = str(error.message)
                problems.append(
                    Problem(code="render.template-broken", file=str(folder / name), line=error.lineno, args={"why": why})
                )
        return cls(files=files, problems=tuple(problems))


def names() -> frozenset[str]:
    """Give the name of every template that a user may write anew."""
    sentences = {f"{code}/{file.name}" for code in LANGUAGES for file in (TEMPLATES / code).glob("*.j2")}
    return frozenset({*sentences, *_STRUCTURE})


def _refused(file: Path, folder: Path, name: str) -> Problem | None:
    """Say why a file must not be used: unknown, outside the folder, writable by others, too large."""
    if name not in names():
        return Problem(code="render.template-unknown", file=str(file), args={"name": name}, severity="warning")
    try:
        if not file.resolve().is_relative_to(folder.resolve()):
            return Problem(code="render.template-outside", file=str(file))
        if any(path.stat().st_mode & _WRITABLE for path in (file, file.parent, folder)):
            return Problem(code="render.template-writable", file=str(file))
        if file.stat().st_size > MOST_SOURCE:
            return Problem(code="render.template-large", file=str(file), args={"most": MOST_SOURCE})
    except OSError as error:
        return Problem(code="render.template-unreadable", file=str(file), args={"why": str(error)})
    return None


def _compiled(name: str, source: str, filename: str) -> Template:
    html = name == "mail.html"
    finalize = _escaped if html else _never_none
    spaces = _LAID_OUT if name in _STRUCTURE else _ALWAYS
    sandbox = Sandbox(loader=_Nowhere(), finalize=finalize, autoescape=html, **spaces)
    sandbox.filters = {each: jinja_filters.FILTERS[each] for each in _SANDBOX_FILTERS}
    sandbox.globals = {"range": _short_range}
    if name in _STRUCTURE:
        _layout(sandbox, name)
    else:
        _of_sentences(sandbox, name.partition("/")[0])
    code = sandbox.compile(_tight(source) if html else source, name, filename)
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


@cache
def _shipped(code: str, kind: str) -> Blocks:
    environment = _sentences(code)
    files = ("common.j2", f"{kind}.j2")
    return {name: block for file in files for name, block in environment.get_template(file).blocks.items()}


class Sheet:
    """The blocks of one kind in one language, the user's before the shipped ones. `broken` gathers what failed."""

    def __init__(self, code: str, kind: str, overrides: Overrides | None, broken: dict[tuple[str, int], Problem]) -> None:
        self._environment = _sentences(code)
        self._shipped = _shipped(code, kind)
        self._blocks: Blocks = self._shipped
        self._broken = broken
        self._squeeze = _SQUEEZE[code]
        if overrides is not None and overrides.files:
            own = [overrides.files.get(f"{code}/{name}.j2") for name in ("common", kind)]
            mine = {name: block for template in own if template for name, block in template.blocks.items()}
            self._blocks = {**self._shipped, **mine}
        self._all_shipped = self._blocks is self._shipped

    def speak(self, view: Named) -> Callable[[str], str]:
        """Give a function from a block's name to what it says, one unit a line; nothing for a block that is not there."""
        context = self._context(view, self._blocks)
        if self._all_shipped:
            return partial(self._say, context)
        return partial(self._try, context, view)

    def try_all(self, view: Named, names: Iterable[str]) -> None:
        """Render blocks for nothing but to see whether they can be."""
        if self._all_shipped:
            context = self._context(view, self._shipped)
            for name in names:
                if block := context.blocks.get(name):
                    "".join(block[0](context))
        else:
            say = self.speak(view)
            for name in names:
                say(name)

    def _context(self, view: Named, blocks: Blocks) -> Speaking:
        context = Speaking(self._environment, self._environment.globals, None, blocks)  # type: ignore[arg-type]  # it only reads them
        context.view = view
        return context

    def _say(self, context: Speaking, name: str) -> str:
        block = context.blocks.get(name)
        return self._squeeze("".join(block[0](context))) if block else ""

    def _try(self, context: Speaking, view: Named, name: str) -> str:
        block = context.blocks.get(name)
        if block is None:
            return ""
        try:
            return self._squeeze(_limited(block[0](context)))
        except Exception as error:
            problem = blamed(error)
            if problem is None:
                raise
            self._broken.setdefault((problem.file, problem.line), problem)
            return self._say(self._context(view, self._shipped), name)


def _limited(parts: Iterator[str]) -> str:
    said, length = [], 0
    for part in parts:
        length += len(part)
        if length > MOST_OUTPUT:
            raise SecurityError(f"> {MOST_OUTPUT}")
        said.append(part)
    return "".join(said)


def drawn(name: str, overrides: Overrides | None, broken: dict[tuple[str, int], Problem], **model: object) -> str:
    """Give `mail.html` or `mail.txt` filled with a mail; the user's own where it works."""
    mine = overrides.files.get(name) if overrides is not None else None
    if mine is not None:
        try:
            return _tidy(name, _limited(mine.root_render_func(mine.new_context(model))))
        except Exception as error:  # noqa: BLE001  # whatever a user's template does, the mail goes out
            problem = blamed(error) or Problem(code="render.template-broken", file=name, args={"why": str(error)})
            broken.setdefault((problem.file, problem.line), problem)
    return _tidy(name, structure(name).render(**model))


def _tidy(name: str, text: str) -> str:
    """Leave no two blank lines after each other in plain text."""
    return text if name == "mail.html" else _BLANK_LINES.sub("\n\n", text).strip("\n") + "\n"


def blamed(error: Exception) -> Problem | None:
    """Say which line of a user's template an error came from; None where it came from a shipped one."""
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


def _squeezed(text: str) -> str:
    text = text.strip()
    if "\n" not in text:
        return text
    return "\n".join(line.strip() for line in text.splitlines() if line and not line.isspace())


_SQUEEZE = {"en": _squeezed, "zh-CN": lambda text: marks.spaced(_squeezed(text))}
