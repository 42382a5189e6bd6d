"""A person's page, put together: every block in its order (docs/page.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from renewd.domain.dates import DAY
from renewd.reminders.leave import named_day
from renewd.reminders.person_page import ComingDay, PersonPage
from renewd.render import labels
from renewd.render.mail_parts import Cell
from renewd.render.markup import KEEP, KEPT, own
from renewd.render.open_item import OpenItems
from renewd.render.views import command
from renewd.web.forms import FormMaker
from renewd.web.money_blocks import MoneyBlocks
from renewd.web.open_items import ItemMaker, leaving_item
from renewd.web.owner_findings import OwnerFindings
from renewd.web.recent_facts import RecentFacts
from renewd.web.sections import Sections
from renewd.web.visit import Visit, around, who_recorded

_EXAMPLE = '[plan.tello]\nrenews = {day}\nevery  = "30 days"\nprice  = 5'


class PersonModel:
    """Makes the model of `page/person.html`."""

    def __init__(self, visit: Visit, page: PersonPage) -> None:
        self._visit = visit
        self._words = visit.words()
        self._page = page
        self._forms = FormMaker(words=self._words, records=visit.may_record)
        self._facts = RecentFacts(visit, self._words, self._forms)
        items = OpenItems(visit.household, visit.person, visit.around.now, visit.around.overrides)
        self._items = ItemMaker(self._page, items, self._words, self._forms, visit.left)
        self._money = MoneyBlocks(self._page, self._words, may_record=visit.may_record)
        self._sections = Sections(self._page, visit, self._words)
        self._findings = OwnerFindings(visit, self._words)

    def model(self) -> dict[str, object]:
        """Return all that the page shows."""
        say, visit = self._words.say, self._visit
        look = self._findings.found()
        todo, items, rest = self._items.open()
        questions = self._items.questions()
        there = bool(self._page.rows)
        single = len(self._page.rows) == 1  # its year is a sentence
        count = len(self._page.open)
        heading = say("open.left" if visit.said == "done" else "open.title", n=count)
        if look:
            parts = (heading, say("open.to-look-at", n=len(look)))
            heading = self._words.clauses(*(f"{KEEP}{part}{KEPT}" for part in parts))
        calm = self._calm() if there and not count else None
        title = heading if count else calm["kicker"] if calm else say("empty.kicker")
        return {
            **around(visit, self._words),
            "title": f"{visit.person.name}: {title}",
            "top": self._top(look),
            "notice": self._facts.notice(visit.records()),
            "empty": None if there else self._empty(),
            "calm": calm,
            "heading": heading,
            "todo": [*todo, *self._more_rows(rest, look)] if count else [],
            "items": items,
            "rest": self._rest(rest),
            "questions": questions,
            "look": {"title": say("look.title", n=len(look)), "about": say("look.only-you"), "found": look}
            if look
            else None,
            "recent": self._recent(),
            "nav": self._sections.nav(look, self._money.short(), self._money.year_sum())
            if there and not single
            else None,
            "comes": self._money.comes(whole=visit.whole) if there else None,
            "words": {name: say(name) for name in ("date", "what", "amount")},
            "plans": self._sections.plans(),
            "money": self._money.money() if there and not (single and self._page.rows[0].plan.promo is None) else None,
            "mails": self._sections.mails() if there else None,
            "calendar": self._sections.calendar(),
            "state": self._sections.state(look),
        }

    # --- at the top

    def _top(self, look: Sequence[object]) -> str:
        say, visit = self._words.say, self._visit
        line = self._words.moment("top", visit.around.now, name=own(visit.person.name))
        state = say("unwell", n=len(look)) if look else say("well" if self._sections.well else "unwell-other")
        return self._words.sentences(line, KEEP + state + KEPT)

    def _recent(self) -> dict[str, object] | None:
        records = self._visit.records()
        if not records:
            return None
        rows, write = [], ""
        for record in records:
            undo = self._facts.undo(record) if record.write != write else None
            write = record.write
            meta = who_recorded(record, self._visit, self._words)
            rows.append({"words": self._facts.note(record), "meta": meta, "undo": undo})
        return {"title": self._words.say("recent.title"), "rows": rows}

    def _empty(self) -> dict[str, object]:
        say, visit = self._words.say, self._visit
        if not visit.is_owner:
            about = say("empty.other-about", owner=self._words.owner())
            return {"kicker": say("empty.kicker"), "title": say("empty.other-title"), "about": about, "ways": ""}
        names = "kicker", "title", "about", "ways", "asked", "by-hand", "imported", "imported-about", "then"
        return {
            **{name.replace("-", "_"): say(f"empty.{name}") for name in names},
            "example": _EXAMPLE.format(day=self._page.today),
            "add": command("plan", "add"),
            "import": command("import", "subscriptions.json"),
        }

    def _calm(self) -> dict[str, object]:
        say, page = self._words.say, self._page
        next_ = page.next
        if next_ is None:
            calm = {
                "kicker": say("open.nothing"),
                "title": say("open.nothing"),
                "sentence": say("open.nothing-no-next"),
            }
            return self._or_leaving(page.leaving_soon(), calm, [])
        day = self._words.local(next_.moment).date()
        subject = next_.subject
        ends = labels.manner(subject.kind, subject.plan, subject.about)
        title = (
            labels.title(subject.kind, (named_day(subject, day) - day).days, self._words.code, ends)
            if subject.kind != "digest"
            else labels.kind_word("digest", self._words.code)
        )
        name = labels.name_of(subject, self._visit.household)
        what = self._words.say("comes.with-what", name=own(name), what=title) if name else title
        charges = [payment for payment in page.year if payment.autopay and payment.day < day]
        sentence = [say("open.nothing-next", day=day, what=what)]
        if charges:
            said = [
                say("open.charge-of", name=self._words.name(p.plan), day=p.day, money=self._words.money(p.money))
                for p in charges[:3]
            ]
            sentence.append(say("open.nothing-charges", n=len(charges), list=self._words.several(said)))
        strip = [Cell("green", say("today"), self._words.day(page.today))]
        if charges:
            strip.append(
                Cell(
                    "green", say("open.cell-charge"), self._words.day(charges[0].day), self._words.name(charges[0].plan)
                )
            )
        strip.append(Cell("amber", say("open.cell-mail"), self._words.day(day), own(name)))
        last = max(page.today, day - DAY)
        calm = {
            "kicker": say("open.nothing"),
            "title": say("open.nothing-through", day=last),
            "sentence": self._words.sentences(*sentence),
        }
        return self._or_leaving(page.leaving_soon(last=last), calm, strip)

    def _or_leaving(self, found: ComingDay | None, calm: dict[str, str], strip: Sequence[Cell]) -> dict[str, object]:
        """Return that there is nothing to do, or else by which near day a plan is to be left."""
        if found is None:
            return {**calm, "tone": "green", "strip": strip}
        item = leaving_item(found, self._words)
        sentence = self._words.sentences(item.sentence, calm["sentence"])
        return {"tone": item.tone, "kicker": item.kicker, "title": item.title, "sentence": sentence, "strip": strip}

    def _more_rows(self, rest: Sequence[object], look: Sequence[object]) -> Iterator[dict[str, str]]:
        say = self._words.say
        if rest:
            last = max((block.facts.good or block.facts.today for block in self._page.open), default=self._page.today)
            yield {
                "id": "rest",
                "tone": "",
                "by": say("open.rest", n=len(rest)),
                "words": say("open.rest-by", day=last),
            }
        if look:
            yield {"id": "look", "tone": "", "by": "renewd", "words": self._findings.in_short()}

    def _rest(self, rows: Sequence[object]) -> dict[str, object] | None:
        say = self._words.say
        if not rows:
            return None
        return {
            "title": say("open.rest", n=len(rows)),
            "about": say("open.rest-about") if self._visit.may_record else "",
            "button": say("open.rest-button") if self._visit.may_record else "",
            "rows": rows,
        }
