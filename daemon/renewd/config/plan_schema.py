"""The description of a file: tables, their keys, and what each key can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from renewd.config.value_types import Choice, Choices, ValueType


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table of the file: its name as the reader sees it, what it is for, its keys, and what is made of them.

    `make` gets the keys that were written, read by their kinds. With `dashes`, a key may be written with _ for -.
    """

    name: str
    en: str
    zh: str
    keys: Mapping[str, Key]
    make: Callable[..., object] = dict
    dashes: bool = False
    required: tuple[str, ...] = field(init=False)
    _renamed: Mapping[str, str] = field(init=False)  # keys to the fields of other names that they go to

    def __post_init__(self) -> None:
        required = tuple(name for name, key in self.keys.items() if key.required)
        object.__setattr__(self, "required", required)
        object.__setattr__(self, "_renamed", {name: key.field for name, key in self.keys.items() if key.field})

    def about(self, code: str) -> str:
        """Return what it is for, in a language; those without a text of their own read English."""
        return self.zh if code == "zh-CN" else self.en

    def named(self, name: str) -> str:
        """Return a key's name as this table knows it."""
        return name.replace("_", "-") if self.dashes else name

    def by_field(self, good: Mapping[str, object]) -> dict[str, Any]:
        """Return the keys that were read by the names of the fields that they go to."""
        renamed = self._renamed
        return {renamed.get(name, name): value for name, value in good.items()} if renamed else dict(good)

    def tables(self) -> Mapping[str, Table]:
        """Return this table and all below it by their names, in the order of their keys."""
        found = {self.name: self}
        for key in self.keys.values():
            if isinstance(key.type, Sub | Each | ById):
                found |= {name: table for name, table in key.type.table.tables().items() if name not in found}
        return found


class Sub(NamedTuple):
    """A key that holds a table: `x = { … }` or `[x]`."""

    table: Table


class Each(NamedTuple):
    """A key that holds a list of tables: `[[x]]`."""

    table: Table


class ById(NamedTuple):
    """A key that holds tables by an id of the user's own: `[x.ID]`."""

    table: Table


class Key(NamedTuple):
    """A key of a table: what it holds and what it is for; example and default as they would be written.

    `secret`: the line it stands in is never shown. `field`: the field of the value that it goes to, if not the one of
    its own name.
    """

    type: ValueType | Sub | Each | ById
    en: str
    zh: str
    example: str = ""
    default: str = ""
    required: bool = False
    secret: bool = False
    field: str = ""

    def about(self, code: str) -> str:
        """Return what it is for, in a language; those without a text of their own read English."""
        return self.zh if code == "zh-CN" else self.en

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it takes, if they are a few."""
        return self.type.choices if isinstance(self.type, Choice | Choices) else ()
