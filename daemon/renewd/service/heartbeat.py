"""A page that is called while all is well, so that somebody else notices when renewd falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from renewd.domain.errors import RenewdError
from renewd.domain.outcome import DeliveryError

if TYPE_CHECKING:
    from renewd.channels.http import HttpAnswer

_EVERY = timedelta(minutes=5)  # how often the page is called while all is well
_PATIENCE = 10.0  # seconds for a call, redirects included
_MOST_REDIRECTS = 3


class Heartbeat:
    """Calls the page at its pace. `tell` hears why it did not answer."""

    def __init__(self, tell: Callable[[RenewdError], None]) -> None:
        self._tell = tell
        self._at: datetime | None = None
        self.under_way: asyncio.Task[None] | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for a call, and none is under way."""
        if self.under_way is not None and not self.under_way.done():
            return False
        return self._at is None or not timedelta(0) <= now - self._at < _EVERY

    def beat(self, url: str, now: datetime) -> None:
        """Begin a call, and leave it to itself: a page that hangs must not hold up a mail."""
        self._at = now
        self.under_way = asyncio.create_task(self._call(url))

    async def _call(self, url: str) -> None:
        why = await call(url)
        if why is not None:
            code = "answered" if why.startswith("HTTP") else why
            self._tell(RenewdError(f"service.heartbeat.{code}", host=_host_of(url), why=why))

    async def stop(self) -> None:
        """Call no more; one that is under way ends."""
        if self.under_way is not None and not self.under_way.done():
            self.under_way.cancel()
            await asyncio.wait((self.under_way,), timeout=1)


async def call(url: str) -> str | None:
    """Call the page; None where it answered well, else why not, without anything of the address in it."""
    from renewd.channels.http import HttpRequest, ask, open_client  # noqa: PLC0415  # only a heartbeat needs it

    try:
        async with asyncio.timeout(_PATIENCE), open_client() as client:
            answer = await ask(client, HttpRequest(url, method="GET"))
            for _ in range(_MOST_REDIRECTS):
                following = _redirected(url, answer)
                if following is None:
                    break
                url, answer = following, await ask(client, HttpRequest(following, method="GET"))
    except DeliveryError as error:
        return error.outcome.reason.removeprefix("push-")
    except TimeoutError:
        return "lost"
    return None if answer.status < 300 else f"HTTP {answer.status}"


def _redirected(url: str, answer: HttpAnswer) -> str | None:
    """Return where an answer leads on the same host, and never from https to http; None elsewhere."""
    target = answer.headers.get("location")
    if target is None or not 300 <= answer.status < 400:
        return None
    following = urljoin(url, target)
    before, after = urlsplit(url), urlsplit(following)
    safe = after.hostname == before.hostname and after.scheme in ("https", before.scheme)
    return following if safe else None


def _host_of(url: str) -> str:
    """Return what may be shown of the address: whoever knows its path can keep it quiet."""
    return urlsplit(url).hostname or "?"
