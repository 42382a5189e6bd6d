"""`undo`: puts the file before the last mark back, unless it was edited since."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from renewd.cli.diff import diff
from renewd.cli.paths import Paths
from renewd.cli.screen import Screen
from renewd.config.edit import read, write
from renewd.errors import UsageError
from renewd.state import replace

FILENAME = "undo.json"


def run(_args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Take the last mark back. Raises UsageError where there is none, or the file is not as it left it."""
    with locked(paths.config):
        kept = _kept(paths.state)
        file, before = Path(kept["file"]), kept["before"]
        try:
            after = read(file)
        except (OSError, UnicodeError):
            after = ""
        if _digest(after) != kept["after"]:
            raise UsageError("terminal.undo.edited", file=file)
        write(file, before)
        (paths.state / FILENAME).unlink()
    screen.paragraph(screen.say("undo.done", file=file.name))
    screen.print("", *diff(screen, file.name, after, before))
    return 0


def remember(folder: Path, file: Path, before: str, after: str) -> bool:
    """Keep what a file was before a change, for `undo`; tells whether that could be done."""
    kept = {
        "file": str(file.resolve()),
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "before": before,
        "after": _digest(after),
    }
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(folder / FILENAME, json.dumps(kept, ensure_ascii=False))
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
            return None  # whoever reads it will say why
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except OSError:
            pass
        os.close(handle)  # it was replaced while this waited


def _kept(folder: Path) -> dict[str, str]:
    try:
        kept = json.loads((folder / FILENAME).read_text("utf-8"))
        return {name: str(kept[name]) for name in ("file", "before", "after")}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError("terminal.undo.nothing") from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
