"""A plan's report in words of one language: what the text, the page, the Markdown and the JSON lay out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from renewd.domain.carriers import CarrierFact, Contact
from renewd.domain.checklist_items import ChecklistItem
from renewd.domain.errors import Problem
from renewd.domain.plans import PlanKind
from renewd.domain.readiness import Point, Readiness, Section
from renewd.i18n import as_typed, language
from renewd.render.blocks import BlockSheet, one_line
from renewd.render.carrier_words import inside, said, text_of
from renewd.render.mail_parts import Link
from renewd.render.markup import KEEP, KEPT, bare, own, plain, safe_url, spaced
from renewd.render.overrides import Overrides
from renewd.render.views import phone
from renewd.report import timeline
from renewd.report.report_parts import CallScript, Count, NextStep, Part, ReportLine, ReportPage, SpokenLine
from renewd.report.report_views import CallView, ItemView, PlanView, Turn, sign_of
from renewd.report.timeline import Life, TimelineTone

Speak = Callable[[str], str]

_NEAR = timedelta(days=180)  # dates further off are said with their year
_MOST_MOVES = 3
_MOST_CONTACTS = 2
_MOST_NAMES = 3
_TONES: dict[str, TimelineTone] = {
    "safe": "link", "pin-from": "link", "pin-until": "link", "charge": "amber", "final-bill": "amber", "lost": "red",
}  # fmt: skip
_SHEETS: dict[PlanKind, str] = {"line": "report", "other": "other/report"}
_STRONG = ("safe", "lost")
_OF_PIN = ("pin-from", "pin-until")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStyle:
    """How reports are written. `masked`: for mails, with the numbers of lines and accounts shortened.

    `many`: the household has several currencies. `home` leads to where facts are written down by whoever has no prompt.
    """

    masked: bool = False
    many: bool = False
    overrides: Overrides | None = None
    home: Link | None = None


PLAIN = ReportStyle()


class ReportWriter:
    """Writes reports in one language. `broken` gathers the user's templates that could not be used."""

    def __init__(self, code: str, style: ReportStyle = PLAIN) -> None:
        self.code = code
        self.words = language(code)
        self.broken: dict[tuple[str, int], Problem] = {}
        self._masked = style.masked
        self._many = style.many
        self._sheets = {kind: BlockSheet(code, name, style.overrides, self.broken) for kind, name in _SHEETS.items()}
        self._english = BlockSheet("en", _SHEETS["line"], None, {})  # of the call, which only a line has
        self._turn = Turn(style.many, self.words)
        self._says = {kind: sheet.speak(self._turn) for kind, sheet in self._sheets.items()}

    def say(self, key: str, **args: object) -> str:
        """Return a sentence of report.toml."""
        return said(self.words, f"report.{key}", **args)

    def several(self, reports: Sequence[Readiness]) -> str:
        """Return which of several plans are ready, which are not, and which wait for the carrier."""
        kinds: dict[str, list[str]] = {"ready": [], "not-ready": [], "waiting": [], "closed": []}
        for report in reports:
            waits = report.stage in ("requested", "confirmed")
            kinds["waiting" if waits else report.verdict].append(self._name_among(report, reports))
        said_ = [
            self.say(f"several.{kind}", names=self.words.several(self._first(names)))
            for kind, names in kinds.items()
            if names
        ]
        return plain(spaced(self.say("between").join(said_)))

    def _first(self, names: list[str]) -> list[str]:
        more = len(names) - _MOST_NAMES
        return names if more <= 0 else [*names[:_MOST_NAMES], self.say("several.more", n=more)]

    def _name_among(self, report: Readiness, reports: Sequence[Readiness]) -> str:
        """Return a plan's name; with the end of its number or its id where another of the reports has the same name."""
        plan = report.plan
        if sum(other.plan.name == plan.name for other in reports) < 2:
            return own(plan.name)
        return own(f"{plan.name} ({plan.last_four or plan.id})")

    def view(self, report: Readiness) -> PlanView:
        """Return a report as its templates see it."""
        return PlanView(report, self.words, masked=self._masked, many=self._many)

    def line(self, item: ChecklistItem, view: PlanView) -> ReportLine:
        """Return an item of the checklist in words."""
        self._turn.of(ItemView(item, view))
        say = self._says[view.plan.kind]
        words, _, detail = say(f"item_{_block(item.code)}").partition(" | ")
        if item.note is not None and (note := say(f"note_{_block(item.note)}")):
            detail = f"{detail}{self.say('between')}{note}" if detail else note
        sign = sign_of(item, view.report)
        return ReportLine(item.id, sign, self.say(f"sign.{sign}"), words, detail, sign in ("open", "find"))

    def next_title(self, report: Readiness, view: PlanView) -> str | None:
        """Return the next step's title; None once there is nothing to do."""
        if report.next_step is None or report.stage == "closed":
            return None
        return self._next_words(report.next_step, view)["title"][0]

    def _next_words(self, item: ChecklistItem, view: PlanView) -> dict[str, list[str]]:
        said_: dict[str, list[str]] = {"title": [""], "why": [], "move": [], "done": []}
        self._turn.of(ItemView(item, view))
        lines = self._says[view.plan.kind](f"next_{_block(item.code)}").split("\n")
        for line in lines:
            label, _, words = line.partition(" | ")
            if label in said_ and words.strip():
                said_[label].append(words.strip())
        said_["title"] = said_["title"][-1:]
        return said_

    def page(self, report: Readiness, *, whole: bool = True) -> ReportPage:
        """Return a report in words; if not `whole`, without what a terminal has no room for: days, call and sources."""
        view = self.view(report)
        say = self._sheets[report.plan.kind].speak(view)
        ready, _, left = say("verdict").partition(" | ")
        left = left and f"{KEEP}{left.replace(KEEP, '').replace(KEPT, '')}{KEPT}"
        verdict = self.say("verdict", ready=ready, left=left) if left else ready
        inline = self.say("verdict-inline", ready=ready, left=left) if left else ready
        parts = [self._part(section, view) for section in report.sections]
        points, life = self._points(report, view, say) if whole else ([], None)
        drawable = len(points) > 1
        number = "" if view.ends else "-no-number"
        return ReportPage(
            id=report.plan.id,
            name=view.name,
            ready=view.ready,
            who=f"{self.say(f'who{number}', name=view.name, ends=view.ends)}{self.words.between}"
            f"{KEEP}{self.say('as-of', day=report.on)}{KEPT}",
            headline=plain(self.say(f"headline{number}", name=view.name, ends=view.ends, verdict="")),
            verdict=verdict,
            inline=inline[:1].lower() + inline[1:],
            sentences=[one_line(say("sentence"), self.code)],
            brief=one_line(say("brief"), self.code),
            notes=[self.say("if-wanted")] if not report.wanted else [],
            next=self._next(report, view),
            across=timeline.across([p for p in points if not _only_upright(p, life)], life) if drawable else None,
            upright=timeline.upright(points, life) if drawable else None,
            days=points,
            life=life,
            drawn=self.say("timeline", days=self._drawn(points)) if whole else "",
            caption=one_line(say("caption"), self.code) if whole else "",
            list_title=self.say("list"),
            counts=list(self._counts(parts)),
            parts=parts,
            call=self._call(report) if whole and report.stage != "closed" else None,
            sources_title=self.say("sources"),
            sources=[self._source(topic, fact, report) for topic, fact in report.facts if whole],
            footer=say("footer").split("\n") if whole else [],
        )

    def _part(self, section: Section, view: PlanView) -> Part:
        lines = [self.line(item, view) for item in section.items]
        bad = sum(line.bad for line in lines)
        signs = {line.sign for line in lines}
        state = next((sign for sign in ("may", "unknown", "later", "done") if sign in signs), "done")
        status = self.say("status.left", n=bad) if bad else self.say(f"sign.{state}")
        title, short = self.say(f"section.{section.id}"), self.say(f"short.{section.id}")
        return Part(section.id, title, short, status, bool(bad), lines)

    def _counts(self, parts: Iterable[Part]) -> Iterator[Count]:
        signs = ["open" if line.bad else line.sign for part in parts for line in part.lines]
        for sign in ("open", "may", "unknown", "done", "later"):
            if n := signs.count(sign):
                yield Count(sign, self.say(f"count.{sign}", n=n))

    def _next(self, report: Readiness, view: PlanView) -> NextStep | None:
        item = report.next_step
        if item is None or report.stage == "closed":
            return None
        words = self._next_words(item, view)
        typed = as_typed(bare(item.act)) if item.act else ""
        return NextStep(
            label=self.say("next"),
            title=words["title"][0],
            why=self.words.between.join(words["why"]),
            moves=words["move"][:_MOST_MOVES],
            done=" ".join(words["done"]) or (self.say("when-done") if typed else ""),
            command=typed,
        )

    # the timeline

    def _points(
        self, report: Readiness, view: PlanView, say: Speak
    ) -> tuple[list[timeline.TimelinePoint], Life | None]:
        """Return the days in order, what falls on one day as one point, and the transfer PIN's life."""
        life = self._life(report)
        days: dict[date, list[Point]] = {}
        for point in report.timeline:
            days.setdefault(point.day, []).append(point)
        points = []
        for day, members in days.items():
            codes = [point.code for point in members]
            kept = [point for point in members if not _said_otherwise(point, codes, life)]
            kept.sort(key=lambda point: point.code in _OF_PIN)
            if not kept:
                continue
            first, *more = (self._label(point, report, view, say) for point in kept)
            tones = [self._tone(point, report) for point in kept]
            points.append(
                timeline.TimelinePoint(
                    day=day,
                    tone=next((tone for tone in ("red", "amber", "link", "grey") if tone in tones), "grey"),
                    label=self.words.clauses([first, *map(inside, more)]),
                    value=self._day(day, report.on),
                    away=self._away((day - report.on).days),
                    strong=any(code in _STRONG for code in codes),
                    hollow=all(code in ("today", "pin-from") for code in codes),
                    extra=all(point.code in _OF_PIN for point in kept),
                )
            )
        return points, life

    def _label(self, point: Point, report: Readiness, view: PlanView, say: Speak) -> str:
        code = point.code
        if code == "safe":
            return say("point_safe")
        if code == "stops":
            charged = any(other.code == "charge" for other in report.timeline)
            code = "renewal" if charged else "stopped" if point.day < report.on else "stops"
        elif code == "lost" and view.maybe_lost:
            code = "maybe-lost"
        elif code in ("charge", "final-bill", "refund") and point.money is not None and point.money.amount:
            return self.say(f"point.{code}-of", money=self.words.money(point.money, many=self._many))
        if code in ("stops", "stopped", "lost") and not report.plan.is_line:
            code = f"other-{code}"
        return self.say(f"point.{code}")

    def _tone(self, point: Point, report: Readiness) -> TimelineTone:
        if point.code == "stops" and not any(other.code == "charge" for other in report.timeline):
            return "amber"
        return _TONES.get(point.code, "grey")

    def _life(self, report: Readiness) -> Life | None:
        pin = report.pin
        if pin is None or pin.until is None or pin.until < report.on:
            return None
        until = self._day(pin.until, report.on)
        if pin.fetched:
            return Life(pin.start, pin.until, self.say("pin.good"), self.say("pin.until", day=until), firm=True)
        days = (pin.until - pin.start).days + 1
        begins = self._day(pin.start, report.on)
        return Life(pin.start, pin.until, self.say("pin.life", n=days), self.say("pin.from", day=begins), firm=False)

    def _day(self, day: date, today: date) -> str:
        return self.words.day(day) if abs(day - today) <= _NEAR else self.words.day_year(day)

    def _away(self, days: int) -> str:
        return "" if days == 0 else self.say("away.past" if days < 0 else "away.ahead", n=abs(days))

    def _drawn(self, points: Iterable[timeline.TimelinePoint]) -> str:
        each = (self.say("on-day", label=point.label, day=point.value) for point in points)
        return self.say("between-days").join(each)

    # the call, and what all this rests on

    def _call(self, report: Readiness) -> CallScript | None:
        call = report.call
        if not call.lines:
            return None
        view = CallView(report, self.words, masked=self._masked, many=self._many)
        say = self._sheets[report.plan.kind].speak(view)
        english = say
        if self.code != "en":
            english = self._english.speak(CallView(report, language("en"), masked=self._masked, many=self._many))
        line = next((line for line in call.hotlines if line.tel and safe_url(f"tel:{line.tel}")), None)
        button = None
        if line is not None and line.tel:
            button = Link(f"tel:{line.tel}", self.say("call-number", number=KEEP + phone(line.tel) + KEPT))
        about = [] if line is not None else [say("call_nowhere")]
        if call.channels and "phone" not in call.channels and view.aim != "move":  # they are ways to cancel
            about.append(say("call_elsewhere"))
        if contacts := list(self._contacts(report, line)):
            about.append(self.say("between").join(contacts))
        return CallScript(
            title=say("call_title"),
            intro=say("call_intro"),
            button=button,
            about=about,
            warning=one_line(say("call_warning"), self.code),
            lines=[self._spoken(code, say, english) for code in call.lines],
        )

    def _spoken(self, code: str, say: Speak, english: Speak) -> SpokenLine:
        block = f"call_{_block(code)}"
        words, *rest = say(block).split("\n")
        blanks = [each.removeprefix("blank | ") for each in rest if each.startswith("blank | ")]
        if say is english:
            return SpokenLine(words, "", blanks)
        return SpokenLine(english(block).split("\n")[0], words, blanks)

    def _contacts(self, report: Readiness, first: Contact | None) -> Iterator[str]:
        if first is not None:
            yield self._sourced(first.fact, report)
        others = [line for line in report.call.hotlines if line.tel and line is not first][: _MOST_CONTACTS - 1]
        for line in others:
            how = KEEP + phone(line.tel or "") + KEPT
            yield self.say("call-other", what=own(text_of(line.fact.text, self.code)), how=how)
        for each in [one for one in report.call.codes if one.dial and not one.text][:_MOST_CONTACTS]:
            how = KEEP + own(each.dial or "") + KEPT
            yield self.say("call-other", what=own(text_of(each.fact.text, self.code)), how=how)

    def _source(self, topic: str, fact: CarrierFact, report: Readiness) -> str:
        words = own(text_of(fact.text, self.code).rstrip(".。"))
        named = said(self.words, f"carriers.topic.{topic}")
        return self.say("source", topic=named, words=words, checked=self._checked(fact, report))

    def _sourced(self, fact: CarrierFact, report: Readiness) -> str:
        words = own(text_of(fact.text, self.code).rstrip(".。"))
        return said(self.words, "mail.known", words=words, checked=self._checked(fact, report))

    def _checked(self, fact: CarrierFact, report: Readiness) -> str:
        day: Any = fact.checked or (report.plan.carrier.checked if report.plan.carrier else report.on)
        return self.say(f"checked.{fact.confidence}", day=KEEP + self.words.day_plain(day) + KEPT)


def _block(code: str) -> str:
    return code.replace("-", "_")


def _said_otherwise(point: Point, codes: list[str], life: Life | None) -> bool:
    """Whether another point of that day, or the PIN's life, says it already."""
    if point.code == "by":
        return "safe" in codes
    if point.code == "stops":
        return "charge" in codes or "by" in codes
    if point.code == "pin-from":
        return life is None or life.firm
    return False


def _only_upright(point: timeline.TimelinePoint, life: Life | None) -> bool:
    """Whether the bar says it where there is room for one."""
    return life is not None and point.extra
