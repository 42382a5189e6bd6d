"""Plans in every state of leaving, and their reports, made as the program makes them.

    report = CASES["not-ready"]("zh-CN")

The typical one is a postpaid line that is to be ported, three things before it can be.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from household_mails import World, brand
from households import bill, day, household, length
from renewd.domain.carriers import CarrierFact, Contact
from renewd.domain.findings import Findings, Seen
from renewd.domain.plans import (
    Account,
    Backup,
    Balance,
    Binding,
    Cancel,
    Device,
    Document,
    FinalBill,
    Plan,
    Refund,
    Sim,
)
from renewd.domain.readiness import Readiness, readiness

Case = Callable[[str], Readiness]
ON = day("2026-12-09")


def fact(en: str, zh: str, confidence: Any = "high") -> CarrierFact:
    return CarrierFact(text={"en": en, "zh-CN": zh}, sources=(), confidence=confidence, checked=date(2026, 6, 1))


MAGENTA = brand(
    "magenta", "Magenta", kind="postpaid", site="https://www.magenta.example", pin_days=7, port_lock="Port Out Protection",
    grace=length("30 days"), channels=("phone", "port-out"),
    hotlines=(Contact(tel="+18005550199", fact=fact("Customer care (also 611 from the phone)", "客服（本机拨 611）")),),
    codes=(Contact(dial="#7678#", fact=fact("texts a transfer PIN", "短信发来转号 PIN", "medium")),),
    facts={
        "cancel": fact("By phone; it cannot be finished online", "打电话，不能在网上办完", "medium"),
        "final_bill": fact("No proration: the whole cycle is due whatever the day", "不按天折算：哪天取消都收整个账期", "medium"),
        "port_out": fact(
            "6-digit transfer PIN, valid 7 days; only the primary account holder can make it",
            "6 位转号 PIN，7 天有效；只有主账户人能生成",
        ),
        "device": fact("Porting out makes the rest of the device payments due", "转出后剩下的分期欠款到期"),
        "unlock": fact("Paid off, and 40 days of service", "付清、用满 40 天", "medium"),
    },
)  # fmt: skip
PEBBLE = brand(
    "pebble", "Pebble", refundable=False, pin_days=None, channels=("lapse", "app"), app="Pebble",
    facts={"balance": fact("Not refunded", "不退", "low")},
)  # fmt: skip


class Leaver(World):
    """One language's plans of somebody who wants to leave."""

    def typical(self, **words: Any) -> Plan:
        """A postpaid line to be ported, with three things before it can be."""
        bindings = (
            Binding(service="Chase", critical=True),
            Binding(service=self.say("招商银行", "China Merchants Bank"), critical=True, moved_on=date(2026, 12, 2)),
            Binding(service="Uber", kind="login"),
        )
        backups = (
            Backup(what=self.say("照片和短信", "Photos and texts"), done_on=date(2026, 10, 28)),
            Backup(what=self.say("通讯录", "Contacts"), done_on=date(2026, 12, 1)),
        )
        known = {
            "carrier": MAGENTA, "renews": "2026-12-31", "day": 31, "charge_before": "25 hours", "number": "+12065550100",
            "account": Account(id="982-555", email="me@example.com", holder="me"),
            "bills": (
                bill(self.say("10月超额费", "October overage"), "2026-12-12"),
                bill(self.say("11月月费", "November"), "2026-11-30", "40", "2026-11-28"),
            ),
            "bindings": bindings,
            "backups": backups,
            "documents": (Document(what=self.say("11月账单 PDF", "November bill, PDF"), kept_on=date(2026, 11, 30)),),
            "device": Device(owed=Decimal(0), unlocked_on=date(2026, 12, 1), imei="350000000000000"),
            "cancel": Cancel(number="port", by=date(2026, 12, 31)),
        }  # fmt: skip
        return self.main(**(known | words))

    def ready(self, **words: Any) -> Plan:
        """The same, two weeks later, with everything done and the PIN fetched."""
        plan = self.typical()
        known = {
            "bindings": tuple(one._replace(moved_on=one.moved_on or date(2026, 12, 14)) for one in plan.bindings),
            "bills": tuple(one._replace(paid_on=one.paid_on or date(2026, 12, 10)) for one in plan.bills),
            "backups": tuple(one._replace(done_on=date(2026, 12, 19)) for one in plan.backups),
            "cancel": Cancel(number="port", by=date(2026, 12, 31), lock_off_on=date(2026, 12, 21), pin_on=date(2026, 12, 22)),
        }  # fmt: skip
        return self.typical(**(known | words))

    def prepaid(self, **words: Any) -> Plan:
        """A prepaid line with a balance, of which little is written down."""
        known = {
            "carrier": PEBBLE,
            "balance": Balance(Decimal("8.20"), day("2026-11-01")),
            "pay_with": None,
            "grace": None,
        }
        return self.tello(**(known | words))


def report(plan: Plan, on: date = ON, findings: Findings | None = None) -> Readiness:
    """Return a plan's report on a day."""
    return readiness(plan, household(plan), findings or Findings(), on)


def _case(make: Callable[[Leaver], Plan], on: str = "2026-12-09") -> Case:
    return lambda code: report(make(Leaver(code)), day(on))


