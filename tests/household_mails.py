"""Mails of every kind, made as the program makes them: a household, an instant, what is due then.

    letter, home = CASES["renewal"]("zh-CN")

The plans are those of one invented household; each case holds those that it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from households import NEW_YORK, SHANGHAI, at, bill, day, length, person, promo
from households import household as home_of
from households import plan as bare_plan
from renewd.domain.carriers import Carrier, CarrierFact, Contact
from renewd.domain.errors import Problem
from renewd.domain.plans import (
    Account,
    Backup,
    Balance,
    Binding,
    Cancel,
    Card,
    Data,
    Device,
    FinalBill,
    Household,
    KeepAlive,
    Person,
    Plan,
    Refund,
)
from renewd.reminders import NOTHING_FOUND, Findings, due
from renewd.reminders.facts import facts
from renewd.reminders.grouping import Lateness, Message, Unreached, Welcome, gather
from renewd.reminders.month import digest_facts

Case = Callable[[str], tuple[Message, Household]]
VISA = Card(id="visa", name="Visa …4242", expires=date(2027, 3, 31))
OLD_VISA = VISA._replace(expires=date(2026, 11, 30))


def _fact(zh: str, en: str, confidence: Any = "high") -> CarrierFact:
    return CarrierFact(text={"zh-CN": zh, "en": en}, sources=(), confidence=confidence)


def brand(id_: str, name: str, **words: Any) -> Carrier:
    """Return an invented carrier with a site."""
    known: dict[str, Any] = {
        "id": id_, "name": {"zh-CN": name, "en": name}, "kind": "prepaid", "checked": date(2026, 11, 20),
        "site": f"https://{id_}.example/account",
    }  # fmt: skip
    return Carrier(**(known | words))


def _hotline(confidence: Any = "high") -> tuple[Contact, ...]:
    return (Contact(tel="+18005550199", fact=_fact("客服", "customer care", confidence)),)


TELLO = brand("tello", "Tello", renews_at="05:00-11:00", renews_zone=NEW_YORK)
ULTRA = brand(
    "ultra-paygo",
    "Ultra",
    site="https://ultra.example/account",
    grace=length("30 days"),
    grace_origin="suspension",
    grace_confidence="medium",
    hotlines=_hotline(),
)
VISIBLE = brand("visible", "Visible", grace=length("60 days"), app="Visible")
US_MOBILE = brand("usmobile", "US Mobile")
MAGENTA = brand(
    "magenta", "Magenta", kind="postpaid", app="Magenta Life", hotlines=_hotline(),
    codes=(Contact(dial="#225#", fact=_fact("查余额与上次付款", "balance and last payment", "medium")),),
)  # fmt: skip
LEAVING = MAGENTA._replace(pin_days=7, port_lock="Port Out Protection", channels=("phone", "port-out"), reactivate_days=30,
    facts={
        "port_out": _fact("6 位转号 PIN，只有主账户人能领", "A transfer PIN of 6 digits, for the account holder alone"),
        "final_bill": _fact("不按天折算", "No proration", "medium"),
        "reactivate": _fact("取消后 30 天内能恢复", "Can be brought back for 30 days"),
    },
)  # fmt: skip
NAMES = {
    "tello": ("Tello 银行号", "Tello (bank)"),
    "ultra": ("Ultra 紫卡", "Ultra purple"),
    "visible": ("Visible", "Visible"),
    "usmobile": ("US Mobile 流量卡", "US Mobile data"),
    "main": ("Magenta 主号", "Magenta main"),
    "mom-rp": ("妈妈的 Red Pocket", "Mom’s Red Pocket"),
    "att": ("AT&T 备用号", "AT&T spare"),
    "tablet": ("平板", "Tablet"),
}


class World:
    """One language's household: names and texts as its people would have written them."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.zh = code == "zh-CN"

    def say(self, zh: str, en: str) -> str:
        """Return the text in this world's language."""
        return zh if self.zh else en

    def plan(self, id_: str, **words: Any) -> Plan:
        """Return a plan with its name in this language."""
        return bare_plan(id_, **{"name": self.say(*NAMES[id_]), **words})

    def tello(self, **words: Any) -> Plan:
        """A prepaid line, 30 days, with the user's own grace."""
        return self.plan("tello", **{"carrier": TELLO, "number": "+12065550142", "renews": "2026-12-05", "every": "30 days",
                                     "price": "5", "grace": "30 days", "pay_with": "visa", **words})  # fmt: skip

    def ultra(self, **words: Any) -> Plan:
        """A line that has stopped, with the bank tied to it."""
        bound = (
            Binding(service=self.say("招商银行", "China Merchants Bank"), critical=True),
            Binding(service=self.say("Apple 账户", "Apple Account"), kind="login"),
        )
        return self.plan("ultra", **{"carrier": ULTRA, "number": "+12065550155", "renews": "2026-11-12", "every": "30 days",
                                     "price": "3", "bindings": bound, **words})  # fmt: skip

    def visible(self, **words: Any) -> Plan:
        """A line on autopay, charged 25 hours early."""
        return self.plan("visible", **{"carrier": VISIBLE, "number": "+12065550171", "renews": "2026-12-19", "every": "1 month",
                                       "price": "25", "autopay": True, "charge_before": "25 hours", "pay_with": "visa",
                                       "promo": promo("2027-02-28", "45"), **words})  # fmt: skip

    def usmobile(self, **words: Any) -> Plan:
        """A data line of a carrier that publishes no grace."""
        return self.plan("usmobile", **{"carrier": US_MOBILE, "number": "+12065550128", "renews": "2026-12-05",
                                        "every": "30 days", "price": "8", **words})  # fmt: skip

    def main(self, **words: Any) -> Plan:
        """A postpaid line with a bill and backups."""
        known: dict[str, Any] = {
            "carrier": MAGENTA, "number": "+12065550100", "renews": "2026-12-29", "every": "1 month", "price": "40",
            "autopay": True, "pay_with": "visa", "account": Account(id="982-555", holder="me"),
            "bills": (bill(self.say("10月超额费", "October overage"), "2026-12-12"),),
        }  # fmt: skip
        return self.plan("main", **(known | words))

    def mom(self, **words: Any) -> Plan:
        """A line of 360 days."""
        return self.plan("mom-rp", **{"carrier": brand("redpocket", "Red Pocket", grace=length("30 days")),
                                      "renews": "2026-12-16", "every": "360 days", "price": "30", **words})  # fmt: skip

    def att(self, **words: Any) -> Plan:
        """A spare that has to be used now and then."""
        action = self.say("发一条短信", "send one text")
        return self.plan("att", **{"keep_alive": KeepAlive(length("90 days"), date(2026, 9, 24), action),
                                   "number": "+12065550133", **words})  # fmt: skip

    def me(self, **words: Any) -> Person:
        """Who runs renewd, reading in Beijing."""
        return person("me", **{"name": self.say("小李", "Li"), "zone": SHANGHAI, "languages": (self.code,), **words})

    def mother(self) -> Person:
        """Who does not run renewd."""
        return person("mom", name=self.say("妈妈", "Mom"), languages=(self.code,), zone=NEW_YORK)


