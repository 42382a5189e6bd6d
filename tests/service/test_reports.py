"""The reports that the daemon makes by itself: when, for whom, where they are kept, and what is not in the mail."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest

from households import NEW_YORK, SHANGHAI, at, carrier, household, person, plan
from renewd.disk import Paths
from renewd.domain.findings import NOTHING_FOUND, Findings
from renewd.domain.plans import Account, Cancel, Device
from renewd.ledger.sqlite import FILENAME, open_ledger
from renewd.service.daemon import Daemon
from renewd.service.daemon_events import DaemonEvent
from renewd.service.live_config import read_config
from renewd.service.reports import Reporter, coming_reports

HEAD = 'language = "en"\ntimezone = "America/New_York"\n[mail]\nto = "me@example.com"\nfrom = "renewd@example.com"\n[remind]\ndigest = []\n'
PLAN = """
[plan.main]
name = "Main line"
number = "+12065550100"
account = { id = "982-555-0177", email = "me@example.com", holder = "me" }
renews = 2027-03-10
every = "1 month"
price = 40
autopay = true
remind = { charge = [], charged = [] }
[[plan.main.bill]]
what = "overage"
amount = 12.50
[plan.main.cancel]
number = "drop"
checked = ["bindings"]
"""
PAID = ("amount = 12.50", "amount = 12.50\npaid_on = 2027-01-03")


@cache
def read(file: Path) -> EmailMessage:
    """Return a mail of a Maildir, whose files never change."""
    return message_from_bytes(file.read_bytes(), policy=policy.default)


class World:
    """A daemon on a clock of the test's, its folder and its Maildir."""

    def __init__(self, folder: Path, text: str = HEAD + PLAN) -> None:
        self.folder = folder
        self.now = at("2027-01-02 12:00")
        self.events: list[DaemonEvent] = []
        self.write(text)
        self.start()

    def start(self) -> None:
        self.ledger = open_ledger(self.folder / FILENAME, self.now).ledger
        paths = Paths(self.folder / "plans.toml", self.folder)
        loaded = read_config(paths, self.now, None)
        self.daemon = Daemon(
            paths, loaded, ledger=self.ledger, fresh=False, clock=lambda: self.now, tell=self.events.append
        )
        asyncio.run(self.daemon.begin())

    def restart(self) -> None:
        self.daemon.end()
        self.ledger.close()
        self.start()

    def write(self, text: str) -> None:
        self.text = text
        (self.folder / "plans.toml").write_text(text, "utf-8")
        (self.folder / "plans.toml").chmod(0o600)

    def edit(self, old: str, new: str) -> None:
        self.write(self.text.replace(old, new))

    def run_pass(self, when: str | None = None) -> list[EmailMessage]:
        """Run a pass, and return the mails with reports that came of it."""
        if when is not None:
            self.now = at(when)
        before = set(self.files())
        asyncio.run(self.daemon.run_pass())
        new = [mail for path, mail in self.mails().items() if path not in before]
        return [mail for mail in new if "/report:" in str(mail)]

    def files(self) -> list[Path]:
        return sorted((self.folder / "Maildir" / "new").glob("*"))

    def mails(self) -> dict[Path, EmailMessage]:
        return {path: read(path) for path in self.files()}

    def kept(self) -> Path:
        return self.folder / "reports" / "main.html"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("renewd.service.live_config._SETTLED", 0.0)
    return World(tmp_path)


def test_it_comes_at_once_and_then_each_month(world: World) -> None:
    [first] = world.run_pass()
    assert first["Subject"] == "Main line (ends in 0100): not ready to cancel, 1 thing left"
    for when in ("2027-01-03 12:00", "2027-01-31 23:00", "2027-02-01 08:59"):
        assert world.run_pass(when) == []
    assert len(world.run_pass("2027-02-01 09:00")) == 1
    world.restart()
    assert world.run_pass("2027-02-02 12:00") == []


