"""Money: amounts with their currency, and sums of them. The rules are in docs/rules.md#money."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

# fmt: off
_DIGITS = dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
                         "XAF", "XOF", "XPF"), 0)
_DIGITS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)  # ISO 4217; all others have 2
CURRENCIES = frozenset((
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD", "BND",
    "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE",
    "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD",
    "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY",
    "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD",
    "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO",
    "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF",
    "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB",
    "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYI", "UYU", "UZS", "VES", "VND",
    "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
))
"""The currencies of ISO 4217 that are in use."""
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


def total(amounts: Iterable[Money | None]) -> tuple[Money, ...]:
    """Return the same sums; a sum of 0 only if there is no other."""
    found = sums(amounts)
    return tuple(money for money in found if money.amount) or found[:1]
