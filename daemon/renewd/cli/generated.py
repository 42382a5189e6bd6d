"""The files that are made from the code: the JSON Schema, the tables of the pages on configuration and the man pages.

`make generate` runs this module, and so does the build of a wheel.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from renewd.assets import ASSETS
from renewd.cli import manual, reference
from renewd.config.schema import as_text


def _configuration(code: str) -> str:
    page = (ASSETS / reference.PAGES[code]).read_text("utf-8")
    written, heading, _ = page.partition(reference.heading(code))
    return f"{written}{heading}{reference.reference(code)}"


GENERATED: Mapping[str, Callable[[], str]] = {
    "config/plans.schema.json": as_text,
    **{page: partial(_configuration, code) for code, page in reference.PAGES.items()},
    **{f"docs/man/{name}": make for name, make in manual.PAGES.items()},
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