def test_it_comes_at_every_lead_of_cancel_by(world: World) -> None:
    world.run_pass()
    days = [at("2027-01-03 12:00") + timedelta(days=n) for n in range(70)]
    came = []
    for day in days:
        world.now = day
        if world.run_pass():
            came.append(str(day.date()))
    assert came == [
        "2027-02-01", "2027-02-23", "2027-03-01", "2027-03-02", "2027-03-06", "2027-03-08", "2027-03-09", "2027-03-10",
    ]  # fmt: skip


def test_when_the_last_day_is_over_none_comes_for_a_day_before_it(world: World) -> None:
    """The leads of a charge that can no longer be avoided are gone, and the first of the month is not new because of that."""
    assert len(world.run_pass("2027-03-02 12:00")) == 1
    assert len(world.run_pass("2027-03-09 12:00")) == 1
    assert world.run_pass("2027-03-10 08:00") == []


def test_two_moments_of_one_day_are_one_report(world: World) -> None:
    """A lead on the 1st is said on the evening before where the reader's day ends later than the plan's."""
    world.write(
        "send_at = 20:00:00\n"
        + world.text.replace("renews = 2027-03-10", 'timezone = "Asia/Shanghai"\nrenews = 2027-02-05')
    )
    loaded = read_config(Paths(world.folder / "plans.toml", world.folder), world.now, None)
    found = coming_reports(loaded.household, Findings(), world.now, at("2027-02-06 12:00"))
    keys = [one.key for one in found]
    assert len(keys) == len(set(keys)) > 1


def test_it_is_of_the_same_day_as_the_reminders_around_it(tmp_path: Path) -> None:
    """In the evening of New York it is tomorrow for a reader in Shanghai, who counts the days from there."""
    reader = HEAD.replace("[remind]", '[person.me]\nemail = "me@example.com"\ntimezone = "Asia/Shanghai"\n[remind]')
    (tmp_path / "plans.toml").write_text(reader + PLAN, "utf-8")
    (tmp_path / "plans.toml").chmod(0o600)
    now = at("2027-03-08 20:00")
    household = read_config(Paths(tmp_path / "plans.toml", tmp_path), now, None).household
    [task] = Reporter().due(household, Findings(), now)
    assert [str(report.readiness.on) for report in task.reports] == ["2027-03-09"]


def test_one_that_is_due_with_another_mail_is_part_of_it(world: World) -> None:
    world.write(world.text.replace("digest = []", "renewal = []"))
    world.restart()
    world.run_pass()
    [mail] = world.run_pass("2027-02-01 09:00")
    assert mail["Subject"] == "February: nothing to pay in 30 days; 2 things open"
    text = mail.get_body(("plain",)).get_content()
    assert "Main line (ends in 0100): not ready to cancel, 1 thing left" in text
    assert "renewd report main" in text
    assert text.index("A year costs") < text.index("not ready to cancel") < text.index("Next monthly mail")
    assert len({mail["Date"].datetime for mail in world.mails().values()}) == len(world.mails())


def test_the_first_one_waits_for_another_mail_of_the_same_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, (HEAD + PLAN).replace("digest = []", "renewal = []"))
    assert world.run_pass("2027-02-01 00:00") == []
    before = set(world.mails())
    [mail] = world.run_pass("2027-02-01 09:00")
    assert mail["Subject"] == "February: nothing to pay in 30 days; 2 things open"
    assert len(set(world.mails()) - before) == 1
    assert world.run_pass("2027-02-01 20:00") == []


def test_a_report_that_cannot_be_composed_keeps_no_reminder_back(world: World, monkeypatch) -> None:
    world.run_pass()
    monkeypatch.setattr("renewd.report.as_sections", lambda *_, **__: 1 / 0)
    monkeypatch.setattr("renewd.report.as_text", lambda *_, **__: 1 / 0)
    before = set(world.mails())
    assert world.run_pass("2027-02-23 09:00") == []
    assert "main/cancel-by/2027-03-09/14" in "".join(str(m) for p, m in world.mails().items() if p not in before)


