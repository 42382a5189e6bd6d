"""What is computed of a plan once while it is the one that everything is asked about."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from renewd.domain.plans import Plan

_R = TypeVar("_R")


def kept(function: Callable[[Plan], _R]) -> Callable[[Plan], _R]:
    """Keep what a function returns for the latest plan: each kind of reminder asks the same about one plan."""
    latest: tuple[Plan, _R] | None = None

    @wraps(function)
    def asked(plan: Plan) -> _R:
        nonlocal latest
        known = latest  # another thread may ask about another plan
        if known is None or known[0] is not plan:
            known = latest = (plan, function(plan))
        return known[1]

    return asked
