"""The files that are made from the code: the JSON Schema, the tables of docs/configuration.md and the man pages.

`make generate` runs this module, and so does the build of a wheel.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from renewd.assets import ASSETS
from renewd.cli.manual import PAGES
from renewd.config.schema import as_text, reference

_REFERENCE = "docs/configuration.md"
_HEADING = "## Every key\n\n"  # what is below it is made


def _configuration() -> str:
    written, heading, _ = (ASSETS / _REFERENCE).read_text("utf-8").partition(_HEADING)
    return f"{written}{heading}{reference()}"


GENERATED: Mapping[str, Callable[[], str]] = {
    "config/plans.schema.json": as_text,
    _REFERENCE: _configuration,
    **{f"docs/man/{name}": make for name, make in PAGES.items()},
}
"""Each file's path in a checkout, and what returns its text."""


def generate(root: Path) -> Iterator[Path]:
    """Write the files that are out of date, and yield their paths."""
    for name, make in GENERATED.items():
        path, text = root / name, make()
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            yield path


if __name__ == "__main__":
    for written in generate(ASSETS):
        sys.stdout.write(f"{written}\n")
