"""Wrong secrets, counted by sender: guessing slows down whoever guesses, and nobody else."""

from __future__ import annotations

import time
from collections import deque
from ipaddress import ip_address

from starlette.requests import Request

_MOST_WRONG = 100  # a minute; above that every wrong one is answered with 429
_MOST_CLIENTS = 1000


class Guesses:
    """The wrong secrets of the last minute."""

    def __init__(self) -> None:
        self._wrong: dict[str, deque[float]] = {}

    def too_many(self, request: Request) -> bool:
        """Count a wrong secret. Return whether its sender has sent too many."""
        now = time.monotonic()
        client = _client(request)
        if client not in self._wrong and len(self._wrong) >= _MOST_CLIENTS:
            self._wrong.pop(next(iter(self._wrong)))
        times = self._wrong.setdefault(client, deque(maxlen=_MOST_WRONG + 1))
        times.append(now)
        return len(times) > _MOST_WRONG and now - times[0] < 60


def _client(request: Request) -> str:
    """Return who sent a request; behind a proxy on this machine, the address that the proxy added."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(forwarded)) if ip_address(peer).is_loopback else peer
    except ValueError:
        return peer
