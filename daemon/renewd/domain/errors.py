"""What can stop renewd, each with the exit code that says so (sysexits.h where there is one)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

_NONE: Mapping[str, object] = MappingProxyType({})


class Problem(NamedTuple):
    """Something about the user's files, in no language yet: `code` is the key of its sentence in templates/<language>.

    `file` and `line` say where (line 0: the file as a whole), `path` is the dotted key, `args` fill the sentence.
    `plan` is the id of the plan that it costs, if it costs one alone. `column` and `width` mark the place in the
    source line (0: unknown), `source` is that line.
    """

    code: str
    file: str
    line: int = 0
    path: str = ""
    args: Mapping[str, object] = _NONE
    severity: Literal["error", "warning"] = "error"
    plan: str | None = None
    source: str = ""
    column: int = 0
    width: int = 0


class RenewdError(Exception):
    """A sentence for the user, by its key in templates/<language>, and the exit code that it ends a command with."""

    exit_code = 1

    def __init__(self, code: str, **args: object) -> None:
        super().__init__(code, args)
        self.code = code
        self.args_ = args


class UsageError(RenewdError):
    """The command cannot be carried out as it was typed."""

    exit_code = 2


class ProblemError(UsageError):
    """What was typed would be wrong in the file; `problem` words it as there."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code, **problem.args)
        self.problem = problem


class InUseError(RenewdError):
    """Another renewd holds the state folder."""

    exit_code = 75


class ConfigError(RenewdError):
    """Nothing good is left to run with."""

    exit_code = 78

    def __init__(self, code: str, problems: tuple[Problem, ...] = (), **args: object) -> None:
        super().__init__(code, **args)
        self.problems = problems
