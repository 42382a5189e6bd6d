"""The command line: one module a command, imported when it is asked for."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING

from renewd import __version__
from renewd.domain.errors import ConfigError, RenewdError, UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from types import SimpleNamespace
    from typing import TextIO

    from renewd.cli.screen import Screen

_LONG = ("run", "demo", "simulate", "ledger copy")  # commands that search for garbage: they may take minutes


def main(argv: Sequence[str] | None = None, *, now: datetime | None = None) -> int:
    """Carry out a command line and return its exit code: 0, 1, 2, 3, 75 or 78.

    `now` (aware UTC) is the instant that commands go by: the clock's, unless another is given.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed by whoever started this
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123  # it stays open
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a plan's name may hold what this terminal cannot show
    if argv is None:
        atexit.register(gc.freeze)  # else Python would search all objects for garbage once more when the process ends
    os.umask(os.umask(0o077) & 0o077)  # whoever writes a file may read it, whatever the umask was
    try:
        code = _carry_out(sys.argv[1:] if argv is None else argv, now)
        sys.stdout.flush()
    except BrokenPipeError:  # `renewd agenda | head` has seen enough
        _give_up_output()
        return 0
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return _too_little(
                "too-many-files", "renewd may not open as many files as it needs: raise the limit (ulimit -n)."
            )
        if error.errno is None:
            raise
        return _refused(error)
    except MemoryError:
        return _too_little("no-memory", "There is not enough memory for renewd.")
    except KeyboardInterrupt:
        return 130
    return code


def _too_little(key: str, text: str) -> int:
    """Say what the machine has too little of; with the text where not even the words can be read."""
    with suppress(OSError, MemoryError):
        from renewd.i18n import from_environment, language

        text = language(from_environment(os.environ)).say(f"terminal.{key}")
    sys.stderr.write(text + "\n")
    return 75


def _refused(error: OSError) -> int:
    """Say what the system refuses: a file that it names, else the output."""
    from renewd.i18n import from_environment, language

    words, why = language(from_environment(os.environ)), error.strerror
    if error.filename is not None:
        text = words.say("terminal.refused", what=os.fsdecode(error.filename), why=why)
    else:
        _give_up_output()
        text = words.say("terminal.no-output", why=why)
    sys.stderr.write(text + "\n")
    return 1


def _give_up_output() -> None:
    """Discard the output that is still buffered: Python would write it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _carry_out(argv: Sequence[str], now: datetime | None) -> int:
    from renewd.cli.arguments import parse

    config = None
    gc.disable()  # what a command makes lives as long as it does
    with ExitStack() as afterwards:
        afterwards.callback(gc.enable)
        try:
            name, values = parse(argv)
            config = values.config
            if values.version:
                sys.stdout.write(f"renewd {__version__}\n")
                return 0
            if values.help or not name:
                return _help(_screen(config, sys.stdout), name, asked=bool(values.help))
            afterwards.enter_context(_completed_commands(config, values.state))
            return _run(name, values, now)
        except RenewdError as error:
            return _say(error, _screen(config or _typed_config(argv), sys.stderr))


def _completed_commands(config: str | None, state: str | None) -> AbstractContextManager[None]:
    """Complete commands with `--config` and `--state` where only these lead to the same files."""
    if config is None and state is None:
        return nullcontext()
    from renewd.cli.paths import options_to_find
    from renewd.cli.screen import with_options
    from renewd.i18n import commands_completed

    options = options_to_find(config, state, os.environ)
    return commands_completed(partial(with_options, options)) if options else nullcontext()


def _run(name: str, values: SimpleNamespace, now: datetime | None) -> int:
    from datetime import UTC, datetime

    from renewd.cli.commands import module_of
    from renewd.cli.paths import find, settle_zone

    values.now = now or datetime.now(UTC)
    settle_zone(os.environ)
    paths = find(values.config, values.state, os.environ)
    if os.geteuid() == 0:
        from renewd.cli.service_user import become_service_user

        become_service_user(name, paths, output=getattr(values, "output", None))
    module = module_of(name)
    if name in _LONG:
        gc.enable()
    if name == "run" or not getattr(values, "quiet", None):
        return module.run(values, paths, _screen(values.config, sys.stdout))
    held = io.StringIO()
    code = module.run(values, paths, _screen(values.config, held))
    sys.stdout.write(held.getvalue() if code else "")
    return code


def _typed_config(argv: Sequence[str]) -> str | None:
    """Return the file that a command line names, where the line itself is wrong."""
    words = iter(argv)
    for word in words:
        name, equals, path = word.partition("=")
        if name == "--config":
            return path if equals else next(words, None)
    return None


def _screen(config: str | None, stream: TextIO) -> Screen:
    """Return the screen in the language of the file that was named, else of the one that is found."""
    from renewd.cli.paths import find, language_of
    from renewd.cli.screen import Screen

    paths = find(config, None, os.environ)
    return Screen(language_of(paths.config, os.environ), stream)


def _help(screen: Screen, name: str, *, asked: bool) -> int:
    from renewd.cli import help as help_

    if asked:
        help_.of(screen, name)
    else:
        help_.overview(screen.on(sys.stderr))
    return 0 if asked else UsageError.exit_code


def _say(error: RenewdError, screen: Screen) -> int:
    """Print on standard error the problems, then the sentence on what ended the command."""
    from renewd.cli.problems import sentence, show

    if isinstance(error, ConfigError) and error.problems:
        show(screen, error.problems)
    screen.print(sentence(screen, error))  # not wrapped: it holds paths and commands to copy
    return error.exit_code
