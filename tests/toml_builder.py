"""A plans.toml as an owner has it: written, marked, edited, read; with the shipped catalogue beside it."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from households import day
from renewd.cli.arguments import parse
from renewd.config import Loaded, load
from renewd.config.catalogue import SHIPPED, Catalogue, load_catalogue
from renewd.config.record_fact import changed
from renewd.domain.dates import day_in
from renewd.domain.fact_changes import Fact, mark
from renewd.domain.plans import Household


class File:
    """The text of a plans.toml, and what may be done to it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def load(self, now: datetime) -> Loaded:
        """Read it at an instant. Nothing in it may be wrong."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plans.toml"
            path.write_text(self.text, encoding="utf-8")
            path.chmod(0o600)
            loaded = load(
                path,
                catalogue=catalogue(),
                today=day_in(now, "America/New_York"),
                machine_zone="America/New_York",
                hostname="pi",
            )
        assert not [problem for problem in loaded.problems if problem.severity == "error"]
        return loaded

    def type(self, command: str, household: Household, now: datetime) -> None:
        """Do what `renewd COMMAND` does to it."""
        typed = parse(shlex.split(command))
        assert typed.command == "mark"
        words = vars(typed.values)
        plan = household.plans[words["plan"]]
        given = {key: words[key] for key in ("what", "item", "on", "until", "amount", "reference")}
        marked = mark(plan, Fact(today=day_in(now, plan.zone), **given))
        self.text = changed(self.text, plan.id, marked.changes)

    def edit(self, old: str, new: str) -> None:
        """Put other words in the place of the only ones that read so."""
        assert self.text.count(old) == 1, f"{old!r} stands {self.text.count(old)} times in the file"
        self.text = self.text.replace(old, new)


@cache
def catalogue() -> Catalogue:
    """Return the shipped catalogue."""
    return load_catalogue(SHIPPED)[0]


def pays(
    plan_id: str, *, days_before: int = 1, since: str = "2000-01-01", until: str = "9999-12-31"
) -> Callable[[Household, date], str | None]:
    """Return the habit of paying so many days before `renews` (negative: after it), and of saying so."""

    def habit(household: Household, today: date) -> str | None:
        renews = household.plans[plan_id].renews
        due = renews is not None and renews - timedelta(days=days_before) == today
        return f"mark {plan_id} renewed" if due and day(since) <= today <= day(until) else None

    return habit
