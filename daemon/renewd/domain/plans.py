"""The nouns: what a household wrote down about its people, cards and plans, as frozen values.

A household is valid by construction: `renewd.config` checks every word of the file before it makes one.
Days are `date`s in the plan's own zone, zones are IANA keys, money is a `Decimal` with its currency.
"""

# Annotations are values here: as text, each field of a named tuple would be compiled at every start.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal, NamedTuple, overload

from renewd.domain.carriers import Carrier, LateRule
from renewd.domain.dates import Duration, nth
from renewd.domain.money import Money
from renewd.redact import last_four

PlanKind = Literal["line", "other"]


class Person(NamedTuple):
    """Somebody who is told: where they read, in which languages, and at what time of their day."""

    id: str
    email: str  # empty for somebody who is reached by pushes alone
    name: str
    zone: str
    languages: tuple[str, ...]
    send_at: time
    push: tuple[str, ...] = ()  # the ids of the pushes that reach them
    leads: Mapping[str, tuple[int, ...]] = {}  # by kind; they win over a plan's
    alarms: tuple[int, ...] | None = None  # days before, in their calendar; None: those of [calendar]
    alarms_of: tuple[tuple[str, tuple[int, ...]], ...] = ()  # the same, for kinds that have alarms of their own

    @property
    def called(self) -> str | None:
        """What others call them; None for `me` where the file gives no name."""
        return None if self.id == self.name == "me" else self.name


class Card(NamedTuple):
    """A payment card, good through the last day of its month."""

    id: str
    name: str
    expires: date | None = None


class Balance(NamedTuple):
    """What a prepaid account held on a day."""

    amount: Decimal
    on: date


class Data(NamedTuple):
    """How much of a cycle's data was used on a day, both in bytes; the texts are as they were written."""

    limit: int
    used: int
    on: date
    limit_text: str
    used_text: str


class Promo(NamedTuple):
    """An offer that ends: from the charge on or after that day the price is `price_after`."""

    ends: date
    price_after: Decimal | None = None
    what: str | None = None  # a code, a bonus, a sale


class KeepAlive(NamedTuple):
    """A use that the carrier wants to see now and then, or the number is taken."""

    every: Duration
    last: date
    action: str | None = None

    @property
    def due(self) -> date:
        """The day before which it has to be used once."""
        return nth(self.last, self.every, 1)


class Sim(NamedTuple):
    """The card or profile behind a line."""

    kind: Literal["physical", "esim"] | None = None
    iccid: str | None = None
    eid: str | None = None


class Account(NamedTuple):
    """The account that pays for a line; lines of one account and carrier are charged together."""

    id: str | None = None
    email: str | None = None
    holder: str | None = None  # a person's id, else free text


class Bill(NamedTuple):
    """Something owed beside the price of a cycle."""

    what: str
    amount: Decimal | None = None
    due: date | None = None
    paid_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be paid. Nobody owes 0."""
        return self.paid_on is None and self.amount != 0


class Backup(NamedTuple):
    """Something to keep a copy of; `path` is a glob pattern, `done_on` a day that the user wrote."""

    what: str
    path: str | None = None
    fresh: Duration = Duration(30, "days")
    done_on: date | None = None


class Binding(NamedTuple):
    """A service that knows the number."""

    service: str
    kind: Literal["2fa", "login", "payment", "contact"] = "2fa"
    critical: bool = False
    moved_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be moved to another number."""
        return self.moved_on is None


class Document(NamedTuple):
    """A paper to keep."""

    what: str
    path: str | None = None
    kept_on: date | None = None


class Receipt(NamedTuple):
    """A payment that was made."""

    on: date
    amount: Decimal | None = None
    reference: str | None = None


class Device(NamedTuple):
    """The phone that came with a plan."""

    imei: str | None = None
    owed: Decimal | None = None
    unlock_on: date | None = None
    unlocked_on: date | None = None


class FinalBill(NamedTuple):
    """The last bill after leaving."""

    amount: Decimal | None = None
    due: date | None = None
    paid_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be paid. Nobody owes 0."""
        return self.paid_on is None and self.amount != 0


class Refund(NamedTuple):
    """Money that the carrier owes after leaving."""

    amount: Decimal | None = None
    expected: date | None = None
    received_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to come. Nobody is owed 0."""
        return self.received_on is None and self.amount != 0


CHECKED = ("bindings", "backups", "documents")
"""What may be looked for before leaving, and not be there."""


class Cancel(NamedTuple):
    """The wish to leave, and how far it has come."""

    by: date | None = None
    how: Literal["cancel", "lapse"] = "cancel"
    number: Literal["port", "drop", "move"] | None = None
    checked: tuple[str, ...] = ()  # of CHECKED: thought of, and there is none
    lock_off_on: date | None = None
    pin_on: date | None = None
    requested_on: date | None = None
    reference: str | None = None
    confirmed_on: date | None = None
    final_bill: FinalBill | None = None
    refund: Refund | None = None


