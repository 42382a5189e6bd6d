"""The links in mails that record a fact: a page that shows what a link would record, and a button that records it.

Mail scanners fetch links. Therefore only a POST records, which the button sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from renewd.config.config_files import OpenedConfig, open_config
from renewd.config.record_fact import Recorded, record, recording
from renewd.domain.dates import day_in
from renewd.domain.errors import RenewdError
from renewd.domain.fact_changes import ChangeNote, Fact, mark
from renewd.domain.plans import Household, Person, Plan
from renewd.i18n import FALLBACK, TEMPLATES, Language, from_environment, language
from renewd.web.answers import Answer, text
from renewd.web.links import BadLinkError, Links, Tap, name_of_item, state_of

_CSP = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")


class _Found(NamedTuple):
    """What a valid link is about, according to the file as it is now."""

    opened: OpenedConfig
    person: Person
    plan: Plan
    fact: Fact


class _CannotError(Exception):
    """The link records nothing. A page with this status says why."""

    def __init__(self, status: int, key: str, code: str = FALLBACK, **args: object) -> None:
        super().__init__(key)
        self.status, self.key, self.code, self.args_ = status, key, code, args


class ActionLinks:
    """Answers the links of mails. `clock` returns aware UTC instants."""

    def __init__(self, config: Path, state: Path, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._state = state
        self._clock = clock

    async def answer(self, signed: str, links: Links, *, record: bool) -> Answer:
        """Return the page that shows what a link would record, or record it. A 404, 409 or 410 says why that is not possible."""
        return await asyncio.to_thread(self._answer, signed, links, record)

    def _answer(self, signed: str, links: Links, record_it: bool) -> Answer:  # noqa: FBT001
        try:
            tap = links.read(signed)
        except BadLinkError:
            return _page(404, language(from_environment()), "altered", [])
        try:
            return self._record(tap) if record_it else self._show(tap)
        except _CannotError as why:
            words = language(why.code)
            said = why.args_.get("said")
            return _page(why.status, words, why.key, [str(said)] if said else [])
        except RenewdError as error:  # nothing good is left in the file, or another program holds the lock
            words = language(from_environment())
            cannot = _cannot(error, words)
            return _page(cannot.status, words, cannot.key, [str(cannot.args_["said"])])

    def _show(self, tap: Tap) -> Answer:
        found = self._find(tap)
        words = language(found.person.languages[0])
        try:
            says = mark(found.plan, found.fact).says
        except RenewdError as error:
            raise _cannot(error, words) from None
        return _page(200, words, "asks", _sentences(says, found, words), button=True)

    def _record(self, tap: Tap) -> Answer:
        def attempt() -> tuple[_Found, Recorded]:
            found = self._find(tap)
            try:
                facts, now = [(found.plan, found.fact)], self._clock()
                return found, record(found.opened, self._state, facts, now, person=tap.person, way="mail")
            except RenewdError as error:
                raise _cannot(error, language(found.person.languages[0])) from None

        found, done = recording(self._state, attempt)
        words = language(found.person.languages[0])
        return _page(200, words, "recorded", _sentences(done.records[0].says, found, words))

    def _find(self, tap: Tap) -> _Found:
        """Return what a link is about. Raises _CannotError if it has expired or the file has changed since."""
        now = self._clock()
        opened = open_config(self._config, now, language=from_environment())
        household = opened.loaded.household
        person, plan = household.people.get(tap.person), household.plans.get(tap.plan)
        code = person.languages[0] if person else FALLBACK
        if person is None or plan is None or tap.person not in plan.told:
            raise _CannotError(410, "gone", code)
        today = day_in(now, plan.zone)
        if today > tap.until:
            raise _CannotError(410, "expired", code)
        if state_of(plan, tap.what, tap.item) != tap.state:
            raise _CannotError(409, "used", code)
        on = date.fromisoformat(tap.item) if tap.what == "failed" else None
        fact = Fact(what=tap.what, today=today, item=name_of_item(plan, tap.what, tap.item), on=on)
        return _Found(opened, person, plan, fact)


def _cannot(error: RenewdError, words: Language) -> _CannotError:
    args = {
        key: words.several([str(one) for one in value]) if isinstance(value, list) else value
        for key, value in error.args_.items()
    }
    return _CannotError(409, "cannot", words.code, said=words.say(error.code, **args))


def _sentences(says: tuple[ChangeNote, ...], found: _Found, words: Language) -> list[str]:
    household: Household = found.opened.loaded.household
    name = household.label(found.plan)
    return [words.say(f"terminal.mark.{said.key}", name=name, **said.args) for said in says]


def _page(status: int, words: Language, key: str, sentences: list[str], *, button: bool = False) -> Answer:
    html = _template().render(
        code=words.code,
        title=words.say(f"web.{key}.title"),
        before=words.say(f"web.{key}.before"),
        sentences=sentences,
        button=words.say("web.button") if button else None,
        tone={200: "g", 404: "r"}.get(status, "a") if not button else "a",
    )
    return text(status, "text/html; charset=utf-8", html, _CSP, (b"content-language", words.code.encode()))


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html")
