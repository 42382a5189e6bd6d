"""Money: the digits of a currency, and sums."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel.core import get_global
from babel.numbers import get_territory_currencies

from renewd.domain.money import CURRENCIES, Money, amount_text, sums
from renewd.i18n import language


def test_the_currencies_are_those_that_are_tender_somewhere() -> None:
    on = date(2026, 11, 20)
    tender = {code for land in get_global("territory_currencies") for code in get_territory_currencies(land, on, on)}
    assert tender <= CURRENCIES
    assert CURRENCIES - tender <= {"SVC", "UYI"}  # beside the dollar, and the unit of indexed prices


@pytest.mark.parametrize(
    ("amount", "currency", "program", "reader"),
    [
        ("980", "JPY", "980", "JP¥980"),
        ("11760", "JPY", "11760", "JP¥11,760"),
        ("1.234", "KWD", "1.234", "KWD 1.234"),
        ("5", "USD", "5.00", "US$5.00"),
        ("1E+3", "USD", "1000.00", "US$1,000.00"),
        ("-2.5", "EUR", "-2.50", "-€2.50"),
        ("9.9", "XTS", "9.90", "XTS 9.90"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(amount: str, currency: str, program: str, reader: str) -> None:
    money = Money(Decimal(amount), currency)
    assert amount_text(money) == program
    assert [language(code).money(money, many=True) for code in ("en", "zh-CN")] == [reader, reader]


def test_currencies_are_never_added_up() -> None:
    amounts = [Money(Decimal(1), "USD"), None, Money(Decimal(980), "JPY"), Money(Decimal("0.5"), "USD")]
    assert sums(amounts) == (Money(Decimal("1.5"), "USD"), Money(Decimal(980), "JPY"))
