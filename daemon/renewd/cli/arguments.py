"""The command line: from its words to a command and its values, or to a sentence on the wrong word.

The standard argparse stops at `mark main paid --on 2026-12-01 "October overage"` (options between arguments) and says
so in English; getopt reads it, and the sentences are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from getopt import GetoptError, gnu_getopt
from types import SimpleNamespace
from typing import NamedTuple

from renewd.cli.commands import COMMANDS, GLOBAL, Command, Option, command, commands_of
from renewd.domain.errors import Problem, UsageError

_MOST_DAYS = 3660
_SHORT = {"h": "help", "V": "version"}


class Typed(NamedTuple):
    """The command's name, and every value by name, None if it was not given.

    The name is "" if none was typed. With `help` it may be a group, such as `plan`.
    """

    command: str
    values: SimpleNamespace


def parse(argv: Sequence[str]) -> Typed:
    """Read a command line. Raises UsageError, which names the wrong word and suggests one that is close."""
    name, rest = _command(list(argv))
    entry = command(name) if name else Command()
    options = (*entry.options, *GLOBAL)
    given, words = _options(name, options, rest)
    values = SimpleNamespace(**{_attribute(option.name): None for option in options})
    for option, value in given:
        _set(values, option, value)
    if values.version or (values.help and (name or not words)):
        return Typed(name, values)
    if values.help and commands_of(words[0]):
        return Typed(words[0], values)
    if not name:
        if words:
            raise no_such_command(words)
        return Typed("", values)
    _fill(name, entry, words, values)
    for option in entry.options:
        if option.required and getattr(values, _attribute(option.name)) is None:
            raise UsageError("terminal.usage.missing-option", option=f"--{option.name} {option.value}", command=name)
    return Typed(name, values)


def _command(words: list[str]) -> tuple[str, list[str]]:
    """Return the command and the other words. It is the first one or two that are neither an option nor its value."""
    takes_value = {f"--{option.name}" for option in GLOBAL if option.value}
    places = []
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word == "--":
            break
        elif word.startswith("-") and word != "-":
            skip = word in takes_value
        else:
            places.append(at)
    for count in (2, 1):
        name = " ".join(words[at] for at in places[:count])
        if len(places) >= count and name in COMMANDS:
            return name, [word for at, word in enumerate(words) if at not in places[:count]]
    return "", words


def no_such_command(words: Sequence[str]) -> UsageError:
    """Return the error about words that are no command, with the one that was probably meant."""
    from difflib import get_close_matches

    first = words[0]
    inner = commands_of(first)
    close = get_close_matches(" ".join(words[:2]), COMMANDS, 1, 0.75)
    if inner and not close:
        return UsageError("terminal.usage.which", command=first, choices=inner)
    close = close or get_close_matches(first, COMMANDS, 1, 0.5)
    if close:
        word = " ".join(words[:2]) if inner else first
        return UsageError("terminal.usage.no-command-meant", word=word, meant=f"renewd {close[0]}")
    return UsageError("terminal.usage.no-command", word=first)


def _options(name: str, options: Iterable[Option], words: list[str]) -> tuple[list[tuple[Option, str]], list[str]]:
    known = {option.name: option for option in options}
    spelt = [f"{option.name}=" if option.value else option.name for option in known.values()]
    try:
        found, rest = gnu_getopt(words, "".join(_SHORT), spelt)
    except GetoptError as error:
        raise _wrong_option(name, error.opt, known) from None
    return [(known[_SHORT.get(key[1:], key.lstrip("-"))], value) for key, value in found], rest


def _wrong_option(name: str, word: str, known: dict[str, Option]) -> UsageError:
    from difflib import get_close_matches

    typed = word.partition("=")[0]
    option = known.get(typed)
    if option is not None and option.value:
        return UsageError("terminal.usage.needs-value", option=f"--{option.name} {option.value}")
    if option is not None:
        return UsageError("terminal.usage.no-value", option=f"--{option.name}")
    dashes = "--" if len(typed) > 1 else "-"
    help_ = f"renewd {name} --help" if name else "renewd --help"
    close = get_close_matches(typed, known, 1, 0.6)
    if close:
        return UsageError("terminal.usage.no-option-meant", option=dashes + typed, meant=f"--{close[0]}", help=help_)
    return UsageError("terminal.usage.no-option", option=dashes + typed, help=help_)


def _set(values: SimpleNamespace, option: Option, value: str) -> None:
    name = _attribute(option.name)
    if not option.value:
        setattr(values, name, True)
    elif option.many:
        setattr(values, name, [*(getattr(values, name) or ()), _read(option, value)])
    else:
        setattr(values, name, _read(option, value))


def _read(option: Option, value: str) -> object:
    if option.choices and value not in option.choices:
        raise _not_among(f"--{option.name}", value, option.choices)
    if option.kind == "days":
        if value.isascii() and value.isdigit() and 1 <= int(value) <= _MOST_DAYS:
            return int(value)
        raise UsageError("terminal.usage.not-days", option=f"--{option.name}", value=value, most=_MOST_DAYS)
    if option.kind in ("day", "amount"):
        return _read_as_in_the_file(option, value)
    if not value:
        raise UsageError("terminal.usage.needs-value", option=f"--{option.name} {option.value}")
    if option.kind == "words":
        return _read_as_in_the_file(option, value)
    if option.name == "output" and value == "-":  # as other programs have it
        return None
    return value


def _read_as_in_the_file(option: Option, value: str) -> object:
    from renewd.config.times import Day
    from renewd.config.value_types import Amount, Text, ValueType, WrongError

    kinds: dict[str, ValueType] = {"day": Day(), "amount": Amount(), "words": Text()}
    try:
        return kinds[option.kind].read(value)
    except WrongError as wrong:
        if option.kind == "amount":
            raise UsageError("terminal.usage.not-money", option=f"--{option.name}", value=value) from None
        why = Problem(code=wrong.code, file="", args=wrong.args_)
        raise UsageError("terminal.usage.wrong-value", option=f"--{option.name}", value=value, why=why) from None


def _fill(name: str, entry: Command, words: list[str], values: SimpleNamespace) -> None:
    for argument, word in zip(entry.arguments, [*words, *[None] * len(entry.arguments)], strict=False):
        if argument.many:
            setattr(values, _attribute(argument.name), words[entry.arguments.index(argument) :])
            return
        if word is None and not argument.optional:
            if argument.choices:
                code = "terminal.usage.missing-choice"
                raise UsageError(code, argument=argument.name, command=name, choices=list(argument.choices))
            raise UsageError("terminal.usage.missing", argument=argument.name, command=name)
        if word is not None and argument.choices and word not in argument.choices:
            raise _not_among(argument.name, word, argument.choices)
        setattr(values, _attribute(argument.name), word)
    if len(words) > len(entry.arguments):
        raise UsageError("terminal.usage.too-many", word=words[len(entry.arguments)], command=name)


def _not_among(name: str, word: str, choices: Sequence[str]) -> UsageError:
    from difflib import get_close_matches

    close = get_close_matches(word, choices, 1, 0.5)
    if close:
        return UsageError("terminal.usage.not-among-meant", name=name, word=word, meant=close[0])
    return UsageError("terminal.usage.not-among", name=name, word=word, choices=list(choices))


def _attribute(name: str) -> str:
    name = name.lower().replace("-", "_")
    return f"{name}_" if name == "from" else name