def letter(
    home: Household,
    now: datetime,
    *,
    to: str = "me",
    kinds: tuple[str, ...] = (),
    findings: Findings = NOTHING_FOUND,
    **words: Any,
) -> tuple[Message, Household]:
    """Return the letter that a person gets of all that is due at an instant (of these kinds, if any are given)."""
    found = [one for one in due(home, findings, now) if one.person == to and (not kinds or one.subject.kind in kinds)]
    digest = next((one for one in found if one.subject.kind == "digest"), None)
    blocks, more = gather([facts(one, home, findings, now) for one in found if one is not digest])
    shown = [fact.key for block in blocks for fact in (block.facts, *block.also)]
    keys = tuple(dict.fromkeys([*shown, *(one.key for one in found)]))
    me = home.people.get("me")
    known: dict[str, Any] = {
        "person": home.people[to], "written": now, "keys": keys, "blocks": blocks, "more": more,
        "digest": digest_facts(digest, home, findings, now) if digest else None, "runs_it": to == "me",
        "owner": me.name if me else None, "next_at": at("2027-01-10 09:00", home.people[to].zone),
    }  # fmt: skip
    return Message(**(known | words)), home


def home(world: World, *plans: Plan, cards: tuple[Card, ...] = (VISA,), **words: Any) -> Household:
    """Return the household of a case."""
    people = (
        {"me": world.me()}
        if all("mom" not in plan.told for plan in plans)
        else {"me": world.me(), "mom": world.mother()}
    )
    return replace(home_of(*plans, cards=cards, **people), languages=(world.code,), **words)


