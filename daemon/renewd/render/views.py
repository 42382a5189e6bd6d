"""What a template can name: a reminder's facts, and beside them what has to be worked out before it can be said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache, partial
from shlex import quote
from typing import Any
from zoneinfo import ZoneInfo

from jinja2.runtime import Context
from jinja2.utils import missing

from renewd import titles
from renewd.carriers import Carrier, Confidence, Contact, Fact
from renewd.dates import DAY
from renewd.errors import Problem
from renewd.letters import Block, Letter
from renewd.plans import Bill, Household, Money, Person, Plan
from renewd.reminders.facts import DigestFacts, Facts
from renewd.render.marks import (
    BOLD,
    BOLDED,
    CODE,
    CODED,
    KEEP,
    KEPT,
    LINK,
    LINKED,
    NAME,
    NAMED,
    WORDS,
    bare,
    columns,
    host,
    own,
    safe_url,
    shortened,
)
from renewd.wording import FALLBACK, Language

_KEPT_WHOLE = 18  # columns of a name that still fits a heading on the narrowest phone
_IN_A_SUBJECT = 24  # columns for words of the user's beside the name
_MOST_CODES = 2
_PLAIN_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@+,%")
_UNSAFE_IN_QUOTES = frozenset('"$`\\!')


class Speaking(Context):
    """A template's context whose names are looked up in a view."""

    view: Named

    def resolve_or_missing(self, key: str) -> Any:
        """Give what the view has under a name, else what the block of that name says; `missing` if neither is there."""
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

    def __init__(self) -> None:
        self.known_names: dict[str, object] = {}

    def find(self, key: str) -> object:
        """Give the value of a name, or Jinja's `missing`."""
        return missing if key.startswith("_") else getattr(self, key, missing)

    def cmd(self, *words: str) -> str:
        """Give a `renewd` command as it is typed in a shell, marked as code."""
        return f"{CODE}{command(*words)}{CODED}"

    def typed(self, *words: str) -> str:
        """Give a `renewd` command as it is typed in a shell, without marks: for a line of its own."""
        return command(*words)

    def phone(self, number: str) -> str:
        """Give `+1 206-555-0142`."""
        return KEEP + phone(number) + KEPT

    def sum(self, amounts: Iterable[Money]) -> str:
        """Give a sum of several currencies: `$5.00`, `US$5.00 and CN¥35.00`."""
        language = self.language
        return language.several([KEEP + language.money(money, many=self.many) + KEPT for money in amounts])


def command(*words: str) -> str:
    """Give a `renewd` command as it is typed in a shell: `renewd mark main paid "October overage"`."""
    return " ".join(("renewd", *map(_shell_word, words)))


def _shell_word(word: str) -> str:
    word = bare(word)
    if word and _PLAIN_WORD.issuperset(word):
        return word
    return quote(word) if _UNSAFE_IN_QUOTES.intersection(word) else f'"{word}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a mail, and when it was written on their clocks."""

    person: Person
    written: datetime  # on the reader's clocks
    runs_it: bool = True
    owner: str | None = None
    late: bool = False


def reader(letter: Letter) -> Reader:
    """Give the reader of a letter."""
    return Reader(
        person=letter.person,
        written=letter.written.astimezone(ZoneInfo(letter.person.zone)),
        runs_it=letter.runs_it,
        owner=letter.owner,
        late=letter.late is not None,
    )


