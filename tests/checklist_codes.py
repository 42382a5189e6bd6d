"""Every code of a readiness report, each of which has a sentence in every language: the program may use no other."""

from __future__ import annotations

from collections.abc import Mapping

ITEM_CODES: Mapping[str, tuple[str, ...]] = {
    # number
    "number-undecided": (),  # open: port, drop or move? note: edit-number
    "number-port": (), "number-drop": (), "number-move": (),  # done; move: stays, on a cheaper plan
    "line-ended": (),  # done: the carrier has confirmed the end
    "line-works": (), "line-stopped": ("day",),  # done; open: off since `day` (a stopped line cannot be ported)
    "line-due": ("day",),  # open: a postpaid line, past due since `day`
    # bindings; kind is "2fa", "login", "payment" or "contact"
    "binding": ("service", "kind"),  # open (notes: binding-critical, binding-can-wait, binding-stays, after the end binding-dead, binding-ported) or done (moved)
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
    "device-locked": ("day",),  # open; day, when it may be unlocked, may be None (notes: unlock-from, unlock-now, unlock-still)
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
    "edit-number", "binding-critical", "binding-can-wait", "binding-stays", "binding-dead", "binding-ported", "moved",
    "due", "overdue", "no-due", "paid", "balance-refundable", "balance-forfeited", "balance-unsure", "deposit-days",
    "fresh", "stale", "no-file", "empty", "denied", "slow", "never", "future", "keep", "kept", "found",
    "unlock-from", "unlock-now", "unlock-still", "edit-device", "edit-account", "edit-holder", "only-holder", "lock-off", "lock-from",
    "pin-from", "pin-now", "ask-reference", "not-by-itself", "keep-card", "before-the-number-goes", "turn-off-first",
    "other-lines",
)  # fmt: skip
"""Every code of a note; the args are the item's, and `by` (edit-*: the key to write), `on` (paid, moved, kept …)."""

POINT_CODES = (
    "today", "pin-from", "pin-until", "safe", "charge", "by", "stops", "lost", "requested", "confirmed", "final-bill",
    "refund", "undo",
)  # fmt: skip
"""What a day of the timeline is; `stops` is the renewal date, on which unpaid service ends."""

CALL_CODES = (
    "say-port", "say-cancel", "say-move", "say-lapse", "say-undecided", "say-account", "say-reason", "say-device",
    "say-balance", "say-deposit",
    "ask-lock-off", "ask-pin", "ask-not-cancel", "ask-autopay-off", "ask-when", "ask-change", "ask-final-bill", "ask-address",
    "say-moved", "ask-closed", "ask-new-price", "ask-written", "ask-zero-balance", "ask-reference",
)  # fmt: skip
"""Lines of the call script, in no order; args of all: see `Call`."""
