"""`plan add`: asks for what a plan needs, with the catalogue's help, shows the TOML, and writes it.

Answers may be typed or piped in, a line each; an empty line, and the end of them, take what is offered.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection
from datetime import date, datetime
from types import SimpleNamespace

from renewd.cli.commands import Command
from renewd.cli.reading import open_file
from renewd.cli.screen import YES, Screen
from renewd.config import say_problem
from renewd.config.amounts import AmountReading, read_amount
from renewd.config.config_files import OpenedConfig
from renewd.config.edit import append_plan
from renewd.config.importers.imported_plans import carriers_by_name
from renewd.config.plan_ids import free_id, is_id, readable_id, slug
from renewd.config.plan_keys import PLAN
from renewd.config.plan_schema import ById, Each, Sub
from renewd.config.spoken_days import read_spoken_day
from renewd.config.table_reader import nearest
from renewd.config.text_file import locked, read, rewrite
from renewd.config.times import read_days
from renewd.config.undo_copy import FileChange, remember
from renewd.config.value_types import Amount, WrongError
from renewd.disk import Paths
from renewd.domain.carriers import Carrier
from renewd.domain.dates import Duration, day_in
from renewd.domain.errors import Problem, UsageError

COMMAND = Command(
    examples=("plan add",),
)

_KINDS = {
    "line": ("line", "phone", "phone number", "mobile", "cell", "sim", "sim card", "esim", "prepaid", "data", "线路", "手机", "号码",
             "手机卡", "电话", "电话卡", "流量卡", "套餐", "保号", "上网"),
    "other": ("other", "subscription", "domain", "insurance", "passport", "membership", "其他", "其它", "别的", "订阅", "域名", "保险",
              "护照", "会员"),
}  # as they are written in the file, and as people answer  # fmt: skip
_LAST = 31
_NOTHING = ("none", "no", "unknown", "n/a", "-", "?", "没有", "无", "不知道", "不清楚")
_ALL = ("all", "both", "everybody", "都", "所有人", "大家")
_NO = ("n", "no", "否", "不", "不是")


class _NotThisError(Exception):
    """An answer that is not valid, the sentence that says why, and what may have been meant."""

    def __init__(self, why: str, meant: str | None = None) -> None:
        super().__init__(why)
        self.meant = meant


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Ask, show and write. Raises UsageError if a piped answer is not valid, or the file cannot be changed."""
    now: datetime = args.now
    opened = open_file(paths, now, screen, needs_plans=False)
    asking = _Asking(opened, screen, day_in(now, opened.loaded.household.zone))
    id_, plan = asking.plan()
    before = read(paths.config)
    added = append_plan(before, id_, plan)[len(before) :].strip("\r\n").replace("\r", "")
    screen.print("", *(screen.style(line, "cyan") for line in added.split("\n")), "")
    if not asking.agrees("add.write", offered=True, file=paths.config.name):
        screen.print(screen.say("add.not-written"))
        return 0
    with locked(paths.state):
        before, after = rewrite(paths.config, lambda text: append_plan(text, id_, plan))
        kept = remember(paths.state, [FileChange(paths.config, before, after)], now)
    screen.print(screen.say("add.written", file=paths.short(paths.config), command=screen.command("check")))
    if kept:
        screen.print(screen.say("mark.undo", command=screen.command("undo")))
    return 0


