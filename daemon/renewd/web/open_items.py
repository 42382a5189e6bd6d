"""The items of a person's page: what is open, with its buttons, and the questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from renewd.domain.cancellation import cancel_of, falls_due, pin_until, way_out
from renewd.domain.findings import item_id
from renewd.domain.money import Money
from renewd.domain.plans import Plan
from renewd.reminders.facts import Facts
from renewd.reminders.grouping import Block
from renewd.reminders.kind import Reminder
from renewd.reminders.kinds import KINDS
from renewd.reminders.person_page import ComingDay, PersonPage
from renewd.render.mail_parts import Cell, Link
from renewd.render.markup import own
from renewd.render.open_item import OpenItem, OpenItems
from renewd.render.paying import is_free, short
from renewd.web.asked_fact import AskedFact, ask
from renewd.web.forms import Form, FormMaker
from renewd.web.links import FORM_OF, tap_of
from renewd.web.wording import Wording

IN_FULL = 5  # open things; those after them are rows to tick
_SOON = 3  # days: until then an item has its color
_WITH_FIGURES = ("renewed", "paid")
_ON_CHECKLIST = ("cancel-by", "binding", "pin")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageItem:
    """An item as the page shows it."""

    id: str
    tone: str
    kicker: str
    title: str
    sentence: str
    strip: Sequence[Cell] = ()
    go: Link | None = None
    beside: Link | None = None  # another way to act, as a call
    forms: Sequence[Form] = ()
    figures: Form | None = None
    other: str = ""
    hangs: Sequence[str] = ()
    write: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoRow:
    """A row of the list at the top, or one to tick; `value` is the fact that it records."""

    id: str
    tone: str
    by: str
    words: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class ItemMaker:
    """Makes the items of one page."""

    page: PersonPage
    items: OpenItems
    words: Wording
    forms: FormMaker
    left: Callable[[Plan], int]  # how many things stand in the way of leaving a plan

    def open(self) -> tuple[list[TodoRow], list[PageItem], list[TodoRow]]:
        """Return the list at the top, the items in full, and the rows to tick."""
        said = [(block, self.items.item(block, self.words.code)) for block in self.page.open]
        rows = [self.row(block, item, place) for place, (block, item) in enumerate(said)]
        # one more in full is shorter than a list of one
        most = IN_FULL if len(rows) > IN_FULL + 1 else IN_FULL + 1
        return rows[:most], [self.item(block, item) for block, item in said[:most]], rows[most:]

    def questions(self) -> list[PageItem]:
        """Return whether charges went through."""
        return [self.question(block) for block in self.page.questions]

    def row(self, block: Block, item: OpenItem, place: int) -> TodoRow:
        """Return the row of a block."""
        facts = block.facts
        by = (
            self.words.say("open.by", day=facts.good)
            if facts.good and facts.good > facts.today
            else self.words.say("open.now")
        )
        offers = [asked for _, asked in self.offers(item)]
        return TodoRow(
            id=_id(facts, place),
            tone=facts.tone,
            by=by,
            words=item.row,
            value=offers[0].value if len(offers) == 1 else "",
        )

    def item(self, block: Block, item: OpenItem) -> PageItem:
        """Return a block in full."""
        facts, plan = block.facts, block.facts.plan
        offers = list(self.offers(item))
        first = offers[0][1] if len(offers) == 1 else None
        ways = [self.checklist(plan)] if plan and plan.cancel and facts.kind in _ON_CHECKLIST else []
        ways += item.links
        near = facts.tone == "red" or (facts.tone == "amber" and facts.days <= _SOON)
        return PageItem(
            id=_id(facts, self.page.open.index(block)),
            tone=facts.tone if near or self.page.open[0] is block else "grey",
            kicker=item.kicker,
            title=item.headline,
            sentence=item.sentence,
            strip=item.strip,
            go=ways[0] if ways else None,
            beside=ways[1] if len(ways) > 1 else None,
            forms=[self.forms.tap(asked, self._button(each, asked, item)) for each, asked in offers],
            figures=self.forms.figures(plan, first) if plan and first and first.what in _WITH_FIGURES else None,
            other=self._other(facts),
            hangs=item.hangs,
            write=self._write(facts) if not offers else None,
        )

    def checklist(self, plan: Plan) -> Link:
        """Return the link to what is in the way of leaving a plan."""
        left = self.left(plan)
        words = self.words.say("open.checklist-left", n=left) if left else self.words.say("open.checklist")
        return Link(f"{self.forms.root}plan/{plan.id}/report", words)

    def _other(self, facts: Facts) -> str:
        money = _sum_paid(facts)
        return self.words.say("record.figures-sum", money=money) if money else self.words.say("record.figures")

    def offers(self, item: OpenItem) -> Iterator[tuple[Facts, AskedFact]]:
        """Iterate the facts that an item's buttons record."""
        for facts in item.members if self.forms.records else ():
            if facts.kind == "binding" and facts.plan is not None:
                for binding in facts.plan.bindings:
                    if binding.is_open:
                        yield facts, ask(facts.plan, "moved", item_id(binding.service))
            reminder = self.page.reminders.get(facts.key)
            if reminder is not None and (asked := _asked(reminder)) is not None:
                yield facts, asked

    def question(self, block: Block) -> PageItem:
        """Return whether a charge went through."""
        item = self.items.item(block, self.words.code)
        return PageItem(
            id=_id(block.facts, 0),
            tone="grey",
            kicker=self.words.say("open.question"),
            title=item.question,
            sentence=item.sentence,
            forms=[self.forms.tap(asked, self._button(each, asked, item)) for each, asked in self.offers(item)],
        )

    def _button(self, facts: Facts, asked: AskedFact, item: OpenItem) -> str:
        """Return the words of a button: a statement in the first person, with its sum."""
        if asked.what == "failed" and len(item.members) > 1 and facts.plan is not None:
            return self.words.say("record.failed-of", name=self.words.name(facts.plan))
        if asked.what == "moved" and facts.plan is not None:
            service = next(one.service for one in facts.plan.bindings if item_id(one.service) == asked.item)
            return self.words.say("record.moved", what=own(service))
        pays = facts.plan is not None and falls_due(facts.plan)
        renewed = "topped" if item.tops_up else "bill" if pays else "renewed"
        key = {"renewed": renewed, "paid": "bill"}.get(asked.what, asked.what)
        if asked.what in _WITH_FIGURES and (money := _sum_paid(facts)) is not None:
            return self.words.say(f"record.{key}-sum", money=money)
        return self.words.say(f"record.{key}")

    def _write(self, facts: Facts) -> Link | None:
        if facts.plan is None or facts.kind not in FORM_OF or not self.forms.records:
            return None
        return Link(
            f"{self.forms.root}plan/{facts.plan.id}#{FORM_OF[facts.kind]}",
            self.words.say("open.write-figure"),
        )


