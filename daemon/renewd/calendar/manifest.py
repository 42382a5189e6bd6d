"""The manifest of the calendar files: what they were made of, so that a start can leave them alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

import tzdata

from renewd import __version__
from renewd.calendar.builder import CalendarContext
from renewd.calendar.entries import depends_on_today
from renewd.disk import read_json, replace_bytes
from renewd.formats import ics
from renewd.i18n import TEMPLATES


class FileStamp(NamedTuple):
    """A file as it was left: any other size or time means that somebody else has written it."""

    size: int
    modified: int  # nanoseconds

    @classmethod
    def of(cls, path: Path) -> FileStamp | None:
        """Return the stamp of a file as it is now, None where there is none."""
        with suppress(OSError):
            found = path.stat()
            return cls(found.st_size, found.st_mtime_ns)
        return None


@dataclass(slots=True)
class FileState:
    """A person's files as they stand: the size of each plan's events, and whether each plan has a file of its own."""

    sizes: dict[str, int] = field(default_factory=dict)
    split: bool = False


@dataclass(slots=True)
class Manifest:
    """What the files were made of: `world` for all events, `forms` for each plan; `files` is how they were left.

    `token` stands in the ledger too. A ledger with another one does not belong to these files.
    """

    token: str = ""
    world: str = ""
    forms: dict[str, str] = field(default_factory=dict)
    people: dict[str, FileState] = field(default_factory=dict)
    files: dict[str, FileStamp] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the manifest that was kept in a file, an empty one where it is missing or damaged."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            kept = read_json(path)
            people = {person: FileState(**state) for person, state in kept["people"].items()}
            files = {name: FileStamp(*stamp) for name, stamp in kept["files"].items()}
            return cls(kept["token"], kept["world"], kept["forms"], people, files)
        return cls()

    def write(self, path: Path) -> None:
        """Keep the manifest in a file. Raises OSError. One that a power cut empties counts as missing.

        Its parts are written one by one: no other thread goes on while one is.
        """
        people = {person: {"sizes": state.sizes, "split": state.split} for person, state in self.people.items()}
        kept = {"token": self.token, "world": self.world, "forms": self.forms, "people": people, "files": self.files}
        parts = [f'"{name}": {json.dumps(part)}' for name, part in kept.items()]
        replace_bytes(path, f"{{{', '.join(parts)}}}".encode(), sync=False)

    def note(self, path: Path) -> None:
        """Note how a file was left."""
        stamp = FileStamp.of(path)
        if stamp is not None:
            self.files[path.name] = stamp

    def is_as_left(self, path: Path) -> bool:
        """Whether a file is what was last written into it."""
        return path.name in self.files and FileStamp.of(path) == self.files[path.name]


def world_of(context: CalendarContext) -> str:
    """Return the hash of everything that events depend on beside the plans themselves."""
    home = context.household
    carriers = {plan.carrier.id: plan.carrier for plan in home.plans.values() if plan.carrier is not None}
    alike = sorted({plan.name for plan in home.plans.values() if home.label(plan) != plan.name})
    people, cards = dict(home.people), dict(home.cards)
    world = hashlib.blake2b(repr((__version__, ics.FORM, tzdata.IANA_VERSION)).encode(), digest_size=16)
    for text in _sentences({person.languages[0] for person in people.values()}):
        world.update(text)
    household = (context.days, context.settings, home.many_currencies, alike, people, cards, carriers)
    world.update(repr(household).encode("utf-8", "replace"))
    return world.hexdigest()


def forms_of(context: CalendarContext, forms: Mapping[str, str]) -> dict[str, str]:
    """Return the forms of the plans. If the dates of a plan depend on the day, its form includes the day."""
    plans = context.household.plans
    return {
        plan: f"{form} {context.today}" if plan in plans and depends_on_today(plans[plan]) else form
        for plan, form in forms.items()
    }


def _sentences(languages: set[str]) -> Iterator[bytes]:
    for code in sorted(languages):
        for file in sorted((TEMPLATES / code).glob("*.toml")):
            yield file.read_bytes()
