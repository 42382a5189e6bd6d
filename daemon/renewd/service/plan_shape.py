"""The shape of a plan: what is set in it and what is not. The shipped templates say plans of one shape alike."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from renewd.domain.carriers import Carrier

# Text of the user's own: it is said, and decides nothing.
_SAID = frozenset(
    {"id", "name", "number", "note", "site", "what", "service", "path", "reference", "email", "iccid", "eid", "imei"}
    | {"action", "limit_text", "used_text"}
)
_MONTH = 30  # days
_FAR = 3  # months


def shape_of(value: object, today: date) -> Hashable:
    """Return what is equal for plans of one shape: dates by the month, numbers by their sign, choices as they are."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, date):
        return max(-_FAR, min((value - today).days // _MONTH, _FAR))
    if isinstance(value, int | Decimal):
        return (value > 0) - (value < 0)
    if isinstance(value, Carrier):
        return value.id
    if isinstance(value, Mapping):
        return tuple(value.items())
    kind: Any = type(value)
    if names := _names(kind):
        return tuple(
            getattr(value, name) is not None if name in _SAID else shape_of(getattr(value, name), today)
            for name in names
        )
    assert isinstance(value, tuple)
    return tuple(shape_of(one, today) for one in value)


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of what a value holds; nothing for a plain tuple."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else getattr(kind, "_fields", ())
