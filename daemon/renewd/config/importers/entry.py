"""What an importer makes of one entry of another program: the keys of a plan, and remarks on what was not exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

# the keys of a plan that an import writes, in their order
KEY_ORDER = (
    "name", "kind", "carrier", "site", "for", "number", "account", "renews", "every", "ends", "day", "price", "currency",
    "autopay", "pay_with", "notice", "grace", "promo", "note", "cancel",
)  # fmt: skip

LeftOut = Literal["cancelled", "paused", "over", "bought", "no-date", "no-name"]


class Remark(NamedTuple):
    """A sentence of import.toml that stands as a comment at the line of a key, or above the table if `key` is empty."""

    key: str
    code: str
    args: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedEntry:
    """One entry. `identity` tells it from all others of its file, the next time too; `values` are keys of a plan.

    `card` and `person` are names as the other program has them. With `left_out`, no plan is made of it.
    """

    identity: str
    values: Mapping[str, object]
    remarks: tuple[Remark, ...] = ()
    card: str | None = None
    person: str | None = None
    left_out: LeftOut | None = None


class ImportSettings(NamedTuple):
    """What a file does not say: the day it is read on, and the household's currency and time zone."""

    today: date
    currency: str
    zone: str
