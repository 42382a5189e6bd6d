"""Every table and key of a plan, each described once; `renewd.config.keys` has those of the file around it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from renewd.config.addresses import Email, File
from renewd.config.plan_schema import Each, Key, Sub, Table
from renewd.config.times import Day, Length, Zone
from renewd.config.value_types import (
    AccountId,
    Amount,
    Bytes,
    Choice,
    Currency,
    Digits,
    Flag,
    Leads,
    Name,
    Names,
    Phone,
    Size,
    Text,
    Whole,
)
from renewd.domain.dates import Duration
from renewd.domain.plans import (
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


def _data(*, limit: Size, used: Size, on: date) -> Data:
    return Data(limit.bytes, used.bytes, on, limit.text, used.text)


def _promo(*, ends: date, price_after: Decimal | None = None) -> Promo:
    return Promo(ends, price_after)


def _keep_alive(*, every: Duration, last: date, action: str | None = None) -> KeepAlive:
    return KeepAlive(every, last, action)


def _until(*, until: date) -> date:
    return until


_PAID_ON = Key(Day(), "The day it was paid.", "付清那天。", "2026-11-28")

# kind -> what it is about, in both languages, and its leads where nothing is written
_KINDS = {
    "renewal": ("The day a plan has to be renewed", "续费日", "[7, 3, 1, 0]"),
    "overdue": ("A renewal that was not marked as done", "过了续费日还没记", "[-1, -2, -3, -5, -7]"),
    "charge": ("An automatic charge that is coming", "快要自动扣款", "[7, 1]"),
    "charged": ("Whether the charge went through", "扣款成功了没有", "[-1]"),
    "lost": ("The day the number is lost", "失去号码那天", "[30, 14, 7, 3, 2, 1, 0, -1, -30]"),
    "keep-alive": ("The use that keeps a number", "该用一次来保号", "[30, 14, 7, 3, 1, 0, -1, -3, -7]"),
    "bill": ("A bill’s due day", "账单到期日", "[7, 3, 1, 0, -1, -3, -7, -14, -30]"),
    "balance": ("A charge that the balance does not cover", "余额不够的那次扣款", "[14, 7, 3, 1]"),
    "data": ("Data that is running out", "流量快用完", "[5]"),
    "card": ("A card’s last day", "卡的最后一天", "[60, 30, 7, 0, -7]"),
    "promo": ("The end of an offer", "优惠到期", "[30, 7]"),
    "backup": ("A backup that goes out of date", "备份快过期", "[0, -7, -14]"),
    "pause": ("The end of a pause", "暂停结束", "[7, 1]"),
    "cancel-by": ("The last day to cancel before the next charge", "下次扣款前最晚取消的那天", "[30, 14, 7, 3, 1, 0]"),
    "binding": ("Services still tied to the number", "还绑着号码的服务", "[30, 14, 7, 3]"),
    "pin": ("The transfer PIN’s last day", "转号 PIN 的最后一天", "[2, 1, 0]"),
    "unconfirmed": ("A cancellation not yet confirmed", "取消还没得到确认", "[-3, -7, -14]"),
    "final-bill": ("A last bill that has not come", "最后一张账单还没来", "[-30, -60, -90]"),
    "refund": ("A refund that has not come", "退款还没到", "[0, -7, -30]"),
    "undo": ("The last day to bring a line back", "最晚恢复的那天", "[7, 1]"),
    "digest": ("The monthly mail: 0 sends it, [] does not", "月报：0 就发，[] 不发", "[0]"),
}
ALWAYS = ("overdue", "lost")  # kinds that cannot be switched off

REMIND = Table(
    "[remind]",
    "How many days ahead each kind of reminder comes: 0 is the day itself, negative is after it; [] switches the kind"
    " off, but not `overdue` and `lost`. Some go on weekly after their last day here. `keep_alive` may be written for `keep-alive`, likewise the others.",
    "每种提醒提前几天来：0 是当天，负数是之后；[] 关掉这一种，overdue 和 lost 除外。有几种过了最后一天还会每周来。keep-alive 也可以写成 keep_alive，其余同。",
    {
        kind: Key(Leads(must=kind in ALWAYS), f"{en}.", f"{zh}。", leads, leads)
        for kind, (en, zh, leads) in _KINDS.items()
    },
    dashes=True,
)

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
        "price_after": Key(Amount(), "The price from then on.", "之后的价钱。", "60"),
    },
    _promo,
)

KEEP_ALIVE = Table(
    "keep_alive",
    "A use that the carrier wants to see now and then; with it `renews` may be left out.",
    "运营商要求隔一段时间用一次；写了它就可以不写 renews。",
    {
        "every": Key(Length(hours=False), "How often.", "多久一次。", '"90 days"', required=True),
        "last": Key(Day(), "The last time.", "上一次。", "2026-10-01", required=True),
        "action": Key(Text(), "What to do.", "要做什么。", '"send one text"'),
    },
    _keep_alive,
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
            "Where the copies lie, absolute or relative to this file; only their age is looked at.",
            "备份放在哪里，绝对路径或相对于这个文件；只看新旧。",
            '"/srv/backup/phone/*"',
        ),
        "fresh": Key(Length(), "How old the newest may be.", "最新一份可以多旧。", '"30 days"', '"30 days"'),
        "done_on": Key(Day(), "The day it was done, in your own words.", "哪天备份好的，由你自己写。", "2026-11-01"),
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
        "critical": Key(Flag(), "Whether losing it would hurt.", "要紧不要紧。", "true", "false"),
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
            "Where it lies, absolute or relative to this file.",
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
    "付过的一笔；renewd mark ID renewed 会写。",
    {
        "on": Key(Day(), "The day.", "哪天付的。", "2026-11-30", required=True),
        "amount": Key(Amount(), "How much.", "多少。", "40"),
        "reference": Key(Text(), "The carrier’s reference.", "运营商给的编号。", '"A1B2C3"'),
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
    "You want to leave; the table alone says so.",
    "你想走；有这个表就算。",
    {
        "by": Key(Day(), "The day by which you want to be out.", "想在哪天之前走完。", "2027-03-01"),
        "how": Key(
            Choice(("cancel", "lapse")), "Cancel it, or let it run out.", "取消，还是到期不续。", '"cancel"', '"cancel"'
        ),
        "number": Key(
            Choice(("port", "drop", "move")),
            "Port the number out, drop it, or stay on a cheaper plan.",
            "号码转出、不要了、还是换到便宜的套餐。",
            '"port"',
        ),
        "lock_off_on": Key(Day(), "The day port-out protection was turned off.", "哪天关掉的转出保护。", "2027-02-19"),
        "pin_on": Key(Day(), "The day you got the transfer PIN.", "哪天拿到转号 PIN。", "2027-02-20"),
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

PLAN = Table(
    "[plan.ID]",
    "A plan. ID is yours: small letters, digits and -, at most 40. `renews` or `keep_alive` has to be there.",
    "一个套餐。ID 由你起：小写字母、数字和 -，最多 40 个。renews 和 keep_alive 至少写一个。",
    {
        "name": Key(Text(), "What you call it. Default: its id.", "怎么称呼。不写就用 id。", '"T-Mobile 主号"'),
        "carrier": Key(
            Name(),
            "Its carrier in the catalogue (`renewd carriers`); what you write always wins over the catalogue.",
            "运营商在目录里的 id（renewd carriers）；你写的总比目录优先。",
            '"tmobile"',
        ),
        "for": Key(
            Names(), "Who is told. Default: me, else everybody.", "告诉谁。不写就是 me，没有 me 就是所有人。", '["me"]'
        ),
        "number": Key(Phone(), "The number, with its country.", "号码，带国家代码。", '"+12065550100"'),
        "sim": Key(
            Sub(SIM), "The SIM card or eSIM.", "SIM 卡或 eSIM。", '{ kind = "esim", iccid = "8901260000000000000" }'
        ),
        "account": Key(
            Sub(ACCOUNT),
            "The account with the carrier.",
            "运营商的账户。",
            '{ id = "982-555", email = "me@example.com", holder = "me" }',
        ),
        "renews": Key(
            Day(),
            'The first day not yet paid for: "valid through 4 Dec" is 2026-12-05.',
            "第一个还没付钱的日子：“有效期至 12月4日”就写 2026-12-05。",
            "2027-01-31",
        ),
        "every": Key(
            Length(hours=False),
            "How long a payment lasts. Without it the plan ends on `renews`.",
            "付一次管多久。不写，套餐到 renews 就结束。",
            '"1 month"',
        ),
        "day": Key(
            Whole(1, 31),
            "The day of the month to come back to after a short month.",
            "短的月份过后要回到的日子。",
            "31",
        ),
        "price": Key(
            Amount(),
            "What a cycle costs; unknown is allowed, and is not 0.",
            "一期多少钱；可以不写，不写不等于 0。",
            "40",
        ),
        "currency": Key(Currency(), "Default: the household’s.", "货币。不写就同顶部。", '"USD"'),
        "autopay": Key(
            Flag(),
            "Whether it is paid by itself; then `renews` rolls on.",
            "是否自动扣款；是的话 renews 自己往后走。",
            "true",
            "false",
        ),
        "pay_with": Key(
            Name(),
            'A card\'s id, or "balance": then each charge takes the price off the balance.',
            "卡的 id，或者 balance：每次扣款从余额里扣。",
            '"visa"',
        ),
        "balance": Key(
            Sub(BALANCE), "What the prepaid account holds.", "预付费账户的余额。", "{ amount = 12.5, on = 2026-11-01 }"
        ),
        "charge_before": Key(
            Length(zero=True),
            "How long before `renews` the money is taken. Default: the catalogue’s, else 0.",
            "比 renews 早多久扣款。不写就按目录，目录没有就是 0。",
            '"25 hours"',
        ),
        "notice": Key(
            Length(zero=True), "Cancel at least this long before the charge.", "至少比扣款早多久取消。", '"5 days"'
        ),
        "cut_off": Key(
            Length(zero=True),
            "Or this long before `renews`. Default: the catalogue’s.",
            "或者至少比 renews 早多久。不写就按目录。",
            '"24 hours"',
        ),
        "grace": Key(
            Length(zero=True), "How long after it stops the number is kept.", "停机后号码还保留多久。", '"30 days"'
        ),
        "late": Key(
            Choice(("fixed", "reset", "reset-minus-1")),
            "Paid late: the date stays (fixed), counts from the payment (reset), or that less a day (reset-minus-1)."
            " Default: the catalogue’s, else reset for days and fixed for months and years.",
            "晚付时：日子不变（fixed）、从付款那天算（reset）、再少一天（reset-minus-1）。不写就按目录，目录没有时按天的用 reset，按月按年的用 fixed。",
            '"reset"',
        ),
        "data": Key(
            Sub(DATA),
            "The data of this cycle.",
            "这一期的流量。",
            '{ limit = "10 GB", used = "7.5 GB", on = 2026-11-18 }',
        ),
        "promo": Key(Sub(PROMO), "An offer that ends.", "会到期的优惠。", "{ ends = 2027-02-28, price_after = 60 }"),
        "keep_alive": Key(
            Sub(KEEP_ALIVE),
            "A use that keeps the number.",
            "保号：隔一段时间用一次。",
            '{ every = "90 days", last = 2026-10-01, action = "send one text" }',
        ),
        "pause": Key(Sub(PAUSE), "A pause that ends by itself.", "会自己结束的暂停。", "{ until = 2027-05-01 }"),
        "remind": Key(
            Sub(REMIND),
            "This plan’s own leads, as in [remind].",
            "这个套餐自己的提前天数，写法同 [remind]。",
            "{ renewal = [30, 7, 1] }",
        ),
        "timezone": Key(
            Zone(),
            "The zone of this plan’s dates. Default: the household’s.",
            "这个套餐的日期按哪个时区。不写就同顶部。",
            '"Asia/Shanghai"',
        ),
        "snooze": Key(
            Day(),
            "Silent until then, but never past the last good day.",
            "在这天之前不提醒，但不会拖过最后一个好日子。",
            "2026-12-01",
        ),
        "failed_on": Key(
            Day(),
            "The last charge on or before this day did not go through; `renewd mark ID failed` writes it.",
            "这天或之前最近一次扣款没成功；renewd mark ID failed 会写。",
            "2027-01-31",
        ),
        "note": Key(Text(500), "A remark of your own.", "你自己的备注。", '"SIM in the blue box"'),
        "bill": Key(Each(BILL), "Bills.", "账单。"),
        "backup": Key(Each(BACKUP), "Backups.", "备份。"),
        "binding": Key(Each(BINDING), "Services tied to the number.", "绑定的服务。"),
        "document": Key(Each(DOCUMENT), "Papers to keep.", "凭证。"),
        "receipt": Key(Each(RECEIPT), "Payments that were made.", "付过的款。"),
        "device": Key(Sub(DEVICE), "The phone that came with it.", "随套餐买的手机。"),
        "cancel": Key(Sub(CANCEL), "You want to leave.", "你想走。"),
    },
)
