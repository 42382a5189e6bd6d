"""A line that shows how far something is, and is gone once it is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import monotonic
from typing import Self

_QUIET = 0.7  # seconds after which it is shown at all
_EVERY = 0.1


class Progress:
    """Use as a context manager; nothing is ever shown but on a terminal."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._again = monotonic() + _QUIET
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def show(self, text: Callable[[], str]) -> None:
        """Show where it is, in the place of what was shown before."""
        if self._on and monotonic() >= self._again:
            self._again, self._shown = monotonic() + _EVERY, True
            sys.stderr.write(f"\r\x1b[K{text()}")
            sys.stderr.flush()
