"""What stands between a plan and leaving it safely, step by step, in the order in which the steps must happen.

Every item has a sentence `report.item.CODE` and, where `note` is given, one more, `report.note.NOTE`; both are
filled with `args`. All codes are in `ITEM_CODES` and `NOTE_CODES`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from renewd.domain import cancellation, cycles
from renewd.domain.cancellation import cancel_of, is_postpaid, lapses, last_safe
from renewd.domain.cycles import pays_from
from renewd.domain.dates import DAY, nth
from renewd.domain.findings import Findings, Seen, item_id, last_made
from renewd.domain.plans import Backup, Binding, Household, Plan

SectionId = Literal[
    "number", "bindings", "bills", "balance", "backups", "documents", "device", "access", "port-out",
    "cancelling", "after",
]  # fmt: skip
SECTIONS: tuple[SectionId, ...] = get_args(SectionId)

ItemState = Literal["open", "done", "unknown"]

CREDIT_DAYS = 90  # after leaving: the credit report shows by then what went to a collector
ANSWER_DAYS = 3  # after a request: a confirmation that has not come is worth a call

ITEM_CODES: Mapping[str, tuple[str, ...]] = {
    # number
    "number-undecided": (),  # open: port, drop or move? note: edit-number
    "number-port": (), "number-drop": (), "number-move": (),  # done; move: stays, on a cheaper plan
    "line-works": (), "line-stopped": ("day",),  # done; open: off since `day` (a stopped line cannot be ported)
    # bindings; kind is "2fa", "login", "payment" or "contact"
    "binding": ("service", "kind"),  # open (notes: binding-critical, binding-can-wait, binding-stays) or done (moved)
    "bindings-none": (),  # unknown: none is written down
    # bills
    "bill": ("what", "money"),  # money may be None. open (notes: due, overdue, no-due) or done (paid)
    "bills-none": (),  # done
    # balance
    "balance-left": ("money", "day"),  # open (notes: balance-refundable, balance-forfeited, balance-unsure)
    "balance-empty": ("day",), "balance-none": (),  # done: 0 on `day`; postpaid
    "balance-unknown": (),  # unknown: a prepaid line may hold money
    "deposit": (),  # open: ask for it (note: deposit-days) or done
    # backups; made may be None, size in bytes may be None
    "backup": ("what", "made", "age", "fresh", "size"),  # notes: fresh, stale, no-file, denied, slow, never, future
    "backups-none": (),  # unknown
    # documents
    "document": ("what",),  # open (note: keep) or done (notes: kept, found)
    "documents-none": (),  # unknown
    # device
    "device-owed": ("money",), "device-paid": (), "device-owed-unknown": (),
    "device-locked": ("day",),  # open; day, when it may be unlocked, may be None (notes: unlock-from, unlock-now)
    "device-unlocked": ("day",), "device-lock-unknown": (),
    # access
    "account-id": ("account",), "account-id-missing": (),
    "account-email": ("email",), "account-email-missing": (),
    "holder-me": (), "holder": ("holder",), "holder-unknown": (),  # note on holder: only-holder
    "account-secret": (),  # unknown: the account's PIN or password, which renewd never knows: have it at hand
    # port-out
    "port-not-needed": (), "port-undecided": (), "port-asked": ("day",),  # done; unknown; done
    "lock": ("lock",),  # lock: the carrier's name for it, None where not known. open or done (note: lock-off)
    "pin": ("life", "day"),  # open: fetch one (notes: pin-from, pin-now); life in days may be None
    "pin-good": ("day", "left"),  # done: works through `day`, `left` more days after today
    "pin-expired": ("day",),  # open: its last day was `day`
    "pin-life-unknown": ("got",),  # unknown: received on `got`, nobody published how long it works
    # cancelling
    "channel": ("channels",),  # done, a fact: web, app, phone, chat, support, store, lapse, port-out
    "channel-unknown": (),  # unknown
    "autopay-off": (),  # open or done
    "request-port": (), "request-cancel": (), "request-move": (), "let-lapse": ("day",),  # open; day may be None
    "requested": ("day", "reference"),  # done; reference may be None (note: ask-reference)
    "verify-closed": (),  # open, port: confirm that the line is closed and autopay is off
    # after
    "confirmation": ("day",),  # open (day: since when it has been waited for, or None) or done (confirmed on)
    "final-bill-wait": (), "final-bill": ("money", "day"), "final-bill-none": (),
    "refund-wait": ("money", "day"), "refund-here": ("money", "day"),
    "credit-check": ("day",),  # open, postpaid; day may be None
    "undo": ("day",), "undo-over": ("day",), "undo-unknown": (),  # brought back until
    "sim-last": ("kind",),  # open: cut or recycle the SIM, delete the eSIM, last of all; kind "esim" or "physical"
}  # fmt: skip
"""Every code of an item, with the args that its sentence may use; `code` is the sentence's key in report.toml."""

