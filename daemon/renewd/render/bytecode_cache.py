"""The compiled code of the shipped templates, kept in a folder of the user's: compiling takes longer than a mail."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from renewd import __version__

_MADE_BY = f"{sys.implementation.cache_tag} {jinja2.__version__} {__version__}"


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder for compiled templates: in the service's state folder, else in the user's cache folder."""
    if state := environment.get("STATE_DIRECTORY", "").split(":")[0]:
        return Path(state) / "compiled-templates"
    named = environment.get("XDG_CACHE_HOME", "")
    cache = Path(named) if named.startswith("/") else Path(environment.get("HOME") or "/") / ".cache"
    return cache / "renewd"


class CompiledTemplates(BytecodeCache):
    """Compiled templates in `folder`, if it belongs to this user alone; otherwise they are compiled at each start.

    `settings` is the file that says how templates are compiled: code that an older one made is compiled again.
    """

    def __init__(self, folder: Path, settings: Path) -> None:
        self._folder = folder
        self._made_by = f"{_MADE_BY} {settings.stat().st_mtime_ns}"

    def get_source_checksum(self, source: str) -> str:
        """Return a checksum of the source and of everything else that the code depends on."""
        return super().get_source_checksum(f"{self._made_by}\n{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if there is code for its template."""
        with suppress(OSError, ValueError, EOFError, TypeError):
            if self._is_private():
                with (self._folder / bucket.key).open("rb") as file:
                    bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket's code. The file is replaced as a whole; where that fails, nothing is kept."""
        path = self._folder / bucket.key
        unfinished = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._is_private():
                with unfinished.open("wb") as file:
                    bucket.write_bytecode(file)
                unfinished.replace(path)

    def _is_private(self) -> bool:
        """Whether nobody else can write code that would be run from here."""
        status = self._folder.stat()
        return status.st_uid == os.geteuid() and not status.st_mode & 0o022
