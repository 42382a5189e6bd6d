"""Brings the generated files up to date before a wheel is packed, so that none is shipped that is old."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GeneratedFiles(BuildHookInterface[Any]):
    """The step before packing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Write the files that are out of date; an editable install reads those of the checkout."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root, "daemon")))
        from renewd.cli.generated import generate  # noqa: PLC0415

        for path in generate(Path(self.root)):
            self.app.display_info(f"generated {path}")
