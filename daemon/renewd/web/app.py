"""The ASGI application: which paths are answered, and who may see what."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from renewd.domain.errors import RenewdError
from renewd.web.action_links import ActionLinks
from renewd.web.answers import NOT_FOUND, TOO_MANY, Answer, StaticFiles, not_allowed
from renewd.web.health import UNKNOWN, Health
from renewd.web.links import Links

_CALENDAR = re.compile(r"/calendar/([0-9a-f]{1,64})/([a-z0-9-]{1,40})((?:\.[a-z0-9-]{1,40})?)\.ics")
_DONE = re.compile(r"/done/([A-Za-z0-9_-]{1,1000})")
_READ = ("GET", "HEAD")
_MOST_WRONG = 100  # wrong secrets a minute; above that every wrong one is answered with 429

AsgiScope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class App:
    """Answers requests. `links` returns the current links; their paths may begin with that of the public URL."""

    def __init__(
        self, calendars: Path, links: Callable[[], Links], health: Callable[[], Health], action_links: ActionLinks
    ) -> None:
        self._files = StaticFiles(calendars)
        self._links = links
        self._health = health
        self._action_links = action_links
        self._wrong: list[float] = []

    async def __call__(self, scope: AsgiScope, _receive: Receive, send: Send) -> None:
        """Answer one request. Its body is ignored."""
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope)
        except OSError:  # the keys cannot be read: no secret is right
            answer = Answer(503)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.all_headers()})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: AsgiScope) -> Answer:
        method, links = scope["method"], self._links()
        path = scope["path"].removeprefix(_path_of(links.url))
        if found := _CALENDAR.fullmatch(path):
            return self._calendar(found, links, scope) if method in _READ else not_allowed("GET, HEAD")
        if found := _DONE.fullmatch(path):
            return await self._done(found[1], links, method)
        if path in ("/healthz", "/metrics"):
            if method not in _READ:
                return not_allowed("GET, HEAD")
            return self._how(path)
        return NOT_FOUND

    def _how(self, path: str) -> Answer:
        try:
            health = self._health()
        except RenewdError:  # the ledger cannot be read
            return UNKNOWN
        return health.metrics() if path == "/metrics" else health.answer()

    def _calendar(self, found: re.Match[str], links: Links, scope: AsgiScope) -> Answer:
        token, person, plan = found.groups()
        if hmac.compare_digest(token.encode(), links.token(person).encode()):
            return self._files.answer(f"{person}{plan}.ics", scope["headers"])
        return self._wrong_secret()

    async def _done(self, signed: str, links: Links, method: str) -> Answer:
        if method not in (*_READ, "POST"):
            return not_allowed("GET, HEAD, POST")
        answer = await self._action_links.answer(signed, links, record=method == "POST")
        return self._wrong_secret(answer) if answer.status == 404 else answer

    def _wrong_secret(self, answer: Answer = NOT_FOUND) -> Answer:
        now = time.monotonic()
        self._wrong = [*(at for at in self._wrong[-_MOST_WRONG:] if now - at < 60), now]
        return TOO_MANY if len(self._wrong) > _MOST_WRONG else answer


def _path_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[1] + url.partition("://")[2].partition("/")[2]
