"""A second model of the reminders (docs/rules.md#reminder-kinds): what is to be said at an instant, from the rules alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from model.dates_model import PlanModel, later, model_of, months_later
from renewd.domain.dates import day_in, instant
from renewd.domain.plans import Household, Person, Plan

DAY = timedelta(days=1)
AHEAD = 70  # days; longer than any lead


class Matter(NamedTuple):
    """One subject date with all its leads."""

    stem: str
    day: date
    leads: tuple[int, ...]
    told: tuple[str, ...]
    until: date | None = None
    at_once: bool = False


def to_say(household: Household, now: datetime) -> set[tuple[str, str]]:
    """Return (person, key) of what ought to have been said by now and is still true."""
    said: set[tuple[str, str]] = set()
    for plan in household.plans.values():
        for matter in of_plan(plan, household, day_in(now, plan.zone)):
            for person in matter.told:
                said |= _latest(matter, household.people[person], plan.zone, now)
    for person in household.people.values():
        if person.id == "me" or any(person.id in plan.told for plan in household.plans.values()):
            for matter in of_person(person, household, day_in(now, person.zone)):
                said |= _latest(matter, person, person.zone, now)
    return said


def _latest(matter: Matter, person: Person, zone: str, now: datetime) -> set[tuple[str, str]]:
    today = day_in(now, zone)
    if matter.until is not None and matter.until < today:
        return set()
    if matter.at_once:
        return {(person.id, f"{matter.stem}/{matter.day}/{matter.leads[-1]}")} if matter.leads else set()
    passed = [
        lead
        for lead in matter.leads
        if (matter.until is None or matter.day - lead * DAY <= matter.until)
        and _moment(matter.day - lead * DAY, lead >= 0, person.send_at, person.zone, zone) <= now
    ]
    return {(person.id, f"{matter.stem}/{matter.day}/{min(passed)}")} if passed else set()


@lru_cache(maxsize=65536)
def _moment(on: date, is_ahead: bool, send_at: time, reader: str, zone: str) -> datetime:
    """Return when a reader is told of a day: before it has ended in the plan's zone, or after it has begun there."""
    around = [instant(on + n * DAY, send_at, reader) for n in range(-3, 4)]
    if is_ahead:
        ends = instant(on + DAY, time(0), zone)
        return max(at for at in around[:4] if at < ends)
    begins = instant(on, time(0), zone)
    return min(at for at in around if at >= begins)


def _leads(plan: Plan, kind: str, default: tuple[int, ...], cycle: int | None = None) -> tuple[int, ...]:
    return tuple(lead for lead in plan.leads.get(kind, default) if cycle is None or lead < cycle)


def _weekly(leads: tuple[int, ...], until: int = -84) -> tuple[int, ...]:
    """Return leads that go on every week after the last, to 12 weeks after the day."""
    found, last = list(leads), min(leads[-1], 0) if leads else 0
    while leads and last - 7 >= until:
        last -= 7
        found.append(last)
    return tuple(found)


def of_plan(plan: Plan, household: Household, today: date) -> Iterator[Matter]:
    """Iterate what there is to say about a plan."""
    model, cancel = model_of(plan), plan.cancel
    moved = cancel is not None and cancel.number == "move"
    confirmed = cancel is not None and cancel.confirmed_on is not None and not moved
    end = _end(model)
    if not confirmed and (end is None or today <= end):
        for matter in _of_life(model, household, today):
            if end is None or plan.autopay or matter.day <= end:
                yield matter
    yield from _of_bills(plan, household, today)
    if cancel is not None:
        yield from _after_leaving(plan, household)


def _of_life(model: PlanModel, household: Household, today: date) -> Iterator[Matter]:
    """Iterate what there is to say about a plan that has not ended."""
    yield from _of_cycles(model, today)
    yield from _of_charges(model, household, today)
    yield from _of_loss(model)
    yield from _of_use(model.plan, today)
    yield from _of_data(model, today)
    yield from _of_days(model.plan)
    if model.plan.cancel is not None:
        yield from _of_leaving(model, household, today)


def _lapses(plan: Plan) -> bool:
    return plan.cancel is not None and plan.cancel.how == "lapse" and plan.cancel.number != "move"


