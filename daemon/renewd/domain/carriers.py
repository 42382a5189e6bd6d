"""What is publicly known of a carrier: facts with date and source. What the user writes always wins over them."""

# Annotations are values here: as text, each field of a named tuple would be compiled at every start.

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from renewd.domain.dates import Duration

Confidence = Literal["high", "medium", "low"]
Origin = Literal["renewal", "last-payment", "suspension"]
LateRule = Literal["fixed", "reset", "reset-minus-1"]
TextByLanguage = Mapping[str, str]  # language -> words


class Source(NamedTuple):
    """Where a fact was read."""

    id: str
    url: str
    kind: str  # "carrier", "carrier-old", "regulator", "third", "press", "dataset", "community", "guide"; "own"
    dated: str  # the page's own date: "2026-06-05", "2026-06", "2026", "c. 2014", or "undated"
    note: Mapping[str, str] = {}


class CarrierFact(NamedTuple):
    """One thing known of a carrier, in every language, with its sources and how far to trust it."""

    text: TextByLanguage
    sources: tuple[Source, ...]
    confidence: Confidence
    checked: date | None = None  # when it was last looked at
    values: Mapping[str, object] = {}  # its figures, by their keys in carriers.toml


class Contact(NamedTuple):
    """A hotline (`tel` in E.164), a short code (`dial` as it is typed), or a `text` to send to `dial`.

    A code that `ports` serves a number's transfer only.
    """

    fact: CarrierFact
    tel: str | None = None
    dial: str | None = None
    text: str | None = None
    ports: bool = False


class Carrier(NamedTuple):
    """A brand of the catalogue; a field that is None is not known, which is not the same as zero.

    `facts` holds every fact in words by topic: "network", "site", "app", "renew", "pay", "stores", "cycle", "autopay",
    "suspension", "grace", "keep_alive", "balance", "refund", "cancel", "final_bill", "deposit", "device", "port_out",
    "pause", "reactivate", "unlock". The fields above it are those that the program counts or decides with.
    """

    id: str
    name: TextByLanguage
    kind: Literal["prepaid", "postpaid", "data-pack"]  # a data pack has no number to lose
    checked: date  # when the facts were last looked at, the oldest of them
    cycle: Duration | None = None  # where the brand has one usual cycle of days
    terms: tuple[int, ...] = ()  # days of the longer terms it sells ("12 months" of 360 days)
    steps: tuple[tuple[Decimal, int], ...] = ()  # (amount at least, days bought), ascending
    late: LateRule | None = None
    stacks: bool = True  # False: a payment ahead of time counts from its own day, and adds nothing to `renews`
    charge_before: Duration | None = None
    charge_before_card: Duration | None = None  # where a card is charged earlier than anything else
    cut_off: Duration | None = None  # cancel at least this long before the renewal
    grace: Duration | None = None  # from `grace_origin` to the number's loss
    grace_origin: Origin = "renewal"
    grace_confidence: Confidence = "high"
    suspended_after: int = 0  # days from the renewal date to suspension
    renews_at: str | None = None  # "05:00-11:00", wall clock in `renews_zone`
    renews_zone: str | None = None
    pin_days: int | None = None  # life of a transfer PIN
    port_lock: str | None = None  # what must be switched off before a port, by the carrier's name for it
    port_closes: bool | None = None  # whether a port closes the line by itself
    channels: tuple[str, ...] = ()  # ways to cancel: web, app, phone, chat, support, store, lapse, port-out
    refundable: bool | None = None  # whether an unused balance is given back
    refund_days: int | None = None  # from canceling to the deposit's return
    reactivate_days: int | None = None  # from deactivation to the last day on which the number can be brought back
    site: str | None = None
    app: str | None = None
    renew_url: str | None = None  # where it is paid, where that is another page than `site`
    cancel_url: str | None = None  # where it is canceled
    hotlines: tuple[Contact, ...] = ()
    codes: tuple[Contact, ...] = ()
    resellers: tuple[CarrierFact, ...] = ()  # official ones, other than the carrier itself
    traps: tuple[CarrierFact, ...] = ()
    facts: Mapping[str, CarrierFact] = {}

    @property
    def as_you_go(self) -> bool:
        """Whether money buys days and no plan renews, as the catalogue's steps and ids say."""
        return bool(self.steps) or self.id.endswith(("-payg", "-paygo"))
