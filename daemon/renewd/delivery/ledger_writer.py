"""The one writer of the ledger: what several connections write at the same time is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from renewd.ledger import Backoff, Ledger, LedgerError, Settlement, Start
from renewd.ledger.executor import in_ledger_thread

_PATIENCE = 0.5  # seconds: a stop must not wait long for a ledger that another program holds


class LedgerWriter:
    """Joins the writes of all connections that wait into one commit, off the event loop.

    An outcome that could not be written (a full disk) is kept in memory. The next pass writes it first.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: list[_Write] = []
        self._writing: list[_Write] = []
        self._running: asyncio.Task[None] | None = None
        self._left: list[Settlement] = []

    async def exchange(
        self,
        settlements: Sequence[Settlement],
        starts: Sequence[Start],
        backoffs: Mapping[str, Backoff | None],
    ) -> Collection[int]:
        """Write outcomes, starts and back-offs. Return the started mails, which may leave. Raises LedgerError."""
        if self._running is not None:
            self._ended(self._running)
        write = _Write(settlements, starts, backoffs)
        self._waiting.append(write)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
            self._running.add_done_callback(self._ended)
        return await write.begun

    def keep(self, settlement: Settlement) -> None:
        """Keep the outcome of an attempt that was broken off, to be written by `settle_what_is_left`."""
        self._left.append(settlement)

    async def settle_what_is_left(self) -> None:
        """Write the outcomes that could not be written before. Raises LedgerError if they still cannot be written.

        A write that is still running, as its connection was canceled, is waited for.
        """
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running], timeout=_PATIENCE)
        if self._left:
            left, self._left = self._left, []
            await self.exchange(left, (), {})

    async def _run(self) -> None:
        while self._waiting:
            self._writing, self._waiting = self._waiting, []
            try:
                begun = await in_ledger_thread(
                    self._ledger.exchange,
                    [settlement for write in self._writing for settlement in write.settlements],
                    [start for write in self._writing for start in write.starts],
                    {key: backoff for write in self._writing for key, backoff in write.backoffs.items()},
                )
            except Exception as error:  # noqa: BLE001  # every connection that waits gets the error
                self._fail(error)
                continue
            for write in self._writing:
                if not write.begun.done():
                    write.begun.set_result(begun)
            self._writing = []

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Wake whoever still waits where the task was canceled or has failed."""
        if task is self._running and task.done() and (task.cancelled() or task.exception() is not None):
            self._writing, self._waiting = [*self._writing, *self._waiting], []
            self._fail(LedgerError("delivery.ledger-error", path="", why="canceled"))

    def _fail(self, error: Exception) -> None:
        """Wake every connection whose write failed, and keep its outcomes."""
        for write in self._writing:
            self._left += write.settlements
            if not write.begun.done():
                write.begun.set_exception(error)
        self._writing = []


class _Write:
    def __init__(
        self,
        settlements: Sequence[Settlement],
        starts: Sequence[Start],
        backoffs: Mapping[str, Backoff | None],
    ) -> None:
        self.settlements = settlements
        self.starts = starts
        self.backoffs = backoffs
        self.begun: asyncio.Future[Collection[int]] = asyncio.get_running_loop().create_future()
