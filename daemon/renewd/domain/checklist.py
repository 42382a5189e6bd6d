"""What stands between a plan and leaving it safely, step by step, in the order in which the steps must happen.

This module has everything up to the request: the number, what hangs on it, what is owed, what to keep. Porting out,
canceling and what follows are in `checklist_leaving`. The rules are in docs/rules.md#leaving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Literal

from renewd.domain import cancellation, cycles
from renewd.domain.cancellation import cancel_of, is_postpaid, lapses
from renewd.domain.checklist_items import ChecklistContext, ChecklistItem, ItemState, SectionId
from renewd.domain.checklist_leaving import after, canceling, port_out
from renewd.domain.cycles import pays_from
from renewd.domain.dates import DAY, nth
from renewd.domain.findings import Findings, Seen, item_id, last_made
from renewd.domain.plans import Backup, Binding, Household, Plan


def checklist(plan: Plan, household: Household, findings: Findings, today: date) -> Iterator[ChecklistItem]:
    """Iterate the items of all sections in the order of `SECTIONS`, as things stand on `today`."""
    context = ChecklistContext(plan=plan, household=household, findings=findings, today=today)
    for section, items in SECTIONS.items():
        if plan.is_line or section not in _OF_A_LINE_ONLY:
            yield from items(context)


def _number(context: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, choice = context.plan, cancel_of(context.plan).number
    if choice is None:
        yield ChecklistItem(
            id="decision", section="number", code="number-undecided", state="open", note="edit-number",
            args={"by": f"plan.{plan.id}.cancel.number"}, blocking=not context.asked, final=True,
            due=cancellation.last_day(plan, context.today), act=f"{context.mark('leaving')} --number port",
        )  # fmt: skip
    else:
        yield ChecklistItem(id="decision", section="number", code=f"number-{choice}", state="done")
    stops = cancellation.stops_on(plan, context.today)
    unpaid = cycles.unpaid_from(plan)
    if context.over:
        yield ChecklistItem(id="line", section="number", code="line-ended", state="done")
    elif unpaid is None or stops is None or stops >= context.today or context.asked:
        yield ChecklistItem(id="line", section="number", code="line-works", state="done")
    else:
        code = "line-due" if cancellation.is_postpaid(plan) else "line-stopped"
        yield ChecklistItem(
            id="line", section="number", code=code, state="open", args={"day": stops},
            blocking=choice == "port", act=context.mark("renewed"), due=cancellation.lost_on(plan, context.today), final=choice == "port",
        )  # fmt: skip


def _bindings(context: ChecklistContext) -> Iterator[ChecklistItem]:
    plan = context.plan
    days = (cancellation.bindings_by(plan, context.today), cancellation.last_day(plan, context.today))
    by = min((day for day in days if day is not None), default=None)
    for binding in sorted(plan.bindings, key=lambda one: not one.critical):
        yield _binding(context, binding, by)
    if not plan.bindings:
        open_ = context.needs("bindings")
        yield ChecklistItem(
            id="none", section="bindings", code="bindings-none", state="unknown" if open_ else "done", due=by if open_ else None,
            blocking=open_ and context.leaves_number and not context.over, final=True, later=not context.leaves_number,
            act=context.mark("checked", "bindings") if context.plan.cancel and open_ else None,
        )  # fmt: skip


def _binding(context: ChecklistContext, binding: Binding, by: date | None) -> ChecklistItem:
    id_, args = f"binding:{item_id(binding.service)}", {"service": binding.service, "kind": binding.kind}
    if binding.moved_on is not None:
        return ChecklistItem(
            id=id_, section="bindings", code="binding", state="done", note="moved",
            args={**args, "on": binding.moved_on},
        )  # fmt: skip
    gone = cancellation.number_is_gone(context.plan, context.today)
    if context.over or gone:
        return ChecklistItem(
            id=id_, section="bindings", code="binding", state="open", args=args, blocking=gone, final=gone,
            note="binding-dead" if gone else "binding-ported", act=context.mark("moved", binding.service),
        )  # fmt: skip
    blocking = binding.critical and context.leaves_number
    note = "binding-critical" if blocking else "binding-can-wait" if context.leaves_number else "binding-stays"
    return ChecklistItem(
        id=id_, section="bindings", code="binding", state="open", args=args, note=note, blocking=blocking,
        later=not blocking, due=by if blocking else None, act=context.mark("moved", binding.service), final=blocking,
    )  # fmt: skip


def _bills(context: ChecklistContext) -> Iterator[ChecklistItem]:
    plan = context.plan
    for bill in plan.bills:
        args: dict[str, object] = {
            "what": bill.what, "money": plan.money(bill.amount),
        }  # fmt: skip
        id_ = f"bill:{item_id(bill.what)}"
        if not bill.is_open:
            note = "paid" if bill.paid_on is not None else None
            yield ChecklistItem(
                id=id_, section="bills", code="bill", state="done", args={**args, "on": bill.paid_on}, note=note
            )
            continue
        note = "no-due" if bill.due is None else "overdue" if bill.due < context.today else "due"
        yield ChecklistItem(
            id=id_, section="bills", code="bill", state="open", args={**args, "day": bill.due}, note=note,
            blocking=True, due=bill.due, act=context.mark("paid", bill.what),
        )  # fmt: skip
    if not plan.bills:
        yield ChecklistItem(id="none", section="bills", code="bills-none", state="done")


def _balance(context: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, carrier = context.plan, context.plan.carrier
    held = pays_from(plan) or plan.balance
    if held is not None and held.amount > 0:
        refundable = carrier.refundable if carrier else None
        notes = {True: "balance-refundable", False: "balance-forfeited", None: "balance-unsure"}
        yield ChecklistItem(
            id="balance", section="balance", code="balance-left", state="open", note=notes[refundable],
            args={"money": plan.money(held.amount), "day": held.on}, topic="balance",
            later=context.asked or not context.leaves_number,
            act=f"{context.mark('balance')} --amount 0",
        )  # fmt: skip
    elif held is not None:
        yield ChecklistItem(id="balance", section="balance", code="balance-empty", state="done", args={"day": held.on})
    elif is_postpaid(plan):
        yield ChecklistItem(id="balance", section="balance", code="balance-none", state="done")
    else:
        yield ChecklistItem(id="balance", section="balance", code="balance-unknown", state="unknown", topic="balance")
    if carrier is not None and "deposit" in carrier.facts and context.leaves_number:
        refund = cancel_of(plan).refund
        done = refund is not None
        yield ChecklistItem(
            id="deposit", section="balance", code="deposit", state="done" if done else "open", topic="deposit",
            note="deposit-days" if carrier.refund_days and not done else None, args={"days": carrier.refund_days},
            later=True,
        )  # fmt: skip


def _none(context: ChecklistContext, what: Literal["backups", "documents"]) -> ChecklistItem:
    """Return the item of a section in which nothing is written: unknown until somebody has thought of it."""
    done = not context.needs(what)
    return ChecklistItem(
        id="none", section=what, code=f"{what}-none", state="done" if done else "unknown",
        act=None if done or context.plan.cancel is None else context.mark("checked", what),
    )  # fmt: skip


def _backups(context: ChecklistContext) -> Iterator[ChecklistItem]:
    for backup in context.plan.backups:
        yield _backup(context, backup)
    if not context.plan.backups:
        yield _none(context, "backups")


def _backup(context: ChecklistContext, backup: Backup) -> ChecklistItem:
    made = last_made(context.plan, backup, context.findings)
    seen = context.findings.seen.get((context.plan.id, "backup", backup.what), Seen())
    stale = nth(made, backup.fresh, 1) if made is not None else None
    state: ItemState = "unknown"
    if made is not None and made > context.today + DAY:  # a clock that ran ahead, or a slip: it says nothing
        note = "future"
    elif stale is not None:
        state = "done" if stale >= context.today else "open"
        note = "fresh" if state == "done" else "stale"
    elif seen.why is not None:
        state = "open" if seen.why in ("none", "empty") else "unknown"
        note = {"none": "no-file", "empty": "empty", "denied": "denied", "slow": "slow"}[seen.why]
    else:
        note = "never"
        state = "open" if backup.path is None else "unknown"
    return ChecklistItem(
        id=f"backup:{item_id(backup.what)}", section="backups", code="backup", state=state, note=note,
        blocking=context.leaves_number and not context.over,
        args={
            "what": backup.what, "made": made, "age": (context.today - made).days if made else None,
            "fresh": backup.fresh, "size": seen.size if seen.day is not None and seen.day == made else None,
        },
        due=stale if state == "done" else None, act=context.mark("backed-up", backup.what),
    )  # fmt: skip


def _documents(context: ChecklistContext) -> Iterator[ChecklistItem]:
    for document in context.plan.documents:
        seen = context.findings.seen.get((context.plan.id, "document", document.what), Seen())
        on = document.kept_on or seen.day
        note = "keep" if on is None else "kept" if document.kept_on else "found"
        yield ChecklistItem(
            id=f"document:{item_id(document.what)}", section="documents", code="document", note=note,
            blocking=context.leaves_number and not context.over,
            state="open" if on is None else "done", args={"what": document.what, "on": on},
            act=context.mark("kept", document.what) if on is None else None,
        )  # fmt: skip
    if not context.plan.documents:
        yield _none(context, "documents")


def _device(context: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, device = context.plan, context.plan.device
    written = device.imei is not None or device.owed is not None or device.unlock_on is not None
    matters = (is_postpaid(plan) or written) and context.leaves_number
    locked = matters and not context.over
    if device.owed is None and not context.leaves_number:
        yield ChecklistItem(id="owed", section="device", code="device-stays", state="done")
    elif device.owed is None:
        yield ChecklistItem(
            id="owed", section="device", code="device-owed-unknown", state="unknown", blocking=locked,
            note="edit-device", args={"by": f"plan.{plan.id}.device.owed"}, topic="device",
        )  # fmt: skip
    elif device.owed > 0:
        yield ChecklistItem(
            id="owed", section="device", code="device-owed", state="open", args={"money": plan.money(device.owed)},
            blocking=matters, topic="device",
        )  # fmt: skip
    else:
        yield ChecklistItem(id="owed", section="device", code="device-paid", state="done")
    if not context.leaves_number:
        return
    if device.unlocked_on is not None:
        yield ChecklistItem(
            id="lock", section="device", code="device-unlocked", state="done", args={"day": device.unlocked_on}
        )
    elif device.unlock_on is not None:
        can, over = device.unlock_on <= context.today, context.over
        yield ChecklistItem(
            id="lock", section="device", code="device-locked", state="open", args={"day": device.unlock_on},
            note="unlock-still" if over else "unlock-now" if can else "unlock-from", blocking=locked, final=True,
            topic="unlock", later=not can and not over,
            act=context.mark("unlocked"),
        )  # fmt: skip
    else:
        yield ChecklistItem(
            id="lock", section="device", code="device-lock-unknown", state="unknown", blocking=locked,
            act=context.mark("unlocked"), topic="unlock",
        )  # fmt: skip


def _access(context: ChecklistContext) -> Iterator[ChecklistItem]:
    plan, account = context.plan, context.plan.account
    wanted = plan.is_line and not context.asked and (not lapses(plan) or cancel_of(plan).number == "port")
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
        person = context.household.people.get(account.holder)
        yield ChecklistItem(
            id="holder", section="access", code="holder", state="done", note=None if context.over else "only-holder",
            args={"holder": person.name if person else account.holder},
        )  # fmt: skip
    if others := cancellation.lines_beside(plan, context.household):
        names = tuple(context.household.label(other) for other in others)
        yield ChecklistItem(id="shared", section="access", code="account-shared", state="done", args={"others": names})
    yield ChecklistItem(id="secret", section="access", code="account-secret", state="unknown", later=context.asked)


SECTIONS: Mapping[SectionId, Callable[[ChecklistContext], Iterator[ChecklistItem]]] = {
    "number": _number,
    "bindings": _bindings,
    "bills": _bills,
    "balance": _balance,
    "backups": _backups,
    "documents": _documents,
    "device": _device,
    "access": _access,
    "port-out": port_out,
    "cancelling": canceling,
    "after": after,
}
_OF_A_LINE_ONLY: frozenset[SectionId] = frozenset({"number", "bindings", "backups", "device", "port-out"})
