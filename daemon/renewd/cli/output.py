"""Files that a command writes, where they cannot be: one sentence with the path and the reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from renewd.disk import write_output
from renewd.domain.errors import UsageError


@contextmanager
def writing(path: Path | None = None) -> Iterator[None]:
    """Raise UsageError in place of an OSError, about `path` or else the file that the error names."""
    try:
        yield
    except OSError as error:
        raise UsageError("terminal.cannot-write", path=path or error.filename, why=error.strerror or "") from error


def write_file(path: Path, data: bytes) -> None:
    """Write what `--output` asks for. Raises UsageError."""
    with writing(path):
        write_output(path, data)
