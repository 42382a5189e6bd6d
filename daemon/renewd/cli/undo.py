"""`undo`: puts the file before the last mark back, unless it was edited since."""

from __future__ import annotations

from types import SimpleNamespace

from renewd.cli.commands import Command
from renewd.cli.diff import diff
from renewd.cli.reading import open_file
from renewd.cli.screen import Screen
from renewd.config.text_file import locked
from renewd.config.undo_copy import undo
from renewd.disk import Paths
from renewd.domain.errors import ConfigError

COMMAND = Command(
    examples=("undo",),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Take the last mark back. Raises UsageError if there is none, or the file was edited since."""
    try:
        files = open_file(paths, args.now, screen, as_it_runs=False, needs_plans=False).loaded.files
    except ConfigError:
        files = (paths.config,)
    with locked(paths.state):
        undone = undo(paths.state, files, args.now)
    for change in undone:
        screen.paragraph(screen.say("undo.done", file=change.file.name))
        screen.print("", *diff(screen, change.file.name, change.before, change.after))
    return 0
