"""`--help`: what a command does, its options, an example of each; in the user's language, wide characters aligned."""

from __future__ import annotations

from renewd.cli.commands import COMMANDS, GLOBAL, Command, Option
from renewd.cli.screen import Screen
from renewd.render.table import cells_of, wrap

_INDENT = "  "


def overview(screen: Screen) -> None:
    """Print all commands."""
    screen.print(screen.say("help.usage", usage="renewd [--config PATH] [--state DIR] COMMAND …"), "")
    screen.paragraph(screen.say("help.renewd"))
    screen.print("", screen.style(screen.say("help.commands"), "dim"))
    _list(screen, [(name, screen.say(f"help.does.{_key(name)}")) for name in COMMANDS], "cyan")
    screen.print("", screen.style(screen.say("help.options"), "dim"))
    _list(screen, [(_spelt(option), screen.say(f"help.option.{option.name}")) for option in GLOBAL])
    screen.print("", screen.style(screen.say("help.examples"), "dim"))
    for name, command in COMMANDS.items():
        if name in ("init", "run", "agenda", "mark"):
            _example(screen, name, command, 0)
    screen.print("", screen.say("help.more", command=screen.command("COMMAND --help")))


def of_command(screen: Screen, name: str) -> None:
    """Print one command."""
    command = COMMANDS[name]
    screen.print(screen.say("help.usage", usage=usage(name)), "")
    screen.paragraph(screen.say(f"help.does.{_key(name)}"))
    about = f"help.about.{_key(name)}"
    if _has(screen, about):
        screen.print("")
        screen.paragraph(screen.say(about))
    if command.arguments:
        screen.print("", screen.style(screen.say("help.arguments"), "dim"))
        _list(screen, [(one.name, _about(screen, name, "argument", one.name)) for one in command.arguments])
    for argument in command.arguments:
        if argument.name == "WHAT":
            screen.print("", screen.style("WHAT", "dim"))
            _list(screen, [(choice, screen.say(f"help.what.{choice}")) for choice in argument.choices], "cyan")
    screen.print("", screen.style(screen.say("help.options"), "dim"))
    options = (*command.options, *(option for option in GLOBAL if option.name != "version"))
    _list(screen, [(_spelt(one), _about(screen, name, "option", one.name)) for one in options])
    screen.print("", screen.style(screen.say("help.examples"), "dim"))
    for place in range(len(command.examples)):
        _example(screen, name, command, place)


def usage(name: str) -> str:
    """Give a command's form on one line: `renewd agenda [--from D] [--days N] [--json]`."""
    command = COMMANDS[name]
    words = [
        f"[{argument.name}…]" if argument.many else f"[{argument.name}]" if argument.optional else argument.name
        for argument in command.arguments
    ]
    options = [_spelt(option) if option.required else f"[{_spelt(option)}]" for option in command.options]
    return " ".join(["renewd", name, *words, *options])


def _example(screen: Screen, name: str, command: Command, place: int) -> None:
    screen.print(_INDENT + screen.command(command.examples[place]))
    for line in wrap(screen.say(f"help.example.{_key(name)}.{place + 1}"), screen.width - 6):
        screen.print(_INDENT * 3 + line)


def _list(screen: Screen, rows: list[tuple[str, str]], style: str = "") -> None:
    room = max(cells_of(name) for name, _ in rows) + 2
    for name, about in rows:
        first, *more = wrap(about, max(screen.width - room - 2, 20))
        screen.print(f"{_INDENT}{screen.style(name, style)}{' ' * (room - cells_of(name))}{first}".rstrip())
        for line in more:
            screen.print(" " * (room + 2) + line)


def _about(screen: Screen, command: str, sort: str, name: str) -> str:
    own = f"help.{sort}-of.{_key(command)}.{name}"
    return screen.say(own) if _has(screen, own) else screen.say(f"help.{sort}.{name}")


def _spelt(option: Option) -> str:
    return f"--{option.name} {option.value}".rstrip()


def _key(name: str) -> str:
    return name.replace(" ", "-")


def _has(screen: Screen, key: str) -> bool:
    return f"terminal.{key}" in screen.words.keys()  # noqa: SIM118  # a method of Language
