"""The names that programs and people give to the columns of a list of subscriptions, in English and Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

_NAMES: Mapping[str, str] = {
    "id": "id, 编号",
    "name": "name, title, service, service name, subscription, subject, vendor, vendor name, 名称, 名字, 订阅, 服务, 项目, 套餐",
    "price": "price, cost, amount, fee, 价格, 费用, 金额, 价钱, 单价",
    "currency": "currency, original currency, 币种, 货币",
    "every": "every, payment cycle, billing cycle, cycle, schedule, frequency, period, duration, interval, billing period, billing cadence, 周期, 付款周期, 续费周期, 扣费周期, 频率",
    "interval": "schedule interval",
    "renews": "renews, next payment, next payment date, renewal date, next billing date, next billing, next renewal, next bill, next charge, charge date, next date, due, due date, renews on, renew date, next renewal date, billing date,"
    " expires, expiry, expiry date, expiration date, date, 下次付款, 下次续费, 下次扣款, 下次扣费, 到期, 到期日, 到期日期, 到期时间, 续费日, 续费日期, 日期",
    "starts": "start date, started, 开始日期, 开通日期",
    "ends": "ends, end date, 结束日期, 截止日期",
    "trial": "trial end date, trial ends, 试用到期",
    "autopay": "autopay, auto renew, auto renewal, autorenew, 自动续费, 自动扣款, 自动续订, 自动付款",
    "card": "payment method, pay with, card, 付款方式, 支付方式, 付款卡, 银行卡",
    "person": "paid by, person, payer, member, for, 付款人, 成员, 使用人",
    "note": "note, notes, remark, remarks, memo, comment, description, 备注, 说明, 备忘",
    "site": "url, site, website, link, 网址, 链接, 网站",
    "state": "state, status, 状态",
    "active": "active, enabled",
    "cancel_by": "cancellation date, cancel by, 取消日期",
    "notice": "notice, notice period, cancellation notice, 提前通知, 提前通知期",
    "grace": "grace, grace period, 宽限, 宽限期",
    "number": "number, phone, phone number, 号码, 手机号, 电话",
    "carrier": "carrier, operator, 运营商",
    "account": "account, 账号, 账户",
    "kind": "kind, 种类",
    "renewal": "renewal",  # the date in a list of one's own, or whether it renews by itself
    "day": "day",
    "toml": "toml",  # of `renewd export`: the keys of a plan that have no column
}
_HAS_DIGITS = re.compile(r"\d")
_FIELDS = {name.strip(): field for field, names in _NAMES.items() for name in names.split(",")}


@lru_cache(maxsize=1024)
def field_of(header: str) -> str | None:
    """Return the field that a header names: `Next Payment`, `next_payment` and `nextPayment` are the same.

    >>> field_of("nextBillingDate"), field_of("到期日（必填）"), field_of("Logo")
    ('renews', 'renews', None)
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", header))
    words = re.sub(r"[(\[【].*", "", words).replace("_", " ").replace("-", " ")
    return _FIELDS.get(" ".join(words.lower().strip(" *:").split()))


def fields_of(row: Mapping[str, object]) -> dict[str, str]:
    """Return the values of a row by field, without those that are empty. The first of two columns of a field wins."""
    found: dict[str, str] = {}
    for field, _, text in _named(row):
        found.setdefault(field, text)
    return found


def passed_over(row: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Return the fields of a row that have one more value in another column, with that column and that value."""
    taken = fields_of(row)
    return (one for one in _named(row) if one[2] != taken[one[0]])


def _named(row: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Return the field, the header and the value of each column that names a field and is not empty."""
    for header, value in row.items():
        field = field_of(header)
        text = _text(value)
        if field == "renewal":
            field = "renews" if _HAS_DIGITS.search(text) else "autopay"
        if field is not None and text:
            yield field, header, text


def knows_a_list(headers: Iterable[str]) -> bool:
    """Whether headers name what a plan needs: a name and a date."""
    fields = {field_of(header) for header in headers}
    return "name" in fields and not fields.isdisjoint(("renews", "renewal"))


def _text(value: object) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()
