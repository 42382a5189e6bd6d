"""All kinds of reminders, by name: the one list that everything else reads. To add a kind, see CONTRIBUTING.md."""

from __future__ import annotations

from renewd.reminders import (
    backup,
    balance,
    bill,
    binding,
    cancel_by,
    card,
    charge,
    charged,
    data,
    digest,
    final_bill,
    keep_alive,
    lost,
    overdue,
    pause,
    pin,
    promo,
    refund,
    renewal,
    unconfirmed,
    undo,
)
from renewd.reminders.kind import Kind

KINDS: dict[str, Kind] = {
    module.KIND.name: module.KIND
    for module in (
        lost, overdue, pin, cancel_by, renewal, keep_alive, balance, bill, binding, unconfirmed, charge, charged, card,
        data, final_bill, refund, undo, promo, pause, backup, digest,
    )
}  # fmt: skip