class View(Named):
    """One reminder as a template sees it: every field of `Facts` by its name, and the names below."""

    def __init__(self, facts: Facts, block: Block | None, household: Household, reader: Reader, language: Language) -> None:
        super().__init__()
        self.facts = facts
        self.language = language
        self.many = household.many_currencies
        self.members = _members(facts, block)
        self.group = block.group if block is not None and len(self.members) > 1 else ()
        self.total = block.total if block is not None else None
        self.runs_it = reader.runs_it
        self.late = reader.late
        self.today = reader.written.date()
        self.called = False  # whether a button dials the hotline
        self._reader = reader
        self._household = household
        self._most: int | None = None

    def find(self, key: str) -> object:
        """Give the value of a name: this view's, else the reminder's own."""
        value = super().find(key)
        return getattr(self.facts, key, missing) if value is missing and not key.startswith("_") else value

    def shorten(self, most: int | None) -> None:
        """Let names take so many columns from now on; None: as many as they have."""
        self._most = most
        self.known_names.clear()

    def mine(self, text: str) -> str:
        """Give words of the user's, cut where this is a subject line."""
        return own(text) if self._most is None else own(shortened(bare(text), min(self._most, _IN_A_SUBJECT)))

    @property
    def name(self) -> str:
        """What the reader calls it: the plan's name, or the card's."""
        text = bare(self.facts.name)
        if self._most is not None:
            return KEEP + NAME + shortened(text, self._most) + NAMED + KEPT
        return KEEP + NAME + text + NAMED + KEPT if columns(text) <= _KEPT_WHOLE else NAME + text + NAMED

    @property
    def kind_word(self) -> str:
        """`续费`, `Renew`."""
        return titles.kind_word(self.facts.kind, self.language.code)

    @property
    def when(self) -> str:
        """`3 天后停机`, `stops in 3 days`."""
        return KEEP + titles.when(self.facts.kind, self.left, self.language.code) + KEPT

    @cached_property
    def left(self) -> int:
        """Days to the subject date, by the reader's calendar or the plan's, whichever leaves less; negative after it."""
        return min(self.facts.days, (self.facts.day - self.today).days)

    @property
    def ago(self) -> int:
        """Days since the subject date."""
        return -self.left

    @property
    def soon(self) -> str:
        """`3 天后`, `明天`, `今天`; `in 3 days`, `tomorrow`, `today`."""
        return KEEP + _soon(self.left, self.language) + KEPT

    @cached_property
    def by(self) -> str | None:
        """The last good day, with the plan's zone where it ends there before it ends for the reader."""
        good, plan = self.facts.good, self.facts.plan
        if good is None:
            return None
        day = self.language.day(good)
        if plan is not None and _ends_earlier(good, plan.zone, self._reader.person.zone):
            day = _said(self.language, "mail.day-in", day=day, city=self.language.city(plan.zone))
        return KEEP + day + KEPT

    @property
    def written(self) -> str:
        """The day on which the mail was written, where it is read."""
        return KEEP + self.language.day(self.today) + KEPT

    @property
    def written_at(self) -> str:
        """The hour at which a late mail was written; empty for one in time."""
        return self.language.clock(self._reader.written.time()) if self.late else ""

    @property
    def owner(self) -> str | None:
        """Who runs renewd, for readers who do not."""
        return own(self._reader.owner) if self._reader.owner else None

    @property
    def ends(self) -> str | None:
        """`尾号 0142`, `line ending in 0142`; the whole number where the file allows it."""
        plan = self.facts.plan
        if plan is None or plan.number is None:
            return None
        if self._household.show_numbers:
            return KEEP + phone(plan.number) + KEPT
        return KEEP + _said(self.language, "mail.ends-in", digits=plan.last_four) + KEPT

    @property
    def per(self) -> str | None:
        """`每 30 天`, `每月`; `every 30 days`, `a month`; None for a plan without a cycle."""
        every = self.facts.plan.every if self.facts.plan else None
        return None if every is None else KEEP + _per(every.n, every.unit, self.language) + KEPT

    @property
    def cycle(self) -> str | None:
        """`30 天`, `30 days`; None for a plan without a cycle."""
        every = self.facts.plan.every if self.facts.plan else None
        return None if every is None else KEEP + self.language.duration(every) + KEPT

    @property
    def data_limit(self) -> str | None:
        """`10 GB`, as it was written."""
        plan = self.facts.plan
        return own(plan.data.limit_text) if plan is not None and plan.data is not None else None

    @property
    def stops_clock(self) -> str:
        """`05:00 纽约`, `5 AM New York`: when service stops on its day; empty where that is not known."""
        at, zone = self.facts.stops_at, self.facts.stops_zone
        if at is None or zone is None:
            return ""
        return f"{self.language.clock(at.astimezone(ZoneInfo(zone)).time())} {self.language.city(zone)}"

    @property
    def stops_there(self) -> str | None:
        """`05:00（纽约）`, `5 AM New York`; None where the hour is not known."""
        at, zone = self.facts.stops_at, self.facts.stops_zone
        return None if at is None or zone is None else KEEP + self.language.clock_in(at, zone) + KEPT

    @property
    def stops_here(self) -> str | None:
        """The same instant on the reader's clocks, where they differ: `北京时间 18:00`, `6 PM Beijing`."""
        at, zone, here = self.facts.stops_at, self.facts.stops_zone, self._reader.person.zone
        if at is None or zone is None:
            return None
        local, there = at.astimezone(ZoneInfo(here)), at.astimezone(ZoneInfo(zone))
        if local.utcoffset() == there.utcoffset():
            return None
        day = "" if local.date() == there.date() else self.language.day(local.date())
        clock = self.language.clock(local.time())
        said = _said(self.language, "mail.clock-here", city=self.language.city(here), day=day, clock=clock)
        return KEEP + " ".join(said.split()) + KEPT

    @property
    def stopped(self) -> bool:
        """Whether service stopped before the day on which the mail was written."""
        renews = self.facts.renews
        return renews is not None and renews < max(self.today, self.facts.today)

    @property
    def gone(self) -> bool:
        """Whether the day on which the number is lost has come, by the reader's calendar or the plan's."""
        loss = self.facts.loss
        return loss is not None and loss.basis != "unpublished" and loss.day <= max(self.today, self.facts.today)

    @property
    def leave(self) -> bool:
        """Whether cancelling still avoids the charge."""
        last = self.facts.cancel_by
        return last is not None and last >= max(self.today, self.facts.today)

    @property
    def next_day(self) -> date:
        """The day after the subject date."""
        return self.facts.day + DAY

    @property
    def early(self) -> int:
        """Days from the charge to the renewal."""
        return (self.facts.renews - self.facts.day).days if self.facts.renews else 0

    @property
    def card_gone(self) -> bool:
        """Whether the plan's card has ended by the subject date."""
        card = self.facts.card
        return card is not None and card.expires is not None and card.expires < self.facts.day

    @property
    def carrier_name(self) -> str:
        """The carrier's name in the reader's language."""
        carrier = self.facts.carrier
        return "" if carrier is None else own(_text(carrier.name, self.language.code))

    @property
    def checked(self) -> str:
        """`2026年11月20日核对过，可信度低`: how old what the catalogue says of the grace is, and how far to trust it."""
        carrier, loss = self.facts.carrier, self.facts.loss
        return "" if carrier is None else self._checked(carrier, (loss.confidence or "high",) if loss else ())

    def _checked(self, carrier: Carrier, confidences: Iterable[Confidence]) -> str:
        day = KEEP + self.language.day_plain(carrier.checked) + KEPT
        worst = max(confidences, key=("high", "medium", "low").index, default="high")
        return _said(self.language, f"mail.checked.{worst}", day=day)

    @property
    def site(self) -> str | None:
        """The carrier's address, if a mail may link to it."""
        return _site(self.facts.carrier)

    @property
    def host(self) -> str | None:
        """The name of the carrier's site."""
        return host(self.site) if self.site else None

    @cached_property
    def hotline(self) -> Contact | None:
        """The first telephone number that is known of the carrier."""
        carrier = self.facts.carrier
        if carrier is None:
            return None
        return next((line for line in carrier.hotlines if line.tel and safe_url(f"tel:{line.tel}")), None)

    @property
    def call(self) -> str | None:
        """The hotline as a link that dials it."""
        tel = self.hotline.tel if self.hotline else None
        return f"{LINK}tel:{tel}{WORDS}{KEEP}{phone(tel)}{KEPT}{LINKED}" if tel else None

    @property
    def app(self) -> str | None:
        """The carrier's app."""
        return own(self.facts.carrier.app) if self.facts.carrier and self.facts.carrier.app else None

    @cached_property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Short codes to dial and what they tell; at most two."""
        carrier = self.facts.carrier
        known = [code for code in carrier.codes if code.dial and not code.text] if carrier else []
        return tuple(
            (KEEP + own(code.dial or "") + KEPT, own(_of_fact(code.fact, self.language.code)))
            for code in known[:_MOST_CODES]
        )

    @property
    def hotline_is(self) -> str:
        """What the hotline is, in the catalogue's words."""
        return own(_of_fact(self.hotline.fact, self.language.code)) if self.hotline else ""

    @property
    def ways_checked(self) -> str:
        """How old the catalogue's app, hotline and codes are, and how far to trust them."""
        carrier = self.facts.carrier
        if carrier is None:
            return ""
        contacts = [contact for contact in (self.hotline, *carrier.codes[:_MOST_CODES]) if contact is not None]
        return self._checked(carrier, [contact.fact.confidence for contact in contacts])

    def known(self, topic: str) -> str:
        """What the catalogue says of a topic ("grace", "reactivate" …), how old that is, and how far to trust it."""
        carrier = self.facts.carrier
        fact = carrier.facts.get(topic) if carrier is not None else None
        if carrier is None or fact is None:
            return ""
        words = own(_of_fact(fact, self.language.code).rstrip(".。"))
        return _said(self.language, "mail.known", words=words, checked=self._checked(carrier, [fact.confidence]))

    @property
    def abroad(self) -> bool:
        """Whether the reader is outside the Americas, where toll-free numbers of the US may not connect."""
        return not self._reader.person.zone.startswith(("America/", "US/", "Pacific/Honolulu"))

    @property
    def account_ends(self) -> str | None:
        """The last four characters of the account's number."""
        account = self.facts.plan.account.id if self.facts.plan else None
        return KEEP + own(account[-4:].lstrip("-. ")) + KEPT if account else None

    @property
    def hangs(self) -> list[str]:
        """The services that still know the number: `招商银行（验证码）`."""
        kind = partial(_said, self.language)
        return [
            kind("mail.bound", service=f"{BOLD}{own(binding.service)}{BOLDED}", kind=kind(f"mail.binding.{binding.kind}"))
            for binding in self.facts.bindings
        ]

    @property
    def note(self) -> str | None:
        """The user's own note on the plan."""
        plan = self.facts.plan
        return own(plan.note) if plan is not None and plan.note else None

    @property
    def bill_what(self) -> str | None:
        """What a bill is for; None for the last bill after leaving."""
        bill = self.facts.bill
        return bill.what if isinstance(bill, Bill) else None

    @property
    def since_made(self) -> int:
        """Days since the last backup."""
        return (self.today - self.facts.made).days if self.facts.made else 0

    @property
    def sites(self) -> list[tuple[Plan, str]]:
        """The plans that a card pays for, each with a link to its site or nothing."""
        return [(plan, _link(_site(plan.carrier))) for plan in self.facts.plans]


