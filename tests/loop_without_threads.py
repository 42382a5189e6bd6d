"""A loop that starts no thread; for lives in memory it waits for no file, socket or clock either."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


class _NothingElse(selectors.SelectSelector):
    """Watches no file: a life in memory waits for none."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout == 0, "nothing is left that could go on"
        return []


class LoopWithoutThreads(asyncio.SelectorEventLoop):
    """Runs what would run in threads itself, at its turn: a ledger of few mails holds nobody up, and threads cost more."""

    async def run_in_executor(self, executor: object, function: Callable[..., object], *words: object) -> object:  # type: ignore[override]
        if self._ready:
            await asyncio.sleep(0)
        return function(*words)


def run_without_threads(life: Coroutine[object, object, T], *, sockets: bool = False) -> T:
    """Run a life to its end; with `sockets`, it may wait for them and for the clock."""
    with asyncio.Runner(loop_factory=lambda: LoopWithoutThreads(None if sockets else _NothingElse())) as runner:
        return runner.run(life)
