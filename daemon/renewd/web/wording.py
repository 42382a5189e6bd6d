"""The words of a page for one reader: days, sums and names in their form, marked as in mails (`render.markup`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from renewd.config import say_problem
from renewd.domain.dates import Duration
from renewd.domain.diagnosis import Diagnosis
from renewd.domain.errors import Problem, RenewdError
from renewd.domain.fact_changes import ChangeNote
from renewd.domain.money import Money
from renewd.domain.plans import Household, Person, Plan
from renewd.i18n import Language, language
from renewd.render.markup import KEEP, KEPT, apart, brief, joined, own
from renewd.render.views import clock_here


class Wording:
    """Says sentences of `web.toml` to a reader in a zone, on a day of theirs."""

    def __init__(self, household: Household, code: str, zone: str, now: datetime) -> None:
        self.code = code
        self.household = household
        self.now = now
        self.today = now.astimezone(ZoneInfo(zone)).date()
        self._language = language(code)
        self._zone = ZoneInfo(zone)

    def say(self, key: str, /, **args: object) -> str:
        """Return a sentence with its values marked; people's and plans' words are passed through `own` or `name`."""
        return self.said(f"web.{key}", **args)

    def said(self, key: str, /, **args: object) -> str:
        """Return a sentence of any of the files of words."""
        words = self._language.say(key, **{name: self._put(value) for name, value in args.items()})
        return apart(words, self.code)

    def _put(self, value: object) -> object:
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, date):
            return self.day(value)
        return value

    def owner(self) -> str:
        """Return what the reader calls the person who runs renewd."""
        called = self.household.owner.called
        return own(called) if called else self.say("somebody")

    def diagnosis(self, found: Diagnosis) -> str:
        """Return what a finding of `doctor` means, and what to do."""
        error = found.args.get("error")
        if isinstance(error, RenewdError):
            return own(self._language.say(error.code, **error.args_))
        args = {name: self._of_diagnosis(value) for name, value in found.args.items()}
        return self._language.say(f"doctor.{found.name}.{found.how}", **args)

    def _of_diagnosis(self, value: object) -> object:
        if isinstance(value, Problem):
            return own(say_problem(value, self.code))
        if isinstance(value, datetime):
            return self.local(value)
        return value if isinstance(value, int | date) else own(str(value))

    def day(self, day: date) -> str:
        """Return a day, with its year where it might be taken for another."""
        return KEEP + self._language.day_seen(day, self.today) + KEPT

    def day_brief(self, day: date) -> str:
        """Return a day with its year in place of its weekday where it is of another year."""
        return self.day(day) if day.year == self.today.year else KEEP + self._language.day_plain(day) + KEPT

    def day_year(self, day: date) -> str:
        """Return a day as a value."""
        return KEEP + self._language.day_year(day) + KEPT

    def month(self, day: date) -> str:
        """Return a month with its year."""
        return KEEP + self._language.month_year(day) + KEPT

    def month_alone(self, day: date) -> str:
        """Return a month without its year."""
        return KEEP + self._language.month(day) + KEPT

    def month_short(self, day: date) -> str:
        """Return a month's name as short as it is written."""
        return self._language.month_short(day)

    def local(self, at: datetime) -> datetime:
        """Return an instant on the reader's clocks."""
        return at.astimezone(self._zone)

    def clock(self, at: datetime) -> str:
        """Return the hour of an instant on the reader's clocks."""
        return KEEP + self._language.clock(self.local(at).time()) + KEPT

    def moment(self, key: str, at: datetime, **args: object) -> str:
        """Return a sentence about an instant, which has a `{day}` and a `{clock}`."""
        return self.say(key, day=self.local(at).date(), clock=self.clock(at), **args)

    def hour(self, at: datetime, zone: str) -> str:
        """Return the hour of an instant of a zone: there, and on the reader's clocks where these differ."""
        there = KEEP + self._language.clock_in(at, zone) + KEPT
        here = clock_here(at, zone, self._zone.key, self.today, self._language)
        return self.say("plan.both-hours", there=there, here=here) if here else there

    def money(self, money: Money | None) -> str:
        """Return a sum, or that it is not written."""
        if money is None:
            return self.say("unknown-price")
        return KEEP + self._language.money(money, many=self.household.many_currencies) + KEPT

    def sum(self, amounts: Iterable[Money]) -> str:
        """Return a sum in one or more currencies."""
        return self._language.several([self.money(money) for money in amounts]) or self.say("unknown-price")

    def sentences(self, *said: str) -> str:
        """Return sentences one after the other."""
        return self._language.between.join(said)

    def clauses(self, *said: str) -> str:
        """Return parts of a sentence with commas between them."""
        return self._language.clauses(said)

    def several(self, items: Iterable[str]) -> str:
        """Return a list in a sentence."""
        return self._language.several(list(items))

    def length(self, length: Duration) -> str:
        """Return `30 天`, `30 days`."""
        return KEEP + self._language.duration(length) + KEPT

    def name(self, plan: Plan) -> str:
        """Return the name of a plan, told from others of its name."""
        return brief(self.household.label(plan))

    def notes(self, plan: Plan | None, id_: str, says: Iterable[ChangeNote]) -> str:
        """Return what recording a fact means, in the sentences of `renewd mark`; of a plan that is gone, by its id."""
        name = self.name(plan) if plan is not None else own(id_)
        return self.sentences(*(self._note(name, said) for said in says if said.key != "assumed"))

    def refusal(self, error: RenewdError, plan: Plan | None, reader: Person) -> str:
        """Return why a fact was not recorded. Only the owner reads of commands and files."""
        args = {name: self._of_note(value) for name, value in error.args_.items()}
        key = f"refused.{error.code.rpartition('.')[2]}"
        if f"web.{key}" in self._language:
            return self.say(key, **{**args, "name": self.name(plan) if plan is not None else ""})
        if reader.id != self.household.owner.id:
            return self.say("refused.file-unchanged", owner=self.owner())
        return self.said(error.code, **args).removeprefix("renewd: ").removeprefix("renewd：")

    def _note(self, name: str, said: ChangeNote) -> str:
        args = {key: self._of_note(value) for key, value in said.args.items()}
        key = f"web.note.{said.key}"
        if key not in self._language:
            key = f"terminal.mark.{said.key}"
        return joined(self._language.say(key, name=name, **args), self.code)

    def _of_note(self, value: object) -> object:
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, date):
            return _KeptDay(value, self._language)
        if isinstance(value, list):
            return self.several(own(str(one)) for one in value)
        return own(value) if isinstance(value, str) else value


class _KeptDay:
    """A day in a note, on one line."""

    def __init__(self, day: date, words: Language) -> None:
        self._day = day
        self._words = words

    def __format__(self, form: str) -> str:
        return KEEP + (self._words.day_year(self._day) if form == "year" else self._words.day(self._day)) + KEPT
