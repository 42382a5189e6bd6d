"""What a form of a page asks to be recorded: a fact about a plan, as the plan was when the page was made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from renewd.config.plan_ids import ID
from renewd.config.times import Day
from renewd.config.value_types import Bytes, WrongError
from renewd.domain.dates import day_in
from renewd.domain.fact_changes import Fact
from renewd.domain.findings import item_id
from renewd.domain.plans import Plan
from renewd.web.links import name_of_item, state_of

_VALUE = re.compile(rf"({ID})/([a-z-]{{1,20}})/([a-z0-9-]{{0,20}})/([0-9a-f]{{12}})")
_AMOUNT = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?")
_SEEN_BYTES = 6
_LISTS = {"moved": ("bindings", "service", "moved_on"), "kept": ("documents", "what", "kept_on")}
_MOST_CHARACTERS = 100
CHOICES: Mapping[str, Sequence[str]] = {"number": ("port", "drop", "move"), "how": ("cancel", "lapse")}


class BadInputError(ValueError):
    """What was typed into a field cannot be read; `key` is the sentence that says how to write it."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(field, key)
        self.field, self.key = field, key


class AskedFact(NamedTuple):
    """A fact that a form records. `item` is the id of one of the plan's, `seen` the state that the form shows."""

    plan: str
    what: str
    item: str
    seen: str

    @property
    def value(self) -> str:
        """The fact as the value of a form's field."""
        return "/".join(self)

    @classmethod
    def read(cls, value: str) -> AskedFact | None:
        """Return the fact of a field; None if it is none of ours."""
        found = _VALUE.fullmatch(value)
        return cls(*found.groups()) if found else None


def ask(plan: Plan, what: str, item: str = "") -> AskedFact:
    """Return a fact to record about a plan as it is now."""
    return AskedFact(plan.id, what, item, seen_of(plan, what, item))


def seen_of(plan: Plan, what: str, item: str) -> str:
    """Return a value that changes once the fact is recorded, so that a form of before records nothing twice."""
    seen: object
    if what in _LISTS:
        items, name, day = _LISTS[what]
        seen = [getattr(one, day) for one in getattr(plan, items) if item_id(getattr(one, name)) == item]
    elif what == "renewed":
        seen = (plan.renews, plan.failed_on, len(plan.receipts))
    else:
        kept = {
            "balance": plan.balance, "used": plan.data, "snoozed": plan.snooze, "unlocked": plan.device,
            "kept-alive": plan.keep_alive, "failed": plan.failed_on,
        }  # fmt: skip
        seen = kept[what] if what in kept else state_of(plan, what, item) or plan.cancel
    return blake2b(repr((what, item, seen)).encode(), digest_size=_SEEN_BYTES).hexdigest()


def fact_of(plan: Plan, asked: AskedFact, typed: Mapping[str, str], now: datetime) -> Fact:
    """Return the fact with what was typed. Raises BadInputError."""
    today = day_in(now, plan.zone)
    fact = Fact(
        what=asked.what,
        today=today,
        item=_item(plan, asked, typed),
        on=_on(typed),
        until=_day(typed, "until"),
        amount=_amount(typed),
        reference=_text(typed, "reference"),
        by=_day(typed, "by"),
        how=_choice(typed, "how"),
        number=_choice(typed, "number"),
    )
    if asked.what == "failed" and asked.item:
        fact = fact._replace(on=date.fromisoformat(asked.item))
    if asked.what in ("balance", "final-bill") and fact.amount is None:
        raise BadInputError("amount", "error.missing")
    if asked.what == "snoozed" and fact.until is None:
        raise BadInputError("until", "error.missing")
    return fact


def _item(plan: Plan, asked: AskedFact, typed: Mapping[str, str]) -> str | None:
    if asked.what == "used":
        used = _text(typed, "used")
        if used is None:
            raise BadInputError("used", "error.missing")
        used = f"{used.replace(',', '.')} GB" if re.fullmatch(r"\d+([.,]\d+)?", used) else used
        try:
            Bytes().read(used)
        except WrongError:
            raise BadInputError("used", "error.used") from None
        return used
    if asked.what == "checked":
        return asked.item
    if asked.what in _LISTS:
        items, name, _ = _LISTS[asked.what]
        names = [str(getattr(one, name)) for one in getattr(plan, items)]
        return next((one for one in names if item_id(one) == asked.item), asked.item)
    return name_of_item(plan, asked.what, asked.item)


def _on(typed: Mapping[str, str]) -> date | None:
    """Return the day that was chosen, or the earlier one that was written: never one of two that differ."""
    chosen, earlier = _day(typed, "on"), _day(typed, "early")
    if "on" in typed and chosen is None and earlier is None:
        raise BadInputError("early", "error.day-missing")
    if chosen and earlier and chosen != earlier:
        raise BadInputError("early", "error.day-both")
    return chosen or earlier


def _choice(typed: Mapping[str, str], field: str) -> str | None:
    value = typed.get(field) or None
    if value is not None and value not in CHOICES[field]:
        raise BadInputError(field, "error.choice")
    return value


def _day(typed: Mapping[str, str], field: str) -> date | None:
    if not (text := typed.get(field, "").strip()):
        return None
    try:
        return Day().read(date.fromisoformat(text))
    except (ValueError, WrongError):
        raise BadInputError(field, "error.day") from None


def _amount(typed: Mapping[str, str]) -> Decimal | None:
    text = re.sub(r"[\s$¥€£￥]", "", typed.get("amount", ""))
    if not text:
        return None
    if not (found := _AMOUNT.fullmatch(text)) or not text.isascii():
        raise BadInputError("amount", "error.amount")
    return Decimal(f"{found[1]}.{found[2]}" if found[2] else found[1])


def _text(typed: Mapping[str, str], field: str) -> str | None:
    text = typed.get(field, "").strip()
    if not text.isprintable() or "\ufffd" in text or len(text) > _MOST_CHARACTERS:
        raise BadInputError(field, "error.text")
    return text or None
