"""The garbage collector, which need not look at what stays until the file changes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def long_lived(*, collect: bool = True) -> Iterator[None]:
    """Keep what is made meanwhile, thousands of plans perhaps, out of all later collections.

    It is freed all the same when it is dropped, as plans do not refer to themselves. Garbage that does would stay for
    good: with `collect` it is freed first.
    """
    gc.disable()
    try:
        yield
        if collect:
            gc.collect()
        gc.freeze()
    finally:
        gc.enable()


def keep_out_of_collections() -> None:
    """Keep what there is now out of all later collections, without walking what is older than a moment.

    A full collection holds up every thread. The library that writes the calendars and what else came with a start are
    50,000 objects, which take 30 ms.
    """
    gc.collect(1)  # young garbage that refers to itself would stay for good
    gc.freeze()
