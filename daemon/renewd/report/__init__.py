"""A readiness report for people and for programs: as a page, for the terminal, as Markdown, as JSON.

`writer` puts it into words, `timeline` and `months` draw, `text` and `markdown` lay out; the page is
templates/report.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from markupsafe import Markup

from renewd.domain.errors import Problem
from renewd.domain.money import amount_text
from renewd.domain.readiness import Readiness, verdict_of
from renewd.render.blocks import drawn
from renewd.render.mail_parts import MailSection
from renewd.render.markup import plain
from renewd.render.views import command
from renewd.report import markdown, months, text
from renewd.report.report_parts import ReportLine, ReportPage
from renewd.report.writer import PLAIN, ReportStyle, ReportWriter

__all__ = ["ReportStyle", "as_html", "as_json", "as_markdown", "as_sections", "as_text", "subject"]


def as_html(
    reports: Sequence[Readiness],
    language: str,
    style: ReportStyle = PLAIN,
    *,
    broken: list[Problem] | None = None,
) -> str:
    """Return a page that stands alone: nothing in it is loaded from elsewhere.

    `broken` takes the user's templates that could not be used; the shipped ones stood in.
    """
    writer = ReportWriter(language, style)
    pages = [writer.page(report) for report in reports]
    title = writer.say("title", name=pages[0].name) if len(pages) == 1 else writer.say("several-title", n=len(pages))
    charts = _charts(reports, writer, many=style.many) if len(pages) > 1 else []
    page = drawn(
        "report.html", style.overrides, writer.broken, code=language, title=title, pages=pages, charts=charts, home=style.home
    )  # fmt: skip
    if broken is not None:
        broken += writer.broken.values()
    return page


def subject(
    reports: Sequence[Readiness],
    language: str,
    style: ReportStyle = PLAIN,
) -> str:
    """Return the line under which reports are mailed: whose they are, and the verdict."""
    writer = ReportWriter(language, style)
    if len(reports) > 1:
        return writer.several(reports)
    page = writer.page(reports[0], whole=False)
    return page.headline + plain(page.inline)


def _charts(reports: Sequence[Readiness], writer: ReportWriter, *, many: bool) -> list[dict[str, object]]:
    """Return what the next twelve months cost, a drawing for each currency."""
    plans = [report.plan for report in reports]
    drawings: list[dict[str, object]] = []
    currencies = dict.fromkeys(plan.currency for plan in plans)
    for currency in currencies:
        rows = months.months(plans, reports[0].on, currency)
        drawings.append({
            "title": writer.say("months.title-of" if len(currencies) > 1 else "months.title", currency=currency),
            "drawing": Markup(months.drawing(rows, currency, writer.code, many=many)),  # noqa: S704  # escapes its words
            "after": months.summary(rows, currency, writer.code, many=many),
        })  # fmt: skip
    return drawings


def as_text(
    reports: Sequence[Readiness],
    language: str,
    width: int = 80,
    *,
    color: bool = False,
    style: ReportStyle = PLAIN,
) -> str:
    """Return the report as a terminal shows it in `width` columns: verdict, next step, what is left, in that order."""
    writer = ReportWriter(language, style)
    return text.laid_out(writer, reports, width, color=color)


def as_sections(reports: Sequence[Readiness], language: str, style: ReportStyle = PLAIN) -> list[MailSection]:
    """Return the reports as parts of a mail about more than them: verdict, next step, what is left, the command."""
    writer = ReportWriter(language, style)
    sections = []
    for report in reports:
        page = writer.page(report, whole=False)
        left = list(_left(report, page, writer))
        step = [writer.say("labeled", label=page.next.label, words=page.next.title)] if page.next else []
        sections.append(
            MailSection(
                page.headline + page.inline,
                before=[*step, page.brief, *page.notes],
                points=left,
                commands=[command("report", report.plan.id)],
            )
        )
    return sections


def _left(report: Readiness, page: ReportPage, writer: ReportWriter) -> Iterator[str]:
    """Yield a line for each item that is in the way, with the day for which one waits, and one for all not known."""
    unknown: dict[str, str] = {}  # a section's title, and how its state is called
    for section, part in zip(report.sections, page.parts, strict=True):
        for item, line in zip(section.items, part.lines, strict=True):
            waits = item.blocks and line.sign == "later"
            if waits or line.bad:
                words = _text(writer, line) if waits else line.words
                yield writer.say("labeled", label=part.short, words=words)
            elif line.sign == "unknown":
                unknown[part.short] = line.sign_words
    if unknown:
        yield writer.say("labeled", label=next(iter(unknown.values())), words=writer.words.several(list(unknown)))


def as_markdown(
    reports: Sequence[Readiness],
    language: str,
    style: ReportStyle = PLAIN,
) -> str:
    """Return the whole report as Markdown with a list to tick off; the user's words are escaped."""
    writer = ReportWriter(language, style)
    return markdown.laid_out(writer, reports)


def as_json(reports: Sequence[Readiness], language: str, *, on: date, style: ReportStyle = PLAIN) -> str:
    """Return the contract's form: days as ISO 8601, money as strings. `on` is the day that was asked about."""
    writer = ReportWriter(language, style)
    plans = ",\n  ".join(json.dumps(_plan(report, writer), ensure_ascii=False) for report in reports)  # a plan a line
    head = json.dumps({"on": on.isoformat(), "verdict": verdict_of(reports)})
    return f'{head[:-1]}, "plans": [\n  {plans}\n]}}\n'


def _plan(report: Readiness, writer: ReportWriter) -> dict[str, object]:
    view = writer.view(report)
    next_step = writer.next_title(report, view)
    return {
        "plan": report.plan.id,
        "name": report.plan.name,
        "verdict": report.verdict,
        "cancel_by": _day(report.cancel_by),
        "next_step": plain(next_step) if next_step else None,
        "outstanding": {money.currency: amount_text(money) for money in report.outstanding},
        "sections": [
            {
                "id": section.id,
                "title": writer.say(f"section.{section.id}"),
                "items": [
                    {
                        "id": item.id,
                        "text": _text(writer, writer.line(item, view)),
                        "state": item.state,
                        "blocking": item.blocking,
                        "due": _day(item.due),
                    }
                    for item in section.items
                ],
            }
            for section in report.sections
        ],
    }


def _text(writer: ReportWriter, line: ReportLine) -> str:
    words, detail = plain(line.words), plain(line.detail)
    if not detail:
        return words
    key = "detail-clause" if "：" in words + detail else "detail"  # a sentence has one colon
    return writer.say("detail-after-mark" if words.endswith(("?", "？")) else key, words=words, detail=detail)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
