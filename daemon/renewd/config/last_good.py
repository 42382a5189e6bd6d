"""The last good form of each table, which stays in force while the table has a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple


class LastGoodTable(NamedTuple):
    """A plan, person or card as it stood, still raw, and the name of the file it stood in."""

    file: str
    raw: object


@dataclass(frozen=True, slots=True)
class Good:
    """Raw tables that were good when last seen: the keys of the file by name, and plans, people and cards by id."""

    top: Mapping[str, object] = field(default_factory=dict, repr=False)  # addresses that are secrets are in it
    plan: Mapping[str, LastGoodTable] = field(default_factory=dict)
    person: Mapping[str, LastGoodTable] = field(default_factory=dict)
    card: Mapping[str, LastGoodTable] = field(default_factory=dict)

    def group(self, name: str) -> Mapping[str, LastGoodTable]:
        """Return the tables of `[plan.ID]`, `[person.ID]` or `[card.ID]`."""
        return {"plan": self.plan, "person": self.person, "card": self.card}[name]

    def to_json(self) -> str:
        """Return it as text, for a copy in the state folder."""
        import json  # noqa: PLC0415  # the daemon keeps copies, most commands do not

        groups = {name: dict(self.group(name)) for name in ("plan", "person", "card")}
        return json.dumps({"top": self.top, **groups}, default=_tagged, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Good:
        """Return what such a copy holds. Raises ValueError if the text is not one."""
        import json  # noqa: PLC0415

        try:
            read = json.loads(text, object_hook=_untagged)
            groups = {
                name: {id_: LastGoodTable(str(kept[0]), kept[1]) for id_, kept in read[name].items()}
                for name in ("plan", "person", "card")
            }
            return cls(dict(read["top"]), **groups)
        except (KeyError, TypeError, AttributeError) as error:
            msg = "not a copy of a good configuration"
            raise ValueError(msg) from error


_TYPES = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
}


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, date | time):
        return {f"${type(value).__name__}": value.isoformat()}
    raise TypeError(type(value).__name__)


def _untagged(table: dict[str, object]) -> object:
    if len(table) == 1:
        [(name, value)] = table.items()
        if name.startswith("$") and (read := _TYPES.get(name[1:])) and isinstance(value, str):
            return read(value)
    return table