def _end(model: PlanModel) -> date | None:
    """Return the day on which the number of a line that is let run out is lost."""
    unpaid = model.unpaid()
    lost = model.loss(unpaid) if _lapses(model.plan) and unpaid is not None else None
    return lost[0] if lost is not None else None


def _of_cycles(model: PlanModel, today: date) -> Iterator[Matter]:
    plan, unpaid = model.plan, model.unpaid()
    if unpaid is None:
        return
    every = plan.every
    is_long = every is not None and every.n > {"days": 31, "hours": 31 * 24, "months": 1, "years": 0}[every.unit]
    lapses = _lapses(plan)
    for n in model.numbers(today + AHEAD * DAY + 400 * DAY):
        on = model.renewal(n)
        if n < unpaid or on < today or on > today + AHEAD * DAY or (lapses and n > unpaid):
            continue
        usual = (14, 7, 3, 1, 0) if is_long else (7, 3, 1, 0)
        leads = _leads(plan, "renewal", usual if n == unpaid else (3, 1), model.length(n))
        if lapses and plan.leads.get("renewal") != ():
            leads = tuple(lead for lead in (7, 1) if every is None or lead < (model.length(n) or 0))
        yield Matter(f"{plan.id}/renewal", on, leads, plan.told, until=on)
    stopped = model.renewal(unpaid)
    if stopped < today and not lapses:
        own = plan.leads.get("overdue") or (-1, -2, -3, -5, -7)
        lost = model.loss(unpaid)
        leads = tuple(
            lead
            for lead in _weekly(own)
            if lead in own or lost is None or not lost[1] or stopped - lead * DAY < lost[0]
        )
        yield Matter(f"{plan.id}/overdue", stopped, leads, plan.told)
    uncovered = model.uncovered()
    if uncovered is not None and not lapses:
        on = model.charge(uncovered)
        leads = _leads(plan, "balance", (14, 7, 3, 1), model.length(uncovered))
        yield Matter(f"{plan.id}/balance", on, leads, plan.told, until=on)


def _of_charges(model: PlanModel, household: Household, today: date) -> Iterator[Matter]:
    plan = model.plan
    for n in model.charged(today + AHEAD * DAY):
        on = model.charge(n)
        if on < today - 14 * DAY or model.price(n) == 0:
            continue
        usual = (7, 1) if model.may_fail(n, household) or model.differs(n) else (1,)
        yield Matter(f"{plan.id}/charge", on, _leads(plan, "charge", usual, model.length(n)), plan.told, until=on)
        until = on + 14 * DAY
        if plan.every is not None:
            until = min(until, model.charge(n + 1) - DAY)
        if not any(on <= receipt.on <= until for receipt in plan.receipts):
            yield Matter(f"{plan.id}/charged", on, _leads(plan, "charged", (-1,)), plan.told, until=until)


def _of_loss(model: PlanModel) -> Iterator[Matter]:
    plan, unpaid = model.plan, model.unpaid()
    lost = model.loss(unpaid) if unpaid is not None else None
    if unpaid is None or lost is None:
        return
    months = plan.every is not None and plan.every.unit == "months"
    cycle, day = 30 * plan.every.n if months else model.length(unpaid), lost[0]
    if _lapses(plan):
        leads = tuple(lead for lead in (7, 1) if cycle is None or lead < cycle)
        yield Matter(f"{plan.id}/lost", day, leads, plan.told, until=day)
        return
    usual = (30, 14, 7, 3, 2, 1, 0, -1, -30)
    leads = _leads(plan._replace(leads={}) if plan.leads.get("lost") == () else plan, "lost", usual, cycle)
    earliest = model.renewal(unpaid) - 3 * DAY
    yield Matter(f"{plan.id}/lost", day, tuple(lead for lead in leads if day - lead * DAY >= earliest), plan.told)


def _of_use(plan: Plan, today: date) -> Iterator[Matter]:
    rule = plan.keep_alive
    if rule is None:
        return
    due = later(rule.last, rule.every)
    leads = _weekly(_leads(plan, "keep-alive", (30, 14, 7, 3, 1, 0, -1, -3, -7), (due - rule.last).days))
    if _lapses(plan):
        yield Matter(f"{plan.id}/keep-alive", due, (7, 1) if leads else (), plan.told, until=due)
    else:
        yield Matter(f"{plan.id}/keep-alive", due, leads, plan.told)


