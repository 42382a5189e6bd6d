"""What a reminder is about in a few words, from its kind and the days that are left."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Literal

from renewd.domain.cancellation import WayOut, falls_due, left_by, way_out
from renewd.domain.cycles import charge, last_receipt, loss, price_on, unpaid_from
from renewd.domain.dates import day_in
from renewd.domain.plans import Card, Household, Plan
from renewd.i18n import language
from renewd.reminders.facts import unmarked_before
from renewd.reminders.kind import Subject
from renewd.reminders.kinds import KINDS

# How a plan ends: a "line" stops; what is postpaid falls "due", perhaps for nothing ("due-free"); the loss of a number
# is "doubtful" where it only may be lost; what is no line ("other") expires.
# The second row is of a line that is being left: what is to be done, and "asked" for a charge after the request.
Manner = Literal[
    "line", "due", "due-free", "doubtful", "other", "due-other",
    "port", "run-out", "change", "decide", "leaving", "due-leaving", "asked",
]  # fmt: skip

_OF_AN_END = ("renewal", "overdue", "lost", "keep-alive")
_OF_A_DUE_DAY = ("renewal", "overdue")
_AIMS: dict[WayOut, Manner] = {"lapse": "run-out", "port": "port", "move": "change", "undecided": "decide"}
_ACTS = ("port", "run-out", "change", "decide", "leaving", "asked")


@lru_cache(maxsize=16384)
def title(kind: str, days: int, code: str, manner: Manner = "line", *, if_paid: bool = False) -> str:
    """Return `续费，3 天后停机`, `renew, stops in 3 days`: what a reminder says `days` before its date (after: < 0).

    With `if_paid`, it says that this is so only if an earlier renewal, which is not marked, was paid.
    """
    said, word = when(kind, days, code, manner), kind_word(kind, code, manner)
    word = word[:1].lower() + word[1:]  # a PIN stays one
    found = language(code).say(f"mail.title.{_worded(kind, manner)}", kind=word, when=said)
    return language(code).say("mail.title.if-paid", title=found) if if_paid else found


@lru_cache(maxsize=16384)
def when(kind: str, days: int, code: str, manner: Manner = "line") -> str:
    """Return `3 天后停机`, `stops in 3 days`: how far away the date is, and what happens on it."""
    words = language(code)
    if kind not in KINDS or not KINDS[kind].counted:  # a report is no kind of its own
        return words.say(f"mail.when.{kind}")
    form = "after" if days < 0 else {0: "today", 1: "tomorrow"}.get(days, "ahead")
    return words.say(f"mail.when.{_worded(kind, manner)}.{form}", n=abs(days))


def manner_of(plan: Plan | None) -> Manner:
    """Return how a plan ends; as a line does where something is about no plan."""
    if plan is None:
        return "line"
    if falls_due(plan):
        return "due" if plan.is_line else "due-other"
    return plan.kind


def manner(kind: str, plan: Plan | None, about: object) -> Manner:
    """Return how a plan ends, as a reminder of a kind says it; `about` is the cycle where it is about one."""
    if kind == "lost" and plan is not None and plan.is_line and isinstance(about, int):
        lost = loss(plan, about, paid_on=last_receipt(plan) if about == unpaid_from(plan) else None)
        if lost is not None and not lost.is_certain:
            return "doubtful"
    found = (_leaving(kind, plan, about) if plan is not None and plan.is_line else None) or manner_of(plan)
    if found == "due" and plan is not None and isinstance(about, int) and price_on(plan, charge(plan, about)) == 0:
        return "due-free"
    return found


def rests_on_payment(subject: Subject, now: datetime) -> bool:
    """Whether a renewal only comes if an earlier one, which is over and not marked, was paid."""
    plan, n = subject.plan, subject.about
    if subject.kind != "renewal" or plan is None or not isinstance(n, int):
        return False
    return unmarked_before(plan, n, day_in(now, plan.zone)) is not None


def _leaving(kind: str, plan: Plan, about: object) -> Manner | None:
    """Return the manner of a line that is being left; None where the reminder says the same as of any line."""
    if plan.cancel is None:
        return None
    if kind in ("cancel-by", "unconfirmed"):
        way = way_out(plan)
        return None if way == "lapse" and not plan.autopay else _AIMS.get(way)
    leaves = left_by(plan, about) if kind in ("renewal", "charge", "charged") and isinstance(about, int) else ""
    if kind == "renewal" and leaves:
        return "due-leaving" if falls_due(plan) else "leaving"
    return "asked" if leaves == "asked" else None


def _worded(kind: str, manner: Manner) -> str:
    """Return the key of the words for a kind in a manner."""
    if kind == "lost" and manner == "doubtful":
        return "maybe-lost"
    if kind in _OF_A_DUE_DAY and manner in ("due", "due-free", "due-other", "due-leaving"):
        return f"due-{kind}"
    return f"other-{kind}" if kind in _OF_AN_END and manner in ("other", "due-other") else kind


def name_of(subject: Subject, household: Household) -> str:
    """Return what a reminder is about as people call it: the plan, told from others of its name; the card; nothing."""
    plan = subject.about if isinstance(subject.about, Plan) else subject.plan
    if plan is not None:
        return household.label(plan)
    return subject.about.name if isinstance(subject.about, Card) else ""


@lru_cache(maxsize=256)
def kind_word(kind: str, code: str, manner: Manner = "line") -> str:
    """Return `续费`, `Renew`: the word that a mail about this kind begins with."""
    act = manner.removeprefix("due-")
    word = act if act in _ACTS else kind if manner == "due-free" else _worded(kind, manner)
    return language(code).say(f"mail.kind.{word}")
