"""The status file: how things stand, for `renewd status`."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime

from renewd.disk import Paths, replace
from renewd.domain.dates import utc_text
from renewd.domain.errors import Problem
from renewd.service.live_config import LiveConfig
from renewd.state import STATUS


class StatusFile:
    """Writes the status file when its content changed. `since` is when the daemon was started."""

    def __init__(self, paths: Paths, since: datetime) -> None:
        self._paths = paths
        self._since = since
        self._written: dict[str, object] = {}

    def update(self, config: LiveConfig, *, done: bool) -> None:
        """Write how things stand after a pass. `done` is whether everything that was due was sent."""
        first = config.in_force.schedule.first_coming
        status: dict[str, object] = {
            "pid": os.getpid(),
            "since": utc_text(self._since),
            "next": {"at": utc_text(first.moment), "key": first.key, "to": first.person} if first else None,
            "done": done,
            "config": str(self._paths.config),
            "read": utc_text(config.read_at),
            "problems": [_as_json(p) for p in config.in_force.loaded.problems if p.severity == "error"],
        }
        if status != self._written:
            self._written = status
            with suppress(OSError):
                replace(self._paths.state / STATUS, json.dumps(status, ensure_ascii=False))


def _as_json(problem: Problem) -> dict[str, object]:
    return {"code": problem.code, "file": problem.file, "line": problem.line, "path": problem.path}
