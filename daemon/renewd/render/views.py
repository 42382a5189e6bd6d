"""What every template can name, and what the templates around the reminders can."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property, lru_cache
from shlex import quote
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jinja2.runtime import Context
from jinja2.utils import missing

from renewd.domain.cancellation import has_left
from renewd.domain.charging import may_fail
from renewd.domain.checklist_items import ChecklistItem
from renewd.domain.errors import Problem
from renewd.domain.money import Money
from renewd.domain.plans import Household, Person, Plan
from renewd.i18n import Language, as_typed
from renewd.reminders.facts import DigestFacts, Payment
from renewd.reminders.grouping import Message
from renewd.render.markup import CODE, CODED, KEEP, KEPT, bare, one, own

MOST_ROWS = 60  # of a table in a monthly mail; somebody with thousands of plans reads `renewd agenda`
MOST_PROBLEMS = 20
_PLAIN_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@+,%")
_UNSAFE_IN_QUOTES = frozenset('"$`\\!')


class Speaking(Context):
    """A template's context whose names are looked up in a view."""

    view: Named

    def resolve_or_missing(self, key: str) -> Any:
        """Return what the view has under a name, else what the block of that name says, else `missing`."""
        known = self.view.known_names
        if key in known:
            return known[key]
        value = self.view.find(key)
        if value is missing:
            block = self.blocks.get(key)
            value = "".join(block[0](self)) if block else self.parent.get(key, missing)
        known[key] = value
        return value


class Named:
    """The names that every template can say."""

    many: bool
    language: Language
    today: date  # the reader's, when the mail was written

    @cached_property
    def known_names(self) -> dict[str, object]:
        """The values that were looked up already, by name."""
        return self.fields()

    def fields(self) -> dict[str, object]:
        """Return the values that need no computing and do not change, by name."""
        return {}

    def forget(self) -> None:
        """Compute every name again when it is next asked for."""
        self.__dict__.pop("known_names", None)

    def find(self, key: str) -> object:
        """Return the value of a name, or Jinja's `missing`."""
        return missing if key.startswith("_") else getattr(self, key, missing)

    def cmd(self, *words: str) -> str:
        """Return a `renewd` command as it is typed in a shell, marked as code."""
        return f"{CODE}{command(*words)}{CODED}"

    def typed(self, *words: str) -> str:
        """Return a `renewd` command as it is typed in a shell, without marks: for a line of its own."""
        return command(*words)

    def phone(self, number: str) -> str:
        """Return `+1 206-555-0142`."""
        return KEEP + phone(number) + KEPT

    def sum(self, amounts: Iterable[Money]) -> str:
        """Return a sum of several currencies: `$5.00`, `US$5.00 and CN¥35.00`."""
        language = self.language
        return language.several([KEEP + language.money(money, many=self.many) + KEPT for money in amounts])


def command(*words: str) -> str:
    """Return a `renewd` command as it is typed in a shell: `renewd mark main paid "October overage"`."""
    return as_typed(" ".join(("renewd", *map(_shell_word, words))))


def _shell_word(word: str) -> str:
    word = bare(word)
    if word and _PLAIN_WORD.issuperset(word):
        return word
    return quote(word) if _UNSAFE_IN_QUOTES.intersection(word) else f'"{word}"'


class Reader(NamedTuple):
    """Who reads a mail, and when it was written on their clocks."""

    person: Person
    written: datetime  # on the reader's clocks
    runs_it: bool = True
    owner: str | None = None
    late: bool = False


def reader(message: Message) -> Reader:
    """Return the reader of a message."""
    return Reader(
        person=message.person,
        written=message.written.astimezone(ZoneInfo(message.person.zone)),
        runs_it=message.runs_it,
        owner=message.owner,
        late=message.late is not None,
    )


def clock_here(at: datetime, zone: str, here: str, today: date, language: Language) -> str | None:
    """Return an instant of a zone on the clocks of a reader's zone; None where these show the same."""
    local, there = at.astimezone(ZoneInfo(here)), at.astimezone(ZoneInfo(zone))
    if local.utcoffset() == there.utcoffset():
        return None
    day = "" if local.date() == there.date() else language.day_seen(local.date(), today)
    words = language.say("mail.clock-here", city=language.city(here), day=day, clock=language.clock(local.time()))
    return KEEP + " ".join(words.split()) + KEPT


def step_words(item: ChecklistItem, language: Language) -> str:
    """Return what stands in the way of leaving: `把招商银行的验证码换到别的号码`."""
    args = {key: own(str(value)) for key, value in item.args.items() if value is not None}
    if "kind" in args:
        args["kind"] = language.say(f"mail.binding.{item.args['kind']}")
    words = language.say(f"mail.todo.{item.code}", **args)
    day = item.args.get("day")
    if not item.later or not isinstance(day, date):
        return words
    return language.say("mail.todo.from", step=words, day=one(language.day(day)))


