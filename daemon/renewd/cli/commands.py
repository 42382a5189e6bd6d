"""The registry of commands. Each is one module, which has its entry `COMMAND` and its function `run`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from renewd.cli.screen import Screen
    from renewd.disk import Paths

# the module of each command, in the order of the help
COMMANDS: Mapping[str, str] = {
    "init": "init",
    "demo": "demo",
    "check": "check",
    "run": "run",
    "agenda": "agenda",
    "plan add": "plan_add",
    "plan list": "plan_list",
    "import": "import_plans",
    "export": "export",
    "calendar": "calendar",
    "feed": "feed",
    "page": "page",
    "mark": "mark",
    "undo": "undo",
    "report": "report",
    "status": "status",
    "history": "history",
    "history show": "history_show",
    "ledger copy": "ledger_copy",
    "carriers": "carriers",
    "simulate": "simulate",
    "doctor": "doctor",
    "test-mail": "first_mail",
    "test-push": "first_push",
    "service install": "service_install",
    "service uninstall": "service_uninstall",
    "service status": "service_status",
    "service set-password": "service_set_password",
    "service set-secret": "service_set_secret",
    "service record-marks": "service_record_marks",
    "completion": "completion",
    "help": "help",
}

ArgumentKind = Literal["text", "day", "days", "amount", "words", "file", "folder"]


class Option(NamedTuple):
    """`--name VALUE`, or a flag where `value` is empty."""

    name: str
    value: str = ""
    kind: ArgumentKind = "text"
    choices: tuple[str, ...] = ()
    many: bool = False
    required: bool = False


class Argument(NamedTuple):
    """A positional argument. `takes` is what completion offers for it."""

    name: str
    optional: bool = False
    many: bool = False  # any number of words, none included; the last argument only
    choices: tuple[str, ...] = ()
    takes: Literal["", "plan", "push", "secret", "command", "carrier", "item", "folder", "file"] = ""


class Command(NamedTuple):
    """The entry of a command: what it takes, and examples of it."""

    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    examples: tuple[str, ...] = ()


class CommandModule(Protocol):
    """A module of this folder that carries a command out."""

    @property
    def COMMAND(self) -> Command:  # noqa: N802  # a constant of the module
        """The entry."""

    def run(self, args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
        """Carry the command out and return the exit code. `args` has each option and argument, and `now`."""


def module_of(name: str) -> CommandModule:
    """Return the module of a command, which is imported now: starting does not wait for the other commands."""
    return cast("CommandModule", import_module(f"renewd.cli.{COMMANDS[name]}"))


def commands_of(group: str) -> list[str]:
    """Return the commands whose first word is `group`, where they have a second: `plan add`, `plan list`."""
    return [name for name in COMMANDS if name.startswith(f"{group} ")]


def command(name: str) -> Command:
    """Return the entry of a command."""
    return module_of(name).COMMAND


JSON = Option("json")
QUIET = Option("quiet")
FROM = Option("from", "D", "day")
ON = Option("on", "D", "day")
DAYS = Option("days", "N", "days")
FOR_USER = Option("user")
ROOT = Option("root", "DIR", "folder")
DRY_RUN = Option("dry-run")
PLAN = Argument("PLAN", takes="plan")

GLOBAL = (Option("config", "PATH", "file"), Option("state", "DIR", "folder"), Option("help"), Option("version"))
