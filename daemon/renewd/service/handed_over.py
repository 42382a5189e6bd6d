"""Recording what the daemon has handed over: the part of the service that may write plans.toml, and has no network.

The daemon's word is not believed. A person records facts of their own plans only, by the same code as `renewd mark`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from renewd.config.config_files import open_config
from renewd.config.fact_log import PersonRecorded, facts_of, read_log
from renewd.config.handover import Handover, take
from renewd.config.record_fact import Recorded, record, recording
from renewd.config.text_file import locked
from renewd.config.undo_copy import undo, undoable
from renewd.disk import Paths
from renewd.domain.dates import day_in
from renewd.domain.errors import RenewdError, UsageError
from renewd.domain.fact_changes import Fact
from renewd.domain.plans import Household, Plan


class HandledHandover(NamedTuple):
    """What became of something that was handed over: what was recorded, or why nothing was changed."""

    recorded: PersonRecorded | None
    error: RenewdError | None


def record_handed_over(paths: Paths, now: datetime, language: str) -> Iterator[HandledHandover]:
    """Record everything that was handed over, and iterate what became of each. Raises OSError."""
    for handover in take(paths.state, now.date()):
        try:
            if handover is None:
                raise UsageError("terminal.record-marks.not-ours")
            write = _record if handover.undo is None else _undo
            handled = HandledHandover(write(paths, handover, now, language), None)
        except RenewdError as error:
            handled = HandledHandover(None, error)
        yield handled


def _record(paths: Paths, handover: Handover, now: datetime, language: str) -> PersonRecorded:
    def attempt() -> Recorded:
        opened = open_config(paths.config, now, language=language)
        facts = tuple(_own(opened.loaded.household, handover, now))
        return record(opened, paths.state, facts, now, person=handover.person, way=handover.way)

    return PersonRecorded(handover.person, handover.way, facts_of(recording(paths.state, attempt).records))


def _own(household: Household, handover: Handover, now: datetime) -> Iterator[tuple[Plan, Fact]]:
    """Iterate the facts with their plans. Raises UsageError where one is not for this person to record."""
    for id_, fact in handover.facts:
        plan = household.plans.get(id_)
        if plan is None or handover.person not in plan.told:
            raise UsageError("terminal.record-marks.not-theirs", plan=id_, person=handover.person)
        yield plan, fact._replace(today=day_in(now, plan.zone))


def _undo(paths: Paths, handover: Handover, now: datetime, language: str) -> PersonRecorded:
    loaded = open_config(paths.config, now, language=language).loaded
    with locked(paths.state):
        records = [one for one in read_log(paths.state, now) if one.write == handover.undo]
        about = {one.plan for one in records}
        theirs = {plan.id for plan in loaded.household.plans_of(handover.person)}
        if not about or about - theirs:
            raise UsageError("terminal.record-marks.not-theirs", plan=", ".join(about) or "?", person=handover.person)
        if undoable(paths.state, loaded.files) != handover.undo:
            raise UsageError("terminal.undo.nothing")
        undo(paths.state, loaded.files, now)
    return PersonRecorded(handover.person, handover.way, facts_of(records), undone=True)