def _members(facts: Facts, block: Block | None) -> tuple[Facts, ...]:
    if block is None or not block.group:
        return (facts,)
    return (facts, *(other for other in block.also if other.kind == facts.kind))


class DigestView(Named):
    """A person's month as `digest.j2` sees it: every field of `DigestFacts` by its name, and the names below."""

    def __init__(self, digest: DigestFacts, household: Household, reader: Reader, language: Language) -> None:
        super().__init__()
        self.digest = digest
        self.language = language
        self.many = household.many_currencies
        self.runs_it = reader.runs_it
        self.owner = own(reader.owner) if reader.owner else None
        self.count = len(digest.payments)
        self.by_itself = sum(payment.autopay for payment in digest.payments)
        self.by_hand = self.count - self.by_itself
        self.unknown = sum(payment.money is None for payment in digest.payments)
        self.left_open = len(digest.open)

    def find(self, key: str) -> object:
        """Give the value of a name: this view's, else the digest's own."""
        value = super().find(key)
        return getattr(self.digest, key, missing) if value is missing and not key.startswith("_") else value


class LetterView(Named):
    """What is around the reminders of a mail, as `letter.j2`, `problem.j2` and `test.j2` see it."""

    def __init__(self, letter: Letter, household: Household, reader: Reader, language: Language, others: int) -> None:
        super().__init__()
        self.language = language
        self.many = household.many_currencies
        self.runs_it = letter.runs_it
        self.owner = own(letter.owner) if letter.owner else None
        self.late = letter.late
        self.late_hours, self.late_days = _lateness(letter)
        self.zone = letter.person.zone
        self.written = reader.written
        self.next_at = letter.next_at.astimezone(ZoneInfo(self.zone)) if letter.next_at else None
        self.others = others
        self.more = letter.more
        self.watched = letter.first[0] if letter.first else None
        self.watched_zone = letter.first[1] if letter.first else None
        self.problems = letter.problems
        self.problem_file = own(letter.problems[0].file.rpartition("/")[2]) if letter.problems else None
        self.unreached = letter.unreached
        self.keys = letter.keys
        self.next_month = letter.digest.next_month if letter.digest else None
        self.broken: tuple[Problem, ...] = ()

    def said(self, problem: Problem) -> str:
        """Give a mistake in the file as a sentence with its place."""
        from renewd.config import say_problem  # noqa: PLC0415  # the reader of the file is not needed before

        return own(say_problem(problem, self.language.code))

    def local(self, at: datetime) -> datetime:
        """Give an instant on the reader's clocks."""
        return at.astimezone(ZoneInfo(self.zone))

    def city(self, zone: str) -> str:
        """Give the city that a zone is known by."""
        return self.language.city(zone)