def beijing(text: str) -> datetime:
    """Return the instant of a wall clock in Beijing."""
    return at(text, SHANGHAI)


def _case(kinds: str, when: str, make: Callable[[World], Household], **words: Any) -> Case:
    @cache
    def made(code: str) -> tuple[Message, Household]:
        return letter(make(World(code)), beijing(when), kinds=tuple(kinds.split()), **words)

    return made


def _both(code: str) -> tuple[Message, Household]:
    world = World(code)
    house = home(world, world.tello())
    both = world.me()._replace(languages=(code, "en" if code == "zh-CN" else "zh-CN"))
    house = replace(house, people={"me": both})
    return letter(house, beijing("2026-12-02 09:00"), kinds=("renewal",))


def _late(cause: Any, until: str) -> Case:
    late = Lateness(
        cause=cause, due=beijing("2026-12-02 09:00"), since=beijing("2026-12-02 07:40"), until=beijing(until)
    )
    return _case("renewal", until, lambda w: home(w, w.usmobile()), late=late)


def _for_mother(kinds: str, when: str, make: Callable[[World], Plan]) -> Case:
    @cache
    def made(code: str) -> tuple[Message, Household]:
        world = World(code)
        return letter(home(world, make(world)), at(when), to="mom", kinds=tuple(kinds.split()))

    return made


def _everything(world: World) -> Household:
    plans = (
        world.tello(),
        world.ultra(),
        world.visible(),
        world.usmobile(),
        world.main(),
        world.mom(told=("mom", "me")),
        world.att(),
    )
    return replace(home(world, *plans), budget=Decimal(80))


def _digest_with_items(world: World) -> Household:
    return home(world, world.ultra(), world.main(), world.mom(told=("me",)), world.att(), world.visible(cancel=None))


def _group(world: World) -> Household:
    account = Account(id="982-555")
    return home(
        world,
        world.main(account=account, bills=()),
        world.plan(
            "tablet", carrier=MAGENTA, renews="2026-12-29", every="1 month", price="20", autopay=True, account=account
        ),
        world.plan(
            "att", carrier=MAGENTA, renews="2026-12-29", every="1 month", price="12.50", autopay=True, account=account
        ),
    )


def _problems(code: str) -> tuple[Message, Household]:
    world = World(code)
    problems = (
        Problem(code="check.unknown-key", file="plans.toml", line=12, path="plan.tello.evry",
                args={"key": "evry", "guess": "every"}, plan="tello"),
        Problem(code="check.unknown-key", file="plans.toml", line=19, path="plan.ultra.prise", args={"key": "prise"}),
    )  # fmt: skip
    return letter(
        home(world, world.tello()),
        beijing("2026-11-02 09:00"),
        kinds=("none",),
        problems=problems,
        keys=("@me/file/1",),
    )


def _unreached(code: str) -> tuple[Message, Household]:
    world = World(code)
    gone = Unreached(person=world.mother(), since=beijing("2026-12-01 09:00"), reply="550 5.1.1 no such user", count=3)
    return letter(home(world, world.tello()), beijing("2026-12-04 09:00"), kinds=("renewal",), unreached=(gone,))


def _forty(world: World) -> Household:
    return home(
        world, *(world.usmobile()._replace(id=f"line-{n}", name=f"{world.say('线路', 'Line')} {n}") for n in range(40))
    )


