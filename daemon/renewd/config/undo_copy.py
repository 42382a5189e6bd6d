"""The copy that `undo` puts back. It lies in the state folder, and is not believed: docs/security.md says why.

A copy is obeyed only if whoever types `undo`, or the owner of the file itself, wrote it; if it names a file of the
configuration that was loaded; and if only facts of plans differ, or one plan that was added.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import tomli

from renewd.config.fact_log import remove_from_log
from renewd.config.text_file import EditedError, read, write
from renewd.disk import read_trusted, replace
from renewd.domain.dates import utc_text
from renewd.domain.errors import UsageError

UNDO = "undo.json"
# The keys of a plan, and what stands below them, that a fact changes (domain/fact_changes.py).
_FACTS = frozenset(
    {"renews", "day", "failed_on", "receipt", "balance", "keep_alive", "data", "snooze", "bill", "backup", "binding"}
    | {"document", "device", "cancel"}
)
_NO_FACTS = frozenset({"path", "service", "account", "imei"})  # of the items below them


class FileChange(NamedTuple):
    """A file that was changed, and its text before and after."""

    file: Path
    before: str
    after: str


def remember(folder: Path, changes: Sequence[FileChange], now: datetime) -> bool:
    """Keep what files were before a change, for `undo`. Return whether that was possible."""
    first, *more = (
        {"file": os.path.realpath(file), "before": before, "after": digest(after)} for file, before, after in changes
    )
    kept = {**first, "at": utc_text(now), "more": more}
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(folder / UNDO, json.dumps(kept, ensure_ascii=False))
        return True
    return False


def undo(folder: Path, files: Iterable[Path], now: datetime) -> tuple[FileChange, ...]:
    """Put the files before the last change back; `files` are those of the loaded configuration. Raises UsageError."""
    undone = _undone(folder, tuple(files))
    for file, text, before in undone:
        try:
            write(file, before, text)
        except EditedError:
            raise UsageError("terminal.undo.edited", file=file) from None
    (folder / UNDO).unlink(missing_ok=True)
    remove_from_log(folder, digest(undone[0].before), now)
    return undone


def undoable(folder: Path, files: Iterable[Path]) -> str | None:
    """Return the write that `undo` would take back, as the log names it; None if there is none."""
    try:
        return digest(_undone(folder, tuple(files))[0].before)
    except UsageError:
        return None


def _undone(folder: Path, files: Sequence[Path]) -> tuple[FileChange, ...]:
    """Return what `undo` would do, with every check made. Raises UsageError."""
    by_path = {os.path.realpath(file): file for file in files}
    found = []
    for named, before, after in _kept(folder, by_path):
        file = by_path.get(named)
        if file is None:
            raise UsageError("terminal.undo.not-ours", file=named)
        try:
            text = read(file)
        except UsageError:
            text = ""
        if digest(text) != after:
            raise UsageError("terminal.undo.edited", file=file)
        if not _only_facts_differ(before, text):
            raise UsageError("terminal.undo.more-than-facts", file=folder / UNDO)
        found.append(FileChange(file, text, before))
    return tuple(found)


def _kept(folder: Path, files: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return the path, the text and the digest of each file of a copy that may be trusted."""
    owners = {os.geteuid()}
    for file in files:
        with suppress(OSError):
            owners.add(os.stat(file).st_uid)  # noqa: PTH116  # a real path
    try:
        kept = json.loads(read_trusted(folder / UNDO, frozenset(owners)))
        return [(str(one["file"]), str(one["before"]), str(one["after"])) for one in (kept, *kept.get("more", ()))]
    except PermissionError:
        raise UsageError("terminal.undo.not-trusted", file=folder / UNDO) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
        raise UsageError("terminal.undo.nothing") from None


def _only_facts_differ(before: str, after: str) -> bool:
    try:
        then, now = (tomli.loads(text.removeprefix("\ufeff"), parse_float=Decimal) for text in (before, after))
    except (ValueError, RecursionError):
        return False
    differences = list(_differences((), then, now))
    added = {path for path in differences if len(path) == 2 and path[1] not in then.get("plan", {})}
    if added and "plan" in then:
        return len(differences) == 1
    return all(_is_fact(path) for path in differences)


def _is_fact(path: tuple[str, ...]) -> bool:
    return len(path) > 2 and path[0] == "plan" and path[2] in _FACTS and not _NO_FACTS.intersection(path[3:])


def _differences(path: tuple[str, ...], then: object, now: object) -> Iterator[tuple[str, ...]]:
    """Iterate the paths of the smallest parts that differ; the items of a list have no name of their own."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in then.keys() | now.keys():
            yield from _differences((*path, name), then.get(name), now.get(name))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for old, new in zip(then, now, strict=True):
            yield from _differences(path, old, new)
    elif type(then) is not type(now) or then != now:
        yield path


def digest(text: str) -> str:
    """Return the digest of a file's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
