"""What can be typed: every command with its arguments and options. Parser, help and completion all read this list.

To add a command: name it here, write its module with `run(args, paths)`, and its sentences in templates/*/terminal.toml.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

ArgumentKind = Literal["text", "day", "days", "amount", "file", "folder"]


class Option(NamedTuple):
    """`--name VALUE`, or a flag where `value` is empty."""

    name: str
    value: str = ""
    kind: ArgumentKind = "text"
    choices: tuple[str, ...] = ()
    many: bool = False
    required: bool = False


class Argument(NamedTuple):
    """A word that stands by its place. `takes`: what completion offers for it."""

    name: str
    optional: bool = False
    many: bool = False  # any number of words, none included; the last argument only
    choices: tuple[str, ...] = ()
    takes: Literal["", "plan", "folder"] = ""


class Command(NamedTuple):
    """A command of one word or two; `module` is the file in this folder that carries it out."""

    module: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    examples: tuple[str, ...] = ()


JSON = Option("json")
FROM = Option("from", "D", "day")
ON = Option("on", "D", "day")
DAYS = Option("days", "N", "days")
USER = Option("user")
ROOT = Option("root", "DIR", "folder")
DRY_RUN = Option("dry-run")
PLAN = Argument("PLAN", takes="plan")

FACTS = (
    "renewed", "failed", "paid", "balance", "kept-alive", "used", "snoozed",
    "moved", "backed-up", "kept", "unlocked",
    "lock-off", "pin", "requested", "confirmed", "final-bill", "refunded",
)  # fmt: skip

COMMANDS: dict[str, Command] = {
    "init": Command("init", options=(Option("email", "A"),), examples=("init",)),
    "demo": Command("demo", arguments=(Argument("DIR", optional=True, takes="folder"),), examples=("demo",)),
    "check": Command("check", options=(JSON,), examples=("check",)),
    "run": Command("run", options=(Option("once"),), examples=("run", "run --once")),
    "agenda": Command(
        "agenda",
        options=(FROM, DAYS, JSON),
        examples=("agenda --days 90", "agenda --from 2027-01-01"),
    ),
    "plan add": Command("plan_add", examples=("plan add",)),
    "plan list": Command("plan_list", options=(JSON,), examples=("plan list",)),
    "calendar": Command(
        "calendar",
        options=(
            ON,
            Option("plan", "P", many=True),
            Option("person", "P"),
            Option("output", "F", "file"),
        ),
        examples=("calendar --output renewd.ics", "calendar --person mom --output mom.ics"),
    ),
    "feed": Command("feed", options=(Option("rotate"),), examples=("feed", "feed --rotate")),
    "mark": Command(
        "mark",
        arguments=(PLAN, Argument("WHAT", choices=FACTS), Argument("ITEM", optional=True)),
        options=(
            ON,
            Option("until", "D", "day"),
            Option("amount", "X", "amount"),
            Option("reference", "R"),
        ),
        examples=(
            "mark tello renewed",
            "mark tello renewed --on 2026-12-04 --amount 5",
            'mark main paid "October overage"',
            "mark tello snoozed --until 2026-12-20",
        ),
    ),
    "undo": Command("undo", examples=("undo",)),
    "report": Command(
        "report",
        arguments=(Argument("PLAN", many=True, takes="plan"),),
        options=(ON, Option("format", "F", choices=("text", "html", "md", "json")), Option("output", "F", "file")),
        examples=("report main", "report main --output main.html", "report --on 2027-03-01"),
    ),
    "status": Command("status", options=(JSON,), examples=("status",)),
    "history": Command(
        "history",
        options=(Option("plan", "PLAN"), JSON),
        examples=("history --plan tello",),
    ),
    "history show": Command(
        "history_show",
        arguments=(Argument("ID"),),
        options=(Option("raw"),),
        examples=("history show 41", "history show 41 --raw > mail.eml"),
    ),
    "ledger copy": Command(
        "ledger_copy",
        arguments=(Argument("FROM"), Argument("TO")),
        examples=("ledger copy ~/.local/state/renewd postgresql://renewd@db.example.com/renewd",),
    ),
    "carriers": Command(
        "carriers",
        arguments=(Argument("ID", optional=True),),
        options=(JSON,),
        examples=("carriers tello",),
    ),
    "simulate": Command(
        "simulate",
        options=(FROM, DAYS, Option("into", "DIR", "folder", required=True)),
        examples=("simulate --days 60 --into /tmp/mails",),
    ),
    "doctor": Command("doctor", options=(Option("mail"),), examples=("doctor", "doctor --mail")),
    "test-mail": Command("first_mail", options=(Option("to", "A"),), examples=("test-mail",)),
    "service install": Command(
        "service_install",
        options=(USER, ROOT, DRY_RUN),
        examples=("service install --dry-run", "service install --user"),
    ),
    "service uninstall": Command("service_uninstall", options=(USER, ROOT, DRY_RUN), examples=("service uninstall",)),
    "service status": Command("service_status", options=(USER,), examples=("service status",)),
    "service set-password": Command(
        "service_password", options=(USER, ROOT), examples=("service set-password", "service set-password --user")
    ),
    "completion": Command(
        "completion",
        arguments=(Argument("SHELL", choices=("bash", "zsh", "fish")),),
        examples=("completion bash > ~/.local/share/bash-completion/completions/renewd",),
    ),
}

GLOBAL = (Option("config", "PATH", "file"), Option("state", "DIR", "folder"), Option("help"), Option("version"))
