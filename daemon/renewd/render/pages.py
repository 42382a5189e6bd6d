"""One mail in one language, put together from blocks: what `mail.html` and `mail.txt` lay out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from renewd import i18n
from renewd.domain.errors import Problem
from renewd.domain.plans import Household
from renewd.reminders.facts import DigestFacts, Facts
from renewd.reminders.grouping import Block, Message
from renewd.reminders.kinds import KINDS
from renewd.render.blocks import BlockSheet, one_line
from renewd.render.mail_parts import Cell, Link, MailItem, MailPage, MailRow, MailSection, MailTable
from renewd.render.markup import own, plain
from renewd.render.overrides import Overrides
from renewd.render.reminder import ReminderView
from renewd.render.table import cells_of
from renewd.render.views import DigestView, MessageView, Reader, reader

_SOON = 3  # days: until then an item's heading has its color
_SUBJECT_COLUMNS = {"zh-CN": 68, "en": 80}
_SHORTEST_NAME = 24  # columns: two plans have to be told apart
_OF_A_REMINDER = (
    "subject", "kicker", "headline", "sentence", "strip", "call_button", "hangs", "facts", "look_title", "look",
    "command", "write_title", "write", "item_title", "row", "item", "item_done", "also",
)  # fmt: skip

Say = Callable[[str], str]
BlockFailures = dict[tuple[str, int], Problem]


class RenderContext(NamedTuple):
    """What every page of a message is written with."""

    message: Message
    household: Household
    overrides: Overrides | None
    broken: BlockFailures
    last: Mapping[str, Sequence[MailSection]] = {}  # what to add at the end, by language

    def sheet(self, code: str, kind: str) -> BlockSheet:
        """Return the blocks of a kind."""
        return BlockSheet(code, kind, self.overrides, self.broken)


def page(context: RenderContext, code: str) -> MailPage:
    """Write a message in one language."""
    message = context.message
    who = reader(message)
    language = i18n.language(code)
    blocks = message.blocks
    others = max(0, len(blocks) - 1) + message.more
    view = MessageView(message, context.household, who, language, others)
    around = context.sheet(code, "letter").speak(view)
    suffix = plain(around("suffix"))
    suffix = suffix and language.between + suffix
    done = MailPage(code)
    if blocks:
        _first(done, context, who, blocks[0], suffix)
        done.items = [_item(context, code, who, block) for block in blocks[1:]]
        done.items_title, done.more = around("items_title") if done.items else "", around("more")
    if message.digest is not None:
        _month(done, context, who)
    elif not message.blocks:
        _notice(done, context, who)
    done.subject = plain(done.subject)
    if cells_of(done.subject + suffix) <= _SUBJECT_COLUMNS.get(code, 80):  # it is dropped before a name is cut
        done.subject += suffix
    done.notes = [*lines(around("late_note")), *lines(around("first"))]
    done.last = [*context.last.get(code, ()), *_around(message, around)]
    done.footer = [*_answer(message, code), *_footer(around)]
    done.links = list(_to_the_web(message, code))
    view.broken = tuple(context.broken.values())
    done.broken = lines(around("broken"))
    return done


def sheet_of(facts: Facts) -> str:
    """Return the template of a reminder: its kind's, or `leaving` for payment reminders of a plan that is being left.

    Those of a plan that is no line are below `other/`.
    """
    plan = facts.plan
    being_left = facts.leaves and plan is not None and plan.cancel is not None
    name = "leaving" if being_left and KINDS[facts.kind].asks_for_money else facts.kind
    return name if plan is None or plan.is_line else f"other/{name}"


def lines(text: str) -> list[str]:
    """Return the lines of what a block says."""
    return text.split("\n") if text else []


def _first(done: MailPage, context: RenderContext, who: Reader, block: Block, suffix: str) -> None:
    """Write the most urgent reminder in full."""
    code, facts = done.code, block.facts
    view = ReminderView(facts, block, context.household, who, i18n.language(code))
    say = context.sheet(code, sheet_of(facts)).speak(view)
    done.tone = facts.tone
    done.kicker, done.headline = one_line(say("kicker"), code), one_line(say("headline"), code)
    done.sentence = one_line(say("sentence"), code)
    done.strip = cells(say("strip"))
    done.buttons = list(buttons(view, say))
    view.called = any(button.url.startswith("tel:") for button in done.buttons)
    done.hangs = [*lines(say("hangs")), *also(context, code, who, block, done.sentence)]
    done.rows = rows(say("facts"))
    done.sections = list(_after_facts(say, list(_taps(context, code, view))))
    done.subject = subject(view, say, code, room=cells_of(suffix))


def subject(view: ReminderView, say: Say, code: str, room: int = 0) -> str:
    """Return a subject line that leaves `room` columns if it can.

    Where it is too long, names are shortened, though never so far that two could not be told apart; days and sums are
    not.
    """
    most = _SUBJECT_COLUMNS.get(code, 80) - room
    text = one_line(say("subject"), code)
    over = cells_of(plain(text)) - most
    name = cells_of(plain(view.name))
    while over > 0 and name > _SHORTEST_NAME:
        name = max(_SHORTEST_NAME, name - max(over, 1))
        view.shorten(name)
        text = one_line(say("subject"), code)
        over = cells_of(plain(text)) - most
    view.shorten(None)
    return text


def cells(text: str) -> list[Cell]:
    """Read `tone | label | day | below` from each line of a `strip` block."""
    return [Cell(*(part.strip() for part in f"{line} ".split(" | ", 3))) for line in lines(text)]


def rows(text: str) -> list[MailRow]:
    """Read `label | value` from each line of a `facts` block."""
    pairs = (line.partition(" | ") for line in lines(text))
    return [MailRow(label.strip(), value.strip()) for label, _, value in pairs]


def buttons(view: ReminderView, say: Say) -> Iterable[Link]:
    """Return the links to act: the carrier's site, and its hotline where that helps."""
    if view.site and (go := say("go")):
        yield Link(view.site, go)
    call = say("call_button")
    tel = view.hotline.tel if view.hotline else None
    if call and tel and (KINDS[view.facts.kind].dials or view.facts.tone == "red" or not view.site):
        yield Link(f"tel:{tel}", call)


