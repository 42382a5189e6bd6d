"""Recording what the daemon has handed over: the part of the service that may write plans.toml, and has no network.

The daemon's word is not believed. A person records facts of their own plans only, by the same code as `renewd mark`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from renewd.config.config_files import open_config
from renewd.config.fact_log import read_log
from renewd.config.handover import Handover, take
from renewd.config.record_fact import record, recording
from renewd.config.text_file import locked
from renewd.config.undo_copy import undo, undoable
from renewd.disk import Paths
from renewd.domain.dates import day_in
from renewd.domain.errors import RenewdError, UsageError
from renewd.domain.fact_changes import Fact
from renewd.domain.plans import Household, Plan


class HandledHandover(NamedTuple):
    """What became of something that was handed over; `error` says why nothing was changed."""

    handover: Handover | None
    error: RenewdError | None


def record_handed_over(paths: Paths, now: datetime, language: str) -> Iterator[HandledHandover]:
    """Record everything that was handed over, and iterate what became of each. Raises OSError."""
    for handover in take(paths.state, now.date()):
        error: RenewdError | None = None
        try:
            if handover is None:
                error = UsageError("terminal.record-marks.not-ours")
            elif handover.undo is not None:
                _undo(paths, handover, handover.undo, now, language)
            else:
                _record(paths, handover, now, language)
        except RenewdError as refused:
            error = refused
        yield HandledHandover(handover, error)


def _record(paths: Paths, handover: Handover, now: datetime, language: str) -> None:
    def attempt() -> None:
        opened = open_config(paths.config, now, language=language)
        facts = tuple(_own(opened.loaded.household, handover, now))
        record(opened, paths.state, facts, now, person=handover.person, way=handover.way)

    recording(paths.state, attempt)


def _own(household: Household, handover: Handover, now: datetime) -> Iterator[tuple[Plan, Fact]]:
    """Iterate the facts with their plans. Raises UsageError where one is not for this person to record."""
    for id_, fact in handover.facts:
        plan = household.plans.get(id_)
        if plan is None or handover.person not in plan.told:
            raise UsageError("terminal.record-marks.not-theirs", plan=id_, person=handover.person)
        yield plan, fact._replace(today=day_in(now, plan.zone))


def _undo(paths: Paths, handover: Handover, write: str, now: datetime, language: str) -> None:
    loaded = open_config(paths.config, now, language=language).loaded
    with locked(paths.state):
        about = {one.plan for one in read_log(paths.state, now) if one.write == write}
        theirs = {plan.id for plan in loaded.household.plans_of(handover.person)}
        if not about or about - theirs:
            raise UsageError("terminal.record-marks.not-theirs", plan=", ".join(about) or "?", person=handover.person)
        if undoable(paths.state, loaded.files) != write:
            raise UsageError("terminal.undo.nothing")
        undo(paths.state, loaded.files, now)