class _Asking:
    """Questions one after the other. An invalid answer is asked for again; one that was piped in ends the command."""

    def __init__(self, opened: OpenedConfig, screen: Screen, today: date) -> None:
        self._today = today
        self._household = opened.loaded.household
        self._catalogue = opened.catalogue
        self._screen = screen
        self._taken = {*self._household.plans, *(problem.plan for problem in opened.problems if problem.plan)}
        self._typing = sys.stdin.isatty()
        self._at_month_end = False  # the day that was said last is the last of any month

    def plan(self) -> tuple[str, dict[str, object]]:
        """Ask for a plan, and return its id and its keys in the order of the file."""
        kind = self._ask("kind", self._kind, "line")
        asked = self._line() if kind == "line" else self._other()
        id_ = str(asked.pop("id"))
        return id_, {key: value for key, value in asked.items() if value is not None}

    def _line(self) -> dict[str, object]:
        carrier = self._carrier()
        plan = self._named("line", carrier)
        plan["carrier"] = carrier.id if carrier else None
        plan["for"] = self._told()
        plan["number"] = self._ask("number", self._key("number"))
        plan["renews"] = self._ask("renews", self._day, needed=True)
        every = self._ask("every", self._key("every"), str(carrier.cycle if carrier and carrier.cycle else "1 month"))
        plan["every"] = str(every)
        plan["day"] = self._last_of_months(plan["renews"], every)
        return plan | self._price(is_line=True) | self._paid()

    def _other(self) -> dict[str, object]:
        """Ask for a plan without a number. It may end instead of renewing, and a contract has a notice period."""
        plan = self._named("other") | {"kind": "other", "for": self._told()}
        plan["site"] = self._ask("site", self._key("site"))
        plan["renews"] = self._ask("expires", self._day, needed=True)
        every = self._ask("every-or-ends", self._key("every"))
        plan["every"] = every and str(every)
        plan["day"] = self._last_of_months(plan["renews"], every)
        plan |= self._price(is_line=False) | self._paid()
        if plan["autopay"] and every:
            notice = self._ask("notice", self._key("notice"))
            plan["notice"] = notice and str(notice)
        return plan

    def _last_of_months(self, renews: object, every: object) -> int | None:
        """Return 31 for what renews at the end of each month, if the first of them is shorter."""
        by_month = isinstance(every, Duration) and every.unit in ("months", "years")
        short = isinstance(renews, date) and renews.day < _LAST
        return _LAST if self._at_month_end and by_month and short else None

    def _named(self, kind: str, carrier: Carrier | None = None) -> dict[str, object]:
        brand = carrier.name[self._screen.words.code] if carrier else ""
        name = str(self._ask("name", self._key("name"), brand) or "")
        offered = carrier.id if carrier and name == brand else readable_id(name, carrier=None, site=None, kind=kind)
        id_ = str(self._ask("id", self._id, free_id(offered, self._taken)))
        return {"id": id_, "name": name or id_}

    def _told(self) -> list[object] | None:
        people = self._household.people
        if len(people) <= 1:
            return None
        told = self._ask("for", self._people, "me" if "me" in people else next(iter(people)), among=people)
        return told if isinstance(told, list) and told != ["me"] else None

    def _price(self, *, is_line: bool) -> dict[str, object]:
        """Ask for the price, and for its currency where its sign does not say it. A line has the household's."""
        found = self._ask("price", self._amount)
        if not isinstance(found, AmountReading):
            return {"price": None}
        own, named = self._household.currency, found.currencies
        currency: object = own if is_line or own in named else None
        if named and own not in named:
            currency = named[0] if len(named) == 1 else None
        currency = currency or self._ask("currency", self._currency, named[0] if named else own)
        return {"price": found.amounts[0], "currency": currency if currency != own else None}

    def _paid(self) -> dict[str, object]:
        autopay = self.agrees("add.ask.autopay", offered=False) or None
        cards = self._household.cards
        return {
            "autopay": autopay,
            "pay_with": self._ask("pay_with", self._among(cards), among=cards) if cards else None,
        }

    def agrees(self, key: str, *, offered: bool, **args: object) -> bool:
        """Ask a question that is answered with yes or no."""

        def read_answer(text: str) -> bool:
            if text.lower() in (*YES, *_NO):
                return text.lower() in YES
            raise _NotThisError(self._screen.say("add.yes-or-no", answer=text))

        answer = self._until_it_stands(
            self._screen.say(key, **args), read_answer, self._screen.say(f"add.{'yes' if offered else 'no'}")
        )
        return offered if answer is None else bool(answer)

    def _carrier(self) -> Carrier | None:
        """Ask for the carrier, and print what the catalogue knows of it."""
        found = self._ask("carrier", self._known_carrier)
        if not isinstance(found, Carrier):
            return None
        screen, fact = self._screen, found.facts.get("cycle")
        if fact is not None:
            checked = screen.words.day_plain(fact.checked or found.checked)
            words = fact.text.get(screen.words.code) or fact.text["en"]
            screen.paragraph(screen.say("add.known", words=words, checked=checked))
        return found

    def _known_carrier(self, text: str) -> Carrier:
        if (found := carriers_by_name(self._catalogue)(text)) is not None:
            return found
        meant = nearest(text.lower(), self._catalogue)
        key = "add.no-carrier-meant" if meant else "add.no-carrier"
        raise _NotThisError(self._screen.say(key, carrier=text, meant=meant, command="renewd carriers"), meant)

    def _kind(self, text: str) -> str:
        for kind, words in _KINDS.items():
            if text.lower() in words:
                return kind
        meant = nearest(text.lower(), _KINDS)
        raise _NotThisError(self._screen.say("add.not-among", answer=text, known=self._screen.list(_KINDS)), meant)

    def _id(self, text: str) -> str:
        if not is_id(text):
            raise _NotThisError(self._screen.say("add.bad-id", id=text), free_id(slug(text) or "line", self._taken))
        if text in self._taken:
            raise _NotThisError(self._screen.say("add.taken", id=text), free_id(text, self._taken))
        return text

    def _key(self, name: str) -> Callable[[str], object]:
        """Return the reader of an answer that goes below a key of the file."""
        kind = PLAN.keys[name].type
        assert not isinstance(kind, Sub | Each | ById)

        def read_answer(text: str) -> object:
            try:
                return kind.read(text.strip("\"'“”"))  # as the file has it, and as the messages write it
            except WrongError as wrong:
                problem = Problem(code=wrong.code, file=text, args=wrong.args_)
                fix = wrong.args_.get("fix")
                if (
                    wrong.code == "check.not-a-phone-write"
                ):  # but for its country it is one number, and is shown before it is written
                    return kind.read(fix)
                if name == "site" and re.fullmatch(r"[^\s:/]+\.[^\s:/]+(?:/\S*)?", text):
                    fix = f"https://{text}"
                raise _NotThisError(say_problem(problem, self._screen.words.code), str(fix) if fix else None) from None

        return read_answer

    def _day(self, text: str) -> object:
        """Read a day, also one counted from today. Of one without a year, month or week, the next is offered."""
        spoken = read_spoken_day(text.strip("\"'“”"), self._today)
        self._at_month_end = spoken is not None and spoken.month_end
        if spoken is not None and spoken.exact:
            text = spoken.day.isoformat()
        try:
            return self._key("renews")(text)
        except _NotThisError as error:
            years = (self._today.year, self._today.year + 1)
            days = [day for year in years for typed in (f"{year} {text}", f"{text} {year}") for day in _days(typed)]
            if spoken is not None:
                days = [spoken.day]
            raise _NotThisError(
                str(error), error.meant or next((day.isoformat() for day in days if day >= self._today), None)
            ) from None

    def _amount(self, text: str) -> AmountReading:
        reading = read_amount(text.strip("\"'“”"))
        if len(reading.amounts) != 1:
            self._key("price")(text)
        return AmountReading((Amount().read(str(reading.amounts[0])),), reading.currencies)

    def _currency(self, text: str) -> object:
        named = read_amount(f"1 {text}").currencies
        if self._household.currency in named:
            return self._household.currency
        return named[0] if len(named) == 1 else self._key("currency")(text)

    def _people(self, text: str) -> list[str]:
        """Read who is told: ids or names, several with a comma or blank between them."""
        by_name = {name.casefold(): id_ for id_, one in self._household.people.items() for name in (one.name, id_)}
        if text.lower() in _ALL:
            return list(self._household.people)
        typed = [text] if text.casefold() in by_name else re.split(r"[\s,，、+&]+(?:and\s|和)?", text)
        known = self._among(self._household.people)
        return list(dict.fromkeys(by_name.get(one.casefold()) or known(one) for one in typed))

    def _among(self, known: Collection[str]) -> Callable[[str], str]:
        def read_answer(text: str) -> str:
            if text in known:
                return text
            meant = nearest(text, known)
            raise _NotThisError(self._screen.say("add.not-among", answer=text, known=self._screen.list(known)), meant)

        return read_answer

    def _ask(
        self,
        key: str,
        read_answer: Callable[[str], object],
        offered: str = "",
        *,
        needed: bool = False,
        among: Collection[str] = (),
    ) -> object:
        """Ask for one thing, and return None if nothing was answered and there is no default."""
        question = self._screen.say(f"add.ask.{key.replace('_', '-')}", known=self._screen.list(among))
        answer = self._until_it_stands(question, read_answer, offered, needed=needed)
        return read_answer(offered) if answer is None and offered else answer

    def _until_it_stands(
        self, question: str, read_answer: Callable[[str], object], offered: str, *, needed: bool = False
    ) -> object:
        """Ask until the answer is valid; what may have been meant is offered the next time. No answer is None."""
        meant: str | None = None
        while True:
            text = self._answer(question, meant or offered) or meant or ""
            if text.lower() in _NOTHING and not (needed or meant or offered):
                return None
            if not text and not needed:
                return None
            wrong = self._screen.say("add.needed")
            if text:
                try:
                    return read_answer(text)
                except _NotThisError as error:
                    wrong, meant = str(error), error.meant
            if not self._typing:
                raise UsageError("terminal.add.stopped", why=wrong)
            self._screen.print(f"  {self._screen.style(wrong, 'yellow')}")

    def _answer(self, question: str, offered: str) -> str:
        stream = self._screen.stream
        stream.write(f"{question}{f' [{offered}]' if offered else ''}: ")
        stream.flush()
        line = sys.stdin.readline()
        if not self._typing or not line:
            stream.write(f"{line.strip()}\n")  # as a terminal would show it
        if not line and self._typing:
            raise KeyboardInterrupt  # Ctrl+D: nothing more is to be asked
        return line.strip()


def _days(text: str) -> tuple[date, ...]:
    try:
        return read_days(text)
    except WrongError:
        return ()