def _after_facts(say: Say, taps: Sequence[Link]) -> Iterable[MailSection]:
    look = lines(say("look"))
    if look:
        yield MailSection(say("look_title"), points=look)
    commands = lines(say("command"))
    after = lines(say("write"))
    if commands or after:
        yield MailSection(say("write_title"), commands=commands, after=after, links=taps)


def _taps(context: RenderContext, code: str, view: ReminderView) -> Iterable[Link]:
    """Return the links that record what a reminder asks for: one, or one for each plan of its group."""
    for facts in view.members:
        name = context.household.label(facts.plan) if facts.plan and len(view.members) > 1 else ""
        key = f"{'failed' if KINDS[facts.kind].tap == 'failed' else 'done'}{'-of' if name else ''}"
        for way, links in (("mail.tap", context.message.taps), ("answers.link", context.message.by_mail)):
            if facts.key in links:
                yield Link(links[facts.key], i18n.language(code).say(f"{way}.{key}", name=own(name)))


def _to_the_web(message: Message, code: str) -> Iterable[Link]:
    """Return the links to the reader's page and calendar, and to add the first event to a calendar on the web."""
    words = i18n.language(code)
    if message.page is not None:
        yield Link(message.page, words.say("mail.page"))
    if message.subscribe is not None:
        https, webcal = message.subscribe
        yield Link(webcal, words.say("mail.calendar.subscribe"))
        yield Link(https, words.say("mail.calendar.address"))
    if message.add is not None:
        yield Link(message.add, words.say("mail.calendar.google"))


def also(context: RenderContext, code: str, who: Reader, block: Block, said: str) -> Iterable[str]:
    """Return a sentence for each other reminder of the block that its first has not said, by kind or in `said`."""
    already, first = KINDS[block.facts.kind].says, block.facts
    left = {first.renews} if sheet_of(first) == "leaving" else set()
    for facts in block.also:
        leaving = sheet_of(facts) == "leaving"
        if leaving and facts.renews in left:
            continue  # what is said of a line that is being left is the same, whatever kind carries it
        if facts.kind != first.kind and (facts.kind not in already or (facts.unmarked and not first.unmarked)):
            if leaving:
                left.add(facts.renews)
            say = context.sheet(code, sheet_of(facts)).speak(
                ReminderView(facts, None, context.household, who, i18n.language(code))
            )
            new = (line for line in lines(say("also")) if plain(line) not in plain(said))
            yield from lines(one_line("\n".join(new), code))


def _item(context: RenderContext, code: str, who: Reader, block: Block) -> MailItem:
    facts = block.facts
    view = ReminderView(facts, block, context.household, who, i18n.language(code))
    say = context.sheet(code, sheet_of(facts)).speak(view)
    go = say("go") if view.site else ""
    link = Link(view.site, go) if go and view.site else None
    title, kicker = one_line(say("item_title"), code), one_line(say("kicker"), code)
    tone = facts.tone if facts.tone == "red" or (facts.tone == "amber" and view.left <= _SOON) else "grey"
    taps = list(_taps(context, code, view))
    item = one_line(say("item"), code)
    sentences = [item, *also(context, code, who, block, item)]
    return MailItem(tone, kicker, title, sentences, link, one_line(say("item_done"), code), taps)


