"""The readiness reports of plans to be left: written into the state folder, and mailed when they are due.

A report is due each month, at every lead of `cancel-by`, and whenever a fact or a new day changes the verdict. As with
reminders the ledger alone knows which was sent: what is due is computed afresh, and offered until it was sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from renewd.delivery.task import ReportToMail, Task
from renewd.disk import read_json, replace
from renewd.domain.cancellation import stage
from renewd.domain.dates import DAY, add_months, day_in, instant, later_day, lead_moment
from renewd.domain.findings import Findings, item_id
from renewd.domain.plans import Household, Person, Plan
from renewd.domain.readiness import Verdict, readiness, verdict_changes
from renewd.reminders import KINDS
from renewd.reminders.kind import DayRange, Reminder, Subject

if TYPE_CHECKING:
    from renewd.render.overrides import Overrides

FOLDER = "reports"
_INDEX = "index.json"
_AGAIN = timedelta(
    hours=1
)  # how long a report stays valid while nothing else changes; a new day may make a backup stale
_AHEAD = timedelta(days=40)


class _Last(NamedTuple):
    """What was last written about a plan; `changes` counts how often the verdict has changed, `day` is in the key."""

    verdict: Verdict
    changes: int
    key: str
    day: date


class Reporter:
    """The reports of one state folder; without a folder they are mailed alone."""

    def __init__(self, state: Path | None = None) -> None:
        self._folder = state / FOLDER if state else None
        self._last = _read_index(self._folder / _INDEX) if self._folder else {}
        self._asked: tuple[Household, Findings, datetime] | None = None
        self._until = datetime.min.replace(tzinfo=UTC)
        self.next_at: datetime | None = None  # when the next one is due if no fact changes, once asked
        self._tasks: tuple[Task, ...] = ()

    def due(
        self,
        household: Household,
        findings: Findings,
        now: datetime,
        *,
        overrides: Overrides | None = None,
        held: Callable[[Plan], bool] = lambda _: False,
    ) -> tuple[Task, ...]:
        """Return the mail with every report that is due at `now` (UTC), sent or not; new ones go into the folder."""
        if self._asked is not None:
            home, found, at = self._asked
            if home is household and found is findings and at <= now < self._until:
                return self._tasks
        leaving = [plan for plan in household.plans.values() if _is_leaving(plan, household.owner, now)]
        waiting = [plan for plan in leaving if held(plan)]
        self._asked, self._until = None if waiting else (household, findings, now), now + _AGAIN
        self.next_at, owner = None, household.owner
        free = (plan for plan in leaving if plan not in waiting)
        reports = tuple(filter(None, (self._report(plan, household, findings, owner, now) for plan in free)))
        self._keep(reports, owner, household, overrides)
        self._tasks = (Task(person=owner, reports=reports),) if reports else ()
        return self._tasks

    def _report(
        self, plan: Plan, household: Household, findings: Findings, owner: Person, now: datetime
    ) -> ReportToMail | None:
        occasions = list(_occasions(plan, household, findings, owner, now))
        next_at = min(at for _, at in occasions if at > now)
        self._until, self.next_at = min(self._until, next_at), min(self.next_at or next_at, next_at)
        if _waits(occasions, plan, household, findings, owner, now, known=plan.id in self._last):
            return None
        made = readiness(plan, household, findings, later_day(now, owner.zone, plan.zone))
        last = self._last.get(plan.id)
        since = _since((day for day, at in occasions if at <= now), last)
        changes = _changes(last, made.verdict)
        return ReportToMail(f"{_subject(plan, made.verdict, changes, since, owner).stem}/0", made)

    def _keep(
        self, reports: tuple[ReportToMail, ...], owner: Person, household: Household, overrides: Overrides | None
    ) -> None:
        """Keep what is new, also in the folder. A report that cannot be written is mailed all the same."""
        new = [one for one in reports if one.plan not in self._last or self._last[one.plan].key != one.key]
        for one in new:
            last = self._last.get(one.plan)
            self._last[one.plan] = _last(one.readiness.verdict, _changes(last, one.readiness.verdict), one.key)
        if not new or self._folder is None:
            return
        from renewd.report import ReportStyle, as_html, as_text  # noqa: PLC0415

        code = owner.languages[0]
        style = ReportStyle(many=household.many_currencies, overrides=overrides)
        for one in new:
            with suppress(OSError):
                self._folder.mkdir(mode=0o700, exist_ok=True)
                page = as_html([one.readiness], code, style)
                replace(self._folder / f"{one.plan}.html", page)
                text = as_text([one.readiness], code, style=style)
                replace(self._folder / f"{one.plan}.txt", text)
        index = {plan: [last.verdict, last.changes, last.key] for plan, last in self._last.items()}
        with suppress(OSError):
            replace(self._folder / _INDEX, json.dumps(index))


def due_reports(household: Household, findings: Findings, now: datetime, state: Path) -> Iterator[Reminder]:
    """Iterate the reports that are due at `now`, sent or not, with the moment of each."""
    owner, known = household.owner, _read_index(state / FOLDER / _INDEX)
    for plan in household.plans.values():
        if _is_leaving(plan, owner, now):
            occasions = list(_occasions(plan, household, findings, owner, now))
            if _waits(occasions, plan, household, findings, owner, now, known=plan.id in known):
                continue
            verdict = readiness(plan, household, findings, later_day(now, owner.zone, plan.zone)).verdict
            last, moment = known.get(plan.id), max(at for _, at in occasions if at <= now)
            day = _since((day for day, at in occasions if at <= now), last)
            yield Reminder(_subject(plan, verdict, _changes(last, verdict), day, owner), 0, owner.id, moment)


def coming_reports(
    household: Household, findings: Findings, start: datetime, end: datetime, state: Path | None = None
) -> Iterator[Reminder]:
    """Iterate the reports whose moment is in [start, end), in no order, if no fact changes.

    The folder `state` knows of the reports before them.
    """
    owner, known = household.owner, _read_index(state / FOLDER / _INDEX) if state else {}
    for plan in household.plans.values():
        days: dict[datetime, date] = {}
        seen_from = start
        while seen_from < end and _is_leaving(plan, owner, seen_from):
            for day, at in _occasions(plan, household, findings, owner, seen_from):
                if start <= at < end:
                    days[at] = max(day, days.get(at, day))
            seen_from += _AHEAD
        last = known.get(plan.id)
        for moment, day in sorted(days.items()):
            if _is_leaving(plan, owner, moment):
                verdict = readiness(plan, household, findings, later_day(moment, owner.zone, plan.zone)).verdict
                subject = _subject(plan, verdict, _changes(last, verdict), _since([day], last), owner)
                coming = _last(verdict, _changes(last, verdict), f"{subject.stem}/0")
                if coming != last:  # one day may be the occasion of two moments
                    yield Reminder(subject, 0, owner.id, moment)
                last = coming


def _last(verdict: Verdict, changes: int, key: str) -> _Last:
    return _Last(verdict, changes, key, date.fromisoformat(key.split("/")[2]))


def _changes(last: _Last | None, verdict: Verdict) -> int:
    """Return how often a plan's verdict has changed, with this one."""
    return 0 if last is None else last.changes + (last.verdict != verdict)


