"""The man pages renewd(1) and plans.toml(5), made from the texts of `--help` and of every key of plans.toml."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from renewd import __version__
from renewd.assets import ASSETS
from renewd.cli.command_text import about, does, example_text, meaning, spelled, usage
from renewd.cli.commands import COMMANDS, GLOBAL, command
from renewd.cli.reference import about_key
from renewd.config.keys import FILE
from renewd.config.plan_schema import ById, Each, Key, Sub
from renewd.i18n import FALLBACK, LANGUAGES, Language, language

if TYPE_CHECKING:
    from renewd.cli.screen import Screen

_CODES = (0, 1, 2, 3, 75, 78)
_FILES = ("/etc/renewd/plans.toml", "~/.config/renewd/plans.toml", "/var/lib/renewd", "/etc/credstore/smtp-password")
_WRAPPING = {"zh-CN": (".mso zh.tmac",)}  # groff breaks a line between characters, wherever the page lies


class _ManualPage:
    """Text with the requests of man(7)."""

    def __init__(self, name: str, section: int, words: Language, about: str) -> None:
        self._lines = [
            f'.TH {name.upper()} {section} "" "renewd {__version__}"',
            *_WRAPPING.get(words.code, ()),
            ".nh",
            ".ad l",
        ]  # commands can be copied
        self._words = words
        self.section("name")
        self._lines.append(f"{_safe(name)} \\- {_safe(about)}")

    def section(self, key: str) -> None:
        self._lines.append(f".SH {self._words.say(f'manual.{key}')}")

    def part(self, title: str) -> None:
        self._lines.append(f'.SS "{_safe(title)}"')

    def paragraph(self, text: str) -> None:
        self._lines += [".PP", _safe(text)]

    def item(self, term: str, about: str) -> None:
        self._lines += [".TP", f"\\fB{_safe(term)}\\fR", _safe(about)]

    def code(self, text: str) -> None:
        self._lines += [".PP", ".RS 4", ".nf", *map(_safe, text.splitlines()), ".fi", ".RE"]

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def of_command(code: str) -> str:
    """Return the page renewd(1)."""
    words = language(code)
    say = words.say
    page = _ManualPage("renewd", 1, words, say("manual.renewd"))
    page.section("synopsis")
    page.paragraph("renewd [--config PATH] [--state DIR] COMMAND …")
    page.section("description")
    page.paragraph(say("terminal.help.renewd"))
    page.section("commands")
    for name in COMMANDS:
        entry = command(name)
        page.part(usage(name))
        said = does(words, name)
        page.paragraph(said if said.endswith("…") else said + words.say("service.stop"))
        if more := about(words, name):
            page.paragraph(more)
        for argument in entry.arguments:
            page.item(argument.name, meaning(words, name, argument))
            for choice in argument.choices if argument.name == "WHAT" else ():
                page.item(choice, say(f"terminal.help.what.{choice}"))
        for option in entry.options:
            page.item(spelled(option), meaning(words, name, option))
        for place, example in enumerate(entry.examples, 1):
            page.item(f"renewd {example}", example_text(words, name, place))
    page.section("options")
    for option in GLOBAL:
        page.item(spelled(option), say(f"terminal.help.option.{option.name}"))
    page.section("exits")
    for number in _CODES:
        page.item(str(number), say(f"manual.exit.{number}"))
    page.section("files")
    for place, path in enumerate(_FILES, 1):
        page.item(path, say(f"manual.file.{place}"))
    page.section("see")
    page.paragraph("plans.toml(5), systemctl(1), journalctl(1)")
    return page.text()


def of_file(code: str) -> str:
    """Return the page plans.toml(5)."""
    words = language(code)
    page = _ManualPage("plans.toml", 5, words, words.say("manual.file-of-plans"))
    page.section("description")
    page.paragraph(words.say("manual.one-file"))
    page.code(_first_file(code))
    page.section("keys")
    for table in FILE.tables().values():
        page.part(words.say("manual.top") if table is FILE else table.name)
        page.paragraph(table.about(code))
        for name, key in table.keys.items():
            if not (table is FILE and isinstance(key.type, Sub | ById)):
                page.item(name, _key(key, words))
    page.section("see")
    page.paragraph("renewd(1)")
    return page.text()


def show(name: str, screen: Screen) -> int:
    """Show the page plans.toml(5) or renewd(1) in `man`; write its source where there is none, or no terminal."""
    text = of_file(screen.words.code) if name == "plans.toml" else of_command(screen.words.code)
    program = shutil.which("man")
    if program and screen.stream.isatty():
        return subprocess.run([program, "--local-file", "-"], input=text.encode(), check=False).returncode  # noqa: S603
    screen.print(text.rstrip())
    return 0


PAGES: Mapping[str, Callable[[], str]] = {
    f"{'' if code == FALLBACK else code.replace('-', '_') + '/'}{name}": partial(make, code)
    for code in LANGUAGES
    for name, make in (("renewd.1", of_command), ("plans.toml.5", of_file))
}


def _first_file(code: str) -> str:
    """Return the starter from [mail] on, with its comments in one language."""
    text = (ASSETS / "config" / "starter.toml").read_text("utf-8")
    return re.sub(r"# (.*) / (.*)", r"# \2" if code == FALLBACK else r"# \1", text[text.index("[mail]") :])


def _key(key: Key, words: Language) -> str:
    parts = [about_key(key, words)]
    if key.required:
        parts.append(words.say("manual.required"))
    if key.default:
        parts.append(words.say("manual.default", value=key.default))
    if isinstance(key.type, Sub | Each | ById):
        parts.append(words.say("manual.see-table", table=key.type.table.name))
    elif key.example and key.example != key.default:
        parts.append(words.say("manual.example", value=key.example))
    return words.between.join(parts)


def _safe(text: str) -> str:
    """Return a text escaped for groff: backslashes, dashes, quotes, and a dot at the beginning of a line."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("'", "\\(aq").replace("`", "")
    return re.sub(r"(?m)^(?=[.'])", r"\\&", text)
