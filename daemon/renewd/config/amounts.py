"""Amounts of money as people and programs write them: "$5", "5,00", "1.234,50 €", "25元"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from renewd.config.patterns import in_any_case, up_to

# the currencies that a sign or word may stand for, the likeliest first
_DOLLARS = ("USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD")
SIGNS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("$", "DOLLAR", "DOLLARS", "BUCKS"), _DOLLARS), "US$": ("USD",), "美刀": ("USD",), "块": ("CNY", "USD"), "块钱": ("CNY", "USD"),
    "日元": ("JPY",), "YEN": ("JPY",), "欧元": ("EUR",), "EURO": ("EUR",), "EUROS": ("EUR",), "英镑": ("GBP",), "港币": ("HKD",), "港元": ("HKD",),
    "加元": ("CAD",), "澳元": ("AUD",), "台币": ("TWD",), "新台币": ("TWD",), "美元": ("USD",), "美金": ("USD",), "刀": ("USD",),
    "¥": ("CNY", "JPY"), "元": ("CNY",), "人民币": ("CNY",), "RMB": ("CNY",), "CN¥": ("CNY",), "JP¥": ("JPY",), "円": ("JPY",),
    "€": ("EUR",), "£": ("GBP",), "HK$": ("HKD",), "NT$": ("TWD",), "A$": ("AUD",), "C$": ("CAD",), "CA$": ("CAD",),
    "S$": ("SGD",), "NZ$": ("NZD",), "R$": ("BRL",), "MEX$": ("MXN",), "MX$": ("MXN",),
    "₩": ("KRW",), "₹": ("INR",), "₺": ("TRY",), "₽": ("RUB",), "₪": ("ILS",), "฿": ("THB",), "₱": ("PHP",), "₴": ("UAH",),
    "ZŁ": ("PLN",), "KČ": ("CZK",), "FT": ("HUF",), "ЛВ": ("BGN",), "LEI": ("RON",), "FR": ("CHF",), "RM": ("MYR",), "RP": ("IDR",),
    "R": ("ZAR",), "KR": ("SEK", "NOK", "DKK", "ISK"),
}  # fmt: skip
_PARTS = r"(?P<before>[^\d\s.,'-]{0,8})\s*(?P<number>\d[\d.,' ]{0,20})(?P<after>[^\d.,']{0,8})"
_FREE = ("free", "免费")
_PLAIN = r"\d{1,12}(?:\.\d{1,4})?"
_COMMA = r"\d{1,12},\d{1,2}"
_THOUSANDS = r"\d{1,3}(?:(?P<sign>[,.'])\d{3})(?:(?P=sign)\d{3})*(?P<rest>[.,]\d{1,2})?"

_GROUPED = (  # what is left of them, of at most 9 digits, where one amount alone can be meant
    r"\d{1,3}(?:,\d{3}\.\d{1,2}|(?:,\d{3}){2}(?:\.\d{1,2})?|(?:\.\d{3}){1,2},\d{1,2}|(?:\.\d{3}){2}|(?:'\d{3}){1,2}(?:[.,]\d{1,2})?)"
)


class AmountReading(NamedTuple):
    """The amounts that a text may mean, and the currencies that its sign may stand for; none where it has no sign."""

    amounts: tuple[Decimal, ...]
    currencies: tuple[str, ...] = ()


def read_amount(text: str) -> AmountReading:
    """Return what an amount written by people or programs means.

    >>> read_amount("1.234,50 €")
    AmountReading(amounts=(Decimal('1234.50'),), currencies=('EUR',))
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if text.lower() in _FREE:
        return AmountReading((Decimal(0),))
    parts = re.fullmatch(_PARTS, text)
    if parts is None:
        return AmountReading(())
    signs = [sign.strip() for sign in (parts["before"], parts["after"]) if sign.strip()]
    currencies = dict.fromkeys(code for sign in signs for code in _currencies(sign))
    if len(signs) > 1 or (signs and not currencies):
        return AmountReading(())
    return AmountReading(_numbers(parts["number"].replace(" ", "")), tuple(currencies))


def amount_pattern(most: int) -> str:
    """Return a regular expression for editors: the texts that are an amount of at most `most`, without a currency."""
    whole = up_to(most)
    free = "|".join(map(in_any_case, _FREE))
    return rf"^\s*(?:(?:{whole})(?:\.\d{{1,4}}|,\d{{1,2}})?|{_GROUPED}|{free})\s*$"


def _currencies(sign: str) -> tuple[str, ...]:
    word = sign.upper()
    return SIGNS.get(word) or ((word,) if re.fullmatch("[A-Z]{3}", word) else ())


def _numbers(number: str) -> tuple[Decimal, ...]:
    if re.fullmatch(_PLAIN, number):
        return (Decimal(number),)
    if re.fullmatch(_COMMA, number):
        return (Decimal(number.replace(",", ".")),)
    grouped = re.fullmatch(_THOUSANDS, number)
    if grouped is None or (grouped["rest"] or "")[:1] == grouped["sign"]:
        return ()
    rest = grouped["rest"] or ""
    whole = Decimal(re.sub(r"\D", "", number[: len(number) - len(rest)]) + rest.replace(",", "."))
    if grouped["sign"] == "," and not rest and number.count(",") == 1:  # five thousand, or five in three decimals
        return (whole, Decimal(number.replace(",", ".")))
    return (whole,)
