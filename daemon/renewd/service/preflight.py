"""Each kind of reminder of each plan, rendered once, so that what cannot be rendered is found before it is due."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime, time, timedelta

from renewd.domain import cycles
from renewd.domain.dates import day_in, instant
from renewd.domain.errors import Problem
from renewd.domain.plans import Household, Person, Plan
from renewd.domain.readiness import readiness
from renewd.reminders import KINDS, NOTHING_FOUND, Reminder, Subject
from renewd.reminders.facts import DigestFacts, Facts, facts
from renewd.reminders.grouping import Message, gather, welcome
from renewd.reminders.kind import DayRange
from renewd.reminders.month import digest_facts
from renewd.render.mail import probe, render
from renewd.render.overrides import Overrides
from renewd.service.plan_shape import shape_of

_AHEAD = timedelta(days=3660)  # what lies further ahead is found by a later check
_UNPAID = timedelta(days=2)  # how long after a missed renewal its reminders are tried
_REPORT = ("report.j2", "report.html")


def probe_all(
    household: Household, now: datetime, overrides: Overrides | None, tell: Callable[[int], None]
) -> tuple[Problem, ...]:
    """Render each kind once per plan, in its first reader's languages, and one mail per person. Return what is broken.

    Each mistake is given once. `tell` hears how many plans are done. A shipped template that fails is a mistake of
    renewd's, and is given too. One plan of each shape is rendered; every plan, if a template is the user's own, which
    may use any value.
    """
    found: dict[tuple[str, int, str], Problem] = {}
    own = overrides is not None and bool(overrides.files)
    seen: set[Hashable] = set()
    for done, plan in enumerate(household.plans.values()):
        tell(done)
        shape = (shape_of(plan, day_in(now, plan.zone)), household.people[plan.told[0]].languages)
        if not own and shape in seen:
            continue
        seen.add(shape)
        for reminder, at in _of_plan(plan, household, now):
            for problem in _probed(reminder, household, at, overrides):
                found.setdefault((problem.file, problem.line, str(problem.args)), problem)
        for problem in _of_report(plan, household, now, overrides):
            found.setdefault((problem.file, problem.line, str(problem.args)), problem)
    for person in household.people.values():
        for problem in _of_person(person, household, now, overrides):
            found.setdefault((problem.file, problem.line, str(problem.args)), problem)
    return tuple(found.values())


def _of_plan(plan: Plan, household: Household, now: datetime) -> Iterator[tuple[Reminder, datetime]]:
    """Yield the next reminder of each kind. Those that follow a missed renewal are taken as after it."""
    seen = set()
    for at, ahead in _looks(plan, now):
        today = day_in(at, plan.zone)
        view = DayRange(household, NOTHING_FOUND, today, today + _AHEAD if ahead else today, ahead)
        for kind in KINDS.values():
            if kind.of_plan is None or kind.name in seen:
                continue
            subject = next((one for one in kind.of_plan(plan, view) if one.leads), None)
            if subject is not None:
                seen.add(kind.name)
                yield _reminder(subject, at), at


def _looks(plan: Plan, now: datetime) -> Iterator[tuple[datetime, bool]]:
    yield now, False
    yield now, True
    unpaid = cycles.unpaid_from(plan)
    if unpaid is not None:
        missed = max(cycles.renewal(plan, unpaid) + _UNPAID, day_in(now, plan.zone))
        yield instant(missed, time(12), plan.zone), False


def _reminder(subject: Subject, at: datetime) -> Reminder:
    return Reminder(subject, subject.leads[0], subject.told[0], at)


def _probed(reminder: Reminder, household: Household, at: datetime, overrides: Overrides | None) -> tuple[Problem, ...]:
    try:
        known = _facts(reminder, household, at)
        codes = household.people[reminder.person].languages
        return tuple(problem for code in codes for problem in probe(known, household, code, overrides=overrides))
    except Exception as error:  # noqa: BLE001  # one that cannot be written must not hide the others
        return (_bug(reminder.key, reminder.subject.plan, error),)


def _facts(reminder: Reminder, household: Household, at: datetime) -> Facts | DigestFacts:
    if reminder.subject.kind == "digest":
        return digest_facts(reminder, household, NOTHING_FOUND, at)
    return facts(reminder, household, NOTHING_FOUND, at)


def _of_report(plan: Plan, household: Household, now: datetime, overrides: Overrides | None) -> Sequence[Problem]:
    """Render a plan's readiness report, if a template of it is the user's own."""
    broken: list[Problem] = []
    if overrides is not None and any(name.rpartition("/")[2] in _REPORT for name in overrides.files):
        from renewd.report import ReportStyle, as_html  # noqa: PLC0415  # only such templates need it

        report = readiness(plan, household, NOTHING_FOUND, day_in(now, plan.zone))
        for code in household.owner.languages:
            as_html([report], code, ReportStyle(overrides=overrides), broken=broken)
    return broken


def _of_person(person: Person, household: Household, now: datetime, overrides: Overrides | None) -> Iterator[Problem]:
    """Render what belongs to no plan, in one whole mail."""
    today = day_in(now, person.zone)
    view = DayRange(household, NOTHING_FOUND, today, today + _AHEAD, ahead=True)
    digest, others = None, []
    for kind in KINDS.values():
        subject = next((one for one in kind.of_person(person, view) if one.leads), None) if kind.of_person else None
        if subject is None:
            continue
        reminder = _reminder(subject, now)
        yield from _probed(reminder, household, now, overrides)
        known = _facts(reminder, household, now)
        if isinstance(known, DigestFacts):
            digest = known
        else:
            others.append(known)
    first = welcome(tuple(household.plans.values()), household)
    letter = Message(person=person, written=now, keys=(), blocks=gather(others)[0], digest=digest, first=first)
    try:
        yield from render(letter, household, overrides=overrides).broken
    except Exception as error:  # noqa: BLE001
        yield _bug(f"@{person.id}", None, error)


def _bug(key: str, plan: Plan | None, error: Exception) -> Problem:
    args = {"what": f"{key}: {error}"}
    return Problem(code="service.broken", file="renewd", args=args, plan=plan.id if plan else None)
