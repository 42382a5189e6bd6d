"""Money: amounts with their currency, and sums of them. The rules are in docs/rules.md#money."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from renewd.domain.dates import Duration

_CENT = Decimal("0.01")


class Money(NamedTuple):
    """An amount in major units of an ISO 4217 currency."""

    amount: Decimal
    currency: str


def rounded(amount: Decimal) -> Decimal:
    """Return an amount with two decimals."""
    return amount.quantize(_CENT)


def sums(amounts: Iterable[Money | None]) -> tuple[Money, ...]:
    """Return the sum of each currency, in the order in which currencies first occur; unknown amounts are left out."""
    by_currency: dict[str, Decimal] = {}
    for money in amounts:
        if money is not None:
            by_currency[money.currency] = by_currency.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(amount, currency) for currency, amount in by_currency.items())


def in_a_year(price: Decimal | None, every: Duration | None) -> Decimal | None:
    """Return what a price that is paid `every` so often comes to in 365 days; None if either is not known."""
    if price is None or every is None:
        return None
    days = {"hours": Decimal(every.n) / 24, "days": Decimal(every.n)}.get(every.unit)
    if days is not None:
        return rounded(price * 365 / days)
    months = every.n * (12 if every.unit == "years" else 1)
    return rounded(price * 12 / months)
