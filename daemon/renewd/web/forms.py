"""The forms of the pages: which facts fit a plan, and which fields each has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from renewd.domain.cancellation import falls_due, has_left, is_postpaid
from renewd.domain.cycles import charge
from renewd.domain.fact_changes import rolls_on
from renewd.domain.findings import item_id
from renewd.domain.money import Money, amount_text
from renewd.domain.plans import CHECKED, Plan
from renewd.i18n import language, sign_of
from renewd.render.markup import own
from renewd.render.spans import per
from renewd.web.asked_fact import CHOICES, AskedFact, ask
from renewd.web.wording import Wording

_DAYS_BACK, _DAYS_AHEAD = 8, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field with its label. With `options` it is chosen, else typed."""

    id: str
    name: str
    label: str
    value: str = ""
    hint: str = ""
    error: str = ""
    sign: str = ""  # of the currency, before the field
    type: str = "text"
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form. With the method `get` it leads to the page that shows what would be written."""

    id: str
    title: str
    action: str
    button: str
    method: str = "post"
    hidden: tuple[tuple[str, str], ...] = ()
    fields: tuple[FormField, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMaker:
    """Makes the forms of a reader. `root` is the way from the page to the address below which forms are sent."""

    words: Wording
    root: str = ""
    back: str = ""  # the plan whose page the form is on
    records: bool = True  # whether anything can be recorded here

    def tap(self, asked: AskedFact, button: str) -> Form:
        """Return a button that records a fact at once."""
        return Form(id="", title="", action=f"{self.root}record", button=button, hidden=self._hidden(asked))

    def undo(self, write: str, button: str) -> Form:
        """Return a button that takes the last write back."""
        hidden = (("write", write), *self._back())
        return Form(id="", title="", action=f"{self.root}undo", button=button, hidden=hidden)

    def figures(
        self,
        plan: Plan,
        asked: AskedFact,
        title: str = "",
        typed: Mapping[str, str] | None = None,
        error: tuple[str, str] = ("", ""),
    ) -> Form:
        """Return a form with the fields of a fact; `typed` stays in them, and `error` is said beside its field."""
        fields = tuple(self._fields(plan, asked, typed or {}, error))
        asks = any(field.name not in ("on", "early") for field in fields)
        return Form(
            id=f"{asked.what}-{asked.item}" if asked.item else asked.what,
            title=title,
            action=f"{self.root}{'ask' if asks else 'record'}",
            button=self.words.say("form.see" if asks else "form.write"),
            method="get" if asks else "post",
            hidden=self._hidden(asked),
            fields=fields,
        )

    def all_of(self, plan: Plan) -> list[Form]:
        """Return the forms of the facts that fit a plan."""
        if not self.records:
            return []
        return [self.figures(plan, ask(plan, what, item), title) for what, item, title in _facts_of(plan, self.words)]

    def _hidden(self, asked: AskedFact) -> tuple[tuple[str, str], ...]:
        return (("fact", asked.value), *self._back())

    def _back(self) -> tuple[tuple[str, str], ...]:
        return (("back", self.back),) if self.back else ()

    def _fields(
        self, plan: Plan, asked: AskedFact, typed: Mapping[str, str], error: tuple[str, str]
    ) -> Iterator[FormField]:
        prefix = f"{plan.id}-{asked.what}-{asked.item}"
        for name in _FIELDS[asked.what]:
            if name == "how" and is_postpaid(plan):
                continue  # a bill comes until it is canceled
            if name == "until" and asked.what == "renewed" and rolls_on(plan):
                continue
            said = error[1] if name == error[0] else ""
            yield self._field(name, f"{prefix}-{name}", plan, asked.what, typed, said)

    def _field(self, name: str, id_: str, plan: Plan, what: str, typed: Mapping[str, str], error: str) -> FormField:
        say = self.words.say
        value = typed.get(name, "")
        if name == "on":
            value = typed.get("on", self.words.today.isoformat())
            hint = say("form.pin-hint") if what == "pin" else ""
            return FormField(
                id=id_, name=name, label=say(f"form.on.{what}"), hint=hint, value=value, error=error,
                options=self._days_back(),
            )  # fmt: skip
        if name == "until" and what == "snoozed":
            options = self._days_ahead()
            label, hint = say("form.snooze"), say("form.snooze-hint")
            return FormField(id=id_, name=name, label=label, hint=hint, value=value, error=error, options=options)
        if name in ("number", "how"):
            label, options = self._choices(plan, name)
            return FormField(id=id_, name=name, label=label, value=value, error=error, options=options)
        hint = {
            "early": say("form.early-hint"),
            "until": say("form.until-hint") if what == "renewed" else "",
            "amount": say("form.balance") if what == "balance" else "",
            "used": say("form.used-hint", limit=own(plan.data.limit_text)) if plan.data else "",
        }.get(name, "")
        key = f"amount.{what}" if name == "amount" else "due" if name == "until" and what != "renewed" else name
        label = say(f"form.{key}")
        tops_up = plan.pay_with == "balance"  # by any amount
        if name == "amount" and not typed and what == "renewed" and plan.price is not None and not tops_up:
            value = amount_text(Money(plan.price, plan.currency))
        type_ = "date" if name in ("early", "until", "by") else "text"
        sign = sign_of(plan.currency, many=self.words.household.many_currencies) if name == "amount" else ""
        return FormField(id=id_, name=name, label=label, hint=hint, value=value, error=error, type=type_, sign=sign)

    def _choices(self, plan: Plan, name: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return the label and the options of what becomes of a number, or of how a plan is left."""
        key = ("how" if name == "how" else "fate") + ("" if plan.is_line else "-other")
        values = [value for value in CHOICES[name] if plan.is_line or value != "port"]
        return self.words.say(f"form.{key}"), tuple((one, self.words.say(f"form.{key}-{one}")) for one in values)

    def _days_back(self) -> tuple[tuple[str, str], ...]:
        today = self.words.today
        days = [(day.isoformat(), self.words.day(day)) for day in _days(today, -1, _DAYS_BACK)]
        days[0] = (days[0][0], self.words.say("form.day-today", day=today))
        return (*days, ("", self.words.say("form.earlier")))

    def _days_ahead(self) -> tuple[tuple[str, str], ...]:
        tomorrow = self.words.today + timedelta(days=1)
        return tuple((day.isoformat(), self.words.day(day)) for day in _days(tomorrow, 1, _DAYS_AHEAD))


