"""Money: amounts with their currency, and sums of them. The rules are in docs/rules.md#money."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

# fmt: off
_DIGITS = dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
                         "XAF", "XOF", "XPF"), 0)
_DIGITS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)  # ISO 4217; all others have 2
# fmt: on


class Money(NamedTuple):
    """An amount in major units of an ISO 4217 currency."""

    amount: Decimal
    currency: str


def rounded(money: Money) -> Money:
    """Return an amount with the decimals of its currency: none for JPY, 2 for USD, 3 for KWD."""
    return Money(money.amount.quantize(Decimal(1).scaleb(-_DIGITS.get(money.currency, 2))), money.currency)


def amount_text(money: Money) -> str:
    """Return an amount as programs read it: `5.00`, `980`."""
    return f"{rounded(money).amount:f}"


def sums(amounts: Iterable[Money | None]) -> tuple[Money, ...]:
    """Return the sum of each currency, in the order in which currencies first occur; unknown amounts are left out."""
    by_currency: dict[str, Decimal] = {}
    for money in amounts:
        if money is not None:
            by_currency[money.currency] = by_currency.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(amount, currency) for currency, amount in by_currency.items())
