"""Amounts of money as people and programs write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renewd.config.amounts import read_amount


@pytest.mark.parametrize(
    ("text", "amounts", "currency"),
    [
        ("5", ["5"], None),
        ("Free", ["0"], None),
        ("免费", ["0"], None),
        ("5.00", ["5.00"], None),
        ("5,00", ["5.00"], None),
        ("1,234.50", ["1234.50"], None),
        ("1.234,50", ["1234.50"], None),
        ("1 234,50", ["1234.50"], None),
        ("1'234.50", ["1234.50"], None),
        ("1,234,567", ["1234567"], None),
        ("1,234", ["1234", "1.234"], None),
        ("$5", ["5"], "USD"),
        ("US$5.00", ["5.00"], "USD"),
        ("5 USD", ["5"], "USD"),
        ("25刀", ["25"], "USD"),
        ("25元", ["25"], "CNY"),
        ("5 dollars", ["5"], "USD"),
        ("980日元", ["980"], "JPY"),
        ("￥12", ["12"], "CNY"),
        ("1.234,50 €", ["1234.50"], "EUR"),
        ("HK$12", ["12"], "HKD"),
        ("kr99", ["99"], "SEK"),
        ("zł5", ["5"], "PLN"),
        ("１２．５", ["12.5"], None),
        ("", [], None),
        ("$", [], None),
        ("-5", [], None),
        ("$5 USD", [], None),
        ("1,23,4", [], None),
        ("5 apples", [], None),
    ],
)
def test_what_an_amount_may_mean(text: str, amounts: list[str], currency: str | None) -> None:
    reading = read_amount(text)
    assert [str(amount) for amount in reading.amounts] == amounts
    assert next(iter(reading.currencies), None) == currency


@given(st.decimals(0, 10**9, places=2))
def test_grouped_or_not_it_is_the_same_amount(amount: Decimal) -> None:
    assert read_amount(f"{amount:,.2f}").amounts == (amount,)
    assert read_amount(f"{amount:.2f}".replace(".", ",")).amounts == (amount,)
