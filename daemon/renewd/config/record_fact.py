"""Recording a fact in the file that holds its plan, so that it can be taken back: what `mark` and a tapped link do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from renewd.config.config_files import OpenedConfig
from renewd.config.edit import append_table, find_plan_file, plan_table, remove, set_value
from renewd.config.fact_log import FactRecord, Way, add_to_log
from renewd.config.household import Lookup, build_plan
from renewd.config.table_reader import Mistakes
from renewd.config.text_file import EditedError, locked, rewrite, write
from renewd.config.undo_copy import FileChange, digest, remember
from renewd.domain.dates import day_in
from renewd.domain.errors import Problem, ProblemError, UsageError
from renewd.domain.fact_changes import Append, Change, Fact, Marked, Remove, mark
from renewd.domain.plans import Plan

_ATTEMPTS = 20
_Result = TypeVar("_Result")


class Recorded(NamedTuple):
    """Which files were changed, and what that means for which plan; `kept` if `undo` can take it back."""

    changes: tuple[FileChange, ...]
    records: tuple[FactRecord, ...]
    kept: bool


def recording(state: Path, attempt: Callable[[], _Result]) -> _Result:
    """Return what `attempt` returns, which reads the configuration and records facts of it. Raises UsageError.

    It is called again where its plan was edited meanwhile. No other renewd changes the files until it has ended.
    """
    with locked(state):
        for _ in range(_ATTEMPTS):
            try:
                return attempt()
            except EditedError:
                continue
        raise UsageError("check.keeps-changing", path=state)


def record(
    opened: OpenedConfig,
    state: Path,
    facts: Sequence[tuple[Plan, Fact]],
    now: datetime,
    *,
    person: str | None = None,
    way: Way = "command",
) -> Recorded:
    """Write down all facts or none, within an attempt of `recording`. Raises UsageError, EditedError."""
    marked = [(plan, fact, mark(plan, fact)) for plan, fact in facts]
    by_file: dict[Path, list[tuple[Plan, Marked]]] = {}
    for plan, _, means in marked:
        file = find_plan_file(opened.loaded.files, plan.id)
        if file is None:
            raise UsageError("terminal.mark.no-file", plan=plan.id)
        by_file.setdefault(file, []).append((plan, means))
    changes = _rewritten(opened, by_file, now)
    write_id = digest(changes[0].after)
    records = tuple(
        FactRecord(now, person, way, plan.id, fact.what, means.says, write_id) for plan, fact, means in marked
    )
    kept = remember(state, changes, now)
    add_to_log(state, records)
    return Recorded(changes, records, kept)


def _rewritten(
    opened: OpenedConfig, by_file: Mapping[Path, Sequence[tuple[Plan, Marked]]], now: datetime
) -> tuple[FileChange, ...]:
    """Change the files; where one cannot be, put those before it back."""

    def change(text: str, facts: Sequence[tuple[Plan, Marked]]) -> str:
        for plan, _ in facts:
            if plan_table(text, plan.id) != opened.loaded.good.plan[plan.id].raw:
                raise EditedError
        for plan, means in facts:
            text = changed(text, plan.id, means.changes)
            _prove(opened, plan, text, now)
        return text

    done: list[FileChange] = []
    try:
        for file, facts in by_file.items():
            done.append(FileChange(file, *rewrite(file, partial(change, facts=facts))))
    except BaseException:
        for file, before, after in done:
            with suppress(UsageError, EditedError):
                write(file, before, after)
        raise
    return tuple(done)


def _prove(opened: OpenedConfig, plan: Plan, text: str, now: datetime) -> None:
    """Raise ProblemError where a plan that was right has a mistake in a text."""
    household, report = opened.loaded.household, Mistakes()
    lookup = Lookup(
        household=household,
        catalogue=opened.catalogue,
        today=day_in(now, household.zone),
        folder=opened.loaded.files[0].parent,
    )
    file = opened.loaded.good.plan[plan.id].file
    if build_plan(plan.id, plan_table(text, plan.id), file, lookup, report) is None:
        wrong = next(one for one in report.findings if one.severity == "error")
        path = ".".join(str(part) for part in wrong.path)
        raise ProblemError(Problem(code=wrong.code, file="renewd", path=path, args=wrong.args))


def changed(text: str, plan: str, changes: Sequence[Change]) -> str:
    """Return the text with the changes to one plan made, and nothing else. Raises UsageError."""
    for change in changes:
        path = ("plan", plan, *change.path)
        if isinstance(change, Append):
            text = append_table(text, path, change.table)
        elif isinstance(change, Remove):
            text = remove(text, path)
        else:
            text = set_value(text, path, change.value)
    return text
