"""A progress line, which is removed at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import monotonic
from typing import Self

_QUIET = 0.7  # seconds after which it is shown at all
_EVERY = 0.1


class Progress:
    """A context manager; it shows nothing if standard error is not a terminal."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._again = monotonic() + _QUIET
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Remove the line."""
        if self._shown:
            self._shown = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def show(self, text: Callable[[], str]) -> None:
        """Replace the line."""
        if self._on and monotonic() >= self._again:
            self._again, self._shown = monotonic() + _EVERY, True
            sys.stderr.write(f"\r\x1b[K{text()}")
            sys.stderr.flush()
