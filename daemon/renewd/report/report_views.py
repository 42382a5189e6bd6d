"""A plan's report and its items as `report.j2` sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Literal

from jinja2.utils import missing

from renewd.domain import cycles
from renewd.domain.cancellation import Missed, WayOut, cancel_of, falls_due, last_safe, missed, off_since, way_out
from renewd.domain.carriers import Carrier
from renewd.domain.checklist_items import ChecklistItem
from renewd.domain.cycles import Loss
from renewd.domain.dates import DAY
from renewd.domain.plans import Cancel, Plan
from renewd.domain.readiness import Call, Readiness
from renewd.i18n import Language
from renewd.redact import last_four
from renewd.render.carrier_words import said, text_of
from renewd.render.markup import KEEP, KEPT, bare, brief, own
from renewd.render.views import Named, phone
from renewd.report.report_parts import Sign

_WORDS_OF_OTHERS = (
    "what",
    "service",
    "account",
    "email",
    "holder",
    "reference",
    "lock",
    "site",
)  # args that somebody wrote
_KB = 1000

Aim = Literal["port", "cancel", "move", "lapse", "leave"]
_AIMS: Mapping[WayOut, Aim] = {
    "port": "port",
    "drop": "cancel",
    "move": "move",
    "lapse": "lapse",
    "undecided": "leave",
}


class PlanView(Named):
    """One report: every field of `Readiness` by its name, and the names below. `masked`: numbers are shortened."""

    def __init__(self, report: Readiness, language: Language, *, masked: bool, many: bool) -> None:
        self.report = report
        self.language = language
        self.masked = masked
        self.many = many
        self.ready = report.verdict == "ready"
        self.autopay = report.taken  # not what a balance is to pay that does not cover it
        self.id = report.plan.id
        self.today = report.on

    def find(self, key: str) -> object:
        """Return the value of a name: this view's, else the report's own."""
        value = super().find(key)
        return getattr(self.report, key, missing) if value is missing and not key.startswith("_") else value

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.report.plan

    @property
    def carrier(self) -> Carrier | None:
        """The plan's carrier, if the catalogue has it."""
        return self.report.plan.carrier

    @property
    def cancel(self) -> Cancel:
        """What is written down about leaving."""
        return cancel_of(self.report.plan)

    @property
    def name(self) -> str:
        """What the plan is called."""
        return brief(self.plan.name)

    @property
    def ends(self) -> str | None:
        """`尾号 0142`, `ends in 0142`."""
        four = self.plan.last_four
        return KEEP + said(self.language, "report.ends-in", digits=four) + KEPT if four else None

    @cached_property
    def aim(self) -> Aim:
        """What one wants: port, cancel, move (stay on a cheaper plan), lapse, or leave where it is not decided."""
        return _AIMS[way_out(self.plan)]

    @property
    def postpaid(self) -> bool:
        """Whether the plan is due on its day, and does not end on it."""
        return falls_due(self.plan)

    @cached_property
    def off(self) -> date | None:
        """The day on which service stopped, or stops today; None while the line works, or the carrier was asked."""
        return None if self.asked else off_since(self.plan, self.report.on)

    @property
    def keep_by(self) -> date | None:
        """The last day on which a stopped line can be renewed; None where it is over or not known."""
        if self.loss is None or self.loss.basis == "unpublished" or self.loss.day <= self.report.on:
            return None
        return self.loss.day - DAY

    @property
    def gone(self) -> bool:
        """Whether the number of a stopped line may be lost already."""
        return self.loss is not None and self.loss.day < self.report.on

    @cached_property
    def missed(self) -> tuple[Missed, ...]:
        """The payments that leaving can no longer avoid."""
        return () if self.asked else tuple(missed(self.plan, self.report.on))

    @cached_property
    def left(self) -> int:
        """How many things are in the way, those that wait included; once leaving was asked for, overdue ones too."""
        if not self.asked:
            return self.report.left
        signs = ((item, sign_of(item, self.report)) for item in self.report.items)
        return sum(sign in ("open", "find") or (sign == "later" and item.blocks) for item, sign in signs)

    @property
    def others_now(self) -> int:
        """How many things beside the next step can be done now."""
        return max(0, sum(item.blocks and not item.later for item in self.report.items) - 1)

    @property
    def asked(self) -> bool:
        """Whether the carrier was asked."""
        return self.report.stage in ("requested", "confirmed", "closed")

    @property
    def requested_on(self) -> object:
        """The day on which the carrier was asked."""
        return self.cancel.requested_on or self.cancel.confirmed_on

    @property
    def confirmed_on(self) -> object:
        """The day on which it was confirmed."""
        return self.cancel.confirmed_on

    @property
    def reference(self) -> str | None:
        """The carrier's number for the request."""
        return own(self.cancel.reference) if self.cancel.reference else None

    @cached_property
    def loss(self) -> Loss | None:
        """Where the day on which the number is lost comes from."""
        plan = self.plan
        if self.report.lost_on is None or plan.renews is None:
            return None
        return cycles.loss(plan, cycles.unpaid_from(plan) or 0, paid_on=cycles.last_receipt(plan))

    @property
    def maybe_lost(self) -> bool:
        """Whether that day is no more than a worst case."""
        return self.loss is not None and not self.loss.is_certain

    @property
    def has_ended(self) -> bool:
        """Whether it ran out before the day of the report."""
        return self.report.stops_on is not None and self.report.stops_on < self.report.on

    @property
    def safe_days(self) -> int:
        """Days from the last safe day to the charge; 0 where the last day to leave is another one."""
        charge, safe = self.report.charge_on, last_safe(self.plan, self.report.on)
        return (charge - safe.day).days if safe and charge and safe.day == self.report.cancel_by else 0

    @property
    def pin_ends(self) -> bool:
        """Whether the last day to leave is the transfer PIN's last day."""
        pin = self.report.pin
        return pin is not None and pin.fetched and pin.until is not None and pin.until == self.report.cancel_by

    @property
    def chosen(self) -> bool:
        """Whether the last day to leave is the one that was written in `cancel.by`."""
        return self.cancel.by is not None and self.cancel.by == self.report.cancel_by

    @property
    def unwritten(self) -> list[str]:
        """The sections in which nothing is written, although leaving may lose something: `备份`, `backups`."""
        if self.aim == "move":
            return []
        none = [item for item in self.report.items if item.id == "none" and item.state == "unknown"]
        return [said(self.language, f"report.unwritten.{item.section}") for item in none]

    @property
    def sure(self) -> bool:
        """Whether all that leaving may lose is known, apart from what renewd can never know."""
        if self.aim == "move":
            return True
        return not any(item.state == "unknown" and not item.later and item.id != "secret" for item in self.report.items)

    @property
    def waits_until(self) -> date | None:
        """The day before which nothing of what is left can be done; None if something can be done now."""
        report = self.report
        if self.asked or report.next_step is not None:
            return None
        return min((day for item in report.items if item.blocks and (day := _day_of(item))), default=None)

    @property
    def too_late(self) -> date | None:
        """The day from which the phone can be unlocked, if that is after the last day to leave."""
        last = self.report.cancel_by
        days = [item.args["day"] for item in self.report.items if item.code == "device-locked"]
        return next((day for day in days if isinstance(day, date) and last is not None and day > last), None)

    @property
    def beside(self) -> str:
        """The account's other lines: `李梅、小王`."""
        return self.language.several([own(name) for name in self.report.call.beside])

    @property
    def carrier_name(self) -> str:
        """The carrier's name in the reader's language."""
        return own(text_of(self.carrier.name, self.language.code)) if self.carrier else ""

    @property
    def lock(self) -> str | None:
        """What must be off before a move, by the carrier's name for it."""
        return own(self.carrier.port_lock) if self.carrier and self.carrier.port_lock else None

    @property
    def holder(self) -> str | None:
        """The primary account holder, where that is not the owner."""
        return own(self.report.call.holder) if self.report.call.holder else None

    @property
    def account(self) -> str | None:
        """The account's number."""
        return self.shown("account", self.report.call.account)

    @property
    def email(self) -> str | None:
        """The address that signs in."""
        return self.shown("email", self.report.call.email)

    @property
    def imei(self) -> str | None:
        """The phone's IMEI; left out of mails."""
        imei = self.report.call.imei
        return None if imei is None or self.masked else KEEP + own(imei) + KEPT

    @property
    def channel_words(self) -> str:
        """The ways to cancel: `网站、电话`, `on the web and by phone`."""
        ways = self.carrier.channels if self.carrier else ()
        return self.language.several([KEEP + said(self.language, f"report.channel.{way}") + KEPT for way in ways])

    def shown(self, what: str, value: str | None) -> str | None:
        """Return words that somebody wrote as they may be shown; accounts and addresses shortened in mails."""
        if not value:
            return None
        if self.masked and what == "account":
            value = f"…{last_four(value)}"
        if self.masked and what == "email":
            value = f"{value[:1]}…@{value.rpartition('@')[2]}"
        return brief(value) if what in ("account", "reference") else own(value)