def _since(days: Iterable[date], last: _Last | None) -> date:
    """Return the day that a report is for: never one before the last report's, whose occasion may be gone."""
    return max([*days, last.day] if last else days)


def _subject(plan: Plan, verdict: Verdict, changes: int, day: date, owner: Person) -> Subject:
    """Return what a report is as a subject of reminders: it belongs to a person, and is about a plan."""
    item = item_id(f"{plan.id}/{verdict}/{changes}")
    return Subject("report", None, item, day, (0,), None, (owner.id,), plan)


def _is_leaving(plan: Plan, owner: Person, now: datetime) -> bool:
    return plan.cancel is not None and stage(plan, later_day(now, owner.zone, plan.zone)) != "closed"


def _occasions(
    plan: Plan, household: Household, findings: Findings, owner: Person, now: datetime
) -> Iterator[tuple[date, datetime]]:
    """Iterate days around `now` on which a report is due, with instants.

    They are firsts of months, leads of `cancel-by`, and days that change the verdict by themselves.
    """
    month = day_in(now, owner.zone).replace(day=1)
    for n in (-1, 0, 1, 2):  # at the end of a month, two begin within `_AHEAD`
        first = add_months(month, n, 1)
        yield first, instant(first, owner.send_at, owner.zone)
    today = day_in(now, plan.zone)
    of_plan = KINDS["cancel-by"].of_plan
    assert of_plan is not None
    subjects = of_plan(plan, DayRange(household, findings, today, today + _AHEAD, ahead=False))
    days = [subject.date - lead * DAY for subject in subjects for lead in subject.leads]
    yesterday = later_day(now, owner.zone, plan.zone) - DAY
    for day in (*days, *verdict_changes(plan, household, findings, yesterday, today + _AHEAD)):
        yield day, lead_moment(day, owner.send_at, owner.zone, plan.zone, False)  # noqa: FBT003


def _waits(
    occasions: Iterable[tuple[date, datetime]],
    plan: Plan,
    household: Household,
    findings: Findings,
    owner: Person,
    now: datetime,
    *,
    known: bool,
) -> bool:
    """Whether a report is for a moment that is still to come.

    A plan's first report waits for one of the owner's day, to be in its mail, and one that a new day alone has changed
    for the moment of that day.
    """
    if not known:
        today = day_in(now, owner.zone)
        return any(at > now and day_in(at, owner.zone) == today for _, at in occasions)
    today = later_day(now, owner.zone, plan.zone)
    to_come = any(at > now and day == today for day, at in occasions)
    return to_come and any(verdict_changes(plan, household, findings, today - DAY, today))


def _read_index(path: Path) -> dict[str, _Last]:
    with suppress(OSError, ValueError, TypeError, AttributeError, IndexError):
        index = read_json(path)
        return {str(plan): _last(verdict, int(changes), str(key)) for plan, (verdict, changes, key) in index.items()}
    return {}
