"""`undo`: puts the file before the last mark back, unless it was edited since."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

from renewd.cli.commands import Command
from renewd.cli.diff import diff
from renewd.cli.screen import Screen
from renewd.config.edit import read, write
from renewd.config.record_fact import UNDO, digest, locked
from renewd.disk import Paths
from renewd.domain.errors import UsageError

COMMAND = Command(
    examples=("undo",),
)


def run(_args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Take the last mark back. Raises UsageError if there is none, or the file was edited since."""
    with locked(paths.config):
        kept = _kept(paths.state)
        file, before = Path(kept["file"]), kept["before"]
        try:
            after = read(file)
        except (OSError, UnicodeError):
            after = ""
        if digest(after) != kept["after"]:
            raise UsageError("terminal.undo.edited", file=file)
        write(file, before)
        (paths.state / UNDO).unlink()
    screen.paragraph(screen.say("undo.done", file=file.name))
    screen.print("", *diff(screen, file.name, after, before))
    return 0


def _kept(folder: Path) -> dict[str, str]:
    try:
        kept = json.loads((folder / UNDO).read_text("utf-8"))
        return {name: str(kept[name]) for name in ("file", "before", "after")}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError("terminal.undo.nothing") from None