class DigestView(Named):
    """A person's month as `digest.j2` sees it: every field of `DigestFacts` by its name, and the names below."""

    def __init__(self, digest: DigestFacts, household: Household, reader: Reader, language: Language) -> None:
        self.digest = digest
        self.today = digest.today
        self.language = language
        self.many = household.many_currencies
        self._household = household
        self.runs_it = reader.runs_it
        self.owner = own(reader.owner) if reader.owner else None
        self.payments = digest.payments[:MOST_ROWS]
        self.payments_more = len(digest.payments) - len(self.payments)
        self.open = digest.open[:MOST_ROWS]
        self.open_more = len(digest.open) - len(self.open)
        self.yearly = digest.yearly[:MOST_ROWS]
        self.yearly_more = len(digest.yearly) - len(self.yearly)
        self.count = len(digest.payments)
        self.failing = sum(map(self.fails, digest.payments))
        self.by_itself = sum(payment.autopay for payment in digest.payments) - self.failing
        self.by_hand = self.count - self.by_itself - self.failing
        self.unknown = sum(payment.money is None for payment in digest.payments)
        self.left_open = len(digest.open)

    @property
    def measured(self) -> list[Plan]:
        """The reader's plans that go on and whose data was looked at, at most as many as a table has rows."""
        plans = self._household.plans_of(self.digest.person)
        return [plan for plan in plans if plan.data is not None and not has_left(plan)][:MOST_ROWS]

    def label(self, plan: Plan) -> str:
        """Return a plan's name, told apart from other plans of that name."""
        return own(self._household.label(plan))

    def fails(self, payment: Payment) -> bool:
        """Whether a charge will fail because its card has ended by then."""
        return payment.autopay and may_fail(payment.plan, self._household, payment.day) == "card"

    def step(self, item: ChecklistItem) -> str:
        """Return a step of leaving in words."""
        return step_words(item, self.language)

    def find(self, key: str) -> object:
        """Return the value of a name: this view's, else the digest's own."""
        value = super().find(key)
        return getattr(self.digest, key, missing) if value is missing and not key.startswith("_") else value


class MessageView(Named):
    """What is around the reminders of a mail, as `letter.j2`, `problem.j2` and `test.j2` see it."""

    def __init__(self, message: Message, household: Household, reader: Reader, language: Language, others: int) -> None:
        self.language = language
        self.many = household.many_currencies
        self.runs_it = message.runs_it
        self.owner = own(message.owner) if message.owner else None
        self.late = message.late
        self.late_hours, self.late_days = _lateness(message)
        self.zone = message.person.zone
        self.written = reader.written
        self.today = reader.written.date()
        self.next_at = message.next_at.astimezone(ZoneInfo(self.zone)) if message.next_at else None
        self.others = others
        self.more = message.more
        self.watched = message.first.plans if message.first else None
        self.watched_zone = message.first.zone if message.first else None
        self.other_zones = message.first is not None and message.first.other_zones
        self.doubts = message.doubts
        self.problems = message.problems
        self.problems_shown = message.problems[:MOST_PROBLEMS]
        self.problem_file = own(message.problems[0].file.rpartition("/")[2]) if message.problems else None
        self.unreached = message.unreached
        self.unpushed = message.unpushed
        self.keys = message.keys
        self.next_month = message.digest.next_month if message.digest else None
        self.broken: tuple[Problem, ...] = ()

    def said(self, problem: Problem, *, labeled: bool = True) -> str:
        """Return a mistake in the file as a sentence with its place; not `labeled` if the mail calls it a note."""
        from renewd.config import say_problem  # noqa: PLC0415  # the reader of the file is not needed before

        return own(say_problem(problem if labeled else problem._replace(severity="error"), self.language.code))

    def local(self, at: datetime) -> datetime:
        """Return an instant on the reader's clocks."""
        return at.astimezone(ZoneInfo(self.zone))

    def city(self, zone: str) -> str:
        """Return the city that a zone is known by."""
        return self.language.city(zone)


def _lateness(message: Message) -> tuple[int, int]:
    """Return the whole hours, or from three days on the whole days, that a message is late; the other is 0."""
    hours = int((message.written - message.late.due).total_seconds() // 3600) if message.late else 0
    return (0, hours // 24) if hours >= 72 else (hours, 0)


@lru_cache(maxsize=4096)
def phone(number: str) -> str:
    """Return `+1 206-555-0142` for a number of North America, any other as it is."""
    if number.startswith("+1") and len(number) == 12:
        return f"+1 {number[2:5]}-{number[5:8]}-{number[8:]}"
    return number
