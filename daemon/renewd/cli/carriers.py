"""`renewd carriers [ID] [--json]`: the catalogue, each fact with its sources, their dates and how far to trust it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from renewd.cli.commands import JSON, Argument, Command
from renewd.cli.screen import Screen
from renewd.config.catalogue import SHIPPED, Catalogue, load_catalogue
from renewd.disk import Paths
from renewd.domain.carriers import Carrier, CarrierFact, Contact, Source
from renewd.domain.cycles import LOW_CONFIDENCE_DAYS
from renewd.domain.dates import Duration, whole_days_after
from renewd.domain.errors import UsageError
from renewd.render.table import cells_of, table, wrap

COMMAND = Command(
    arguments=(Argument("ID", optional=True, takes="carrier"),),
    options=(JSON,),
    examples=("carriers tello",),
)

GENERAL = "general"  # in place of an id: what holds for every carrier


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print the catalogue, or the brand `args.id`. Raises UsageError where there is no such brand."""
    own = paths.config.parent / "carriers.toml"
    catalogue, problems = load_catalogue(SHIPPED, own)
    today = datetime.now(UTC).astimezone().date()
    if args.json:
        screen.print(as_json(catalogue, args.id, today))
        return 0
    lines = overview(screen, today, catalogue, own) if args.id is None else one_brand(screen, today, catalogue, args.id)
    screen.print(*lines)
    if problems:
        screen.print("", screen.style(screen.words.say("carriers.has-problems", n=len(problems)), "yellow"))
        screen.print(screen.command("check"))
    return 0


def find(catalogue: Catalogue, id_: str) -> Carrier:
    """Return a brand by its id. Raises UsageError, which suggests an id that is close."""
    if id_ in catalogue:
        return catalogue[id_]
    from renewd.config.table_reader import nearest

    meant = catalogue.suggestions.get(id_.lower()) or nearest(id_, catalogue)
    raise UsageError("carriers.no-such-brand-meant" if meant else "carriers.no-such-brand", id=id_, meant=meant)


def overview(screen: Screen, today: date, catalogue: Catalogue, own: Path) -> list[str]:
    """Return the lines that list every brand; `own` is the file for the user's corrections."""
    return _CarrierPage(screen, today).brands(catalogue, own)


def one_brand(screen: Screen, today: date, catalogue: Catalogue, id_: str) -> list[str]:
    """Return the lines with everything known of one brand, or what holds for all (`GENERAL`). Raises UsageError."""
    page = _CarrierPage(screen, today)
    if id_ == GENERAL and id_ not in catalogue:
        return page.general(catalogue)
    return page.brand(find(catalogue, id_))


class _Entry(NamedTuple):
    label: str
    number: str  # to dial, or a reseller's name, or ""
    fact: CarrierFact