NOTE_CODES: tuple[str, ...] = (
    "edit-number", "binding-critical", "binding-can-wait", "binding-stays", "moved",
    "due", "overdue", "no-due", "paid", "balance-refundable", "balance-forfeited", "balance-unsure", "deposit-days",
    "fresh", "stale", "no-file", "denied", "slow", "never", "future", "keep", "kept", "found",
    "unlock-from", "unlock-now", "edit-device", "edit-account", "edit-holder", "only-holder", "lock-off",
    "pin-from", "pin-now", "ask-reference", "not-by-itself", "keep-card", "before-the-number-goes", "turn-off-first",
)  # fmt: skip
"""Every code of a note; the args are the item's, and `by` (edit-*: the key to write), `on` (paid, moved, kept …)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One thing of a section: done, open, or unknown, which is not done.

    `blocking`: it must be done before the line may be left. `later`: it need not or cannot be done yet. `due` is
    the last good day. `act` is the command that records it, or None. `final`: what cannot be repaired once the
    line is left. `topic` is the carrier's fact (`Carrier.facts`) that it rests on.
    """

    id: str  # within its section: "binding:3fa1c9d2", "pin"
    section: SectionId
    code: str
    state: ItemState
    args: Mapping[str, object] = field(default_factory=dict)
    note: str | None = None
    blocking: bool = False
    later: bool = False
    due: date | None = None
    act: str | None = None
    final: bool = False
    topic: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether it is what stands in the way."""
        return self.blocking and self.state != "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistContext:
    """What the sections are asked about: a plan, its household, what was found on disk, and the day."""

    plan: Plan
    household: Household
    findings: Findings
    today: date

    @property
    def leaves_number(self) -> bool:
        """Whether the number leaves this carrier, or may: it is not decided that the line stays."""
        return cancel_of(self.plan).number != "move"

    @property
    def asked(self) -> bool:
        """Whether the carrier was asked, or has confirmed: what had to come before that is over."""
        cancel = cancel_of(self.plan)
        return cancel.requested_on is not None or cancel.confirmed_on is not None

    def mark(self, what: str, item: str | None = None) -> str:
        """Give the command that records a fact of this plan."""
        return shlex.join(["renewd", "mark", self.plan.id, what, *([item] if item else [])])


def checklist(plan: Plan, household: Household, findings: Findings, today: date) -> Iterator[ChecklistItem]:
    """Iterate the items of all sections in the order of `SECTIONS`, as things stand on `today`."""
    look = ChecklistContext(plan=plan, household=household, findings=findings, today=today)
    for section in (
        _number, _bindings, _bills, _balance, _backups, _documents, _device, _access, _port_out, _cancelling, _after,
    ):  # fmt: skip
        yield from section(look)


def _number(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, choice = look.plan, cancel_of(look.plan).number
    safe = last_safe(plan, look.today)
    if choice is None:
        yield ChecklistItem(
            id="decision", section="number", code="number-undecided", state="open", note="edit-number",
            args={"by": f"plan.{plan.id}.cancel.number"}, blocking=not look.asked, final=True,
            due=safe.day if safe else None,
        )  # fmt: skip
    else:
        yield ChecklistItem(id="decision", section="number", code=f"number-{choice}", state="done")
    stops = cancellation.stops_on(plan)
    unpaid = cycles.unpaid_from(plan)
    if unpaid is None or stops is None or stops >= look.today or look.asked:
        yield ChecklistItem(id="line", section="number", code="line-works", state="done")
    else:
        yield ChecklistItem(
            id="line", section="number", code="line-stopped", state="open", args={"day": stops},
            blocking=choice == "port", act=look.mark("renewed"), due=cancellation.lost_on(plan), final=choice == "port",
        )  # fmt: skip


def _bindings(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan = look.plan
    by = cancellation.bindings_by(plan, look.today)
    for binding in sorted(plan.bindings, key=lambda one: not one.critical):
        yield _binding(look, binding, by)
    if not plan.bindings:
        yield ChecklistItem(id="none", section="bindings", code="bindings-none", state="unknown")


def _binding(look: ChecklistContext, binding: Binding, by: date | None) -> ChecklistItem:
    id_, args = f"binding:{item_id(binding.service)}", {"service": binding.service, "kind": binding.kind}
    if binding.moved_on is not None:
        return ChecklistItem(
            id=id_, section="bindings", code="binding", state="done", note="moved",
            args={**args, "on": binding.moved_on},
        )  # fmt: skip
    blocking = binding.critical and look.leaves_number
    note = "binding-critical" if blocking else "binding-can-wait" if look.leaves_number else "binding-stays"
    return ChecklistItem(
        id=id_, section="bindings", code="binding", state="open", args=args, note=note, blocking=blocking,
        later=not blocking, due=by if blocking else None, act=look.mark("moved", binding.service), final=blocking,
    )  # fmt: skip


def _bills(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan = look.plan
    for bill in plan.bills:
        args: dict[str, object] = {
            "what": bill.what, "money": plan.money(bill.amount),
        }  # fmt: skip
        id_ = f"bill:{item_id(bill.what)}"
        if bill.paid_on is not None:
            yield ChecklistItem(
                id=id_, section="bills", code="bill", state="done", args={**args, "on": bill.paid_on}, note="paid"
            )
            continue
        note = "no-due" if bill.due is None else "overdue" if bill.due < look.today else "due"
        yield ChecklistItem(
            id=id_, section="bills", code="bill", state="open", args={**args, "day": bill.due}, note=note,
            blocking=True, due=bill.due, act=look.mark("paid", bill.what),
        )  # fmt: skip
    if not plan.bills:
        yield ChecklistItem(id="none", section="bills", code="bills-none", state="done")


def _balance(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, carrier = look.plan, look.plan.carrier
    held = pays_from(plan) or plan.balance
    if held is not None and held.amount > 0:
        refundable = carrier.refundable if carrier else None
        notes = {True: "balance-refundable", False: "balance-forfeited", None: "balance-unsure"}
        yield ChecklistItem(
            id="balance", section="balance", code="balance-left", state="open", note=notes[refundable],
            args={"money": plan.money(held.amount), "day": held.on}, topic="balance", later=look.asked,
            act=f"{look.mark('balance')} --amount 0",
        )  # fmt: skip
    elif held is not None:
        yield ChecklistItem(id="balance", section="balance", code="balance-empty", state="done", args={"day": held.on})
    elif is_postpaid(plan):
        yield ChecklistItem(id="balance", section="balance", code="balance-none", state="done")
    else:
        yield ChecklistItem(id="balance", section="balance", code="balance-unknown", state="unknown", topic="balance")
    if carrier is not None and "deposit" in carrier.facts:
        refund = cancel_of(plan).refund
        done = refund is not None
        yield ChecklistItem(
            id="deposit", section="balance", code="deposit", state="done" if done else "open", topic="deposit",
            note="deposit-days" if carrier.refund_days and not done else None, args={"days": carrier.refund_days},
            later=True,
        )  # fmt: skip


def _backups(look: ChecklistContext) -> Iterator[ChecklistItem]:
    for backup in look.plan.backups:
        yield _backup(look, backup)
    if not look.plan.backups:
        yield ChecklistItem(id="none", section="backups", code="backups-none", state="unknown")


def _backup(look: ChecklistContext, backup: Backup) -> ChecklistItem:
    made = last_made(look.plan, backup, look.findings)
    seen = look.findings.seen.get((look.plan.id, "backup", backup.what), Seen())
    stale = nth(made, backup.fresh, 1) if made is not None else None
    state: ItemState = "unknown"
    if made is not None and made > look.today + DAY:  # a clock that ran ahead, or a slip: it says nothing
        note = "future"
    elif stale is not None:
        state = "done" if stale >= look.today else "open"
        note = "fresh" if state == "done" else "stale"
    elif seen.why is not None:
        state = "open" if seen.why == "none" else "unknown"
        note = {"none": "no-file", "denied": "denied", "slow": "slow"}[seen.why]
    else:
        note = "never"
        state = "open" if backup.path is None else "unknown"
    return ChecklistItem(
        id=f"backup:{item_id(backup.what)}", section="backups", code="backup", state=state, note=note, blocking=True,
        args={
            "what": backup.what, "made": made, "age": (look.today - made).days if made else None,
            "fresh": backup.fresh, "size": seen.size if seen.day is not None and seen.day == made else None,
        },
        due=stale if state == "done" else None, act=look.mark("backed-up", backup.what),
    )  # fmt: skip


def _documents(look: ChecklistContext) -> Iterator[ChecklistItem]:
    for document in look.plan.documents:
        seen = look.findings.seen.get((look.plan.id, "document", document.what), Seen())
        on = document.kept_on or seen.day
        note = "keep" if on is None else "kept" if document.kept_on else "found"
        yield ChecklistItem(
            id=f"document:{item_id(document.what)}", section="documents", code="document", note=note, blocking=True,
            state="open" if on is None else "done", args={"what": document.what, "on": on},
            act=look.mark("kept", document.what) if on is None else None,
        )  # fmt: skip
    if not look.plan.documents:
        yield ChecklistItem(id="none", section="documents", code="documents-none", state="unknown")


def _device(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, device = look.plan, look.plan.device
    written = device.imei is not None or device.owed is not None or device.unlock_on is not None
    matters = is_postpaid(plan) or written
    if device.owed is None:
        yield ChecklistItem(
            id="owed", section="device", code="device-owed-unknown", state="unknown", blocking=matters,
            note="edit-device", args={"by": f"plan.{plan.id}.device.owed"}, topic="device",
        )  # fmt: skip
    elif device.owed > 0:
        yield ChecklistItem(
            id="owed", section="device", code="device-owed", state="open", args={"money": plan.money(device.owed)},
            blocking=True, topic="device",
        )  # fmt: skip
    else:
        yield ChecklistItem(id="owed", section="device", code="device-paid", state="done")
    if device.unlocked_on is not None:
        yield ChecklistItem(
            id="lock", section="device", code="device-unlocked", state="done", args={"day": device.unlocked_on}
        )
    elif device.unlock_on is not None:
        can = device.unlock_on <= look.today
        yield ChecklistItem(
            id="lock", section="device", code="device-locked", state="open", args={"day": device.unlock_on},
            note="unlock-now" if can else "unlock-from", blocking=True, final=True, topic="unlock",
            act=look.mark("unlocked"),
        )  # fmt: skip
    else:
        yield ChecklistItem(
            id="lock", section="device", code="device-lock-unknown", state="unknown", blocking=matters,
            act=look.mark("unlocked"), topic="unlock",
        )  # fmt: skip


def _access(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, account = look.plan, look.plan.account
    wanted = not look.asked and (not lapses(plan) or cancel_of(plan).number == "port")
    for id_, value, code in (("id", account.id, "account-id"), ("email", account.email, "account-email")):
        name = code.removeprefix("account-").replace("id", "account")
        if value:
            yield ChecklistItem(id=id_, section="access", code=code, state="done", args={name: value})
        else:
            yield ChecklistItem(
                id=id_, section="access", code=f"{code}-missing", state="unknown", blocking=wanted,
                note="edit-account", args={"by": f"plan.{plan.id}.account.{id_}"},
            )  # fmt: skip
    if account.holder is None:
        yield ChecklistItem(
            id="holder", section="access", code="holder-unknown", state="unknown",
            blocking=wanted and is_postpaid(plan), note="edit-holder", args={"by": f"plan.{plan.id}.account.holder"},
        )  # fmt: skip
    elif account.holder == "me":
        yield ChecklistItem(id="holder", section="access", code="holder-me", state="done")
    else:
        person = look.household.people.get(account.holder)
        yield ChecklistItem(
            id="holder", section="access", code="holder", state="done", note="only-holder",
            args={"holder": person.name if person else account.holder},
        )  # fmt: skip
    yield ChecklistItem(id="secret", section="access", code="account-secret", state="unknown", later=look.asked)


def _port_out(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, cancel = look.plan, cancel_of(look.plan)
    if cancel.number is None and not look.asked:
        yield ChecklistItem(id="port", section="port-out", code="port-undecided", state="unknown", later=True)
    elif cancel.number != "port":
        yield ChecklistItem(id="port", section="port-out", code="port-not-needed", state="done")
    elif look.asked:
        yield ChecklistItem(
            id="port", section="port-out", code="port-asked", state="done",
            args={"day": cancel.requested_on or cancel.confirmed_on},
        )  # fmt: skip
    else:
        lock = plan.carrier.port_lock if plan.carrier else None
        start = pin.start if (pin := cancellation.pin(plan, look.today)) and not pin.fetched else look.today
        waits = start > look.today
        if cancel.lock_off_on is not None:
            yield ChecklistItem(
                id="lock", section="port-out", code="lock", state="done", note="lock-off",
                args={"lock": lock, "on": cancel.lock_off_on},
            )  # fmt: skip
        else:
            yield ChecklistItem(
                id="lock", section="port-out", code="lock", state="open" if lock else "unknown", args={"lock": lock},
                blocking=lock is not None, later=waits or lock is None, act=look.mark("lock-off"), topic="port_out",
            )  # fmt: skip
        yield _pin(look, start)


def _pin(look: ChecklistContext, start: date) -> ChecklistItem:
    plan, got = look.plan, cancel_of(look.plan).pin_on
    life = plan.carrier.pin_days if plan.carrier else None
    until = cancellation.pin_until(plan)
    if got is None:
        waits = start > look.today
        safe = last_safe(plan, look.today)
        return ChecklistItem(
            id="pin", section="port-out", code="pin", state="open", args={"life": life, "day": start},
            note="pin-from" if waits else "pin-now", blocking=True, later=waits, act=look.mark("pin"),
            due=safe.day if safe else None, topic="port_out",
        )  # fmt: skip
    if until is None:
        return ChecklistItem(id="pin", section="port-out", code="pin-life-unknown", state="unknown", args={"got": got})
    if until < look.today:
        return ChecklistItem(
            id="pin", section="port-out", code="pin-expired", state="open", args={"day": until, "life": life},
            blocking=True, act=look.mark("pin"), topic="port_out",
        )  # fmt: skip
    return ChecklistItem(
        id="pin", section="port-out", code="pin-good", state="done", due=until, topic="port_out",
        args={"day": until, "left": (until - look.today).days},
    )  # fmt: skip


def _cancelling(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, cancel = look.plan, cancel_of(look.plan)
    safe = last_safe(plan, look.today)
    due = safe.day if safe else None
    if plan.carrier is None or not plan.carrier.channels:
        yield ChecklistItem(id="channel", section="cancelling", code="channel-unknown", state="unknown", later=True)
    else:
        yield ChecklistItem(
            id="channel", section="cancelling", code="channel", state="done", topic="cancel",
            args={"channels": plan.carrier.channels},
        )  # fmt: skip
    if lapses(plan):
        yield ChecklistItem(
            id="autopay", section="cancelling", code="autopay-off", state="open" if plan.autopay else "done",
            blocking=plan.autopay, due=due if plan.autopay else None, note="turn-off-first" if plan.autopay else None,
        )  # fmt: skip
        if not look.asked:
            yield ChecklistItem(
                id="request", section="cancelling", code="let-lapse", state="open", later=True,
                args={"day": cancellation.stops_on(plan)},
            )  # fmt: skip
    elif not look.asked:
        how = {"port": "request-port", "move": "request-move"}.get(cancel.number or "", "request-cancel")
        yield ChecklistItem(
            id="request", section="cancelling", code=how, state="open", later=True, due=due,
            act=look.mark("requested"), topic="cancel", note="before-the-number-goes" if how == "request-port" else None,
        )  # fmt: skip
    if look.asked:
        yield ChecklistItem(
            id="request", section="cancelling", code="requested", state="done",
            args={"day": cancel.requested_on or cancel.confirmed_on, "reference": cancel.reference},
            note=None if cancel.reference else "ask-reference",
        )  # fmt: skip
    if cancel.number == "port" and cancel.confirmed_on is None:
        closes = plan.carrier is not None and plan.carrier.port_closes
        yield ChecklistItem(
            id="verify", section="cancelling", code="verify-closed", state="open", later=not look.asked,
            note=None if closes else "not-by-itself", act=look.mark("confirmed") if look.asked else None,
        )  # fmt: skip


def _after(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, cancel = look.plan, cancel_of(look.plan)
    confirmed = cancel.confirmed_on
    if not lapses(plan):
        waits = cancel.requested_on is None
        yield ChecklistItem(
            id="confirmation", section="after", code="confirmation", state="open" if confirmed is None else "done",
            args={"day": confirmed or cancel.requested_on}, later=waits,
            due=None if cancel.requested_on is None or confirmed else cancel.requested_on + ANSWER_DAYS * DAY,
            act=None if waits or confirmed else look.mark("confirmed"),
        )  # fmt: skip
    yield _final_bill(look)
    if (refund := cancel.refund) is not None:
        money = plan.money(refund.amount)
        here = refund.received_on is not None
        yield ChecklistItem(
            id="refund", section="after", code="refund-here" if here else "refund-wait", due=refund.expected,
            state="done" if here else "open", args={"money": money, "day": refund.received_on or refund.expected},
            later=not here and (refund.expected is None or refund.expected > look.today),
            act=None if here else look.mark("refunded"),
        )  # fmt: skip
    if is_postpaid(plan):
        day = confirmed + CREDIT_DAYS * DAY if confirmed else None
        yield ChecklistItem(
            id="credit", section="after", code="credit-check", state="open", args={"day": day}, due=day,
            later=day is None or day > look.today,
        )  # fmt: skip
    yield from _undo(look)
    yield ChecklistItem(
        id="sim", section="after", code="sim-last", state="open", later=confirmed is None,
        args={"kind": plan.sim.kind or "physical"},
    )  # fmt: skip


def _final_bill(look: ChecklistContext) -> ChecklistItem:
    plan, final = look.plan, cancel_of(look.plan).final_bill
    if final is None or (final.amount is None and final.paid_on is None and final.due is None):
        if not is_postpaid(plan) and plan.carrier is not None:
            return ChecklistItem(id="final-bill", section="after", code="final-bill-none", state="done")
        return ChecklistItem(
            id="final-bill", section="after", code="final-bill-wait", state="open", topic="final_bill",
            later=cancel_of(plan).confirmed_on is None, note="keep-card",
            act=f"{look.mark('final-bill')} --amount 12.34" if cancel_of(plan).confirmed_on else None,
        )  # fmt: skip
    paid = final.paid_on is not None or final.amount == 0
    note = "paid" if final.paid_on else "overdue" if final.due and final.due < look.today else "due"
    return ChecklistItem(
        id="final-bill", section="after", code="final-bill", state="done" if paid else "open",
        args={
            "money": plan.money(final.amount), "day": final.due,
            "on": final.paid_on,
        },
        note=None if paid and not final.paid_on else note if final.due or final.paid_on else "no-due",
        due=None if paid else final.due, act=None if paid else look.mark("paid", "final"),
    )  # fmt: skip


def _undo(look: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, cancel = look.plan, cancel_of(look.plan)
    if cancel.number == "port" or cancel.confirmed_on is None:
        return
    until = cancellation.undo_until(plan)
    if until is None:
        yield ChecklistItem(
            id="undo", section="after", code="undo-unknown", state="unknown", later=True, topic="reactivate"
        )
        return
    over = until < look.today
    yield ChecklistItem(
        id="undo", section="after", code="undo-over" if over else "undo", state="done" if over else "open",
        args={"day": until}, due=None if over else until, later=True, topic="reactivate",
    )  # fmt: skip
