"""From entries to plans and their TOML: each gets an id, a carrier, a card and people, and is checked as by `check`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from renewd.config.clean import clean
from renewd.config.edit import as_toml
from renewd.config.household import Lookup, build_plan
from renewd.config.importers.entry import KEY_ORDER, ImportedEntry, LeftOut, Remark
from renewd.config.messages import said_in_parts
from renewd.config.plan_ids import free_id, readable_id, slug
from renewd.config.table_reader import Mistakes
from renewd.domain.carriers import Carrier
from renewd.domain.errors import Problem
from renewd.domain.plans import Card, Plan
from renewd.i18n import Language

_MARK = re.compile(r"^# import [a-z]+ ([0-9a-f]{12})\b", re.MULTILINE)
_SECTIONS = ("device", "cancel")  # tables of a plan that get a header of their own
_LONGEST_CARD = 100


class ImportedPlan(NamedTuple):
    """A plan to be written: its id, its keys, what was not exact, and the line that tells it from all others."""

    id: str
    values: Mapping[str, object]
    remarks: tuple[Remark, ...]
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPlans:
    """What is new in a file: plans, and the cards that pay for them; and what nothing is made of."""

    plans: tuple[ImportedPlan, ...]
    cards: Mapping[str, Card]
    known: int  # that were imported before, or are written already
    left_out: Mapping[LeftOut, tuple[str, ...]]  # the names, by reason


def marks_in(text: str) -> set[str]:
    """Return the marks of the plans in a text that were imported."""
    return set(_MARK.findall(text))


def make_plans(
    entries: Iterable[ImportedEntry],
    source: str,
    lookup: Lookup,
    *,
    plans: Mapping[str, Plan],
    taken: Collection[str],
    marks: Collection[str],
    words: Language,
) -> ImportedPlans:
    """Return the new plans of a file. `plans` are the household's, `taken` ids and `marks` those of its files."""
    making = _Making(source, lookup, {*taken}, words)
    written = {_likeness(plan) for plan in plans.values()}
    made: list[ImportedPlan] = []
    left_out: dict[LeftOut, list[str]] = {}
    known = 0
    for entry in entries:
        mark = hashlib.sha256(f"{source}\0{entry.identity}".encode()).hexdigest()[:12]
        if mark in marks:
            known += 1
        elif entry.left_out:
            left_out.setdefault(entry.left_out, []).append(str(entry.values.get("name", "?")))
        else:
            one, plan = making.plan(entry, mark)
            if plan is None:
                left_out.setdefault("no-date", []).append(str(entry.values["name"]))
            elif _likeness(plan) in written:
                known += 1
            else:
                made.append(one)
    used = {one.values.get("pay_with") for one in made}
    return ImportedPlans(
        plans=tuple(made),
        cards={id_: card for id_, card in making.new_cards.items() if id_ in used},
        known=known,
        left_out={reason: tuple(names) for reason, names in left_out.items()},
    )


def _likeness(plan: Plan) -> tuple[object, ...]:
    """Return what is the same in a plan that is written already."""
    return plan.name.casefold(), plan.renews, plan.every, plan.price, plan.currency


