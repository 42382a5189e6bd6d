"""HTTP as renewd speaks it: one deadline for all of a request, no redirects, short answers, nothing in the log."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from renewd import __version__
from renewd.domain.outcome import DeliveryError, Outcome, Reason, Result

if TYPE_CHECKING:
    from httpx2 import AsyncClient

_DEADLINE = 10.0  # seconds for a request and its answer
_CONNECT, _STEP = 3.0, 8.0
_MOST = 65_536  # bytes of an answer that are read
_KEEP_ALIVE = 8.0  # seconds; shorter than the servers keep an idle connection, so that none is closed under a request


class HttpRequest(NamedTuple):
    """A request. `url` may hold a secret, so it is never logged."""

    url: str
    content: bytes = b""
    headers: Mapping[str, str] = {}
    method: str = "POST"


class HttpAnswer:
    """The answer to a request, of which at most 64 kB were read."""

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.text = content.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Mapping[str, object] | None:
        """The JSON object that it is; None for anything else."""
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


def prepare() -> None:
    """Import the client and read the certificates: a tenth of a second, spent in a thread before the first request."""
    import httpx2  # noqa: F401, PLC0415

    _trust()


def open_client(proxy: str | None = None) -> AsyncClient:
    """Return a client, through a proxy if one is named here or by the environment. Raises DeliveryError."""
    import httpx2  # noqa: PLC0415  # 50 ms, which only a push or a heartbeat costs

    for name in ("httpx2", "httpcore2"):  # they log every address, and some addresses are secrets
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        return httpx2.AsyncClient(
            verify=_trust(),
            proxy=proxy,
            timeout=httpx2.Timeout(_STEP, connect=_CONNECT, pool=None),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=_KEEP_ALIVE),
            headers={"User-Agent": f"renewd/{__version__}", "Accept-Encoding": "identity"},
        )
    except (ValueError, ImportError) as error:  # what a proxy variable holds is no address, or wants a library
        raise DeliveryError(_failure("push-proxy")) from error


async def ask(client: AsyncClient, request: HttpRequest) -> HttpAnswer:
    """Return the answer to a request. Raises DeliveryError, whose outcome says whether it may have arrived."""
    import httpx2  # noqa: PLC0415

    try:
        async with (
            asyncio.timeout(_DEADLINE),
            client.stream(
                request.method, request.url, content=request.content, headers=dict(request.headers)
            ) as answer,
        ):
            content = b""
            async for chunk in answer.aiter_raw():  # not unpacked: 64 kB could become 64 MB
                content += chunk
                if len(content) >= _MOST:
                    break
            return HttpAnswer(answer.status_code, dict(answer.headers), content[:_MOST])
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        tls = any(isinstance(one, ssl.SSLError) for one in _causes(error)) or "CERTIFICATE" in str(error)
        raise DeliveryError(_failure("push-tls" if tls else "push-unreachable")) from None
    except httpx2.ProxyError:
        raise DeliveryError(_failure("push-proxy")) from None
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, UnicodeError):
        raise DeliveryError(_failure("push-settings")) from None
    except (httpx2.HTTPError, TimeoutError):
        raise DeliveryError(_failure("push-lost", "unknown")) from None


def _failure(reason: Reason, result: Result = "failed") -> Outcome:
    return Outcome(result=result, scope="account", reason=reason)


def _causes(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()  # one for the process: making it takes 40 ms
