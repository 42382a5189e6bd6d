"""People, cards and plans, built from tables that were read key by key: here it is seen whether they fit together."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from renewd.config.check import KeyPath as Keys
from renewd.config.check import Mistakes, nearest, read_table
from renewd.config.contradictions import warn_of_contradictions
from renewd.config.keys import CARD, PERSON
from renewd.config.plan_keys import PLAN
from renewd.config.plan_schema import Table
from renewd.domain.carriers import Carrier, LateRule
from renewd.domain.dates import DAY, Duration, nth
from renewd.domain.plans import Card, Person, Plan

_ID = re.compile("[a-z0-9-]{1,40}")
_NO_TIME = Duration(0, "days")
_LONG_PAST = 60  # days
_MONTH_DAYS = 30.44


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What stands at the top of the file, and holds where a person or plan says nothing else."""

    zone: str
    languages: tuple[str, ...]
    currency: str
    send_at: time
    budget: Decimal | None
    show_numbers: bool
    leads: Mapping[str, tuple[int, ...]]
    me: str | None  # mail.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Everything that a plan may name; `broken` are people and cards that are in the file and cannot be used."""

    basics: Defaults
    people: Mapping[str, Person]
    cards: Mapping[str, Card]
    catalogue: Mapping[str, Carrier]
    today: date
    folder: Path  # of the main file
    broken: Mapping[str, Collection[str]] = field(default_factory=dict)


def _table(table: Table, group: str, id_: str, raw: object, report: Mistakes) -> dict[str, Any]:
    path: Keys = (group, id_)
    if not isinstance(raw, dict):
        report.wrong(path, "check.not-by-id", "key", group=group, id=id_)
        return {}
    if not _ID.fullmatch(id_):
        fix = re.sub("-+", "-", re.sub("[^a-z0-9-]", "-", id_.lower())).strip("-")[:40]
        report.wrong(path, "check.bad-id-write" if fix else "check.bad-id", "table", group=group, id=id_, fix=fix)
    return read_table(table, raw, path, report)


def build_person(id_: str, raw: object, basics: Defaults, report: Mistakes) -> Person | None:
    """Give a person, or None and the reasons in the report."""
    good = _table(PERSON, "person", id_, raw, report)
    email = good.get("email")
    if id_ == "me" and basics.me:
        if email and email != basics.me:
            report.wrong(("person", id_, "email"), "check.two-addresses", to=basics.me, email=email)
        email = basics.me
    if report.errors:
        return None
    if email is None:
        report.wrong(("person", id_), "check.missing", "table", key="email", example=f'email = "{id_}@example.com"')
        return None
    alarms = good.get("alarms")
    return Person(
        id=id_,
        email=email,
        name=good.get("name") or email.partition("@")[0],
        zone=good.get("timezone", basics.zone),
        languages=good.get("language", basics.languages),
        send_at=good.get("send_at", basics.send_at),
        alarms=alarms.default if alarms else None,
        alarms_of=alarms.of if alarms else (),
    )


def build_card(id_: str, raw: object, report: Mistakes) -> Card | None:
    """Give a card, or None and the reasons in the report."""
    good = _table(CARD, "card", id_, raw, report)
    if id_ == "balance":
        report.wrong(("card", id_), "check.card-balance", "table")
    return None if report.errors else Card(id=id_, name=good.get("name", id_), expires=good.get("expires"))


_SAME = ("number", "sim", "account", "renews", "every", "day", "price", "autopay", "pay_with", "balance", "notice",
         "grace", "data", "promo", "keep_alive", "snooze", "failed_on", "note", "device", "cancel")  # fmt: skip
_PLURAL = {"bill": "bills", "backup": "backups", "binding": "bindings", "document": "documents", "receipt": "receipts",
           "pause": "pause_until"}  # fmt: skip


def build_plan(id_: str, raw: object, file: str, around: Lookup, report: Mistakes) -> Plan | None:
    """Give a plan with every default in it, or None and the reasons in the report; `file` is where it stands."""
    good = _table(PLAN, "plan", id_, raw, report)
    if not isinstance(raw, dict):
        return None
    path: Keys = ("plan", id_)
    if "renews" not in raw and "keep_alive" not in raw:
        report.wrong(path, "check.plan-without-date", "table")
    carrier = _carrier(path, good, around, report)
    told = _told(path, raw, good, around, report)
    _check_payment(path, raw, good, around, report)
    _check_items(path, good, report)
    if report.errors:
        return None
    basics = around.basics
    every, leads = good.get("every"), good.get("remind")
    values = {key: good[key] for key in _SAME if key in good}
    values.update((plural, good[key]) for key, plural in _PLURAL.items() if key in good)
    plan = Plan(
        id=id_,
        name=good.get("name", id_),
        carrier=carrier,
        told=told,
        currency=good.get("currency", basics.currency),
        charge_before=good.get("charge_before") or (carrier and carrier.charge_before) or _NO_TIME,
        cut_off=good.get("cut_off") or (carrier.cut_off if carrier else None),
        late=good.get("late") or _late(every, carrier),
        zone=good.get("timezone", basics.zone),
        leads={**basics.leads, **leads} if leads else basics.leads,
        **values,
    )
    _warn(path, plan, around.today, report)
    warn_of_contradictions(path, plan, around.today, report)
    return _with_paths(plan, (around.folder / file).parent) if plan.backups or plan.documents else plan