def _data(used: int) -> Data:
    return Data(
        limit=10_000_000_000,
        used=used * 1_000_000_000,
        on=date(2026, 12, 1),
        limit_text="10 GB",
        used_text=f"{used} GB",
    )


def _two_currencies(world: World) -> Household:
    return home(
        world, world.tello(), world.plan("tablet", currency="CNY", renews="2026-12-20", every="1 month", price="35")
    )


def _backup(world: World) -> Household:
    what = Backup(what=world.say("照片和短信", "Photos and texts"), done_on=date(2026, 10, 28))
    return home(world, world.main(backups=(what,), bills=()))


def _final(world: World) -> Household:
    leaving = Cancel(requested_on=date(2026, 11, 20), confirmed_on=date(2026, 11, 22),
                     final_bill=FinalBill(amount=Decimal("21.30"), due=date(2026, 12, 4)))  # fmt: skip
    return home(world, world.main(cancel=leaving, bills=()))


def _leaving(w: World, **words: Any) -> Household:
    """The postpaid line on its way out."""
    known: dict[str, Any] = {"by": date(2027, 1, 15), "number": "port"}
    bound = (
        Binding(service="Chase", critical=True), Binding(service=w.say("招商银行", "China Merchants Bank"), critical=True),
        Binding(service="Uber", kind="login"),
    )  # fmt: skip
    cancel = Cancel(**(known | words.pop("cancel", {})))
    port = {"carrier": LEAVING, "cancel": cancel, "bindings": bound, "account": Account(id="982-555", email="me@example.com", holder="me"),
            "backups": (Backup(what=w.say("照片和短信", "Photos and texts"), done_on=date(2026, 10, 28)),)}  # fmt: skip
    return home(w, w.main(**(port | words)))


def _let_run_out(w: World, **words: Any) -> Household:
    """A prepaid line that nobody pays any more."""
    return home(w, w.tello(cancel=Cancel(how="lapse", number="drop"), **words))


def _test_mail(code: str) -> tuple[Message, Household]:
    world = World(code)
    house = home(world, world.tello())
    return Message(person=world.me(), written=beijing("2026-12-02 09:00"), keys=()), house


HOSTILE = '<b onmouseover="x">&amp;</b>"\'><script>alert(1)</script>'

