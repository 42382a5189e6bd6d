"""One open item of a person's page in words: the same blocks of the templates as in a mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from renewd import i18n
from renewd.domain.plans import Household, Person
from renewd.reminders.facts import Facts
from renewd.reminders.grouping import Block, Message
from renewd.reminders.kinds import KINDS
from renewd.render.blocks import one_line
from renewd.render.mail_parts import Cell, Link
from renewd.render.overrides import Overrides
from renewd.render.pages import RenderContext, also, buttons, cells, lines, sheet_of
from renewd.render.reminder import ReminderView
from renewd.render.views import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An item in words. `row` is its line at the top, `question` asks whether it is so, `till` is its last good day."""

    tone: str
    kicker: str
    headline: str
    sentence: str
    strip: Sequence[Cell]
    links: Sequence[Link]
    hangs: Sequence[str]
    row: str
    question: str
    till: str | None
    tops_up: bool
    members: Sequence[Facts]


class OpenItems:
    """Puts the open items of one reader into words, as of an instant."""

    def __init__(self, household: Household, person: Person, now: datetime, overrides: Overrides | None) -> None:
        self._household = household
        self._desk = RenderContext(Message(person=person, written=now, keys=()), household, overrides, {})
        self._reader = Reader(person=person, written=now.astimezone(ZoneInfo(person.zone)))

    def item(self, block: Block, code: str) -> OpenItem:
        """Return a block in one language. Its date strip says "Today" where that of a mail says when it was written."""
        words = i18n.language(code)
        view = ReminderView(block.facts, block, self._household, self._reader, words)
        say = self._desk.sheet(code, sheet_of(block.facts)).speak(view)
        written, today = words.say("web.written"), words.say("web.today")
        strip = [cell._replace(label=today) if cell.label == written else cell for cell in cells(say("strip"))]
        strip = [cell._replace(sub="") if cell.sub == say("see_below") else cell for cell in strip]
        sentence = one_line(say("sentence"), code)
        return OpenItem(
            tone=block.facts.tone,
            kicker=one_line(say("kicker"), code),
            headline=one_line(say("headline"), code),
            sentence=sentence,
            strip=strip,
            links=list(buttons(view, say)),
            hangs=[*lines(say("hangs")), *also(self._desk, code, self._reader, block, sentence)],
            row=self._row(view, say, code),
            question=one_line(say("subject"), code),
            till=view.till,
            tops_up=view.tops_up,
            members=view.members,
        )

    def _row(self, view: ReminderView, say: Callable[[str], str], code: str) -> str:
        """Return the name and the act, in one line."""
        kind = view.facts.kind
        if not view.facts.leaves and ((KINDS[kind].settled_by_payment and view.left >= 0) or kind == "overdue"):
            return i18n.language(code).say("web.open.row", name=view.name, act=one_line(say("act"), code))
        return one_line(say("row"), code)
