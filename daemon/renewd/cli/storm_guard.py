"""The guard against storms: about one cause, one line a minute."""

from __future__ import annotations

import time
from collections.abc import Callable

_PAUSE = 60.0  # seconds between two lines of one cause
_MOST_KEPT = 1000  # causes that differ each time must not fill the memory


class StormGuard:
    """Remembers when a line about each cause was written."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[object, float] = {}

    def holds(self, cause: object) -> bool:
        """Whether a line about this cause was written within the last minute; if not, one is written now."""
        now = self._clock()
        if now - self._said.get(cause, -_PAUSE) < _PAUSE:
            return True
        if len(self._said) > _MOST_KEPT:
            self._said.clear()
        self._said[cause] = now
        return False
