"""The status file: how things stand, for `renewd status`."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime, timedelta

from renewd.config import say_problem
from renewd.disk import Paths, replace
from renewd.domain.dates import utc_text
from renewd.domain.errors import Problem
from renewd.i18n import LANGUAGES, language
from renewd.redact import MASK
from renewd.service.answer_reader import AnswersState
from renewd.service.live_config import LiveConfig
from renewd.state import STATUS

_KEEP = timedelta(minutes=2)  # how old the last pass in the file may become: less than what counts as no pass


class StatusFile:
    """Writes the status file when its content changed. The daemon was started at `since`, for one pass if `once`."""

    def __init__(self, paths: Paths, since: datetime, *, once: bool) -> None:
        self._paths = paths
        self._since = since
        self._once = once
        self._written: dict[str, object] = {}
        self._passed: datetime | None = None

    def update(
        self, config: LiveConfig, passed: datetime | None, *, done: bool, answers: AnswersState | None = None
    ) -> None:
        """Write how things stand. `passed` is the last pass that went well, `done`: all that was due was sent."""
        first = config.in_force.schedule.first_coming
        channel = config.in_force.outbox.channel.describe()
        status: dict[str, object] = {
            "pid": os.getpid(),
            "since": utc_text(self._since),
            "once": self._once,
            "next": {"at": utc_text(first.moment), "key": first.key, "to": first.person} if first else None,
            "done": done,
            "waiting": {one: utc_text(at) for one, at in sorted(config.in_force.outbox.waiting.items())},
            "config": str(self._paths.config),
            "read": utc_text(config.read_at),
            "channel": {"name": channel.name, **{name: str(fact) for name, fact in channel.facts.items()}},
            "sender": config.in_force.outbox.sender,
            "plans": len(config.in_force.loaded.household.plans),
            "answers": _answers(answers) if answers else None,
            "problems": [_as_json(problem) for problem in config.errors],
        }
        if status == self._written and not self._is_old(passed):
            return
        self._written, self._passed = status, passed
        last = utc_text(passed) if passed else None
        with suppress(OSError):
            replace(self._paths.state / STATUS, json.dumps({**status, "looked": last}, ensure_ascii=False))

    def _is_old(self, passed: datetime | None) -> bool:
        if passed is None or self._passed is None:
            return passed != self._passed
        return not timedelta(0) <= passed - self._passed < _KEEP


def _answers(state: AnswersState) -> dict[str, object]:
    trouble = state.trouble
    said = {code: MASK(language(code).say(trouble.code, **trouble.args_)) for code in LANGUAGES} if trouble else None
    return {"mailbox": state.mailbox, "looked": utc_text(state.looked) if state.looked else None, "trouble": said}


def _as_json(problem: Problem) -> dict[str, object]:
    said = {code: MASK(say_problem(problem, code)) for code in LANGUAGES}
    return {"code": problem.code, "file": problem.file, "line": problem.line, "path": problem.path, "text": said}