def _month(done: MailPage, context: RenderContext, who: Reader) -> None:
    """Write the monthly digest: the whole mail, or the end of one that has reminders."""
    code, digest = done.code, context.message.digest
    assert digest is not None
    say = context.sheet(code, "digest").speak(DigestView(digest, context.household, who, i18n.language(code)))
    done.month = list(_tables(say))
    if context.message.blocks:
        done.month_title = one_line(say("title"), code)
        done.month = [MailSection("", before=[one_line(say("headline_inside"), code)]), *done.month]
        return
    done.kicker, done.headline = one_line(say("kicker"), code), one_line(say("headline"), code)
    done.sentence, done.subject = one_line(say("sentence"), code), one_line(say("subject"), code)


def _tables(say: Say) -> Iterable[MailTable | MailSection]:
    coming = [_payment(line) for line in lines(say("payments"))]
    if coming:
        yield MailTable(
            say("payments_title"),
            coming,
            _payment(f" | {say('payments_total')}"),
            days=True,
            after=lines(say("ninety")),
        )
    else:
        yield MailSection("", before=lines(say("ninety")))
    if points := lines(say("open")):
        yield MailSection(say("open_title"), points=points, after=lines(say("open_more_line")))
    if yearly := [_payment(f" | {line}") for line in lines(say("yearly"))]:
        yield MailTable(
            say("yearly_title"), yearly, _payment(f" | {say('yearly_total')}"), after=lines(say("yearly_after"))
        )
    if points := lines(say("security")):
        yield MailSection(say("security_title"), points=points)


def _payment(line: str) -> MailRow:
    """Read `day | name | below | sum`."""
    day, name, sub, amount = (part.strip() for part in f"{line} ".split(" | ", 3))
    return MailRow(day, name, sub, amount)


def _notice(done: MailPage, context: RenderContext, who: Reader) -> None:
    """Write a mail without any reminder: what is wrong with the file, whom mails do not reach, or a test."""
    code, message = done.code, context.message
    kind = "problem" if message.problems or message.unreached else "test"
    say = context.sheet(code, kind).speak(MessageView(message, context.household, who, i18n.language(code), 0))
    done.tone = "amber" if kind == "problem" else "green"
    done.kicker, done.headline = one_line(say("kicker"), code), one_line(say("headline"), code)
    done.sentence, done.subject = one_line(say("sentence"), code), one_line(say("subject"), code)
    done.rows = rows(say("facts"))


def _around(message: Message, around: Say) -> Iterable[MailSection]:
    if message.problems:
        points = lines(around("problems"))
        title = around("problems_title") if message.blocks or message.digest else ""
        yield MailSection(title, lines(around("problems_before")), points, lines(around("problems_command")))
    if message.unreached:
        title = around("unreached_title") if message.blocks or message.digest or message.problems else ""
        yield MailSection(title, points=lines(around("unreached")), after=lines(around("unreached_after")))
    if message.unpushed:
        yield MailSection(around("unpushed_title"), points=lines(around("unpushed")))


def _answer(message: Message, code: str) -> Iterable[str]:
    """Return how to answer the mail so that its one fact is recorded, with the mark that mail programs quote."""
    if message.answer is not None:
        key = "reply-failed" if KINDS[message.blocks[0].facts.kind].tap == "failed" else "reply"
        yield i18n.language(code).say(f"answers.{key}", token=own(message.answer))


def _footer(around: Say) -> list[str]:
    return [line for name in ("next", "next_month", "sent_by", "reference") for line in lines(around(name))]


def every_block(
    facts: Facts | DigestFacts, household: Household, code: str, overrides: Overrides | None, broken: BlockFailures
) -> None:
    """Render all that a reminder or a digest could say."""
    person = household.people[facts.person]
    written = datetime.combine(facts.today, person.send_at, ZoneInfo(person.zone))
    who = Reader(person=person, written=written, runs_it=person.id == "me")
    if isinstance(facts, DigestFacts):
        sheet = BlockSheet(code, "digest", overrides, broken)
        sheet.try_all(DigestView(facts, household, who, i18n.language(code)), sheet.own_names)
        return
    view = ReminderView(facts, Block(facts=facts), household, who, i18n.language(code))
    names = (*_OF_A_REMINDER, "go") if view.site else _OF_A_REMINDER
    BlockSheet(code, sheet_of(facts), overrides, broken).try_all(view, names)