def _looked(code: str) -> Readiness:
    world = Leaver(code)
    what = {
        key: world.say(zh, key)
        for key, zh in {"fresh": "照片", "gone": "语音信箱", "secret": "短信", "far": "网盘", "ahead": "表格"}.items()
    }
    plan = world.typical(
        backups=tuple(Backup(what=what[key], path=f"/srv/{key}") for key in what),
        documents=(
            Document(what=world.say("合同", "Contract"), path="/srv/contract.pdf"),
            Document(what=world.say("发票", "Invoice")),
        ),
    )
    seen = {
        (plan.id, "backup", what["fresh"]): Seen(day("2026-12-01"), 12_345_678),
        (plan.id, "backup", what["gone"]): Seen(why="none"),
        (plan.id, "backup", what["secret"]): Seen(why="denied"),
        (plan.id, "backup", what["far"]): Seen(why="slow"),
        (plan.id, "document", world.say("合同", "Contract")): Seen(day("2026-11-01"), 1234),
    }
    newest = {(plan.id, what["fresh"]): day("2026-12-01"), (plan.id, what["ahead"]): day("2027-02-01")}
    return report(plan, ON, Findings(seen=seen, newest=newest))


def _family(code: str) -> Readiness:
    world = Leaver(code)
    own = world.ready()
    other = own._replace(id="other", name=world.say("李梅", "Li Mei"), cancel=None)
    return readiness(own, household(own, other), Findings(), day("2026-12-22"))


ASKED = Cancel(number="drop", requested_on=date(2026, 12, 20), reference="C-778")
CONFIRMED = ASKED._replace(confirmed_on=date(2026, 12, 24))
HOSTILE = '<b onmouseover="x">&amp;</b>"\'><script>alert(1)</script> `rm` [x](javascript:1) | **a** _b_ # c'

CASES: dict[str, Case] = {
    "not-ready": _case(Leaver.typical),
    "ready": _case(Leaver.ready, "2026-12-22"),
    "not-wanted": _case(lambda w: w.typical(cancel=None)),
    "nothing-known": _case(lambda w: w.plan("tablet", renews="2026-12-20", every="1 month")),
    "drop": _case(lambda w: w.typical(cancel=Cancel(number="drop"), autopay=False, balance=Balance(Decimal(30), day("2026-11-01")))),
    "cheaper": _case(lambda w: w.typical(cancel=Cancel(number="move"))),
    "lapse": _case(lambda w: w.prepaid(cancel=Cancel(how="lapse", number="drop"), renews="2026-12-20")),
    "lapsed": _case(lambda w: w.prepaid(cancel=Cancel(how="lapse", number="drop"))),
    "lapse-autopay": _case(lambda w: w.prepaid(cancel=Cancel(how="lapse", number="drop"), renews="2026-12-20", autopay=True)),
    "changed": _case(lambda w: w.prepaid(cancel=Cancel(number="move", requested_on=day("2026-12-02"), confirmed_on=day("2026-12-05")), renews="2026-12-20")),
    "undecided": _case(lambda w: w.typical(cancel=Cancel(by=day("2026-12-20")))),
    "waiting": _case(lambda w: w.ready(cancel=Cancel(number="port")), "2026-12-20"),
    "unwritten": _case(lambda w: w.ready(backups=(), documents=()), "2026-12-22"),
    "family": _family,
    "prepaid-port": _case(lambda w: w.prepaid(cancel=Cancel(number="port"), renews="2026-12-20")),
    "stopped": _case(lambda w: w.prepaid(cancel=Cancel(number="port"), renews="2026-12-05", grace=length("30 days"))),
    "pin-expired": _case(lambda w: w.ready(), "2026-12-30"),
    "pin-ends-first": _case(lambda w: w.ready(cancel=Cancel(number="port", lock_off_on=day("2026-12-11"), pin_on=day("2026-12-12"))), "2026-12-15"),
    "device": _case(lambda w: w.typical(device=Device(owed=Decimal("120.5"), unlock_on=date(2026, 12, 24)), bindings=(), bills=(bill("x", None, "5"),))),
    "looked": _looked,
    "requested": _case(lambda w: w.ready(cancel=ASKED), "2026-12-21"),
    "requested-port": _case(lambda w: w.ready(cancel=ASKED._replace(number="port", reference=None)), "2026-12-28"),
    "confirmed": _case(lambda w: w.ready(cancel=CONFIRMED, sim=Sim(kind="esim")), "2026-12-28"),
    "final-bill": _case(lambda w: w.ready(cancel=CONFIRMED._replace(final_bill=FinalBill(amount=Decimal("21.30"), due=day("2027-01-20")),
        refund=Refund(amount=Decimal(9), expected=day("2027-01-05")))), "2027-01-10"),
    "closed": _case(lambda w: w.ready(cancel=CONFIRMED._replace(final_bill=FinalBill(amount=Decimal("21.30"), due=day("2027-01-20"), paid_on=day("2027-01-12")))), "2027-05-01"),
    "somebody-else": _case(lambda w: w.typical(account=Account(holder=w.say("王姐", "Wang")), currency="CNY")),
    "hostile": _case(lambda w: w.typical(
        name=HOSTILE, bindings=(Binding(service=HOSTILE, critical=True),), bills=(bill(HOSTILE),),
        backups=(Backup(what=HOSTILE),), documents=(Document(what=HOSTILE),), account=Account(id=HOSTILE, email=HOSTILE, holder=HOSTILE))),
}  # fmt: skip
