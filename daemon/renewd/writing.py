"""One writer for the ledger: what several senders have to write at once is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from renewd.ledger import Backoff, Draft, Ledger, LedgerError, Settlement


class Writer:
    """Gathers the writes of all who wait into one commit, off the event loop.

    The end of a try that could not be written (a full disk) is kept in memory and written first next time.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: list[_Write] = []
        self._running: asyncio.Task[None] | None = None
        self._left: list[Settlement] = []

    async def exchange(
        self,
        settlements: Sequence[Settlement],
        drafts: Sequence[Draft],
        backoffs: Mapping[str, Backoff | None],
    ) -> list[int | None]:
        """Write ends of tries, new mails and back-offs; give the new mails' ids. Raises LedgerError."""
        write = _Write(settlements, drafts, backoffs)
        self._waiting.append(write)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(write.ids)

    async def settle_what_is_left(self) -> None:
        """Write the ends of tries that could not be written before. Raises LedgerError if they still cannot."""
        if self._left:
            left, self._left = self._left, []
            await self.exchange(left, (), {})

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                ids = await asyncio.to_thread(
                    self._ledger.exchange,
                    [settlement for write in batch for settlement in write.settlements],
                    [draft for write in batch for draft in write.drafts],
                    {key: backoff for write in batch for key, backoff in write.backoffs.items()},
                )
            except LedgerError as error:
                for write in batch:
                    self._left += write.settlements
                    if not write.ids.done():
                        write.ids.set_exception(error)
                continue
            given = iter(ids)
            for write in batch:
                own = [next(given) for _ in write.drafts]
                if not write.ids.done():
                    write.ids.set_result(own)


class _Write:
    def __init__(
        self,
        settlements: Sequence[Settlement],
        drafts: Sequence[Draft],
        backoffs: Mapping[str, Backoff | None],
    ) -> None:
        self.settlements = settlements
        self.drafts = drafts
        self.backoffs = backoffs
        self.ids: asyncio.Future[list[int | None]] = asyncio.get_running_loop().create_future()
