"""Files put in the place of others, so that a reader or a power cut finds the old one or the new one, whole."""

from __future__ import annotations

import os
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Put a text in the place of a file, 0600, whole or not at all, also if the power goes. Raises OSError."""
    replace_bytes(path, text.encode())
    sync_folder(path.parent)


def replace_bytes(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Put bytes in the place of a file as `replace` does; `sync_folder` is left to the caller. Raises OSError.

    Without `sync` what was written last may be lost with the power, or be empty.
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
    """See to it that files renamed in a folder stay so if the power goes. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
