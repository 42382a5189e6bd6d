"""The files behind a pattern of `include`. A folder that cannot be read is a mistake, and never counts as empty."""

from __future__ import annotations

import glob
import os
import re
import stat
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from renewd.config.table_reader import Mistake

MOST_FOLDERS = 10_000  # below the folder of a pattern with **
_OF_THE_KERNEL = ("proc", "sys", "dev")  # what lies there has no end, and looking at it may hang
# What Syncthing, Dropbox, Nextcloud and others name the copy that they make where two devices changed a file.
_CONFLICT = r"\.sync-conflict-|conflicted copy|\(conflict\b|冲突"


class Matching(NamedTuple):
    """The files that match a pattern, what keeps others from being seen, and the folders that could not be read."""

    files: list[Path]
    mistakes: list[Mistake]
    unseen: list[Path]


def matching(pattern: Path) -> Matching:
    """Return what an absolute or relative pattern leads to."""
    mistakes = [mistake for folder in _folders(pattern) if (mistake := _unseen(folder)) is not None]
    if "**" in pattern.parts and _is_endless(folder_of(pattern)):
        mistakes = [_mistake("check.include-too-wide", folder_of(pattern), most=MOST_FOLDERS)]
    unseen = [Path(str(mistake.args["path"])) for mistake in mistakes]
    if folder_of(pattern) in unseen:
        return Matching([], mistakes, unseen)
    found = []
    for name in sorted(glob.glob(str(pattern), recursive=True)):  # noqa: PTH207  # pathlib's takes no absolute pattern
        path = Path(name)
        if not _may_be_a_file(path):
            continue
        if re.search(_CONFLICT, path.name, re.IGNORECASE):
            mistakes.append(_mistake("check.conflict-copy", path, "warning"))
        else:
            found.append(path)
    return Matching(found, mistakes, unseen)


def folder_of(pattern: Path) -> Path:
    """Return the deepest folder of a pattern that is named without a wildcard."""
    return next((folder for folder in pattern.parents if not glob.has_magic(str(folder))), Path())


def _folders(pattern: Path) -> list[Path]:
    """Return the folder of a pattern, and those that the folders in it match; those behind ** are left out."""
    if not glob.has_magic(str(pattern.parent)) or "**" in pattern.parts:
        return [folder_of(pattern)]
    within = (Path(name) for name in glob.glob(str(pattern.parent)))  # noqa: PTH207  # the same
    return [folder_of(pattern), *(folder for folder in within if folder.is_dir())]


def _unseen(folder: Path) -> Mistake | None:
    try:
        with os.scandir(folder):
            folder.joinpath(".").stat()
    except FileNotFoundError:
        return _mistake("check.no-folder", folder)
    except PermissionError:
        return _mistake("check.folder-denied", folder)
    except OSError as error:
        return _mistake("check.cannot-read", folder, reason=error.strerror)
    return None


def _is_endless(folder: Path) -> bool:
    real = Path(os.path.realpath(folder))
    if real == Path("/") or real.parts[1] in _OF_THE_KERNEL:
        return True
    return next(islice(os.walk(folder), MOST_FOLDERS, None), None) is not None


def _may_be_a_file(path: Path) -> bool:
    """Whether it is a file, or may be one that cannot be seen: then reading it says why."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _mistake(code: str, path: Path, severity: Literal["error", "warning"] = "error", **args: object) -> Mistake:
    return Mistake(("include",), code, {"path": path, **args}, severity=severity)
