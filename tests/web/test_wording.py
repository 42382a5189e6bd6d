"""The words of a page are for who reads it: nobody there has a prompt."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from home_with_page import HOME, page_of, post
from renewd.i18n import LANGUAGES, language
from renewd.web.asked_fact import ask
from renewd.web.recording import Recorder
from sites import Site, running

_TYPED_AT_A_PROMPT = re.compile(r"renewd [a-z]|--[a-z]|`|\[plan")
_BEFORE = {"no-plan", "no-plan-meant", "plan-broken", "no-file", "nothing-changes"}  # the page says these its own way
_MISSING = {"needs-amount", "needs-date", "needs-size"}  # said beside the field
_AT_THE_PROMPT = {"undo", "no-undo", "assumed"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_sentence_of_mark_that_names_a_command_reaches_a_page(code):
    """Each refusal has words of the page's own, and so has each note that says what to type."""
    words = language(code)
    marks = [key.removeprefix("terminal.mark.") for key in words.keys() if key.startswith("terminal.mark.")]
    refusals = {key for key in marks if str(words.words(f"terminal.mark.{key}")).startswith("renewd")}
    assert refusals - _BEFORE - _MISSING - {key for key in refusals if f"web.refused.{key}" in words} == set()
    typed = {key for key in marks if _TYPED_AT_A_PROMPT.search(str(words.words(f"terminal.mark.{key}")))} - refusals
    assert typed - _AT_THE_PROMPT - {key for key in typed if f"web.note.{key}" in words} == set()
    own = [key for key in words.keys() if key.startswith(("web.refused.", "web.note.", "web.error."))]
    assert [key for key in own if _TYPED_AT_A_PROMPT.search(str(words.words(key)))] == []


def _asked(site: Site, plan: str, what: str) -> str:
    recorder = Recorder(site.paths.config, site.paths.state, lambda: site.now)
    return ask(recorder.open().loaded.household.plans[plan], what).value


async def test_what_cannot_be_recorded_is_told_without_commands(tmp_path):
    """A fact of leaving without the wish to leave; a charge that cannot have failed yet."""
    async with running(tmp_path, HOME) as site:
        before = site.paths.config.read_bytes()
        for person, plan, what, said in (
            ("me", "visible", "requested", "Say that first, on its page."),
            ("me", "visible", "failed", "nothing was charged for Visible on Wed, Dec 2 that could have failed"),
            ("mom", "tello", "pin", "还没说过要离开 Tello (bank) 。"),
        ):
            got = await post(site, f"{page_of(site, person)}record", fact=_asked(site, plan, what))
            words = " ".join(got.words.split())
            assert (got.status, said in words) == (409, True), words
            assert "renewd mark" not in words
        assert site.paths.config.read_bytes() == before


async def test_a_date_that_cannot_be_is_told_beside_its_field(tmp_path):
    """What was typed stays there, and the sentence says what to write."""
    async with running(tmp_path, HOME) as site:
        home = page_of(site)
        for what, until, said in (
            ("renewed", "2026-05-01", "Write the first day that is not yet paid for."),
            ("snoozed", "2026-12-01", "Choose one after today."),
        ):
            got = await post(site, f"{home}record", fact=_asked(site, "tello", what), until=until)
            assert (got.status, said in got.words) == (400, True)
            assert re.search(rf'<span class="err" id="tello-{what}--until-e">', got.body.decode())


async def test_where_nothing_can_be_written_each_is_told_whom_to_ask(tmp_path, monkeypatch):
    """Who runs renewd reads of its commands; the others, who to tell."""
    monkeypatch.setattr("renewd.web.recording.is_writable", lambda _files: False)
    async with running(tmp_path, HOME) as site:
        for person, said in (("me", "with renewd mark"), ("mom", "告诉 Xiao Li 来记")):
            page = await site.get(page_of(site, person))
            refused = await post(site, f"{page_of(site, person)}record", fact=_asked(site, "tello", "renewed"))
            for got in (page, refused):
                words = " ".join(got.words.split())
                assert said in words
                assert ("renewd mark" in words) is (person == "me")


async def test_a_day_to_come_and_a_date_far_ahead_are_named_before_they_are_written(tmp_path):
    """Beside the old date and the new one: a year that is wrong would silence a plan."""
    async with running(tmp_path, HOME) as site:
        home, value = page_of(site), _asked(site, "tello", "renewed")
        asked = await site.get(f"{home}ask?fact={quote(value)}&on=2026-12-09")
        assert "Dec 9, 2026 is still to come." in " ".join(asked.words.split())
        asked = await site.get(f"{home}ask?fact={quote(value)}&until=2036-12-09")
        assert "Is the year right?" in asked.words
        plain = await site.get(f"{home}ask?fact={quote(value)}")
        assert b"</dl>\n<div class=" in plain.body.replace(b"\n\n", b"\n")


async def test_what_is_asked_fits_what_can_be_pressed(tmp_path):
    """Several payments are one statement; a form that has to be put right warns of no button that is not there."""
    async with running(tmp_path, HOME) as site:
        home, tello, ultra = page_of(site), _asked(site, "tello", "renewed"), _asked(site, "ultra", "renewed")
        several = (await site.get(f"{home}ask?fact={quote(tello)}&fact={quote(ultra)}")).words
        assert ("Yes: write it down" in several, "It is renewed" in several) == (True, False)
        wrong = (await site.get(f"{home}ask?fact={quote(tello)}&amount=x")).words
        assert ("Press only once" in wrong, "Nothing is written before you press." in wrong) == (False, True)