def _late(every: Duration | None, carrier: Carrier | None) -> LateRule:
    if carrier and carrier.late:
        return carrier.late
    return "reset" if every and every.unit == "days" else "fixed"


def _carrier(path: Keys, good: Mapping[str, Any], around: Lookup, report: Mistakes) -> Carrier | None:
    name = good.get("carrier")
    if name is None:
        return None
    carrier = around.catalogue.get(name)
    if carrier is None:
        other_names: Mapping[str, str] = getattr(around.catalogue, "suggestions", {})
        meant = other_names.get(name.lower().replace(" ", "-"), name)
        _unknown((*path, "carrier"), "check.no-such-carrier", name, around.catalogue, report, meant)
    return carrier


def _unknown(
    path: Keys, code: str, name: str, known: Collection[str], report: Mistakes, other_name: str | None = None
) -> None:
    meant = nearest(other_name or name, known, 0.6)
    report.wrong(path, f"{code}-meant" if meant else code, value=name, meant=meant, known=tuple(known))


def _told(
    path: Keys, raw: Mapping[str, object], good: Mapping[str, Any], around: Lookup, report: Mistakes
) -> tuple[str, ...]:
    if "for" not in raw:
        return ("me",) if "me" in around.people else tuple(around.people)
    told: tuple[str, ...] = good.get("for", ())
    if "for" in good and not told:
        report.wrong((*path, "for"), "check.nobody-told")
    for person in told:
        if person in around.broken.get("person", ()):
            report.wrong((*path, "for"), "check.broken-person", person=person)
        elif person not in around.people:
            _unknown(
                (*path, "for"),
                "check.no-such-person",
                person,
                (*around.people, *around.broken.get("person", ())),
                report,
            )
    return told


def _check_payment(
    path: Keys, raw: Mapping[str, object], good: Mapping[str, Any], around: Lookup, report: Mistakes
) -> None:
    paid = good.get("pay_with")
    if paid == "balance":
        if "balance" not in raw:
            report.wrong((*path, "pay_with"), "check.balance-unknown")
    elif paid in around.broken.get("card", ()):
        report.wrong((*path, "pay_with"), "check.broken-card", card=paid)
    elif paid is not None and paid not in around.cards:
        _unknown(
            (*path, "pay_with"),
            "check.no-such-card",
            paid,
            (*around.cards, *around.broken.get("card", ()), "balance"),
            report,
        )


def _check_items(path: Keys, good: Mapping[str, Any], report: Mistakes) -> None:
    """Refuse items that no reminder could tell apart."""
    seen: set[object] = set()
    for kind in ("bill", "backup"):
        for n, item in enumerate(good.get(kind, ())):
            same = (kind, item.what, item.due if kind == "bill" else None)
            if same in seen:
                report.wrong((*path, kind, n, "what"), f"check.same-{kind}", what=item.what)
            seen.add(same)


def _with_paths(plan: Plan, folder: Path) -> Plan:
    backups = tuple(replace(one, path=str(folder / one.path)) if one.path else one for one in plan.backups)
    documents = tuple(replace(one, path=str(folder / one.path)) if one.path else one for one in plan.documents)
    return replace(plan, backups=backups, documents=documents)


def _warn(path: Keys, plan: Plan, today: date, report: Mistakes) -> None:
    renews, every = plan.renews, plan.every
    if renews is None:
        return
    if plan.day is not None and renews.day != min(plan.day, (nth(renews, Duration(1, "months"), 1, 1) - DAY).day):
        report.warn((*path, "day"), "check.day-differs", day=plan.day, renews=renews.isoformat())
    if plan.cancel and plan.cancel.confirmed_on:
        return
    rolls = plan.autopay or plan.pay_with == "balance"
    if not rolls and (today - renews).days > _LONG_PAST:
        report.warn((*path, "renews"), "check.long-past", days=(today - renews).days, plan=plan.id)
    elif every and renews > nth(today, every, 2):
        report.warn((*path, "renews"), "check.far-ahead", every=every)
    if every and plan.carrier and (days := _catalogue_days(every, plan.carrier)):
        report.warn((*path, "every"), "check.cycle-differs", every=every, carrier=plan.carrier.name, fix=days)


def _catalogue_days(every: Duration, carrier: Carrier) -> Duration | None:
    """Give the cycle of the catalogue that is nearly, but not quite, what the user wrote."""
    cycle = carrier.cycle
    known = {*carrier.terms, *(days for _, days in carrier.steps)}
    if cycle and cycle.unit == "days":
        known.add(cycle.n)
    if every.unit == "days":
        if cycle and cycle.unit == "months" and not known and every.n in (28, 30, 31):
            return cycle
        if every.n in known or any(every.n % days == 0 for days in known):
            return None
        about = float(every.n)
    else:
        if cycle and cycle.unit != "days":
            return None
        about = every.n * (12 if every.unit == "years" else 1) * _MONTH_DAYS
    nearby = [days for days in known if abs(days - about) <= about * 0.1]
    return Duration(min(nearby, key=lambda days: abs(days - about)), "days") if nearby else None
