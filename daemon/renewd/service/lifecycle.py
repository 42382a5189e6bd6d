"""The life of the process: start, a pass at every beat, signals, and stop. `daemon` holds what a pass does."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

from renewd.disk import Paths, is_out_of_files
from renewd.domain.errors import InUseError, RenewdError
from renewd.ledger import LedgerError
from renewd.ledger.executor import thread as ledger_thread
from renewd.ledger.places import open_ledger
from renewd.service import systemd
from renewd.service.collector import long_lived
from renewd.service.daemon import Daemon
from renewd.service.daemon_events import Stopped, Tell, Trouble
from renewd.service.live_config import read_config
from renewd.service.systemd import BEAT
from renewd.state import hold, read_good

_LOOP_HANDLES = 3
_STOP_PATIENCE = 2.5  # seconds that a stop waits for a mail in flight
_END_PATIENCE = 0.5  # seconds that the last write may take: another program may hold the ledger

Begin = Callable[[], Awaitable[Daemon]]


def run(paths: Paths, tell: Tell, *, once: bool = False, clock: Callable[[], datetime] | None = None) -> int:
    """Run the daemon until it is told to stop, or `once` for one pass. Return the exit code.

    0; 75 for `once` where something could not be delivered yet; 1 if the ledger is damaged or the state folder is
    gone: a restart, as by systemd, makes a new one. Raises ConfigError where nothing good is left, and InUseError
    where another renewd holds the state folder. A ledger that cannot be reached is waited for, but not `once`.
    """
    clock = clock or _now
    with hold(paths.state), ExitStack() as left:

        async def begin() -> Daemon:
            with long_lived(collect=not once):
                return await _begun(paths, clock, tell, left, once=once)

        if is_out_of_files(_LOOP_HANDLES):  # asyncio leaves a half-made loop that ends in a traceback
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(_once(begin, tell) if once else _serve(begin, tell))
        finally:
            # Not asyncio.run: it waits for threads, and one may hang in a name server that does not answer.
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
            ledger_thread.end()


async def _once(begin: Begin, tell: Tell) -> int:
    try:
        daemon = await begin()
    except LedgerError as error:
        tell(Trouble(error))
        return InUseError.exit_code
    done = await daemon.run_pass()
    await daemon.finish()
    return 0 if done else InUseError.exit_code


async def _serve(begin: Begin, tell: Tell) -> int:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)  # before READY: one that comes early must not end the daemon
    daemon = await _waited_for(begin, tell, stop)
    if daemon is not None:
        await _live(daemon, stop)
    else:
        systemd.notify("STOPPING=1")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)  # it is ending: a second one must not tear the ledger's last write
    return 1 if daemon is not None and daemon.must_restart else 0


async def _waited_for(begin: Begin, tell: Tell, stop: asyncio.Event) -> Daemon | None:
    """Begin as soon as the ledger can be reached; None where a stop came first. Raises ConfigError, InUseError.

    So a database that comes up after this machine needs no restart. systemd is told that the service is ready, as it
    would kill one that waits. Each try reads the file again: the address in it may have been wrong. A stop does not
    wait for a dead network share.
    """
    while not stop.is_set():
        beginning, stopping = asyncio.ensure_future(begin()), asyncio.ensure_future(stop.wait())
        await asyncio.wait((beginning, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not beginning.done():
            beginning.cancel()
            await asyncio.wait((beginning,), timeout=1)
            break
        stopping.cancel()
        try:
            return beginning.result()
        except LedgerError as error:
            tell(Trouble(error))
        systemd.notify("READY=1")
        systemd.notify("WATCHDOG=1")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), BEAT)
    return None


async def _begun(paths: Paths, clock: Callable[[], datetime], tell: Tell, left: ExitStack, *, once: bool) -> Daemon:
    """Read the file, open the ledger that it names, and return the daemon; `left` ends it. Raises RenewdError."""
    good = read_good(paths.state)
    loaded = read_config(paths, clock(), good)
    opened = await asyncio.to_thread(open_ledger, loaded.settings.ledger_url, paths.state, clock())
    with ExitStack() as so_far:
        so_far.callback(_within, _END_PATIENCE, opened.ledger.close)
        daemon = Daemon(
            paths, loaded, good=good, ledger=opened.ledger, fresh=opened.new, clock=clock, tell=tell, once=once
        )
        if opened.damaged is not None:
            tell(Trouble(RenewdError("service.ledger-damaged", path=opened.damaged)))
        await daemon.begin()
        so_far.callback(tell, Stopped())
        so_far.callback(_within, _END_PATIENCE, daemon.end)
        left.push(so_far.pop_all())
    return daemon


async def _live(daemon: Daemon, stop: asyncio.Event) -> None:
    """Run a pass at every beat until the stop, then wait a moment for mails in flight."""
    from renewd.service.scheduler import Scheduler  # noqa: PLC0415  # `run --once` starts without APScheduler

    async def run_pass() -> bool:
        await asyncio.gather(daemon.run_pass(), daemon.listen())  # neither waits for the other, nor fails with it
        if daemon.must_restart:
            stop.set()
        scheduler.wake_at(daemon.wake_at())
        return daemon.is_sound

    def reload() -> None:
        daemon.config.ask_reload()
        scheduler.pass_now()

    scheduler = Scheduler(run_pass)
    daemon.progressed = scheduler.progressed
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
    scheduler.start()
    systemd.notify("READY=1")
    await stop.wait()
    systemd.notify("STOPPING=1")
    daemon.stop()
    await asyncio.gather(scheduler.stop(_STOP_PATIENCE), daemon.stop_listening())
    await daemon.finish()


def _within(seconds: float, act: Callable[[], None]) -> None:
    """Do something in a thread, and wait for so long: a stop must not hang on a ledger that another program holds."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(seconds)


def _now() -> datetime:
    return datetime.now(UTC)
