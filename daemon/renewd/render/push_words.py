"""A reminder in the two lines of a lock screen, and the word on its button.

The sentences are in templates/<language>/push.toml. Bystanders see a lock screen: it shows no number and no account.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from renewd.domain.cancellation import falls_due
from renewd.domain.dates import DAY
from renewd.domain.money import Money
from renewd.i18n import Language
from renewd.reminders.facts import Facts
from renewd.render.table import cells_of

_MOST_NAME = 14  # cells, of which a Chinese character fills two
_MOST_NAMES = 40
_MOST_TITLE, _MOST_TEXT = 60, 200  # both are far below these: a longer one holds a name that nobody foresaw


class PushWords(NamedTuple):
    """The words of one push."""

    title: str
    text: str
    button: str


def push_words(facts: Facts, language: Language, *, more: int = 0, late: bool = False) -> PushWords:
    """Return the words of a push about the most urgent reminder; `more` are the others of that moment."""
    values = _values(facts, language)
    title, text, button = (language.say(f"push.{_form(facts)}.{part}", **values) for part in PushWords._fields)
    if late:
        title = _with(title, language.say("push.late"))
    if more:
        text = _with(text, language.say("push.more", n=more))
    return PushWords(shortened(title, _MOST_TITLE), shortened(text, _MOST_TEXT), button)


def tried_words(language: Language) -> PushWords:
    """Return the words of the push that `renewd test-push` sends."""
    return PushWords(*(language.say(f"push.test.{part}") for part in PushWords._fields))


def over_words(title: str, language: Language) -> str:
    """Return what stays of a push that is settled or replaced, where the service cannot delete it."""
    return language.say("push.over", title=title)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many cells, cut after a word where one ends in its second half.

    >>> shortened("The long name of a plan", 14)
    'The long name…'
    """
    if cells_of(text) <= most:
        return text
    cut = text
    while cells_of(cut) > most - 1:
        cut = cut[:-1]
    head, space, _ = cut.rpartition(" ")
    if space and not text[len(cut)].isspace() and cells_of(head) * 2 > most:
        cut = head
    return f"{cut.rstrip()}…"


def _with(text: str, mark: str) -> str:
    return f"{text}{'' if mark.startswith('（') else ' '}{mark}"


def _form(facts: Facts) -> str:
    """Return the table of push.toml whose sentences fit what is known."""
    kind, plan = facts.kind, facts.plan
    other = plan is not None and plan.kind == "other"
    if kind == "renewal":
        return _renewal(facts, other=other)
    if kind == "overdue":
        return _overdue(facts, other=other)
    if kind == "lost":
        return _lost(facts, other=other)
    if kind == "charge" and facts.fails:
        return f"charge-{facts.fails}"
    if kind == "charge" and facts.changes:
        return "charge-changes"
    if kind == "charge" and facts.card is not None and facts.card.expires is not None:
        return "charge-good"
    if kind == "keep-alive" and other:
        return "keep-alive-other-late" if facts.days < 0 else "keep-alive-other"
    if kind in ("keep-alive", "bill") and facts.days < 0:
        return f"{kind}-late"
    if kind == "data" and facts.tone == "grey":
        return "data-look"
    if kind == "card" and facts.days < 0:
        return "card-ended"
    if kind == "cancel-by" and plan is not None and plan.cancel is not None:
        return "cancel-by-other" if other else "cancel-by-port" if plan.cancel.number == "port" else kind
    return kind


def _renewal(facts: Facts, *, other: bool) -> str:
    plan = facts.plan
    assert plan is not None  # a renewal is always of a plan
    if facts.leaves in ("asked", "lapse"):
        return "leaving-other" if other else "leaving"
    if facts.unmarked:
        return "renewal-later"
    if falls_due(plan):
        return "renewal-postpaid"
    if other:
        return "renewal-other"
    if facts.failed:
        return "renewal-failed"
    if plan.pay_with == "balance":
        return "renewal-balance"
    return "renewal-last" if facts.is_last or not plan.every else "renewal"


def _overdue(facts: Facts, *, other: bool) -> str:
    assert facts.plan is not None  # as above
    if facts.leaves in ("asked", "lapse"):
        return "overdue-other-leaving" if other else "overdue-leaving"
    if falls_due(facts.plan):
        return "overdue-postpaid"
    if other:
        return "overdue-other"
    if facts.loss is None or facts.loss.basis == "unpublished":
        return "overdue-unknown"
    if facts.loss.day <= facts.today:
        return "overdue-gone"
    return "overdue" if facts.loss.is_certain else "overdue-perhaps"


def _lost(facts: Facts, *, other: bool) -> str:
    if other:
        return "lost-other-presumed" if facts.days < 0 else "lost-other"
    if facts.days < 0:
        return "lost-presumed"
    if facts.leaves in ("asked", "lapse"):
        return "lost-leaving"
    return "lost" if facts.loss is None or facts.loss.is_certain else "lost-perhaps"


def _values(facts: Facts, language: Language) -> dict[str, object]:
    """Return what the sentences can name."""
    plan, amount, left = facts.plan, facts.amount, facts.balance_left
    unpriced = language.say("push.unpriced")
    names = [one.service for one in facts.bindings] or [one.name for one in facts.plans]
    listed = shortened(language.several(names), _MOST_NAMES)
    missing = (
        None if amount is None or left is None else Money(amount.amount - max(left.amount, Decimal(0)), left.currency)
    )
    day = facts.day - DAY if facts.kind == "lost" and facts.days < 0 else facts.day
    what = getattr(facts.bill, "what", None) or (
        facts.backup.what if facts.backup else language.say("push.final-bill-name")
    )

    def before(key: str, money: Money | None) -> str:
        return language.say(key, amount=money) if money is not None else ""

    return {
        "name": shortened(facts.name, _MOST_NAME),
        "day": day,
        "good": facts.good or facts.today,
        "amount": amount or unpriced,
        "sum": before("push.sum", amount),
        "owed": before("push.owed", amount),
        "paid": f" {language.money(amount)}" if amount else "",
        "colon": f": {language.money(amount)}" if amount else "",
        "days": language.say("push.days", n=abs(facts.days)),
        "loss": facts.loss.day if facts.loss else day,
        "unmarked": facts.unmarked or day,
        "cancel_by": facts.cancel_by or day - DAY,
        "card": facts.card.name if facts.card else "",
        "names": listed,
        "tied": language.say("push.tied", names=listed) if names else "",
        "what": shortened(what, 2 * _MOST_NAME),
        "balance": left or unpriced,
        "missing": f" {language.money(missing)}" if missing else "",
        "used": facts.used,
        "month": language.month(day),
        "next": facts.next or unpriced,
        "made": facts.made or day,
        "left": language.say("push.left", n=len(facts.todo)) if facts.todo else "",
        "every": plan.keep_alive.every if plan and plan.keep_alive else "",
    }