class _CarrierPage(NamedTuple):
    """The lines of a screen, as of a day."""

    screen: Screen
    today: date

    def brands(self, catalogue: Catalogue, own: Path) -> list[str]:
        say, style = self.screen.words.say, self.screen.style
        oldest = min((brand.checked for brand in catalogue.values()), default=self.today)
        rows = [
            (
                (brand.id, "cyan"),
                brand.name[self.screen.words.code],
                say(f"carriers.kind.{brand.kind}"),
                self._grace(brand),
                self.screen.words.day_plain(brand.checked),
            )
            for brand in catalogue.values()
        ]
        headings = [say(f"carriers.head.{name}") for name in ("id", "name", "kind", "grace", "checked")]
        return [
            style(say("carriers.count", n=len(catalogue), checked=oldest, age=self._ago(oldest)), "bold"),
            "",
            *table(rows, headings, "lllll", self.screen.width, drop=(4,), color=self.screen.color),
            "",
            *(self._hint("one", "carriers tello"), self._hint("general", f"carriers {GENERAL}")),
            *wrap(say("carriers.correct", file=own), self.screen.width),
        ]

    def _hint(self, key: str, command: str) -> str:
        return self.screen.words.say(f"carriers.see.{key}", command=self.screen.command(command))

    def _grace(self, brand: Carrier) -> str | tuple[str, str]:
        say = self.screen.words.say
        if brand.grace is None:
            return (say("carriers.grace.unknown"), "yellow") if brand.kind == "prepaid" else say("carriers.grace.none")
        length = self.screen.words.duration(brand.grace)
        sure = brand.grace_confidence != "low"
        if brand.grace.n == 0:
            return say("carriers.grace.at-once") if sure else (say("carriers.grace.perhaps-at-once"), "yellow")
        words = say(f"carriers.grace.{brand.grace_origin}", length=length)
        return words if sure else (say("formats.about", amount=words), "yellow")

    def general(self, catalogue: Catalogue) -> list[str]:
        title = self.screen.words.say("carriers.general")
        return self._shown([title], [_Entry("", "", fact) for fact in catalogue.general.values()])

    def brand(self, brand: Carrier) -> list[str]:
        say = self.screen.words.say
        name, kind = brand.name[self.screen.words.code], say(f"carriers.kind.{brand.kind}")
        title = say("carriers.title", name=name, id=brand.id, kind=kind)
        checked = say("carriers.checked", checked=brand.checked, age=self._ago(brand.checked))
        return self._shown([title, checked], list(self._entries(brand)))

    def _entries(self, brand: Carrier) -> Iterable[_Entry]:
        say = self.screen.words.say
        for topic, fact in brand.facts.items():
            yield _Entry(say(f"carriers.topic.{topic}"), "", fact)
        for name, contacts in (("hotline", brand.hotlines), ("code", brand.codes)):
            for contact in contacts:
                yield _Entry(say(f"carriers.topic.{name}"), _dialled(contact), contact.fact)
        for fact in brand.resellers:
            yield _Entry(say("carriers.topic.reseller"), str(fact.values["name"]), fact)
        for fact in brand.traps:
            yield _Entry(say("carriers.topic.trap"), "", fact)

    def _shown(self, title: list[str], entries: list[_Entry]) -> list[str]:
        bold = partial(self.screen.style, name="bold")
        sources = {_key(source): source for entry in entries for source in entry.fact.sources}
        numbers = {key: number for number, key in enumerate(sources, 1)}
        column = max((cells_of(entry.label) for entry in entries), default=0)
        lines = [bold(title[0]), *title[1:], ""]
        for entry in entries:
            first, *rest = self._told(entry.fact, entry.number, numbers, self.screen.width - column - 2)
            lines.append(bold(entry.label) + " " * (column + 2 - cells_of(entry.label)) + first)
            lines += [" " * (column + 2) + line for line in rest]
        lines += ["", bold(self.screen.words.say("carriers.sources"))]
        for key, source in sources.items():
            lines += self._cited(source, numbers[key])
        return lines

    def _told(self, fact: CarrierFact, number: str, numbers: Mapping[tuple[str, str], int], width: int) -> list[str]:
        words = self.screen.words
        text = fact.text[words.code]
        cited = " ".join(f"[{numbers[_key(source)]}]" for source in fact.sources)
        confidence = words.say(f"carriers.confidence.{fact.confidence}")
        trust = words.say("carriers.trust", confidence=confidence, age=self._ago(fact.checked or self.today))
        lasts, most = fact.values.get("lasts"), LOW_CONFIDENCE_DAYS.days
        if fact.confidence == "low" and isinstance(lasts, Duration) and whole_days_after(lasts) > most:
            trust += words.say("carriers.capped", n=most)
        return [
            *wrap(f"{number}  {text}" if number else text, width),
            *(self.screen.style(line, "dim") for line in wrap(f"{trust} {cited}", width)),
        ]

    def _cited(self, source: Source, number: int) -> list[str]:
        words = self.screen.words
        note = source.note.get(words.code)
        kind = words.say(f"carriers.source.{source.kind}")
        key = "carriers.source-line-note" if note else "carriers.source-line"
        texts = wrap(words.say(key, kind=kind, dated=self._dated(source.dated), note=note), self.screen.width - 6)
        lines = [f"{number:>4}  {texts[0]}", *(f"      {text}" for text in texts[1:])]
        return [*lines, f"      {source.url}"]

    def _dated(self, dated: str) -> str:
        words = self.screen.words
        if dated == "undated":
            return words.say("carriers.undated")
        about, _, day = dated.rpartition(" ")
        parts = [int(part) for part in day.split("-")]
        if len(parts) == 3:
            told = words.day_plain(date.fromisoformat(day))
        elif len(parts) == 2:
            told = words.month_year(date(parts[0], parts[1], 1))
        else:
            told = words.say("carriers.year", year=parts[0])
        return words.say("formats.about", amount=told) if about else told

    def _ago(self, checked: date) -> str:
        days = _age(checked, self.today)
        return self.screen.words.say("carriers.ago" if days else "carriers.ago-today", n=days)


def _dialled(contact: Contact) -> str:
    number = contact.tel or contact.dial or ""
    return f"{contact.text} -> {number}" if contact.text else number


def _age(checked: date, today: date) -> int:
    return max(0, (today - checked).days)


def _key(source: Source) -> tuple[str, str]:
    return source.id, source.dated


def as_json(catalogue: Catalogue, id_: str | None, today: date) -> str:
    """Return one brand, all of them, or the general facts as JSON, with the notes of every language."""
    if id_ is None:
        told: object = [_brand(brand, today) for brand in catalogue.values()]
    elif id_ == GENERAL and id_ not in catalogue:
        told = {name: _fact(fact, today) for name, fact in catalogue.general.items()}
    else:
        told = _brand(find(catalogue, id_), today)
    return json.dumps(told, ensure_ascii=False, indent=2)


def _brand(brand: Carrier, today: date) -> dict[str, object]:
    return {
        "id": brand.id,
        "name": dict(brand.name),
        "kind": brand.kind,
        "checked": brand.checked.isoformat(),
        "age_days": _age(brand.checked, today),
        "grace": str(brand.grace) if brand.grace else None,
        "grace_from": brand.grace_origin if brand.grace else None,
        "facts": {topic: _fact(fact, today) for topic, fact in brand.facts.items()},
        "hotlines": [_fact(contact.fact, today) for contact in brand.hotlines],
        "codes": [_fact(contact.fact, today) for contact in brand.codes],
        "resellers": [_fact(fact, today) for fact in brand.resellers],
        "traps": [_fact(fact, today) for fact in brand.traps],
    }


def _fact(fact: CarrierFact, today: date) -> dict[str, object]:
    return {
        "text": dict(fact.text),
        "values": {key: _plain(value) for key, value in fact.values.items()},
        "confidence": fact.confidence,
        "checked": fact.checked.isoformat() if fact.checked else None,
        "age_days": _age(fact.checked, today) if fact.checked else None,
        "sources": [
            {"id": source.id, "url": source.url, "kind": source.kind, "dated": source.dated, "note": dict(source.note)}
            for source in fact.sources
        ],
    }


def _plain(value: object) -> object:
    """Return a figure as JSON: lengths and money are strings."""
    if isinstance(value, Duration | Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
