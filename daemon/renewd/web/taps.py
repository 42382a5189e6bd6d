"""The links in mails that record a fact: a page that shows what a link would record, and a button that records it.

Mail scanners fetch links. Therefore only a POST records, which the button sends.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from renewd.config.config_files import OpenedConfig
from renewd.config.fact_log import FactRecord
from renewd.domain.dates import day_in
from renewd.domain.plans import Person, Plan
from renewd.web.asked_fact import ask
from renewd.web.forms import Form
from renewd.web.links import GOOD_FOR, BadLinkError, Links, Tap, state_of
from renewd.web.recording import Recorder, Recording, Refused, Waiting
from renewd.web.responses import altered, see_other
from renewd.web.states import StatePages
from renewd.web.wording import Wording

_TYPED = ("on", "early", "amount", "until", "reference")


class TapPages:
    """Answers the links of mails."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def show(self, signed: str, links: Links, query: Mapping[str, str], accepted: str) -> Response:
        """Return the page that shows what a link would record, or what it has recorded."""
        found = self._find(signed, links, accepted)
        if isinstance(found, Response):
            return found
        tap, plan, pages = found
        if state_of(plan, tap.what, tap.item) != tap.state:
            latest = self._latest(tap)
            if "recorded" in query and latest is not None:
                return pages.recorded(plan, latest)
            return pages.refused(Refused(reason="used", plan=plan, latest=latest))
        if "undone" in query:
            return pages.undone(plan)
        asked = self._asked(tap, plan, query)
        changed = self._recorder.preview(asked, tap.person)
        if not isinstance(changed, Refused):
            return pages.asks(asked, changed)
        return self._refused(changed, pages, asked, signed)

    def record(self, signed: str, links: Links, form: Mapping[str, str], accepted: str) -> Response:
        """Record what a link is about, or take it back."""
        found = self._find(signed, links, accepted)
        if isinstance(found, Response):
            return found
        tap, plan, pages = found
        if "write" in form:
            undone = self._recorder.undo(form["write"], tap.person, "mail")
            if isinstance(undone, Waiting):
                return pages.waiting(undone, signed)
            return pages.refused(undone) if isinstance(undone, Refused) else see_other(f"{signed}?undone#result")
        if state_of(plan, tap.what, tap.item) != tap.state:
            return pages.refused(Refused(reason="used", plan=plan, latest=self._latest(tap)))
        asked = self._asked(tap, plan, form)
        done = self._recorder.record(asked, tap.person, "mail")
        if isinstance(done, Refused):
            return self._refused(done, pages, asked, signed)
        if isinstance(done, Waiting):
            return pages.waiting(done, f"{signed}?recorded")
        return see_other(f"{signed}?recorded#result")

    def _refused(self, refused: Refused, pages: StatePages, asked: list[Recording], signed: str) -> Response:
        if refused.reason == "input" and refused.plan is not None:
            return pages.again(asked, refused)
        return pages.refused(refused, Form(id="", title="", action=signed, button=""))

    def _find(self, signed: str, links: Links, accepted: str) -> tuple[Tap, Plan, StatePages] | Response:
        """Return what a link is about, according to the file as it is now; else the page that says why not."""
        try:
            tap = links.read(signed)
        except BadLinkError:
            return altered(accepted)
        opened = self._recorder.open()
        household = opened.loaded.household
        person = household.people.get(tap.person)
        if person is None:
            return altered(accepted)
        plan = household.plans.get(tap.plan)
        pages = self._pages(opened, person, signed, links, tap)
        if plan is None or tap.person not in plan.told:
            return pages.refused(Refused(reason="gone"))
        if day_in(self._recorder.clock(), plan.zone) > tap.until:
            return pages.expired(plan, tap.until - GOOD_FOR)
        return tap, plan, pages

    def _pages(self, opened: OpenedConfig, person: Person, signed: str, links: Links, tap: Tap) -> StatePages:
        words = Wording(opened.loaded.household, person.languages[0], person.zone, self._recorder.clock())
        home = f"../p/{links.page_token(person.id)}/"
        undoable = self._recorder.undoable(opened, person.id)
        return StatePages(words=words, person=person, home=home, action=signed, undoable=undoable, until=tap.until)

    def _latest(self, tap: Tap) -> FactRecord | None:
        return next((one for one in self._recorder.log() if (one.plan, one.what) == (tap.plan, tap.what)), None)

    def _asked(self, tap: Tap, plan: Plan, form: Mapping[str, str]) -> list[Recording]:
        return [Recording(ask(plan, tap.what, tap.item), {name: form[name] for name in _TYPED if name in form})]
