"""The words of an event, in its reader's language. No phone numbers and no notes, as people share calendars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from renewd.calendar.entries import Entry, Window
from renewd.domain import cycles
from renewd.domain.cancellation import cancel_of, falls_due, left_by, pay_by, way_out
from renewd.domain.dates import DAY
from renewd.domain.money import Money
from renewd.domain.plans import Bill, Card, FinalBill, Household, KeepAlive, Plan
from renewd.formats.ics import Event, uid_of
from renewd.i18n import Language, language
from renewd.reminders import KINDS
from renewd.reminders.card import plans_on
from renewd.render.labels import manner, title
from renewd.render.table import shortened

_MOST_COLUMNS = 40  # of a name in a title: the sum after it has to be seen


def event(entry: Entry, household: Household, code: str, alarms: tuple[int, ...]) -> Event:
    """Return the event of an entry in the language `code`, with `alarms` (days ahead) if there is something to do."""
    words = language(code)
    site = entry.plan.url if entry.plan is not None else None
    silent = entry.state != "open" or entry.lead > 0
    return Event(
        uid=uid_of(entry.name),
        day=entry.day,
        summary=_summary(entry, household, words),
        description="\n".join([*_notes(entry, household, words), *([site] if site else [])]),
        category=_said(words, f"category.{_category(entry)}"),
        url=site,
        alarms=() if silent else alarms,
        canceled=entry.state == "cancelled",
    )


def notice(what: str, owner: str, days: Window, code: str) -> Event:
    """Return the only event of a calendar: it says that there is "nothing" to show, or that it was "split" by plan.

    It is on the first day of the current month and moves with it, so that no calendar is ever empty.
    """
    words = language(code)
    return Event(
        uid=uid_of(f"@{owner}/{what}//"),
        day=(days.first + 63 * DAY).replace(day=1),
        summary=words.say(f"calendar.title.{what}"),
        description=words.say(f"calendar.note.{what}"),
        category=words.say("calendar.category.nothing"),
    )


def name_of(who: str, code: str) -> str:
    """Return the name of a calendar."""
    return language(code).say("calendar.name", name=who)


@lru_cache(maxsize=8192)
def _said(words: Language, key: str, **args: object) -> str:
    return words.say(f"calendar.{key}", **args)  # the same from cycle to cycle, and from plan to plan


def _summary(entry: Entry, household: Household, words: Language) -> str:
    money = _sum(entry)
    key = f"title.{_words_of(entry)}{'-sum' if money else ''}"
    args: dict[str, object] = {"name": _name(entry, household)}
    if money is not None:
        args["sum"] = words.money(money, many=household.many_currencies)
    if entry.kind == "bill":
        args["what"] = entry.about.what if isinstance(entry.about, Bill) else words.say("calendar.title.final")
    if entry.lead:
        about = title(entry.kind, entry.lead, words.code, manner(entry.kind, entry.plan, entry.about))
        return _said(words, "reminder", name=args["name"], title=about)
    said = _said(words, key, **args)
    return _said(words, "cancelled", title=said) if entry.state == "cancelled" else said


def _words_of(entry: Entry) -> str:
    """Return the name of an entry's words. An entry that is settled, only due or only possible has words of its own."""
    plan, n = entry.plan, entry.about
    if entry.state == "settled":
        return "settled"
    if entry.kind == "renewal" and plan is not None and falls_due(plan):
        return "due"
    if entry.kind == "renewal" and plan is not None and isinstance(n, int) and left_by(plan, n):
        return "other-left" if not plan.is_line else "left" if cancel_of(plan).number == "drop" else "left-kept"
    if entry.kind == "keep-alive" and plan is not None and plan.is_line and way_out(plan) == "lapse":
        return "left-keep-alive"
    if entry.kind == "cancel-by" and plan is not None:
        return f"cancel-by{_aim(plan)}"
    if plan is not None and not plan.is_line and entry.kind in ("renewal", "lost", "keep-alive"):
        return f"other-{entry.kind}"
    if entry.kind == "lost" and plan is not None and isinstance(n, int):
        lost = cycles.loss(plan, n, paid_on=cycles.last_receipt(plan))
        if lost is not None and not lost.is_certain:
            return "lost-maybe"
    return entry.kind


def _aim(plan: Plan) -> str:
    """Return the end of the name of the words that say how a plan is left; empty where it is canceled."""
    way = way_out(plan)
    return "" if way == "drop" else f"-{way}"


def _category(entry: Entry) -> str:
    other = entry.plan is not None and not entry.plan.is_line
    return f"other-{entry.kind}" if other and entry.kind in ("lost", "keep-alive") else entry.kind


def _name(entry: Entry, household: Household) -> str:
    if entry.plan is not None:
        return shortened(plan_name(entry.plan, household), _MOST_COLUMNS)
    return shortened(entry.about.name, _MOST_COLUMNS) if isinstance(entry.about, Card) else ""


