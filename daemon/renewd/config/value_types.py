"""The types of value that a key can hold: each reads a value or says what is wrong, and knows its JSON Schema."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from renewd.config.amounts import SIGNS, amount_pattern, read_amount
from renewd.config.clean import clean
from renewd.i18n import LANGUAGES
from renewd.redact import Private
from renewd.reminders.kinds import KINDS

Schema = dict[str, object]


class WrongError(Exception):
    """A value that is not allowed: the key of the sentence that says why, and its arguments."""

    def __init__(self, code: str, **args: object) -> None:
        super().__init__(code, args)
        self.code = code
        self.args_ = args


class ValueType(Protocol):
    """What a key can hold."""

    def read(self, value: object, /) -> object:
        """Return the value in the form the program works with. Raises WrongError."""

    def schema(self) -> Schema:
        """Return the JSON Schema of the value as it is written."""


class Text:
    """Words of the user's own, cleaned."""

    def __init__(self, limit: int = 100) -> None:
        self.limit = limit

    def read(self, value: object) -> str:
        if type(value) is not str:
            raise WrongError("check.not-text", fix=f'"{value}"' if isinstance(value, int | Decimal) else '"…"')
        if value.isascii() and value.isprintable() and len(value) <= self.limit and "=?" not in value:
            cleaned = " ".join(value.split())
        else:
            cleaned = clean(value, self.limit)
        if not cleaned:
            raise WrongError("check.empty-text")
        return cleaned

    def schema(self) -> Schema:
        return {
            "type": "string",
            "pattern": r"[^\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]",
        }


class AccountId(Text):
    """The number or name of an account, which no log shows in full."""

    def read(self, value: object) -> str:
        return Private(super().read(value))


class Name:
    """A word that is taken as it is: an id that stands elsewhere, looked up when all is read, or a user name."""

    def read(self, value: object) -> str:
        if type(value) is not str:
            raise WrongError("check.not-text", fix=f'"{value}"' if isinstance(value, int) else '"…"')
        if control := re.search("[\x00-\x1f\x7f-\x9f]", value.strip()):
            raise WrongError("check.control-character", number=f"U+{ord(control[0]):04X}")
        if not value.strip():
            raise WrongError("check.empty-text")
        return value.strip()

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^\s*[^\u0000-\u0020\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*\s*$"}


class Names:
    """A list of such words; one alone may stand without brackets. `none`: the sentence where an empty list is wrong."""

    def __init__(self, *, none: str = "") -> None:
        self.none = none

    def read(self, value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        names = [one.strip() for one in values if isinstance(one, str) and one.strip()]
        if len(names) < len(values):
            raise WrongError("check.not-names")
        if self.none and not names:
            raise WrongError(self.none)
        return tuple(dict.fromkeys(names))

    def schema(self) -> Schema:
        one = {"type": "string", "pattern": r"\S"}
        return {"oneOf": [one, {"type": "array", "items": one, "minItems": int(bool(self.none))}]}


class Flag:
    """True or false."""

    def read(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise WrongError("check.not-flag")

    def schema(self) -> Schema:
        return {"type": "boolean"}


class Whole:
    """A whole number between two others."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def read(self, value: object) -> int:
        if type(value) is int and self.low <= value <= self.high:
            return value
        raise WrongError("check.not-whole", low=self.low, high=self.high)

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class Choice:
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices

    def read(self, value: object) -> str:
        if isinstance(value, str) and value in self.choices:
            return value
        raise WrongError("check.not-a-choice", choices=self.choices, value=value)

    def schema(self) -> Schema:
        return {"enum": list(self.choices)}


class Choices:
    """A list of such words; one alone may stand without brackets."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices
        self._one = Choice(choices)

    def read(self, value: object) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(self._one.read, value if isinstance(value, list) else [value])))

    def schema(self) -> Schema:
        one = self._one.schema()
        return {"oneOf": [one, {"type": "array", "items": one}]}


_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII)
_MOST = 10**9


