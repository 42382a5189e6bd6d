"""What holds in every household's life, told from the keys, the mails and the facts alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from renewd.domain import cycles
from renewd.domain.cancellation import cancel_of, has_left, settled
from renewd.domain.dates import day_in, instant, nth
from renewd.domain.findings import item_id
from renewd.domain.plans import Household, Plan
from renewd.reminders import NOTHING_FOUND, due
from simulated_year import Got, Life, kind_of
from toml_builder import File

ONE_DAY = timedelta(days=1)
UNTIL_ITS_DAY = ("renewal", "charge", "balance", "data", "promo", "pause")
AFTER_ITS_DAY = ("overdue", "charged")


def nothing_was_told_twice(life: Life) -> None:
    told = Counter((mail.person, key) for mail in life.mails for key in mail.keys)
    assert not [one for one, times in told.items() if times > 1]


def nothing_broke(life: Life) -> None:
    assert not life.broken


def nothing_came_late(life: Life) -> None:
    assert not [mail for mail in life.mails if mail.letter.late]


def one_mail_for_a_person_and_moment(life: Life) -> None:
    mails = Counter((mail.person, mail.at) for mail in life.mails)
    assert not [one for one, times in mails.items() if times > 1]


def leads_descend(life: Life) -> None:
    leads = defaultdict(list)
    for mail in life.mails:
        for key in mail.keys:
            stem, _, lead = key.rpartition("/")
            leads[mail.person, stem].append(int(lead))
    assert not {one: found for one, found in leads.items() if found != sorted(set(found), reverse=True)}


def everything_told_was_true(life: Life) -> None:
    untrue = [
        f"{mail.at} {mail.person} {key}"
        for mail in life.mails
        for key in mail.keys
        if not is_true(key, mail, life.household_at(mail.at))
    ]
    assert not untrue


def is_true(key: str, mail: Got, home: Household) -> bool:
    """Tell whether a reminder was worth saying to that person at that instant, as the household stood."""
    owner, _, written, lead = key.split("/")
    kind, on = kind_of(key), date.fromisoformat(written)
    reader = home.people[mail.person]
    if owner.startswith("@"):
        today = day_in(mail.at, reader.zone)
        return on - timedelta(days=int(lead)) <= today and _of_person(kind, owner[1:], on, today, mail.person, home)
    plan = home.plans[owner]
    here, there = day_in(mail.at, plan.zone), day_in(mail.at, reader.zone)
    first = on - timedelta(days=int(lead))
    if kind == "binding":
        first -= ONE_DAY  # with the last day to cancel, where that is the day before
    begun = first <= max(here, there) or (kind == "data" and _almost_used(plan))
    over = (kind in UNTIL_ITS_DAY and here > on) or (kind in AFTER_ITS_DAY and here <= on)
    return mail.person in plan.told and begun and not over and _of_plan(kind, key, on, here, plan)


def _of_person(kind: str, owner: str, on: date, today: date, person: str, home: Household) -> bool:
    if kind == "digest":
        return owner == person and on.day == 1 and (today - on).days <= 3
    if kind == "report":
        return person == home.owner.id and any(_is_leaving(plan) for plan in home.plans.values())
    card = home.cards[owner]
    told = {one for plan in home.plans.values() if plan.pay_with == owner and plan.autopay for one in plan.told}
    return kind == "card" and card.expires == on and (today - on).days <= 30 and person in told


def _of_plan(kind: str, key: str, on: date, here: date, plan: Plan) -> bool:
    if kind in ("cancel-by", "binding", "unconfirmed", "pin"):
        return _is_leaving(plan) and _of_leaving(kind, on, here, plan)
    if kind in ("renewal", "overdue", "lost"):
        return plan.renews is not None and plan.renews <= on and _is_for_somebody_to_pay(plan)
    if kind == "balance":
        return plan.pay_with == "balance"
    if kind in ("charge", "charged"):
        return plan.autopay and plan.failed_on is None and (here - on).days <= 14
    if kind == "keep-alive":
        return plan.keep_alive is not None and nth(plan.keep_alive.last, plan.keep_alive.every, 1) == on
    if "bill:final" in key:
        final = cancel_of(plan).final_bill
        return final is not None and final.due == on and final.paid_on is None
    if kind == "bill":
        return any(b.due == on and b.paid_on is None and f"bill:{item_id(b.what)}" in key for b in plan.bills)
    if kind == "backup":
        return any(b.done_on and nth(b.done_on, b.fresh, 1) == on and item_id(b.what) in key for b in plan.backups)
    if kind == "data":
        return plan.data is not None
    if kind == "promo":
        return plan.promo is not None and plan.promo.ends == on
    return kind == "pause" and plan.pause_until == on


def _of_leaving(kind: str, on: date, here: date, plan: Plan) -> bool:
    cancel = cancel_of(plan)
    if kind == "unconfirmed":
        return cancel.requested_on == on and cancel.confirmed_on is None
    if kind == "binding":
        return cancel.by == on and any(one.critical and one.moved_on is None for one in plan.bindings)
    if kind == "pin":
        return cancel.pin_on is not None and cancel.requested_on is None
    return cancel.requested_on is None and here <= on


def _is_leaving(plan: Plan) -> bool:
    return plan.cancel is not None and not (has_left(plan) and settled(plan))


def _is_for_somebody_to_pay(plan: Plan) -> bool:
    return not plan.autopay or plan.failed_on is not None or plan.pay_with == "balance"


def _almost_used(plan: Plan) -> bool:
    return plan.data is not None and plan.data.used >= plan.data.limit * 0.8


def mails_come_at_the_readers_hour(life: Life) -> None:
    """Each mail goes out at its reader's hour, or when the household begins, or five minutes after an edit."""
    begins = life.forms[0].since
    edits = {since + timedelta(minutes=5) for since, *_ in life.forms[1:]}
    for mail in life.mails:
        reader = life.household_at(mail.at).people[mail.person]
        clock = mail.at.astimezone(ZoneInfo(reader.zone)).time()
        assert clock == reader.send_at or mail.at == begins or mail.at in edits, f"{mail.at} {mail.person} {mail.keys}"