def plan_name(plan: Plan, household: Household) -> str:
    """Return the name of a plan, with its id if others share the name; only its id if the name holds the number."""
    digits = "".join(filter(str.isdigit, plan.name))
    if plan.number is not None and plan.number[-7:] in digits:
        return plan.id
    return plan.name if household.label(plan) == plan.name else f"{plan.name} ({plan.id})"


def _sum(entry: Entry) -> Money | None:
    plan, amount = entry.plan, None
    if plan is None:
        return None
    if isinstance(entry.about, Bill | FinalBill):
        amount = entry.about.amount
    elif entry.kind == "promo":
        amount = plan.promo.price_after if plan.promo else None
    elif entry.receipt is not None:
        amount = entry.receipt.amount
    elif entry.kind in ("renewal", "charge"):
        amount = _price(entry, plan)
    return plan.money(amount) if amount else None


def _price(entry: Entry, plan: Plan) -> Decimal | None:
    return cycles.price_on(plan, cycles.charge(plan, entry.about) if isinstance(entry.about, int) else entry.day)


def _notes(entry: Entry, household: Household, words: Language) -> Iterator[str]:
    def say(what: str, **args: object) -> str:
        return _said(words, f"note.{what}", **args)

    if entry.state == "cancelled":
        gone = entry.plan.cancel.confirmed_on if entry.plan and entry.plan.cancel else None
        ported = entry.plan is not None and cancel_of(entry.plan).number == "port"
        yield say("cancelled-port" if ported else "cancelled", on=gone or entry.day)
    elif entry.receipt is not None:
        yield say("paid", on=entry.receipt.on)
    elif entry.lead:
        on = entry.day + entry.lead * DAY
        yield say("reminder", day=on, by=_good(entry, on))
    else:
        yield from _NOTES.get(entry.kind, _note)(entry, household, say)


def _good(entry: Entry, day: date) -> date:
    """Return the last day on which acting still helps: the date itself if it is a day to pay or cancel by."""
    if entry.kind == "renewal" and entry.plan is not None:
        return pay_by(entry.plan, day)
    return day if KINDS[entry.kind].good_on_the_day else day - DAY


_Say = Callable[..., str]


def _note(entry: Entry, _household: Household, say: _Say) -> Iterable[str]:
    yield say(_words_of(entry), by=_good(entry, entry.day))


def _charge(entry: Entry, _household: Household, say: _Say) -> Iterable[str]:
    plan, n = entry.plan, entry.about
    if plan is None or not isinstance(n, int):
        return
    balance = cycles.pays_from(plan) is not None
    if balance:
        yield say("charge-balance")
    elif left_by(plan, n) == "asked":
        yield say("charge-asked")
    else:
        yield say(f"charge{_aim(plan) if plan.cancel else ''}", by=cycles.cancel_by(plan, n))
    if (renews := cycles.renewal(plan, n)) != entry.day:
        yield say("charge-for", renews=renews)


def _lost(entry: Entry, _household: Household, say: _Say) -> Iterable[str]:
    plan, n = entry.plan, entry.about
    if plan is None or not isinstance(n, int):
        return
    lost = cycles.loss(plan, n, paid_on=cycles.last_receipt(plan))
    unpublished = lost is not None and lost.basis == "unpublished"
    by = entry.day - (2 if unpublished else 1) * DAY
    given_up = plan.is_line and left_by(plan, n) != "" and cancel_of(plan).number == "drop"
    yield say("lost-left" if given_up else _words_of(entry), stops=cycles.renewal(plan, n), by=by)
    if lost is not None:
        none = "-none" if lost.grace is not None and not lost.grace.n else ""
        yield say(f"lost-{lost.basis}{none}", grace=lost.grace)


def _keep_alive(entry: Entry, _household: Household, say: _Say) -> Iterable[str]:
    yield say(_words_of(entry), by=entry.day - DAY)
    if isinstance(entry.about, KeepAlive) and entry.about.action:
        yield say("action", action=entry.about.action)


def _card(entry: Entry, household: Household, say: _Say) -> Iterable[str]:
    card = entry.about
    if isinstance(card, Card):
        names = [plan_name(plan, household) for plan in plans_on(card, household) if entry.told[0] in plan.told]
        yield say("card", plans=", ".join(names))


def _cancel_by(entry: Entry, _household: Household, say: _Say) -> Iterable[str]:
    plan, n = entry.plan, entry.about
    if plan is not None and isinstance(n, int):
        yield say(_words_of(entry), charge=cycles.charge(plan, n))


_NOTES = {  # of kinds whose note has more than the last good day
    "charge": _charge,
    "lost": _lost,
    "keep-alive": _keep_alive,
    "card": _card,
    "cancel-by": _cancel_by,
}
