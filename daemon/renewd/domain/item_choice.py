"""Which item of a list was meant: a bill, a backup, a service, by the name that somebody typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from difflib import SequenceMatcher

from renewd.domain.errors import UsageError

_CLOSE = 0.75  # of two words, how alike they have to be to be taken for one another


def choose(typed: str | None, names: Sequence[str], settled: Sequence[date | None], *, plan: str, what: str) -> int:
    """Return the place of the item that was meant: among those that are open first, and never one of two.

    Raises UsageError about the fact `what` of the plan `plan`.
    """
    args = {"plan": plan, "what": what}
    if not names:
        raise UsageError("terminal.mark.no-items", **args)
    open_ = [place for place, day in enumerate(settled) if day is None]
    if typed is None:
        if not open_:
            raise UsageError("terminal.mark.none-open", **args)
        if len(open_) > 1:
            raise _several("which-item", [names[place] for place in open_], **args)
        return open_[0]
    closed = [place for place, day in enumerate(settled) if day is not None]
    for places in (open_, closed):
        found = [places[n] for n in matches([names[place] for place in places], typed)]
        if len(found) > 1:
            raise _several("several-items", [names[place] for place in found], typed, **args)
        if found:
            return found[0]
    raise UsageError("terminal.mark.no-item", item=typed, items=list(names), **args)


def _several(code: str, items: list[str], typed: str | None = None, **args: object) -> UsageError:
    """Return the error about items that may all be meant; none of those that have one name can be chosen by it."""
    if len(set(items)) == 1:
        return UsageError("terminal.mark.same-items", item=items[0], n=len(items), **args)
    return UsageError(f"terminal.mark.{code}", item=typed, items=items, **args)


def matches(names: Sequence[str], typed: str) -> list[int]:
    """Return the places of the names that `typed` may mean, by the strictest rule that finds any.

    The rules are: equal; equal but for capitals and blanks; a beginning; a part; a misspelling.
    """
    wanted = _plain(typed)
    plain = [_plain(name) for name in names]
    tests: tuple[Callable[[int], bool], ...] = (
        lambda n: names[n] == typed,
        lambda n: plain[n] == wanted,
        lambda n: plain[n].startswith(wanted),
        lambda n: wanted in plain[n],
        lambda n: SequenceMatcher(None, wanted, plain[n]).ratio() >= _CLOSE,
    )
    for test in tests if wanted else tests[:1]:
        if found := [n for n in range(len(names)) if test(n)]:
            return found
    return []


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