def _lateness(letter: Letter) -> tuple[int, int]:
    """Give the whole hours, or from three days on the whole days, that a letter is late; the other is 0."""
    hours = int((letter.written - letter.late.due).total_seconds() // 3600) if letter.late else 0
    return (0, hours // 24) if hours >= 72 else (hours, 0)


@lru_cache(maxsize=4096)
def phone(number: str) -> str:
    """Give `+1 206-555-0142` for a number of North America, any other as it is."""
    if number.startswith("+1") and len(number) == 12:
        return f"+1 {number[2:5]}-{number[5:8]}-{number[8:]}"
    return number


@lru_cache(maxsize=16384)
def _ends_earlier(day: date, zone: str, reader: str) -> bool:
    if zone == reader:
        return False
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    there, here = noon.utcoffset(), noon.astimezone(ZoneInfo(reader)).utcoffset()
    return there is not None and here is not None and here < there


@lru_cache(maxsize=8192)
def _said(language: Language, key: str, **args: object) -> str:
    return language.say(key, **args)


@lru_cache(maxsize=1024)
def _per(n: int, unit: str, language: Language) -> str:
    if n == 1 and unit in ("months", "years"):
        return language.say(f"mail.per.{unit}")
    return language.say("mail.per.each", length=language.say(f"words.{unit}", n=n))


@lru_cache(maxsize=4096)
def _soon(left: int, language: Language) -> str:
    return language.say("mail.soon." + {0: "today", 1: "tomorrow"}.get(left, "days"), n=left)


def _text(texts: object, code: str) -> str:
    assert hasattr(texts, "get")
    words = texts.get(code) or texts.get(FALLBACK) or ""
    return str(words)


def _of_fact(fact: Fact, code: str) -> str:
    return _text(fact.text, code)


def _site(carrier: Carrier | None) -> str | None:
    return safe_url(carrier.site) if carrier is not None and carrier.site else None


def _link(url: str | None) -> str:
    return f"{LINK}{url}{WORDS}{host(url)}{LINKED}" if url else ""
