"""The environments of templates: their filters, their layers, and the shipped ones, which are compiled once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.exceptions import UndefinedError
from jinja2.runtime import Context
from jinja2.utils import pass_context

from renewd.domain.dates import Duration
from renewd.domain.money import Money
from renewd.i18n import TEMPLATES, Language, language
from renewd.render import layout, markup
from renewd.render.bytecode_cache import CompiledTemplates, cache_folder
from renewd.render.markup import BOLD, BOLDED, KEEP, KEPT, rich
from renewd.render.spans import per
from renewd.render.table import cells_of
from renewd.render.views import Speaking

_OTHER = "other/"  # the folder of what is said otherwise of a plan that is no line
Blocks = dict[str, list[Callable[[Context], Iterator[str]]]]  # as a context holds them, which only reads


def _filters(words: Language) -> dict[str, Callable[..., Any]]:
    """Return the filters of sentences: a day, a sum, a length … in the form of a language, marked as one piece."""

    def kept(form: Callable[[Any], str]) -> Callable[[Any], str]:
        return lambda value: KEEP + form(value) + KEPT

    @pass_context
    def money(context: Speaking, value: Money) -> str:
        return KEEP + words.money(value, many=context.view.many) + KEPT

    @cache
    def span(value: Duration) -> str:
        return KEEP + words.duration(value) + KEPT

    @cache
    def each(value: Duration) -> str:
        return KEEP + per(value, words) + KEPT

    @cache
    def count(value: int, what: str = "days") -> str:
        return KEEP + words.say(f"mail.count.{what}", n=value) + KEPT

    def clock(value: datetime | time) -> str:
        return KEEP + words.clock(value.time() if isinstance(value, datetime) else value) + KEPT

    @pass_context
    def day(context: Speaking, value: date) -> str:
        seen = value.date() if isinstance(value, datetime) else value
        return KEEP + words.day_seen(seen, context.view.today) + KEPT

    return {
        "date": day,
        "year": kept(words.day_year),
        "plain": kept(words.day_plain),
        "month": kept(words.month),
        "month_year": kept(words.month_year),
        "clock": clock,
        "money": money,
        "span": span,
        "per": each,
        "count": count,
        "own": markup.own,
        "brief": markup.brief,
        "b": lambda text: f"{BOLD}{text}{BOLDED}",
        "code": lambda text: f"{markup.CODE}{markup.bare(text)}{markup.CODED}",
    }


def never_none(value: object) -> object:
    if value is None:
        raise UndefinedError("None cannot be said")
    return value


def with_tags(value: object) -> object:
    """Return what a page says: marked text with tags for its marks; the page itself escapes everything else."""
    if type(value) is str:
        return value if value.isprintable() else rich(value)
    return never_none(value)


STRUCTURE = ("mail.html", "mail.txt", "report.html")  # layouts; every other template is sentences
ALWAYS: dict[str, Any] = {"undefined": StrictUndefined, "lstrip_blocks": True, "auto_reload": False}
LAID_OUT: dict[str, Any] = {**ALWAYS, "trim_blocks": True}
_KEPT: dict[str, Any] = {"bytecode_cache": CompiledTemplates(cache_folder(os.environ), Path(__file__))}


def of_sentences(environment: Environment, code: str) -> Environment:
    words = language(code)
    environment.filters.update(_filters(words))
    environment.globals["one"] = markup.one
    environment.context_class = Speaking
    return environment


@cache
def sentences(code: str) -> Environment:
    loader = FileSystemLoader(TEMPLATES / code)
    return of_sentences(Environment(loader=loader, finalize=never_none, autoescape=False, **_KEPT, **ALWAYS), code)  # noqa: S701


def layers(kind: str) -> tuple[str, ...]:
    """Return the files that a kind's blocks are in, the later before the earlier.

    `other/renewal`, of a plan that is no line, has the blocks of `renewal` with those of `other/renewal` in their
    place.
    """
    base = kind.removeprefix(_OTHER)
    shared = ("common",) if base == kind else ("common", f"{_OTHER}common")
    return tuple(f"{name}.j2" for name in dict.fromkeys((*shared, base, kind)))


def merged(code: str, kind: str, own: Mapping[str, Template] = MappingProxyType({})) -> Blocks:
    """Return what is said of a kind, by block: what several kinds share, then its own; the user's after the shipped."""
    if not own:
        return _shipped(code, kind)
    blocks: Blocks = {}
    for name in layers(kind):
        blocks |= _of_file(code, name)
        if (mine := own.get(f"{code}/{name}")) is not None:
            blocks |= _blocks(mine)
    return blocks


@cache
def _shipped(code: str, kind: str) -> Blocks:
    return {name: block for file in layers(kind) for name, block in _of_file(code, file).items()}


@cache
def _of_file(code: str, name: str) -> Blocks:
    """Return the blocks of a shipped file; a kind that says the same of every plan has no file in `other/`."""
    if name.startswith(_OTHER) and not (TEMPLATES / code / name).is_file():
        return {}
    return _blocks(sentences(code).get_template(name))


def _blocks(template: Template) -> Blocks:
    return {name: [block] for name, block in template.blocks.items()}


def of_layout(environment: Environment, name: str) -> Environment:
    environment.globals["plain"] = markup.plain
    environment.filters |= {"columns": cells_of, "plain": markup.plain}
    if name == "mail.txt":
        environment.globals |= {"strip": layout.strip, "facts": layout.facts, "sums": layout.sums, "rule": layout.RULE}
        environment.filters["wrap"] = markup.wrap
    return environment


class _Tight(FileSystemLoader):
    """Leaves the indentation of the templates out of what is sent."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, name, fresh = super().get_source(environment, template)
        return tight(source), name, fresh


def is_page(name: str) -> bool:
    """Whether a layout is HTML."""
    return name.endswith(".html")


def tight(source: str) -> str:
    return "\n".join(line.strip() for line in source.splitlines())


@cache
def structure(name: str) -> Template:
    """Return one of the shipped layouts."""
    html = is_page(name)
    loader = _Tight(TEMPLATES) if html else FileSystemLoader(TEMPLATES)
    environment = Environment(
        loader=loader,
        finalize=with_tags if html else never_none,
        autoescape=html,  # noqa: S701  # plain text has nothing to escape
        **_KEPT,
        **LAID_OUT,
    )
    return of_layout(environment, name).get_template(name)
