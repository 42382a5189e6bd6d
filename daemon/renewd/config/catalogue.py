"""The catalogue of carriers: the shipped carriers.toml, and the user's own beside plans.toml, as `Carrier` values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from stat import S_ISREG
from typing import Any

from renewd.assets import ASSETS
from renewd.config.addresses import Url
from renewd.config.catalogue_keys import FIELDS, LISTS, TOPICS, brand, general, in_every_language, source
from renewd.config.locate import KeyPath
from renewd.config.locations import problems
from renewd.config.merge import PlacedMistake
from renewd.config.plan_ids import is_id
from renewd.config.plan_schema import Key, Table
from renewd.config.sources import SourceFile, safety
from renewd.config.syntax_errors import Slip, parse
from renewd.config.table_reader import Mistake, Mistakes, nearest, read_table, read_value
from renewd.config.times import Day
from renewd.disk import read_regular
from renewd.domain.carriers import Carrier, CarrierFact, Contact, Source
from renewd.domain.errors import Problem
from renewd.i18n import LANGUAGES

SHIPPED = ASSETS / "config" / "carriers.toml"

_DAY, _ADDRESS = Key(Day(), "", ""), Key(Url(("https",)), "", "")


class Catalogue(dict[str, Carrier]):
    """The brands by id; `general` are facts of every brand, `suggestions` lead from other names to ids."""

    def __init__(self) -> None:
        super().__init__()
        self.general: dict[str, CarrierFact] = {}
        self.suggestions: dict[str, str] = {}


class LazyCatalogue(Mapping[str, Carrier]):
    """The catalogue whose shipped brands are read one by one when they are asked for: a household names few of them.

    All are read at once where there is a carriers.toml of the user's own, or something is asked about all of them.
    """

    def __init__(self, shipped: Path, own: Path) -> None:
        self.problems: tuple[Problem, ...] = ()
        self._path, self._text = shipped, ""
        self._read: dict[str, Carrier] = {}
        if _there(own) or (file := _opened(shipped, str(shipped), parsed=False)).findings or file.slips:
            self._all, self.problems = load_catalogue(shipped, own)
            return
        self._text = file.text

    def __getitem__(self, id_: str) -> Carrier:
        if "_all" in vars(self) or ("carrier", id_) not in self._tables:
            return self._all[id_]
        if id_ not in self._read:
            brand = self._tables["carrier", id_]
            cited = (text for (group, name), text in self._tables.items() if group == "source" and f'"{name}"' in brand)
            head = self._text.partition("\n[")[0]
            self._read[id_] = self._parsed("".join((head, brand, *cited)))[id_]
        return self._read[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def suggestions(self) -> Mapping[str, str]:
        """The ids that other names lead to."""
        return self._all.suggestions

    @cached_property
    def _tables(self) -> Mapping[tuple[str, str], str]:
        """The text of the tables of each brand and source."""
        found: dict[tuple[str, str], str] = {}
        for table in self._text.split("\n[")[1:]:
            group, id_ = table.lstrip("[").partition("]")[0].split(".")[:2]
            found[group, id_] = f"{found.get((group, id_), '')}\n[{table}"
        return found

    @cached_property
    def _all(self) -> Catalogue:
        return self._parsed(self._text)

    def _parsed(self, text: str) -> Catalogue:
        catalogue = Catalogue()
        _CatalogueReading(_as_file(self._path, str(self._path), text), {}, own=False).read_into(catalogue)
        return catalogue


def load_catalogue(shipped: Path, own: Path | None = None) -> tuple[Catalogue, tuple[Problem, ...]]:
    """Return the brands of the shipped file, corrected and completed by the user's own file, and the problems.

    A fact of the own file takes the place of the shipped fact of its topic; its hotlines, codes and traps come
    before the shipped ones. A mistake in a brand invalidates that brand in
    that file only, so that the shipped one stays in force. Nothing is raised.
    """
    catalogue, sources = Catalogue(), dict[str, Source]()
    found = _CatalogueReading(_opened(shipped, str(shipped)), sources, own=False).read_into(catalogue)
    if own is not None and _there(own):
        found += _CatalogueReading(_opened(own, own.name, own=True), sources, own=True).read_into(catalogue)
    return catalogue, found


def _there(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True  # to be told why it cannot be read
    return True


def _opened(path: Path, name: str, *, own: bool = False, parsed: bool = True) -> SourceFile:
    """Return a file with its contents, or with the reason why it cannot be read."""
    try:
        facts = path.stat()
        if own and (fault := safety(path, facts)) and fault.severity == "error":  # who may call whom stands in it
            return SourceFile(name, path, findings=(fault,))
        if not S_ISREG(facts.st_mode):  # a pipe would keep us waiting
            return SourceFile(name, path, findings=(Mistake((), "check.not-a-file", {"path": path}),))
        text = read_regular(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return SourceFile(name, path, slips=(Slip(line, 0, 0, "check.not-utf-8", {"encoding": ""}),))
    except OSError as error:
        return SourceFile(
            name, path, findings=(Mistake((), "check.cannot-read", {"path": path, "reason": error.strerror}),)
        )
    return _as_file(path, name, text) if parsed else SourceFile(name, path, text)


def _as_file(path: Path, name: str, text: str) -> SourceFile:
    parsed = parse(text)
    return SourceFile(name, path, text, parsed.text, parsed.raw, parsed.slips)


def _written(path: Path) -> date:
    """Return the day a file was last written. Facts without a date are at least as old."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except OSError:
        return date.min


