"""The health of renewd, as in `renewd status`, for monitors and for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from renewd.domain.dates import utc_text

STALE = timedelta(minutes=5)  # a pass begins every half minute; a long one waits for a mail server that does not answer
UNKNOWN = {"healthy": False, "wrong": ["trouble"]}  # where the ledger cannot be read


def is_stale(passed_at: datetime | None, now: datetime) -> bool:
    """Whether no pass has ended lately."""
    return passed_at is None or not timedelta(0) <= now - passed_at < STALE


class Health(NamedTuple):
    """The state of renewd at `now`. `passed_at` is when its last pass ended, `trouble` whether that pass failed."""

    now: datetime
    passed_at: datetime | None
    trouble: bool
    failing: int  # people who cannot be reached
    problems: int  # mistakes in the file
    plans: int
    next_mail: datetime | None
    mails: Mapping[str, int] = {}  # of the last 13 months, by state

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is wrong; empty if all is well."""
        found = {
            "no-look": is_stale(self.passed_at, self.now),
            "trouble": self.trouble,
            "not-delivered": self.failing,
            "mistakes": self.problems,
        }
        return tuple(name for name, there in found.items() if there)

    def as_json(self) -> dict[str, object]:
        """Return what `/healthz` answers: what is wrong, without names."""
        return {
            "healthy": not self.wrong,
            "wrong": list(self.wrong),
            "looked": utc_text(self.passed_at) if self.passed_at else None,
            "next_mail": utc_text(self.next_mail) if self.next_mail else None,
        }

    def metrics(self) -> str:
        """Return what `/metrics` answers, in the text format of Prometheus."""
        gauges: dict[str, tuple[str, float | None]] = {
            "healthy": ("Whether all is well: 1 or 0.", int(not self.wrong)),
            "last_look_timestamp_seconds": (
                "When renewd last looked at the clock and the file.",
                _unix(self.passed_at),
            ),
            "next_mail_timestamp_seconds": ("When the next mail is due, as things stand.", _unix(self.next_mail)),
            "plans": ("Plans that are watched.", self.plans),
            "people_not_reached": ("People whom no mail has reached lately.", self.failing),
            "config_problems": ("Mistakes in plans.toml.", self.problems),
        }
        lines = []
        for name, (about, value) in gauges.items():
            if value is not None:
                lines += [f"# HELP renewd_{name} {about}", f"# TYPE renewd_{name} gauge", f"renewd_{name} {value:.0f}"]
        lines += ["# HELP renewd_mails Mails kept in the ledger, by state.", "# TYPE renewd_mails gauge"]
        lines += [f'renewd_mails{{state="{state}"}} {count}' for state, count in sorted(self.mails.items())]
        return "\n".join(lines) + "\n"


def _unix(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
