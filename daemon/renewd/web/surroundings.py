"""What the daemon knows that stands in no file, as the pages show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from renewd.domain.diagnosis import Diagnosis
from renewd.domain.findings import Findings
from renewd.domain.plans import Household, Plan
from renewd.ledger import Backoff, Failing, HistoryLine, MailState, StoredMail
from renewd.render.overrides import Overrides
from renewd.web.health import is_stale
from renewd.web.links import Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The daemon at an instant.

    `history` returns the latest mails of a plan, or of all; `mail` one with its bytes; `report` a plan's report as
    HTML; `counts` the mails in each state since an instant; `diagnoses` what `doctor` would find to look at.
    """

    now: datetime
    started: datetime
    read_at: datetime
    passed_at: datetime | None  # when the last pass ended well
    findings: Findings
    overrides: Overrides | None
    failing: tuple[Failing, ...]
    backoffs: Mapping[str, Backoff]  # where somebody is not reached
    history: Callable[[str | None], tuple[HistoryLine, ...]]
    mail: Callable[[int], StoredMail | None]
    report: Callable[[Plan, Household, str], str]
    counts: Callable[[datetime], Mapping[MailState, int]]
    diagnoses: Callable[[], tuple[Diagnosis, ...]]
    links: Links

    @property
    def stale(self) -> bool:
        """Whether no pass has ended well lately."""
        return is_stale(self.passed_at, self.now)
