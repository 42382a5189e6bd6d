"""When each plan last changed. A new or edited plan is not late, and is held until its file has been left alone."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from renewd.config import Loaded
from renewd.domain.plans import Plan
from renewd.ledger import Ledger, PlanVersion
from renewd.ledger.executor import in_ledger_thread

_STILL = timedelta(minutes=5)  # what becomes due by an edit waits until the file has been left alone for so long


class PlanVersions:
    """The form of every plan in force, and which of them the last edit changed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._forms = ledger.plan_versions()
        self._changed: set[str] = set()
        self._at: datetime | None = None

    async def follow(self, loaded: Loaded, now: datetime, *, edited: bool) -> None:
        """Take note of the plans as they stand now; `edited` where somebody has just written the file."""
        prints = _fingerprints(loaded)
        changed = {
            plan: PlanVersion(fingerprint, now)
            for plan, fingerprint in prints.items()
            if plan not in self._forms or self._forms[plan].fingerprint != fingerprint
        }
        gone = [plan for plan in self._forms if plan not in prints]
        if changed or gone:
            await in_ledger_thread(self._ledger.set_plan_versions, changed, gone)
            self._forms = {plan: form for plan, form in self._forms.items() if plan in prints} | changed
        if edited:
            if self._at is None or now - self._at >= _STILL:
                self._changed = set()
            self._changed |= set(changed)
            self._at = now

    def since(self) -> dict[str, datetime]:
        """Return since when each plan has been as it is."""
        return {plan: form.since for plan, form in self._forms.items()}

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of each plan, which changes with the plan."""
        return {plan: form.fingerprint for plan, form in self._forms.items()}

    def go_on(self, now: datetime) -> bool:
        """Whether the file was edited so recently that more edits may follow."""
        return self._at is not None and timedelta(0) <= now - self._at < _STILL

    def hold(self, plan: Plan, now: datetime) -> bool:
        """Whether a plan waits because it has just been edited (docs/rules.md#reminder-kinds)."""
        return plan.id in self._changed and self.go_on(now)


def _fingerprints(loaded: Loaded) -> dict[str, str]:
    """Return a fingerprint of each plan and of the file's defaults."""
    home = loaded.household
    defaults = repr((home.zone, home.currency, sorted(home.leads.items()), tuple(home.people)))
    if home.has_own_leads:
        defaults += repr([(one.id, sorted(one.leads.items())) for one in home.people.values()])
    shared, good = defaults.encode(), loaded.good.plan
    return {plan: _fingerprint(good[plan].raw, shared) for plan in home.plans}


def _fingerprint(raw: object, shared: bytes) -> str:
    """Return the fingerprint of a plan as it is written, and of what all plans share."""
    found = hashlib.blake2b(repr(raw).encode(), digest_size=8)
    found.update(shared)  # not copied: with thousands of people it is longer than the plan
    return found.hexdigest()
