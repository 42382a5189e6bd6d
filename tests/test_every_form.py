"""Every form says one thing: agenda, simulated mails, calendar, page, report, digest and status of random households.

Every run tries some of the households; with RENEWD_ALL_HOUSEHOLDS=1 it is 1,000.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calendars import TODAY
from households import at
from loop_without_threads import run_without_threads
from random_households import fuller_household
from renewd.calendar.builder import CalendarContext
from renewd.calendar.entries import Entry
from renewd.calendar.words import _sum
from renewd.config import Calendar
from renewd.disk import Paths
from renewd.domain import cycles
from renewd.domain.cancellation import bindings_by, lapses, last_safe, left_by, off_since, runs_out_unpaid
from renewd.domain.dates import DAY, day_in, instant, later_day, nth
from renewd.domain.money import Money
from renewd.domain.plans import Household, Plan
from renewd.domain.readiness import readiness
from renewd.reminders import KINDS, NOTHING_FOUND, Findings, Subject, agenda, due
from renewd.reminders.facts import facts
from renewd.reminders.kind import DayRange
from renewd.reminders.leave import is_asked, turns_off
from renewd.reminders.month import digest_facts
from renewd.reminders.payments import payments_of
from renewd.reminders.person_page import person_page
from renewd.reminders.plan_overview import overdue
from renewd.service import lifecycle
from renewd.service.reports import coming_reports, due_reports
from sample_households import OWNERS
from shell import Shell
from simulated_year import live

ALL = 1000 if os.environ.get("RENEWD_ALL_HOUSEHOLDS") else 0
SENT, SHOWN = ALL or 10, ALL or 60  # households whose mails are simulated, and whose pages are compared
DAYS = 50
STARTS = (0, 33, 77, 250)  # days after the day on which the households were written

Row = tuple[datetime, str, str]  # when, whom and what


def life(seed: int) -> tuple[Household, datetime]:
    """Return a household and an instant of its life."""
    rng = random.Random(seed)
    home = fuller_household(rng)
    return home, at(str(TODAY + rng.choice(STARTS) * DAY)) + timedelta(minutes=rng.randrange(24 * 60))


# --- what is sent


@pytest.mark.parametrize("seed", range(SENT))
def test_the_agenda_is_what_simulate_sends(seed: int, tmp_path: Path) -> None:
    home, now = life(seed)
    start = f"{now.astimezone(ZoneInfo(home.zone)):%Y-%m-%d %H:%M}"
    lived = run_without_threads(live(home, start, days=DAYS, words=()))
    assert not lived.broken
    sent = {(mail.at, mail.person, key) for mail in lived.mails for key in mail.keys}
    assert undealt(sent, home, now) == undealt(listed(home, now, tmp_path), home, now)


def listed(home: Household, now: datetime, state: Path) -> set[Row]:
    """Return what `agenda` lists from an instant on."""
    findings, end = Findings(since=dict.fromkeys(home.plans, now)), now + timedelta(days=DAYS)
    at_once = [*due(home, findings, now), *due_reports(home, findings, now, state)]
    coming = [*agenda(home, findings, now, end), *coming_reports(home, findings, now, end, state)]
    return {(now, one.person, one.key) for one in at_once} | {
        (one.moment, one.person, one.key) for one in coming if one.moment > now
    }


def undealt(rows: Iterable[Row], home: Household, now: datetime) -> set[Row]:
    """Return the rows about what is not dealt with yet: `agenda` takes what is open as done on its day, `simulate` does not."""
    done = {id_: dict(_dealt_with(plan, home, now)) for id_, plan in home.plans.items()}
    stale = min(
        (until for one in done.values() for kind, (_, until) in one.items() if kind.startswith("backup")), default=None
    )

    def is_open(row: Row) -> bool:
        moment, _, key = row
        owner, kind, day, lead = key.split("/")
        if kind.startswith("report:"):  # a backup that is not made again changes the verdict
            return stale is None or moment < stale
        if owner.startswith("@") or kind not in done[owner]:
            return True
        on, until = done[owner][kind]
        if kind == "lost" and date.fromisoformat(day) - int(lead) * DAY > on:
            return False
        return moment < until and not (kind == "cancel-by" and date.fromisoformat(day) > on)

    return {row for row in rows if is_open(row)}


def _dealt_with(plan: Plan, home: Household, now: datetime) -> Iterator[tuple[str, tuple[date, datetime]]]:
    """Iterate (kind, (the day on which what is open of it is dealt with, the end of that day)), where that is to come."""
    today = day_in(now, plan.zone)
    unpaid, safe = cycles.unpaid_from(plan), last_safe(plan, today)
    by = safe.day if safe else None
    stops = cycles.renewal(plan, unpaid) if unpaid is not None else None
    bound = by if plan.cancel is None or (plan.autopay and plan.cancel.by is None) else bindings_by(plan, today)
    used = nth(plan.keep_alive.last, plan.keep_alive.every, 1) if plan.keep_alive else None
    days = [("renewal", stops), ("overdue", stops), ("lost", stops), ("keep-alive", used), ("cancel-by", by)]
    days.append(("binding", bound))
    view = DayRange(home, NOTHING_FOUND, today, today + timedelta(days=90), ahead=False)
    for kind in ("bill", "backup", "refund"):
        of_plan = KINDS[kind].of_plan
        assert of_plan is not None
        days += [(f"{kind}:{one.item}" if one.item else kind, one.date) for one in of_plan(plan, view)]
    for name, day in days:
        if day is not None and day >= today:
            yield name, (day, instant(day + DAY, time(0), plan.zone))


@pytest.mark.parametrize("name", ["family", "leaver"])
def test_the_commands_agree(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `run --once` sends is the first that `simulate` sends, and that `agenda` lists; `status` names the next."""
    shell = Shell(tmp_path, monkeypatch, now=at(OWNERS[name].start) + timedelta(hours=2))
    shell.write(OWNERS[name].text)
    rows = json.loads(shell("agenda", "--json", "--days", "16").out)
    now = f"{shell.now:%Y-%m-%dT%H:%M:%SZ}"
    assert shell("simulate", "--days", "16", "--into", str(tmp_path / "simulated")).code == 0
    assert lifecycle.run(Paths(shell.config, shell.state), lambda _: None, once=True, clock=lambda: shell.now) == 0
    simulated, sent = mails_in(tmp_path / "simulated"), mails_in(shell.state / "Maildir")
    assert sent
    assert sent == {row for row in simulated if row[0] == now}
    assert {row[2] for row in simulated} == {row["key"] for row in rows}
    assert {row["key"] for row in rows if row["at"] == now} == {row[2] for row in sent}
    following = min((row for row in rows if row["at"] > now), key=lambda row: row["at"])
    said = json.loads(shell("status", "--json").out)
    assert said["next"] == {field: following[field] for field in ("at", "key", "to")}


