"""Every table and key of carriers.toml: to add one, add it here and to docs/carriers.md.

What the program counts or decides with needs a field of `Carrier` and a line in `FIELDS` besides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from renewd.config.addresses import Url
from renewd.config.plan_schema import Each, Key, Sub, Table
from renewd.config.times import Day, Length, Zone
from renewd.config.value_types import (
    Amount,
    Choice,
    Flag,
    Name,
    Names,
    Phone,
    Schema,
    Text,
    ValueType,
    Whole,
    WrongError,
)
from renewd.domain import carriers
from renewd.i18n import FALLBACK, LANGUAGES


class LocalizedText:
    """Words in each language; words without a language serve for all."""

    def read(self, value: object) -> carriers.TextByLanguage:
        if not isinstance(value, dict):
            return dict.fromkeys(LANGUAGES, Text(500).read(value))
        if not value or not value.keys() <= set(LANGUAGES):
            raise WrongError("carriers.not-words", languages=LANGUAGES)
        said = {language: Text(500).read(words) for language, words in value.items()}
        return in_every_language(said)

    def schema(self) -> Schema:
        return {"oneOf": [Text().schema(), {"type": "object", "propertyNames": {"enum": list(LANGUAGES)}}]}


def in_every_language(said: Mapping[str, str], otherwise: str = "") -> carriers.TextByLanguage:
    """Return words for every language: those in it, else the English ones, else any, else `otherwise`."""
    instead = said.get(FALLBACK) or next(iter(said.values()), otherwise)
    return {language: said.get(language) or instead for language in LANGUAGES}


class Terms:
    """A list of numbers of days."""

    def read(self, value: object) -> tuple[int, ...]:
        if isinstance(value, list) and value and all(type(days) is int and 0 < days <= 3660 for days in value):
            return tuple(sorted(value))
        raise WrongError("carriers.not-terms")

    def schema(self) -> Schema:
        return {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 3660}, "minItems": 1}


class AmountSteps:
    """How many days each amount buys at least: `{ "10" = 30, "25" = 90 }`."""

    def read(self, value: object) -> tuple[tuple[Decimal, int], ...]:
        if not isinstance(value, dict) or not value:
            raise WrongError("carriers.not-steps")
        return tuple(sorted((Amount().read(amount), Whole(1, 3660).read(days)) for amount, days in value.items()))

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": Whole(1, 3660).schema(), "minProperties": 1}


class Zones:
    """A time zone for each of a brand's networks."""

    def read(self, value: object) -> Mapping[str, str]:
        if isinstance(value, dict):
            return {network: Zone().read(zone) for network, zone in value.items()}
        raise WrongError("carriers.not-zones")

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": Zone().schema()}


class Pattern(NamedTuple):
    """Text of a fixed form."""

    pattern: str
    code: str

    def read(self, value: object) -> str:
        if isinstance(value, str) and re.fullmatch(self.pattern, value):
            return value
        raise WrongError(self.code)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^({self.pattern})$"}


class Several(NamedTuple):
    """A list of words of a known list; one alone may stand without brackets."""

    choices: tuple[str, ...]

    def read(self, value: object) -> tuple[str, ...]:
        return tuple(Choice(self.choices).read(one) for one in Names().read(value))

    def schema(self) -> Schema:
        return {"type": "array", "items": Choice(self.choices).schema()}


METHODS = (
    "card", "bank", "paypal", "venmo", "apple-pay", "google-pay", "alipay", "wechat-pay", "unionpay", "refill-card", "cash",
    "check",
)  # fmt: skip
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_DAYS, _USD, _FLAG, _LENGTH, _TEXT = Whole(0, 3660), Amount(), Flag(), Length(zero=True), Text(500)

TOPICS: Mapping[str, Mapping[str, ValueType]] = {
    "network": {"host": _TEXT},
    "site": {"url": Url(("https",))},
    "app": {"name": _TEXT},
    "renew": {"url": Url(("https",)), "guest_url": Url(("https",))},
    "pay": {"methods": Several(METHODS), "foreign_cards": _FLAG},
    "stores": {"own": _FLAG, "retailers": Names(), "fee_usd": _USD},
    "cycle": {
        "every": Length(hours=False),
        "terms": Terms(),
        "steps": AmountSteps(),
        "late": Choice(("fixed", "reset", "reset-minus-1")),
        "stacks": _FLAG,
        "renews_at": Pattern(f"{_CLOCK}-{_CLOCK}", "carriers.not-hours"),
        "timezone": Zone(),
        "timezones": Zones(),
        "usd": _USD,
    },
    "autopay": {
        "charge_before": _LENGTH,
        "charge_before_card": _LENGTH,
        "discount_usd": _USD,
        "notice_days": Terms(),
        "default": _FLAG,
    },
    "suspension": {"days": _DAYS},
    "grace": {
        "lasts": _LENGTH,
        "from": Choice(("renewal", "last-payment", "suspension")),
        "notice_days": _DAYS,
    },
    "keep_alive": {"usd": _USD, "days": _DAYS, "steps": AmountSteps()},
    "balance": {"refundable": _FLAG},
    "refund": {"days": _DAYS},
    "cancel": {
        "channels": Several(("web", "app", "phone", "chat", "support", "store", "lapse", "port-out")),
        "cut_off": _LENGTH,
        "url": Url(("https",)),
    },
    "final_bill": {"prorated": _FLAG, "later_bills": _DAYS, "card_on_file": _FLAG},
    "deposit": {"refund_days": _DAYS, "by": _TEXT},
    "device": {},
    "port_out": {"pin_days": _DAYS, "lock": _TEXT, "who": _TEXT, "closes_line": _FLAG},
    "pause": {"days": _DAYS, "resumes": _FLAG},
    "reactivate": {"days": _DAYS, "fee_usd": _USD},
    "unlock": {"days": _DAYS},
}
"""What a fact of each topic can hold beside its words."""

