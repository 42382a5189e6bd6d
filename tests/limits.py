"""Limits of this process, lowered for a test, and of its patience."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let this process open no further file."""
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    old = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, old)


class WaitedError(BaseException):  # nothing that catches exceptions may catch it
    """Something was waited for longer than a test allows."""


@contextmanager
def no_longer_than(seconds: int) -> Iterator[None]:
    """Raise WaitedError where a call of the main thread does not return, as on a pipe that nobody writes to."""

    def late(*_: object) -> None:
        raise WaitedError(f"{seconds} s")

    old = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
