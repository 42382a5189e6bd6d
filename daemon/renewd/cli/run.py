"""`run`: the daemon, in the foreground; `--once` for cron."""

from __future__ import annotations

import os
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

from renewd.cli.commands import QUIET, Command, Option
from renewd.cli.screen import Screen
from renewd.disk import Paths
from renewd.domain.errors import ConfigError, RenewdError
from renewd.i18n import LANGUAGES, language

if TYPE_CHECKING:
    from renewd.cli.journal_log import JournalLog
    from renewd.service.daemon_events import DaemonEvent

COMMAND = Command(
    options=(Option("once"), QUIET),
    examples=("run", "run --once --quiet"),
)

_PATIENCE = 0.3  # seconds for a thread to end by itself


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Run until told to stop, or send what is due and end."""
    from renewd.cli.console_log import ConsoleLog
    from renewd.cli.journal_log import JournalLog
    from renewd.cli.status_line import StatusLine
    from renewd.service import journal, lifecycle

    for one in LANGUAGES:
        language(one).keys()  # all sentences are read now: an upgrade while it runs must not mix two versions
    once = bool(args.once)
    socket = journal.Journal() if journal.connected() else None
    journal.listen(socket)
    journal_log = JournalLog(screen.words, socket) if socket else None
    log = journal_log or ConsoleLog(screen, once=once, quiet=bool(args.quiet))
    status_line = StatusLine(screen.words)

    def tell(event: DaemonEvent) -> None:
        try:
            log.tell(event)
        except OSError:  # nobody reads on, or the disk is full: mails go out all the same
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status_line.tell(event)

    before = threading.enumerate()
    try:
        code = lifecycle.run(paths, tell, once=once)
    except RenewdError as error:
        if journal_log is None:
            raise
        code = _say(error, journal_log, screen)
    for thread in threading.enumerate():
        if thread not in before and not thread.daemon:
            thread.join(_PATIENCE)
            if thread.is_alive():  # hung in a name server that does not answer: an ordinary end would wait for it
                sys.stdout.flush()
                os._exit(code)
    return code


def _say(error: RenewdError, log: JournalLog, screen: Screen) -> int:
    """Write into the journal what ended the run, without the lines of the file."""
    from renewd.cli.problems import sentence
    from renewd.service.journal import ERROR

    if isinstance(error, ConfigError):
        log.problems(error.problems)
    log.write(sentence(screen, error), ERROR, "ended")
    return error.exit_code
