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

executor: Executor = ThreadPoolExecutor(1, thread_name_prefix="ledger")  # a ledger does one thing at a time anyway


async def in_ledger_thread(call: Callable[_P, _R], *args: _P.args, **named: _P.kwargs) -> _R:
    """Return what a blocking call of the ledger returns."""
    return await asyncio.get_running_loop().run_in_executor(executor, partial(call, *args, **named))
