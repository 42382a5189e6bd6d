"""The tables inside a plan, each key described once; `Table.make` names the value that a table becomes."""

from __future__ import annotations

from datetime import date
from typing import Any

from renewd.config.addresses import Email, File
from renewd.config.plan_schema import Key, Sub, Table
from renewd.config.times import Day, Length
from renewd.config.value_types import (
    AccountId,
    Amount,
    Bytes,
    Choice,
    Choices,
    Digits,
    Flag,
    Size,
    Text,
)
from renewd.domain.plans import (
    CHECKED,
    Account,
    Backup,
    Balance,
    Bill,
    Binding,
    Cancel,
    Data,
    Device,
    Document,
    FinalBill,
    KeepAlive,
    Promo,
    Receipt,
    Refund,
    Sim,
)


def _data(*, limit: Size, used: Size, **others: Any) -> Data:
    return Data(limit=limit.bytes, used=used.bytes, limit_text=limit.text, used_text=used.text, **others)


def _until(*, until: date) -> date:
    return until


_PAID_ON = Key(Day(), "The day it was paid.", "付清那天。", "2026-11-28")

SIM = Table(
    "sim",
    "The SIM card or eSIM.",
    "SIM 卡或 eSIM。",
    {
        "kind": Key(Choice(("physical", "esim")), "Card or eSIM.", "实体卡还是 eSIM。", '"esim"'),
        "iccid": Key(Digits(18, 22), "Its serial number.", "卡的序列号。", '"8901260000000000000"'),
        "eid": Key(
            Digits(32, 32),
            "The number of the phone’s eSIM chip.",
            "手机 eSIM 芯片的编号。",
            '"89049032000000000000000000000000"',
        ),
    },
    Sim,
)

ACCOUNT = Table(
    "account",
    "The account with the carrier; never its password.",
    "运营商的账户；密码不要写。",
    {
        "id": Key(AccountId(), "The account’s number.", "账户号。", '"982-555"'),
        "email": Key(Email(), "The address it is registered with.", "登记的邮箱。", '"me@example.com"'),
        "holder": Key(Text(), "Whose it is: a person’s id, else any name.", "谁的：人的 id，或者任何名字。", '"me"'),
    },
    Account,
)

BALANCE = Table(
    "balance",
    "What the prepaid account holds.",
    "预付费账户里的余额。",
    {
        "amount": Key(Amount(), "The amount, in the plan’s currency.", "多少钱，按套餐的货币。", "12.5", required=True),
        "on": Key(Day(), "The day you looked.", "哪天看的。", "2026-11-01", required=True),
    },
    Balance,
)

DATA = Table(
    "data",
    "The data of this cycle.",
    "这一期的流量。",
    {
        "limit": Key(
            Bytes(),
            "How much there is: KB, MB, GB or TB of 1000.",
            "一共多少：KB、MB、GB、TB，按 1000 进位。",
            '"10 GB"',
            required=True,
        ),
        "used": Key(Bytes(), "How much is used.", "用了多少。", '"7.5 GB"', required=True),
        "on": Key(Day(), "The day you looked.", "哪天看的。", "2026-11-18", required=True),
    },
    _data,
)

PROMO = Table(
    "promo",
    "An offer that ends.",
    "会到期的优惠。",
    {
        "ends": Key(Day(), "The first day without it.", "没有优惠的第一天。", "2027-02-28", required=True),
        "price_after": Key(Amount(), "The price after that.", "之后的价钱。", "60"),
        "what": Key(
            Text(),
            "What it is: a code, a bonus, a sale. Mails about payments say it until it ends.",
            "是什么优惠：优惠码、赠送、促销。到期前，付款的邮件都会提到。",
            '"code SPRING, 5 GB more"',
        ),
    },
    Promo,
)

KEEP_ALIVE = Table(
    "keep_alive",
    "A use that the carrier wants to see now and then; with it `renews` may be left out.",
    "运营商要求隔一段时间用一次；写了它就可以不写 `renews`。",
    {
        "every": Key(Length(hours=False), "How often.", "多久一次。", '"90 days"', required=True),
        "last": Key(Day(), "The last time.", "上一次。", "2026-10-01", required=True),
        "action": Key(Text(), "What to do.", "要做什么。", '"send one text"'),
    },
    KeepAlive,
)

PAUSE = Table(
    "pause",
    "A pause that ends by itself.",
    "会自己结束的暂停。",
    {"until": Key(Day(), "The day it ends.", "哪天结束。", "2027-05-01", required=True)},
    _until,
)

BILL = Table(
    "[[plan.ID.bill]]",
    "Something owed beside the price.",
    "套餐价之外欠的钱。",
    {
        "what": Key(Text(), "What for.", "什么钱。", '"October overage"', required=True),
        "amount": Key(Amount(), "How much, in the plan’s currency.", "多少，按套餐的货币。", "12.50"),
        "due": Key(Day(), "The last day to pay.", "最晚哪天付。", "2026-12-01"),
        "paid_on": _PAID_ON,
    },
    Bill,
)

BACKUP = Table(
    "[[plan.ID.backup]]",
    "Something to keep a copy of before the line ends.",
    "号码停用前要备份的东西。",
    {
        "what": Key(Text(), "What.", "什么东西。", '"Photos and texts"', required=True),
        "path": Key(
            File(),
            "Where the copies are, absolute or relative to this file; only their age is checked.",
            "备份放在哪里，绝对路径或相对于这个文件；只看新旧。",
            '"/srv/backup/phone/*"',
        ),
        "fresh": Key(Length(), "How old the newest may be.", "最新一份可以多旧。", '"30 days"', '"30 days"'),
        "done_on": Key(Day(), "The day it was done, as you say yourself.", "哪天备份好的，由你自己写。", "2026-11-01"),
    },
    Backup,
)

