"""Which sentences of push.toml fit what is known of a reminder."""

from __future__ import annotations

from collections.abc import Callable

from renewd.domain.cancellation import cancel_of, falls_due, way_out
from renewd.domain.plans import Plan
from renewd.reminders.facts import Facts
from renewd.render.paying import can_leave, short


def form(facts: Facts) -> str:
    """Return the name of a table of push.toml."""
    if facts.plan is None:
        return "card-ended" if facts.days < 0 else facts.kind
    of_kind = _OF_KIND.get(facts.kind)
    return facts.kind if of_kind is None else of_kind(facts, facts.plan)


def _renewal(facts: Facts, plan: Plan) -> str:
    if facts.leaves:
        return f"renewal-{_leaving(facts, plan)}"
    if facts.unmarked:
        return "renewal-later"
    if facts.failed:
        return "renewal-failed"
    if short(facts):
        return "renewal-short"
    if plan.pay_with == "balance":
        return "renewal-balance"
    if falls_due(plan):
        return "renewal-postpaid"
    if facts.is_last or not plan.every:
        return "renewal-last" if plan.is_line else "renewal-once"
    return "renewal" if plan.is_line else "renewal-other"


def _leaving(facts: Facts, plan: Plan) -> str:
    """Return how a cycle that is not to be paid is spoken of."""
    if not plan.is_line:
        return "not-wanted"
    number = cancel_of(plan).number
    if facts.leaves == "asked":
        if falls_due(plan):
            return "billed"
        return "porting" if number == "port" else "asked" if number else "asked-undecided"
    if number == "drop":
        return "dropped"
    return "lapse" if facts.leaves == "lapse" else "port" if number == "port" else "undecided"


def _kept(facts: Facts, plan: Plan) -> str:
    """Return the same once the line has stopped: a number that is wanted has to be kept first."""
    how = _leaving(facts, plan)
    return "kept" if how in ("port", "undecided", "asked-undecided") else how


def _overdue(facts: Facts, plan: Plan) -> str:
    if facts.leaves:
        how = _kept(facts, plan)
        gone = facts.loss is not None and facts.loss.day < facts.today
        return f"overdue-{how}{'-gone' if gone and how in ('kept', 'porting') else ''}"
    if falls_due(plan):
        return "overdue-postpaid"
    lost = facts.loss
    if not plan.is_line:
        return "overdue-other-late" if lost else "overdue-other"
    if lost is None or lost.basis == "unpublished":
        return "overdue-unknown"
    if lost.day <= facts.today:
        return "overdue-gone"
    return "overdue" if lost.is_certain else "overdue-perhaps"


def _lost(facts: Facts, plan: Plan) -> str:
    after = facts.days < 0
    if not plan.is_line:
        return f"lost-other{'-left' if facts.leaves else ''}{'-presumed' if after else ''}"
    how = _kept(facts, plan) if facts.leaves else ""
    if facts.leaves == "asked":
        return "lost-asked"
    if how and how != "kept":
        return "lost-left" if after else "lost-leaving"
    if how:
        return "lost-kept-gone" if after else "lost-kept"
    if after:
        return "lost-presumed"
    return "lost" if facts.loss is None or facts.loss.is_certain else "lost-perhaps"


def _charge(facts: Facts, plan: Plan) -> str:
    if facts.leaves == "asked":
        return "charge-asked"
    if facts.leaves:
        undecided = _leaving(facts, plan) == "undecided"
        return "charge-too-late" if not can_leave(facts) else "charge-undecided" if undecided else "charge-leaving"
    if facts.fails:
        return f"charge-{facts.fails}"
    if facts.changes:
        return "charge-changes"
    if facts.tone == "amber":
        if facts.previous is None or facts.amount is None:
            return "charge-unpriced"
        return "charge-differs" if facts.previous.amount else "charge-first"
    return "charge-good" if facts.card is not None and facts.card.expires is not None else "charge"


def _charged(facts: Facts, _plan: Plan) -> str:
    if facts.leaves == "asked":
        return "charged-asked"
    return "charged" if facts.amount else "charged-unpriced"


def _cancel_by(_facts: Facts, plan: Plan) -> str:
    way = way_out(plan)
    if way == "drop":
        return "cancel-by" if plan.is_line else "cancel-by-other"
    return "cancel-by-change" if way == "move" else f"cancel-by-{way}"


def _unconfirmed(_facts: Facts, plan: Plan) -> str:
    number = cancel_of(plan).number
    return f"unconfirmed-{number}" if number in ("port", "move") else "unconfirmed"


def _keep_alive(facts: Facts, plan: Plan) -> str:
    if plan.is_line and way_out(plan) == "lapse":
        return "keep-alive-lapse"
    return f"keep-alive{'' if plan.is_line else '-other'}{'-late' if facts.days < 0 else ''}"


def _promo(facts: Facts, plan: Plan) -> str:
    if facts.next and facts.amount and not facts.amount.amount and not plan.is_line:
        return "promo-trial"
    return "promo" if facts.next and facts.amount else "promo-after" if facts.next else "promo-unpriced"


_OF_KIND: dict[str, Callable[[Facts, Plan], str]] = {
    "renewal": _renewal,
    "overdue": _overdue,
    "lost": _lost,
    "charge": _charge,
    "charged": _charged,
    "cancel-by": _cancel_by,
    "unconfirmed": _unconfirmed,
    "keep-alive": _keep_alive,
    "balance": lambda facts, _: "balance-leaving" if facts.leaves else "balance",
    "promo": _promo,
    "binding": lambda facts, _: "binding" if all(one.kind == "2fa" for one in facts.bindings) else "binding-other",
    "bill": lambda facts, _: "bill-late" if facts.days < 0 else "bill",
    "data": lambda facts, _: "data-look" if facts.tone == "grey" else "data",
    "pause": lambda _, plan: "pause" if plan.autopay else "pause-by-hand",
    "final-bill": lambda _, plan: "final-bill-port" if cancel_of(plan).number == "port" else "final-bill",
    "refund": lambda facts, _: "refund" if facts.amount else "refund-unpriced",
}
