"""Everybody's page: what its addresses answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from starlette.responses import HTMLResponse, Response

from renewd.config.config_files import OpenedConfig
from renewd.config.plan_ids import is_id
from renewd.domain.plans import Person, Plan
from renewd.i18n import TEMPLATES
from renewd.reminders.person_page import PersonPage, person_page
from renewd.web.asked_fact import AskedFact
from renewd.web.forms import Form
from renewd.web.mail_pages import mail_model, mails_model
from renewd.web.person_model import PersonModel
from renewd.web.plan_model import PlanModel
from renewd.web.recording import Recorder, Recording, Refused, Waiting
from renewd.web.responses import CSP, PRIVATE, altered, bad_form, page, see_other
from renewd.web.states import StatePages
from renewd.web.surroundings import Surroundings
from renewd.web.visit import Visit
from renewd.web.wording import Wording

_TYPED = ("on", "early", "amount", "until", "reference", "used", "by", "how", "number")
_MAIL = re.compile(r"mail/([0-9]{1,15})")
_MOST_QUERY = 100

Fields = Mapping[str, Sequence[str]]


class PersonPages:
    """Answers the addresses below `/p/TOKEN/`. `surroundings` returns what the daemon knows now."""

    def __init__(self, recorder: Recorder, surroundings: Callable[[], Surroundings]) -> None:
        self._recorder = recorder
        self._surroundings = surroundings
        self._pages_drawn: dict[str, tuple[PersonPage, tuple[object, ...], Response]] = {}
        self._computed: dict[str, tuple[datetime, tuple[object, ...], PersonPage]] = {}

    def answer(self, token: str, path: str, query: Fields, accepted: str) -> Response:
        """Return the page at an address; 404 if the token is nobody's."""
        around = self._surroundings()
        found = self._reader(token, around)
        if found is None:
            return altered(accepted)
        opened, person = found
        if path == "manifest.webmanifest":
            return _manifest()
        if path == "icon.svg":
            return Response((TEMPLATES / "page" / "icon.svg").read_bytes(), media_type="image/svg+xml")
        if path == "ask":
            return self._ask(opened, person, query, accepted)
        visit = self._visit(opened, person, around, query)
        if path == "":
            return self._drawn(visit)
        if path == "mails":
            return page("mails", mails_model(visit))
        if found_mail := _MAIL.fullmatch(path):
            mail = around.mail(int(found_mail[1]))
            theirs = mail is not None and mail.line.person == person.id
            if mail is None or not theirs:
                return self._pages(opened, person, "../").missing()
            return page("mail", mail_model(visit, mail))
        id_, _, report = path.removeprefix("plan/").partition("/")
        if not path.startswith("plan/") or report not in ("", "report"):
            return self._pages(opened, person, "../" * path.count("/") or "./").missing()
        plan = opened.loaded.household.plans.get(id_)
        if plan is None or person.id not in plan.told:
            return self._pages(opened, person, "../" * path.count("/")).refused(Refused(reason="gone"))
        return self._report(plan, visit) if report else page("plan", PlanModel(visit, plan, self._shown(visit)).model())

    def warm(self) -> None:
        """Draw the page of one person of each language. Raises ConfigError, LedgerError."""
        links = self._surroundings().links
        people = self._recorder.open().loaded.household.people.values()
        for person in {person.languages[0]: person for person in people}.values():
            self.answer(links.page_token(person.id), "", {}, "")

    def record(self, token: str, form: Fields, accepted: str) -> Response:
        """Record what a form holds, and lead back to the page that it was on."""
        found = self._reader(token, self._surroundings())
        if found is None:
            return altered(accepted)
        opened, person = found
        pages = self._pages(opened, person, "./")
        facts = _facts(form)
        if facts is None:
            return bad_form(accepted)
        done = self._recorder.record(facts, person.id, "page")
        back = _back(form)
        if isinstance(done, Refused):
            return self._refused(done, pages, facts, back)
        if isinstance(done, Waiting):
            return pages.waiting(done, f"./{back}")
        return see_other(f"./{back}?done#result")

    def undo(self, token: str, form: Fields, accepted: str) -> Response:
        """Take back the last write, and lead back to the page that it was on."""
        found = self._reader(token, self._surroundings())
        if found is None:
            return altered(accepted)
        if not form.get("write"):
            return bad_form(accepted)
        opened, person = found
        undone = self._recorder.undo(form["write"][0], person.id, "page")
        if isinstance(undone, Refused):
            return self._pages(opened, person, "./").refused(undone)
        if isinstance(undone, Waiting):
            return self._pages(opened, person, "./").waiting(undone, f"./{_back(form)}")
        return see_other(f"./{_back(form)}?undone#result")

    def _ask(self, opened: OpenedConfig, person: Person, query: Fields, accepted: str) -> Response:
        """Return what a form would record."""
        facts = _facts(query)
        if facts is None:
            return bad_form(accepted)
        pages = self._pages(opened, person, "./")
        changed = self._recorder.preview(facts, person.id)
        if isinstance(changed, Refused):
            return self._refused(changed, pages, facts, _back(query))
        return pages.asks(facts, changed, _back(query).removeprefix("plan/"))

    def _refused(self, refused: Refused, pages: StatePages, facts: Sequence[Recording], back: str) -> Response:
        if refused.reason == "input" and refused.plan is not None:
            return pages.again(facts, refused, back.removeprefix("plan/"))
        hidden = [("fact", fact.asked.value) for fact in facts] + list(facts[0].typed.items())
        return pages.refused(refused, Form(id="", title="", action="record", button="", hidden=tuple(hidden)))

    def _reader(self, token: str, around: Surroundings) -> tuple[OpenedConfig, Person] | None:
        """Return the household and whose page has this token. Raises ConfigError."""
        opened = self._recorder.open()
        people = opened.loaded.household.people
        id_ = around.links.reader(token, people)
        return None if id_ is None else (opened, people[id_])

    def _visit(self, opened: OpenedConfig, person: Person, around: Surroundings, query: Fields) -> Visit:
        asked = query.get("q", [""])[0].strip()
        may_record = self._recorder.may_record()
        return Visit(
            opened=opened,
            person=person,
            around=around,
            log=self._recorder.log(),
            undoable=self._recorder.undoable(opened, person.id) if may_record else None,
            may_record=may_record,
            query=asked[:_MOST_QUERY] if asked.isprintable() else "",
            whole="all" in query,
            said="done" if "done" in query else "undone" if "undone" in query else "",
        )

    def _drawn(self, visit: Visit) -> Response:
        """Return a person's page, drawn again once a minute and whenever anything on it has changed."""
        around, id_ = visit.around, visit.person.id
        shown = self._shown(visit)
        state = (
            around.now.replace(second=0, microsecond=0), visit.log, visit.undoable, visit.may_record, visit.query, visit.whole,
            visit.said,
            around.failing, around.backoffs, around.history(None), around.stale, around.read_at, around.links,
        )  # fmt: skip
        known = self._pages_drawn.get(id_)
        if known is None or known[0] is not shown or known[1] != state:
            known = self._pages_drawn[id_] = (shown, state, page("person", PersonModel(visit, shown).model()))
        return known[2]

    def _shown(self, visit: Visit) -> PersonPage:
        """Return what a person's page shows, computed once a minute and for each form of the file."""
        around, id_ = visit.around, visit.person.id
        minute = around.now.replace(second=0, microsecond=0)
        made_of = (visit.opened, around.findings)
        known = self._computed.get(id_)
        if known is None or known[0] != minute or any(a is not b for a, b in zip(known[1], made_of, strict=True)):
            shown = person_page(visit.household, around.findings, visit.person, around.now)
            known = self._computed[id_] = (minute, made_of, shown)
        return known[2]

    def _pages(self, opened: OpenedConfig, person: Person, home: str) -> StatePages:
        words = Wording(opened.loaded.household, person.languages[0], person.zone, self._recorder.clock())
        return StatePages(words=words, person=person, home=home, undoable=self._recorder.undoable(opened, person.id))

    def _report(self, plan: Plan, visit: Visit) -> Response:
        html = visit.around.report(plan, visit.household, visit.person.languages[0])
        return HTMLResponse(html, headers={"content-security-policy": CSP, **PRIVATE})


def _facts(form: Fields) -> list[Recording] | None:
    """Return the facts of a form; None if it holds none of ours. What was typed goes with a single one."""
    asked = [AskedFact.read(value) for value in dict.fromkeys(form.get("fact", ()))]
    known = [one for one in asked if one is not None]
    if not known or len(known) != len(asked):
        return None
    typed = {name: form[name][0] for name in _TYPED if form.get(name)} if len(known) == 1 else {}
    return [Recording(one, typed) for one in known]


def _back(form: Fields) -> str:
    """Return the address of the plan's page that a form was on; empty for the person's page."""
    plan = (form.get("back") or [""])[0]
    return f"plan/{plan}" if is_id(plan) else ""


def _manifest() -> Response:
    """Return what "add to home screen" needs."""
    said = {
        "name": "renewd",
        "short_name": "renewd",
        "start_url": "./",
        "scope": "./",
        "display": "browser",
        "icons": [{"src": "icon.svg", "type": "image/svg+xml", "sizes": "any", "purpose": "any"}],
    }
    return Response(json.dumps(said), media_type="application/manifest+json", headers=PRIVATE)