class Plan(NamedTuple):
    """One plan, of a line or of something else that renews, with all defaults of the file and the household in it.

    `charge_before` and `cut_off` are the user's, else the catalogue's. `grace` is the user's alone: see
    `renewd.domain.cycles.loss`. `leads` are the plan's own, else the household's; a kind that is in neither
    has the program's leads.
    """

    id: str
    name: str
    told: tuple[str, ...]  # ids of the people who are told
    currency: str
    late: LateRule
    zone: str
    kind: PlanKind = "line"
    site: str | None = None  # where to act, if the user wrote it
    carrier: Carrier | None = None
    number: str | None = None  # E.164
    sim: Sim = Sim()
    account: Account = Account()
    renews: date | None = None  # the first day not yet paid for; None only with keep_alive
    every: Duration | None = None
    ends: date | None = None  # no cycle begins on or after it
    day: int | None = None  # the day of the month to come back to
    price: Decimal | None = None  # per cycle; None is unknown, and not 0
    autopay: bool = False
    pay_with: str | None = None  # a card's id, or "balance"
    balance: Balance | None = None
    charge_before: Duration = Duration(0, "days")
    notice: Duration | None = None
    cut_off: Duration | None = None
    grace: Duration | None = None
    data: Data | None = None
    promo: Promo | None = None
    keep_alive: KeepAlive | None = None
    pause_until: date | None = None
    snooze: date | None = None
    failed_on: date | None = None
    note: str | None = None
    leads: Mapping[str, tuple[int, ...]] = {}
    bills: tuple[Bill, ...] = ()
    backups: tuple[Backup, ...] = ()
    bindings: tuple[Binding, ...] = ()
    documents: tuple[Document, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    device: Device = Device()
    cancel: Cancel | None = None

    @overload
    def money(self, amount: Decimal) -> Money: ...
    @overload
    def money(self, amount: None) -> None: ...
    def money(self, amount: Decimal | None) -> Money | None:
        """Return an amount in this plan's currency; None for an unknown one."""
        return None if amount is None else Money(amount, self.currency)

    @property
    def is_line(self) -> bool:
        """Whether it is a line, with a number to lose, and not something else that renews."""
        return self.kind == "line"

    @property
    def url(self) -> str | None:
        """The address at which to act: the user's, else the catalogue's."""
        return self.site or (self.carrier.site if self.carrier else None)

    @property
    def last_four(self) -> str | None:
        """The last four digits of the number, which is all that is shown of it by default."""
        return last_four(self.number) if self.number else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Everything that reminders are computed from, except the instant and the findings."""

    zone: str
    languages: tuple[str, ...]
    currency: str
    send_at: time = time(9)  # for people who name no time of their own
    budget: Decimal | None = None  # a month, in `currency`
    show_numbers: bool = False
    leads: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # for the kinds of no plan: card, digest
    people: Mapping[str, Person]
    cards: Mapping[str, Card] = field(default_factory=dict)
    plans: Mapping[str, Plan]
    many_currencies: bool = field(init=False)  # whether amounts need their currency's country beside the sign
    has_own_leads: bool = field(init=False)  # whether anybody has leads of their own
    _told: Mapping[str, list[Plan]] = field(init=False, repr=False, compare=False)  # by person; plans may be thousands
    _held: Mapping[str, list[Plan]] = field(init=False, repr=False, compare=False)  # by holder who is not told
    _same_name: Mapping[str, bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        many = any(plan.currency != self.currency for plan in self.plans.values())
        object.__setattr__(self, "many_currencies", many)
        object.__setattr__(self, "has_own_leads", any(person.leads for person in self.people.values()))
        told: dict[str, list[Plan]] = {}
        held: dict[str, list[Plan]] = {}
        for plan in self.plans.values():
            for person in dict.fromkeys(plan.told):
                told.setdefault(person, []).append(plan)
            if plan.account.holder is not None and plan.account.holder not in plan.told:
                held.setdefault(plan.account.holder, []).append(plan)
        object.__setattr__(self, "_told", told)
        object.__setattr__(self, "_held", held)
        same: dict[str, bool] = {}
        for plan in self.plans.values():
            same[plan.name] = plan.name in same
        object.__setattr__(self, "_same_name", same)

    @property
    def owner(self) -> Person:
        """The person who runs renewd: `me`, else the first person."""
        return self.people.get("me") or next(iter(self.people.values()))

    @property
    def clock(self) -> str:
        """The zone in which instants are shown to the owner."""
        return self.owner.zone

    def label(self, plan: Plan) -> str:
        """Return a plan's name; if another plan has the same name, with the number's last four digits or its id."""
        if not self._same_name.get(plan.name):
            return plan.name
        return f"{plan.name} ({plan.last_four or plan.id})"

    def plans_of(self, person: str) -> Sequence[Plan]:
        """Return the plans that the person of this id is told of."""
        return self._told.get(person, ())

    def held_by(self, person: str) -> Sequence[Plan]:
        """Return the other plans whose account this person holds: they are told of a cancellation alone."""
        return self._held.get(person, ())
