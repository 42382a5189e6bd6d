"""People, cards and plans, built from tables that were read key by key, and checked for what fits together."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from renewd.config.contradictions import warn_of_contradictions, warn_of_fine_amounts
from renewd.config.keys import CARD, FILE, PERSON, PUSH
from renewd.config.locate import KeyPath
from renewd.config.plan_ids import is_id
from renewd.config.plan_keys import PLAN
from renewd.config.plan_schema import Table
from renewd.config.table_reader import Mistakes, counts_days, nearest, read_table
from renewd.config.value_types import with_alarms
from renewd.domain.carriers import Carrier, LateRule
from renewd.domain.dates import DAY, Duration, nth
from renewd.domain.plans import Card, Household, Person, Plan

_OF_A_LINE = frozenset({"number", "sim", "device", "binding", "data"})  # what only a line has
_DATED = frozenset({"renews", "keep_alive"})  # one of them is in every plan
_NO_TIME = Duration(0, "days")
_LONG_PAST = 60  # days
_MONTH_DAYS = 30.44
_OF_HOUSEHOLD = {one.name for one in fields(Household)}


class Lookup(NamedTuple):
    """Everything that a plan may name; `broken` are people and cards that are in the file but cannot be used."""

    household: Household  # its plans are not in it yet
    catalogue: Mapping[str, Carrier]
    today: date
    folder: Path  # of the main file
    broken: Mapping[str, Collection[str]] = {}


def _table(table: Table, group: str, id_: str, raw: object, report: Mistakes) -> dict[str, Any]:
    path: KeyPath = (group, id_)
    if not isinstance(raw, dict):
        report.wrong(path, "check.not-by-id", "key", group=group, id=id_)
        return {}
    if not is_id(id_):
        fix = re.sub("-+", "-", re.sub("[^a-z0-9-]", "-", id_.lower())).strip("-")[:40]
        report.wrong(path, "check.bad-id-write" if fix else "check.bad-id", "table", group=group, id=id_, fix=fix)
    return read_table(table, raw, path, report)


def read_pushes(raw: object, report: Mistakes) -> dict[str, dict[str, Any]]:
    """Return the tables `[push.ID]` that have no mistake, by id."""
    if not isinstance(raw, dict):
        report.wrong(("push",), "check.no-ids", "key", group="push")
        return {}
    good = {}
    for id_, table in raw.items():
        before = report.errors
        read = _table(PUSH, "push", id_, table, report)
        if report.errors == before:
            good[id_] = read
    return good


def build_household(top: Mapping[str, object], zone: str, languages: tuple[str, ...]) -> Household:
    """Return a household with the keys at the top of the file and nobody in it. `zone`, `languages`: the defaults."""
    values = {field: value for field, value in FILE.by_field(top).items() if field in _OF_HOUSEHOLD}
    defaults: dict[str, Any] = {"zone": zone, "languages": languages, "currency": "USD"}
    return Household(people={}, plans={}, **defaults | values)


def build_person(
    id_: str,
    raw: object,
    household: Household,
    mail_to: str | None,
    report: Mistakes,
    pushes: Collection[str] = (),
) -> Person | None:
    """Return a person, or None and the reasons in the report; `mail_to` is the address of `me`.

    `pushes` are the ids of all `[push.ID]`.
    """
    good = _table(PERSON, "person", id_, raw, report)
    email = good.get("email")
    if id_ == "me" and mail_to:
        if email and email != mail_to:
            report.wrong(("person", id_, "email"), "check.two-addresses", to=mail_to, email=email)
        email = mail_to
    for push in good.get("push", ()):
        if push not in pushes:
            _unknown(("person", id_, "push"), "check.no-such-push", push, pushes, report)
    if report.errors:
        return None
    if email is None and good.get("push"):
        report.warn(("person", id_), "check.push-alone", "table")
    elif email is None:
        report.wrong(("person", id_), "check.missing", "table", key="email", example=f'email = "{id_}@example.com"')
        return None
    defaults: dict[str, Any] = {
        "name": (email or id_).partition("@")[0],
        "zone": household.zone,
        "languages": household.languages,
        "send_at": household.send_at,
    }
    return Person(id=id_, **defaults | with_alarms(PERSON.by_field(good)) | {"email": email or ""})


def build_card(id_: str, raw: object, report: Mistakes) -> Card | None:
    """Return a card, or None and the reasons in the report."""
    good = _table(CARD, "card", id_, raw, report)
    if id_ == "balance":
        report.wrong(("card", id_), "check.card-balance", "table")
    return None if report.errors else Card(id=id_, **{"name": id_} | CARD.by_field(good))


def build_plan(id_: str, raw: object, file: str, lookup: Lookup, report: Mistakes) -> Plan | None:
    """Return a plan with every default in it, or None and the reasons in the report; `file` is where it stands."""
    good = _table(PLAN, "plan", id_, raw, report)
    if not isinstance(raw, dict):
        return None
    path: KeyPath = ("plan", id_)
    other_plan = any(one.code == "check.plan-without-plan" for one in report.findings)  # [plan.a.b] makes no plan `a`
    if not other_plan and _DATED.isdisjoint(raw) and _DATED.isdisjoint(report.meant(path)):
        report.wrong(path, "check.plan-without-date", "table")
    carrier = _carrier(path, good, lookup, report)
    told = _told(path, raw, good, lookup, report)
    for kind in ("overdue", "lost") if lookup.household.has_own_leads else ():
        theirs = [lookup.household.people[one].leads.get(kind) for one in told if one in lookup.household.people]
        if theirs and all(found == () for found in theirs):
            report.warn(path, "check.nobody-reminded", "table", kind=kind)
    _check_payment(path, raw, good, lookup, report)
    if carrier and carrier.kind == "postpaid" and (cancel := good.get("cancel")) and cancel.how == "lapse":
        report.wrong((*path, "cancel", "how"), "check.lapse-postpaid")
    _check_items(path, good, report)
    if good.get("kind") == "other":
        good = _without_a_line(path, good, report)
    if report.findings and counts_days(raw):
        report.findings = [
            one._replace(code="check.no-such-day") if one.code == "check.no-such-day-renews" else one
            for one in report.findings
        ]
    if report.errors:
        return None
    household = lookup.household
    leads = good.get("remind")
    defaults: dict[str, Any] = {
        "name": id_,
        "currency": household.currency,
        "zone": household.zone,
        "charge_before": _charge_before(carrier, by_card=good.get("pay_with") in lookup.household.cards),
        "cut_off": carrier and carrier.cut_off,
        "late": _late(good.get("every"), carrier),
    }
    looked_up: dict[str, Any] = {
        "carrier": carrier,
        "told": told,
        "leads": {**household.leads, **leads} if leads else household.leads,
    }
    plan = Plan(id=id_, **defaults | PLAN.by_field(good) | looked_up)
    _warn(path, plan, lookup.today, report)
    warn_of_contradictions(path, plan, lookup.today, report)
    warn_of_fine_amounts(PLAN, raw, path, plan.currency, report)
    return _with_paths(plan, (lookup.folder / file).parent) if plan.backups or plan.documents else plan


def _charge_before(carrier: Carrier | None, *, by_card: bool) -> Duration:
    """Return how long before `renews` the carrier takes the money, by the catalogue."""
    if carrier is None:
        return _NO_TIME
    return (by_card and carrier.charge_before_card) or carrier.charge_before or _NO_TIME


def _late(every: Duration | None, carrier: Carrier | None) -> LateRule:
    if carrier and carrier.late:
        return carrier.late
    return "reset" if every and every.unit == "days" else "fixed"


def _carrier(path: KeyPath, good: Mapping[str, Any], lookup: Lookup, report: Mistakes) -> Carrier | None:
    name = good.get("carrier")
    if name is None:
        return None
    carrier = lookup.catalogue.get(name)
    if carrier is None:
        other_names: Mapping[str, str] = getattr(lookup.catalogue, "suggestions", {})
        meant = other_names.get(name.lower().replace(" ", "-"), name)
        _unknown((*path, "carrier"), "check.no-such-carrier", name, lookup.catalogue, report, meant)
    return carrier


_MAY_BE_NONE = ("check.no-such-person", "check.no-such-push")  # a file may have no person and no push at all


def _unknown(
    path: KeyPath, code: str, name: str, known: Collection[str], report: Mistakes, other_name: str | None = None
) -> None:
    meant = nearest(other_name or name, known, 0.6)
    if not meant and not is_id(name):  # a table of this name would be the next mistake
        report.wrong(path, "check.bad-id")
        return
    none_yet = not known and code in _MAY_BE_NONE
    ending = "-meant" if meant else "-yet" if none_yet else ""
    report.wrong(path, f"{code}{ending}", value=name, meant=meant, known=tuple(known))


def _told(
    path: KeyPath, raw: Mapping[str, object], good: Mapping[str, Any], lookup: Lookup, report: Mistakes
) -> tuple[str, ...]:
    if "for" not in raw:
        return ("me",) if "me" in lookup.household.people else tuple(lookup.household.people)
    told: tuple[str, ...] = good.get("for", ())
    for person in told:
        if person in lookup.broken.get("person", ()):
            report.wrong((*path, "for"), "check.broken-person", person=person)
        elif person not in lookup.household.people:
            _unknown(
                (*path, "for"),
                "check.no-such-person",
                person,
                (*lookup.household.people, *lookup.broken.get("person", ())),
                report,
            )
    return told


def _check_payment(
    path: KeyPath, raw: Mapping[str, object], good: Mapping[str, Any], lookup: Lookup, report: Mistakes
) -> None:
    paid = good.get("pay_with")
    if paid == "balance":
        if "balance" not in raw:
            report.wrong((*path, "pay_with"), "check.balance-unknown")
    elif paid in lookup.broken.get("card", ()):
        report.wrong((*path, "pay_with"), "check.broken-card", card=paid)
    elif paid is not None and paid not in lookup.household.cards:
        _unknown(
            (*path, "pay_with"),
            "check.no-such-card",
            paid,
            dict.fromkeys((*lookup.household.cards, *lookup.broken.get("card", ()), "balance")),
            report,
        )


def _check_items(path: KeyPath, good: Mapping[str, Any], report: Mistakes) -> None:
    """Refuse items that no reminder could tell apart."""
    seen: set[object] = set()
    for kind in ("bill", "backup"):
        for n, item in enumerate(good.get(kind, ())):
            same = (kind, item.what, item.due if kind == "bill" else None)
            if same in seen:
                report.wrong((*path, kind, n, "what"), f"check.same-{kind}", what=item.what)
            seen.add(same)


def _without_a_line(path: KeyPath, good: Mapping[str, Any], report: Mistakes) -> dict[str, Any]:
    """Return the keys of a plan that is no line: without what only a line has, and with no number to decide about."""
    for key in _OF_A_LINE & good.keys():
        report.warn((*path, key), "check.other-no-line", key=key)
    kept = {key: value for key, value in good.items() if key not in _OF_A_LINE}
    if (cancel := kept.get("cancel")) is not None:
        if cancel.number == "port":
            report.wrong((*path, "cancel", "number"), "check.other-port")
        kept["cancel"] = cancel._replace(number=cancel.number or "drop")
    return kept


def _with_paths(plan: Plan, folder: Path) -> Plan:
    backups = tuple(one._replace(path=str(folder / one.path)) if one.path else one for one in plan.backups)
    documents = tuple(one._replace(path=str(folder / one.path)) if one.path else one for one in plan.documents)
    return plan._replace(backups=backups, documents=documents)


def _warn(path: KeyPath, plan: Plan, today: date, report: Mistakes) -> None:
    renews, every = plan.renews, plan.every
    if plan.day is not None and every is not None and every.unit == "days":
        report.warn((*path, "day"), "check.day-of-no-month")
    if renews is None:
        return
    if (
        plan.day is not None
        and not (every and every.unit == "days")
        and renews.day != min(plan.day, (nth(renews, Duration(1, "months"), 1, 1) - DAY).day)
    ):
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
    """Return the cycle of the catalogue that is nearly, but not quite, what the user wrote."""
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