class _CatalogueReading:
    """One carriers.toml being read. The user's own may leave out words, sources, confidence and days."""

    def __init__(self, file: SourceFile, sources: dict[str, Source], *, own: bool) -> None:
        self.file, self.sources, self.own = file, sources, own
        self.retrieved = _written(file.path)
        self.report = Mistakes()
        self.report.findings.extend(file.findings)

    def read_into(self, catalogue: Catalogue) -> tuple[Problem, ...]:
        """Add what the file holds to the catalogue, in place of what is there, and return what is wrong in it."""
        raw = self.file.raw or {}
        self._top(raw)
        for id_, table, before in self._tables(raw, "source", source(own=self.own)):
            if self.report.errors == before:
                self.sources[id_] = Source(**{"kind": "own", "dated": "undated", **table}, id=id_)
        for id_, table, before in self._tables(raw, "general", general(own=self.own)):
            fact = self._fact(("general", id_), table, self.retrieved, {})
            if self.report.errors == before:
                catalogue.general[id_] = fact
        for id_, table, before in self._tables(raw, "carrier", brand(own=self.own)):
            self._brand(id_, table, before, catalogue)
        return problems([PlacedMistake(self.file, finding) for finding in self.report.findings], [self.file])

    def _top(self, raw: Mapping[str, object]) -> None:
        known = ("compiled", "retrieved", "source", "general", "carrier")
        for key in raw:
            if key not in known:
                meant = nearest(key, known)
                self.report.wrong(
                    (key,), "check.unknown-key-meant" if meant else "check.unknown-key", "key", meant=meant
                )
        if "retrieved" in raw:
            read = read_value(_DAY, raw["retrieved"], (), "retrieved", self.report)
            self.retrieved = read if isinstance(read, date) else self.retrieved

    def _tables(
        self, raw: Mapping[str, object], name: str, form: Table
    ) -> Iterator[tuple[str, Mapping[str, Any], int]]:
        """Iterate the tables below a name: the id, the good keys, and how many errors there were before it."""
        tables = raw.get(name, {})
        if not isinstance(tables, dict):
            self.report.wrong((name,), "check.not-a-table", example=f"[{name}]")
            return
        spoiled = {slip.path[:2] for slip in self.file.slips}
        for id_, table in tables.items():
            before, path = self.report.errors, (name, id_)
            if not is_id(id_) and name == "carrier":
                self.report.wrong(path, "carriers.not-an-id", "table")
            read = read_table(form, table, path, self.report)
            yield id_, read, -1 if path in spoiled else before

    def _brand(self, id_: str, table: Mapping[str, Any], before: int, catalogue: Catalogue) -> None:
        path, known = ("carrier", id_), catalogue.get(id_)
        sound = self.report.errors == before
        checked = table.get("checked", self.retrieved)
        facts = {
            topic: self._fact((*path, topic), table[topic], checked, figures)
            for topic, figures in TOPICS.items()
            if topic in table
        }
        lists = {
            name: [self._fact((*path, name, n), one, checked, figures) for n, one in enumerate(table.get(name, ()))]
            for name, figures in LISTS.items()
        }
        kind = table.get("kind", known and known.kind)
        if kind is None and sound:
            self.report.wrong(path, "check.missing", "table", key="kind", example='kind = "prepaid"')
        if not (known or facts or any(lists.values())) and sound:
            self.report.wrong(path, "carriers.no-facts", "table")
        if self.report.errors == before:
            name = table.get("name") or (known.name if known else dict.fromkeys(LANGUAGES, id_))
            catalogue[id_] = _carrier(known, facts, lists, id=id_, name=name, kind=kind)
            catalogue.suggestions.update((alias.lower(), id_) for alias in table.get("aliases", ()))

    def _fact(
        self, path: KeyPath, table: Mapping[str, Any], checked: date, figures: Mapping[str, object]
    ) -> CarrierFact:
        """Return a fact. What is wrong with it besides its keys goes into the report."""
        values = {key: table[key] for key in figures if key in table}
        said = {language: table[language] for language in LANGUAGES if language in table}
        checked = table.get("checked", checked)
        return CarrierFact(
            text=in_every_language(said, ", ".join(f"{key} = {value}" for key, value in values.items()) or "-"),
            sources=self._cited(path, table.get("sources", ()), checked),
            confidence=table.get("confidence", "high"),
            checked=checked,
            values=values,
        )

    def _cited(self, path: KeyPath, ids: Sequence[str], checked: date) -> tuple[Source, ...]:
        """Return the sources of a fact. In the user's own file one may be an address; without any, it is the file."""
        path = (*path, "sources")
        for id_ in ids:
            if id_ in self.sources:
                continue
            if self.own and id_.startswith("https://"):
                read_value(_ADDRESS, id_, path[:-1], "sources", self.report)
                self.sources[id_] = Source(id=id_, url=id_, kind="own", dated="undated")
            else:
                meant = nearest(id_, self.sources)
                code = "carriers.no-such-source-meant" if meant else "carriers.no-such-source"
                self.report.wrong(path, code, id=id_, meant=meant)
        if ids:
            return tuple(self.sources[id_] for id_ in ids if id_ in self.sources)
        if not self.own:
            self.report.wrong(path, "carriers.no-source")
        return (Source(id="own", url=str(self.file.path), kind="own", dated=checked.isoformat()),)


