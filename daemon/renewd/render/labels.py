"""What a reminder is about in a few words, from its kind and the days that are left."""

from __future__ import annotations

from functools import lru_cache

from renewd.domain.plans import Card, Household, Plan, PlanKind
from renewd.i18n import language
from renewd.reminders.kind import Subject
from renewd.reminders.kinds import KINDS

_OF_AN_END = ("renewal", "overdue", "lost", "keep-alive")


@lru_cache(maxsize=16384)
def title(kind: str, days: int, code: str, plan_kind: PlanKind = "line") -> str:
    """Return `续费，3 天后停机`, `renew, stops in 3 days`: what a reminder says `days` before its date (after: < 0)."""
    said, word = when(kind, days, code, plan_kind), kind_word(kind, code, plan_kind).lower()
    return language(code).say(f"mail.title.{_worded(kind, plan_kind)}", kind=word, when=said)


@lru_cache(maxsize=16384)
def when(kind: str, days: int, code: str, plan_kind: PlanKind = "line") -> str:
    """Return `3 天后停机`, `stops in 3 days`: how far away the date is, and what happens on it."""
    words = language(code)
    if kind not in KINDS or not KINDS[kind].counted:  # a report is no kind of its own
        return words.say(f"mail.when.{kind}")
    form = "after" if days < 0 else {0: "today", 1: "tomorrow"}.get(days, "ahead")
    return words.say(f"mail.when.{_worded(kind, plan_kind)}.{form}", n=abs(days))


def plan_kind(plan: Plan | None) -> PlanKind:
    """Return the kind of the plan that something is about; a line's where it is about no plan."""
    return "line" if plan is None else plan.kind


def _worded(kind: str, plan_kind: PlanKind) -> str:
    """Return the name of a kind's words: what ends a line has words of its own where the plan is none."""
    return f"other-{kind}" if plan_kind == "other" and kind in _OF_AN_END else kind


def name_of(subject: Subject, household: Household) -> str:
    """Return what a reminder is about as people call it: the plan, told from others of its name; the card; or nothing."""
    plan = subject.about if isinstance(subject.about, Plan) else subject.plan
    if plan is not None:
        return household.label(plan)
    return subject.about.name if isinstance(subject.about, Card) else ""


@lru_cache(maxsize=256)
def kind_word(kind: str, code: str, plan_kind: PlanKind = "line") -> str:
    """Return `续费`, `Renew`: the word that a mail about this kind begins with."""
    return language(code).say(f"mail.kind.{_worded(kind, plan_kind)}")
