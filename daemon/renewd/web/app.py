"""The web application: its addresses, who may see what, and how much of a form is read."""

from __future__ import annotations

import hmac
from asyncio import get_running_loop
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from renewd.domain.errors import ConfigError, RenewdError
from renewd.web.calendar_files import CalendarFolder
from renewd.web.guesses import Guesses
from renewd.web.health import UNKNOWN, Health
from renewd.web.links import Links
from renewd.web.person_pages import PersonPages
from renewd.web.recording import Recorder
from renewd.web.responses import PRIVATE, bad_form, broken, not_found, too_many, unavailable
from renewd.web.surroundings import Surroundings
from renewd.web.taps import TapPages

_MOST_FORM = 65536  # bytes
_MOST_READ = 8 * 1024 * 1024  # of a form that is too large, before the connection is closed
_MOST_FIELDS = 300
_MOST_AT_ONCE = 4  # pages, and as many records: whoever waits for a lock keeps no thread from pages and mails
_HIDDEN = ("Cc", "Cf", "Co", "Cs")  # controls, those of direction and of color included
_HEADERS = (
    (b"referrer-policy", b"no-referrer"), (b"x-content-type-options", b"nosniff"), (b"x-robots-tag", b"noindex"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the application serves. `links` are the current links, which raise OSError where the keys cannot be read."""

    calendars: Path
    recorder: Recorder
    links: Callable[[], Links]
    health: Callable[[], Health]
    surroundings: Callable[[], Surroundings]


class App:
    """The application, as an ASGI server calls it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._files = CalendarFolder(site.calendars)
        self._guesses = Guesses()
        self._people = PersonPages(site.recorder, site.surroundings)
        self._taps = TapPages(site.recorder)
        self._drawing = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="page")
        self._recording = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="record")
        self._app: ASGIApp = Starlette(
            routes=[
                Route("/p/{token}/record", self._record, methods=["POST"]),
                Route("/p/{token}/undo", self._undo, methods=["POST"]),
                Route("/p/{token}", self._with_slash, methods=["GET"]),
                Route("/p/{token}/{path:path}", self._page, methods=["GET"]),
                Route("/done/{signed}", self._done, methods=["GET", "POST"]),
                Route("/done/{signed}/", self._without_slash, methods=["GET"]),
                Route("/calendar/{token}/{name}", self._calendar, methods=["GET"]),
                Route("/healthz", self._healthz, methods=["GET"]),
                Route("/metrics", self._metrics, methods=["GET"]),
            ],
            exception_handlers={
                404: _missing,
                ConfigError: _broken,
                OSError: _unavailable,
                RenewdError: _unavailable,
            },
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, with the headers that every answer has; paths may begin with that of the public URL."""
        if scope["type"] != "http":
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        path = scope["path"].removeprefix(urlsplit(self._site.links().url).path)
        await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, with_headers)

    def warm(self) -> None:
        """Draw a page of each language, so that the first reader does not wait for templates and words to be loaded."""
        with suppress(RenewdError, OSError):  # whoever asks for the page is told
            self._people.warm()

    # --- pages

    async def _page(self, request: Request) -> Response:
        token, path = request.path_params["token"], request.path_params["path"]
        answer = await get_running_loop().run_in_executor(
            self._drawing, self._people.answer, token, path, _lists(request.query_params), _accepted(request)
        )
        return self._secret(request, answer)

    async def _with_slash(self, request: Request) -> Response:
        return RedirectResponse(f"{request.path_params['token']}/", 308, PRIVATE)

    async def _without_slash(self, request: Request) -> Response:
        return RedirectResponse(f"../{request.path_params['signed']}", 308, PRIVATE)

    async def _record(self, request: Request) -> Response:
        return await self._posted(request, self._people.record)

    async def _undo(self, request: Request) -> Response:
        return await self._posted(request, self._people.undo)

    async def _posted(
        self, request: Request, act: Callable[[str, Mapping[str, Sequence[str]], str], Response]
    ) -> Response:
        form = await _form(request)
        if isinstance(form, Response):
            return form
        return self._secret(
            request,
            await get_running_loop().run_in_executor(
                self._recording, act, request.path_params["token"], form, _accepted(request)
            ),
        )

    async def _done(self, request: Request) -> Response:
        signed, links = request.path_params["signed"], self._site.links()
        if request.method == "POST":
            form = await _form(request)
            if isinstance(form, Response):
                return form
            fields = {name: values[0] for name, values in form.items()}
            answer = await get_running_loop().run_in_executor(
                self._recording, self._taps.record, signed, links, fields, _accepted(request)
            )
        else:
            query = {name: values[-1] for name, values in _lists(request.query_params).items()}
            answer = await get_running_loop().run_in_executor(
                self._drawing, self._taps.show, signed, links, query, _accepted(request)
            )
        return self._secret(request, answer)

    # --- the rest

    async def _calendar(self, request: Request) -> Response:
        name = request.path_params["name"]
        person = name.removesuffix(".ics").partition(".")[0]
        given, links = request.path_params["token"].encode(), self._site.links()
        if name.endswith(".ics") and hmac.compare_digest(given, links.token(person).encode()):
            return self._files.answer(name, request.headers)
        return self._secret(request, not_found())

    async def _healthz(self, _request: Request) -> Response:
        try:
            health = self._site.health()
        except RenewdError:
            return JSONResponse(UNKNOWN, 503, PRIVATE)
        return JSONResponse(health.as_json(), 503 if health.wrong else 200, PRIVATE)

    async def _metrics(self, _request: Request) -> Response:
        try:
            health = self._site.health()
        except RenewdError:
            return JSONResponse(UNKNOWN, 503, PRIVATE)
        return Response(health.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8", headers=PRIVATE)

    def _secret(self, request: Request, answer: Response) -> Response:
        """Return an answer, or that there were too many, to a sender of wrong secrets."""
        if answer.status_code == 404 and self._guesses.too_many(request):
            return too_many(_accepted(request))
        return answer


async def _missing(_request: Request, _error: Exception) -> Response:
    return not_found()


async def _broken(request: Request, _error: Exception) -> Response:
    return broken(_accepted(request))


async def _unavailable(request: Request, _error: Exception) -> Response:
    return unavailable(_accepted(request))


async def _form(request: Request) -> dict[str, list[str]] | Response:
    """Return the fields of a form; the page that says so where it is too large, or no form."""
    body = bytearray()
    read = 0
    try:
        async for part in request.stream():  # to the end: a client that is cut off sees no answer
            read += len(part)
            if read <= _MOST_FORM:
                body += part
            elif read > _MOST_READ:
                break
    except ClientDisconnect:
        return bad_form(_accepted(request))
    if read > _MOST_FORM:
        return bad_form(_accepted(request), large=True)

    async def receive() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    try:
        form = await Request(request.scope, receive).form(max_files=0, max_fields=_MOST_FIELDS)
    except (HTTPException, ValueError):
        return bad_form(_accepted(request))
    return _lists(form)


def _lists(fields: ImmutableMultiDict[str, Any]) -> dict[str, list[str]]:
    """Return what was typed, by field."""
    return {name: [_seen(one) for one in fields.getlist(name) if isinstance(one, str)] for name in fields}


def _seen(typed: str) -> str:
    """Return a text with U+FFFD for each hidden character: no field takes that, and no page repeats the character."""
    if typed.isprintable():
        return typed
    return "".join("\ufffd" if category(one) in _HIDDEN and one not in "\t\r\n" else one for one in typed)


def _accepted(request: Request) -> str:
    return request.headers.get("accept-language", "")
