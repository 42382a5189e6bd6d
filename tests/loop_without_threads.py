"""A loop for lives in memory: it waits for no file, socket or clock, and starts no thread."""

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
    """Runs what would run in threads itself, at its turn: a ledger in memory holds nobody up, and threads cost more."""

    def __init__(self) -> None:
        super().__init__(_NothingElse())

    async def run_in_executor(self, executor: object, function: Callable[..., object], *words: object) -> object:  # type: ignore[override]
        if self._ready:
            await asyncio.sleep(0)
        return function(*words)


def run_without_threads(life: Coroutine[object, object, T]) -> T:
    """Run a life to its end."""
    with asyncio.Runner(loop_factory=LoopWithoutThreads) as runner:
        return runner.run(life)
