"""Whether a plan can be left, what is still in the way, and what comes first: all that a report says, as values.

Text, HTML, Markdown and JSON are rendered from a `Readiness` alone; sentences are `report.*` by the codes in
`renewd.domain.checklist_items`, and those listed here.
"""

# Annotations are values here: as text, each field of a named tuple would be compiled at every start.

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from renewd.domain import cancellation, cycles
from renewd.domain.cancellation import CancellationStage, Pin, WayOut, cancel_of, is_postpaid, way_out
from renewd.domain.carriers import CarrierFact, Contact
from renewd.domain.charging import may_fail
from renewd.domain.checklist import SECTIONS, checklist
from renewd.domain.checklist_items import ChecklistItem, SectionId
from renewd.domain.cycles import price_on
from renewd.domain.dates import DAY
from renewd.domain.findings import Findings
from renewd.domain.money import Money
from renewd.domain.plans import Household, Plan

Verdict = Literal["ready", "not-ready", "closed"]
_OPENINGS: dict[WayOut, str] = {
    "port": "say-port",
    "drop": "say-cancel",
    "move": "say-move",
    "lapse": "say-lapse",
    "undecided": "say-undecided",
}


class Section(NamedTuple):
    """One of the sections with its items; its state is that of the worst item that does not wait."""

    id: SectionId
    items: tuple[ChecklistItem, ...]

    @property
    def left(self) -> int:
        """The number of items that are in the way now."""
        return sum(item.blocks and not item.later for item in self.items)

    @property
    def state(self) -> Literal["open", "unknown", "later", "done"]:
        """Its state: "open" if something is in the way, else "unknown", "later" if something waits, or "done"."""
        if self.left:
            return "open"
        waiting = {("later" if item.later or item.state == "open" else item.state) for item in self.items}
        return "unknown" if "unknown" in waiting else "later" if "later" in waiting else "done"


class Point(NamedTuple):
    """A day of the timeline, with the sum that is charged or owed on it."""

    code: str
    day: date
    money: Money | None = None


class Call(NamedTuple):
    """What to have at hand for a call: whom to call, what to say, what to ask. What is not known is an empty string.

    With `after`, the move was asked for already, and `lines` has only what is to ask then. `holder` is a name; None if
    it is the owner or not known. Each line may use all of these fields as args.
    """

    hotlines: tuple[Contact, ...]
    codes: tuple[Contact, ...]
    channels: tuple[str, ...]
    lines: tuple[str, ...]  # codes, in the order in which they are said
    after: bool
    number: str | None
    account: str | None
    email: str | None
    holder: str | None
    imei: str | None
    iccid: str | None
    beside: tuple[str, ...]  # the names of the account's other lines
    name_on_account: str | None  # where it was written; a person's name is what the household calls them
    cancel_by: date | None
    balance: Money | None
    reference: str | None


