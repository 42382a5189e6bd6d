"""The one writer of the ledger: what several connections write at the same time is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from renewd.ledger import Backoff, Ledger, Settlement, Start

_PATIENCE = 0.5  # seconds: a stop must not wait long for a ledger that another program holds


class LedgerWriter:
    """Joins the writes of all connections that wait into one commit, off the event loop.

    An outcome that could not be written (a full disk) is kept in memory. The next pass writes it first.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: list[_Write] = []
        self._running: asyncio.Task[None] | None = None
        self._left: list[Settlement] = []

    async def exchange(
        self,
        settlements: Sequence[Settlement],
        starts: Sequence[Start],
        backoffs: Mapping[str, Backoff | None],
    ) -> Collection[int]:
        """Write outcomes, starts and back-offs. Return the started mails, which may leave. Raises LedgerError."""
        write = _Write(settlements, starts, backoffs)
        self._waiting.append(write)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await write.begun

    async def settle_what_is_left(self) -> None:
        """Write the outcomes that could not be written before. Raises LedgerError if they still cannot be written.

        A write that is still running, as its connection was cancelled, is waited for.
        """
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running], timeout=_PATIENCE)
        if self._left:
            left, self._left = self._left, []
            await self.exchange(left, (), {})

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                begun = await asyncio.to_thread(
                    self._ledger.exchange,
                    [settlement for write in batch for settlement in write.settlements],
                    [start for write in batch for start in write.starts],
                    {key: backoff for write in batch for key, backoff in write.backoffs.items()},
                )
            except Exception as error:  # noqa: BLE001  # every connection that waits gets the error, and the outcomes are kept
                for write in batch:
                    self._left += write.settlements
                    if not write.begun.done():
                        write.begun.set_exception(error)
                continue
            for write in batch:
                if not write.begun.done():
                    write.begun.set_result(begun)


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
