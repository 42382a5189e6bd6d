"""The output of a command: sentences in the user's language, and colors if the terminal shows them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, TextIO

from renewd.cli.commands import COMMANDS
from renewd.i18n import Language, as_typed, language
from renewd.render.table import style, terminal_width, wants_color, wrap

if TYPE_CHECKING:
    from renewd.domain.plans import Person

LONGEST_NAME = 40  # columns; a longer one would push the other columns of a table off the terminal
WIDE = 100  # columns from which a table shows what is only nice to know
YES = ("y", "yes", "是", "好", "对")  # typed where a command asks

_RENEWD = re.compile(rf"(?<![\w/])renewd ({'|'.join(sorted(COMMANDS, key=len, reverse=True))})\b")
_NEAR = timedelta(days=180)


def with_options(options: str, text: str) -> str:
    """Return a text whose commands have these options, which lead to the files that were named."""
    return _RENEWD.sub(lambda found: f"renewd {options}{found[1]}", text)


class Screen:
    """Standard output in one language, with the colors and the width of the terminal."""

    def __init__(self, code: str, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.words: Language = language(code)
        self.color = wants_color(self.stream)
        self.width = terminal_width()

    def on(self, stream: TextIO) -> Screen:
        """Return the same for another stream."""
        return Screen(self.words.code, stream)

    def say(self, key: str, /, **args: object) -> str:
        """Return a sentence of terminal.toml."""
        return self.words.say(f"terminal.{key}", **args)

    def style(self, text: str, name: str) -> str:
        """Return a text in a style of `table.style` where colors are shown, else the text."""
        return style(text, name, on=self.color)

    def typed(self, words: str) -> str:
        """Return a command as it can be typed to go on."""
        return as_typed(f"renewd {words}")

    def command(self, words: str) -> str:
        """Return the same in the color of commands."""
        return self.style(self.typed(words), "cyan")

    def person(self, person: Person) -> str:
        """Return the name of a person; the reader is `me`."""
        return self.say("me") if person.id == "me" else person.name

    def way(self, push: str | None) -> str:
        """Return by which way something goes: the id of a push, or `mail`."""
        return self.say("by-mail") if push is None else push

    def clock(self, clock: time, zone: str) -> str:
        """Return `09:00（纽约）`, `9 AM (New York)`."""
        return self.say("clock", clock=self.words.clock(clock), city=self.words.city(zone))

    def day(self, day: date, now: datetime) -> str:
        """Return `12月5日周六`, `Sat, Dec 5`; with its year if it is more than half a year away."""
        return self.words.day(day) if abs(day - now.date()) <= _NEAR else self.words.day_year(day)

    def instant(self, at: datetime, zone: str) -> str:
        """Return `11月30日周一 18:02`, `Mon, Nov 30, 6:02 PM`: an instant in a time zone."""
        wall = _wall(at, zone)
        return self.say("instant", day=self.words.day(wall.date()), clock=self.words.clock(wall.time()))

    def instant_in(self, at: datetime, zone: str) -> str:
        """Return `12月10日周四 09:00（纽约）`, `Thu, Dec 10, 9 AM (New York)`."""
        wall = _wall(at, zone)
        return self.say("instant", day=self.words.day(wall.date()), clock=self.clock(wall.time(), zone))

    def list(self, items: Iterable[str]) -> str:
        """Return `甲，乙`, `A, B`."""
        return self.words.clauses(items)

    def sentences(self, *sentences: str) -> str:
        """Return the sentences joined."""
        return self.words.between.join(sentences)

    def print(self, *lines: str) -> None:
        """Write lines as they are; an empty one where none is given."""
        for line in lines or ("",):
            self.stream.write(f"{line}\n")

    def paragraph(self, text: str) -> None:
        """Write a sentence without styles, wrapped to the terminal."""
        self.print(*wrap(text, self.width))

    def raw(self, data: bytes) -> None:
        """Write bytes as they are."""
        self.stream.flush()
        self.stream.buffer.write(data)
        self.stream.buffer.flush()

    def exit(self, code: int, why: str | None = None) -> int:
        """Write the exit code, dim, as the last line, and return it."""
        line = self.say("exit", code=code) if why is None else self.say("exit-why", code=code, why=self.say(why))
        self.print(self.style(line, "dim"))
        return code

    def table(
        self,
        rows: Iterable[Iterable[str | tuple[str, str]]],
        headings: tuple[str, ...],
        align: str,
        drop: tuple[int, ...] = (),
        *,
        narrow: bool = False,
    ) -> None:
        """Write a table. A wide terminal shows as many columns of `drop` as fit, a narrow one only with `narrow`."""
        from renewd.render.table import table

        lines = table(
            [list(row) for row in rows],
            headings,
            align,
            self.width if narrow or self.width >= WIDE else 0,
            drop=drop,
            color=self.color,
        )
        self.print(*lines)


def _wall(at: datetime, zone: str) -> datetime:
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo(zone))
