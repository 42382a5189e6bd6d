"""Random households of every kind: renewed by hand, by autopay or from a balance, marked, failed, being left.

home = random_household(random.Random(7))
home = fuller_household(random.Random(7))      # also with what is no line, ends, is snoozed or has leads of a person's own
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from households import carrier, household, person, plan
from renewd.domain.carriers import Carrier
from renewd.domain.dates import Duration, Unit, before
from renewd.domain.plans import (
    Account,
    Backup,
    Balance,
    Bill,
    Binding,
    Cancel,
    Card,
    Data,
    FinalBill,
    Household,
    KeepAlive,
    Plan,
    Promo,
    Receipt,
    Refund,
)

START = date(2026, 12, 1)
ZONES = ("America/New_York", "America/Los_Angeles", "Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago")
CYCLES = tuple(
    Duration(n, unit)
    for n, unit in (
        (30, "days"), (28, "days"), (90, "days"), (10, "days"), (720, "hours"), (1, "months"), (2, "months"), (3, "months"),
        (1, "years"),
    )
)  # fmt: skip
CARRIERS: tuple[Carrier | None, ...] = (
    None,
    carrier("quiet"),
    carrier("sixty", grace="60 days", grace_confidence="high"),
    carrier("doubtful", grace="90 days", grace_confidence="low"),
    carrier("suspends", grace="30 days", grace_origin="suspension", suspended_after=15, grace_confidence="medium"),
    carrier("counts", grace="60 days", grace_origin="last-payment", grace_confidence="medium", pin_days=7),
    carrier("bills", kind="postpaid", pin_days=4, reactivate_days=30),
)  # fmt: skip

OWN_LEADS: tuple[dict[str, tuple[int, ...]], ...] = (
    {"renewal": (5, 2)}, {"charge": ()}, {"lost": ()}, {"overdue": (-2,)}, {"bill": (4, 0, -4)}, {"cancel-by": (9, 0)},
    {"digest": ()}, {"card": (10,)},
)  # fmt: skip


def random_household(rng: random.Random) -> Household:
    """Return a household of one to three plans and one or two people."""
    people = {"me": person(zone=rng.choice(ZONES), send_at=time(rng.choice((0, 7, 9, 23))))}
    if rng.random() < 0.4:
        people["mom"] = person("mom", zone=rng.choice(ZONES))
    cards = tuple(
        Card(id=id_, name=id_, expires=_month_end(rng) if rng.random() < 0.7 else None) for id_ in ("visa", "amex")
    )
    plans = (random_plan(f"p{n}", rng, tuple(people)) for n in range(rng.randint(1, 3)))
    return household(*plans, cards=cards, **people)


def fuller_household(rng: random.Random) -> Household:
    """Return a random household in which some plans are no line, end, are snoozed, and some people have leads of their own."""
    home = random_household(rng)
    people = {
        id_: one._replace(leads=rng.choice(OWN_LEADS)) if rng.random() < 0.25 else one
        for id_, one in home.people.items()
    }
    return replace(home, plans={id_: _fuller(plan, rng) for id_, plan in home.plans.items()}, people=people)


def _fuller(plan: Plan, rng: random.Random) -> Plan:
    words: dict[str, Any] = {}
    if rng.random() < 0.25:
        cancel = plan.cancel and plan.cancel._replace(number="drop", pin_on=None)
        words |= {"kind": "other", "carrier": None, "keep_alive": None, "bindings": (), "cancel": cancel}
    if rng.random() < 0.25 and plan.renews and plan.every:
        words["ends"] = plan.renews + timedelta(days=rng.choice((0, rng.randint(0, 300))))
    if rng.random() < 0.2:
        words["snooze"] = _day(rng, -10, 60)
    return plan._replace(**words)


def random_plan(id_: str, rng: random.Random, people: tuple[str, ...], *, leaves: float = 0.35) -> Plan:
    """Return a plan; `leaves` is how likely it is being left."""
    every = rng.choice(CYCLES) if rng.random() < 0.92 else None
    autopay = every is not None and rng.random() < 0.45
    brand = rng.choice(CARRIERS)
    words: dict[str, Any] = {
        "carrier": brand,
        "told": tuple(rng.sample(people, rng.randint(1, len(people)))),
        "zone": rng.choice(ZONES),
        "renews": _day(rng, -70, 120),
        "every": every,
        "price": rng.choice((None, Decimal(0), Decimal(3), Decimal("12.5"), Decimal(40))),
        "autopay": autopay,
        "pay_with": rng.choice((None, "visa", "amex")),
        "charge_before": Duration(*rng.choice(((0, "days"), (0, "days"), (25, "hours"), (3, "days")))),
        "account": Account(id="acc", holder=rng.choice((None, *people))),
        "receipts": tuple(Receipt(on=_day(rng, -60, 30)) for _ in range(rng.choice((0, 0, 1, 2)))),
    }  # fmt: skip
    if brand is not None and brand.grace_origin == "last-payment" and every is not None:
        words["receipts"] += _old_receipt(words["renews"], every)
    if rng.random() < 0.4:
        words["grace"] = _length(rng, "days", 0, 60)
    if rng.random() < 0.2:
        words["notice"] = _length(rng, "days", 0, 6)
    if rng.random() < 0.2:
        words["cut_off"] = Duration(rng.choice((24, 48)), "hours")
    if rng.random() < 0.15:
        words["promo"] = Promo(_day(rng, -30, 200), rng.choice((None, Decimal(60))))
    if autopay and rng.random() < 0.2:
        words["failed_on"] = _day(rng, -40, 60)
    if autopay and rng.random() < 0.1:
        words["pause_until"] = _day(rng, -10, 90)
    if every is not None and rng.random() < 0.15:
        words |= {"pay_with": "balance", "balance": Balance(Decimal(rng.randint(0, 60)), _day(rng, -40, 0))}
    if "balance" in words and every is not None and every.unit == "days":
        words["balance"] = _read_on_a_charge(words["balance"], words["renews"], every, words["charge_before"])
    if rng.random() < 0.15:
        words["keep_alive"] = KeepAlive(Duration(rng.choice((60, 90)), "days"), _day(rng, -90, 0), "send one text")
    if rng.random() < 0.1:
        words["data"] = Data(100, rng.choice((20, 85)), _day(rng, -30, 0), "100 B", "20 B")
    if rng.random() < 0.2:
        words["bills"] = (Bill(what="overage", amount=Decimal("12.50"), due=_day(rng, -20, 60)),)
    if rng.random() < 0.1:
        words["backups"] = (Backup(what="photos", done_on=_day(rng, -40, 0)),)
    if rng.random() < 0.15:
        words["leads"] = {
            rng.choice(("renewal", "overdue", "charge", "lost", "bill")): rng.choice(((5, 2), (-1, -9), ()))
        }
    if rng.random() < leaves:
        words["cancel"] = _cancel(rng, brand)
        words["bindings"] = tuple(
            Binding(
                service=name, critical=rng.random() < 0.7, moved_on=_day(rng, -9, 0) if rng.random() < 0.3 else None
            )
            for name in ("Chase", "Alipay")
        )
    one = plan(id_, **words)
    if one.leads.get("overdue") == (5, 2) or one.leads.get("lost") == (-1, -9):
        return plan(id_, **{**words, "leads": {}})
    return one


def _old_receipt(renews: date, every: Duration) -> tuple[Receipt, ...]:
    """Return a receipt of about one to four cycles before `renews`, in every other plan; it draws nothing from the household's numbers."""
    rng = random.Random(f"{renews} {every}")
    days = every.n * {"hours": 1 / 24, "days": 1, "months": 30, "years": 365}[every.unit]
    old = renews - timedelta(days=int(days * rng.uniform(0.5, 4)))
    return (Receipt(on=old),) if rng.random() < 0.5 else ()