class CallView(PlanView):
    """The call: every field of `Call` by its name, before those of the report. What is masked is left blank."""

    def __init__(self, report: Readiness, language: Language, *, masked: bool, many: bool) -> None:
        super().__init__(report, language, masked=masked, many=many)
        self.call: Call = report.call._replace(account=None, number=None) if masked else report.call

    @property
    def after(self) -> bool:
        """Whether the carrier was asked already."""
        return self.call.after

    @property
    def number(self) -> str | None:
        """The line's number; left out of mails."""
        return KEEP + phone(self.call.number) + KEPT if self.call.number else None

    @property
    def account(self) -> str | None:
        """The account's number; left blank in mails."""
        return self.shown("account", self.call.account)

    @property
    def name_on_account(self) -> str | None:
        """The name to say, where it was written."""
        return own(self.call.name_on_account) if self.call.name_on_account else None

    @property
    def balance(self) -> object:
        """What is left on the account."""
        return self.call.balance


class ItemView(Named):
    """One item: its args by their names, then its fields, then the names of its plan."""

    def __init__(self, item: ChecklistItem, plan: PlanView) -> None:
        self.item = item
        self.language = plan.language
        self.many = plan.many
        self.today = plan.today
        self._plan = plan

    def find(self, key: str) -> object:
        """Return the value of a name."""
        if key in self.item.args:
            value = self.item.args[key]
            if key == "others" and isinstance(value, tuple):
                return self.language.several([own(str(name)) for name in value])
            if isinstance(value, str):
                return self._plan.shown(key, value) if key in _WORDS_OF_OTHERS else bare(value)
            return value
        own_value = super().find(key)
        return self._plan.find(key) if own_value is missing else own_value

    @property
    def done(self) -> bool:
        """Whether it is done."""
        return self.item.state == "done"

    @property
    def due(self) -> object:
        """The last good day."""
        return self.item.due

    @property
    def note(self) -> str | None:
        """The code of what is to be added."""
        return self.item.note

    @property
    def kind_words(self) -> str:
        """`验证码`, `codes`: what a service does with the number."""
        return said(self.language, f"mail.binding.{self.item.args['kind']}")

    @property
    def size_words(self) -> str:
        """`12 MB`; empty where the size is not known."""
        size = self.item.args.get("size")
        if not isinstance(size, int):
            return ""
        for unit in ("B", "KB", "MB", "GB"):  # the last one is kept
            if size < _KB or unit == "GB":
                break
            size //= _KB
        return KEEP + said(self.language, f"report.size.{unit}", n=size) + KEPT


