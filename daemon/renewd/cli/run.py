"""`run`: the daemon, in the foreground; `--once` for cron."""

from __future__ import annotations

import os
import sys
import threading
from types import SimpleNamespace

from renewd.cli.commands import Command, Option
from renewd.cli.console_log import Voice
from renewd.cli.journal_log import Logbook
from renewd.cli.screen import Screen
from renewd.cli.status_line import Standing
from renewd.disk import Paths
from renewd.domain.errors import ConfigError, RenewdError
from renewd.service import journal, lifecycle
from renewd.service.events import DaemonEvent
from renewd.service.journal import ERROR, Journal

COMMAND = Command(
    options=(Option("once"),),
    examples=("run", "run --once"),
)

_PATIENCE = 0.3  # seconds for a thread to end by itself


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Run until told to stop, or send what is due and end."""
    once = bool(args.once)
    log = Journal() if journal.connected() else None
    journal.listen(log)
    book = Logbook(screen.words, log) if log else None
    voice = book or Voice(screen, once=once)
    standing = Standing(screen.words)

    def tell(event: DaemonEvent) -> None:
        voice.tell(event)
        standing.tell(event)

    try:
        code = lifecycle.run(paths, tell, once=once)
    except RenewdError as error:
        if book is None:
            raise
        code = _say(error, book, screen)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(_PATIENCE)
            if thread.is_alive():  # hung in a name server that does not answer: an ordinary end would wait for it
                sys.stdout.flush()
                os._exit(code)
    return code


def _say(error: RenewdError, book: Logbook, screen: Screen) -> int:
    """Write what stopped it into the journal, where the lines of the file have no business."""
    from renewd.cli.problems import sentence

    if isinstance(error, ConfigError):
        book.problems(error.problems)
    book.write(sentence(screen, error), ERROR, "ended")
    return error.exit_code
