"""`agenda`: every reminder that will go out, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace

from renewd.cli.commands import DAYS, FROM, JSON, Command
from renewd.cli.reading import Ways, by_mail, due_and_unsent, found_outside, open_file, open_ledger, unsent, ways
from renewd.cli.screen import LONGEST_NAME, Screen
from renewd.config.config_files import OpenedConfig
from renewd.delivery.ways import push_of
from renewd.disk import Paths
from renewd.domain.dates import day_in, later_day
from renewd.domain.errors import RenewdError
from renewd.domain.money import Money
from renewd.domain.plans import Household, Person
from renewd.reminders import KINDS, Reminder, Subject, agenda, due, start_of
from renewd.reminders.leave import named_day
from renewd.reminders.plan_overview import amount_of
from renewd.render.labels import Manner, manner, name_of, rests_on_payment, title
from renewd.render.table import shortened
from renewd.service.reports import coming_reports, due_reports

COMMAND = Command(
    options=(FROM, DAYS, JSON),
    examples=("agenda --days 90", "agenda --from 2027-01-01"),
)

_DAYS = 30
_CHUNK = 2000  # rows written at once
_SOON = 3  # days
_Parts = tuple[str, str, str, str, Manner, bool]  # the key's stem, fields up to the date, name, zone, how it is said
_ORDER = {kind: place for place, kind in enumerate((*KINDS, "report"))}


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print the reminders from a day on, or what is due now and all that follows."""
    now: datetime = args.now
    opened = open_file(paths, now, screen)
    household, by = opened.loaded.household, ways(opened)
    days = args.days or _DAYS
    if args.from_ is not None:
        start, end = start_of(args.from_, household), start_of(args.from_ + timedelta(days=days), household)
        findings = found_outside(household, paths)
        rows = [*agenda(household, findings, start, end), *coming_reports(household, findings, start, end)]
    else:
        start, end = now, start_of(day_in(now, household.zone) + timedelta(days=days), household)
        rows = _from_now(opened, paths, now, end, screen, by)
    if by is not by_mail:  # then somebody may have no mail address
        rows = [row for row in rows if by(row)]
    if args.json:
        rows.sort(key=lambda r: (r.moment, _ORDER[r.subject.kind], r.subject.plan.id if r.subject.plan else ""))
        _print_json(rows, household, screen, start, by)
    else:
        rows.sort(key=lambda r: _urgency(r, household))
        _print_table(rows, household, screen, start, None if args.from_ else now, end, by)
    return 0


def _urgency(reminder: Reminder, household: Household) -> tuple[object, ...]:
    """Return a sort key: by day, then the most urgent first."""
    subject = reminder.subject
    kind = KINDS.get(subject.kind)
    band = 2 if kind is None or not kind.acts else 0 if kind.urgency == 0 else 1
    plan = subject.plan.id if subject.plan else ""
    return (reminder.moment, band, _left(reminder, household), _ORDER[subject.kind], plan)


def _from_now(
    opened: OpenedConfig, paths: Paths, now: datetime, end: datetime, screen: Screen, by: Ways
) -> list[Reminder]:
    """Return the reminders that are due and not sent, and those that follow."""
    household = opened.loaded.household
    try:
        ledger = open_ledger(paths, opened)
        findings = found_outside(household, paths, ledger)
        open_now = due_and_unsent(household, findings, ledger, now, by)
        open_now += unsent(due_reports(household, findings, now, paths.state), ledger, now, by)
    except RenewdError:
        screen.on(sys.stderr).paragraph(screen.say("agenda.no-ledger"))
        findings = found_outside(household, paths)
        open_now = [*due(household, findings, now), *due_reports(household, findings, now, paths.state)]
    at_once = [reminder._replace(moment=now) for reminder in open_now]
    coming = (*agenda(household, findings, now, end), *coming_reports(household, findings, now, end, paths.state))
    return at_once + [reminder for reminder in coming if reminder.moment > now]


def _print_json(rows: list[Reminder], household: Household, screen: Screen, start: datetime, by: Ways) -> None:
    """Write the contract's fields, in pieces: there may be a quarter of a million rows."""
    lines = json_rows(rows, household, screen.words.code, start, by)
    write = screen.stream.write
    write("[")
    for first in range(0, len(lines), _CHUNK):
        write(",\n " if first else "")
        write(",\n ".join(lines[first : first + _CHUNK]))
    write("]\n")