class Turn(Named):
    """One view after another in the same template context: making a context is slow, and a report has many items."""

    def __init__(self, many: bool, language: Language) -> None:  # noqa: FBT001
        self.many = many
        self.language = language
        self._view: Named = self

    def of(self, view: Named) -> None:
        """Look names up in this view from now on."""
        self._view = view
        self.today = view.today
        self.known_names = view.known_names

    def find(self, key: str) -> object:
        """Return the value of a name."""
        return self._view.find(key)


def _day_of(item: ChecklistItem) -> date | None:
    """Return the day from which an item that waits can be done."""
    day = item.args.get("day")
    return day if item.code in ("pin", "device-locked") and isinstance(day, date) else None


def sign_of(item: ChecklistItem, report: Readiness) -> Sign:
    """Return how an item is drawn: "open" and "find" are in the way, "may" is not, "later" has its own time."""
    if item.state == "done":
        return "done"
    if item.blocks and not item.later and report.stage != "closed":
        return "find" if item.state == "unknown" else "open"
    if report.stage in ("requested", "confirmed") and item.section in ("cancelling", "after") and not item.later:
        over = item.due is not None and item.due <= report.on
        return "open" if item.act and (over or item.code in ("verify-closed", "final-bill")) else "later"
    if item.later or item.code == "account-secret":
        return "later"
    return "unknown" if item.state == "unknown" else "may"
