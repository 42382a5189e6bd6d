"""A page that is called while all is well, so that somebody else notices when renewd falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from renewd.domain.errors import RenewdError

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

_EVERY = timedelta(minutes=5)  # how often the page is called while all is well
_PATIENCE = 10.0  # seconds for each step of a call
_MOST = 65536  # bytes of an answer that are read


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
            self._tell(RenewdError("service.heartbeat", host=_host_of(url), why=why))

    async def stop(self) -> None:
        """Call no more; one that is under way ends."""
        if self.under_way is not None and not self.under_way.done():
            self.under_way.cancel()
            await asyncio.wait((self.under_way,), timeout=1)


async def call(url: str) -> str | None:
    """Call the page; None where it answered well, else why not, without anything of the address in it."""
    return await asyncio.to_thread(_call, url)


def _host_of(url: str) -> str:
    """Return what may be shown of the address: whoever knows its path can keep it quiet."""
    return urlsplit(url).hostname or "?"


def _call(url: str) -> str | None:
    from http.client import HTTPException  # noqa: PLC0415  # only who has a heartbeat pays for it
    from urllib.error import HTTPError, URLError  # noqa: PLC0415
    from urllib.request import Request  # noqa: PLC0415

    request = Request(url, headers={"User-Agent": "renewd"})  # noqa: S310  # the configuration lets http and https pass
    try:
        with _opener().open(request, timeout=_PATIENCE) as answer:
            answer.read(_MOST)
    except HTTPError as error:
        error.close()
        return f"HTTP {error.code}"
    except URLError as error:
        reason = error.reason
        return (reason.strerror if isinstance(reason, OSError) else "") or type(reason).__name__
    except OSError as error:
        return error.strerror or "timeout"
    except (HTTPException, ValueError):
        return "HTTP ?"
    return None


def _opener() -> OpenerDirector:
    """Return what opens http and https, goes through a proxy, and follows a redirect on the same host alone."""
    from urllib import request  # noqa: PLC0415

    class SameHost(request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            before, after = urlsplit(req.full_url), urlsplit(newurl)
            if after.hostname != before.hostname or (before.scheme == "https" and after.scheme != "https"):
                return None
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(), request.HTTPHandler(), request.HTTPSHandler(), SameHost(),
        request.HTTPDefaultErrorHandler(), request.HTTPErrorProcessor(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener
