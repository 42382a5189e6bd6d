"""The thread that the ledger's calls run in, beside the event loop.

The loop's own threads may all hang in a name server that does not answer. Then no outcome could be written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class _LedgerThread:
    def __init__(self) -> None:
        self.executor: Executor = self._new()

    def end(self) -> None:
        """Let the thread end once it has nothing to do; the next call gets a new one."""
        self.executor.shutdown(wait=False)
        self.executor = self._new()

    @staticmethod
    def _new() -> Executor:
        return ThreadPoolExecutor(1, thread_name_prefix="ledger")  # a ledger does one thing at a time anyway


thread = _LedgerThread()


async def in_ledger_thread(call: Callable[_P, _R], *args: _P.args, **named: _P.kwargs) -> _R:
    """Return what a blocking call of the ledger returns."""
    return await asyncio.get_running_loop().run_in_executor(thread.executor, partial(call, *args, **named))