def _days(first: date, step: int, count: int) -> list[date]:
    return [first + timedelta(days=step * n) for n in range(count)]


_FIELDS: Mapping[str, tuple[str, ...]] = {
    "renewed": ("on", "amount", "early", "until", "reference"),
    "failed": (),
    "paid": ("on", "amount", "early"),
    "balance": ("amount", "on", "early"),
    "kept-alive": ("on", "early"),
    "used": ("used", "on", "early"),
    "snoozed": ("until",),
    "leaving": ("number", "how", "by"),
    "staying": (),
    "checked": (),
    "moved": ("on", "early"),
    "backed-up": ("on", "early"),
    "kept": ("on", "early"),
    "unlocked": ("on", "early"),
    "lock-off": ("on", "early"),
    "pin": ("on", "early"),
    "requested": ("on", "early", "reference"),
    "confirmed": ("on", "early", "reference"),
    "final-bill": ("amount", "until"),
    "refunded": ("on", "early", "amount"),
}


def _facts_of(plan: Plan, words: Wording) -> Iterator[tuple[str, str, str]]:
    """Iterate the facts that fit a plan: what, the item, and the title of its form."""
    say = words.say
    if not has_left(plan):
        if plan.renews is not None:
            yield "renewed", "", say("form.renewed-due" if falls_due(plan) else "form.renewed")
        if plan.balance is not None or plan.pay_with == "balance":
            yield "balance", "", say("form.balance-title")
        if plan.data is not None:
            yield "used", "", say("form.used-title")
        if plan.keep_alive is not None:
            yield "kept-alive", "", say("form.kept-alive", what=own(plan.keep_alive.action or say("form.use")))
        if plan.autopay and plan.renews is not None and charge(plan, 0) <= words.today:
            yield "failed", "", say("form.failed")
        yield "snoozed", "", say("form.snoozed")
    for bill in plan.bills:
        if bill.is_open:
            yield "paid", item_id(bill.what), say("form.paid", what=own(bill.what))
    for backup in plan.backups:
        yield "backed-up", item_id(backup.what), say("form.backed-up", what=own(backup.what))
    for binding in plan.bindings:
        if binding.is_open:
            yield "moved", item_id(binding.service), say("form.moved", what=own(binding.service))
    for document in plan.documents:
        if document.kept_on is None:
            yield "kept", item_id(document.what), say("form.kept", what=own(document.what))
    if plan.device.unlock_on is not None and plan.device.unlocked_on is None:
        yield "unlocked", "", say("form.unlocked")
    yield from _leaving(plan, words)


def _leaving(plan: Plan, words: Wording) -> Iterator[tuple[str, str, str]]:
    """Iterate the facts of leaving that are still to come."""

    def say(what: str) -> str:
        other = not plan.is_line and what in ("leaving", "staying", "requested", "confirmed")
        return words.say(f"form.{what}-other" if other else f"form.{what}")

    cancel = plan.cancel
    if cancel is None:
        yield "leaving", "", say("leaving")
        return
    if cancel.confirmed_on is None or cancel.number == "move":
        yield "staying", "", say("staying")
    if cancel.confirmed_on is None:
        there = {"bindings": plan.bindings, "backups": plan.backups, "documents": plan.documents}
        for item in CHECKED:
            if not there[item] and item not in cancel.checked and (plan.is_line or item != "bindings"):
                yield "checked", item, words.say(f"form.checked-{item}")
        steps = {"requested": cancel.requested_on, "confirmed": None}
        if plan.is_line:
            steps = {"lock-off": cancel.lock_off_on, "pin": cancel.pin_on} | steps
        for what, day in steps.items():
            if day is None:
                yield what, "", say(what)
        return
    if cancel.final_bill is None or cancel.final_bill.is_open:
        yield "final-bill", "", words.say("form.final-bill")
        if cancel.final_bill is not None:
            yield "paid", "final", words.say("form.paid", what=words.say("form.final-bill"))
    if cancel.refund is None or cancel.refund.is_open:
        yield "refunded", "", words.say("form.refunded")


def price_of(plan: Plan, words: Wording) -> str:
    """Return a plan's price and how often it is paid: `$5.00 every 30 days`; `free` where it costs nothing.

    Of a plan that is never renewed, and has no price, it is empty.
    """
    if plan.price == 0:
        return words.say("free")
    if plan.price is None and plan.renews is None:
        return ""
    money = words.money(Money(plan.price, plan.currency) if plan.price is not None else None)
    if plan.every is None or plan.price is None:
        return money
    return words.say("plans.price", money=money, per=per(plan.every, language(words.code)))