def _of_data(model: PlanModel, today: date) -> Iterator[Matter]:
    plan = model.plan
    if plan.data is None or plan.renews is None:
        return
    leads = _leads(plan, "data", (5,))
    read_in = None
    if plan.data.used * 100 >= plan.data.limit * 80:
        n = 0
        while plan.every is not None and model.renewal(n - 1) > plan.data.on:
            n -= 1
        while plan.every is not None and model.renewal(n) <= plan.data.on:
            n += 1
        read_in = n if model.renewal(n) > plan.data.on else None
    for n in model.numbers(today + (AHEAD + 400) * DAY):
        on = model.renewal(n)
        if n == read_in and on >= today:
            yield Matter(f"{plan.id}/data", on, leads, plan.told, until=on, at_once=True)
        elif today <= on <= today + AHEAD * DAY and (plan.pause_until is None or on > plan.pause_until):
            yield Matter(f"{plan.id}/data", on, _leads(plan, "data", (5,), model.length(n)), plan.told, until=on)


def _of_days(plan: Plan) -> Iterator[Matter]:
    if plan.promo is not None:
        yield Matter(
            f"{plan.id}/promo", plan.promo.ends, _leads(plan, "promo", (30, 7)), plan.told, until=plan.promo.ends
        )
    if plan.pause_until is not None:
        yield Matter(
            f"{plan.id}/pause", plan.pause_until, _leads(plan, "pause", (7, 1)), plan.told, until=plan.pause_until
        )
    for backup in plan.backups:
        if backup.done_on is not None:
            stale = later(backup.done_on, backup.fresh)
            yield Matter(
                f"{plan.id}/backup:{_item(backup.what)}", stale, _leads(plan, "backup", (0, -7, -14)), plan.told
            )


def _of_bills(plan: Plan, household: Household, today: date) -> Iterator[Matter]:
    owed = [(_item(bill.what), bill.due, plan.told) for bill in plan.bills if bill.paid_on is None]
    final = plan.cancel.final_bill if plan.cancel else None
    if final is not None and final.paid_on is None:
        owed.append(("final", final.due, _with_holder(plan, household)))
    for item, due, told in owed:
        if due is not None:
            leads = list(_leads(plan, "bill", (7, 3, 1, 0, -1, -3, -7, -14, -30)))
            last = min(leads[-1], 0) if leads else 0
            while leads and last > -1000:
                last -= 30
                leads.append(last)
            yield Matter(f"{plan.id}/bill:{item}", due, tuple(leads), told)


