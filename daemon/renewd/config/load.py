"""From files to a household. A table with a mistake is left out, or its last good form stays in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from renewd.config.household import Lookup, build_card, build_household, build_person, build_plan, read_pushes
from renewd.config.keys import FILE, GROUPS
from renewd.config.last_good import Good, LastGoodTable
from renewd.config.locations import problems
from renewd.config.mail_server import MeantServer, chooses_a_channel, dotted, meant_server
from renewd.config.merge import MergedItem, Written, collect, last_only
from renewd.config.plan_schema import Sub
from renewd.config.settings import Settings, check_answers, check_mail, settings
from renewd.config.sources import SourceFile, read_files
from renewd.config.table_reader import MISSING, Mistake, Mistakes, read_table
from renewd.config.times import is_zone
from renewd.disk import Paths
from renewd.domain.carriers import Carrier
from renewd.domain.errors import ConfigError, Problem
from renewd.domain.plans import Household, Person

_Built = TypeVar("_Built")


class Loaded(NamedTuple):
    """A household to run with, and the problems of the files it comes from.

    `problems` are sorted by file and line. `good` is what to keep for the next time. `files` were read, the main one
    first; a new file in one of the `folders` may belong to them too.
    """

    household: Household
    settings: Settings
    problems: tuple[Problem, ...]
    good: Good
    files: tuple[Path, ...]
    folders: tuple[Path, ...] = ()


class _Machine(NamedTuple):
    """What the file itself cannot say."""

    catalogue: Mapping[str, Carrier]
    today: date
    zone: str
    hostname: str
    language: str
    folder: Path


def load(
    path: Path,
    *,
    catalogue: Mapping[str, Carrier],
    today: date,
    machine_zone: str,
    hostname: str,
    good: Good | None = None,
    language: str = "en",
    needs_plans: bool = True,
) -> Loaded:
    """Return what a configuration holds, and all its problems (docs/rules.md#mistakes).

    `good` is `Loaded.good` of the last time. `language` is used if the file names none. Without `needs_plans`, people
    are enough to run with. Raises ConfigError with all problems if nothing good is left to run with.
    """
    last = good or Good()
    read = read_files(path, last.top.get("include"))
    meant = meant_server(read.sources)
    machine = _Machine(
        catalogue, today, machine_zone if is_zone(machine_zone) else "UTC", hostname, language, path.parent.absolute()
    )
    now = _Reading(collect(read, last), machine, read.sources[0])
    made, kept = now.make(meant), now.good
    if _is_without_plans(made) and good is not None:
        made, kept = _Reading(last_only(good), machine, None).make(meant), good
    if needs_plans and _is_without_plans(made):
        made = None
    if made is not None and made[1].mail.held and meant is not None and not now.written.has_errors:
        now.written.say(meant.source, Mistake(meant.path, "check.mail-held", {}, "key"))
    found = problems(now.written.said, read.sources)
    if made is None and [one.code for one in read.sources[0].findings] == ["check.no-file"]:
        raise ConfigError("terminal.no-config", path=Paths(path, path).short(path), command="renewd init")
    if made is None:
        raise ConfigError("check.nothing-good", found, path=path)
    household, program = made
    return Loaded(
        household=household,
        settings=program,
        problems=found,
        good=kept,
        files=tuple(source.path for source in read.sources),
        folders=read.folders,
    )


def _is_without_plans(made: tuple[Household, Settings] | None) -> bool:
    return made is None or not made[0].plans


class _Reading:
    """One pass over what is written; afterwards `good` holds what of it was good, or had been."""

    def __init__(self, written: Written, machine: _Machine, main: SourceFile | None) -> None:
        self.written = written
        self.machine = machine
        self._main = main
        self._top: dict[str, object] = {}
        self._kept: dict[str, dict[str, LastGoodTable]] = {group: {} for group in GROUPS}

    @property
    def good(self) -> Good:
        return Good(self._top, **self._kept)

    def make(self, meant: MeantServer | None) -> tuple[Household, Settings] | None:
        """Return the household, perhaps without plans, and settings; None if nobody is told.

        Mails are held where a server is `meant` and none is named well.
        """
        top = {name: self._read_top(name, item) for name, item in self.written.top.items()}
        household = self._household(top)
        people = self._people(household, top)
        cards = self._group("card", lambda id_, raw, _, report: build_card(id_, raw, report))
        household = replace(household, people=people, cards=cards)
        lookup = Lookup(
            household=household,
            catalogue=self.machine.catalogue,
            today=self.machine.today,
            folder=self.machine.folder,
            broken={"person": self._broken("person", people), "card": self._broken("card", cards)},
        )
        if not people and not self.written.lost:
            self.written.say(self._main, Mistake((), "check.nobody"))
        plans = self._group("plan", lambda id_, raw, file, report: build_plan(id_, raw, file, lookup, report))
        if not people or self.written.lost:
            return None
        household = replace(household, plans=plans)
        me = people["me"].email or None if "me" in people else None
        tables: Any = {name: value for name, value in top.items() if isinstance(value, dict)}
        program = settings(tables, me=me, hostname=self.machine.hostname, folder=self.machine.folder)
        if meant is not None and not chooses_a_channel(top.get("mail")):
            program = replace(program, mail=program.mail._replace(held=dotted(meant.path)))
        return household, program

    def _read_top(self, name: str, item: MergedItem) -> object:
        """Return a key or table of the file: as written if good, else the last good form, else the good part of it."""
        report = Mistakes()
        now = _read_top(name, item.raw, report) if item.raw is not MISSING else MISSING
        self._note(item, report)
        if now is not MISSING and not report.errors and not item.spoilt:
            self._top[name] = item.raw
            return now
        if item.last is not MISSING:
            self._top[name] = item.last
            return _read_top(name, item.last, Mistakes())
        if item.spoilt and item.source:
            wrong = {slip.path[1:2] for slip in item.source.slips if slip.path[:1] == (name,)}
            now = {k: v for k, v in now.items() if (k,) not in wrong} if isinstance(now, dict) else MISSING
        if isinstance(now, dict) and isinstance(
            item.raw, dict
        ):  # what is in force now is the last good form from here on
            self._top[name] = {k: v for k, v in item.raw.items() if k in now or k.replace("_", "-") in now}
        return now

    def _household(self, top: Mapping[str, object]) -> Household:
        good = {name: value for name, value in top.items() if value is not MISSING}
        if "timezone" not in self.written.top and not self.written.lost:
            self.written.say(
                self._main,
                Mistake(("timezone",), "check.zone-of-machine", {"zone": self.machine.zone}, "value", "warning"),
            )
        return build_household(good, self.machine.zone, (self.machine.language,))

    def _people(self, household: Household, top: Mapping[str, object]) -> dict[str, Person]:
        mail = top.get("mail")
        to = mail.get("to") if isinstance(mail, dict) else None
        push = top.get("push")
        written = self.written.top.get("push")
        raw = written.raw if written is not None and isinstance(written.raw, dict) else {}
        pushes = {*raw, *(push if isinstance(push, dict) else ())}
        people = self._group(
            "person", lambda id_, raw, _, report: build_person(id_, raw, household, to, report, pushes)
        )
        if "me" not in people and to:
            me = build_person("me", {}, household, to, Mistakes())
            if me:
                people = {"me": me, **people}
        self._warn_of_shared_addresses(people)
        return people

    def _warn_of_shared_addresses(self, people: Mapping[str, Person]) -> None:
        """Warn where two people have one mailbox: each mail to both comes twice."""
        first: dict[str, str] = {}
        for id_, person in people.items():
            if not person.email:
                continue
            other = first.setdefault(person.email.lower(), id_)
            if other != id_:
                item = self.written.groups["person"][id_]
                finding = Mistake(("person", id_, "email"), "check.same-address", {"other": other}, severity="warning")
                self.written.say(item.source, finding)

    def _group(self, group: str, build: Callable[[str, object, str, Mistakes], _Built | None]) -> dict[str, _Built]:
        """Build every table of a group: as written if good, else as last good, else left out."""
        built: dict[str, _Built] = {}
        keep = self._kept[group]
        for id_, item in self.written.groups[group].items():
            if item.raw is not MISSING:
                file = item.source.name if item.source else item.file
                report = Mistakes()
                now = build(id_, item.raw, file, report)
                if report.findings:
                    self._note(item, report)
                if now is not None and not item.spoilt:
                    built[id_] = now
                    keep[id_] = LastGoodTable(file, item.raw)
                    continue
            if item.last is not MISSING:
                keep[id_] = LastGoodTable(item.file, item.last)
                then = build(id_, item.last, item.file, Mistakes())
                if then is not None:
                    built[id_] = then
        return built

    def _broken(self, group: str, good: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(id_ for id_ in self.written.groups[group] if id_ not in good)

    def _note(self, item: MergedItem, report: Mistakes) -> None:
        for finding in report.findings:
            self.written.say(item.source, finding)


def _read_top(name: str, raw: object, report: Mistakes) -> object:
    key = FILE.keys.get(name)
    if name == "push":
        return read_pushes(raw, report)
    if key is None or not isinstance(key.type, Sub):
        return read_table(FILE, {name: raw}, (), report).get(name, MISSING)
    good = read_table(key.type.table, raw, (name,), report)
    if name == "mail":
        check_mail(good, (name,), report)
    if name == "answers":
        check_answers(good, (name,), report)
    return good
