"""Small households for tests: days, lengths and money may be written as in plans.toml.

home = household(plan("tello", renews="2026-12-05", every="30 days", price="5"), me=person(zone="Asia/Shanghai"))
said(home, at("2026-12-04 09:00", SHANGHAI))      # {"tello/renewal/2026-12-05/1", ...}
listed(home, "2026-12-01", 60)                    # [("2026-12-04 01:00", "tello/renewal/2026-12-05/1"), ...]
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from renewd.domain.carriers import Carrier
from renewd.domain.dates import Duration, Unit, instant
from renewd.domain.plans import Balance, Bill, Card, Data, Household, KeepAlive, Person, Plan, Promo, Receipt
from renewd.reminders import NOTHING_FOUND, Findings, agenda, due

NEW_YORK, LOS_ANGELES, SHANGHAI = "America/New_York", "America/Los_Angeles", "Asia/Shanghai"

_DAYS = ("renews", "ends", "snooze", "failed_on", "pause_until")
_LENGTHS = ("every", "charge_before", "notice", "cut_off", "grace")


def day(text: str) -> date:
    """Return a day from "2026-12-05"."""
    return date.fromisoformat(text)


def length(text: str) -> Duration:
    """Return a length from "30 days", "1 month" or "25 hours"."""
    n, unit = text.split()
    units: dict[str, Unit] = {"hour": "hours", "day": "days", "month": "months", "year": "years"}
    return Duration(int(n), units[unit.removesuffix("s")])


def at(text: str, zone: str = NEW_YORK) -> datetime:
    """Return the UTC instant of a wall clock, "2026-12-05 09:00", in a zone; a day alone is its 00:00."""
    on, _, clock = text.partition(" ")
    return instant(day(on), time.fromisoformat(clock or "00:00"), zone)


def person(id_: str = "me", /, **words: Any) -> Person:
    """Return somebody who reads English at 09:00 in New York."""
    return Person(
        **{
            "id": id_, "email": f"{id_}@example.com", "name": id_, "zone": NEW_YORK, "languages": ("en",),
            "send_at": time(9), **words,
        }
    )  # fmt: skip


def carrier(id_: str = "acme", /, **words: Any) -> Carrier:
    """Return a prepaid carrier of which nothing else is known."""
    if isinstance(words.get("grace"), str):
        words["grace"] = length(words["grace"])
    return Carrier(**{"id": id_, "name": {"en": id_}, "kind": "prepaid", "checked": date(2026, 6, 1), **words})


def plan(id_: str = "tello", /, **words: Any) -> Plan:
    """Return a plan of `me` in New York; `late` is as the file's default without a catalogue."""
    for key in _DAYS:
        if isinstance(words.get(key), str):
            words[key] = day(words[key])
    for key in _LENGTHS:
        if isinstance(words.get(key), str):
            words[key] = length(words[key])
    if isinstance(words.get("price"), str):
        words["price"] = Decimal(words["price"])
    every = words.get("every")
    late = "reset" if every and every.unit == "days" else "fixed"
    return Plan(**{"id": id_, "name": id_, "told": ("me",), "currency": "USD", "zone": NEW_YORK, "late": late, **words})


def household(*plans: Plan, cards: tuple[Card, ...] = (), leads: Any = None, **people: Person) -> Household:
    """Return a household in New York with these plans; people by id, `me` if none is given."""
    return Household(
        zone=NEW_YORK,
        languages=("en",),
        currency="USD",
        people=people or {"me": person()},
        cards={card.id: card for card in cards},
        plans={plan.id: plan for plan in plans},
        leads=leads or {},
    )


def card(id_: str = "visa", expires: str | None = "2027-03-31") -> Card:
    """Return a card, good through the day `expires`."""
    return Card(id=id_, name=id_, expires=day(expires) if expires else None)


def bill(
    what: str = "overage", due_on: str | None = "2026-12-01", amount: str = "12.50", paid_on: str | None = None
) -> Bill:
    """Return a bill."""
    return Bill(
        what=what,
        amount=Decimal(amount),
        due=day(due_on) if due_on else None,
        paid_on=day(paid_on) if paid_on else None,
    )


def balance(amount: str, on: str) -> Balance:
    """Return what an account held on a day."""
    return Balance(Decimal(amount), day(on))


def receipts(*on: str) -> tuple[Receipt, ...]:
    """Return receipts of these days."""
    return tuple(Receipt(on=day(one)) for one in on)


def promo(ends: str, after: str | None) -> Promo:
    """Return an offer that ends."""
    return Promo(day(ends), None if after is None else Decimal(after))


def keep_alive(every: str, last: str) -> KeepAlive:
    """Return a rule that wants the line used."""
    return KeepAlive(length(every), day(last), "send one text")


def data(used: int, limit: int, on: str) -> Data:
    """Return how much was used on a day."""
    return Data(limit, used, day(on), f"{limit} B", f"{used} B")


def said(home: Household, now: datetime, findings: Findings = NOTHING_FOUND, *, to: str = "me") -> set[str]:
    """Return the keys of what is due to a person at an instant, digests left out."""
    return {one.key for one in due(home, findings, now) if one.person == to and one.subject.kind != "digest"}


def listed(
    home: Household, start: str, days: int, findings: Findings = NOTHING_FOUND, *, to: str = "me"
) -> list[tuple[str, str]]:
    """Return (moment in UTC, key) of a person's agenda from 00:00 of a day in New York, digests left out, in order."""
    begins = at(start)
    return sorted(
        (f"{one.moment.astimezone(UTC):%Y-%m-%d %H:%M}", one.key)
        for one in agenda(home, findings, begins, begins + timedelta(days=days))
        if one.person == to and one.subject.kind != "digest"
    )


def keys(home: Household, start: str, days: int, kind: str) -> list[str]:
    """Return the keys of one kind on `me`'s agenda, in order."""
    return [key for _, key in listed(home, start, days) if key.split("/")[1].partition(":")[0] == kind]
