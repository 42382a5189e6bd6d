"""Recording a fact in the file that holds its plan, so that it can be taken back: what `mark` and a tapped link do."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from renewd.config.config_files import OpenedConfig
from renewd.config.edit import append_table, find_plan_file, read, remove, set_value, write
from renewd.disk import replace
from renewd.domain.errors import UsageError
from renewd.domain.fact_changes import Append, Change, ChangeNote, Fact, Remove, mark
from renewd.domain.plans import Plan

UNDO = "undo.json"


class Recorded(NamedTuple):
    """What was written into which file, and what it means; `kept` where `undo` can take it back."""

    file: Path
    before: str
    after: str
    says: tuple[ChangeNote, ...]
    kept: bool


def record(opened: OpenedConfig, state: Path, plan: Plan, fact: Fact, now: datetime) -> Recorded:
    """Write a fact down; the file must be `locked`. Raises UsageError where it cannot be."""
    marked = mark(plan, fact)
    file = find_plan_file(opened.loaded.files, plan.id)
    if file is None:
        raise UsageError("terminal.mark.no-file", plan=plan.id)
    before = read(file)
    after = changed(before, plan.id, marked.changes)
    kept = remember(state, file, before, after, now)
    write(file, after)
    return Recorded(file, before, after, marked.says, kept)


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


def remember(folder: Path, file: Path, before: str, after: str, now: datetime) -> bool:
    """Keep what a file was before a change, for `undo`. Return whether that was possible."""
    kept = {
        "file": str(file.resolve()),
        "at": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "before": before,
        "after": digest(after),
    }
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(folder / UNDO, json.dumps(kept, ensure_ascii=False))
        return True
    return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep a second `mark` waiting until this one has written; the file itself may be replaced in the meantime."""
    handle = _lock(path)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(path: Path) -> int | None:
    while True:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None  # the reader reports why
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except OSError:
            pass
        os.close(handle)  # it was replaced while this waited


def digest(text: str) -> str:
    """Return the digest of a file's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