class _Making:
    """The plans of one file being made."""

    def __init__(self, source: str, lookup: Lookup, taken: set[str], words: Language) -> None:
        self._source, self._lookup, self._taken, self._words = source, lookup, taken, words
        self._carrier_of = carriers_by_name(lookup.catalogue)
        self._cards = {card.name.casefold(): id_ for id_, card in lookup.household.cards.items()}
        self._people = {
            name.casefold(): one.id for one in lookup.household.people.values() for name in (one.name, one.id)
        }
        self.new_cards: dict[str, Card] = {}

    def plan(self, entry: ImportedEntry, mark: str) -> tuple[ImportedPlan, Plan | None]:
        values, remarks = dict(entry.values), list(entry.remarks)
        self._carrier(values, remarks)
        if entry.person:
            self._person(entry.person, values, remarks)
        if card := clean(entry.card or "", _LONGEST_CARD):
            values["pay_with"] = self._card(card)
        id_ = free_id(_id_of(values), self._taken)
        plan = self._proven(id_, values, remarks)
        if plan is not None:
            self._taken.add(id_)
        values = {key: values[key] for key in (*KEY_ORDER, *values) if key in values}
        return ImportedPlan(id_, values, tuple(remarks), f"# import {self._source} {mark}"), plan

    def _carrier(self, values: dict[str, object], remarks: list[Remark]) -> None:
        found = self._carrier_of(str(values.get("carrier") or values["name"]))
        values.pop("carrier", None)
        kind = values.pop("kind", None)
        if kind != "other" and found is not None:
            values["carrier"] = found.id
            remarks.append(Remark("carrier", "import.carrier"))
        elif kind != "line":
            values["kind"] = "other"

    def _person(self, name: str, values: dict[str, object], remarks: list[Remark]) -> None:
        ids = [self._people.get(one.strip().casefold()) for one in name.split(",")]
        if all(ids):
            values["for"] = ids
            return
        account = values.get("account")
        values["account"] = {"holder": name, **(account if isinstance(account, dict) else {})}
        remarks.append(Remark("account", "import.person", {"person": name}))

    def _card(self, name: str) -> str:
        if name == "balance":
            return name
        known = self._cards.get(name.casefold()) or (name if name in self._lookup.household.cards else None)
        if known is None:
            known = free_id(slug(name) or "card", {*self._lookup.household.cards, *self.new_cards, "balance"})
            self.new_cards[known] = Card(id=known, name=name)
            self._cards[name.casefold()] = known
        return known

    def _proven(self, id_: str, values: dict[str, object], remarks: list[Remark]) -> Plan | None:
        """Return the plan as `check` reads it. A key that it would refuse goes into a remark instead."""
        household = self._lookup.household
        household = replace(household, cards={**household.cards, **self.new_cards})
        lookup = self._lookup._replace(household=household)
        while True:
            report = Mistakes()
            plan = build_plan(id_, _as_read(values), "", lookup, report)
            if plan is not None:
                return plan
            errors = [finding for finding in report.findings if finding.severity == "error"]
            refused = {str(finding.path[2]) for finding in errors if len(finding.path) > 2} & values.keys()
            if not refused:
                return None
            for finding in errors:
                key = str(finding.path[2]) if len(finding.path) > 2 else ""
                if key in values:
                    why = said_in_parts(Problem(code=finding.code, file="", args=finding.args), self._words.code)[2]
                    remarks.append(
                        Remark("", "import.refused", {"key": key, "written": str(values.pop(key)), "why": why})
                    )


def _as_read(values: Mapping[str, object]) -> dict[str, Any]:
    """Return values as a TOML parser gives them."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _id_of(values: Mapping[str, object]) -> str:
    carrier, site = (str(values[key]) if values.get(key) else None for key in ("carrier", "site"))
    return readable_id(str(values["name"]), carrier=carrier, site=site, kind=str(values.get("kind", "line")))


def carriers_by_name(catalogue: Mapping[str, Carrier]) -> Callable[[str], Carrier | None]:
    """Return a function from a name to its carrier: by name, id or other name, or by a name that begins with one."""
    own = {_plain(re.sub(r"[(（].*", "", name)): one for one in catalogue.values() for name in one.name.values()}
    others: Mapping[str, str] = getattr(catalogue, "suggestions", {})
    whole = {**{_plain(alias): catalogue[id_] for alias, id_ in others.items() if id_ in catalogue}, **own}
    whole |= {_plain(id_): one for id_, one in catalogue.items()}

    def carrier_of(name: str) -> Carrier | None:
        plain = _plain(name)
        begun = [one for one in own if plain.startswith(f"{one} ")]
        return whole.get(plain) or (own[max(begun, key=len)] if begun else None)

    return carrier_of


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^\w&+]", " ", name.casefold()).split())


def as_tables(made: ImportedPlans, words: Language) -> str:
    """Return plans and cards as TOML, each remark as a comment at its line."""
    blocks = [f"[card.{id_}]\nname = {as_toml(card.name)}\n" for id_, card in made.cards.items()]
    return "\n".join([*blocks, *(_table(one, words) for one in made.plans)])


def _table(plan: ImportedPlan, words: Language) -> str:
    comments: dict[str, list[str]] = {}
    for remark in plan.remarks:
        args = {name: ", ".join(value) if isinstance(value, list) else value for name, value in remark.args.items()}
        sentence = re.sub(r"[\x00-\x1f\x7f]+", " ", words.say(remark.code, **args))
        comments.setdefault(remark.key if remark.key in plan.values else "", []).append(sentence)
    lines = [plan.mark, *(f"# {sentence}" for sentence in comments.pop("", [])), f"[plan.{plan.id}]"]
    sections = []
    for key, value in plan.values.items():
        comment = f"  # {words.say('import.between').join(comments[key])}" if key in comments else ""
        is_listed = isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
        if is_listed or key in _SECTIONS:
            header = f"[[plan.{plan.id}.{key}]]" if is_listed else f"[plan.{plan.id}.{key}]"
            tables: Any = value if is_listed else [value]
            for table in tables:
                sections += ["", f"{header}{comment}", *(f"{name} = {as_toml(one)}" for name, one in table.items())]
        else:
            lines.append(f"{key} = {as_toml(value)}{comment}")
    return "\n".join([*lines, *sections, ""])