def test_it_is_known_ahead_what_will_come(world: World) -> None:
    world.run_pass()
    loaded = read_config(Paths(world.folder / "plans.toml", world.folder), world.now, None)
    ahead = list(coming_reports(loaded.household, Findings(), world.now, at("2027-03-12 12:00"), world.folder))
    came: list[str] = []
    for day in range(70):
        for mail in world.run_pass(f"{at('2027-01-02 14:30') + timedelta(days=day):%Y-%m-%d %H:%M}"):
            came += re.findall(r"@me/report:[0-9a-f]{8}/[0-9-]{10}/0", str(mail["X-Renewd-Key"]))
    assert [one.key for one in ahead] == came


def test_it_comes_whenever_a_fact_changes_the_verdict_and_not_when_one_does_not(world: World) -> None:
    world.run_pass()
    world.edit("price = 40", "price = 41")
    assert world.run_pass("2027-01-03 12:00") == []
    assert world.run_pass("2027-01-03 12:30") == []
    world.edit(*PAID)
    assert world.run_pass("2027-01-03 13:00") == []  # until the file has been left alone for a while
    [ready] = world.run_pass("2027-01-03 13:10")
    assert "ready to cancel" in ready["Subject"]
    assert "not ready" not in ready["Subject"]
    world.edit(PAID[1], PAID[0])
    world.run_pass("2027-01-03 14:00")
    assert len(world.run_pass("2027-01-03 14:10")) == 1
    world.edit(*PAID)
    world.run_pass("2027-01-03 15:00")
    assert len(world.run_pass("2027-01-03 15:10")) == 1
    world.restart()
    assert world.run_pass("2027-01-03 16:00") == []


def test_what_a_fact_changes_does_not_wait_for_the_report_of_the_same_day(world: World) -> None:
    world.run_pass()
    world.edit(*PAID)
    world.run_pass("2027-02-01 08:00")  # the report of the month comes at 09:00
    [ready] = world.run_pass("2027-02-01 08:10")
    assert "not ready" not in ready["Subject"]


def test_the_mail_has_neither_the_number_nor_the_account(world: World) -> None:
    [mail] = world.run_pass()
    text, html = (mail.get_body((form,)) for form in ("plain", "html"))
    assert text is not None
    assert html is not None
    for words in (text.get_content(), html.get_content()):
        assert "2065550100" not in words.replace("-", "").replace(" ", "")
        assert "982-555-0177" not in words
        assert "Main line" in words
    kept = world.kept().read_text("utf-8")
    assert "982-555-0177" in kept
    assert "<script" not in kept


def test_what_is_kept_is_for_oneself_alone_and_is_renewed(world: World) -> None:
    world.run_pass()
    assert {path.name for path in world.kept().parent.iterdir()} == {"main.html", "main.txt", "index.json"}
    for path in (*world.kept().parent.iterdir(), world.kept().parent):
        assert path.stat().st_mode & 0o077 == 0
    before = world.kept().read_text("utf-8")
    world.edit(*PAID)
    world.run_pass("2027-01-03 13:00")
    world.run_pass("2027-01-03 13:10")
    assert world.kept().read_text("utf-8") != before


def test_a_folder_that_cannot_be_written_costs_no_mail(world: World) -> None:
    (world.folder / "reports").write_text("in the way")
    assert len(world.run_pass()) == 1
    assert world.run_pass() == []


def test_nobody_who_stays_gets_a_report_and_nobody_who_has_left(tmp_path: Path) -> None:
    world = World(tmp_path, HEAD + PLAN.partition("[plan.main.cancel]")[0])
    assert world.run_pass() == []
    assert not world.kept().exists()


