"""The pages between a form and the page it came from: what would be written, what was, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from starlette.responses import Response

from renewd.config import say_problem
from renewd.config.fact_log import FactRecord
from renewd.config.messages import show_source
from renewd.domain.cancellation import falls_due
from renewd.domain.fact_changes import Append, ChangeNote, Marked
from renewd.domain.findings import NOTHING_FOUND
from renewd.domain.money import Money
from renewd.domain.plans import Person, Plan
from renewd.reminders.person_page import PersonPage, person_page
from renewd.render.carrier_words import site_of
from renewd.render.mail_parts import Link, MailRow
from renewd.render.markup import BOLD, BOLDED, host, own
from renewd.render.open_item import OpenItems
from renewd.web.asked_fact import AskedFact, BadInputError
from renewd.web.forms import Form, FormMaker
from renewd.web.recording import Recording, Refused, Waiting
from renewd.web.responses import state_page
from renewd.web.wording import Wording

Changed = Sequence[tuple[Plan, Marked]]
_TITLES = ("renewed", "paid", "kept-alive", "backed-up", "failed")
_ROWS = {"old", "new", "paid"}  # args of a note that is shown as rows
_STATUS = {"broken": 409, "gone": 410, "used": 409, "input": 400, "cannot": 409, "unwritable": 409, "edited": 409}


def _beside_rows(marked: Marked) -> tuple[ChangeNote, ...]:
    return tuple(note for note in marked.says if not note.args.keys() >= _ROWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePages:
    """Makes these pages for a reader. `home` leads to the reader's page, `action` is where a tap's forms are sent."""

    words: Wording
    person: Person
    home: str
    action: str = ""  # of a link of a mail, which records its own fact alone
    undoable: str | None = None
    until: date | None = None  # the day to which a link of a mail is good

    # --- before

    def asks(
        self, facts: Sequence[Recording], changed: Changed, back: str = "", bad: tuple[str, str] = ("", "")
    ) -> Response:
        """Return what would be written, with the button that writes it."""
        say, plan, asked = self.words.say, changed[0][0], facts[0].asked
        one = len(facts) == 1
        silences = asked.what in _TITLES and asked.what != "failed" and not bad[0]
        title = self._question(plan, asked) if one else say("asks.several", n=len(facts))
        forms = [] if bad[0] else [self._write(plan, facts, back)]
        site = site_of(plan)
        links = (
            [Link(site, say("asks.not-yet", host=own(host(site))))] if one and site and asked.what == "renewed" else []
        )
        rows = self._rows(plan, changed[0][1]) if one and not bad[0] else []
        model = {
            "title": title,
            "kicker": say("asks.kicker"),
            "lines": [say("asks.about" if silences else "asks.about-plain")],
            "rows": rows,
            "after": [] if bad[0] else self._notes(changed),
            "forms": forms,
            "primary": True,
            "links": links,
            "figures": self._figures(plan, facts[0], back, bad) if one else None,
        }
        return self._page(400 if bad[0] else 200, model)

    def again(self, facts: Sequence[Recording], refused: Refused, back: str = "") -> Response:
        """Return the form once more, with what was typed in it and what is wrong with it."""
        assert refused.plan is not None
        assert isinstance(refused.error, BadInputError)
        bad = refused.error.field, self.words.say(refused.error.key, name=self.words.name(refused.plan))
        return self.asks(facts, [(refused.plan, Marked((), ()))], back, bad)

    def _question(self, plan: Plan, asked: AskedFact) -> str:
        if asked.what in _TITLES:
            what = "paid" if asked.what == "renewed" and falls_due(plan) else asked.what
            return self.words.say(f"asks.{what}", name=self.words.name(plan))
        return self.words.say("asks.title")

    def _write(self, plan: Plan, facts: Sequence[Recording], back: str) -> Form:
        renewed = [fact.asked.what for fact in facts] == ["renewed"] and not falls_due(plan)
        key = "asks.button-renewed" if renewed else "asks.button"
        hidden = [("fact", fact.asked.value) for fact in facts]
        hidden += [(name, value) for name, value in facts[0].typed.items() if value]
        hidden += [("back", back)] if back else []
        return Form(id="", title="", action=self.action or "record", button=self.words.say(key), hidden=tuple(hidden))

    def _rows(self, plan: Plan, marked: Marked) -> list[MailRow]:
        """Return the old date and the new one, and what they are taken from, of a renewal."""
        args = next((said.args for said in marked.says if said.args.keys() >= _ROWS), None)
        if args is None:
            return []
        say, day = self.words.say, self.words.day_year
        old, new, paid = args["old"], args["new"], args["paid"]
        assert isinstance(new, date)
        assert isinstance(paid, date)
        change = say("asks.from-to", old=day(old), new=BOLD + day(new) + BOLDED) if isinstance(old, date) else day(new)
        amount = next((change.table.get("amount") for change in marked.changes if isinstance(change, Append)), None)
        said = say("asks.paid-on", day=paid)
        if isinstance(amount, Decimal):
            said = say("asks.paid-sum-on", money=Money(amount, plan.currency), day=paid)
        return [MailRow(say("asks.renews"), change), MailRow(say("asks.taken-as"), said)]

    def _notes(self, changed: Changed) -> list[str]:
        """Return what facts mean, apart from what the rows of a single renewal say."""
        said = [(plan, marked.says if len(changed) > 1 else _beside_rows(marked)) for plan, marked in changed]
        return list(filter(None, (self.words.notes(plan, plan.id, says) for plan, says in said)))

    def _figures(self, plan: Plan, fact: Recording, back: str, bad: tuple[str, str]) -> Form | None:
        form = FormMaker(words=self.words, back=back).figures(plan, fact.asked, typed=fact.typed, error=bad)
        if not form.fields:
            return None
        hidden = form.hidden if not self.action else ()
        return replace(
            form, title=self.words.say("asks.change"), action=self.action or "ask", method="get",
            button=self.words.say("form.see"), hidden=hidden, open=bool(bad[0]),
        )  # fmt: skip

    # --- after

    def recorded(self, plan: Plan, record: FactRecord) -> Response:
        """Return that a link of a mail has recorded its fact."""
        say = self.words.say
        new = next((said.args["new"] for said in record.says if "new" in said.args), None)
        lines = [say("recorded.about-failed" if record.what == "failed" else "recorded.about")]
        if record.what != "failed" and (next_ := self._reader().next) is not None:
            lines.append(say("recorded.next", day=self.words.local(next_.moment).date()))
        rows = self._rows(plan, Marked((), record.says))
        title = say("recorded.renewed", name=self.words.name(plan), day=new) if new else say("recorded.title")
        forms = [self._undo(record.write, say("recorded.undo"))] if record.write == self.undoable else []
        model = {
            "tone": "green",
            "kicker": say("recorded.kicker"),
            "title": title,
            "lines": [self.words.sentences(*lines)],
            "rows": rows,
            "after": self._notes([(plan, Marked((), record.says))]),
            "forms": forms,
            "small": say("recorded.undo-about") if forms else "",
        }
        return self._page(200, model)

    def undone(self, plan: Plan) -> Response:
        """Return that what a link of a mail had recorded was taken back."""
        say = self.words.say
        household, now = self.words.household, self.words.now
        block = next((one for one in self._reader().open if one.is_about(plan)), None)
        item = OpenItems(household, self.person, now, None).item(block, self.words.code) if block else None
        model = {
            "tone": "amber",
            "kicker": say("undone.kicker"),
            "title": item.headline if item else say("undone.title", name=self.words.name(plan)),
            "lines": [*([item.sentence] if item else []), say("undone.about")],
            "links": item.links[:1] if item else [],
            "primary": True,
        }
        return self._page(200, model)

    def _reader(self) -> PersonPage:
        """Return what the reader's page shows, without what only the daemon has found."""
        return person_page(self.words.household, NOTHING_FOUND, self.person, self.words.now)

    def waiting(self, waiting: Waiting, look: str) -> Response:
        """Return that facts were taken in and are about to be written."""
        say = self.words.say
        name = self.words.name(waiting.facts[0][0]) if waiting.facts else ""
        rows = self._rows(*waiting.facts[0]) if len(waiting.facts) == 1 else []
        model = {
            "kicker": say("waiting.kicker"),
            "title": say("waiting.title", name=name) if name else say("waiting.undo"),
            "lines": [say("waiting.about")],
            "rows": rows,
            "after": self._notes(waiting.facts),
            "links": [Link(look, say("waiting.look"))],
            "primary": True,
        }
        return self._page(202, model)

    # --- instead

    def refused(self, refused: Refused, again: Form | None = None) -> Response:
        """Return why nothing was recorded."""
        say = self.words.say
        model: dict[str, object] = {
            "tone": "amber" if refused.reason == "broken" else "grey",
            "kicker": say(f"{refused.reason}.kicker")
            if refused.reason not in ("input", "unwritable")
            else say("cannot.kicker"),
            **self._why(refused, again),
        }
        return self._page(_STATUS[refused.reason], model)

    def _why(self, refused: Refused, again: Form | None) -> dict[str, object]:
        match refused.reason:
            case "broken":
                return self._broken(refused, again)
            case "used":
                return self._used(refused)
            case "input" | "cannot":
                return self._cannot(refused)
            case "unwritable":
                return self._unwritable()
            case "gone" | "edited" as reason:
                return {"title": self.words.say(f"{reason}.title"), "lines": [self.words.say(f"{reason}.about")]}

    def expired(self, plan: Plan, mailed: date) -> Response:
        """Return that a link of a mail is too old. It proves nothing anymore, so the page leads nowhere."""
        say, owner = self.words.say, self.words.household.owner
        model = {
            "kicker": say("expired.kicker"),
            "title": say("expired.title"),
            "lines": [say("expired.about", day=mailed, name=self.words.name(plan))],
            "after": [say("expired.ask", owner=self.words.owner())] if owner.id != self.person.id else [],
            "home": None,
        }
        return self._page(410, model)

    def missing(self) -> Response:
        """Return that an address below the reader's page is none."""
        say = self.words.say
        model = {"kicker": say("missing.kicker"), "title": say("missing.title"), "lines": [say("missing.about")]}
        return self._page(404, model)

    def _broken(self, refused: Refused, again: Form | None) -> dict[str, object]:
        say, owner = self.words.say, self.words.household.owner
        problem = refused.problems[0] if refused.problems else None
        mine = owner.id == self.person.id
        about = say("broken.about-until", day=self.until) if self.until else say("broken.about")
        return {
            "title": say("broken.title"),
            "lines": [about] if mine else [about, say("broken.about-other", owner=self.words.owner())],
            "source": (show_source(problem) or "") if mine and problem else "",
            "after": [own(say_problem(problem, self.words.code))] if mine and problem else [],
            "forms": [replace(again, button=say("broken.again"))] if again else [],
            "primary": True,
        }

    def _used(self, refused: Refused) -> dict[str, object]:
        say, latest, plan = self.words.say, refused.latest, refused.plan
        if latest is None or plan is None:
            return {"title": say("used.title"), "lines": [say("used.by-hand")]}
        key = "command" if latest.person is None else "you" if latest.person == self.person.id else "person"
        people = self.words.household.people
        reader = people.get(latest.person or "")
        who = self.words.moment(f"used.{key}", latest.at, who=own(reader.name if reader else latest.person or ""))
        undo = [self._undo(latest.write, say("recorded.undo"))] if latest.write == self.undoable else []
        return {
            "title": say("used.title"),
            "lines": [self.words.sentences(who, self.words.notes(plan, plan.id, latest.says))],
            "after": [say("used.again")],
            "links": [Link(f"{self.home}plan/{plan.id}", say("open.plan", name=self.words.name(plan)))],
            "forms": undo,
        }

    def _cannot(self, refused: Refused) -> dict[str, object]:
        error, said = refused.error, []
        if error is not None and not isinstance(error, BadInputError):
            said = [self.words.refusal(error, refused.plan, self.person)]
        return {"title": self.words.say("cannot.title"), "lines": [self.words.say("cannot.about"), *said]}

    def _unwritable(self) -> dict[str, object]:
        say, mine = self.words.say, self.person.id == self.words.household.owner.id
        about = say("cannot.unwritable") if mine else say("cannot.unwritable-other", owner=self.words.owner())
        return {"title": say("cannot.title"), "lines": [about]}

    def _undo(self, write: str, button: str) -> Form:
        action = self.action or f"{self.home}undo"
        return Form(id="", title="", action=action, button=button, hidden=(("write", write),))

    def _page(self, status: int, model: Mapping[str, object]) -> Response:
        tap = "footer-tap" if self.action else "footer"
        home = Link(self.home, self.words.say("your-page" if self.action else "back-to-page"))
        return state_page(status, {"code": self.words.code, "footer": [self.words.say(tap)], "home": home, **model})