BINDING = Table(
    "[[plan.ID.binding]]",
    "A service that knows the number.",
    "绑了这个号码的服务。",
    {
        "service": Key(Text(), "Which.", "哪个服务。", '"Chase"', required=True),
        "kind": Key(
            Choice(("2fa", "login", "payment", "contact")),
            "What it uses the number for: login codes, login, payment, contact.",
            "拿号码做什么：验证码、登录、付款、联系。",
            '"2fa"',
            '"2fa"',
        ),
        "critical": Key(Flag(), "Whether losing it would hurt.", "失去它要不要紧。", "true", "false"),
        "moved_on": Key(Day(), "The day it was moved to another number.", "哪天换到别的号码的。", "2026-11-10"),
    },
    Binding,
)

DOCUMENT = Table(
    "[[plan.ID.document]]",
    "A paper to keep.",
    "要留的凭证。",
    {
        "what": Key(Text(), "Which.", "什么凭证。", '"Final invoice"', required=True),
        "path": Key(
            File(),
            "Where it is, absolute or relative to this file.",
            "放在哪里，绝对路径或相对于这个文件。",
            '"/srv/papers/final.pdf"',
        ),
        "kept_on": Key(Day(), "The day it was put away.", "哪天收好的。", "2026-12-01"),
    },
    Document,
)

RECEIPT = Table(
    "[[plan.ID.receipt]]",
    "A payment that was made; `renewd mark ID renewed` writes it.",
    "付过的一笔；`renewd mark ID renewed` 会写。",
    {
        "on": Key(Day(), "The day.", "哪天付的。", "2026-11-30", required=True),
        "amount": Key(Amount(), "How much.", "多少。", "40"),
        "reference": Key(Text(), "The carrier’s reference.", "运营商给的受理编号。", '"A1B2C3"'),
    },
    Receipt,
)

DEVICE = Table(
    "[plan.ID.device]",
    "The phone that came with the plan.",
    "随套餐买的手机。",
    {
        "imei": Key(Digits(14, 16), "Its number (*#06# shows it).", "串号（拨 *#06# 可见）。", '"350000000000000"'),
        "owed": Key(Amount(), "Device payments still open.", "分期欠款。", "0"),
        "unlock_on": Key(Day(), "The day from which it may be unlocked.", "哪天起可以解锁。", "2026-12-01"),
        "unlocked_on": Key(Day(), "The day it was unlocked.", "哪天解的锁。", "2026-12-02"),
    },
    Device,
)

FINAL_BILL = Table(
    "final_bill",
    "The last bill.",
    "最后一张账单。",
    {
        "amount": Key(Amount(), "How much.", "多少。", "21.30"),
        "due": Key(Day(), "The last day to pay.", "最晚哪天付。", "2027-03-20"),
        "paid_on": _PAID_ON,
    },
    FinalBill,
)

REFUND = Table(
    "refund",
    "Money the carrier owes you.",
    "运营商要退的钱。",
    {
        "amount": Key(Amount(), "How much.", "多少。", "9.00"),
        "expected": Key(Day(), "The day it should have come.", "应该哪天到。", "2027-04-20"),
        "received_on": Key(Day(), "The day it came.", "哪天到的。", "2027-04-18"),
    },
    Refund,
)

CANCEL = Table(
    "[plan.ID.cancel]",
    "You want to leave; the table alone is enough.",
    "你想走；有这个表就算。",
    {
        "by": Key(Day(), "The day by which you want to be out.", "最晚哪天离开。", "2027-03-01"),
        "how": Key(
            Choice(("cancel", "lapse")), "Cancel it, or let it run out.", "取消，还是到期不续。", '"cancel"', '"cancel"'
        ),
        "number": Key(
            Choice(("port", "drop", "move")),
            "Port the number out, drop it, or stay on a cheaper plan.",
            "号码转出、不要了、还是换到便宜的套餐。",
            '"port"',
        ),
        "checked": Key(
            Choices(CHECKED),
            "What was thought of, and there is none: services tied to the number, backups, papers;"
            " `renewd mark ID checked bindings` writes it.",
            "想过了、确实没有的：绑定的服务、备份、凭证；`renewd mark ID checked bindings` 会写。",
            '["bindings"]',
        ),
        "lock_off_on": Key(Day(), "The day port-out protection was turned off.", "哪天关掉的转出保护。", "2027-02-19"),
        "pin_on": Key(Day(), "The day you got the transfer PIN.", "哪天领到转号 PIN。", "2027-02-20"),
        "requested_on": Key(Day(), "The day you asked to cancel.", "哪天提出取消。", "2027-02-21"),
        "reference": Key(Text(), "The reference they gave you.", "对方给的编号。", '"C-778"'),
        "confirmed_on": Key(Day(), "The day they confirmed it.", "哪天得到确认。", "2027-02-25"),
        "final_bill": Key(
            Sub(FINAL_BILL),
            "The last bill.",
            "最后一张账单。",
            "{ amount = 21.30, due = 2027-03-20, paid_on = 2027-03-10 }",
        ),
        "refund": Key(
            Sub(REFUND),
            "Money the carrier owes you.",
            "运营商要退的钱。",
            "{ amount = 9.00, expected = 2027-04-20, received_on = 2027-04-18 }",
        ),
    },
    Cancel,
)
