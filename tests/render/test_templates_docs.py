"""docs/templates.md: the list of the templates that a user can replace."""

from __future__ import annotations

import re
from pathlib import Path

from renewd.render.overrides import names

DOCS = Path(__file__).parents[2] / "docs" / "templates.md"


def test_every_template_is_described() -> None:
    rows = [line.split("|")[1] for line in DOCS.read_text("utf-8").splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in re.findall(r"`([\w-]+\.(?:j2|html|txt))`", row)}
    assert described == {name.rpartition("/")[2] for name in names()}