class Amount:
    """An amount of money, not negative; text such as "5.00" or "5,00" is read too."""

    def read(self, value: object) -> Decimal:
        if isinstance(value, str):
            value = _from_text(value.strip())
        elif type(value) is int and abs(value) <= _MOST:
            value = Decimal(value)
        if not isinstance(value, Decimal) or not value.is_finite():
            raise WrongError("check.not-money")
        if value < 0:
            raise WrongError("check.negative-money")
        if value > _MOST or int(value.as_tuple().exponent) < -4:
            raise WrongError("check.not-money")
        return value

    def schema(self) -> Schema:
        return {
            "oneOf": [
                {"type": "number", "minimum": 0, "maximum": _MOST},
                {"type": "string", "pattern": amount_pattern(_MOST)},
            ]
        }


def _from_text(text: str) -> Decimal:
    if _AMOUNT.fullmatch(text):
        return Decimal(text)
    reading = read_amount(text)
    if len(reading.amounts) > 1:
        raise WrongError("check.not-money-either", one=reading.amounts[0], other=reading.amounts[1])
    if not reading.amounts:
        raise WrongError("check.negative-money" if text.startswith("-") else "check.not-money")
    if reading.currencies:
        raise WrongError("check.money-with-currency", fix=reading.amounts[0], currency=reading.currencies[0])
    return reading.amounts[0]


class Currency:
    """A currency's three letters."""

    def read(self, value: object) -> str:
        if isinstance(value, str):
            if signed := SIGNS.get(unicodedata.normalize("NFKC", value.strip()).upper()):
                raise WrongError("check.not-a-currency-write", fix=signed[0])
            if re.fullmatch("[A-Z]{3}", value):
                return value
            if re.fullmatch("[A-Za-z]{3}", value.strip()):
                raise WrongError("check.not-a-currency-write", fix=value.strip().upper())
        raise WrongError("check.not-a-currency")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[A-Z]{3}$"}


_LANGUAGES = {"zh": "zh-CN", "zh-cn": "zh-CN", "zh_cn": "zh-CN", "zh-hans": "zh-CN", "cn": "zh-CN", "chinese": "zh-CN",
              "中文": "zh-CN", "zh-tw": "zh-CN", "en-us": "en", "en_us": "en", "english": "en", "英文": "en",
              "英语": "en"}  # fmt: skip


class Languages:
    """One language, or a list of both for mails that say everything twice."""

    def read(self, value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        for one in values:
            if one not in LANGUAGES:
                meant = _LANGUAGES.get(one.strip().lower()) if isinstance(one, str) else None
                raise WrongError("check.not-a-choice", choices=LANGUAGES, value=meant or one)
        if not values:
            raise WrongError("check.not-a-choice", choices=LANGUAGES, value="")
        return tuple(dict.fromkeys(values))

    def schema(self) -> Schema:
        one = {"enum": list(LANGUAGES)}
        return {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}]}


_SIZE = r"(\d{1,7}(?:\.\d{1,3})?) ?(KB|MB|GB|TB)"
_LOOSE_SIZE = r"(\d{1,7}(?:\.\d{1,3})?)\s*([kmgt])(?:i?b)?"
_BYTES = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


class Size(NamedTuple):
    """An amount of data, and the text as it was written."""

    bytes: int
    text: str


class Bytes:
    """An amount of data, "10 GB", in the carriers' units: 1 GB is 1000 MB."""

    def read(self, value: object) -> Size:
        if isinstance(value, str) and (size := re.fullmatch(_SIZE, value.strip(), re.ASCII)):
            return Size(int(Decimal(size[1]) * _BYTES[size[2]]), value.strip())
        plain = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""
        loose = re.fullmatch(_LOOSE_SIZE, plain, re.IGNORECASE | re.ASCII)
        if loose:
            raise WrongError("check.not-a-size-write", fix=f"{loose[1]} {loose[2].upper()}B")
        raise WrongError("check.not-a-size")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^\s*{_SIZE}\s*$"}


MOST_LEADS = 20
_FAR = 3650