LISTS: Mapping[str, Mapping[str, ValueType]] = {
    "hotline": {"tel": Phone()},
    "code": {"dial": Pattern("[*#0-9]{2,12}", "carriers.not-a-code"), "text": _TEXT, "ports": _FLAG},
    "reseller": {"name": _TEXT},
    "trap": {},
}
_NEEDED = {"hotline": "tel", "code": "dial", "reseller": "name"}

FIELDS: Mapping[tuple[str, str], str] = {
    ("site", "url"): "site",
    ("app", "name"): "app",
    ("renew", "url"): "renew_url",
    ("cycle", "every"): "cycle",
    ("cycle", "terms"): "terms",
    ("cycle", "steps"): "steps",
    ("cycle", "late"): "late",
    ("cycle", "stacks"): "stacks",
    ("cycle", "renews_at"): "renews_at",
    ("cycle", "timezone"): "renews_zone",
    ("autopay", "charge_before"): "charge_before",
    ("autopay", "charge_before_card"): "charge_before_card",
    ("suspension", "days"): "suspended_after",
    ("grace", "lasts"): "grace",
    ("grace", "from"): "grace_origin",
    ("balance", "refundable"): "refundable",
    ("cancel", "channels"): "channels",
    ("cancel", "cut_off"): "cut_off",
    ("cancel", "url"): "cancel_url",
    ("deposit", "refund_days"): "refund_days",
    ("port_out", "pin_days"): "pin_days",
    ("port_out", "lock"): "port_lock",
    ("port_out", "closes_line"): "port_closes",
    ("reactivate", "days"): "reactivate_days",
}
"""What the program counts or decides with: topic and key -> field of `Carrier`."""

SOURCE_KINDS = ("carrier", "carrier-old", "regulator", "third", "press", "dataset", "community", "guide", "own")


@cache
def general(*, own: bool) -> Table:
    """Describe `[general.ID]`; in the user's `own` file less is needed than in the shipped one."""
    return _fact("[general.ID]", {}, own=own)


@cache
def source(*, own: bool) -> Table:
    """Describe `[source.ID]`."""
    return Table(
        "[source.ID]",
        "",
        "",
        {
            "url": _key(_TEXT if own else Name(), '"https://example.com/help"', needed=True),
            "kind": _key(Choice(SOURCE_KINDS), '"carrier"', needed=not own),
            "dated": _key(
                Pattern(r"undated|(c\. )?\d{4}(-\d\d(-\d\d)?)?", "carriers.not-dated"), '"2026-06-05"', needed=not own
            ),
            "note": _key(LocalizedText()),
        },
    )


@cache
def brand(*, own: bool) -> Table:
    """Describe `[carrier.ID]` with its facts and lists."""
    keys = {
        "name": _key(LocalizedText(), '{ en = "…", zh-CN = "…" }', needed=not own),
        "kind": _key(Choice(("prepaid", "postpaid", "data-pack")), '"prepaid"', needed=not own),
        "aliases": _key(Names()),
        "checked": _key(Day()),
    }
    for topic, figures in TOPICS.items():
        keys[topic] = Key(Sub(_fact(f"[carrier.ID.{topic}]", figures, own=own)), "", "")
    for name, figures in LISTS.items():
        keys[name] = Key(Each(_fact(f"[[carrier.ID.{name}]]", figures, own=own, needed=_NEEDED.get(name))), "", "")
    return Table("[carrier.ID]", "", "", keys)


def _fact(name: str, figures: Mapping[str, ValueType], *, own: bool, needed: str | None = None) -> Table:
    keys = {figure: _key(kind, '"…"', needed=figure == needed) for figure, kind in figures.items()}
    # What ships is clean and in every language: a test looks, so that not every start has to.
    keys |= {
        language: _key(_TEXT if own else Name(), '"…"', needed=not own and language == FALLBACK)
        for language in LANGUAGES
    }
    keys["sources"] = _key(Names(), '["…"]', needed=not own)
    keys["confidence"] = _key(Choice(("high", "medium", "low")), '"medium"', needed=not own)
    keys["checked"] = _key(Day())
    return Table(name, "", "", keys)


def _key(kind: ValueType, example: str = "", *, needed: bool = False) -> Key:
    return Key(kind, "", "", example, required=needed)
