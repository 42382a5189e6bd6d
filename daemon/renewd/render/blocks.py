"""The blocks of the templates, called one by one: nothing outside a block is rendered.

A kind's sentences are the blocks of `templates/<language>/<kind>.j2`, what several kinds say those of `common.j2`; a
plan that is no line has those of `other/` in their place; the user's blocks take the place of the shipped ones, and
where they fail the shipped ones stand in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from jinja2 import Template
from jinja2.exceptions import SecurityError

from renewd.domain.errors import Problem
from renewd.i18n import as_typed, language
from renewd.render import markup
from renewd.render.environments import Blocks, is_page, layers, merged, sentences, structure
from renewd.render.overrides import Overrides, blamed
from renewd.render.steps import limited_steps
from renewd.render.views import Named, Speaking

MOST_OUTPUT = 200_000  # characters of what a user's template may say
_BLANK_LINES = re.compile(r"\n{3,}")


class BlockSheet:
    """The blocks of one kind in one language, the user's before the shipped ones. `broken` gathers what failed."""

    def __init__(
        self, code: str, kind: str, overrides: Overrides | None, broken: dict[tuple[str, int], Problem]
    ) -> None:
        self._code, self._kind = code, kind
        self._environment = sentences(code)
        self._shipped = merged(code, kind)
        self._blocks: Blocks = self._shipped
        self._mine: list[Template] = []
        self._broken = broken
        self._squeeze = _SQUEEZE.get(code, _squeezed)
        if overrides is not None:
            names = tuple(f"{code}/{file}" for file in layers(kind))
            _tell(overrides, names, broken)
            self._mine = [overrides.files[name] for name in names if name in overrides.files]
            if self._mine:
                self._blocks = merged(code, kind, overrides.files)

    @property
    def own_names(self) -> Iterable[str]:
        """The names of the blocks that are this kind's alone."""
        return sentences(self._code).get_template(f"{self._kind}.j2").blocks

    def speak(self, view: Named) -> Callable[[str], str]:
        """Return a function from a block's name to what it says, one unit a line; nothing if there is no block."""
        context = self._context(view, self._blocks)
        return partial(self._try if self._mine else self._say, context)

    def try_all(self, view: Named, names: Iterable[str]) -> None:
        """Render blocks only to find those that fail."""
        context = self._context(view, self._blocks)
        for name in names:
            if self._mine:
                self._try(context, name)
            else:
                "".join(_parts(context, name))

    def _context(self, view: Named, blocks: Blocks) -> Speaking:
        context = Speaking(self._environment, self._environment.globals, None, {})
        context.blocks = blocks  # given to it, it would copy hundreds
        context.view = view
        return context

    def _say(self, context: Speaking, name: str) -> str:
        return as_typed(self._squeeze("".join(_parts(context, name))))

    def _try(self, context: Speaking, name: str) -> str:
        try:
            with limited_steps():
                return as_typed(self._squeeze(_limited(_parts(context, name))))
        except Exception as error:  # noqa: BLE001  # whatever a user's template does, the mail goes out
            where = self._mine[-1].filename or ""
            problem = blamed(error) or Problem(code="render.template-broken", file=where, args={"why": str(error)})
            self._broken.setdefault((problem.file, problem.line), problem)
            context.view.forget()
            return self._say(self._context(context.view, self._shipped), name)


def _parts(context: Speaking, name: str) -> Iterator[str]:
    blocks = context.blocks.get(name)
    return blocks[0](context) if blocks else iter(())


def _tell(overrides: Overrides, names: Iterable[str], broken: dict[tuple[str, int], Problem]) -> None:
    """Record the problems of the user's templates that would have been used here."""
    for name in names:
        problem = overrides.refused.get(name)
        if problem is not None:
            broken.setdefault((problem.file, problem.line), problem)


def _limited(parts: Iterator[str]) -> str:
    said, length = [], 0
    for part in parts:
        length += len(part)
        if length > MOST_OUTPUT:
            raise SecurityError(f"> {MOST_OUTPUT}")
        said.append(part)
    return "".join(said)


def drawn(name: str, overrides: Overrides | None, broken: dict[tuple[str, int], Problem], **model: object) -> str:
    """Return a layout (`mail.html`, `mail.txt`, `report.html`) filled with its model; the user's own where it works."""
    mine = overrides.files.get(name) if overrides is not None else None
    if overrides is not None:
        _tell(overrides, (name,), broken)
    if mine is not None:
        try:
            with limited_steps():
                return _tidy(name, _limited(mine.root_render_func(mine.new_context(model))))
        except Exception as error:  # noqa: BLE001  # whatever a user's template does, the mail goes out
            problem = blamed(error) or Problem(code="render.template-broken", file=name, args={"why": str(error)})
            broken.setdefault((problem.file, problem.line), problem)
    return _tidy(name, structure(name).render(**model))


def _tidy(name: str, text: str) -> str:
    """Leave no two blank lines after each other in plain text."""
    return text if is_page(name) else _BLANK_LINES.sub("\n\n", text).strip("\n") + "\n"


def one_line(text: str, code: str) -> str:
    """Return a sentence on one line; a template may spread it over several."""
    return text.replace("\n", language(code).between)


def _squeezed(text: str) -> str:
    text = text.strip()
    if "\n" not in text:
        return text
    return "\n".join(line.strip() for line in text.splitlines() if line and not line.isspace())


_SQUEEZE: Mapping[str, Callable[[str], str]] = {
    "en": lambda text: markup.unrepeated(_squeezed(text)),
    "zh-CN": lambda text: markup.spaced(_squeezed(text)),
}
