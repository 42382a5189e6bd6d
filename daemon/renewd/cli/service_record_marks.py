"""`service record-marks`: writes into plans.toml what people recorded on their pages; renewd-marks.service runs it."""

from __future__ import annotations

from types import SimpleNamespace

from renewd.cli.commands import Command
from renewd.cli.event_text import EventText
from renewd.cli.problems import sentence, show
from renewd.cli.screen import Screen
from renewd.disk import Paths
from renewd.domain.errors import ConfigError, RenewdError
from renewd.service.handed_over import record_handed_over

COMMAND = Command(
    examples=("service record-marks",),
)


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Record what the daemon has handed over, with a line for each. What cannot be recorded is dropped, and said."""
    try:
        for recorded, error in record_handed_over(paths, args.now, screen.words.code):
            if isinstance(error, ConfigError):
                show(screen, error.problems)
            if error is not None:
                screen.print(screen.say("record-marks.refused", why=sentence(screen, error)))
            if recorded is not None:
                screen.print(EventText(screen.words).recorded(recorded))
    except OSError as error:
        raise RenewdError("service.state-folder", folder=paths.state, why=error.strerror or "") from error
    return 0