def _item(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _with_holder(plan: Plan, household: Household) -> tuple[str, ...]:
    holder = plan.account.holder
    return plan.told if holder not in household.people or holder in plan.told else (*plan.told, holder)


def safe_days(model: PlanModel, today: date) -> list[tuple[int, date]]:
    """Return the last safe days from the intended one on: the latest up to `by`, else that of the next charge."""
    plan = model.plan
    assert plan.cancel is not None
    if plan.renews is None:
        return []
    first = 0
    if plan.pay_with == "balance" and plan.balance is not None and plan.renews > plan.balance.on:
        first = max(0, model.first_by_balance())
    days = [
        (n, model.last_day_to_cancel(n))
        for n in model.numbers(today + 500 * DAY)
        if n >= first
        and model.last_day_to_cancel(n) >= today
        and model.renewal(n) >= today
        and not (plan.autopay and plan.pause_until is not None and model.charge(n) < plan.pause_until)
    ]
    by = plan.cancel.by
    if by is None:
        return days
    return days[max(0, sum(day <= by for _, day in days) - 1) :]


def _of_leaving(model: PlanModel, household: Household, today: date) -> Iterator[Matter]:
    plan = model.plan
    cancel = plan.cancel
    assert cancel is not None
    told, asked = _with_holder(plan, household), cancel.requested_on is not None or cancel.confirmed_on is not None
    safe = safe_days(model, today)
    if not asked and (plan.autopay or not _lapses(plan)):
        uncovered = model.uncovered() if _lapses(plan) and cancel.number != "port" else None
        for n, day in safe:
            if uncovered is not None and n >= uncovered:
                break  # nothing is charged, and it runs out by itself
            usual = (7, 1, 0) if cancel.by is not None and day > cancel.by else (30, 14, 7, 3, 1, 0)
            yield Matter(
                f"{plan.id}/cancel-by", day, _leads(plan, "cancel-by", usual, model.length(n)), told, until=day
            )
    pin_days = plan.carrier.pin_days if plan.carrier else None
    if cancel.pin_on is not None and pin_days is not None and not asked and cancel.number in (None, "port"):
        last = cancel.pin_on + (max(pin_days, 1) - 1) * DAY
        yield Matter(f"{plan.id}/pin", last, _leads(plan, "pin", (2, 1, 0)), told, until=last)
    if any(one.critical and one.moved_on is None for one in plan.bindings) and cancel.number != "move":
        yield from _of_bindings(model, safe, told, today)
    if cancel.requested_on is not None and cancel.confirmed_on is None:
        yield Matter(
            f"{plan.id}/unconfirmed", cancel.requested_on, _weekly(_leads(plan, "unconfirmed", (-3, -7, -14))), told
        )


def _of_bindings(
    model: PlanModel, safe: list[tuple[int, date]], told: tuple[str, ...], today: date
) -> Iterator[Matter]:
    plan = model.plan
    assert plan.cancel is not None
    leads, unpaid = _leads(plan, "binding", (30, 14, 7, 3)), model.unpaid()
    by = plan.cancel.by
    current = (
        [unpaid] if unpaid is not None else [n for n in model.numbers(today + 500 * DAY) if model.renewal(n) >= today]
    )
    if _lapses(plan) and current and (by is not None or not plan.autopay):
        stops = model.renewal(current[0])
        yield Matter(f"{plan.id}/binding", min(stops, by) if by else stops, leads, told)
    elif by is not None:
        yield Matter(f"{plan.id}/binding", by, leads, told)
    else:
        for n, day in safe:
            yield Matter(
                f"{plan.id}/binding", day, tuple(lead for lead in leads if lead < (model.length(n) or 999)), told
            )


def _after_leaving(plan: Plan, household: Household) -> Iterator[Matter]:
    cancel = plan.cancel
    assert cancel is not None
    told, final, refund = _with_holder(plan, household), cancel.final_bill, cancel.refund
    moved = cancel.number == "move"
    postpaid = plan.carrier is not None and plan.carrier.kind == "postpaid"
    known = final is not None and (final.amount is not None or final.paid_on is not None)
    if cancel.confirmed_on is not None and postpaid and not known and not moved:
        yield Matter(f"{plan.id}/final-bill", cancel.confirmed_on, _leads(plan, "final-bill", (-30, -60, -90)), told)
    if refund is not None and refund.expected is not None and refund.received_on is None:
        yield Matter(f"{plan.id}/refund", refund.expected, _leads(plan, "refund", (0, -7, -30)), told)
    days = plan.carrier.reactivate_days if plan.carrier else None
    ended = cancel.confirmed_on
    if ended is not None and days is not None and cancel.number not in ("port", "move") and not _lost_by(plan, ended):
        last = ended + days * DAY
        yield Matter(f"{plan.id}/undo", last, _leads(plan, "undo", (7, 1)), told, until=last)


def _lost_by(plan: Plan, day: date) -> bool:
    """Whether the number was lost for certain by a day."""
    model, brand = model_of(plan), plan.carrier
    unpaid = model.unpaid()
    lost = model.loss(unpaid) if unpaid is not None else None
    trusted = plan.grace is not None or (brand is not None and brand.grace_confidence != "low")
    return lost is not None and lost[1] and trusted and lost[0] <= day


def of_person(person: Person, household: Household, today: date) -> Iterator[Matter]:
    """Iterate what there is to say to a person that belongs to no plan."""
    for card in household.cards.values():
        used = any(
            plan.autopay and plan.pay_with == card.id and person.id in plan.told and not _has_left(plan)
            for plan in household.plans.values()
        )
        if card.expires is not None and used:
            leads = household.leads.get("card", (60, 30, 7, 0, -7))
            yield Matter(f"@{card.id}/card", card.expires, leads, (person.id,), until=card.expires + 30 * DAY)
    for months in (-1, 0, 1):
        first = months_later(today, months, 1)
        leads = household.leads.get("digest", (0,))
        yield Matter(f"@{person.id}/digest", first, leads, (person.id,), until=first + 3 * DAY)


def _has_left(plan: Plan) -> bool:
    return plan.cancel is not None and plan.cancel.confirmed_on is not None and plan.cancel.number != "move"