def _read_on_a_charge(balance: Balance, renews: date, every: Duration, early: Duration) -> Balance:
    """Return the balance, of some plans as read on the day of the charge before `renews`; it draws nothing, like `_old_receipt`."""
    rng = random.Random(f"{renews} {balance}")
    on = before(renews, early) - timedelta(days=every.n)
    return balance._replace(on=on) if early.unit == "days" and on <= START and rng.random() < 0.5 else balance


def _cancel(rng: random.Random, brand: Carrier | None) -> Cancel:
    postpaid = brand is not None and brand.kind == "postpaid"
    asked = _day(rng, -20, 40) if rng.random() < 0.4 else None
    confirmed = asked + timedelta(days=rng.randint(0, 9)) if asked is not None and rng.random() < 0.6 else None
    final = FinalBill(amount=Decimal("21.30"), due=_day(rng, 0, 80)) if confirmed and rng.random() < 0.5 else None
    refund = Refund(amount=Decimal(9), expected=_day(rng, 0, 80)) if confirmed and rng.random() < 0.3 else None
    return Cancel(
        by=_day(rng, 0, 120) if rng.random() < 0.6 else None,
        how="lapse" if not postpaid and rng.random() < 0.3 else "cancel",
        number=rng.choice(("port", "drop", "move", None)),
        pin_on=_day(rng, -3, 30) if rng.random() < 0.3 else None,
        requested_on=asked,
        confirmed_on=confirmed,
        final_bill=final,
        refund=refund,
    )


def _day(rng: random.Random, first: int, last: int) -> date:
    return START + timedelta(days=rng.randint(first, last))


def _length(rng: random.Random, unit: Unit, least: int, most: int) -> Duration:
    return Duration(rng.randint(least, most), unit)


def _month_end(rng: random.Random) -> date:
    return (_day(rng, -30, 300).replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
