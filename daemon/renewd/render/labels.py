"""What a reminder is about in a few words, from its kind and the days that are left."""

from __future__ import annotations

from functools import lru_cache

from renewd.domain.plans import Card, Household
from renewd.i18n import language
from renewd.reminders.kind import Subject
from renewd.reminders.kinds import KINDS


@lru_cache(maxsize=16384)
def title(kind: str, days: int, code: str) -> str:
    """Return `续费，3 天后停机`, `renew, stops in 3 days`: what a reminder says `days` before its date (after: < 0)."""
    return language(code).say(f"mail.title.{kind}", kind=kind_word(kind, code).lower(), when=when(kind, days, code))


@lru_cache(maxsize=16384)
def when(kind: str, days: int, code: str) -> str:
    """Return `3 天后停机`, `stops in 3 days`: how far away the date is, and what happens on it."""
    words = language(code)
    if not KINDS[kind].counted:
        return words.say(f"mail.when.{kind}")
    form = "after" if days < 0 else {0: "today", 1: "tomorrow"}.get(days, "ahead")
    return words.say(f"mail.when.{kind}.{form}", n=abs(days))


def name_of(subject: Subject, household: Household) -> str:
    """Return what a reminder is about as people call it: the plan, told from others of its name; the card; or nothing."""
    if subject.plan is not None:
        return household.label(subject.plan)
    return subject.about.name if isinstance(subject.about, Card) else ""


@lru_cache(maxsize=256)
def kind_word(kind: str, code: str) -> str:
    """Return `续费`, `Renew`: the word that a mail about this kind begins with."""
    return language(code).say(f"mail.kind.{kind}")
