"""Every key of a plan, described once; a key goes to the field of `Plan` that bears its name, or that `field` names."""

from __future__ import annotations

from renewd.config.addresses import Url
from renewd.config.plan_schema import Each, Key, Sub, Table
from renewd.config.plan_tables import (
    ACCOUNT,
    BACKUP,
    BALANCE,
    BILL,
    BINDING,
    CANCEL,
    DATA,
    DEVICE,
    DOCUMENT,
    KEEP_ALIVE,
    PAUSE,
    PROMO,
    RECEIPT,
    SIM,
)
from renewd.config.times import Day, Length, Zone
from renewd.config.value_types import (
    Amount,
    Choice,
    Currency,
    Flag,
    Leads,
    Name,
    Names,
    Phone,
    Text,
    Whole,
)
from renewd.reminders.kinds import KINDS


def _leads(*, must: bool) -> dict[str, Key]:
    return {
        name: Key(
            Leads(must=must and kind.always),
            f"{kind.label['en']}.",
            f"{kind.label['zh-CN']}。",
            str([*kind.leads]),
            str([*kind.leads]),
        )
        for name, kind in KINDS.items()
    }


REMIND = Table(
    "[remind]",
    "How many days ahead each kind of reminder comes: 0 is the day itself, negative is after it; [] switches the kind"
    " off, but not `overdue` and `lost`. Some go on weekly after their last day here. Each kind takes up to 20 numbers. `keep-alive` may also be written `keep_alive`, and so on.",
    "每种提醒提前几天来：0 是当天，负数是之后；[] 关掉这一种，`overdue` 和 `lost` 除外。有几种过了最后一天还会每周来。每种最多写 20 个数。`keep-alive` 也可以写成 `keep_alive`，其余类推。",
    _leads(must=True),
    dashes=True,
)
REMIND_PERSON = Table(REMIND.name, REMIND.en, REMIND.zh, _leads(must=False), dashes=True)

PLAN = Table(
    "[plan.ID]",
    "A plan. ID is yours: small letters, digits and -, at most 40. `renews` or `keep_alive` has to be there.",
    "一个套餐。ID 由你起：小写字母、数字和 -，最多 40 个。`renews` 和 `keep_alive` 至少写一个。",
    {
        "name": Key(Text(), "What you call it. Default: its id.", "怎么称呼。不写就用 id。", '"T-Mobile 主号"'),
        "kind": Key(
            Choice(("line", "other")),
            'A phone or data line; or "other": anything that renews and has no number, such as a subscription, a domain or a'
            " passport.",
            "电话或流量套餐；other 是没有号码、但会到期的东西：订阅、域名、护照等。",
            '"line"',
            '"line"',
        ),
        "site": Key(
            Url(("https", "http")),
            "Where to act. Default: the catalogue’s.",
            "在哪个网址办。不写就按目录。",
            '"https://example.com/account"',
        ),
        "carrier": Key(
            Name(),
            "Its carrier in the catalogue (`renewd carriers`); what you write always wins over the catalogue.",
            "运营商在目录里的 id（`renewd carriers`）；你写的总比目录优先。",
            '"tmobile"',
        ),
        "for": Key(
            Names(none="check.nobody-told"),
            "Who is told. Default: me, else everybody.",
            "告诉谁。不写就是 me，没有 me 就是所有人。",
            '["me"]',
            field="told",
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
            'The first day not yet paid for: "valid through Dec 4" is 2026-12-05.',
            "第一个还没付钱的日子：“有效期至 12月4日”就写 2026-12-05。",
            "2027-01-31",
        ),
        "every": Key(
            Length(hours=False),
            "How long a payment lasts. Without it the plan ends on `renews`.",
            "付一次管多久。不写，套餐到 `renews` 就结束。",
            '"1 month"',
        ),
        "ends": Key(
            Day(),
            "No cycle begins on or after this day; then the plan ends as one without `every`.",
            "从这天起不再开始新的一期；之后和没写 `every` 的套餐一样结束。",
            "2028-01-31",
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
        "currency": Key(Currency(), "Default: the household’s.", "货币。不写就用文件开头的。", '"USD"'),
        "autopay": Key(
            Flag(),
            "Whether it is paid automatically; then `renews` moves on by itself.",
            "是否自动扣款；是的话 `renews` 自己往后走。",
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
            "比 `renews` 早多久扣款。不写就按目录，目录没有就是 0。",
            '"25 hours"',
        ),
        "notice": Key(
            Length(zero=True), "Cancel at least this long before the charge.", "至少比扣款早多久取消。", '"5 days"'
        ),
        "cut_off": Key(
            Length(zero=True),
            "Or cancel at least this long before `renews`. Default: the catalogue’s.",
            "或者，至少比 `renews` 早多久取消。不写就按目录。",
            '"24 hours"',
        ),
        "grace": Key(
            Length(zero=True), "How long after it stops the number is kept.", "停机后号码还保留多久。", '"30 days"'
        ),
        "late": Key(
            Choice(("fixed", "reset", "reset-minus-1")),
            "After a late payment: the date stays (fixed), counts from the payment (reset), or from a day before it (reset-minus-1)."
            " Default: the catalogue’s, else reset for days and fixed for months and years.",
            "晚付以后：日子不变（fixed），从付款那天算（reset），或再少一天（reset-minus-1）。不写就按目录，目录没有时按天的用 reset，按月按年的用 fixed。",
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
        "pause": Key(
            Sub(PAUSE),
            "A pause that ends by itself.",
            "会自己结束的暂停。",
            "{ until = 2027-05-01 }",
            field="pause_until",
        ),
        "remind": Key(
            Sub(REMIND),
            "This plan’s own leads, as in [remind].",
            "这个套餐自己的提前天数，写法同 [remind]。",
            "{ renewal = [30, 7, 1] }",
            field="leads",
        ),
        "timezone": Key(
            Zone(),
            "The zone of this plan’s dates. Default: the household’s.",
            "这个套餐的日期按哪个时区。不写就用文件开头的。",
            '"Asia/Shanghai"',
            field="zone",
        ),
        "snooze": Key(
            Day(),
            "No reminders until then, but never past the last day to act.",
            "在这天之前不提醒，但不会拖过来得及处理的最后一天。",
            "2026-12-01",
        ),
        "failed_on": Key(
            Day(),
            "The last charge on or before this day did not go through; `renewd mark ID failed` writes it.",
            "这天或之前最近一次扣款没成功；`renewd mark ID failed` 会写。",
            "2027-01-31",
        ),
        "note": Key(Text(500), "A remark of your own.", "你自己的备注。", '"SIM in the blue box"'),
        "bill": Key(Each(BILL), "Bills.", "账单。", field="bills"),
        "backup": Key(Each(BACKUP), "Backups.", "备份。", field="backups"),
        "binding": Key(Each(BINDING), "Services tied to the number.", "绑定的服务。", field="bindings"),
        "document": Key(Each(DOCUMENT), "Papers to keep.", "凭证。", field="documents"),
        "receipt": Key(Each(RECEIPT), "Payments that were made.", "付过的款。", field="receipts"),
        "device": Key(Sub(DEVICE), "The phone that came with it.", "随套餐买的手机。"),
        "cancel": Key(Sub(CANCEL), "You want to leave.", "你想走。"),
    },
)