def mails_in(folder: Path) -> set[tuple[str, str, str]]:
    """Return (when, to whom, key) of the mails in a Maildir."""
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (folder / "new").iterdir()]
    return {
        (f"{mail['Date'].datetime.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", str(mail["To"]), key)
        for mail in mails
        for key in str(mail["X-Renewd-Key"]).split()
    }


# --- what is shown


@pytest.mark.parametrize("seed", range(SHOWN))
def test_the_calendar_has_the_days_and_sums_of_the_page(seed: int) -> None:
    home, now = life(seed)
    for plan in home.plans.values():
        today = day_in(now, plan.zone)
        unpaid, last = cycles.unpaid_from(plan), today + timedelta(days=90)
        has_stopped = (
            unpaid is not None and cycles.renewal(plan, unpaid) < today
        )  # what it costs then is a sum of its own
        if has_stopped or plan.cancel is not None or (plan.pay_with == "balance" and not plan.autopay):
            continue
        known = plan._replace(receipts=tuple(one for one in plan.receipts if one.on <= today))
        shown = CalendarContext(household=home, settings=Calendar(), today=today).entries(known)
        assert set(_payable(shown, known, today, last)) == {
            ("bill" if one.what is not None else "charge" if one.autopay else "renewal", one.day, one.money)
            for one in payments_of(known, today, last)
            if one.note is None
        }