def _carrier(
    known: Carrier | None, facts: dict[str, CarrierFact], lists: Mapping[str, list[CarrierFact]], **named: Any
) -> Carrier:
    """Return a brand with these facts first, and after them what is already known of it."""
    hotlines, codes = ({_id(fact): _contact(fact) for fact in lists[name]} for name in ("hotline", "code"))
    resellers, traps = tuple(lists["reseller"]), tuple(lists["trap"])
    if known:
        facts = {**known.facts, **facts}
        hotlines = {**hotlines, **{_id(one.fact): one for one in known.hotlines if _id(one.fact) not in hotlines}}
        codes = {**codes, **{_id(one.fact): one for one in known.codes if _id(one.fact) not in codes}}
        named_now = {fact.values["name"] for fact in resellers}
        resellers += tuple(fact for fact in known.resellers if fact.values["name"] not in named_now)
        traps += known.traps
    listed = [contact.fact for contact in chain(hotlines.values(), codes.values())]
    fields: dict[str, Any] = {
        field: facts[topic].values[key]
        for (topic, key), field in FIELDS.items()
        if topic in facts and key in facts[topic].values
    }
    if "grace" in facts:
        fields["grace_confidence"] = facts["grace"].confidence
    return Carrier(
        checked=min(fact.checked for fact in chain(facts.values(), listed, resellers, traps) if fact.checked),
        hotlines=tuple(hotlines.values()),
        codes=tuple(codes.values()),
        resellers=resellers,
        traps=traps,
        facts=facts,
        **fields,
        **named,
    )


def _contact(fact: CarrierFact) -> Contact:
    return Contact(fact=fact, **fact.values)  # type: ignore[arg-type]


def _id(fact: CarrierFact) -> tuple[object, ...]:
    return tuple(fact.values.get(key) for key in ("tel", "dial", "text"))
