"""All kinds of reminders, by name: the one list that everything else reads. To add a kind, see CONTRIBUTING.md."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from renewd.reminders.kind import Kind

_MODULES = (
    "lost",
    "overdue",
    "pin",
    "cancel_by",
    "renewal",
    "keep_alive",
    "balance",
    "bill",
    "binding",
    "unconfirmed",
    "charge",
    "charged",
    "card",
    "data",
    "final_bill",
    "refund",
    "undo",
    "promo",
    "pause",
    "backup",
    "digest",
)
"""The modules of the kinds, in the order of the agenda."""


def _kinds(modules: Iterable[str]) -> dict[str, Kind]:
    found: Iterable[Kind] = (import_module(f"{__package__}.{module}").KIND for module in modules)
    return {kind.name: kind for kind in found}


KINDS = _kinds(_MODULES)
