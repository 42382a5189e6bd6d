"""The items of a checklist, and every code that they may have.

Each item has a sentence `report.item.CODE` and, if it has a `note`, another one, `report.note.NOTE`. Both are filled
with its `args`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from renewd.domain.cancellation import cancel_of, has_left
from renewd.domain.findings import Findings
from renewd.domain.plans import Household, Plan

SectionId = Literal[
    "number", "bindings", "bills", "balance", "backups", "documents", "device", "access", "port-out",
    "cancelling", "after",
]  # fmt: skip
SECTIONS: tuple[SectionId, ...] = get_args(SectionId)

ItemState = Literal["open", "done", "unknown"]

ITEM_CODES: Mapping[str, tuple[str, ...]] = {
    # number
    "number-undecided": (),  # open: port, drop or move? note: edit-number
    "number-port": (), "number-drop": (), "number-move": (),  # done; move: stays, on a cheaper plan
    "line-works": (), "line-stopped": ("day",),  # done; open: off since `day` (a stopped line cannot be ported)
    "line-due": ("day",),  # open: a postpaid line, past due since `day`
    # bindings; kind is "2fa", "login", "payment" or "contact"
    "binding": ("service", "kind"),  # open (notes: binding-critical, binding-can-wait, binding-stays) or done (moved)
    "bindings-none": (),  # unknown: none is written down; done: somebody thought of them, and there is none
    # bills
    "bill": ("what", "money"),  # money may be None. open (notes: due, overdue, no-due) or done (paid)
    "bills-none": (),  # done
    # balance
    "balance-left": ("money", "day"),  # open (notes: balance-refundable, balance-forfeited, balance-unsure)
    "balance-empty": ("day",), "balance-none": (),  # done: 0 on `day`; postpaid
    "balance-unknown": (),  # unknown: a prepaid line may hold money
    "deposit": (),  # open: ask for it (note: deposit-days) or done
    # backups; made may be None, size in bytes may be None
    "backup": ("what", "made", "age", "fresh", "size"),  # notes: fresh, stale, no-file, empty, denied, slow, never, future
    "backups-none": (),  # unknown or done
    # documents
    "document": ("what",),  # open (note: keep) or done (notes: kept, found)
    "documents-none": (),  # unknown or done
    # device
    "device-stays": (),  # done, move: the phone stays where it is
    "device-owed": ("money",), "device-paid": (), "device-owed-unknown": (),
    "device-locked": ("day",),  # open; day, when it may be unlocked, may be None (notes: unlock-from, unlock-now)
    "device-unlocked": ("day",), "device-lock-unknown": (),
    # access
    "account-id": ("account",), "account-id-missing": (),
    "account-email": ("email",), "account-email-missing": (),
    "holder-me": (), "holder": ("holder",), "holder-unknown": (),  # note on holder: only-holder
    "account-shared": ("others",),  # done, a fact: the names of the account's other lines
    "account-secret": (),  # unknown: the account's PIN or password, which renewd never knows: have it at hand
    # port-out
    "port-not-needed": (), "port-undecided": (), "port-asked": ("day",),  # done; unknown; done
    "lock": ("lock", "day"),  # lock: the carrier's name for it, None where not known. open, `day`: from then on; or done (note: lock-off)
    "pin": ("life", "day"),  # open: fetch one (notes: pin-from, pin-now); life in days may be None
    "pin-good": ("day", "left"),  # done: works through `day`, `left` more days after today
    "pin-expired": ("day",),  # open: its last day was `day`
    "pin-life-unknown": ("got",),  # unknown: received on `got`, nobody published how long it works
    # canceling
    "channel": ("channels",),  # done, a fact: web, app, phone, chat, support, store, lapse, port-out
    "channel-site": ("site",),  # done, a fact, of what is no line: the page that was written
    "channel-unknown": (),  # unknown
    "autopay-off": (),  # open or done (notes: turn-off-first, other-lines)
    "request-undecided": (),  # unknown: the number's future comes first
    "request-port": (), "request-cancel": (), "request-move": (), "let-lapse": ("day",),  # open; day may be None
    "requested": ("day", "reference"),  # done; reference may be None (note: ask-reference)
    "verify-closed": (),  # open, port: confirm that the line is closed and autopay is off
    # after
    "confirmation": ("day",),  # open (day: since when it has been waited for, or None) or done (confirmed on)
    "final-bill-wait": (), "final-bill": ("money", "day"), "final-bill-none": (),
    "refund-wait": ("money", "day"), "refund-here": ("money", "day"),
    "credit-check": ("day",),  # open, postpaid; day may be None
    "undo": ("day",), "undo-over": ("day",), "undo-unknown": (),  # brought back until
    "watch-charges": ("day",),  # open, of what is no line: is it charged again? day, of the next charge, may be None
    "write-plan": (),  # open, move: the new price and dates, and no [cancel] any more
    "sim-last": ("kind",),  # open: cut or recycle the SIM, delete the eSIM, last of all; kind "esim" or "physical"
}  # fmt: skip
"""Every code of an item, with the args that its sentence may use; `code` is the sentence's key in report.toml."""

NOTE_CODES: tuple[str, ...] = (
    "edit-number", "binding-critical", "binding-can-wait", "binding-stays", "moved",
    "due", "overdue", "no-due", "paid", "balance-refundable", "balance-forfeited", "balance-unsure", "deposit-days",
    "fresh", "stale", "no-file", "empty", "denied", "slow", "never", "future", "keep", "kept", "found",
    "unlock-from", "unlock-now", "edit-device", "edit-account", "edit-holder", "only-holder", "lock-off", "lock-from",
    "pin-from", "pin-now", "ask-reference", "not-by-itself", "keep-card", "before-the-number-goes", "turn-off-first",
    "other-lines",
)  # fmt: skip
"""Every code of a note; the args are the item's, and `by` (edit-*: the key to write), `on` (paid, moved, kept …)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One step of a section: done, open or unknown. Unknown counts as not done.

    A `blocking` item must be done before the line is left. One for `later` need not or cannot be done yet. A `final`
    one cannot be repaired once the line is left. `due` is the last good day, `act` the command that records it, and
    `topic` the carrier's fact (`Carrier.facts`) that it rests on.
    """

    id: str  # within its section: "binding:3fa1c9d2", "pin"
    section: SectionId
    code: str
    state: ItemState
    args: Mapping[str, object] = field(default_factory=dict)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistContext:
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
        """Whether the line has ended, so that nothing can be done on it any more."""
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
