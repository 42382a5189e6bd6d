"""What help, man pages and shells say of a command: its form, what it does, what its options mean."""

from __future__ import annotations

from renewd.cli.commands import Argument, Option, command
from renewd.i18n import Language


def usage(name: str) -> str:
    """Return a command's form on one line: `renewd agenda [--from D] [--days N] [--json]`."""
    entry = command(name)
    words = [
        f"[{argument.name}…]" if argument.many else f"[{argument.name}]" if argument.optional else argument.name
        for argument in entry.arguments
    ]
    options = [spelled(option) if option.required else f"[{spelled(option)}]" for option in entry.options]
    return " ".join(["renewd", name, *words, *options])


def does(words: Language, name: str) -> str:
    """Return the sentence that says what a command does."""
    return words.say(f"commands.{_key(name)}.does")


def about(words: Language, name: str) -> str:
    """Return what more there is to say of a command; empty where nothing is."""
    key = f"commands.{_key(name)}.about"
    return words.say(key) if key in words else ""


def meaning(words: Language, name: str, one: Argument | Option) -> str:
    """Return what an argument or option means: in the command's own words, else in those that commands share."""
    sort = "argument" if isinstance(one, Argument) else "option"
    own = f"commands.{_key(name)}.{sort}.{one.name}"
    return words.say(own if own in words else f"terminal.help.{sort}.{one.name}")


def example_text(words: Language, name: str, place: int) -> str:
    """Return what an example of a command is for; `place` counts from 1."""
    return words.say(f"commands.{_key(name)}.example.{place}")


def spelled(option: Option) -> str:
    """Return an option as it is typed: `--from D`."""
    return f"--{option.name} {option.value}".rstrip()


def _key(name: str) -> str:
    return name.replace(" ", "-")