class Leads:
    """Days before a subject; `must` for the kinds that cannot be switched off."""

    def __init__(self, *, must: bool = False) -> None:
        self.must = must

    def read(self, value: object) -> tuple[int, ...]:
        if type(value) is int:
            raise WrongError("check.not-leads-write", fix=f"[{value}]")
        if not isinstance(value, list) or not all(type(one) is int and -_FAR <= one <= _FAR for one in value):
            raise WrongError("check.not-leads", most=_FAR)
        if len(value) > MOST_LEADS:
            raise WrongError("check.too-many-leads", most=MOST_LEADS)
        if self.must and not value:
            raise WrongError("check.must-remind")
        return tuple(sorted(set(value), reverse=True))

    def schema(self) -> Schema:
        items = {"type": "integer", "minimum": -_FAR, "maximum": _FAR}
        return {"type": "array", "items": items, "minItems": int(self.must), "maxItems": MOST_LEADS}


class AlarmsByKind(NamedTuple):
    """Alarms that are not the same for all kinds of dates; None for those that are not named, where nothing else is."""

    default: tuple[int, ...] | None
    of: tuple[tuple[str, tuple[int, ...]], ...]


def with_alarms(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a person or calendar, their alarms as the two fields that they fill."""
    values = dict(values)
    alarms = values.pop("alarms", None)
    if alarms is not None:
        values["alarms_of"] = alarms.of
        if alarms.default is not None:
            values["alarms"] = alarms.default
    return values


class Alarms:
    """Days before an event at which the calendar rings: for all dates, or in a table by kind."""

    _KINDS = ("default", *(kind.name for kind in KINDS.values() if kind.in_calendar))

    def read(self, value: object) -> AlarmsByKind:
        if not isinstance(value, dict):
            return AlarmsByKind(self._days(value), ())
        for kind in value:
            if kind not in self._KINDS:
                raise WrongError("check.not-a-choice", choices=self._KINDS, value=kind)
        found = {kind: self._days(days) for kind, days in value.items()}
        return AlarmsByKind(found.pop("default", None), tuple(found.items()))

    def _days(self, value: object) -> tuple[int, ...]:
        leads = Leads().read(value)
        if leads and leads[-1] < 0:
            raise WrongError("check.not-alarms")
        return leads

    def schema(self) -> Schema:
        item = {"type": "integer", "minimum": 0, "maximum": _FAR}
        days: Schema = {"type": "array", "items": item, "maxItems": MOST_LEADS}
        table = {"type": "object", "properties": dict.fromkeys(self._KINDS, days), "additionalProperties": False}
        return {"anyOf": [days, table]}


class Digits:
    """A string of digits: an IMEI, ICCID or EID, with or without spaces."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def read(self, value: object) -> str:
        if type(value) is int:
            raise WrongError("check.not-text", fix=f'"{value}"')
        if isinstance(value, str):
            digits = re.sub(r"[ -]", "", value)
            if digits.isascii() and re.fullmatch(rf"\d{{{self.low - 1},{self.high}}}[0-9A-Fa-f]?", digits):
                return Private(digits)
        if self.low == self.high:
            raise WrongError("check.not-so-many-digits", count=self.low)
        raise WrongError("check.not-digits", low=self.low, high=self.high)

    def schema(self) -> Schema:
        digits = rf"(?:[ -]*\d){{{self.low - 1},{self.high}}}(?:[ -]*[0-9A-Fa-f])?"
        return {"type": "string", "pattern": f"^{digits}[ -]*$"}


_PHONE = re.compile(r"\+[1-9]\d{6,14}")


class Phone:
    """A phone number with its country, in E.164; spaces, dashes and brackets are ignored."""

    def read(self, value: object) -> str:
        if isinstance(value, str):
            number = re.sub(r"[ ().-]", "", value)
            if number.isascii() and _PHONE.fullmatch(number):
                return Private(number)
        meant = re.sub(r"\D", "", unicodedata.normalize("NFKC", str(value))) if isinstance(value, str | int) else ""
        meant = re.sub("^(?:00|011)", "", meant)  # how the + is dialed
        if re.fullmatch(r"1?[2-9]\d{2}[2-9]\d{6}", meant):
            raise WrongError("check.not-a-phone-write", fix=f"+1{meant[-10:]}")
        if re.fullmatch(r"(86)?1[3-9]\d{9}", meant):
            raise WrongError("check.not-a-phone-write", fix=f"+86{meant[-11:]}")
        raise WrongError("check.not-a-phone")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^[ ().-]*\+[ ().-]*[1-9](?:[ ().-]*[0-9]){6,14}[ ().-]*$"}
