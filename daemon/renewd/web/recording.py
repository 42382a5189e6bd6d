"""Recording what a page or a link of a mail asks for: the way into plans.toml, or to the one who may write it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from renewd.config.config_files import OpenedConfig, open_config, stamp
from renewd.config.edit import find_plan_file
from renewd.config.fact_log import FactRecord, PersonRecorded, Way, facts_of, read_log
from renewd.config.handover import Handover, hand_over, is_set_up
from renewd.config.record_fact import Recorded, record, recording
from renewd.config.text_file import locked
from renewd.config.undo_copy import undo, undoable
from renewd.disk import Paths
from renewd.domain.errors import ConfigError, Problem, RenewdError
from renewd.domain.fact_changes import Fact, Marked, mark
from renewd.domain.plans import Plan
from renewd.i18n import from_environment
from renewd.state import read_good
from renewd.web.asked_fact import AskedFact, BadInputError, fact_of, seen_of

_PATIENCE = timedelta(seconds=3)
_PAUSE = 0.1

_OF_NEXT_DATE = ("needs-until", "no-renews", "until-over", "snooze-over")  # refusals that the form can put right

Reason = Literal["broken", "gone", "used", "input", "cannot", "unwritable", "edited"]


class Recording(NamedTuple):
    """A fact that a form asks for, with what was typed into its fields."""

    asked: AskedFact
    typed: Mapping[str, str]


class Waiting(NamedTuple):
    """The facts were taken in, and the helper is about to write them; without facts, to take the last ones back."""

    facts: tuple[tuple[Plan, Marked], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nothing was recorded. `problems` are the file's, `latest` is what was recorded last about the same fact."""

    reason: Reason
    error: RenewdError | BadInputError | None = None
    problems: tuple[Problem, ...] = ()
    plan: Plan | None = None
    latest: FactRecord | None = None


class _RefusedError(Exception):
    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refused = refused


def is_writable(files: Sequence[Path]) -> bool:
    """Whether files can be replaced here: the new one is put beside the old one."""
    folders = {Path(os.path.realpath(file)).parent for file in files}
    return all(os.access(folder, os.W_OK) for folder in folders)


def can_record(paths: Paths) -> bool:
    """Whether a fact can be written here, or handed over to the helper."""
    return is_writable([paths.config]) or is_set_up(paths.state)


