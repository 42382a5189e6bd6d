"""Answers to HTTP requests, and calendar files served from a folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

Header = tuple[bytes, bytes]

_ALWAYS: tuple[Header, ...] = (
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
)
_WHOLE = b"END:VCALENDAR\r\n"
_TAG = re.compile(rb'(?:W/)?"[^"]*"')


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `headers` are those beside the ones that every response has."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""

    def all_headers(self) -> list[Header]:
        """Return all headers: its own, those of every response, and the body's length if the status has a body."""
        length = () if self.status == 304 else ((b"content-length", str(len(self.body)).encode()),)
        return [*self.headers, *_ALWAYS, *length]


NOT_FOUND = Answer(404, ((b"content-type", b"text/plain; charset=utf-8"),), b"not found\n")
TOO_MANY = Answer(429, ((b"retry-after", b"60"),))


def not_allowed(methods: str) -> Answer:
    """Return the answer to a method that an address does not support."""
    return Answer(405, ((b"allow", methods.encode()),))


def text(status: int, kind: str, body: str, *headers: Header) -> Answer:
    """Return an answer with a text that must not be cached."""
    return Answer(status, ((b"content-type", kind.encode()), (b"cache-control", b"no-store"), *headers), body.encode())


class _Held(NamedTuple):
    stamp: tuple[int, int, int]
    body: bytes
    tag: bytes
    modified: datetime


class StaticFiles:
    """The calendar files of a folder. A file is read again only when it has been replaced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, _Held] = {}

    def answer(self, name: str, headers: Iterable[Header]) -> Answer:
        """Return a file, 304 if the client has it, or 404 if it is missing or incomplete."""
        held = self._look(name)
        if held is None:
            return NOT_FOUND
        about = (
            (b"etag", held.tag),
            (b"last-modified", format_datetime(held.modified, usegmt=True).encode()),
            (b"cache-control", b"private, no-cache"),
        )
        if _has_it(held, dict(headers)):
            return Answer(304, about)
        return Answer(200, ((b"content-type", b"text/calendar; charset=utf-8"), *about), held.body)

    def _look(self, name: str) -> _Held | None:
        path = self._folder / name
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            held = self._held.get(name)
            if held is None or held.stamp != stamp:
                body = path.read_bytes()
                if not body.endswith(_WHOLE):
                    return None
                tag = b'"%s"' % blake2b(body, digest_size=16).hexdigest().encode()
                if len(self._held) >= _MOST_HELD:
                    self._held.clear()
                held = self._held[name] = _Held(stamp, body, tag, datetime.fromtimestamp(int(status.st_mtime), UTC))
        except OSError:
            self._held.pop(name, None)
            return None
        return held


_MOST_HELD = 64  # files of at most 900 kB


def _has_it(held: _Held, headers: Mapping[bytes, bytes]) -> bool:
    """Whether the client has this file: by its tag or, if none is sent, by its time (RFC 9110, 13.2.2)."""
    tags = headers.get(b"if-none-match")
    if tags is not None:
        return tags.strip() == b"*" or held.tag in (tag.removeprefix(b"W/") for tag in _TAG.findall(tags))
    since = headers.get(b"if-modified-since")
    if since is None:
        return False
    with suppress(ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return held.modified <= parsedate_to_datetime(since.decode("latin-1"))
    return False
