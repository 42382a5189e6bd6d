"""docs/requirements.md: what each of the 81 steps of the guides ended as is composed, and read in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from guided_household import guided
from renewd.cli.commands import COMMANDS
from renewd.config.catalogue_keys import TOPICS
from renewd.config.keys import FILE
from renewd.config.plan_keys import PLAN
from renewd.config.plan_schema import ById, Each, Sub, Table
from renewd.domain.carriers import Carrier
from renewd.domain.checklist import SECTIONS
from renewd.i18n import LANGUAGES
from renewd.reminders import KINDS
from renewd.render.environments import sentences

DOC = Path(__file__).parents[2] / "docs" / "requirements.md"
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", DOC.read_text("utf-8"), re.MULTILINE)


def is_key(name: str, table: Table) -> bool:
    first, _, rest = name.partition(".")
    key = table.keys.get(first)
    if key is None or not rest:
        return key is not None
    return isinstance(key.type, Sub | Each | ById) and is_key(rest, key.type.table)


def is_text(name: str) -> bool:
    """Whether a template has a block of that name in every language."""
    file, _, block = name.partition(".")
    return all(block in sentences(code).get_template(f"{file}.j2").blocks for code in LANGUAGES)


EXISTS = {
    "key": lambda name: is_key(name, PLAN) or is_key(name, FILE),
    "kind": lambda name: name in KINDS,
    "section": lambda name: name in SECTIONS,
    "text": is_text,
    "catalogue": lambda name: name in TOPICS or name in Carrier._fields,
    "command": lambda name: name in COMMANDS,
}

OUTSIDE = {"42"}
SAID = {
    1: ("renewal", "carrier catalogue, checked", "运营商目录，2026年"),
    2: ("renewal", "$5.00 every 30 days, 2 GB", "$5.00，每 30 天，2 GB"),
    3: ("balance", "$1.00 will not cover $3.00", "余额 $1.00"),
    4: ("cancel-by", "dial #225#: balance and last payment, also #BAL#", "拨 #225#：查余额和上次付款，也可拨 #BAL#"),
    5: ("renewal", "Stops Sat, Dec 5, 2026", "停机 2026年12月5日"),
    6: ("data", "1.9 GB of 2 GB is used", "2 GB 用了 1.9 GB"),
    7: ("charged", "the next charge date on the site", "网站上的下次扣款日期"),
    8: ("card", "Visa 4242 expires Mar 31, 2027", "Visa 4242 3月底过期"),
    9: ("report", "The e-mail address that signs in", "登录邮箱"),
    10: ("renewal-third-party", "if it has no account there yet, create one first", "那里还没有账户的，先注册一个"),
    11: ("report", "Cut up or recycle the SIM card, last of all", "剪掉或回收 SIM 卡，放在最后"),
    12: ("renewal-abroad", "$50.00 every 180 days", "$50.00，每 180 天"),
    13: ("digest", "Tello had used 1.9 GB of 2 GB on Nov 20, 2026, for $5.00", "Tello 2026年11月20日用了 1.9 GB，一共 2 GB，$5.00"),
    14: ("renewal", "How Sign in at tello.com or in My Tello and renew", "怎么付 登录 tello.com 或 My Tello 续费"),
    15: ("renewal", "use the My Tello app", "用 My Tello App"),
    16: ("renewal", "Sign in as li@example.com, for the line ending in 0142", "登录 用 li@example.com，选尾号 0142"),
    17: ("renewal-third-party", "call +1 888-863-8768", "打 +1 888-863-8768"),
    18: ("renewal-third-party", "bring the SIM and an ID, and look at the opening hours first", "带上 SIM 卡和证件，先看营业"),
    19: ("renewal-third-party", "is not a site of Metro by T-Mobile: pay a small sum there first", "不是 Metro 自己的网站：先充小额试"),
    20: ("renewal", "the plan is $5.00 for 30 days", "套餐 $5.00 管 30 天"),
    21: ("renewal", "Takes Credit or debit card, PayPal", "收什么 信用卡、借记卡、PayPal"),
    22: ("renewal-abroad", "Alipay, UnionPay Online, WeChat Pay", "支付宝、银联在线、微信支付"),
    23: ("renewal", "The card has not expired or been replaced", "付款卡没过期，没有换过号"),
    24: ("digest", "is a size smaller or larger the better one?", "换小一档或大一档更"),
    25: ("renewal-week", "stops in 7 days", "7 天后停机"),
    26: ("overdue", "has been off for 1 day", "已停机 1 天"),
    27: ("overdue-late", "fees differ by page: $5", "各页面费用不同"),
    28: ("data", "you may be cut off or pay overage", "用完可能断网，或另收超额费"),
    29: ("charge", "takes $45.00 on Sat, Dec 5", "12月5日周六自动扣 $45.00"),
    30: ("charged", "Did mint take $45.00", "mint 扣成了吗"),
    31: ("charged", "call +1 800-683-7392", "打 +1 800-683-7392"),
    32: ("renewal", "A few minutes later, check that the site shows the new date", "过几分钟看网站上的日期变了没有"),
    33: ("renewal", "Keep the receipt", "保存付款凭证"),
    34: ("report-prepaid", "Refund: Nothing is refunded; a multi-month prepayment neither", "退款：不退；多月预付的也不退"),
    35: ("digest", "the budget is $30.00", "预算是 $30.00"),
    36: ("bill", "the bill says $12.50 too. Ask support about anything more", "账单上也是 $12.50。多出来的，先问客服"),
    37: ("data", "renewd mark tello used", "renewd mark tello used"),
    38: ("renewal", "Offer SPRING5, until Sun, Feb 28, 2027", "优惠 SPRING5，到 2027年2月28日 周日"),
    39: ("promo", "Tello: offer ends Sun, Feb 28", "2月28日周日优惠到期"),
    40: ("promo", "charges starting Sun, Feb 28 are $7.00", "2月28日周日起的扣款按 $7.00"),
    41: ("promo", "Offer SPRING5", "优惠 SPRING5"),
    43: ("renewal", "You are not on public Wi-Fi", "不用公共 Wi-Fi 付款"),
    44: ("digest", "Do you still know each account’s PIN, and is port-out protection on?", "每个账户的 PIN 还记得吗"),
    45: ("backup", "no backup for 123 days", "123 天没备份了"),
    46: ("cancel-by", "or $40.00 more is taken", "否则再扣 $40.00"),
    47: ("report", "Have the account’s PIN or password at hand", "把账户的 PIN 或密码放在手边"),
    48: ("report", "The account number", "账户号"),
    49: ("report", "the IMEI 350000000000000", "IMEI 350000000000000"),
    50: ("report", "(find out)", "（待查）"),
    51: ("report", "There should be \\$8.20 left on the account", "账户里应该还有 \\$8.20"),
    52: ("refund", "Has the $8.20 from T-Mobile come?", "T-Mobile 的退款 $8.20 到了吗"),
    53: ("report", "**roaming, \\$12.50**", "**roaming \\$12.50**"),
    54: ("report", "The line is in service", "线路正常"),
    55: ("report", "**photos**", "**photos**"),
    56: ("binding", "Chase codes still go to T-Mobile", "Chase 验证码还绑着 T-Mobile"),
    57: ("report", "Save it while you can sign in", "趁还能登录，存下来"),
    58: ("report", "**invoice**", "**invoice**"),
    59: ("report", "Ways to cancel: by phone and by porting out", "取消的办法：电话和转出号码"),
    60: ("report", "several guides say it cannot be finished online", "好几处指南说不能在网上办完"),
    61: ("report", "Customer care and billing, the line named for canceling", "客服和账单，取消时常用"),
    62: ("report", "The reason: I no longer need this line. You can reach me at", "原因：不再用这条线路了。联系我用"),
    63: ("report", "+1 800-937-8997](tel:+18009378997)", "+1 800-937-8997](tel:+18009378997)"),
    64: ("report", "From abroad the call may not connect", "从国外拨可能不通"),
    65: ("report", "The name on the account is", "账户上的姓名照纸上的念"),
    66: ("report", "May I have a reference number for this call?", "请给我这通电话的编号"),
    67: ("binding", "while the number still works", "趁号码还能用"),
    68: ("report", "_Due Wed, Dec 30_", "_12月30日周三到期_"),
    69: ("unconfirmed", "Requested 3 days ago", "申请已过 3 天"),
    70: ("digest-after", "is the card still charged?", "看看卡还在不在扣"),
    71: ("unconfirmed", "renewd mark tm confirmed", "renewd mark tm confirmed"),
    72: ("unconfirmed", "A login that fails proves nothing", "登录不上说明不了什么"),
    73: ("unconfirmed", "Is the line closed, and since when?", "线路关了没有，从哪天起"),
    74: ("report", "A confirmation in writing", "要一份书面确认"),
    75: ("final-bill", "Has the final bill for T-Mobile come?", "最后一张账单到了吗"),
    76: ("undo", "can be brought back through Tue, Jan 26", "最晚 1月26日周二恢复"),
    77: ("report-after", "Look at the credit report", "查一次信用报告"),
    78: ("report-after", "Cut up or recycle the SIM card, last of all", "剪掉或回收 SIM 卡，放在最后"),
    79: ("undo", "Phone customer care (also 611 from the phone); use the T-Life app", "电话 客服（本机拨 611）；用 T-Life App"),
    80: ("report", "others can be done now", "件现在也能做"),
    81: ("lost", "may lose its number", "可能失号"),
}  # fmt: skip
"""Of each step: the mail, report or page that serves it, and what is read there in English and in Chinese."""


def test_each_of_the_81_steps_is_there_once_and_in_its_order() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 82))


@pytest.mark.parametrize(("number", "says", "where"), ROWS, ids=[number for number, _, _ in ROWS])
def test_a_step_ended_as_something_that_exists(number: str, says: str, where: str) -> None:
    names = re.findall(r"`([a-z]+):([^`]+)`", where)
    assert bool(names) != where.startswith("outside: "), (number, says)
    for sort, name in names:
        assert EXISTS[sort](name), f"{number}: there is no {sort} {name}"


def test_every_kind_and_section_answers_some_step() -> None:
    named = {name for _, _, where in ROWS for name in re.findall(r"`(?:kind|section):([^`]+)`", where)}
    answered = set(SECTIONS) | set(KINDS)
    ours = {"device", "port-out", "keep-alive", "pause", "pin"}  # what the guides do not know of
    assert answered - named == ours, "name it in docs/requirements.md, or here where no guide has such a step"


def test_every_step_is_served_or_said_to_be_outside_with_why() -> None:
    outside = {number for number, _, where in ROWS if where.startswith("outside: ")}
    assert outside == OUTSIDE
    assert {str(number) for number in SAID} | outside == {number for number, _, _ in ROWS}


@pytest.mark.parametrize("number", SAID)
def test_a_step_is_read_where_it_is_needed(number: int) -> None:
    where, *words = SAID[number]
    for code, told in zip(("en", "zh-CN"), words, strict=True):
        assert "".join(told.split()) in "".join(guided(code)[where].split())


def test_money_that_other_apps_sell_is_told_with_its_doubt() -> None:
    assert "Alipay sells top-ups of foreign numbers" in guided("en")["carriers general"]
    assert "支付宝能充国外号码" in guided("zh-CN")["carriers general"]
