"""The calendar files of a folder, as clients fetch them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import Response

from renewd.disk import read_regular
from renewd.web.responses import not_found

_WHOLE = b"END:VCALENDAR\r\n"
_TAG = re.compile(r'(?:W/)?"[^"]*"')
_MOST_HELD = 64  # files of at most 900 kB


class _Held(NamedTuple):
    stamp: tuple[int, int, int]
    body: bytes
    tag: str
    modified: datetime


class CalendarFolder:
    """The calendar files of a folder. A file is read again only when it has been replaced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, _Held] = {}

    def answer(self, name: str, headers: Headers) -> Response:
        """Return a file, 304 if the client has it, or 404 if it is missing or incomplete."""
        held = self._look(name)
        if held is None:
            return not_found()
        about = {
            "etag": held.tag,
            "last-modified": format_datetime(held.modified, usegmt=True),
            "cache-control": "private, no-cache",
        }
        if _has_it(held, headers):
            return Response(status_code=304, headers=about)
        return Response(held.body, media_type="text/calendar", headers=about)

    def _look(self, name: str) -> _Held | None:
        path, held = self._folder / name, self._held.get(name)
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if held is None or held.stamp != stamp:
                body = read_regular(path)
                if not body.endswith(_WHOLE):
                    return None
                tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
                if len(self._held) >= _MOST_HELD:
                    self._held.clear()
                held = self._held[name] = _Held(stamp, body, tag, datetime.fromtimestamp(int(status.st_mtime), UTC))
        except FileNotFoundError:
            self._held.pop(name, None)
            return None
        except OSError:  # no further file may be opened: what was served before is still good
            return held
        return held


def _has_it(held: _Held, headers: Headers) -> bool:
    """Whether the client has this file: by its tag or, if none is sent, by its time (RFC 9110, 13.2.2)."""
    tags = headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or held.tag in (tag.removeprefix("W/") for tag in _TAG.findall(tags))
    since = headers.get("if-modified-since")
    if since is None:
        return False
    with suppress(ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return held.modified <= parsedate_to_datetime(since)
    return False