def leaving_item(found: ComingDay, words: Wording) -> PageItem:
    """Return what is said of a day by which a plan is to be left while no reminder of it is open."""
    plan, day = found.plan, found.day
    why = "chosen" if cancel_of(plan).by == day else "pin" if pin_until(plan) == day else "last"
    act = words.say(f"plans.leave-{way_out(plan)}", day=day)
    title = words.say("open.row", name=words.name(plan), act=act)
    return PageItem(
        id="leaving", tone="amber", kicker=words.say("leaving.kicker"), title=title,
        sentence=words.say(f"leaving.{why}"),
    )  # fmt: skip


def _asked(reminder: Reminder) -> AskedFact | None:
    """Return the fact that settles a reminder, None if it takes more than one word."""
    if KINDS[reminder.subject.kind].tap is None:
        return None
    tap = tap_of(reminder.subject, reminder.person, reminder.moment.date() + timedelta(days=1))
    return ask(reminder.plan, tap.what, tap.item) if tap is not None else None


def _sum_paid(facts: Facts) -> Money | None:
    """Return what was paid if it was done; None if that is not known, or is at least what the balance lacks."""
    return None if is_free(facts) or short(facts) is not None else facts.amount


def _id(facts: Facts, place: int) -> str:
    return f"{facts.plan.id if facts.plan else 'card'}-{facts.kind}-{place}"
