"""Where the files of renewd are, and how one is replaced: a reader or a power cut finds the old one or the new one, whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Paths(NamedTuple):
    """The configuration file, which may be still to be made, and the state folder."""

    config: Path
    state: Path

    def short(self, path: Path) -> str:
        """Return a path as people write it: `~` for the home folder."""
        home = os.environ.get("HOME", "/")
        if home != "/" and path.is_relative_to(home):
            return str("~" / path.relative_to(home))
        return str(path)


def replace(path: Path, text: str) -> None:
    """Replace a file by a text, 0600, whole or not at all, also if the power goes. Raises OSError."""
    replace_bytes(path, text.encode())
    sync_folder(path.parent)


def replace_bytes(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Replace a file by bytes as `replace` does; `sync_folder` is left to the caller. Raises OSError.

    Without `sync`, a power cut may lose the new file or leave it empty.
    """
    beside = path.with_name(f".{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        if sync:
            os.fsync(file.fileno())
    beside.replace(path)


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, so that renames outlast a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
