"""`help` and `--help`: what a command does, its options and examples, in the user's language."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from renewd.cli.arguments import no_such_command
from renewd.cli.command_text import about, does, example_text, meaning, spelled, usage
from renewd.cli.commands import COMMANDS, GLOBAL, Argument, Command, Option, command, commands_of
from renewd.cli.screen import Screen
from renewd.render.table import cells_of, wrap

if TYPE_CHECKING:
    from renewd.disk import Paths

COMMAND = Command(
    arguments=(Argument("COMMAND", many=True, takes="command"),),
    options=(Option("man"),),
    examples=("help plan add", "help --man", "help --man plans.toml"),
)

_INDENT = "  "
# the examples of the overview: the first of their commands, whose modules it need not import
_FIRST = {"init": "init", "run": "run", "agenda": "agenda --days 90", "mark": "mark tello renewed"}


def run(args: SimpleNamespace, _paths: Paths, screen: Screen) -> int:
    """Print the help of a command or group, of all without one, or a man page. Raises UsageError."""
    name = " ".join(args.command)
    if args.man:
        from renewd.cli.manual import show

        return show(name, screen)
    if name and name not in COMMANDS and not commands_of(name):
        raise no_such_command(args.command)
    of(screen, name)
    return 0


def of(screen: Screen, name: str) -> None:
    """Print the help of a command or group; of all commands where there is no name."""
    if name in COMMANDS:
        _of_command(screen, name)
    elif name:
        _of_group(screen, name)
    else:
        overview(screen)


def overview(screen: Screen) -> None:
    """Print all commands."""
    screen.print(screen.say("help.usage", usage="renewd [--config PATH] [--state DIR] COMMAND …"), "")
    screen.paragraph(screen.say("help.renewd"))
    screen.print("", screen.style(screen.say("help.commands"), "dim"))
    _list(screen, [(name, does(screen.words, name)) for name in COMMANDS], "cyan")
    screen.print("", screen.style(screen.say("help.options"), "dim"))
    _list(screen, [(spelled(option), screen.say(f"help.option.{option.name}")) for option in GLOBAL])
    screen.print("", screen.style(screen.say("help.examples"), "dim"))
    for name, example in _FIRST.items():
        _example(screen, name, example, 1)
    screen.print("", screen.say("help.more", command=screen.command("COMMAND --help")))


def _of_group(screen: Screen, group: str) -> None:
    screen.print(screen.say("help.usage", usage=f"renewd {group} COMMAND …"), "")
    screen.print(screen.style(screen.say("help.commands"), "dim"))
    _list(screen, [(name, does(screen.words, name)) for name in commands_of(group)], "cyan")
    screen.print("", screen.say("help.more", command=screen.command(f"{group} COMMAND --help")))


def _of_command(screen: Screen, name: str) -> None:
    entry, words = command(name), screen.words
    screen.print(screen.say("help.usage", usage=usage(name)), "")
    screen.paragraph(does(words, name))
    if more := about(words, name):
        screen.print("")
        screen.paragraph(more)
    if entry.arguments:
        screen.print("", screen.style(screen.say("help.arguments"), "dim"))
        _list(screen, [(one.name, meaning(words, name, one)) for one in entry.arguments])
    for argument in entry.arguments:
        if argument.name == "WHAT":
            screen.print("", screen.style("WHAT", "dim"))
            _list(screen, [(choice, screen.say(f"help.what.{choice}")) for choice in argument.choices], "cyan")
    screen.print("", screen.style(screen.say("help.options"), "dim"))
    options = (*entry.options, *(option for option in GLOBAL if option.name != "version"))
    _list(screen, [(spelled(one), meaning(words, name, one)) for one in options])
    screen.print("", screen.style(screen.say("help.examples"), "dim"))
    for place, example in enumerate(entry.examples, 1):
        _example(screen, name, example, place)


def _example(screen: Screen, name: str, example: str, place: int) -> None:
    screen.print(_INDENT + screen.command(example))
    for line in wrap(example_text(screen.words, name, place), screen.width - 6):
        screen.print(_INDENT * 3 + line)


def _list(screen: Screen, rows: list[tuple[str, str]], style: str = "") -> None:
    room = max(cells_of(name) for name, _ in rows) + 2
    for name, text in rows:
        first, *more = wrap(text, max(screen.width - room - 2, 20))
        screen.print(f"{_INDENT}{screen.style(name, style)}{' ' * (room - cells_of(name))}{first}".rstrip())
        for line in more:
            screen.print(" " * (room + 2) + line)