CASES: dict[str, Case] = {
    "renewal": _case("renewal", "2026-12-02 09:00", lambda w: home(w, w.tello())),
    "renewal-last-day": _case("renewal", "2026-12-05 09:00", lambda w: home(w, w.tello())),
    "renewal-last-good-day": _case("renewal", "2026-12-04 09:00", lambda w: home(w, w.tello(note=w.say("学生价", "student price")))),
    "renewal-unmarked": _case("renewal", "2027-01-01 09:00", lambda w: home(w, w.tello())),
    "renewal-unmarked-and-lost": _case("renewal", "2027-01-31 09:00", lambda w: home(w, w.tello())),
    "renewal-failed": _case("renewal", "2026-12-26 09:00", lambda w: home(w, w.main(failed_on="2026-12-29", bills=()))),
    "renewal-price-unknown": _case("renewal", "2026-12-02 09:00", lambda w: home(w, w.tello(price=None, number=None, pay_with=None))),
    "renewal-from-balance": _case("renewal balance", "2026-12-02 09:00", lambda w: home(
        w, w.tello(pay_with="balance", balance=Balance(Decimal("8.20"), day("2026-11-01"))))),
    "renewal-without-cycle": _case("renewal", "2026-12-02 09:00", lambda w: home(w, w.usmobile(every=None, carrier=None))),
    "renewal-first-mail": _case("renewal", "2026-12-02 09:00", lambda w: home(w, w.tello()), first=Welcome(4, NEW_YORK)),
    "renewal-both-languages": _both,
    "leaving-unmarked": _case("renewal", "2027-01-01 09:00", lambda w: home(w, w.tello(cancel=Cancel()))),
    "renewal-unmarked-by-reply": _for_mother("renewal", "2027-12-09 09:00", lambda w: w.mom(told=("mom",))),
    "renewal-by-reply": _for_mother("renewal", "2026-12-13 09:00", lambda w: w.mom(told=("mom",))),
    "renewal-late": _late("off", "2026-12-03 11:20"),
    "renewal-late-delivery": _late("delivery", "2026-12-05 10:05"),
    "renewal-unreached": _unreached,
    "renewal-forty": _case("renewal", "2026-12-02 09:00", _forty),
    "renewal-two-currencies": _case("renewal", "2026-12-02 09:00", _two_currencies),
    "overdue": _case("overdue", "2026-12-08 09:00", lambda w: home(w, w.tello())),
    "overdue-possibly-lost": _case("overdue", "2026-12-08 12:00", lambda w: home(w, w.usmobile())),
    "overdue-not-known": _case("overdue", "2026-12-08 12:00", lambda w: home(w, w.usmobile(carrier=None))),
    "overdue-lost": _case("overdue", "2027-01-20 09:00", lambda w: home(w, w.tello())),
    "overdue-lost-by-the-catalogue": _case("overdue", "2027-03-10 09:00", lambda w: home(w, w.visible(autopay=False))),
    "overdue-from-balance": _case("overdue lost", "2026-12-08 09:00", lambda w: home(
        w, w.tello(pay_with="balance", balance=Balance(Decimal("3.20"), day("2026-11-01"))))),
    "overdue-by-reply": _for_mother("overdue", "2026-12-18 09:00", lambda w: w.mom(told=("mom",))),
    "overdue-failed": _case("overdue", "2027-01-02 12:00", lambda w: home(w, w.visible(failed_on="2026-12-17"))),
    "lost": _case("lost", "2026-12-09 09:00", lambda w: home(w, w.ultra())),
    "lost-before-stop": _case("lost", "2026-12-04 09:00", lambda w: home(w, w.usmobile())),
    "lost-that-day": _case("lost", "2026-12-12 09:00", lambda w: home(w, w.ultra())),
    "lost-presumed": _case("lost", "2027-01-12 09:00", lambda w: home(w, w.ultra())),
    "lost-by-reply": _for_mother("lost", "2027-02-14 12:00", lambda w: w.mom(told=("mom",))),
    "charge": _case("charge", "2026-12-16 09:00", lambda w: home(w, w.visible())),
    "charge-fails": _case("charge", "2026-12-10 09:00", lambda w: home(w, w.visible(), cards=(OLD_VISA,))),
    "charge-balance-unknown": _case("charge", "2026-12-10 09:00", lambda w: home(w, w.visible(pay_with="balance"))),
    "charge-differs": _case("charge", "2027-03-11 09:00", lambda w: home(w, w.visible(renews="2027-03-19"))),
    "charge-group": _case("charge", "2026-12-28 09:00", _group),
    "charged": _case("charged", "2026-12-19 12:00", lambda w: home(w, w.visible())),
    "charged-group": _case("charged", "2026-12-31 12:00", _group),
    "keep-alive": _case("keep-alive", "2026-12-09 09:00", lambda w: home(w, w.att())),
    "keep-alive-that-day": _case("keep-alive", "2026-12-23 09:00", lambda w: home(w, w.att())),
    "keep-alive-after": _case("keep-alive", "2026-12-26 12:00", lambda w: home(w, w.att())),
    "bill": _case("bill", "2026-12-09 09:00", lambda w: home(w, w.main())),
    "bill-after": _case("bill", "2026-12-15 12:00", lambda w: home(w, w.main())),
    "bill-final": _case("bill", "2026-12-12 12:00", _final),
    "balance": _case("balance", "2026-12-02 09:00", lambda w: home(
        w, w.tello(pay_with="balance", autopay=True, balance=Balance(Decimal("8.20"), day("2026-10-20")), renews="2026-11-05"))),
    "data": _case("data", "2026-11-30 09:00", lambda w: home(w, w.usmobile(data=_data(3)))),
    "data-almost-used": _case("data", "2026-12-02 09:00", lambda w: home(w, w.usmobile(data=_data(8)))),
    "card": _case("card", "2027-03-24 09:00", lambda w: home(w, w.visible(), w.main())),
    "card-after": _case("card", "2027-04-07 12:00", lambda w: home(w, w.visible(), w.main())),
    "promo": _case("promo", "2027-02-21 09:00", lambda w: home(w, w.visible())),
    "pause": _case("pause", "2027-04-24 09:00", lambda w: home(w, w.visible(pause_until="2027-05-01"))),
    "backup": _case("backup", "2026-12-09 12:00", _backup),
    "digest": _case("digest", "2026-12-01 09:00", _everything),
    "digest-in-january": _case("digest", "2027-01-01 09:00", _everything),
    "digest-quiet": _case("digest", "2026-12-01 09:00", lambda w: home(w, w.att())),
    "several": _case("", "2026-12-09 09:00", _digest_with_items),
    "several-with-digest": _case("", "2026-12-01 09:00", _everything),
    "cancel-by": _case("cancel-by", "2026-12-21 09:00", _leaving),
    "cancel-by-nothing-left": _case("cancel-by", "2026-12-27 09:00", lambda w: _leaving(
        w, bindings=(), backups=(), bills=(), device=Device(owed=Decimal(0), unlocked_on=date(2026, 12, 1)),
        cancel={"checked": ("bindings",), "lock_off_on": date(2026, 12, 22), "pin_on": date(2026, 12, 23)})),
    "cancel-by-prepaid": _case("cancel-by", "2026-12-01 09:00", lambda w: home(w, w.tello(cancel=Cancel(number="drop")))),
    "cancel-by-lapse": _case("cancel-by", "2026-12-15 09:00", lambda w: home(
        w, w.visible(cancel=Cancel(how="lapse", number="drop", checked=("bindings",))))),
    "binding": _case("binding", "2027-01-08 09:00", _leaving),
    "pin": _case("pin", "2026-12-26 09:00", lambda w: _leaving(w, cancel={"pin_on": date(2026, 12, 21)})),
    "unconfirmed": _case("unconfirmed", "2026-12-24 12:00", lambda w: _leaving(
        w, cancel={"requested_on": date(2026, 12, 20), "reference": "C-778"})),
    "final-bill": _case("final-bill", "2027-01-24 12:00", lambda w: _leaving(w, cancel={"confirmed_on": date(2026, 12, 24)})),
    "refund": _case("refund", "2027-04-20 12:00", lambda w: _leaving(
        w, cancel={"refund": Refund(amount=Decimal(9), expected=date(2027, 4, 20))})),
    "refund-late": _case("refund", "2027-04-28 12:00", lambda w: _leaving(w, cancel={"refund": Refund(expected=date(2027, 4, 20))})),
    "undo": _case("undo", "2027-01-16 12:00", lambda w: _leaving(
        w, cancel={"number": "drop", "confirmed_on": date(2026, 12, 24)}, bindings=())),
    "renewal-leaving": _case("renewal", "2026-12-02 09:00", lambda w: home(w, w.tello(cancel=Cancel(number="port")))),
    "renewal-asked": _case("renewal", "2026-12-02 09:00", lambda w: home(
        w, w.tello(cancel=Cancel(number="drop", requested_on=date(2026, 11, 28))))),
    "renewal-lapse": _case("renewal", "2026-12-04 09:00", _let_run_out),
    "lost-lapse": _case("lost", "2026-12-28 09:00", _let_run_out),
    "overdue-leaving": _case("overdue", "2026-12-08 09:00", lambda w: home(w, w.tello(cancel=Cancel(number="drop")))),
    "charge-leaving": _case("charge", "2026-12-16 09:00", lambda w: home(w, w.visible(cancel=Cancel(number="drop")))),
    "charge-asked": _case("charge", "2026-12-16 09:00", lambda w: home(
        w, w.visible(cancel=Cancel(number="drop", requested_on=date(2026, 12, 10))))),
    "leaving-several": _case("", "2026-12-26 09:00", lambda w: _leaving(w, cancel={"pin_on": date(2026, 12, 21)})),
    "problem": _problems,
    "test": _test_mail,
}  # fmt: skip
