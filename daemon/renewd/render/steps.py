"""A limit on the number of steps that a user's template may take."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from jinja2.exceptions import SecurityError

MOST_STEPS = 1_000_000  # lines and calls of templates in one block or layout; a long digest takes some thousands


@contextmanager
def limited_steps() -> Iterator[None]:
    """End the block with a SecurityError after so many steps: a clock would depend on how busy the machine is."""
    left = MOST_STEPS

    def step(frame: FrameType, _event: str, _arg: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise SecurityError(f"> {MOST_STEPS}")
        return step if "__jinja_template__" in frame.f_globals else None

    before = sys.gettrace()
    sys.settrace(step)  # type: ignore[arg-type]
    try:
        yield
    finally:
        sys.settrace(before)
