"""The keys of the secret addresses: created once, kept in the state folder, and read again when they change."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from renewd.disk import read_json, replace
from renewd.web.links import Links

FILENAME = "web.json"
_BYTES = 32


class Keyring:
    """The keys of one state folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILENAME
        self._seen: tuple[int, int] | None = None
        self._keys: tuple[bytes, bytes] = (b"", b"")

    def links(self, url: str) -> Links:
        """Return the links below an address, of the current keys, which are made if there are none. Raises OSError."""
        feed, tap = self._current()
        return Links(url.rstrip("/"), feed, tap)

    def rotate(self) -> None:
        """Replace all keys: every calendar, page and link in a mail ends. Raises OSError."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(self._path, _as_text(secrets.token_bytes(_BYTES), secrets.token_bytes(_BYTES)))

    def _current(self) -> tuple[bytes, bytes]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._make()
            status = self._path.stat()
        seen = (status.st_mtime_ns, status.st_ino)
        if seen != self._seen:
            try:
                read = read_json(self._path)
                self._keys = bytes.fromhex(read["feed"]), bytes.fromhex(read["tap"])
            except (ValueError, KeyError, TypeError):  # the file is damaged: everybody who had a link needs a new one
                replace(self._path, _as_text(secrets.token_bytes(_BYTES), secrets.token_bytes(_BYTES)))
                return self._current()
            self._seen = seen
        return self._keys

    def _make(self) -> None:
        """Create keys if there are none. If another process or thread was faster, its keys stay."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._path.with_name(f".{FILENAME}.{secrets.token_hex(8)}")
        replace(beside, _as_text(secrets.token_bytes(_BYTES), secrets.token_bytes(_BYTES)))
        with suppress(FileExistsError):
            os.link(beside, self._path)
        beside.unlink()


def _as_text(feed: bytes, tap: bytes) -> str:
    return json.dumps({"feed": feed.hex(), "tap": tap.hex()})