def test_after_the_end_there_are_no_more(world: World) -> None:
    world.run_pass()
    world.edit('number = "drop"', 'number = "drop"\nconfirmed_on = 2027-01-05')
    world.run_pass("2027-01-06 12:00")
    assert world.run_pass("2027-01-06 12:10") == []
    assert world.run_pass("2027-02-01 12:10") == []


def test_two_plans_are_one_mail(tmp_path: Path) -> None:
    world = World(tmp_path, HEAD + PLAN + PLAN.replace("plan.main", "plan.other").replace("0100", "0101"))
    [mail] = world.run_pass()
    assert mail["Subject"] == "Not yet: Main line (0100) and Main line (0101)"
    assert (tmp_path / "reports" / "other.html").exists()
    assert isinstance(world.now, datetime)


def test_a_report_is_of_the_readers_day_as_the_reminders_beside_it() -> None:
    """A morning in Shanghai is the evening before in New York."""
    line = plan(renews="2027-02-08", autopay=True, cancel=Cancel(number="drop"))
    [task] = Reporter().due(household(line, me=person(zone=SHANGHAI)), NOTHING_FOUND, at("2027-01-08 09:05", SHANGHAI))
    assert [report.readiness.on for report in task.reports] == [date(2027, 1, 8)]


def test_none_comes_of_a_line_that_ran_out_on_the_day_of_the_reminders() -> None:
    """It is closed in Shanghai while its last day lasts in New York: nothing is left to report."""
    line = plan(renews="2027-02-08", grace="5 days", cancel=Cancel(how="lapse"))
    home = household(line, me=person(zone=SHANGHAI))
    assert len(Reporter().due(home, NOTHING_FOUND, at("2027-02-13 10:00"))) == 1
    assert Reporter().due(home, NOTHING_FOUND, at("2027-02-13 12:00")) == ()


def test_a_month_that_begins_just_before_the_plan_is_closed_has_its_report_ahead() -> None:
    """Seen from the last day of a month, the 1st after the next is also within the days that are looked at."""
    line = plan(renews="2026-11-08", grace="60 days", cancel=Cancel(how="lapse", number="drop"))  # lost on January 7
    ahead = coming_reports(household(line), NOTHING_FOUND, at("2026-11-30 12:00"), at("2027-02-15"))
    assert [str(one.subject.date) for one in ahead] == ["2026-12-01", "2027-01-01"]


@pytest.mark.parametrize("zone", [NEW_YORK, SHANGHAI])
def test_a_verdict_that_a_new_day_changes_is_mailed_at_the_readers_hour_and_known_ahead(zone: str) -> None:
    """The transfer PIN is good through December 27: nothing comes in the night, and the mail before names the morning."""
    asked = Cancel(number="port", checked=("bindings",), lock_off_on=date(2026, 12, 20), pin_on=date(2026, 12, 21))
    line = plan(
        renews="2027-02-08", every="3 months", carrier=carrier(pin_days=7), cancel=asked, account=Account("1", "a@b.example", "me"),
        device=Device(owed=Decimal(0), unlocked_on=date(2026, 12, 1)),
    )  # fmt: skip
    home = household(line, me=person(zone=zone))
    reporter = Reporter()
    [[before]] = [task.reports for task in reporter.due(home, NOTHING_FOUND, at("2026-12-22 12:00", zone))]
    morning = at("2026-12-28 09:00", zone)
    assert (before.readiness.verdict, reporter.next_at) == ("ready", morning)
    ahead = coming_reports(home, NOTHING_FOUND, at("2026-12-22 12:00", zone), at("2026-12-30", zone))
    assert [(one.moment, str(one.subject.date)) for one in ahead] == [(morning, "2026-12-28")]
    assert reporter.due(home, NOTHING_FOUND, at("2026-12-28 08:59", zone)) == ()
    [[after]] = [task.reports for task in reporter.due(home, NOTHING_FOUND, morning)]
    assert after.readiness.verdict == "not-ready"
    assert "/2026-12-28/" in after.key
