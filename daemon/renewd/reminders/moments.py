"""When a subject's reminders are due: the instants of its leads, and the end of a snooze."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain

from renewd.domain import cycles
from renewd.domain.cancellation import has_left, last_safe, runs_out_on, stage
from renewd.domain.dates import DAY, day_in, lead_moment, rests_on_zones
from renewd.domain.plans import Bill, FinalBill, Person, Plan
from renewd.reminders.kind import DayRange, Subject
from renewd.reminders.kinds import KINDS
from renewd.reminders.leave import is_asked

_OfPlan = Callable[[Plan, DayRange], Iterable[Subject]]
_OF_PLAN = tuple(kind.of_plan for kind in KINDS.values() if kind.of_plan)
_AFTER_LEAVING = tuple(kind.of_plan for kind in KINDS.values() if kind.of_plan and kind.after_leaving)
_OF_PERSON = tuple(kind.of_person for kind in KINDS.values() if kind.of_person)


def subjects_of_plan(plan: Plan, view: DayRange) -> Iterator[Subject]:
    """Iterate what all kinds have to say about a plan; once it has ended, only what remains to be done then."""
    over = has_left(plan) or stage(plan, view.first) == "closed"
    kinds = _AFTER_LEAVING if over else _OF_PLAN
    found = _of_kinds(kinds, plan, view)
    return _by_person(plan, view, found, kinds) if view.household.has_own_leads else found


def _of_kinds(kinds: Iterable[_OfPlan], plan: Plan, view: DayRange) -> Iterator[Subject]:
    """Iterate what these kinds have to say about a plan; of days after it has run out, only what remains."""
    found = chain.from_iterable(subjects(plan, view) for subjects in kinds)
    if (last := runs_out_on(plan, view.first)) is None:
        return found
    return (one for each in found if (one := each if KINDS[each.kind].after_leaving else _until(each, last)).leads)


def _until(subject: Subject, last: date) -> Subject:
    """Return a subject without the leads that come after a day, and with none if its own day does.

    The own day of what autopay may still renew counts, though it is later.
    """
    renews = subject.plan is not None and subject.plan.autopay
    sent = ((lead, subject.date - timedelta(days=lead)) for lead in subject.leads)
    leads = (lead for lead, day in sent if (day if renews else max(subject.date, day)) <= last)
    return subject._replace(leads=tuple(leads))


def _by_person(plan: Plan, view: DayRange, found: Iterable[Subject], kinds: Iterable[_OfPlan]) -> Iterator[Subject]:
    """Iterate the subjects; for people with leads of their own, these take the place of the plan's."""
    people, told = view.household.people, set[str]()
    for subject in found:
        told.update(subject.told)
        others = tuple(id_ for id_ in subject.told if subject.kind not in people[id_].leads)
        if (
            KINDS[subject.kind].always
            and not others
            and not any(people[id_].leads[subject.kind] for id_ in subject.told)
        ):
            others = subject.told  # somebody is always told
        if others:
            yield subject._replace(told=others)
    for id_ in sorted(told):
        theirs = {kind: leads for kind, leads in people[id_].leads.items() if leads}
        own = plan._replace(leads={**plan.leads, **theirs})
        for subject in _of_kinds(kinds, own, view) if theirs else ():
            if subject.kind in theirs and id_ in subject.told:
                yield subject._replace(plan=plan, told=(id_,))


def subjects_of_person(person: Person, view: DayRange) -> Iterator[Subject]:
    """Iterate what all kinds have to say to a person that belongs to no plan."""
    if person.leads:
        view = view._replace(household=replace(view.household, leads={**view.household.leads, **person.leads}))
    return chain.from_iterable(subjects(person, view) for subjects in _OF_PERSON)


def moments(
    subject: Subject, person: Person, zone: str, now: datetime, awake: date | None
) -> Sequence[tuple[int, date, datetime]]:
    """Return a subject's leads, each with its day and instant, ascending; no two have the same instant.

    When a snooze ends on the day `awake`, the latest lead that it held back is due, if it is still worth sending.
    """
    told = _moments(subject.date, subject.leads, person.send_at, person.zone, zone)
    if subject.at_once:
        told = ((subject.leads[-1], day_in(now, zone), now),)
    if awake is None:
        return told
    wakes = lead_moment(awake, person.send_at, person.zone, zone, False)  # noqa: FBT003
    held = [lead for lead, day, moment in told if moment <= wakes and (subject.until is None or day <= subject.until)]
    later = [one for one in told if one[2] > wakes]
    return [(held[-1], awake, wakes), *later] if held else later


@lru_cache(maxsize=65536)
def _moments(
    on: date, leads: tuple[int, ...], clock: time, reader: str, zone: str
) -> tuple[tuple[int, date, datetime], ...]:
    by_moment = {}  # if zones move two leads to one instant, the later lead counts
    for lead in leads:  # descending, so that the moments ascend
        day = on - timedelta(days=lead)
        moment = lead_moment(day, clock, reader, zone, lead < 0)
        by_moment[moment] = (lead, day, moment)
    return tuple(by_moment.values())


rests_on_zones(_moments.cache_clear)


def awake_on(plan: Plan, view: DayRange) -> date | None:
    """Return the day on which a plan's snooze ends: its own, or the last good day before the next harm, if earlier.

    The next harm is looked for from the day on which the plan was written so; a snooze that has ended stays ended.
    """
    if plan.snooze is None:
        return None
    seen = view.findings.since.get(plan.id)
    since = min(view.first, day_in(seen, plan.zone)) if seen else view.first
    return min([plan.snooze, *(day - DAY for day in _harms(plan, since))])


def _harms(plan: Plan, since: date) -> Iterator[date]:
    """Iterate the next stop, charge, loss and due days from `since` on."""
    unpaid = cycles.unpaid_from(plan)
    if unpaid is not None:
        n = cycles.first_from(plan, since, unpaid)
        if n is not None:
            yield cycles.renewal(plan, n)
        lost_on = cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan))
        if lost_on is not None and lost_on.day >= since:
            yield lost_on.day
    for _, on in cycles.charges(plan, since):
        yield on
        break
    if plan.cancel is not None and not is_asked(plan) and (safe := last_safe(plan, since)) is not None:
        yield safe.day + DAY  # the day itself still helps
    bills: list[Bill | FinalBill] = [*plan.bills]
    if plan.cancel and plan.cancel.final_bill:
        bills.append(plan.cancel.final_bill)
    yield from (bill.due for bill in bills if bill.due and bill.due >= since and bill.is_open)
    if plan.keep_alive is not None:
        alive = plan.keep_alive.due
        if alive >= since:
            yield alive