class Recorder:
    """Reads and changes the files of one configuration. `clock` returns aware UTC instants.

    `tell` is called with what was written here, from the thread that wrote it. The helper tells of its own writes.
    """

    def __init__(
        self,
        config: Path,
        state: Path,
        clock: Callable[[], datetime],
        tell: Callable[[PersonRecorded], None] = lambda _: None,
    ) -> None:
        self.config = config
        self.state = state
        self.clock = clock
        self._tell = tell
        self._seen: tuple[object, OpenedConfig] | None = None

    def open(self) -> OpenedConfig:
        """Return the configuration as it stands, what is broken as it was last good. Raises ConfigError."""
        now = self.clock()
        if self._seen is not None:
            before, opened = self._seen
            if before == (now.date(), stamp(opened.loaded, self.config)):
                return opened
        opened = open_config(self.config, now, language=from_environment(), good=read_good(self.state))
        self._seen = (now.date(), stamp(opened.loaded, self.config)), opened
        return opened

    def log(self) -> tuple[FactRecord, ...]:
        """Return what was recorded in the last 7 days, newest first."""
        return read_log(self.state, self.clock())

    def undoable(self, opened: OpenedConfig, person: str) -> str | None:
        """Return the write that a person may take back: the last one, if it is about their plans alone."""
        write = undoable(self.state, opened.loaded.files)
        about = [one.plan for one in self.log() if one.write == write]
        theirs = {plan.id for plan in opened.loaded.household.plans_of(person)}
        return write if about and theirs.issuperset(about) else None

    def may_record(self) -> bool:
        """Whether a fact can be recorded here at all."""
        return can_record(Paths(self.config, self.state))

    def preview(self, facts: Sequence[Recording], person: str) -> tuple[tuple[Plan, Marked], ...] | Refused:
        """Return what facts would change, without recording them."""
        try:
            return tuple((plan, mark(plan, fact)) for plan, fact in self._checked(self._strict(), facts, person))
        except _RefusedError as error:
            return error.refused
        except RenewdError as error:
            return Refused(reason="cannot", error=error)

    def record(self, facts: Sequence[Recording], person: str, way: Way) -> Recorded | Waiting | Refused:
        """Record facts, all or none, as `renewd mark` does."""

        def attempt() -> Recorded | tuple[tuple[Plan, Fact], ...]:
            opened = self._strict()
            checked = self._checked(opened, facts, person)
            files = [find_plan_file(opened.loaded.files, plan.id) for plan, _ in checked]
            if is_writable([file for file in files if file is not None]):
                return record(opened, self.state, checked, self.clock(), person=person, way=way)
            return checked

        try:
            done = recording(self.state, attempt)
            if isinstance(done, Recorded):
                self._tell(PersonRecorded(person, way, facts_of(done.records)))
            return done if isinstance(done, Recorded) else self._hand_over(done, facts, person, way)
        except _RefusedError as error:
            return error.refused
        except RenewdError as error:
            return Refused(reason="cannot", error=error)

    def undo(self, write: str, person: str, way: Way) -> tuple[FactRecord, ...] | Waiting | Refused:
        """Take back a write, if it still is the last one. Return what was taken back."""
        try:
            opened = self.open()
            with locked(self.state):
                if self.undoable(opened, person) != write:
                    return Refused(reason="edited")
                records = tuple(one for one in self.log() if one.write == write)
                writable = is_writable(opened.loaded.files)
                if writable:
                    undo(self.state, opened.loaded.files, self.clock())
        except ConfigError as error:
            return Refused(reason="broken", problems=error.problems)
        except RenewdError as error:
            return Refused(reason="cannot", error=error)
        if not writable:
            return self._hand_over_undo(Handover(person, way, undo=write), records)
        self._tell(PersonRecorded(person, way, facts_of(records), undone=True))
        return records

    def _strict(self) -> OpenedConfig:
        """Read the configuration without the last good form of what is broken: only what is right is changed."""
        try:
            return open_config(self.config, self.clock(), language=from_environment())
        except ConfigError as error:
            raise _RefusedError(Refused(reason="broken", problems=error.problems)) from None

    def _checked(self, opened: OpenedConfig, facts: Sequence[Recording], person: str) -> tuple[tuple[Plan, Fact], ...]:
        checked = []
        for asked, typed in facts:
            plan = opened.loaded.household.plans.get(asked.plan)
            if plan is None or find_plan_file(opened.loaded.files, plan.id) is None:
                errors = tuple(
                    one for one in opened.problems if one.severity == "error" and one.plan in (None, asked.plan)
                )
                raise _RefusedError(Refused(reason="broken" if errors else "gone", problems=errors))
            if person not in plan.told:
                raise _RefusedError(Refused(reason="gone"))
            if seen_of(plan, asked.what, asked.item) != asked.seen:
                raise _RefusedError(Refused(reason="used", plan=plan, latest=self._latest(asked)))
            try:
                fact = fact_of(plan, asked, typed, self.clock())
                mark(plan, fact)
            except BadInputError as error:
                raise _RefusedError(Refused(reason="input", error=error, plan=plan)) from None
            except RenewdError as error:
                raise _RefusedError(self._refusal(error, plan, asked)) from None
            checked.append((plan, fact))
        return tuple(checked)

    def _refusal(self, error: RenewdError, plan: Plan, asked: AskedFact) -> Refused:
        key = error.code.removeprefix("terminal.mark.")
        if key in _OF_NEXT_DATE:
            return Refused(reason="input", error=BadInputError("until", f"refused.{key}"), plan=plan)
        used = key == "nothing-changes"
        return Refused(reason="used" if used else "cannot", error=error, plan=plan, latest=self._latest(asked))

    def _latest(self, asked: AskedFact) -> FactRecord | None:
        return next((one for one in self.log() if (one.plan, one.what) == (asked.plan, asked.what)), None)

    def _hand_over(
        self, checked: Sequence[tuple[Plan, Fact]], facts: Sequence[Recording], person: str, way: Way
    ) -> Recorded | Waiting | Refused:
        handled = self._handled(Handover(person, way, tuple((plan.id, fact) for plan, fact in checked)))
        if isinstance(handled, Refused):
            return handled
        if not handled:
            return Waiting(tuple((plan, mark(plan, fact)) for plan, fact in checked))
        return self._written(checked, facts)

    def _hand_over_undo(
        self, handover: Handover, records: tuple[FactRecord, ...]
    ) -> tuple[FactRecord, ...] | Waiting | Refused:
        handled = self._handled(handover)
        if isinstance(handled, Refused):
            return handled
        if not handled:
            return Waiting()
        return Refused(reason="cannot") if any(one.write == handover.undo for one in self.log()) else records

    def _handled(self, handover: Handover) -> bool | Refused:
        """Return whether the helper has dealt with what is handed over, within a few seconds."""
        if not is_set_up(self.state):
            return Refused(reason="unwritable")
        try:
            file = hand_over(self.state, handover)
        except OSError:
            return Refused(reason="unwritable")
        until = time.monotonic() + _PATIENCE.total_seconds()
        while file.exists():
            if time.monotonic() > until:
                return False
            time.sleep(_PAUSE)
        return True

    def _written(self, checked: Sequence[tuple[Plan, Fact]], facts: Sequence[Recording]) -> Recorded | Refused:
        """Return what the helper has made of facts, seen by the file."""
        plans = self._strict().loaded.household.plans
        for (plan, _), (asked, _) in zip(checked, facts, strict=True):
            if (now := plans.get(plan.id)) is not None and seen_of(now, asked.what, asked.item) == asked.seen:
                return Refused(reason="cannot", plan=plan)
        write = self.log()[0].write if self.log() else ""
        return Recorded((), tuple(one for one in self.log() if one.write == write), kept=True)
