"""`run`: the daemon, in the foreground; `--once` for cron."""

from __future__ import annotations

import os
import sys
import threading
from types import SimpleNamespace

from renewd import service
from renewd.cli.paths import Paths
from renewd.cli.screen import Screen
from renewd.cli.voice import Voice

_PATIENCE = 0.3  # seconds for a thread to end by itself


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Run until told to stop, or send what is due and end."""
    once = bool(args.once)
    code = service.run(service.Paths(paths.config, paths.state), Voice(screen, once=once).tell, once=once)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(_PATIENCE)
            if thread.is_alive():  # hung in a name server that does not answer: an ordinary end would wait for it
                sys.stdout.flush()
                os._exit(code)
    return code
