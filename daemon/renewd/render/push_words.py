"""A reminder in the two lines of a lock screen, and the word on its button.

The sentences are in templates/<language>/push.toml. Bystanders see a lock screen: it shows no number and no account.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from renewd.domain.cancellation import falls_due, way_out
from renewd.domain.dates import DAY
from renewd.domain.money import Money
from renewd.domain.plans import Plan
from renewd.i18n import Language
from renewd.reminders.facts import Facts
from renewd.render.markup import own, plain, spaced
from renewd.render.paying import can_leave, is_free, short, verb
from renewd.render.push_forms import form
from renewd.render.spans import per
from renewd.render.table import cells_of, fitting

_MOST_NAME = 14  # cells, of which a Chinese character fills two
_MOST_NAMES = 40
_MOST_TITLE, _MOST_TEXT = 60, 200  # both are far below these: a longer one holds a name that nobody foresaw


class PushWords(NamedTuple):
    """The words of one push."""

    title: str
    text: str
    button: str


def push_words(
    facts: Facts, language: Language, *, more: int = 0, late: bool = False, runs_it: bool = True
) -> PushWords:
    """Return the words of a push about the most urgent reminder; `more` are the others of that moment."""
    values = _values(facts, language, runs_it=runs_it)
    title, text, button = (
        plain(spaced(language.say(f"push.{form(facts)}.{part}", **values))) for part in PushWords._fields
    )
    if late:
        title = _with(title, language.say("push.late"))
    if more:
        text = _with(text, language.say("push.more", n=more))
    return PushWords(cut_at_a_word(title, _MOST_TITLE), cut_at_a_word(text, _MOST_TEXT), button)


def tried_words(language: Language) -> PushWords:
    """Return the words of the push that `renewd test-push` sends."""
    return PushWords(*(language.say(f"push.test.{part}") for part in PushWords._fields))


def over_words(title: str, language: Language) -> str:
    """Return what stays of a push that is settled or replaced, where the service cannot delete it."""
    return language.say("push.over", title=title)


def cut_at_a_word(text: str, most: int) -> str:
    """Return a text of at most so many cells, cut after a word where one ends in its second half.

    >>> cut_at_a_word("The long name of a plan", 14)
    'The long name…'
    """
    if cells_of(text) <= most:
        return text
    cut = fitting(text, most - 1)
    head, space, _ = cut.rpartition(" ")
    if space and not text[len(cut)].isspace() and cells_of(head) * 2 > most:
        cut = head
    return f"{cut.rstrip()}…"


def _with(text: str, mark: str) -> str:
    return f"{text}{'' if mark.startswith('（') else ' '}{mark}"


def _values(facts: Facts, language: Language, *, runs_it: bool) -> dict[str, object]:
    """Return what the sentences can name."""
    plan, amount = facts.plan, facts.amount
    bound = [
        language.say("mail.bound-plain", service=own(one.service), kind=language.say(f"mail.binding.{one.kind}"))
        for one in facts.bindings
    ]
    names = bound if facts.kind == "binding" else [own(one.service) for one in facts.bindings]
    names = names or [own(one.name) for one in facts.plans]
    listed = own(cut_at_a_word(plain(spaced(language.several(names))), _MOST_NAMES))
    what = getattr(facts.bill, "what", None) or (
        facts.backup.what if facts.backup else language.say("push.final-bill-name")
    )
    return {
        "name": own(cut_at_a_word(facts.name, _MOST_NAME)),
        "day": facts.day - DAY if facts.kind == "lost" and facts.days < 0 else facts.day,
        "good": facts.good or facts.today,
        "amount": amount,
        "days": language.say("push.days", n=abs(facts.days)),
        "loss": facts.loss.day if facts.loss else facts.day,
        "cancel_by": facts.cancel_by or facts.day - DAY,
        "charge": facts.charge or facts.day,
        "previous": facts.previous,
        "card": own(facts.card.name) if facts.card else "",
        "names": listed,
        "what": own(cut_at_a_word(what, 2 * _MOST_NAME)),
        "balance": facts.balance_left or facts.balance,
        "used": facts.used,
        "month": language.month(facts.day),
        "next": facts.next,
        "made": facts.made or facts.day,
        "every": plan.keep_alive.every if plan and plan.keep_alive else "",
        **_fragments(facts, language, tied=listed if names else "", runs_it=runs_it),
    }


def _fragments(facts: Facts, language: Language, *, tied: str, runs_it: bool) -> dict[str, str]:
    """Return the parts of sentences that some of what is known decides about; empty where there is nothing to say."""

    def say(key: str, /, **values: object) -> str:
        return language.say(f"push.{key}", **values)

    plan, amount, lacks = facts.plan, facts.amount, short(facts)
    line = plan is None or plan.is_line
    costs = amount if amount is not None and amount.amount else None
    done = "pay" if facts.kind == "bill" else verb(facts)
    act = say("top-up.short", sum=lacks) if lacks else say(f"{done}.act", sum=costs) if costs else say(f"{done}.bare")
    use = plan.keep_alive.action if plan and plan.keep_alive else None
    certain = facts.loss is None or facts.loss.is_certain
    who = "me" if runs_it else "others"
    return {
        "act": act,
        "act_in": act[:1].lower() + act[1:],
        "do": say(f"{done}.do"),
        "done": say(f"{done}.done-sum", sum=costs) if costs and not lacks else say(f"{done}.done"),
        "stops": say("due" if plan and falls_due(plan) else "stops" if line else "expires"),
        "lost": say("lost-on" if certain else "may-be-lost-on"),
        "gone": say("counts-as-lost" if certain else "may-be-gone"),
        "presumed": say("presumed" if certain else "maybe"),
        "since": say(f"since.{who}", day=facts.unmarked or facts.day, do=say(f"{done}.do")),
        "let_go": say(f"let-go.{who}"),
        "write": say(f"write.{who}"),
        "tied": say("tied", names=tied) if tied else "",
        "owed": say("owed", sum=amount) if amount else "",
        "takes": _takes(facts, language, costs),
        "or_else": _or_else(facts, language),
        "owing": say("owing", sum=costs) if costs else "",
        "leave_by": say("leave-by" if line else "end-by", day=facts.cancel_by) if can_leave(facts) else "",
        "leave": say(f"leave.{_leave(facts)}"),
        "expired": say("has-expired" if _has_expired(facts) else "will-have-expired"),
        "missing": say("missing", sum=lacks) if lacks else act,
        "per": per(plan.every, language) if plan and plan.every else "",
        "left": say("left", n=len(facts.todo)) if facts.todo else "",
        "use": say("use", act=own(use[:1].upper() + use[1:])) if use else "",
    }


def _takes(facts: Facts, language: Language, costs: Money | None) -> str:
    """Return what autopay does; of a plan that is being left, what it may do if the charge may fail."""
    doubtful = facts.leaves and facts.fails
    if costs is None:
        return language.say("push.may-charge" if doubtful else "push.charges")
    return language.say("push.may-take" if doubtful else "push.takes", sum=costs)


def _or_else(facts: Facts, language: Language) -> str:
    """Return what comes of leaving a day too late."""
    if facts.plan is None or facts.renews is None:
        return language.say("push.chosen")
    if not facts.taken:
        return _unpaid(facts.plan, facts.renews, language)
    if is_free(facts):
        return language.say("push.none-taken")
    if way_out(facts.plan) == "move":
        return language.say("push.next-cycle")
    if facts.good != facts.day:  # one wants to be out, or the transfer PIN ends, before the last safe day
        return language.say("push.next-charge", day=facts.charge)
    if facts.amount is None:
        return language.say("push.may-be-taken-unpriced" if facts.fails else "push.taken-unpriced")
    if facts.fails:
        return language.say("push.may-be-taken", sum=facts.amount, day=facts.charge)
    return language.say("push.taken" if facts.plan.is_line else "push.taken-on", sum=facts.amount, day=facts.charge)


def _unpaid(plan: Plan, renews: date, language: Language) -> str:
    """Return what comes of leaving too late where nobody charges the next cycle."""
    way = way_out(plan)
    if falls_due(plan) or way == "move":
        return language.say("push.next-cycle")
    if way in ("port", "undecided"):
        return language.say("push.no-port")
    stops = language.say("push.stops" if plan.is_line else "push.expires")
    return language.say("push.next-cycle" if plan.notice else "push.stops-alone", stops=stops, day=renews)


def _leave(facts: Facts) -> str:
    """Return what is done to leave the plan."""
    way = "drop" if facts.plan is None else way_out(facts.plan)
    return "drop" if way == "undecided" else way


def _has_expired(facts: Facts) -> bool:
    return facts.card is not None and facts.card.expires is not None and facts.card.expires < facts.today