def nobody_was_left_unwarned(life: Life, plans: Collection[str] | None = None) -> None:
    """Everybody who is told of a plan was warned, by the evening before, of all harm that was then to be seen for a
    day.
    """
    first: dict[tuple[str, str], datetime] = {}
    for mail in life.mails:
        for key in mail.keys:
            first.setdefault((mail.person, key.rpartition("/")[0]), mail.at)
    unwarned = [
        (person, stem)
        for evening, plan, stem in bites(life, plans or life.last.plans)
        for person in plan.told
        if first.get((person, stem), evening) >= evening
    ]
    assert not unwarned


def bites(life: Life, plans: Collection[str]) -> Iterator[tuple[datetime, Plan, str]]:
    """Iterate (the evening before, the plan, the reminder's stem) of all that would bite on a day.

    A plan that was written so less than two days before is left out: there, the mail comes when it is written.
    """
    zone = life.forms[0].household.zone
    today, last = day_in(life.forms[0].since, zone) + 4 * ONE_DAY, day_in(life.passes[-1], zone)
    while today < last:
        for id_ in plans:
            evening = instant(today - ONE_DAY, time(19), life.last.plans[id_].zone)
            plan = life.household_at(evening).plans[id_]
            if plan == life.household_at(evening - 2 * ONE_DAY).plans.get(id_) and plan.snooze is None:
                yield from ((evening, plan, f"{id_}/{kind}/{today}") for kind in _biting(plan, today))
        today += ONE_DAY


def what_a_mail_says_to_type_ends_it(life: Life) -> None:
    """Every command in a mail can be typed as it stands, and what it was about is not due any more."""
    tried = set()
    for mail in life.mails:
        for typed in _COMMAND.findall(mail.text):
            _, plan, what = typed.split()[:3]
            form = life.form_at(mail.at)
            keys = {key for key in mail.keys if key.startswith(f"{plan}/") and kind_of(key) in _ENDS.get(what, ())}
            keys -= {
                key
                for key in keys
                if kind_of(key) == "renewal" and not _is_of_the_oldest(key, form.household.plans[plan])
            }
            once = (typed, mail.person, *sorted(key.rpartition("/")[2] + kind_of(key) for key in keys))
            if once in tried:
                continue
            tried.add(once)
            file = File(form.text)
            file.type(typed, form.household, mail.at)
            left = {one.key for one in due(file.load(mail.at).household, NOTHING_FOUND, mail.at)}
            assert not keys & left, f"{mail.at} {typed}"


def _is_of_the_oldest(key: str, plan: Plan) -> bool:
    """Whether a renewal is that of the oldest cycle which nobody has paid; a later one is still to come."""
    return key.split("/")[2] == str(cycles.renewal(plan, cycles.unpaid_from(plan) or 0))


_COMMAND = re.compile(
    r"(?:^ {4}|: |：)renewd (mark \S+ (?:renewed|failed|paid|kept-alive|backed-up|used|balance)\b.*)$", re.MULTILINE
)
_ENDS = {
    "renewed": ("renewal", "overdue", "lost", "balance"),
    "paid": ("bill",),
    "kept-alive": ("keep-alive",),
    "backed-up": ("backup",),
}


def the_next_mail_comes_when_it_was_promised(life: Life) -> None:
    """A mail's `next` is when that person's next one comes, unless something was written down in between."""
    for person in life.last.people:
        mails = [mail for mail in life.mails if mail.person == person]
        for mail, following in pairwise(mails):
            if mail.letter.next_at is not None and life.form_at(mail.at) is life.form_at(following.at):
                assert mail.letter.next_at == following.at, (
                    f"{mail.at} {person} {mail.keys} {mail.letter.next_at} {following.keys}"
                )


def _biting(plan: Plan, day: date) -> Iterator[str]:
    if plan.renews is not None and not has_left(plan):
        unpaid = cycles.unpaid_from(plan)
        if unpaid is not None and cycles.renewal(plan, unpaid) == day:
            yield "renewal"
        if (
            unpaid is not None
            and (loss := cycles.loss(plan, unpaid, paid_on=cycles.last_receipt(plan)))
            and loss.day == day
        ):
            yield "lost"
        if any(on == day for _, on in _soon(plan, day)):
            yield "charge"
    if plan.keep_alive is not None and nth(plan.keep_alive.last, plan.keep_alive.every, 1) == day:
        yield "keep-alive"
    for bill in plan.bills:
        if bill.due == day and bill.paid_on is None:
            yield f"bill:{item_id(bill.what)}"


def _soon(plan: Plan, day: date) -> Iterator[tuple[int, date]]:
    for n, on in cycles.charges(plan, day):
        if on > day:
            return
        yield n, on


INVARIANTS = (
    nothing_broke,
    nothing_was_told_twice,
    one_mail_for_a_person_and_moment,
    leads_descend,
    everything_told_was_true,
    mails_come_at_the_readers_hour,
    nobody_was_left_unwarned,
    nothing_came_late,
    what_a_mail_says_to_type_ends_it,
    the_next_mail_comes_when_it_was_promised,
)  # of a life in which the daemon always ran, and every mail went through
