"""The items of a checklist.

Each item has a sentence `report.item.CODE` and, if it has a `note`, another one, `report.note.NOTE`. Both are filled
with its `args`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple

from renewd.domain.cancellation import cancel_of, has_left
from renewd.domain.findings import Findings
from renewd.domain.plans import Household, Plan

SectionId = Literal[
    "number", "bindings", "bills", "balance", "backups", "documents", "device", "access", "port-out",
    "cancelling", "after",
]  # fmt: skip

ItemState = Literal["open", "done", "unknown"]


class ChecklistItem(NamedTuple):
    """One step of a section: done, open or unknown. Unknown counts as not done.

    A `blocking` item must be done before the line is left. One for `later` need not or cannot be done yet. A `final`
    one cannot be repaired once the line is left. `due` is the last good day, `act` the command that records it, and
    `topic` the carrier's fact (`Carrier.facts`) that it rests on.
    """

    id: str  # within its section: "binding:3fa1c9d2", "pin"
    section: SectionId
    code: str
    state: ItemState
    args: Mapping[str, object] = {}
    note: str | None = None
    blocking: bool = False
    later: bool = False
    due: date | None = None
    act: str | None = None
    final: bool = False
    topic: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether it stands in the way of leaving."""
        return self.blocking and self.state != "done"

    @property
    def fact(self) -> tuple[str, str] | None:
        """The fact that settles it, and its item; None where there is none, or where it takes a figure."""
        what, *item = shlex.split(self.act or "")[3:] or [""]
        return (what, "".join(item)) if what and len(item) < 2 else None  # an option has a value


class ChecklistContext(NamedTuple):
    """What a checklist is computed from: a plan, its household, what was found on disk, and the day."""

    plan: Plan
    household: Household
    findings: Findings
    today: date

    @property
    def leaves_number(self) -> bool:
        """Whether the number leaves this carrier or may leave it: it is not decided that the line stays."""
        return cancel_of(self.plan).number != "move"

    @property
    def over(self) -> bool:
        """Whether the line has ended, so that nothing can be done on it anymore."""
        return has_left(self.plan)

    def needs(self, what: str) -> bool:
        """Whether nothing is written of what leaving may lose: nobody has thought of it yet."""
        return what not in cancel_of(self.plan).checked

    @property
    def asked(self) -> bool:
        """Whether the carrier was asked or has confirmed, so that the steps before it are over."""
        cancel = cancel_of(self.plan)
        return cancel.requested_on is not None or cancel.confirmed_on is not None

    def mark(self, what: str, item: str | None = None) -> str:
        """Return the command that records a fact of this plan."""
        return shlex.join(["renewd", "mark", self.plan.id, what, *([item] if item else [])])
