"""What was found on disk and in the ledger, as values: the core reads neither."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple

from renewd.domain.plans import Backup, Plan


class Seen(NamedTuple):
    """What was found at a path: the day of its newest file in the plan's zone, and that file's size in bytes.

    `why` says why nothing was found: "none" (no file), "empty" (of 0 bytes), "denied" (no permission) or "slow" (no
    answer in time).
    """

    day: date | None = None
    size: int = 0
    why: Literal["none", "empty", "denied", "slow"] | None = None


class Findings(NamedTuple):
    """What was found on disk and in the ledger.

    `newest` is the day of the newest file behind a backup's path by (plan, what), in the plan's zone; `seen` is
    all that was found, by (plan, "backup" or "document", what); `since` is when the ledger first saw a plan
    in its present form, by plan.
    """

    newest: Mapping[tuple[str, str], date] = {}
    seen: Mapping[tuple[str, str, str], Seen] = {}
    since: Mapping[str, datetime] = {}


NOTHING_FOUND = Findings()


def last_made(plan: Plan, backup: Backup, findings: Findings) -> date | None:
    """Return the day of the last backup: that of the newest file or the one the user wrote, whichever is later."""
    known = [day for day in (backup.done_on, findings.newest.get((plan.id, backup.what))) if day is not None]
    return max(known, default=None)


def item_id(name: str) -> str:
    """Return the item of a key: 8 hex digits of its name's SHA-256, in NFC. See docs/rules.md#reminder-kinds."""
    import hashlib  # noqa: PLC0415  # 3 ms, which few commands need

    return hashlib.sha256(unicodedata.normalize("NFC", name).encode()).hexdigest()[:8]
