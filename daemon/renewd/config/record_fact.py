"""Recording a fact in the file that holds its plan, so that it can be taken back: what `mark` and a tapped link do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from renewd.config.config_files import OpenedConfig
from renewd.config.edit import append_table, find_plan_file, plan_table, remove, set_value
from renewd.config.text_file import EditedError, locked, rewrite
from renewd.config.undo import remember
from renewd.domain.errors import UsageError
from renewd.domain.fact_changes import Append, Change, ChangeNote, Fact, Remove, mark
from renewd.domain.plans import Plan

_ATTEMPTS = 20
_Result = TypeVar("_Result")


class Recorded(NamedTuple):
    """What was written into which file, and what it means; `kept` where `undo` can take it back."""

    file: Path
    before: str
    after: str
    says: tuple[ChangeNote, ...]
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


def record(opened: OpenedConfig, state: Path, plan: Plan, fact: Fact, now: datetime) -> Recorded:
    """Write a fact down, within an attempt of `recording`. Raises UsageError where it cannot be, EditedError."""
    marked = mark(plan, fact)
    file = find_plan_file(opened.loaded.files, plan.id)
    if file is None:
        raise UsageError("terminal.mark.no-file", plan=plan.id)
    known = opened.loaded.good.plan[plan.id].raw

    def change(text: str) -> str:
        if plan_table(text, plan.id) != known:
            raise EditedError
        return changed(text, plan.id, marked.changes)

    before, after = rewrite(file, change)
    return Recorded(file, before, after, marked.says, remember(state, file, before, after, now))


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