def json_rows(
    rows: Iterable[Reminder], household: Household, code: str, start: datetime, by: Ways = by_mail
) -> list[str]:
    """Return each row as JSON, as seen from `start`.

    What rows of a subject share is put into words once; ids need no escapes.

    Where there are pushes, a row names its channels too.
    """
    at = lru_cache(maxsize=None)(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    day = lru_cache(maxsize=None)(day_in)
    titles = lru_cache(maxsize=None)(
        lambda kind, days, of, if_paid: _quoted(title(kind, days, code, of, if_paid=if_paid))[1:]
    )
    people = {person.id: person.zone for person in household.people.values()}
    lines = []
    parts: dict[int, _Parts] = {}
    for row in rows:
        subject, lead, person, moment = row
        if (known := parts.get(id(subject))) is None:
            known = parts[id(subject)] = _parts(subject, name_of(subject, household), people[subject.told[0]], start)
        stem, middle, name, zone, ends, if_paid = known
        today = max(day(moment, zone), day(moment, people[person]))
        words = titles(subject.kind, (named_day(subject, today) - today).days, ends, if_paid)
        lines.append(
            f'{{"at": "{at(moment)}", "key": "{stem}/{lead}", {middle}, "lead": {lead}, "to": "{person}", "title": {name}{words}'
            + ("}" if by is by_mail else f', "channels": {json.dumps(by(row))}}}')
        )
    return lines


def _parts(subject: Subject, name: str, zone: str, start: datetime) -> _Parts:
    """Return what all rows of a subject share."""
    plan = subject.plan
    plan_id = f'"{plan.id}"' if plan else "null"
    item = f'"{subject.item}"' if subject.item else "null"
    return (
        subject.stem,
        f'"plan": {plan_id}, "kind": "{subject.kind}", "item": {item}, "date": "{subject.date}"',
        _quoted(f"{name}: ")[:-1] if name else '"',
        plan.zone if plan else zone,
        manner(subject.kind, plan, subject.about),
        rests_on_payment(subject, start),
    )


@lru_cache(maxsize=65536)
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _print_table(
    rows: list[Reminder],
    household: Household,
    screen: Screen,
    start: datetime,
    now: datetime | None,
    end: datetime,
    by: Ways,
) -> None:
    words = screen.words
    grouped = _grouped(rows, household)
    if not grouped:
        screen.paragraph(screen.say("agenda.nothing", day=day_in(end, household.zone) - timedelta(days=1)))
        return
    lines: list[list[str | tuple[str, str]]] = []
    said: object = None
    for told in grouped:
        reminder = told[0]
        person = household.people[reminder.person]
        day = _day(reminder, person)
        when = screen.say("agenda.now") if reminder.moment == now else screen.day(day, rows[0].moment)
        amount = amount_of(reminder)
        days = _left(reminder, household)
        about = reminder.subject
        ends, if_paid = manner(about.kind, about.plan, about.about), rests_on_payment(about, start)
        what = title(about.kind, days, words.code, ends, if_paid=if_paid)
        lines.append(
            [
                (when if when != said else "", "bold"),
                shortened(name_of(reminder.subject, household), LONGEST_NAME),
                _amount(amount, household, screen),
                (what, _style(reminder.subject.kind, days)),
                screen.list(_to(one, household, screen, by) for one in told),
                reminder.key,
            ]
        )
        said = when
    headings = tuple(screen.say(f"agenda.heading.{name}") for name in ("date", "plan", "amount", "what", "to", "key"))
    screen.table(lines, headings, "llrlll", drop=(5, 4), narrow=len(household.people) > 1)
    screen.print("", *_count(rows, len(grouped), household, screen, now, by))


def _to(reminder: Reminder, household: Household, screen: Screen, by: Ways) -> str:
    """Return whom a reminder reaches, and by which ways where there are several."""
    person = screen.person(household.people[reminder.person])
    if by is by_mail:
        return person
    return screen.say("agenda.to", person=person, ways=screen.list(screen.way(push_of(one)) for one in by(reminder)))


def _grouped(rows: Iterable[Reminder], household: Household) -> list[list[Reminder]]:
    """Put the persons of one reminder together, where it reaches them on one day of their own."""
    groups: dict[tuple[str, int, date], list[Reminder]] = {}
    for reminder in rows:
        day = _day(reminder, household.people[reminder.person])
        groups.setdefault((reminder.subject.stem, reminder.lead, day), []).append(reminder)
    return list(groups.values())


def _day(reminder: Reminder, person: Person) -> date:
    return day_in(reminder.moment, person.zone)


def _amount(amount: Money | None, household: Household, screen: Screen) -> str:
    """Return an amount in words: `$5.00`, `free`; empty where there is none."""
    if amount is None:
        return ""
    return screen.words.money(amount, many=household.many_currencies) if amount.amount else screen.say("agenda.free")


def _left(reminder: Reminder, household: Household) -> int:
    """Count the days as the mail does: by the reader's calendar or the plan's, whichever leaves less."""
    subject, zone = reminder.subject, household.people[reminder.person].zone
    today = later_day(reminder.moment, zone, subject.plan.zone if subject.plan else zone)
    return (named_day(subject, today) - today).days


def _style(kind: str, days: int) -> str:
    found = KINDS.get(kind)
    if found is None or not found.acts:
        return ""
    return "bold red" if found.urgency == 0 else "yellow" if days <= _SOON else ""


def _count(
    rows: Iterable[Reminder], reminders: int, household: Household, screen: Screen, now: datetime | None, by: Ways
) -> Iterator[str]:
    sent = {(reminder.person, reminder.moment, channel) for reminder in rows for channel in by(reminder)}
    pushes = sum(push_of(channel) is not None for _, _, channel in sent)
    later = [household.people[person] for person in sorted({person for person, moment, _ in sent if moment != now})]
    clocks = list(dict.fromkeys(screen.clock(person.send_at, person.zone) for person in later))
    mails = [screen.say("agenda.mails", n=len(sent) - pushes)] if len(sent) > pushes else []
    counted = {
        "reminders": screen.say("agenda.reminders", n=reminders),
        "mails": screen.list([*mails, *([screen.say("agenda.pushes", n=pushes)] if pushes else [])]),
    }
    if not clocks:
        yield screen.say("agenda.count-now", **counted)
    elif len(clocks) <= 3:
        yield screen.say("agenda.count", clock=screen.words.several(clocks), **counted)
    else:
        yield screen.say("agenda.count-many", **counted)