def _payable(entries: Iterable[Entry], plan: Plan, today: date, last: date) -> Iterator[tuple[str, date, Money | None]]:
    """Iterate the open entries of a calendar on which something is paid; on the day on which a plan ends, nothing is."""
    for one in entries:
        if one.kind not in ("renewal", "charge", "bill") or one.state != "open" or not today <= one.day <= last:
            continue
        n = one.about
        if isinstance(n, int) and (cycles.has_ended(plan, n) or cycles.price_on(plan, cycles.charge(plan, n)) == 0):
            continue
        yield one.kind, one.day, _sum(one)


@pytest.mark.parametrize("seed", range(SHOWN))
def test_every_form_names_one_day_to_leave_and_one_next_step(seed: int) -> None:
    home, now = life(seed)
    digest = {one.person: one for one in due(home, NOTHING_FOUND, now) if one.subject.kind == "digest"}
    for plan in home.plans.values():
        for id_ in plan.told if plan.cancel and not is_asked(plan) else ():
            reader = home.people[id_]
            report = readiness(plan, home, NOTHING_FOUND, later_day(now, reader.zone, plan.zone))
            for one in due(home, NOTHING_FOUND, now):
                if one.subject.plan is plan and one.person == id_ and one.subject.date >= report.on:
                    said = facts(one, home, NOTHING_FOUND, now)
                    assert one.subject.kind not in ("cancel-by", "binding") or said.good == report.cancel_by
            shown = CalendarContext(household=home, settings=Calendar(), today=report.on).entries(plan)
            if agenda_days := {one.date for one in _cancel_by(plan, home, report.on)}:
                assert {one.day for one in shown if one.kind == "cancel-by"} == {report.cancel_by} != {None}
                assert max(agenda_days) >= report.cancel_by
            own = readiness(plan, home, NOTHING_FOUND, day_in(now, reader.zone))
            page = person_page(home, NOTHING_FOUND, reader, now)
            days = [day.day for day in page.days if day.plan is plan and day.what == "cancel-by"]
            stopped = off_since(plan, own.on)
            wanted = own.cancel_by if turns_off(plan) and not runs_out_unpaid(plan, own.on) and not stopped else None
            assert days == ([wanted] if wanted and wanted <= page.later else [])
            if id_ in digest:
                for thing in digest_facts(digest[id_], home, NOTHING_FOUND, now).open:
                    if thing.plan is plan and thing.what == "leaving":
                        assert (thing.day, thing.count) == (None if stopped else own.cancel_by, len(own.todo))
                        assert thing.step == (own.next_step if own.next_step and own.next_step.blocks else None)


def _cancel_by(plan: Plan, home: Household, today: date) -> Iterator[Subject]:
    of_plan = KINDS["cancel-by"].of_plan
    assert of_plan is not None
    ahead = DayRange(home, NOTHING_FOUND, today, today + timedelta(days=400), ahead=True)
    return (one for one in of_plan(plan, ahead) if readiness(plan, home, NOTHING_FOUND, today).stage != "closed")


@pytest.mark.parametrize("seed", range(SHOWN))
def test_status_counts_what_the_digest_calls_overdue(seed: int) -> None:
    home, now = life(seed)
    zone = home.people["me"].zone  # elsewhere another day may have begun
    home = replace(home, plans={id_: plan._replace(zone=zone) for id_, plan in home.plans.items()})
    digest = next(
        (one for one in due(home, NOTHING_FOUND, now) if one.subject.kind == "digest" and one.person == "me"), None
    )
    if digest is None or any(lapses(plan) and left_by(plan, 0) == "cancel" for plan in home.plans.values()):
        return
    late = {
        thing.plan.id
        for thing in digest_facts(digest, home, NOTHING_FOUND, now).open
        if thing.what in ("overdue", "lost", "keep-alive")
    }
    assert overdue(home, now) == len(late)