class Readiness(NamedTuple):
    """A plan's report on a day. With `wanted` False, leaving was not asked for: "if you wanted to leave today".

    `left` counts what blocks, also what waits for its day, so that it never rises by a step that is done. `cancel_by`
    is the last day on which to leave (`last_day`), which avoids `charge_on`, whose sum is `wait_cost`; all None where
    nothing renews, it runs out unpaid, or the carrier has been asked. `taken`: autopay takes it, `doubtful`: but
    may fail to; `pays_before`: something is paid before it. `outstanding` is one Money a currency: unpaid bills, what
    is owed on the phone, the unpaid final bill; `at_least`: some unpaid bill has no known amount. `next_step`: first
    what cannot be repaired later, then the earliest due, then the order of sections, last the transfer PIN, which ends
    soon; None while all that is left waits, and once everything is done.
    """

    plan: Plan
    on: date
    wanted: bool
    stage: CancellationStage | None
    verdict: Verdict
    left: int
    sections: tuple[Section, ...]
    next_step: ChecklistItem | None
    cancel_by: date | None
    charge_on: date | None
    wait_cost: Money | None
    taken: bool
    doubtful: bool
    pays_before: bool
    outstanding: tuple[Money, ...]
    at_least: bool
    stops_on: date | None
    lost_on: date | None
    pin: Pin | None
    timeline: tuple[Point, ...]
    call: Call
    facts: tuple[tuple[str, CarrierFact], ...]  # topic and the carrier's fact that an item or the call rests on

    @property
    def items(self) -> tuple[ChecklistItem, ...]:
        """All items, in their order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def tied(self) -> tuple[str, ...]:
        """The services that still know a number which is gone."""
        if not cancellation.number_is_gone(self.plan, self.on):
            return ()
        return tuple(binding.service for binding in self.plan.bindings if binding.is_open)

    @property
    def todo(self) -> tuple[ChecklistItem, ...]:
        """What blocks, last what waits for its day. To turn autopay off is the leaving itself, and does not count."""
        items = (item for item in self.items if item.blocks and item.code != "autopay-off")
        return tuple(sorted(items, key=lambda item: item.later))


def readiness(plan: Plan, household: Household, findings: Findings, today: date) -> Readiness:
    """Return a plan's report as of `today`, a day in the plan's zone."""
    reached, wanted = cancellation.stage(plan, today), plan.cancel is not None
    plan = cancellation.as_it_would_end(plan)
    items = tuple(checklist(plan, household, findings, today))
    cancel = cancel_of(plan)
    asked = cancel.requested_on is not None or cancel.confirmed_on is not None
    runs_out = cancellation.ends_alone(plan) or cancellation.runs_out_unpaid(plan, today)
    no_day = asked or runs_out or reached == "closed"
    avoided = None if no_day else cancellation.avoided(plan, today)
    last = None if no_day else cancellation.last_day(plan, today)
    charge_on, taken = None, avoided is not None and cancellation.is_taken(plan, avoided)
    if avoided is not None:  # where nobody takes it, it is what one would pay
        charge_on = cycles.charge(plan, avoided) if taken else cycles.renewal(plan, avoided)
    price = price_on(plan, charge_on) if charge_on is not None and plan.every is not None else None
    if price == 0:
        charge_on = price = None  # nothing is taken, and nothing has to be paid
    amounts = [bill.amount for bill in plan.bills if bill.is_open]
    if cancel.final_bill is not None and cancel.final_bill.is_open:
        amounts.append(cancel.final_bill.amount)
    owed = sum((amount for amount in amounts if amount is not None), plan.device.owed or Decimal(0))
    pin = cancellation.pin(plan, today)
    stops = None if cancel.confirmed_on else cancellation.stops_on(plan, today)
    lost = None if asked else cancellation.lost_on(plan, today)
    return Readiness(
        plan=plan,
        on=today,
        wanted=wanted,
        stage=reached,
        verdict=_verdict(reached, items),
        left=sum(item.blocks for item in items),
        sections=_sections(plan, items),
        next_step=None if reached == "closed" else _next_step(items, asked=asked),
        cancel_by=last,
        charge_on=charge_on,
        wait_cost=plan.money(price),
        taken=taken,
        doubtful=taken and charge_on is not None and may_fail(plan, household, charge_on) is not None,
        pays_before=charge_on is not None and cancellation.pays_before(plan, today),
        outstanding=(plan.money(owed),) if owed else (),
        at_least=None in amounts,
        stops_on=stops,
        lost_on=lost,
        pin=pin,
        timeline=_timeline(plan, today, last, charge_on if taken else None, price, stops, lost, pin),
        call=_call(plan, household, today, last, pin),
        facts=_facts(plan, items),
    )


def _verdict(reached: CancellationStage | None, items: Sequence[ChecklistItem]) -> Verdict:
    if reached == "closed":
        return "closed"
    return "not-ready" if any(item.blocks for item in items) else "ready"


def verdict_changes(plan: Plan, household: Household, findings: Findings, first: date, last: date) -> Iterator[date]:
    """Iterate the days after `first`, up to `last`, on which the verdict changes though no fact does.

    A transfer PIN expires, a backup gets old, a line stops. Only a day that is over can change it, so only the days
    after those are looked at.
    """
    day, before = first, None
    while day <= last:
        items = tuple(checklist(plan, household, findings, day))
        verdict = _verdict(cancellation.stage(plan, day), items)
        if before not in (None, verdict) and verdict != "closed":
            yield day
        before = verdict
        ends = [item.due for item in items] + [cancellation.stops_on(plan, day), cancellation.runs_out_on(plan, day)]
        day = min((end for end in ends if end is not None and end >= day), default=last) + DAY


def _sections(plan: Plan, items: Sequence[ChecklistItem]) -> tuple[Section, ...]:
    """Return the sections in their order: all for a line, for anything else those that it has."""
    found = (Section(id=id_, items=tuple(item for item in items if item.section == id_)) for id_ in SECTIONS)
    return tuple(section for section in found if plan.is_line or section.items)


def _next_step(items: Sequence[ChecklistItem], *, asked: bool) -> ChecklistItem | None:
    """Return what to do first; None while all that is in the way waits for its day, and once everything is done."""

    def rank(item: ChecklistItem) -> tuple[bool, bool, bool, bool, date]:
        return (
            item.id != "decision",
            item.code not in ("line-stopped", "line-due"),
            not item.final,
            item.id == "pin",
            item.due or date.max,
        )

    def after(item: ChecklistItem) -> tuple[bool, bool, bool, date]:  # what ends up with a collector comes first
        is_bill = item.code in ("bill", "final-bill")
        return (not is_bill or item.note != "overdue", not item.final, not is_bill, item.due or date.max)

    blocking = [item for item in items if item.blocks and not item.later]
    open_ = [item for item in items if item.state == "open" and not item.later]
    if not asked:
        if blocking:
            return min(blocking, key=rank)  # of equals the first, in the order of sections
        if any(item.blocks for item in items):
            return None
        return next((item for item in items if item.id == "request" and item.state == "open"), None)
    final = [item for item in blocking if item.final]
    owed = [item for item in open_ if item.section in ("bills", "cancelling", "after")]
    waiting = [item for item in items if item.state == "open" and item.section == "after" and item.id != "undo"]
    return min([*final, *owed] or blocking or waiting, key=after, default=None)


def _timeline(
    plan: Plan,
    today: date,
    safe: date | None,
    charge_on: date | None,
    price: Decimal | None,
    stops: date | None,
    lost: date | None,
    pin: Pin | None,
) -> tuple[Point, ...]:
    cancel = cancel_of(plan)
    final, refund = cancel.final_bill, cancel.refund
    days: list[tuple[str, date | None, Decimal | None]] = [
        ("today", today, None),
        ("pin-from", pin.start if pin else None, None),
        ("pin-until", pin.until if pin and pin.fetched else None, None),
        ("safe", safe, None),
        ("charge", charge_on, price),
        ("by", cancel.by if cancel.requested_on is None else None, None),
        ("stops", stops, None),
        ("lost", lost, None),
        ("requested", cancel.requested_on, None),
        ("confirmed", cancel.confirmed_on, None),
        ("final-bill", final.due if final and final.paid_on is None else None, final.amount if final else None),
        (
            "refund",
            refund.expected if refund and refund.is_open else None,
            refund.amount if refund else None,
        ),
        ("undo", cancellation.undo_until(plan), None),
    ]
    points = [Point(code=code, day=day, money=plan.money(amount)) for code, day, amount in days if day is not None]
    return tuple(sorted(points, key=lambda point: point.day))


def _call(plan: Plan, household: Household, today: date, last: date | None, pin: Pin | None) -> Call:
    carrier, cancel, account = plan.carrier, cancel_of(plan), plan.account
    after = cancel.requested_on is not None or cancel.confirmed_on is not None
    held = plan.balance.amount if plan.balance and plan.balance.amount > 0 else None
    holder = household.people.get(account.holder or "")
    name = None if account.holder in (None, "me") else holder.name if holder else account.holder
    return Call(
        hotlines=carrier.hotlines if carrier else (),
        codes=carrier.codes if carrier else (),
        channels=carrier.channels if carrier else (),
        lines=()
        if not plan.is_line
        else _after_lines(plan)
        if after
        else _before_lines(plan, held=held is not None, pin=_is_good(pin, today)),
        after=after,
        number=plan.number,
        account=account.id,
        email=account.email,
        holder=name,
        imei=plan.device.imei,
        iccid=plan.sim.iccid,
        beside=tuple(household.label(other) for other in cancellation.lines_beside(plan, household)),
        name_on_account=account.holder if account.holder not in (None, "me") and holder is None else None,
        cancel_by=last,
        balance=plan.money(held),
        reference=cancel.reference,
    )


def _is_good(pin: Pin | None, today: date) -> bool:
    """Whether a transfer PIN was received and still works, as far as is known."""
    return pin is not None and pin.fetched and (pin.until is None or pin.until >= today)


def _before_lines(plan: Plan, *, held: bool, pin: bool) -> tuple[str, ...]:
    """Return what to say before the line is left; of an undecided number, nothing that ends its service."""
    cancel, carrier, way = cancel_of(plan), plan.carrier, way_out(plan)
    port, stays = cancel.number == "port", way == "move"
    lines = [_OPENINGS[way], "say-account"]
    if way not in ("move", "undecided"):
        lines.append("say-reason")
    known = plan.device.owed == 0 and plan.device.unlocked_on is not None
    if not stays and not known and (plan.device.imei or (carrier and "device" in carrier.facts)):
        lines.append("say-device")
    if port:
        lines += [] if cancel.lock_off_on else ["ask-lock-off"]
        lines += ["ask-not-cancel"] if pin else ["ask-pin", "ask-not-cancel"]
    if held and not stays:
        lines.append("say-balance")
    if carrier and "deposit" in carrier.facts and not stays:
        lines.append("say-deposit")
    if way == "undecided":
        return (*lines, "ask-reference")
    if not port:
        lines.append("ask-change" if stays else "ask-when")
    if plan.autopay and not stays:
        lines.append("ask-autopay-off")
    if is_postpaid(plan) and not stays:
        lines += ["ask-final-bill", "ask-address"]
    return (*lines, "ask-reference")


def _after_lines(plan: Plan) -> tuple[str, ...]:
    if cancel_of(plan).number == "move":
        return ("ask-new-price", "ask-written", "ask-reference")
    lines = ["say-moved" if cancel_of(plan).number == "port" else "ask-closed"]
    if lines == ["say-moved"]:
        lines.append("ask-closed")
    lines += ["ask-autopay-off", "ask-final-bill", "ask-written"]
    if is_postpaid(plan):
        lines.append("ask-zero-balance")
    return (*lines, "ask-reference")


def _facts(plan: Plan, items: Sequence[ChecklistItem]) -> tuple[tuple[str, CarrierFact], ...]:
    if plan.carrier is None:
        return ()
    topics = dict.fromkeys(item.topic for item in items if item.topic is not None)
    if "balance" in topics:
        topics["refund"] = None
    return tuple((topic, plan.carrier.facts[topic]) for topic in topics if topic in plan.carrier.facts)


def verdict_of(reports: Sequence[Readiness]) -> Verdict:
    """Return the verdict on several plans together: closed if each is, ready if none is in the way of leaving."""
    verdicts = {report.verdict for report in reports}
    return "not-ready" if "not-ready" in verdicts else "closed" if verdicts == {"closed"} else "ready"
