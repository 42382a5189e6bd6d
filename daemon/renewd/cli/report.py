"""`report`: whether plans can be left, and what is in the way; for the terminal, as a page, as Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

from renewd.cli.commands import JSON, ON, Argument, Command, Option
from renewd.cli.output import write_file
from renewd.cli.reading import found_outside, open_file, the_plan
from renewd.cli.screen import Screen
from renewd.config.config_files import OpenedConfig
from renewd.disk import Paths
from renewd.domain.dates import day_in
from renewd.domain.plans import Household, Plan
from renewd.domain.readiness import Readiness, readiness, verdict_of
from renewd.reminders import start_of

COMMAND = Command(
    arguments=(Argument("PLAN", many=True, takes="plan"),),
    options=(ON, Option("format", "F", choices=("text", "html", "md", "json")), Option("output", "F", "file"), JSON),
    examples=("report main", "report main --output main.html", "report --on 2027-03-01"),
)

NOT_READY = 3
_BY_ENDING = {".html": "html", ".htm": "html", ".md": "md", ".json": "json"}


def run(args: SimpleNamespace, paths: Paths, screen: Screen) -> int:
    """Print or write the report of the plans that were named, of all if none was. Raises UsageError."""
    now: datetime = args.now
    opened = open_file(paths, now, screen)
    household = opened.loaded.household
    at = now if args.on is None else start_of(args.on, household)
    findings = found_outside(household, paths)
    plans = _plans(opened, args.plan)
    reports = [readiness(plan, household, findings, day_in(at, plan.zone)) for plan in plans]
    form = args.format or ("json" if args.json else None) or _BY_ENDING.get(Path(args.output or "").suffix, "text")
    color = screen.color and args.output is None
    words = _written(form, reports, household, args.on or day_in(at, household.zone), paths, screen, color=color)
    if args.output is None:
        screen.stream.write(words)
    else:
        write_file(Path(args.output), words.encode())
        screen.print(screen.say("report.written", file=args.output))
    if verdict_of(reports) != "not-ready":
        return 0
    return screen.exit(NOT_READY, "report.not-ready") if form == "text" and args.output is None else NOT_READY


def _plans(opened: OpenedConfig, typed: Sequence[str]) -> list[Plan]:
    if not typed:
        return list(opened.loaded.household.plans.values())
    return list({plan.id: plan for plan in (the_plan(opened, name) for name in typed)}.values())


def _written(
    form: str,
    reports: Sequence[Readiness],
    household: Household,
    on: date,
    paths: Paths,
    screen: Screen,
    *,
    color: bool,
) -> str:
    from renewd.render.overrides import Overrides
    from renewd.report import ReportStyle, as_html, as_json, as_markdown, as_text

    code, many = screen.words.code, household.many_currencies
    if form == "json":
        return as_json(reports, code, on=on, style=ReportStyle(many=many))
    style = ReportStyle(many=many, overrides=Overrides.load(paths.config.parent / "templates"))
    if form == "html":
        return as_html(reports, code, style)
    if form == "md":
        return as_markdown(reports, code, style)
    return as_text(reports, code, screen.width, color=color, style=style)
