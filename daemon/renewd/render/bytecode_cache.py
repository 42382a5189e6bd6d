"""The shipped templates' code, kept beside them as Python keeps its own: compiling them takes longer than a mail."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from renewd import __version__


class Compiled(BytecodeCache):
    """Code in `folder`; where that cannot be written, templates are compiled at each start.

    Jinja compares a template's source itself; what else the code depends on is in the file's name.
    """

    def __init__(self, folder: Path, settings: Path) -> None:
        self._folder = folder
        made_by = f"{sys.implementation.cache_tag}-{jinja2.__version__}-{__version__}"
        self._suffix = f"{made_by}-{settings.stat().st_mtime_ns:x}.code"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if there is code for its template."""
        with suppress(OSError, ValueError, EOFError, TypeError), self._path(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket's code, whole or not at all."""
        path = self._path(bucket)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            with beside.open("wb") as file:
                bucket.write_bytecode(file)
            beside.replace(path)

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.{self._suffix}"
