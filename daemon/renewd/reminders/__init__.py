"""What ought to have been said by now, and what will be said: every reminder, computed afresh each time.

One module a kind. To add one: write it, and name it in `KINDS`; the tests tell what else it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain

from renewd.domain import cycles
from renewd.domain.cancellation import last_safe, stage
from renewd.domain.dates import DAY, day_in, instant, lead_moment, nth, rests_on_zones
from renewd.domain.findings import NOTHING_FOUND, Findings
from renewd.domain.plans import Bill, FinalBill, Household, Person, Plan
from renewd.reminders import (
    backup,
    balance,
    bill,
    binding,
    cancel_by,
    card,
    charge,
    charged,
    data,
    digest,
    final_bill,
    keep_alive,
    lost,
    overdue,
    pause,
    pin,
    promo,
    refund,
    renewal,
    unconfirmed,
    undo,
)
from renewd.reminders.kind import DayRange, Kind, Reminder, Subject, left
from renewd.reminders.leave import is_asked

__all__ = [
    "KINDS",
    "NOTHING_FOUND",
    "Findings",
    "Kind",
    "Reminder",
    "Subject",
    "agenda",
    "due",
    "due_of_person",
    "due_of_plan",
    "start_of",
    "told_at_all",
]

KINDS: dict[str, Kind] = {
    module.KIND.name: module.KIND
    for module in (
        lost, overdue, pin, cancel_by, renewal, keep_alive, balance, bill, binding, unconfirmed, charge, charged, card,
        data, final_bill, refund, undo, promo, pause, backup, digest,
    )
}  # fmt: skip
_OF_PLAN = tuple(kind.of_plan for kind in KINDS.values() if kind.of_plan)
_OF_PERSON = tuple(kind.of_person for kind in KINDS.values() if kind.of_person)
_AFTER_LEAVING = ("bill", "final-bill", "refund", "undo")  # all that remains once a cancellation is confirmed

_Window = tuple[datetime, datetime]

_LOOK_AHEAD = timedelta(days=40)  # how far `due` looks for what comes next


class Due:
    """What is due of one plan or person, when to ask again, and the next reminder of each person (none in 40 days)."""

    __slots__ = ("again", "coming", "reminders")

    def __init__(self, reminders: list[Reminder], again: datetime, coming: dict[str, Reminder]) -> None:
        self.reminders = reminders
        self.again = again
        self.coming = coming


def due(household: Household, findings: Findings, now: datetime) -> list[Reminder]:
    """Give all that ought to have been said by `now` (UTC) and is still true, whether it was said or not.

    Of one (plan, kind, item, date) and person only the latest passed lead; nothing that is settled or whose
    time is over; nothing of a plan that is snoozed.
    """
    found: list[Reminder] = []
    for plan in household.plans.values():
        found += due_of_plan(plan, household, findings, now).reminders
    for person in told_at_all(household):
        found += due_of_person(person, household, findings, now).reminders
    return found


def due_of_plan(plan: Plan, household: Household, findings: Findings, now: datetime) -> Due:
    """Give what is due of one plan, and the instant after which something else will be."""
    today = day_in(now, plan.zone)
    view = DayRange(household, findings, today, (now + _LOOK_AHEAD).date(), ahead=False)
    return _passed(_subjects(plan, view), household, now, plan.zone, _awake_on(plan, view))


def due_of_person(person: Person, household: Household, findings: Findings, now: datetime) -> Due:
    """Give what is due to one person that belongs to no plan, and the instant after which something else will be."""
    view = DayRange(household, findings, day_in(now, person.zone), (now + _LOOK_AHEAD).date(), ahead=False)
    return _passed(_of_person(person, view), household, now, person.zone, None)


def told_at_all(household: Household) -> list[Person]:
    """Give everybody whom a plan names, and `me`, who runs renewd."""
    named = {person for plan in household.plans.values() for person in plan.told} | {"me"}
    return [person for person in household.people.values() if person.id in named]


def agenda(household: Household, findings: Findings, start: datetime, end: datetime) -> Iterator[Reminder]:
    """Iterate every reminder with its moment in [start, end), in no order, seen from `start`.

    As if everything open were dealt with on its day, so that later cycles show; what is overdue at `start`
    stays open to the end, with its later leads.
    """
    people = told_at_all(household)
    zones = {plan.zone for plan in household.plans.values()} | {person.zone for person in people}
    views = {
        zone: DayRange(household, findings, day_in(start, zone), day_in(end, zone) + DAY, ahead=True) for zone in zones
    }
    for plan in household.plans.values():
        view = views[plan.zone]
        yield from _coming(_subjects(plan, view), household, (start, end), plan.zone, _awake_on(plan, view))
    for person in people:
        yield from _coming(_of_person(person, views[person.zone]), household, (start, end), person.zone, None)


def _subjects(plan: Plan, view: DayRange) -> Iterator[Subject]:
    found = chain.from_iterable(subjects(plan, view) for subjects in _OF_PLAN)
    over = left(plan) or stage(plan, view.first) == "closed"
    return (subject for subject in found if subject.kind in _AFTER_LEAVING) if over else found


def _of_person(person: Person, view: DayRange) -> Iterator[Subject]:
    return chain.from_iterable(subjects(person, view) for subjects in _OF_PERSON)


def _passed(subjects: Iterator[Subject], household: Household, now: datetime, zone: str, awake: date | None) -> Due:
    """Pick the latest passed lead of each subject and person."""
    today = day_in(now, zone)
    again = in_sight = now + _LOOK_AHEAD - DAY
    found: list[Reminder] = []
    coming: dict[str, Reminder] = {}
    for subject in subjects:
        if subject.until is not None and subject.until < today:
            continue
        for person_id in subject.told:
            said: Reminder | None = None
            for lead, day, moment in _schedule(subject, household.people[person_id], zone, now, awake):
                if subject.until is not None and day > subject.until:
                    break
                if moment > now:
                    if moment > in_sight:  # another kind may have something before it that was not looked for
                        break
                    again = min(again, moment)
                    if person_id not in coming or moment < coming[person_id].moment:
                        coming[person_id] = Reminder(subject, lead, person_id, moment)
                    break
                said = Reminder(subject, lead, person_id, moment)
            if said is not None:
                found.append(said)
    return Due(found, again, coming)


def _coming(
    subjects: Iterator[Subject], household: Household, window: _Window, zone: str, awake: date | None
) -> Iterator[Reminder]:
    """Give every lead of the subjects whose moment is in the window."""
    people, (start, end) = household.people, window
    for subject in subjects:
        until = subject.until
        for person_id in subject.told:
            for lead, day, moment in _schedule(subject, people[person_id], zone, start, awake):
                if moment >= end or (until is not None and day > until):
                    break
                if moment >= start:
                    yield Reminder(subject, lead, person_id, moment)


def _schedule(
    subject: Subject, person: Person, zone: str, now: datetime, awake: date | None
) -> Sequence[tuple[int, date, datetime]]:
    """Give a subject's leads with the day and the instant at which each is said, ascending, one an instant.

    What a snooze holds back is said when it ends: the latest lead that is still worth saying.
    """
    told = _told(subject.date, subject.leads, person.send_at, person.zone, zone)
    if subject.at_once:
        told = ((subject.leads[-1], day_in(now, zone), now),)
    if awake is None:
        return told
    wakes = lead_moment(awake, person.send_at, person.zone, zone, False)  # noqa: FBT003
    held = [lead for lead, day, moment in told if moment <= wakes and (subject.until is None or day <= subject.until)]
    later = [one for one in told if one[2] > wakes]
    return [(held[-1], awake, wakes), *later] if held else later


@lru_cache(maxsize=65536)
def _told(
    on: date, leads: tuple[int, ...], clock: time, reader: str, zone: str
) -> tuple[tuple[int, date, datetime], ...]:
    by_moment = {}  # where zones push two leads to one instant, the later is said
    for lead in leads:  # descending, so that the moments ascend
        day = on - timedelta(days=lead)
        moment = lead_moment(day, clock, reader, zone, lead < 0)
        by_moment[moment] = (lead, day, moment)
    return tuple(by_moment.values())


rests_on_zones(_told.cache_clear)


def _awake_on(plan: Plan, view: DayRange) -> date | None:
    """Give the day on which a snooze ends: the day written, or the last good day before something that bites.

    Counted from the day on which the plan was written so, so that a snooze that has ended stays ended.
    """
    if plan.snooze is None:
        return None
    seen = view.findings.since.get(plan.id)
    since = min(view.first, day_in(seen, plan.zone)) if seen else view.first
    return min([plan.snooze, *(day - DAY for day in _biting(plan, since))])


def _biting(plan: Plan, since: date) -> Iterator[date]:
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
    yield from (bill.due for bill in bills if bill.due and bill.due >= since and bill.paid_on is None)
    if plan.keep_alive is not None:
        alive = nth(plan.keep_alive.last, plan.keep_alive.every, 1)
        if alive >= since:
            yield alive


def start_of(day: date, household: Household) -> datetime:
    """Give 00:00 of a day in the household's zone, as UTC: what `--from D` and `--on D` mean."""
    return instant(day, time(0), household.zone)
